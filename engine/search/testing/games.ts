/** Small games and evaluators that the search's tests are run on; the engine knows no real ones. */
import { createRng } from '../../rng.js';
import type { Rng } from '../../rng.js';
import { CHANCE, OVER } from '../../types.js';
import type { Batch, Evaluator, Game, State, Symmetry, Turn } from '../../types.js';

const LINES = [[0, 1, 2], [3, 4, 5], [6, 7, 8], [0, 3, 6], [1, 4, 7], [2, 5, 8], [0, 4, 8], [2, 4, 6]];

export class TicTacToe implements State {
  turn: Turn = 0;
  /** [9] 0 free, 1 seat 0, 2 seat 1. */
  readonly board = new Uint8Array(9);

  legal(out: Int32Array): number {
    if (this.turn === OVER) return 0;
    let n = 0;
    for (let a = 0; a < 9; a++) if (this.board[a] === 0) out[n++] = a;
    return n;
  }

  apply(action: number): number {
    const seat = this.turn as 0 | 1;
    const { board } = this;
    board[action] = seat + 1;
    if (LINES.some(([a, b, c]) => board[a] === seat + 1 && board[b] === seat + 1 && board[c] === seat + 1)) {
      this.turn = OVER;
      return seat === 0 ? 1 : -1;
    }
    this.turn = board.includes(0) ? ((1 - seat) as Turn) : OVER;
    return 0;
  }

  copyFrom(other: TicTacToe): void {
    this.turn = other.turn;
    this.board.set(other.board);
  }

  key(out: Uint32Array): void {
    out.fill(0);
    for (let a = 0; a < 9; a++) out[0] |= this.board[a] << (2 * a);
    out[1] = this.turn === 1 ? 1 : 0;
  }

  observe(out: Float32Array): void {
    const own = this.turn === 1 ? 2 : 1;
    for (let a = 0; a < 9; a++) {
      out[a] = this.board[a] === own ? 1 : 0;
      out[9 + a] = this.board[a] === 3 - own ? 1 : 0;
    }
  }
}

/** The eight ways of turning a 3 × 3 board over, identity first. */
function squareSymmetries(): Symmetry[] {
  return [0, 1, 2, 3, 4, 5, 6, 7].map((s) => {
    // Cell i of the transformed board is cell cells[i] of the original.
    const cells = Int32Array.from({ length: 9 }, (_, i) => {
      let row = Math.floor(i / 3);
      let column = i % 3;
      if (s >= 4) column = 2 - column;
      for (let turn = 0; turn < s % 4; turn++) [row, column] = [column, 2 - row];
      return 3 * row + column;
    });
    const actions = new Int32Array(9);
    for (let i = 0; i < 9; i++) actions[cells[i]] = i;
    return { name: `s${s}`, cells, actions };
  });
}

export const ticTacToe: Game<TicTacToe> = {
  id: 'test-tic-tac-toe', name: 'Tic-tac-toe', version: 1, seats: 2, chance: 'none', actionCount: 9, maxPlies: 9, planes: [2, 3, 3],
  start: () => new TicTacToe(),
  actionName: (_state, action) => 'abc'[action % 3] + String(3 - Math.floor(action / 3)),
  parseAction: () => undefined,
  symmetries: squareSymmetries(),
};

/** A position from nine letters, row by row from the top, `.`, `x` (seat 0) and `o`; who moves follows from the counts. */
export function board(text: string): TicTacToe {
  const state = new TicTacToe();
  const cells = text.replace(/\s/g, '');
  for (let a = 0; a < 9; a++) state.board[a] = '.xo'.indexOf(cells[a]);
  state.turn = cells.replaceAll(/[^x]/g, '').length > cells.replaceAll(/[^o]/g, '').length ? 1 : 0;
  return state;
}

export interface RandomTreeShape {
  seats: 1 | 2;
  /** Share of positions in which chance moves. */
  chance: number;
  depth: number;
  /** Share of moves that are rewarded before the end. */
  rewarded: number;
}

function mixed(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return (h ^ (h >>> 15)) >>> 0;
}

/** A game tree drawn from a seed: turns in no order, rewards on the way, returns within [-1, 1]. */
export class RandomTreeState implements State {
  turn: Turn = 0;
  hash: number;
  depth = 0;
  private readonly shape: RandomTreeShape;

  constructor(seed: number, shape: RandomTreeShape) {
    this.hash = mixed(seed, 1);
    this.shape = shape;
  }

  private count(): number {
    return 1 + (mixed(this.hash, 2) % 4);
  }

  legal(out: Int32Array): number {
    if (this.turn === OVER) return 0;
    const n = this.count();
    for (let i = 0; i < n; i++) out[i] = i;
    return n;
  }

  apply(action: number): number {
    this.hash = mixed(this.hash, 100 + action);
    this.depth++;
    const unit = (salt: number) => mixed(this.hash, salt) / 4294967296;
    const { seats, chance, depth, rewarded } = this.shape;
    if (this.depth === depth) this.turn = OVER;
    else if (unit(3) < chance) this.turn = CHANCE;
    else this.turn = seats === 1 || unit(4) < 0.5 ? 0 : 1;
    const most = 1 / depth;
    return this.turn === OVER || unit(5) < rewarded ? most * (Math.floor(unit(6) * 5) / 2 - 1) : 0;
  }

  chances(out: Float32Array): void {
    const n = this.count();
    let sum = 0;
    for (let i = 0; i < n; i++) sum += out[i] = 1 + (mixed(this.hash, 7 + i) % 5);
    for (let i = 0; i < n; i++) out[i] /= sum;
  }

  copyFrom(other: RandomTreeState): void {
    this.turn = other.turn;
    this.hash = other.hash;
    this.depth = other.depth;
  }

  key(out: Uint32Array): void {
    out.set([this.hash, mixed(this.hash, 8), this.depth, this.turn + 2]);
  }

  observe(out: Float32Array): void {
    out[0] = this.hash / 4294967296;
  }
}

export function randomTree(seed: number, shape: RandomTreeShape): Game<RandomTreeState> {
  return {
    id: `test-tree-${seed}`, name: 'Random tree', version: 1, seats: shape.seats, chance: shape.chance > 0 ? 'explicit' : 'none',
    actionCount: 4, maxPlies: shape.depth, planes: [1, 1, 1],
    start: () => new RandomTreeState(seed, shape),
    actionName: (_state, action) => String(action),
    parseAction: () => undefined,
  };
}

/** One decision, then the end: action a pays rewards[a]. */
export function bandit(rewards: readonly number[]): Game<State & { pulled: number }> {
  const start = () => ({
    pulled: -1,
    get turn(): Turn {
      return this.pulled < 0 ? 0 : OVER;
    },
    legal(out: Int32Array) {
      if (this.pulled >= 0) return 0;
      rewards.forEach((_, a) => (out[a] = a));
      return rewards.length;
    },
    apply(action: number) {
      this.pulled = action;
      return rewards[action];
    },
    copyFrom(other: { pulled: number }) {
      this.pulled = other.pulled;
    },
    key(out: Uint32Array) {
      out.fill(this.pulled + 1);
    },
    observe(out: Float32Array) {
      out.fill(0);
    },
  });
  return {
    id: 'test-bandit', name: 'Bandit', version: 1, seats: 1, chance: 'none', actionCount: rewards.length, maxPlies: 1, planes: [1, 1, 1],
    start: start as unknown as () => State & { pulled: number },
    actionName: (_state, action) => String(action),
    parseAction: () => undefined,
  };
}

/** Exact expectimax return to seat 0, by exhaustive enumeration: shares nothing with the searches under test. */
export function exactValue<S extends State>(game: Game<S>, state: S): number {
  if (state.turn === OVER) return 0;
  const values = childValues(game, state);
  if (state.turn === CHANCE) {
    const odds = new Float32Array(game.actionCount);
    state.chances!(odds);
    return values.reduce((sum, value, i) => sum + odds[i] * value, 0);
  }
  return state.turn === 0 ? Math.max(...values) : Math.min(...values);
}

/** Of every legal action in order: reward + exact value below, seat-0 view. */
export function childValues<S extends State>(game: Game<S>, state: S): number[] {
  const rng = createRng(0);
  const legal = new Int32Array(game.actionCount);
  return Array.from({ length: state.legal(legal) }, (_, i) => {
    const child = game.start(rng);
    child.copyFrom(state);
    const reward = child.apply(legal[i], rng);
    return reward + exactValue(game, child);
  });
}

/** An evaluator from a function of one row's planes; the function fills logits and returns the value. */
export function evaluatorOf(game: Game, answer: (planes: Float32Array, logits: Float32Array) => number): Evaluator & { rows: number } {
  const area = game.planes[0] * game.planes[1] * game.planes[2];
  return {
    rows: 0,
    async evaluate(batch: Batch): Promise<void> {
      this.rows += batch.size;
      for (let r = 0; r < batch.size; r++) {
        const logits = batch.logits.subarray(r * game.actionCount, (r + 1) * game.actionCount).fill(0);
        batch.values[r] = answer(batch.planes.subarray(r * area, (r + 1) * area), logits);
      }
    },
  };
}

/** Knows nothing: every move alike, every position even. */
export const ignorant = (game: Game) => evaluatorOf(game, () => 0);

/** Plays random legal moves from the start of a board game; undefined if it ends before. */
export function randomPosition<S extends State>(game: Game<S>, plies: number, rng: Rng): S | undefined {
  const state = game.start(rng);
  const legal = new Int32Array(game.actionCount);
  for (let i = 0; i < plies && state.turn !== OVER; i++) state.apply(legal[rng.below(state.legal(legal))], rng);
  return state.turn === OVER ? undefined : state;
}
