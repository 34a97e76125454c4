/** Dreams held against reality, with a model that knows the game and one that does not. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Game, LatentBatch } from '#engine';
import { getGame, loadGame } from '#games';
import type { OpenWorldModel } from '#engine/node';
import { inspectModel } from './inspect.js';

const settings = { considered: 16, valueScale: 0.1, exploration: 1.25, discount: 1 };
const options = { episodes: 2, seed: 1, sims: 4, search: 'gumbel' as const, steps: 3, most: 8 };

/** Says the same of everything: reward `reward`, value `value`, no preference. */
function constant(reward: number, value: number): OpenWorldModel {
  const fill = (batch: LatentBatch, paid: number) => {
    batch.latents.fill(0, 0, batch.size);
    batch.logits.fill(0);
    batch.values.fill(value, 0, batch.size);
    batch.rewards.fill(paid, 0, batch.size);
  };
  return { latentSize: 1, device: 'none', represent: async (_planes, batch) => fill(batch, 0), step: async (batch) => fill(batch, reward), close: async () => {} };
}

describe('dreams', () => {
  // CartPole pays 1 for each step, whatever is done.
  let cartpole: Game;
  beforeAll(async () => void (cartpole = await loadGame('cartpole')));

  it('of a model that knows the reward are right', async () => {
    const result = await inspectModel(cartpole, { model: constant(1, 5), settings }, options);
    expect(result).toMatchObject({ episodes: 2, steps: 16, meanReturn: 8, rewardSumError: 0 });
    // Eight steps an episode: dreams last 1 step from each, 2 from seven, 3 from six.
    expect(result.dreams.map((d) => [d.step, d.dreams, d.meanReward, d.meanDreamt, d.rewardError])).toEqual([[1, 16, 1, 1, 0], [2, 14, 1, 1, 0], [3, 12, 1, 1, 0]]);
    expect(result.first.map((p) => p.realReturn)).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    expect(result.first[0].actions.map((a) => a.prior)).toEqual([0.5, 0.5]);
    expect(result.first[0].actions.reduce((sum, a) => sum + a.visits, 0)).toBe(4);
  });

  it('of one that does not are wrong by as much', async () => {
    const result = await inspectModel(cartpole, { model: constant(0.75, 5), settings }, options);
    expect(result.rewardSumError).toBeCloseTo(0.25, 6);
    expect(result.dreams[2].rewardError).toBeCloseTo(0.25, 6);
    // Three quarters of a point are still taken for a reward, a quarter is not.
    expect(result.dreams[2]).toMatchObject({ rewarded: 12, found: 1, right: 1 });
    const blind = await inspectModel(cartpole, { model: constant(0.25, 5), settings }, options);
    expect(blind.dreams[2]).toMatchObject({ rewarded: 12, found: 0, right: null });
    const contrary = await inspectModel(cartpole, { model: constant(-1, 5), settings }, options);
    expect(contrary.dreams[2]).toMatchObject({ rewarded: 12, found: 0, right: 0 });
  });

  it('of two seats speak for whoever acts', async () => {
    const result = await inspectModel(getGame('tic-tac-toe'), { model: constant(0, 0), settings: { ...settings, valueScale: 1 } }, { ...options, most: 100 });
    const game = result.first;
    const winner = game.at(-1)!;
    // Who makes the last move wins or the game is drawn; the one before has lost as much.
    expect([0, 1]).toContain(winner.reward);
    expect(winner.realReturn).toBe(winner.reward);
    expect(game.at(-2)!.realReturn + winner.reward).toBe(0);
    expect(result.rewardSumError === null || result.rewardSumError === 1).toBe(true);
  });
});
