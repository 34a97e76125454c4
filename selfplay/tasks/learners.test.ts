/** What every learner of the registry keeps to, whatever it learns by. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { algorithms } from './algorithms.js';
import { muzeroDefaults } from './muzero/config.js';
import { answers, start, train, type Started } from './testing.js';
import type { Algorithm, Environments, Task } from './types.js';

beforeEach(() => vi.spyOn(performance, 'now').mockReturnValue(0));
afterEach(() => vi.restoreAllMocks());

/**
 * Three cells, each an episode of one step, begun in turn; what one does makes no difference. With γ .9:
 *   0 pays 1 and is cut at cell 1:  worth 1 + .9 V(1) = 5.5; as a true end 1, and by the next episode's start (cell 2) 1;
 *   1 pays 5 and ends at cell 1:    worth 5; with a bootstrap from there 50, from the next start 9.5 and more;
 *   2 pays 0 and ends at cell 1:    worth 0; with a bootstrap from there 4.5.
 */
function cells(actionCount: number): Task {
  const facts = { id: 'cells', name: 'Cells', version: 1, actionCount, planes: [3, 1, 1] } as const;
  const NEXT = [2, 0, 1];
  return {
    ...facts,
    spec: 'cells',
    observation: { kind: 'one-hot' },
    async open(n) {
      const at = new Uint8Array(n);
      const show = (planes: Float32Array, row: number, cell: number) => (planes.fill(0, 3 * row, 3 * row + 3)[3 * row + cell] = 1);
      const environments = {
        task: facts, n, planes: new Float32Array(3 * n), finalPlanes: new Float32Array(3 * n), legal: new Uint8Array(actionCount * n).fill(1),
        rewards: new Float32Array(n), terminated: new Uint8Array(n), truncated: new Uint8Array(n),
        async reset() {
          for (let i = 0; i < n; i++) show(environments.planes, i, (at[i] = i % 3));
        },
        async step() {
          for (let i = 0; i < n; i++) {
            environments.rewards[i] = [1, 5, 0][at[i]];
            environments.truncated[i] = at[i] === 0 ? 1 : 0;
            environments.terminated[i] = 1 - environments.truncated[i];
            show(environments.finalPlanes, i, 1);
            show(environments.planes, i, (at[i] = NEXT[at[i]]));
          }
        },
        save: () => at.slice(),
        async restore(saved: Uint8Array) {
          at.set(saved);
          for (let i = 0; i < n; i++) show(environments.planes, i, at[i]);
        },
        async close() {},
      } satisfies Environments;
      return environments;
    },
  };
}

const network = { kind: 'mlp', channels: 1, hidden: [16], activation: 'tanh', separate: true };
/** Small and quick; γ .9 under either name. */
function small(algorithm: Algorithm): Record<string, unknown> {
  const { name, family } = algorithm;
  switch (family) {
    case 'classical': return { discount: 0.9 };
    case 'dqn': return { environments: 4, hidden: [16], batch: 16, warmup: 64, replay: 1000, updateRatio: 0.25, targetEvery: 20, discount: 0.9, learningRate: 0.01, learningRateEnd: 0.001, low: 0, high: 10, atoms: 21, epsilonFrames: 500 };
    case 'policy-gradient': return {
      environments: 6, gamma: 0.9, learningRate: 0.01, network, normaliseRewards: false, normaliseObservations: false,
      ...(name === 'ppo' ? { steps: 8, minibatches: 2, valueClip: 0 } : name === 'a2c' ? { steps: 4 } : {}),
    };
    case 'muzero': {
      const { model, search, learner, replay } = muzeroDefaults(cells(2));
      return {
        environments: 6,
        model: { ...model, width: 8, hidden: 16, value: { size: 10, scaled: false }, reward: { size: 5, scaled: false } },
        search: { ...search, simulations: 2 },
        learner: { ...learner, batch: 16, framesPerStep: 6, warmup: 60, unroll: 2, tdSteps: 1, discount: 0.9, learningRate: 0.005, publishEvery: 5, consistency: name === 'muzero' ? 1 : 0 },
        replay: { ...replay, capacity: 600, frames: 'bits' },
      };
    }
    default: return family satisfies never;
  }
}

/** Of the registry, those that learn values of single-seat tasks by playing them. */
const players = algorithms.filter(({ name, family }) => (family === 'classical' || family === 'dqn' || family === 'policy-gradient' || family === 'muzero') && !['cem', 'nes'].includes(name));
const taskOf = (algorithm: Algorithm): Task | undefined => [cells(2), cells(1)].find((task) => algorithm.refuses(task) === undefined);
const rows = players.flatMap((algorithm) => {
  const task = taskOf(algorithm);
  return task === undefined ? [] : [[algorithm.name, algorithm, task] as const];
});

it('leaves out planners alone', () => {
  expect(players.filter((algorithm) => taskOf(algorithm) === undefined).map(({ name }) => name)).toEqual(['value-iteration', 'policy-iteration', 'rtdp']);
});

describe.each(rows)('%s', (name, algorithm, task) => {
  const config = small(algorithm);
  const learns = name !== 'reinforce';

  // REINFORCE waits for whole episodes and bootstraps from nothing.
  if (learns) it('bootstraps from where an episode was cut, and from nothing where it ended', async () => {
    const frames = algorithm.family === 'dqn' ? 10_000 : 6000;
    const run = await train(task, name, { frames, config });
    const { policy, value } = await answers(run, Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1));
    // Where values are of actions, all that are tried often are worth the same; a policy's logits say nothing of it.
    const seen = algorithm.family === 'policy-gradient' || algorithm.family === 'muzero' ? value : [0, 1, 2].map((cell) => policy.slice(cell * task.actionCount, (cell + 1) * task.actionCount).reduce((most, q) => Math.max(most, q), -Infinity));
    [5.5, 5, 0].forEach((expected, cell) => expect(Math.abs(seen[cell] - expected), `value of cell ${cell}: ${seen[cell]}`).toBeLessThan(0.5));
    await run.learner.close();
  });

  it('goes on exactly where it stopped, and the seed decides', async () => {
    const begin = (seed: number) => start(task, name, { frames: 3000, config, seed });
    const until = async (run: Started, frames: number) => {
      while (run.learner.frames < frames) await run.learner.advance();
    };
    const everything = async ({ learner }: Started) => {
      const { arrays, json } = await learner.state();
      return { frames: learner.frames, steps: learner.steps, json: JSON.stringify(json), ...Object.fromEntries(Object.entries(arrays).map(([key, array]) => [key, Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64')])) };
    };
    const whole = await begin(3);
    await until(whole, 700);
    const saved = structuredClone(await whole.learner.state());
    const environments = whole.environments.save()!;
    await until(whole, whole.learner.frames + 600);
    const again = await begin(3);
    await again.environments.restore(environments);
    await again.learner.restore({ ...saved, json: JSON.parse(JSON.stringify(saved.json)) as unknown });
    await until(again, whole.learner.frames);
    expect(await everything(again)).toEqual(await everything(whole));

    const [same, other] = [await begin(3), await begin(4)];
    await until(same, whole.learner.frames);
    expect(await everything(same)).toEqual(await everything(whole));
    if (task.actionCount > 1) {
      await until(other, whole.learner.frames);
      expect(await everything(other)).not.toEqual(await everything(whole));
    }
    for (const run of [whole, again, same, other]) await run.learner.close();
  });
});
