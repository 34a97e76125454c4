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

/** Openings that are distinct, not over, and not decided as far as can be told cheaply. Deterministic by seed. */
export function randomOpenings(game: Game, options: OpeningOptions): Openings {
  const [least, most] = options.plies ?? defaultOpeningPlies(game);
  const nodes = options.solverNodes ?? 2000;
  const root = createRng(options.seed).fork('openings');
  const found: Position[] = [];
  const seen = new Set<string>();
  const key = new Uint32Array(KEY_WORDS);
  const legal = new Int32Array(game.actionCount);
  const tries = 50 * options.count + 1000;
  for (let i = 0; i < tries && found.length < options.count; i++) {
    const rng = root.fork('try', i);
    const seed = rng.uint32();
    const stream = createRng(seed);
    const state = game.start(stream.fork('start'));
    const chance = stream.fork('chance');
    const moves: number[] = [];
    const plies = least + rng.below(most - least + 1);
    for (let ply = 0; ; ply++) {
      playChance(game, state, chance, moves);
      if (ply >= plies || state.turn === OVER) break;
      const action = legal[rng.below(state.legal(legal))];
      state.apply(action, chance.fork('ply', moves.length));
      moves.push(action);
    }
    if (state.turn === OVER) continue;
    state.key(key);
    const name = key.join();
    if (seen.has(name)) continue;
    seen.add(name);
    if (!decided(game, state, rng, nodes)) found.push(game.chance === 'none' ? { moves } : { seed, moves });
  }
  // Nothing suitable at all (a game won by the first move, say): then from the usual start.
  if (found.length === 0) found.push({ moves: [] });
  return repeated(found, options.count);
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
    const state = game.parseSetup(setup);
    if (state === undefined) throw new UserError('data', `${where} is not a position of ${game.name}`);
    if (state.turn === OVER) throw new UserError('data', `${where} is a finished game`);
    state.key(key);
    const before = seen.get(key.join());
    if (before !== undefined) throw new UserError('data', `${where} repeats line ${before}`);
    seen.set(key.join(), index + 1);
    found.push({ setup, moves: [] });
  }
  if (found.length === 0) throw new UserError('data', 'the openings hold no position');
  return repeated(found, count);
}

