import { describe, expect, test } from 'vitest';
import { createRng } from '../rng.js';
import { CrossEntropy, NaturalEvolution, SmallPolicy, policyParameters, ranking, utilities } from './index.js';
import type { EvolutionSearch } from './index.js';

describe('cross-entropy method', () => {
  test('elite {1, 2, 3}: mean 2, variance .6667 + η', () => {
    const search = new CrossEntropy(1, { population: 6, elite: 0.5, variance: 100, noise: 0.5, noiseDecay: 0.5 });
    const members = Float64Array.of(9, 3, -4, 1, 2, 7);
    const scores = [0, 10, 0, 11, 10, -1];
    search.tell(members, scores);
    expect(search.mean[0]).toBe(2);
    expect(search.deviation[0] ** 2).toBeCloseTo(2 / 3 + 0.5, 12);
    search.tell(members, scores);
    expect(search.deviation[0] ** 2).toBeCloseTo(2 / 3 + 0.25, 12);
  });

  test('the first population has mean 0 and variance 100', () => {
    const search = new CrossEntropy(2, { population: 5000, elite: 0.2, variance: 100, noise: 0, noiseDecay: 1 });
    const members = new Float64Array(10_000);
    search.ask(createRng('first'), members);
    const mean = members.reduce((sum, x) => sum + x, 0) / 10_000;
    expect(Math.abs(mean)).toBeLessThan(4 * 0.1);
    expect(members.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 10_000).toBeCloseTo(100, -1);
  });
});

describe('natural evolution strategies', () => {
  test('utilities: by rank, summing to 0', () => {
    // k = 2: ln 2 and 0, scaled to 1 and 0, less 1/2.
    expect([...utilities(2)]).toEqual([0.5, -0.5]);
    // k = 4: ln 3, ln 3/2, ln 3/3, and 0 instead of ln 3/4.
    const total = Math.log(3) + Math.log(1.5);
    [Math.log(3) / total - 0.25, Math.log(1.5) / total - 0.25, -0.25, -0.25].forEach((utility, rank) => expect(utilities(4)[rank]).toBeCloseTo(utility, 14));
  });

  test.each([
    // In deviations: better 1, worse -1: mean + rate σ (.5 + .5), deviation as it was.
    [[7, 3], [1, 0], 5 + 0.5 * 2 * 1, 2],
    // Better 2, worse 0: the same step, and wider by exp(rate / 2 * (.5 * 3 + .5 * 1)).
    [[9, 5], [1, 0], 5 + 0.5 * 2 * 1, 2 * Math.exp(0.1)],
    // The same with the worse one first.
    [[5, 9], [0, 1], 5 + 0.5 * 2 * 1, 2 * Math.exp(0.1)],
  ])('members %j with scores %j', (members, scores, mean, deviation) => {
    const search = new NaturalEvolution(1, { population: 2, deviation: 2, meanRate: 0.5, deviationRate: 0.1 });
    search.mean[0] = 5;
    search.tell(Float64Array.from(members), scores);
    expect(search.mean[0]).toBeCloseTo(mean, 12);
    expect(search.deviation[0]).toBeCloseTo(deviation, 12);
  });
});

test.each<[string, (size: number) => EvolutionSearch]>([
  ['CEM', (size) => new CrossEntropy(size, { population: 60, elite: 0.2, variance: 100, noise: 0.01, noiseDecay: 0.8 })],
  ['NES', (size) => new NaturalEvolution(size, { population: 30, deviation: 3, meanRate: 1 })],
])('%s finds the top of a hill with axes of different steepness', (_name, make) => {
  const top = [3, -2, 1, 0.5];
  const search = make(4);
  const rng = createRng('hill');
  const members = new Float64Array(search.population * 4);
  for (let generation = 0; generation < 150; generation++) {
    search.ask(rng, members);
    const scores = Float64Array.from({ length: search.population }, (_, m) => -top.reduce((sum, x, axis) => sum + (axis + 1) * (members[m * 4 + axis] - x) ** 2, 0));
    search.tell(members, scores);
  }
  top.forEach((x, axis) => expect(Math.abs(search.mean[axis] - x)).toBeLessThan(0.02));
});

test('equal scores rank by index', () => {
  expect([...ranking([1, 3, 3, 0, 1])]).toEqual([1, 2, 0, 4, 3]);
});

describe('small policies', () => {
  const shape = { inputs: 2, hidden: [2], actions: 2 };

  test('two layers by hand', () => {
    expect(policyParameters(shape)).toBe(2 * 2 + 2 + 2 * 2 + 2);
    expect(policyParameters({ inputs: 4, hidden: [], actions: 2 })).toBe(10);
    // Hidden: tanh(1 * 1 + 2 * 3 + .5), tanh(1 * 2 + 2 * -1 + 0) = tanh(7.5), 0; scores: 2 h0 + 4 h1 + 1, -h0 + 0 h1 + 5.
    const parameters = Float64Array.of(99, 1, 2, 3, -1, 0.5, 0, 2, -1, 4, 0, 1, 5);
    const scores = new SmallPolicy(shape).scores(parameters, 1, Float32Array.of(7, 1, 2), 1);
    expect(scores[0]).toBeCloseTo(2 * Math.tanh(7.5) + 1, 12);
    expect(scores[1]).toBeCloseTo(5 - Math.tanh(7.5), 12);
  });

  test('acts by the highest score among the legal ones', () => {
    const policy = new SmallPolicy({ inputs: 1, hidden: [], actions: 3 });
    const parameters = Float64Array.of(1, 3, 2, 0, 0, 0);
    expect(policy.act(parameters, 0, Float32Array.of(1), 0, Uint8Array.of(1, 1, 1), 0)).toBe(1);
    expect(policy.act(parameters, 0, Float32Array.of(1), 0, Uint8Array.of(9, 1, 0, 1), 1)).toBe(2);
    expect(policy.act(parameters, 0, Float32Array.of(-1), 0, Uint8Array.of(1, 1, 1), 0)).toBe(0);
  });
});
