/** Worker: exact scores of one position after another, within a budget. */
import { parentPort, workerData } from 'node:worker_threads';
import { createRng } from '#engine';
import { loadGame, solverFor } from '#games';
import type { ExactAnswer, ExactQuestion } from './exact.js';

const { nodes } = workerData as { nodes: number };

parentPort?.on('message', async ({ id, game: source, setup, actions }: ExactQuestion) => {
  let scores: (number | undefined)[] | undefined;
  try {
    const game = await loadGame(source);
    const solver = solverFor(game);
    const rng = createRng(0);
    const state = setup === undefined ? game.start(rng) : game.parseSetup?.(setup);
    if (solver !== undefined && state !== undefined) {
      for (const action of actions) state.apply(action, rng);
      scores = solver.scores(state, { nodes });
    }
  } finally {
    // A position that cannot be rebuilt has no scores: the question is answered all the same.
    parentPort?.postMessage({ id, scores } satisfies ExactAnswer);
  }
});
