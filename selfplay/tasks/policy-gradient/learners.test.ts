/** What the learners do with ends and limits, where the right values are known. */
import { describe, expect, it } from 'vitest';
import { openModel } from '#engine/node';
import { getAlgorithm } from '../algorithms.js';
import type { Environments, LearnerConfig, Task } from '../types.js';

/** Episodes of one step that pay 1, whatever is done, and end or are cut. What is seen never changes. */
function oneStep(cut: boolean): Task {
  const facts = { id: 'one-step', name: 'One step', version: 1, actionCount: 2, planes: [2, 1, 1] as [number, number, number] };
  return {
    ...facts, spec: 'one-step',
    async open(n): Promise<Environments> {
      const planes = new Float32Array(2 * n).fill(1);
      return {
        task: facts, n, planes, legal: new Uint8Array(2 * n).fill(1), rewards: new Float32Array(n).fill(1), finalPlanes: planes.slice(),
        terminated: new Uint8Array(n).fill(cut ? 0 : 1), truncated: new Uint8Array(n).fill(cut ? 1 : 0),
        reset: async () => undefined, step: async () => undefined, save: () => undefined, restore: async () => undefined, close: async () => undefined,
      };
    },
  };
}

async function learntValue(name: string, cut: boolean, changes: Record<string, unknown>): Promise<number> {
  const task = oneStep(cut);
  const algorithm = getAlgorithm(name);
  const config = { ...algorithm.defaults(task), environments: 4, gamma: 0.5, anneal: false, learningRate: 0.02, clipNorm: 0, ...changes } as LearnerConfig;
  const environments = await task.open(4);
  await environments.reset(1);
  const learner = await algorithm.create({ task, environments, config, seed: 1, frames: 1e6, device: 'cpu', threads: 1 });
  while (learner.steps < 500) await learner.advance();
  const model = await openModel((await learner.model()).bytes, { device: 'cpu', threads: 1 });
  const value = new Float32Array(1);
  await model.run(Float32Array.of(1, 1), 1, { value });
  await model.close();
  await learner.close();
  return value[0];
}

describe('a step that pays 1, at a discount of .5', () => {
  const learners: [name: string, changes: Record<string, unknown>][] = [['ppo', { steps: 8, epochs: 4, minibatches: 2 }], ['a2c', {}], ['actor-critic', {}], ['reinforce', {}]];
  it.each(learners)('%s: is worth 1 where the episode ends, and 1 + .5 + .25 ... = 2 where a limit cuts it', async (name, changes) => {
    expect(await learntValue(name, false, changes)).toBeCloseTo(1, 1);
    expect(await learntValue(name, true, changes)).toBeCloseTo(2, 1);
  });
});
