/**
 * Negamax with alpha-beta pruning, iterative deepening and a transposition table (Knuth and Moore 1975; Slate and Atkin
 * 1977). Exact on games small enough to finish; otherwise as good as its depth and heuristic. Rewards may come along the
 * way, a seat may move twice in a row, and single-seat games work: the window only changes sides with the turn.
 */
import { UserError } from '../errors.js';
import { createRng } from '../rng.js';
import type { Rng } from '../rng.js';
import { KEY_WORDS, OVER } from '../types.js';
import type { Action, Game, State } from '../types.js';

export interface AlphaBetaOptions<S extends State = State> {
  /** Deepest search in plies; unlimited. */
  depth?: number;
  /** Positions to look at in one search; unlimited. The deepest finished iteration counts. */
  nodes?: number;
  /** Estimate of the return still to come, for the seat to move, within `valueRange`; 0 everywhere. */
  heuristic?: (state: S) => number;
  /** Lowest and highest possible return to seat 0: nothing is searched further once the bound is reached; [-1, 1]. */
  valueRange?: readonly [low: number, high: number];
  /** Transposition table entries, rounded up to a power of two; 2^18. An entry takes 28 bytes. */
  tableSize?: number;
}

export interface AlphaBetaResult {
  readonly action: Action;
  /** Return still to come, from the view of the seat to move. */
  readonly value: number;
  /** No heuristic and no depth limit entered the value. */
  readonly exact: boolean;
  /** Plies of the deepest finished iteration. */
  readonly depth: number;
  readonly nodes: number;
}

export interface AlphaBeta<S extends State = State> {
  /** Best move found when a limit is reached or `stop` says so; throws Error if the game is over. */
  search(root: S, stop?: () => boolean): AlphaBetaResult;
  /** Empties the table: what the next search answers depends on its position alone. */
  forget(): void;
}

/** A bound on an entry's value. */
const EXACT = 0;
const AT_LEAST = 1;
const AT_MOST = 2;
/** Depth of an entry that no depth limit touched: good for any depth. */
const SOLVED = 255;
/** Nodes between questions to `stop`. */
const STOP_EVERY = 1024;

/** Values this close are equal; the window is open by as much below the worst value, so that losing moves are exact too. */
const SLACK = 1e-9;

class Stopped extends Error {}

class AlphaBetaSearch<S extends State> implements AlphaBeta<S> {
  private readonly maxDepth: number;
  private readonly maxNodes: number;
  private readonly heuristic: ((state: S) => number) | undefined;
  private readonly range: readonly [number, number];
  private readonly mask: number;
  private readonly keys: Uint32Array;
  private readonly values: Float64Array;
  private readonly depths: Uint8Array;
  private readonly bounds: Uint8Array;
  private readonly moves: Uint16Array;
  private readonly rng: Rng = createRng(0);
  private readonly game: Game<S>;
  private readonly states: S[] = [];
  private readonly legal: Int32Array[] = [];
  /** [2, actionCount] how often an action of a seat cut a search short, weighted by depth. */
  private readonly history: Float64Array;
  private readonly key = new Uint32Array(KEY_WORDS);
  private stop: (() => boolean) | undefined;
  private nodes = 0;
  /** A depth limit entered the value last returned. */
  private cut = false;
  private rootBest = -1;
  /** The last finished iteration's best move, which the next one looks at first. */
  private previousBest = -1;

  constructor(game: Game<S>, options: AlphaBetaOptions<S>) {
    if (game.chance !== 'none') throw new UserError('usage', `alpha-beta cannot play '${game.id}': it takes games without chance.`);
    let size = 1024;
    while (size < (options.tableSize ?? 1 << 18)) size *= 2;
    this.game = game;
    this.maxDepth = Math.min(options.depth ?? Infinity, game.maxPlies, SOLVED - 1);
    this.maxNodes = options.nodes ?? Infinity;
    for (const [name, value] of [['depth', options.depth], ['nodes', options.nodes]] as const) {
      if (value !== undefined && !(value >= 1)) throw new UserError('usage', `alpha-beta's '${name}' must be at least 1, not ${value}.`);
    }
    this.heuristic = options.heuristic;
    this.range = options.valueRange ?? [-1, 1];
    this.mask = size - 1;
    this.keys = new Uint32Array(size * KEY_WORDS);
    this.values = new Float64Array(size);
    this.depths = new Uint8Array(size);
    this.bounds = new Uint8Array(size);
    this.moves = new Uint16Array(size);
    this.history = new Float64Array(2 * game.actionCount);
  }

  search(root: S, stop?: () => boolean): AlphaBetaResult {
    if (root.turn === OVER) throw new Error('the game is over: there is nothing to search');
    this.stop = stop;
    this.nodes = 0;
    this.history.fill(0);
    this.at(0).copyFrom(root);
    const [low, high] = this.range;
    const legal = this.legal[0];
    root.legal(legal);
    let result: AlphaBetaResult = { action: legal[0], value: this.heuristic?.(root) ?? 0, exact: false, depth: 0, nodes: 0 };
    try {
      for (let depth = 1; depth <= this.maxDepth && !result.exact; depth++) {
        this.cut = false;
        this.previousBest = result.action;
        this.rootBest = -1;
        const value = root.turn === 1 ? this.negamax(0, depth, -high - SLACK, -low) : this.negamax(0, depth, low - SLACK, high);
        result = { action: this.rootBest, value: value + 0, exact: !this.cut, depth, nodes: this.nodes };
      }
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      // An unfinished iteration begins with the last one's best move: whatever replaced it searched better at this depth.
      if (this.rootBest >= 0) result = { ...result, action: this.rootBest };
    }
    return { ...result, nodes: this.nodes };
  }

  forget(): void {
    this.depths.fill(0);
  }

  /** The state kept for a ply. */
  private at(ply: number): S {
    if (ply === this.states.length) {
      this.states.push(this.game.start(this.rng));
      this.legal.push(new Int32Array(this.game.actionCount));
    }
    return this.states[ply];
  }

  /** Value of the position at `ply` for its mover, exact within (alpha, beta), else a bound on that side (fail-soft). */
  private negamax(ply: number, depth: number, alpha: number, beta: number): number {
    const state = this.states[ply];
    if (++this.nodes > this.maxNodes || (this.nodes % STOP_EVERY === 0 && this.stop?.() === true)) throw new Stopped();
    if (depth === 0) {
      this.cut = true;
      return this.heuristic?.(state) ?? 0;
    }
    state.key(this.key);
    const slot = this.slot();
    const known = this.holds(slot);
    const k0 = this.key[0], k1 = this.key[1], k2 = this.key[2], k3 = this.key[3];
    if (known && ply > 0 && this.depths[slot] >= depth) {
      const value = this.values[slot];
      const bound = this.bounds[slot];
      if (bound === EXACT || (bound === AT_LEAST ? value >= beta : value <= alpha)) {
        if (this.depths[slot] !== SOLVED) this.cut = true;
        return value;
      }
    }
    const cutBefore = this.cut;
    this.cut = false;
    const seat = state.turn === 1 ? 1 : 0;
    const legal = this.legal[ply];
    const count = state.legal(legal);
    this.order(legal, count, seat, ply === 0 ? this.previousBest : known ? this.moves[slot] : -1);
    const child = this.at(ply + 1);
    let best = -Infinity;
    let bestMove = legal[0];
    let low = alpha;
    for (let i = 0; i < count; i++) {
      child.copyFrom(state);
      const reward = child.apply(legal[i], this.rng) * (seat === 0 ? 1 : -1);
      let value = reward;
      if (child.turn === state.turn) value += this.negamax(ply + 1, depth - 1, low - reward, beta - reward);
      else if (child.turn !== OVER) value -= this.negamax(ply + 1, depth - 1, reward - beta, reward - low);
      // A refuted move's bound may pass the best by a rounding error of its rewards: that is no improvement.
      if (value > best + SLACK) {
        best = value;
        bestMove = legal[i];
        if (ply === 0) this.rootBest = bestMove;
      }
      if (best > low) low = best;
      if (low >= beta) {
        this.history[seat * this.game.actionCount + bestMove] += depth * depth;
        break;
      }
    }
    const at = slot * KEY_WORDS;
    this.keys[at] = k0;
    this.keys[at + 1] = k1;
    this.keys[at + 2] = k2;
    this.keys[at + 3] = k3;
    this.values[slot] = best;
    this.depths[slot] = this.cut ? depth : SOLVED;
    this.bounds[slot] = best >= beta ? AT_LEAST : best <= alpha ? AT_MOST : EXACT;
    this.moves[slot] = bestMove;
    this.cut ||= cutBefore;
    return best;
  }

  /** The remembered move first, then by history. */
  private order(legal: Int32Array, count: number, seat: number, first: number): void {
    const { history } = this;
    const from = seat * this.game.actionCount;
    for (let i = 1; i < count; i++) {
      const move = legal[i];
      const weight = move === first ? Infinity : history[from + move];
      let j = i;
      while (j > 0 && legal[j - 1] !== first && history[from + legal[j - 1]] < weight) {
        legal[j] = legal[j - 1];
        j--;
      }
      legal[j] = move;
    }
  }

  private slot(): number {
    const { key } = this;
    let h = Math.imul(key[0] ^ Math.imul(key[1], 0x9e3779b1) ^ Math.imul(key[2], 0x85ebca77) ^ Math.imul(key[3], 0xc2b2ae3d), 0x2c1b3c6d);
    h = Math.imul(h ^ (h >>> 15), 0x297a2d39);
    return (h ^ (h >>> 15)) & this.mask;
  }

  private holds(slot: number): boolean {
    const { keys, key } = this;
    const at = slot * KEY_WORDS;
    return this.depths[slot] > 0 && keys[at] === key[0] && keys[at + 1] === key[1] && keys[at + 2] === key[2] && keys[at + 3] === key[3];
  }
}

/** An alpha-beta player for the game; its table lives as long as it does. Throws UserError('usage') for games of chance. */
export function createAlphaBeta<S extends State>(game: Game<S>, options: AlphaBetaOptions<S> = {}): AlphaBeta<S> {
  return new AlphaBetaSearch(game, options);
}
