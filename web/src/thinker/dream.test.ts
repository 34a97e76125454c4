import { expect, it } from 'vitest';
import type { WorldModel } from '#engine';
import { dreamAlong } from './dream.js';

/** A latent is what was seen, plus the actions since; reward is the action, value ten times the latent. */
const counting: WorldModel = {
  latentSize: 1,
  async represent(planes, batch) {
    for (let i = 0; i < batch.size; i++) batch.values[i] = 10 * (batch.latents[i] = planes[2 * i]);
  },
  async step(batch) {
    for (let i = 0; i < batch.size; i++) {
      batch.latents[i] = batch.parents[i] + batch.actions[i];
      batch.values[i] = 10 * batch.latents[i];
      batch.rewards[i] = batch.actions[i];
    }
  },
};

it('goes on from what was seen first, never from what came after it', async () => {
  const seen = Float32Array.of(3, 0, 50, 0, 60, 0, 70, 0);
  expect(await dreamAlong(counting, { actionCount: 3 }, seen, [1, 2, 0])).toEqual({
    value: 30,
    steps: [{ reward: 1, value: 40, seenValue: 500 }, { reward: 2, value: 60, seenValue: 600 }, { reward: 0, value: 60, seenValue: 700 }],
  });
});
