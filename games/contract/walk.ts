/** Random games that remember how they came about, so that a broken clause can say where. */
import { CHANCE, KEY_WORDS, OVER, createRng } from '#engine';
import type { Action, Game, Rng, State } from '#engine';

/** Where a clause was first seen broken: replay `moves` from `start(createRng(seed).fork('contract game', episode))`. */
export interface Witness {
  readonly seed: number;
  readonly episode: number;
  readonly ply: number;
  /** Action numbers from the start. */
  readonly actions: readonly Action[];
  /** The same actions in the game's notation, as far as it could name them. */
  readonly moves: readonly string[];
}

/** A clause is broken, in words for the game's author. */
export class Breach extends Error {}

/** A game cannot be played on: some other clause is to blame. */
export class Stuck extends Error {}

/** Throws Breach unless the condition holds. */
export function demand(condition: boolean, problem: () => string): asserts condition {
  if (!condition) throw new Breach(problem());
}

/** One game, moved by uniformly random legal actions (chance by its odds). */
export class Walk {
  readonly state: State;
  readonly game: Game;
  readonly seed: number;
  readonly episode: number;
  readonly actions: Action[] = [];
  readonly moves: string[] = [];
  /** Sum of rewards to seat 0 so far. */
  total = 0;
  /** The stream that the game itself draws from. */
  readonly gameRng: Rng;
  private readonly choice: Rng;

  constructor(game: Game, seed: number, episode: number) {
    this.game = game;
    this.seed = seed;
    this.episode = episode;
    const rng = createRng(seed);
    this.gameRng = rng.fork('contract game', episode);
    this.choice = rng.fork('contract choice', episode);
    this.state = game.start(this.gameRng);
  }

  get ply(): number {
    return this.actions.length;
  }

  /** Chooses and plays one action; returns the reward to seat 0. */
  step(): number {
    const action = randomAction(this.game, this.state, this.choice);
    this.moves.push(nameOf(this.game, this.state, action));
    this.actions.push(action);
    const reward = this.state.apply(action, this.gameRng);
    this.total += reward;
    return reward;
  }

  witness(): Witness {
    return { seed: this.seed, episode: this.episode, ply: this.ply, actions: [...this.actions], moves: [...this.moves] };
  }
}

function nameOf(game: Game, state: State, action: Action): string {
  try {
    return String(game.actionName(state, action));
  } catch {
    return `#${action}`;
  }
}

/** The legal actions, in a fresh array. */
export function legalOf(game: Game, state: State): Action[] {
  const out = new Int32Array(game.actionCount);
  return [...out.subarray(0, state.legal(out))];
}

/** A uniformly random legal action; for chance, one by its odds. */
export function randomAction(game: Game, state: State, rng: Rng): Action {
  const legal = legalOf(game, state);
  if (legal.length === 0) throw new Stuck('there is no legal action, but the game is not over');
  if (state.turn !== CHANCE || state.chances === undefined) return legal[rng.below(legal.length)];
  const odds = new Float32Array(legal.length);
  state.chances(odds);
  let left = rng.float();
  for (const [i, action] of legal.entries()) if ((left -= odds[i]) < 0) return action;
  return legal[legal.length - 1];
}

export function planesOf(game: Game, state: State): Float32Array {
  const [channels, height, width] = game.planes;
  const out = new Float32Array(channels * height * width);
  state.observe(out);
  return out;
}

export function keyOf(state: State): string {
  const out = new Uint32Array(KEY_WORDS);
  state.key(out);
  return out.join(' ');
}

/** Everything the interface shows of a position; equal texts mean that nobody outside can tell two positions apart. */
export function fingerprint(game: Game, state: State): string {
  return `${state.turn}|${legalOf(game, state).join(' ')}|${keyOf(state)}|${planesOf(game, state).join(' ')}`;
}

/** Plays to the end, but not past a ply more than the game's limit. */
export function finish(walk: Walk, visit: (walk: Walk) => void): void {
  for (;;) {
    visit(walk);
    if (walk.state.turn === OVER || walk.ply > walk.game.maxPlies) return;
    walk.step();
  }
}
