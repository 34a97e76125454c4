/** How fast the rules are: random play through legal() + apply(), and the fast path, on one thread. */
import { OVER, createRng } from '#engine';
import type { Game } from '#engine';
import { games } from '#games';

export interface GamesBenchmark {
  /** By game id: plies of random play a second through legal() and apply(). */
  readonly stepsPerSecond: Record<string, number>;
  /** By game id: playout() calls a second from the starting position; absent where a game has none. */
  readonly playoutsPerSecond: Record<string, number>;
}

/** Takes about `seconds` in all; each measurement is the best of three, after warming up. */
export function benchGames(options: { seconds: number }): GamesBenchmark {
  const stepsPerSecond: Record<string, number> = {};
  const playoutsPerSecond: Record<string, number> = {};
  const slice = (options.seconds * 1000) / (games.length * 2 * 4);
  for (const game of games) {
    stepsPerSecond[game.id] = best(slice, stepper(game));
    if (game.start(createRng(1)).playout !== undefined) playoutsPerSecond[game.id] = best(slice, playouter(game));
  }
  return { stepsPerSecond, playoutsPerSecond };
}

/** Units of work a second; `work` does some and returns how many. */
function best(milliseconds: number, work: () => number): number {
  let rate = 0;
  for (let round = 0; round < 4; round++) {
    const start = performance.now();
    let units = 0;
    let elapsed = 0;
    do {
      units += work();
      elapsed = performance.now() - start;
    } while (elapsed < milliseconds);
    if (round > 0) rate = Math.max(rate, (units / elapsed) * 1000);
  }
  return Math.round(rate);
}

function stepper(game: Game): () => number {
  const rng = createRng('bench games');
  const root = game.start(rng);
  const state = game.start(rng);
  const legal = new Int32Array(game.actionCount);
  return () => {
    let plies = 0;
    for (let i = 0; i < 1000; i++) {
      state.copyFrom(root);
      while (state.turn !== OVER) {
        state.apply(legal[rng.below(state.legal(legal))], rng);
        plies++;
      }
    }
    return plies;
  };
}

function playouter(game: Game): () => number {
  const rng = createRng('bench playouts');
  const root = game.start(rng);
  const state = game.start(rng);
  return () => {
    for (let i = 0; i < 1000; i++) {
      state.copyFrom(root);
      state.playout?.(rng);
    }
    return 1000;
  };
}
