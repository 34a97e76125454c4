import { describe, expect, it } from 'vitest';
import { createRng } from '#engine';
import { evaluateTask, type TaskScore } from './evaluate.js';
import { CountedEnvironments } from './episodes.js';
import { randomPolicy } from './policy.js';
import { openTask } from './task.js';
import type { Environments } from './types.js';

async function random(game: string, episodes: number, parallel: number, seed = 1): Promise<TaskScore> {
  const task = await openTask(game);
  return evaluateTask({ task, policy: randomPolicy(task, createRng(seed)), episodes, seed, parallel });
}

describe('random play', () => {
  it("scores in breakout what MinAtar's README says of it: 0.5, standard error .023", async () => {
    const score = await random('breakout', 4000, 64);
    expect(Math.abs(score.mean - 0.5)).toBeLessThan(4 * Math.hypot(score.standardError, 0.023));
    expect(score).toMatchObject({ episodes: 4000, min: 0, truncated: 0 });
    expect(score.max).toBeGreaterThan(2);
  });

  it('is the same by the seed, and as good one by one as many at once: short episodes are not preferred', async () => {
    expect(await random('cartpole', 200, 16)).toEqual(await random('cartpole', 200, 16));
    const [alone, together] = [await random('cartpole', 400, 1), await random('cartpole', 400, 400)];
    expect(Math.abs(alone.mean - together.mean)).toBeLessThan(4 * Math.hypot(alone.standardError, together.standardError));
    // A step of CartPole pays 1.
    expect(together.length).toBeCloseTo(together.mean, 9);
  });

  it('in MountainCar never arrives: every episode is cut', async () => {
    expect(await random('mountain-car', 20, 20)).toMatchObject({ mean: -200, standardError: 0, truncated: 20, length: 200, steps: 4000 });
  });
});

describe('counted environments', () => {
  it('know the returns and lengths of the episodes that ended, and remember them', async () => {
    const task = await openTask('cliff-walking');
    const environments = new CountedEnvironments(await task.open(1));
    await environments.reset(1);
    expect(environments.figures()).toEqual({ episodes: 0, meanReturn: null, returnError: null, meanLength: null });
    // Up, eleven times right, down: the shortest way, one row above the cliff.
    const names = ['up', ...Array<string>(11).fill('right'), 'down'];
    const state = task.game?.start(createRng(1));
    if (state === undefined) throw new Error('cliff walking has rules');
    const actions = names.map((name) => task.game?.parseAction(state, name) ?? -1);
    for (let episode = 0; episode < 2; episode++) for (const action of actions) await environments.step(Int32Array.of(action));
    expect(environments.figures()).toEqual({ episodes: 2, meanReturn: -13, returnError: 0, meanLength: 13 });
    await environments.step(Int32Array.of(actions[0]));
    const again = new CountedEnvironments(await task.open(1));
    await again.restore(environments.save() ?? new Uint8Array());
    again.restoreCounts(JSON.parse(JSON.stringify(environments.saveCounts())), true);
    for (const action of actions.slice(1)) await again.step(Int32Array.of(action));
    expect(again.figures()).toEqual({ episodes: 3, meanReturn: -13, returnError: 0, meanLength: 13 });
  });

  it('say which environment gave a reward that is no number', async () => {
    const task = await openTask('cartpole');
    const inner = await task.open(2);
    const step = inner.step.bind(inner);
    (inner as { step: Environments['step'] }).step = async (actions) => {
      await step(actions);
      inner.rewards[1] = Number.NaN;
    };
    const environments = new CountedEnvironments(inner);
    await environments.reset(1);
    await expect(environments.step(Int32Array.of(0, 1))).rejects.toThrow(/environment 1 of cartpole gave the reward NaN after 1 steps/);
  });
});
