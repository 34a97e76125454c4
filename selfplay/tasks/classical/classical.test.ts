/** The classical algorithms on the tasks that they are known by, as the command line runs them. */
import { deserialize } from 'node:v8';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createRng } from '#engine';
import { tileFeatures } from '#engine/tabular';
import { gameTask, openTask } from '../task.js';
import { algorithmFor } from '../algorithms.js';
import { answers, mean, playGreedily, start, train } from '../testing.js';
import type { Task } from '../types.js';
import { codingOf } from './features.js';
import { classicalAlgorithms } from './index.js';

// Slices also end by the clock; here it stands still, so that nothing depends on how fast the machine is.
beforeEach(() => vi.spyOn(performance, 'now').mockReturnValue(0));
afterEach(() => vi.restoreAllMocks());

const names = classicalAlgorithms.map(({ name }) => name);
const predicts = (name: string) => /(^|-)td(-|$)/.test(name);
const evolves = (name: string) => name === 'cem' || name === 'nes';
const cell = (planes: Float32Array) => planes.indexOf(1);

describe('cliff walking (Sutton and Barto 2018, example 6.6; α .1, ε .1)', () => {
  /** Cells next to the cliff. */
  const edge = (index: number) => index >= 25 && index <= 34;

  test('Q-learning learns the shortest way, -13; SARSA one away from the edge, with a better return while it learns', async () => {
    const online: Record<string, number> = {};
    for (const algo of ['qlearning', 'sarsa']) {
      const run = await train('cliff-walking', algo, { frames: 100_000 });
      const { returns, seen } = await playGreedily(run, 1);
      online[algo] = mean(run.returns.slice(-1000));
      if (algo === 'qlearning') expect(returns[0]).toBe(-13);
      else {
        expect(returns[0]).toBeLessThan(-13);
        expect(returns[0]).toBeGreaterThan(-25);
        expect(seen.map(cell).filter(edge)).toEqual([]);
      }
    }
    expect(online.sarsa).toBeGreaterThan(online.qlearning + 10);
  });

  test.each([['dyna-q', 6000], ['dyna-q-plus', 6000], ['value-iteration', 2000], ['policy-iteration', 2000], ['rtdp', 20_000]])('%s finds it within %d steps', async (algo, frames) => {
    expect((await playGreedily(await train('cliff-walking', algo, { frames }), 1)).returns[0]).toBe(-13);
  });
});

describe('grid world', () => {
  test.each(names.filter((name) => !predicts(name) && !evolves(name)))('%s goes straight to the goal', async (algo) => {
    const run = await train('grid-world', algo, { frames: 20_000 });
    expect((await playGreedily(run, 1)).returns[0]).toBe(5);
  });

  test.each(['value-iteration', 'policy-iteration', 'rtdp'])('%s: values by distance from the goal, from its ONNX model', async (algo) => {
    const run = await train('grid-world', algo, { frames: 30_000 });
    const planes = new Float32Array(16 * 16);
    for (let index = 0; index < 16; index++) planes[index * 17] = 1;
    const { value } = await answers(run, planes);
    // γ .99: 10, then -1 + γ times that of the next.
    const known = [10, 8.9, 7.811, 6.7329, 5.6656, 4.6089];
    for (let index = 0; index < 15; index++) expect(value[index]).toBeCloseTo(known[5 - Math.floor(index / 4) - (index % 4)], 4);
  });
});

describe('19-state walk', () => {
  test.each(names.filter(predicts))('%s predicts (i - 10) / 10', async (algo) => {
    const run = await train('random-walk', algo, { frames: 100_000 });
    expect(run.learner.metrics().values.valueError).toBeLessThan(0.1);
    const planes = new Float32Array(21 * 21);
    for (let index = 0; index < 21; index++) planes[index * 22] = 1;
    const { value } = await answers(run, planes);
    const squares = Array.from({ length: 19 }, (_, i) => (value[i + 1] - (i + 1 - 10) / 10) ** 2);
    // What the run says of itself is what its model shows.
    expect(Math.sqrt(mean(squares))).toBeCloseTo(run.learner.metrics().values.valueError, 5);
  });

  test('windows of some steps learn sooner than single ones (figure 7.2)', async () => {
    const error = async (n: number) => {
      const errors: number[] = [];
      for (let seed = 1; seed <= 5; seed++) errors.push((await train('random-walk', 'nstep-td', { frames: 2000, seed, config: { n, stepSize: 0.3, anneal: false } })).learner.metrics().values.valueError);
      return mean(errors);
    };
    expect(await error(4)).toBeLessThan(await error(1));
  });
});

test('true online SARSA(λ) drives up the hill: 8 tilings of 8 x 8, α .5 / 8, λ .9', async () => {
  const run = await train('mountain-car', 'true-online-sarsa', { frames: 60_000 });
  expect(mean(run.returns.slice(-100))).toBeGreaterThan(-130);
  expect(mean((await playGreedily(run, 20)).returns)).toBeGreaterThan(-130);
});

test.each([['cem', 300_000], ['nes', 300_000]])('%s balances the pole', async (algo, frames) => {
  const run = await train('cartpole', algo, { frames });
  expect(mean((await playGreedily(run, 20)).returns)).toBeGreaterThan(475);
});

test('the model of a tile coding finds the very tiles that learning used', async () => {
  const run = await train('mountain-car', 'sarsa-lambda', { frames: 10_000 });
  const random = createRng('points');
  const rows = 3000;
  const planes = Float32Array.from({ length: 2 * rows }, (_, i) => (i % 2 === 0 ? -1.25 + 1.9 * random.float() : -0.075 + 0.15 * random.float()));
  const { policy } = await answers(run, planes);
  const features = tileFeatures(codingOf(run.task, { tilings: 8, tiles: 8 })!);
  const weights = (run.learner as unknown as { run: { learner: { values: { all: (active: Int32Array, out: Float64Array) => void } } } }).run.learner.values;
  const active = new Int32Array(8);
  const out = new Float64Array(3);
  let largest = 0;
  for (let row = 0; row < rows; row++) {
    features.write(planes.subarray(2 * row, 2 * row + 2), active);
    weights.all(active, out);
    out.forEach((value, action) => (largest = Math.max(largest, Math.abs(policy[3 * row + action] - value))));
  }
  // A neighbouring tile would differ by tenths.
  expect(largest).toBeLessThan(1e-4);
});

describe.each(names)('%s', (algo) => {
  const task = predicts(algo) ? 'random-walk' : evolves(algo) ? 'cartpole' : 'cliff-walking';
  // An odd number of slices, so that an episode, a window, a trace or a generation is under way.
  const slices = async (run: Awaited<ReturnType<typeof start>>, count: number) => {
    for (let i = 0; i < count; i++) await run.learner.advance();
  };
  const weights = async (run: Awaited<ReturnType<typeof start>>) => Buffer.from((await run.learner.model()).bytes).toString('base64');

  const everything = async (run: Awaited<ReturnType<typeof start>>) => {
    const { arrays, json } = await run.learner.state();
    // Read back: the same number can be written in two ways.
    return { json, arrays: Object.values(arrays).map((array) => deserialize(array)) };
  };

  test('goes on exactly where it stopped', async () => {
    const options = { frames: 20_000, seed: 5 };
    const whole = await start(task, algo, options);
    await slices(whole, 3);
    const state = structuredClone(await whole.learner.state());
    const environments = whole.environments.save()!;
    await slices(whole, 3);
    const again = await start(task, algo, options);
    await again.environments.restore(environments);
    await again.learner.restore({ ...state, json: JSON.parse(JSON.stringify(state.json)) as unknown });
    await slices(again, 3);
    expect([again.learner.frames, again.learner.steps]).toEqual([whole.learner.frames, whole.learner.steps]);
    expect(await everything(again)).toEqual(await everything(whole));
    expect(await weights(again)).toBe(await weights(whole));
  });

  test('a state of other settings is refused', async () => {
    const other = await start(predicts(algo) ? 'random-walk' : 'grid-world', algo, { frames: 1000 });
    const state = await other.learner.state();
    const run = await start(task, algo, { frames: 1000 });
    if (predicts(algo)) await expect(run.learner.restore({ arrays: {}, json: state.json })).rejects.toThrow(/saved/);
    else await expect(run.learner.restore(state)).rejects.toThrow(/saved/);
  });

  test('a setting that what was learnt depends on cannot change, others can', async () => {
    const run = await start(task, algo, { frames: 1000 });
    const state = await run.learner.state();
    const fixed: Record<string, unknown> = { n: 9, lambda: 0.1, episodes: 7, ...(algo.endsWith('iteration') || algo === 'rtdp' ? { discount: 0.5 } : {}) };
    const defaults = algorithmFor(algo, run.task).defaults(run.task);
    const [key] = Object.keys(fixed).filter((name) => name in defaults);
    if (key !== undefined) {
      const other = await start(task, algo, { frames: 1000, config: { [key]: fixed[key] } });
      await expect(other.learner.restore(state)).rejects.toThrow(`learner.${key} = `);
    }
    if ('stepSize' in defaults) {
      const other = await start(task, algo, { frames: 1000, config: { stepSize: 0.25, anneal: false } });
      await other.learner.restore(state);
      await other.learner.advance();
      expect(other.learner.metrics().values.stepSize).toBe(0.25);
    }
  });

  test('the seed decides', async () => {
    const result = async (seed: number) => {
      const run = await start(task, algo, { frames: 20_000, seed });
      await slices(run, 2);
      return JSON.stringify([await weights(run), run.returns, run.learner.frames]);
    };
    expect(await result(3)).toBe(await result(3));
    if (!algo.endsWith('iteration')) expect(await result(4)).not.toBe(await result(3));
  });

  test('defaults are valid and every setting is described', async () => {
    const algorithm = algorithmFor(algo, await openTask(task));
    expect(algorithm.schema.parse(algorithm.defaults(await openTask(task)))).toBeDefined();
    for (const leaf of Object.values(algorithm.schema.shape) as { description?: string }[]) expect(leaf.description).toMatch(/./);
  });
});

describe('refused at once, with what would work', () => {
  const wide: Task = { ...gameTask({ ...breakout(), id: 'wide', planes: [4, 84, 84] }) };
  test.each([
    ['qlearning', 'breakout', /400 numbers.*dqn, ppo.*These can: .*cem/],
    ['true-online-sarsa', 'pong', /400 numbers/],
    ['value-iteration', 'mountain-car', /list of positions/],
    ['dyna-q', 'mountain-car', /true-online-sarsa/],
    ['td', 'cliff-walking', /nothing to decide.*take sarsa/],
  ])('%s of %s', async (algo, spec, why) => {
    const task = await openTask(spec);
    expect(() => algorithmFor(algo, task)).toThrow(why);
  });

  test('cem of an image', () => {
    expect(() => algorithmFor('cem', wide)).toThrow(/28224 numbers.*dqn or ppo/);
  });

  function breakout() {
    return { id: 'x', name: 'Wide', version: 1, seats: 1 as const, chance: 'none' as const, actionCount: 2, maxPlies: 10, planes: [1, 1, 1] as const, start: () => { throw new Error('not started'); }, actionName: () => '', parseAction: () => undefined };
  }
});
