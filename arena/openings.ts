/**
 * Starting positions for matches: from a book, or by seeded random plies. Deterministic agents replay one game for ever
 * from one position, so a match is only as long as its openings are distinct and still open.
 */
import { CHANCE, type Game, KEY_WORDS, OVER, type Rng, type State, UserError, cloneState, createRng } from '#engine';
import { solverFor } from '#games';
import { type Position, playChance } from './position.js';

export interface OpeningOptions {
  readonly count: number;
  readonly seed: number | string;
  /** Random plies, least and most; default by the game's length: 0–1 for tic-tac-toe, 2–5 for Connect Four. */
  readonly plies?: readonly [least: number, most: number];
  /** Positions that the exact solver may visit to tell whether an opening is decided already; default 2,000. */
  readonly solverNodes?: number;
}

export interface Openings {
  /** [count]; repeats in turn when the game has fewer suitable openings than asked for. */
  readonly positions: readonly Position[];
  readonly distinct: number;
}

export function defaultOpeningPlies(game: Game): readonly [number, number] {
  const most = Math.max(1, Math.min(8, Math.floor(game.maxPlies / 8)));
  return [Math.floor(most / 2), most];
}

/** Whether the seat to move can end the game in its favour at once. */
function winsAtOnce(game: Game, state: State, rng: Rng): boolean {
  const legal = new Int32Array(game.actionCount);
  const count = state.legal(legal);
  const next = cloneState(game, state, rng);
  for (let i = 0; i < count; i++) {
    next.copyFrom(state);
    const reward = next.apply(legal[i], rng);
    if (next.turn === OVER && (state.turn === 0 ? reward : -reward) > 0) return true;
  }
  return false;
}

/** Lost at the second ply: whatever the mover does, the other side wins at once (or the game ends without a gain). */
function losesAtOnce(game: Game, state: State, rng: Rng): boolean {
  const legal = new Int32Array(game.actionCount);
  const count = state.legal(legal);
  const next = cloneState(game, state, rng);
  for (let i = 0; i < count; i++) {
    next.copyFrom(state);
    next.apply(legal[i], rng);
    if (next.turn === OVER || next.turn === CHANCE || next.turn === state.turn || !winsAtOnce(game, next, rng)) return false;
  }
  return true;
}

function decided(game: Game, state: State, rng: Rng, nodes: number): boolean {
  if (winsAtOnce(game, state, rng) || losesAtOnce(game, state, rng)) return true;
  const value = solverFor(game)?.value(state, { nodes });
  return value !== undefined && value !== 0;
}

/** After so many tries in a row without a new opening, there are no more. */
const BARREN_TRIES = 1000;

/**
 * Openings that are distinct, not over, and not decided as far as can be told cheaply; found as they are asked for.
 * Deterministic by seed: opening i is the same however many are asked for.
 */
export class RandomOpenings {
  private readonly game: Game;
  private readonly least: number;
  private readonly most: number;
  private readonly nodes: number;
  private readonly root: Rng;
  private readonly found: Position[] = [];
  private readonly seen = new Set<string>();
  private readonly legal: Int32Array;
  private tried = 0;
  private exhausted = false;

  constructor(game: Game, options: Omit<OpeningOptions, 'count'>) {
    this.game = game;
    [this.least, this.most] = options.plies ?? defaultOpeningPlies(game);
    this.nodes = options.solverNodes ?? 2000;
    this.root = createRng(options.seed).fork('openings');
    this.legal = new Int32Array(game.actionCount);
  }

  /** Opening i; from the first again when the game has fewer. */
  at(index: number): Position {
    while (this.found.length <= index && !this.exhausted) this.search();
    return this.found[index % this.found.length];
  }

  /** How many of the first `count` differ. */
  distinct(count: number): number {
    if (count > 0) this.at(count - 1);
    return Math.min(count, this.found.length);
  }

  private search(): void {
    for (let barren = 0; barren < BARREN_TRIES; barren++) {
      const opening = this.draw(this.root.fork('try', this.tried++));
      if (opening === undefined) continue;
      this.found.push(opening);
      return;
    }
    this.exhausted = true;
    // Nothing suitable at all (a game won by the first move, say): then from the usual start.
    if (this.found.length === 0) this.found.push({ moves: [] });
  }

  private draw(rng: Rng): Position | undefined {
    const { game, legal } = this;
    const seed = rng.uint32();
    const stream = createRng(seed);
    const state = game.start(stream.fork('start'));
    const chance = stream.fork('chance');
    const moves: number[] = [];
    const plies = this.least + rng.below(this.most - this.least + 1);
    for (let ply = 0; ; ply++) {
      playChance(game, state, chance, moves);
      if (ply >= plies || state.turn === OVER) break;
      const action = legal[rng.below(state.legal(legal))];
      state.apply(action, chance.fork('ply', moves.length));
      moves.push(action);
    }
    if (state.turn === OVER) return undefined;
    const key = new Uint32Array(KEY_WORDS);
    state.key(key);
    const name = key.join();
    if (this.seen.has(name)) return undefined;
    this.seen.add(name);
    if (decided(game, state, rng, this.nodes)) return undefined;
    return game.chance === 'none' ? { moves } : { seed, moves };
  }
}

/** As many of RandomOpenings at once. */
export function randomOpenings(game: Game, options: OpeningOptions): Openings {
  const openings = new RandomOpenings(game, options);
  return { positions: Array.from({ length: options.count }, (_, i) => openings.at(i)), distinct: openings.distinct(options.count) };
}

function repeated(found: readonly Position[], count: number): Openings {
  return { positions: Array.from({ length: count }, (_, i) => found[i % found.length]), distinct: Math.min(count, found.length) };
}

/**
 * Openings from a book: one of the game's position texts a line (for Connect Four columns, e.g. "4435"); blank lines and
 * lines that begin with # are skipped. Throws UserError('data') naming the line of a malformed, finished or repeated one.
 */
export function bookOpenings(game: Game, text: string, count: number): Openings {
  if (game.parseSetup === undefined) throw new UserError('usage', `${game.name} has no notation for positions, so it takes no book`);
  const found: Position[] = [];
  const seen = new Map<string, number>();
  const key = new Uint32Array(KEY_WORDS);
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const setup = line.trim();
    if (setup === '' || setup.startsWith('#')) continue;
    const where = `line ${index + 1} of the openings ('${setup.slice(0, 40)}')`;
    const entry = parseBookLine(game, setup);
    if (entry === undefined) throw new UserError('data', `${where} is not a position of ${game.name}`);
    if (entry.state.turn === OVER) throw new UserError('data', `${where} is a finished game`);
    entry.state.key(key);
    const before = seen.get(key.join());
    if (before !== undefined) throw new UserError('data', `${where} repeats line ${before}`);
    seen.set(key.join(), index + 1);
    found.push({ setup: entry.setup, moves: [] });
  }
  if (found.length === 0) throw new UserError('data', 'the openings hold no position');
  return repeated(found, count);
}

/** A line as it stands, or, of an EPD line, the position before its operations, as FEN. */
function parseBookLine(game: Game, line: string): { setup: string; state: State } | undefined {
  const fields = line.split(/\s+/);
  for (const setup of [line, `${fields.slice(0, 4).join(' ')} 0 1`]) {
    const state = game.parseSetup?.(setup);
    if (state !== undefined) return { setup, state };
    if (fields.length < 4) return undefined;
  }
  return undefined;
}
