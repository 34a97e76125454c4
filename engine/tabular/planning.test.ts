import { describe, expect, test } from 'vitest';
import { createRng } from '../rng.js';
import { PolicyIteration, RealTimeDynamicProgramming, ValueIteration, actionValues, bellmanBackup, policyValues } from './index.js';
import type { FiniteModel, FiniteOutcome, Planner } from './index.js';

const to = (next: number, reward: number, terminated = false, probability = 1): FiniteOutcome => ({ probability, next, reward, terminated });

/** Position d is d steps from the end; action 0 goes there, action 1 stays; `last` for the final step, `other` for the rest. */
function corridor(length: number, last: number, other: number): FiniteModel {
  return {
    states: length + 1, actions: 2, start: length,
    outcomes: Array.from({ length: length + 1 }, (_, d) => [d === 0 ? [] : [to(d - 1, d === 1 ? last : other, d === 1)], d === 0 ? [] : [to(d, other)]]).flat(),
  };
}

/** A (action 0) pays 1 now and ends; B (action 1) -.5 now and 10 three steps later. */
const twoPaths: FiniteModel = {
  states: 5, actions: 2, start: 0,
  outcomes: [[to(4, 1, true)], [to(1, -0.5)], [to(2, 0)], [to(2, 0)], [to(3, 0)], [to(3, 0)], [to(4, 10, true)], [to(4, 10, true)], [], []],
};

const walk: FiniteModel = {
  states: 21, actions: 1, start: 10,
  outcomes: Array.from({ length: 21 }, (_, i) => (i === 0 || i === 20 ? [] : [to(i - 1, i === 1 ? -1 : 0, i === 1, 0.5), to(i + 1, i === 19 ? 1 : 0, i === 19, 0.5)])),
};

function solve(planner: Planner): Float64Array {
  for (let i = 0; i < 3000 && planner.change > 1e-13; i++) planner.improve();
  return planner.values;
}

const planners: [string, (model: FiniteModel, discount: number) => Planner][] = [
  ['value iteration', (model, discount) => new ValueIteration(model, discount)],
  ['policy iteration', (model, discount) => new PolicyIteration(model, discount)],
  ['RTDP', (model, discount) => {
    const planner = new RealTimeDynamicProgramming(model, discount, 0.9, 1, 1000, createRng('trials'));
    for (let i = 0; i < 500; i++) planner.improve();
    return planner;
  }],
];

describe.each(planners)('%s', (_name, make) => {
  test.each([
    // 10, then r = -1 and γ .99: 8.9, 7.811, ...
    ['to a goal', corridor(6, 10, -1), 0.99, [0, 10, 8.9, 7.811, 6.73289, 5.6655611, 4.608905489]],
    ['mate distances', corridor(4, 100, 0), 0.9, [0, 100, 90, 81, 72.9]],
    ['two paths, γ .5: A, since B is worth .75', twoPaths, 0.5, [1, 2.5, 5, 10, 0]],
    ['two paths, γ .99: B', twoPaths, 0.99, [-0.5 + 10 * 0.99 ** 3, 9.801, 9.9, 10, 0]],
  ])('%s', (_task, model, discount, values) => {
    const found = solve(make(model, discount));
    values.forEach((value, state) => expect(found[state]).toBeCloseTo(value, 6));
  });
});

test('19-state walk: (i - 10) / 10, by elimination', () => {
  const values = policyValues(walk, new Int32Array(21), 1);
  for (let i = 1; i < 20; i++) expect(values[i]).toBeCloseTo((i - 10) / 10, 12);
});

test('a policy that stays for ever has no undiscounted value', () => {
  const stay = new Int32Array(4).fill(1);
  expect(() => policyValues(corridor(3, 1, -1), stay, 1)).toThrow(/discount below 1/);
  // -1 / (1 - γ)
  expect(policyValues(corridor(3, 1, -1), stay, 0.9)[2]).toBeCloseTo(-10, 10);
});

test("Bellman's operator contracts by γ in the largest difference", () => {
  const random = createRng('contraction');
  for (const model of [twoPaths, walk, corridor(5, 10, -1)]) {
    const [a, b, ta, tb] = Array.from({ length: 4 }, () => new Float64Array(model.states));
    for (let i = 0; i < 50; i++) {
      for (let s = 0; s < model.states; s++) [a[s], b[s]] = [20 * random.float() - 10, 20 * random.float() - 10];
      bellmanBackup(model, a, 0.8, ta);
      bellmanBackup(model, b, 0.8, tb);
      const distance = (x: Float64Array, y: Float64Array) => x.reduce((most, value, s) => Math.max(most, Math.abs(value - y[s])), 0);
      expect(distance(ta, tb)).toBeLessThanOrEqual(0.8 * distance(a, b) + 1e-12);
    }
  }
});

test('values of actions', () => {
  // At γ .5 from the optimal values: A 1, B -.5 + .5 * 2.5 = .75.
  expect([...actionValues(twoPaths, Float64Array.of(1, 2.5, 5, 10, 0), 0.5).subarray(0, 2)]).toEqual([1, 0.75]);
});
