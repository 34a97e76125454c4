/** MuZero learns small worlds: a corridor whose values are known by hand, and a game for two that is solved. */
import { describe, expect, it } from 'vitest';
import { muzeroDefaults } from './config.js';
import { CELLS, answers, corridor, start, train, type Started } from '../testing.js';
import type { Environments, Task } from '../types.js';

/** Small networks and few simulations; sections are merged with the defaults of the task. */
function small(task: Task, more: { learner?: object; search?: object; replay?: object; model?: object } = {}) {
  const defaults = muzeroDefaults(task);
  return {
    environments: 8,
    model: { ...defaults.model, width: 16, hidden: 32, value: { size: 1, scaled: false }, reward: { size: 1, scaled: false }, ...more.model },
    search: { ...defaults.search, simulations: 8, ...more.search },
    learner: { ...defaults.learner, batch: 32, framesPerStep: 8, warmup: 200, unroll: 3, tdSteps: 3, discount: 0.9, learningRate: 0.005, publishEvery: 10, ...more.learner },
    replay: { ...defaults.replay, capacity: 4000, ...more.replay },
  };
}

/** Raw best action and value of observations that are one-hot of `size`. */
async function ask(run: Started, size: number, rows: readonly number[]): Promise<{ best: number; value: number }[]> {
  const planes = new Float32Array(rows.length * size);
  rows.forEach((cell, row) => (planes[row * size + cell] = 1));
  const { policy, value } = await answers(run, planes);
  const { actionCount } = run.task;
  return rows.map((_, row) => {
    const own = [...policy.subarray(row * actionCount, (row + 1) * actionCount)];
    return { best: own.indexOf(Math.max(...own)), value: value[row] };
  });
}

describe.each(['muzero', 'gumbel-muzero'])('%s', (algo) => {
  it('learns the way and the values of a corridor', async () => {
    const run = await train(corridor(), algo, { frames: 6000, config: small(corridor()) });
    const cells = await ask(run, CELLS, [1, 2, 3]);
    expect(cells.map(({ best }) => best)).toEqual([1, 1, 1]);
    // .9^(steps to the right end - 1) where it walks; left of its start it has hardly been since it knows better.
    [0.9, 1].forEach((expected, i) => expect(Math.abs(cells[i + 1].value - expected), `value of cell ${i + 2}: ${cells[i + 1].value}`).toBeLessThan(0.15));
    expect(run.returns.slice(-100).reduce((sum, r) => sum + r, 0)).toBeGreaterThan(90);
    await run.learner.close();
  });

  it('learns a game for two: who is to move wins, or loses', async () => {
    const run = await train(pile(), algo, { frames: 9000, config: small(pile(), { learner: { tdSteps: 10, discount: 1 }, search: { valueScale: 1 } }) });
    const answer = await ask(run, PILE + 1, [1, 2, 3, 4, 5]);
    // A multiple of three is lost whatever one takes; from elsewhere one leaves it to the other.
    [1, 1, -1, 1, 1].forEach((expected, i) => expect(Math.sign(answer[i].value), `value of ${i + 1}: ${answer[i].value}`).toBe(expected));
    [1, 2, 4, 5].forEach((stones) => expect(answer[stones - 1].best + 1, `taken of ${stones}`).toBe(stones % 3));
    await run.learner.close();
  });
});

const PILE = 5;
/** Five stones; one takes one or two in turn, and who takes the last wins. Seen: one-hot, the stones that are left. */
function pile(): Task {
  const facts = { id: 'pile', name: 'Pile', version: 1, actionCount: 2, planes: [PILE + 1, 1, 1], seats: 2 } as const;
  return {
    ...facts,
    spec: 'pile',
    async open(n) {
      const left = new Int32Array(n).fill(PILE);
      const turns = new Uint8Array(n);
      const width = PILE + 1;
      const environments = {
        task: facts, n, turns, planes: new Float32Array(n * width), finalPlanes: new Float32Array(n * width), legal: new Uint8Array(2 * n),
        rewards: new Float32Array(n), terminated: new Uint8Array(n), truncated: new Uint8Array(n),
        async reset(seed: number) {
          // Begun at every size, so that all of them are seen.
          for (let i = 0; i < n; i++) left[i] = 1 + ((i + seed) % PILE);
          turns.fill(0);
          look();
        },
        async step(actions: Int32Array) {
          for (let i = 0; i < n; i++) {
            left[i] -= actions[i] + 1;
            const over = left[i] === 0;
            environments.terminated[i] = over ? 1 : 0;
            environments.rewards[i] = over ? (turns[i] === 0 ? 1 : -1) : 0;
            turns[i] = over ? 0 : 1 - turns[i];
            if (over) left[i] = 1 + ((i + begun++) % PILE);
          }
          look();
        },
        save: () => undefined,
        async restore() {},
        async close() {},
      } satisfies Environments;
      let begun = 0;
      function look(): void {
        environments.planes.fill(0);
        for (let i = 0; i < n; i++) {
          environments.planes[i * width + left[i]] = 1;
          environments.legal[2 * i] = 1;
          environments.legal[2 * i + 1] = left[i] > 1 ? 1 : 0;
        }
      }
      return environments;
    },
  };
}

describe('what cannot be learnt from', () => {
  const run = (spoil: (environments: Environments, step: number) => void, more: Parameters<typeof small>[1] = {}) =>
    train(corridor(spoil), 'gumbel-muzero', { frames: 3000, config: small(corridor(), more) });

  it('an observation that is no number', () =>
    expect(run(({ planes }, step) => step === 9 && (planes[3] = NaN))).rejects.toThrow(/not finite|holds NaN at index 3/));
  it('an observation that does not fit how it is kept', () =>
    expect(run(({ planes }, step) => step === 9 && (planes[3] = 0.25), { replay: { frames: 'bits' } })).rejects.toThrow("holds 0.25 at index 3: frames kept as 'bits' hold 0 and 1; use frames=floats"));
  it('a reward that is no number', () =>
    expect(run(({ rewards }, step) => step === 9 && (rewards[1] = NaN))).rejects.toThrow('environment 1 gave the reward NaN'));
  it('training that diverges: the step and what went wrong are named', () =>
    expect(run(() => undefined, { learner: { learningRate: 1e38, clipNorm: 0 } })).rejects.toThrow(/(the loss '\w+' became (NaN|-?Infinity) at|the weights '\S+' are no longer finite at) step \d+: training has stopped, and the last checkpoint is kept/));

  it('a state of other settings', async () => {
    const attempt = async (more: Parameters<typeof small>[1]) => {
      const { learner } = await start(corridor(), 'muzero', { frames: 100, config: small(corridor()) });
      const other = await start(corridor(), 'muzero', { frames: 100, config: small(corridor(), more) });
      const state = await learner.state();
      await learner.close();
      try {
        await other.learner.restore(state);
      } finally {
        await other.learner.close();
      }
    };
    await expect(attempt({ replay: { capacity: 8000 } })).rejects.toThrow("the saved history's 'seen' has 20000 numbers; these settings need 40000");
    await expect(attempt({ model: { width: 8 } })).rejects.toThrow(/'\S+'.*(number|shape)/);
    await expect(attempt({ learner: { consistency: 1 } })).rejects.toThrow(/'c\/\S+'/);
  });
});
