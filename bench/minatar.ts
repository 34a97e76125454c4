/** Steps a second of the MinAtar games on one thread, as an agent needs them: act, observe, begin again at the end. */
import { OVER, createRng } from '#engine';
import type { Game } from '#engine';
import { minatarGames } from '#games/minatar';

/** Pre-drawn actions, so that choosing them costs next to nothing. */
const ACTIONS = 4096;

/**
 * Uniformly random actions, sticky 0.1, ramping on, observation after every step. Takes about `seconds` in all; each
 * figure is the best of three after warming up.
 */
export function benchMinatar(options: { seconds: number }): { stepsPerSecond: Record<string, number> } {
  const slice = (options.seconds * 1000) / (minatarGames.length * 4);
  const stepsPerSecond: Record<string, number> = {};
  for (const game of minatarGames) {
    const work = stepper(game);
    let best = 0;
    for (let round = 0; round < 4; round++) {
      const start = performance.now();
      let steps = 0;
      let elapsed = 0;
      do {
        work();
        steps += ACTIONS;
        elapsed = performance.now() - start;
      } while (elapsed < slice);
      if (round > 0) best = Math.max(best, (steps / elapsed) * 1000);
    }
    stepsPerSecond[game.id] = Math.round(best);
  }
  return { stepsPerSecond };
}

function stepper(game: Game): () => void {
  const rng = createRng(`bench ${game.id}`);
  const actions = Uint8Array.from({ length: ACTIONS }, () => rng.below(game.actionCount));
  const state = game.start(rng);
  const [channels, height, width] = game.planes;
  const planes = new Float32Array(channels * height * width);
  return () => {
    for (let i = 0; i < ACTIONS; i++) {
      state.apply(actions[i], rng);
      state.observe(planes);
      if (state.turn === OVER) state.restart?.(rng);
    }
  };
}
