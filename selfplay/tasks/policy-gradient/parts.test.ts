import { describe, expect, it } from 'vitest';
import { createRng } from '#engine';
import { NORMAL_LIMIT, RewardScale, RunningMoments, normaliseRows } from './moments.js';
import { annealed, sampleActions } from './parts.js';

describe('sampling', () => {
  it('draws the legal actions as often as their softmax says, and tells the logarithm of their odds', () => {
    const n = 20_000;
    const logits = Float32Array.from({ length: 4 * n }, (_, i) => [1, 2, 50, 3][i % 4]);
    const legal = Uint8Array.from({ length: 4 * n }, (_, i) => (i % 4 === 2 ? 0 : 1));
    const [actions, logs] = [new Int32Array(n), new Float32Array(n)];
    sampleActions(logits, legal, 4, createRng(1), actions, logs);
    // Preferences (1, 2, 3): .0900, .2447, .6652.
    [0.09, 0.2447, 0, 0.6652].forEach((odds, action) => {
      const share = actions.filter((a) => a === action).length / n;
      expect(Math.abs(share - odds)).toBeLessThanOrEqual(4 * Math.sqrt((odds * (1 - odds)) / n));
    });
    actions.forEach((action, i) => i < 50 && expect(logs[i]).toBeCloseTo(Math.log([0.09003, 0.24473, 0, 0.66524][action]), 4));
  });
});

it('the learning rate falls in a straight line to 0 at the end of the run, or not at all', () => {
  const config = (anneal: boolean) => ({ learningRate: 0.01, anneal }) as Parameters<typeof annealed>[0];
  expect([0, 250, 500, 1000, 1200].map((done) => annealed(config(true), done, 1000))).toEqual([0.01, 0.0075, 0.005, 0, 0]);
  expect(annealed(config(false), 900, 1000)).toBe(0.01);
});

describe('running figures', () => {
  const rows = Float32Array.of(1, 10, 2, 20, 3, 60, 6, 30);
  it('are the mean and deviation of all rows, in whatever pieces they came, and survive saving', () => {
    const moments = new RunningMoments(2);
    moments.add(rows.subarray(0, 2), 1);
    moments.add(rows.subarray(2), 3);
    const again = new RunningMoments(2);
    again.restore(moments.save());
    for (const m of [moments, again]) {
      expect([...m.mean]).toEqual([3, 30]);
      expect(m.deviation(0)).toBeCloseTo(Math.sqrt(3.5), 6);
      expect(m.deviation(1)).toBeCloseTo(Math.sqrt(350), 6);
    }
    const out = new Float32Array(4);
    normaliseRows(moments, Float32Array.of(3, 1e6, 1, 30), 2, out);
    expect(out[0]).toBe(0);
    expect(out[1]).toBe(NORMAL_LIMIT);
    expect(out[2]).toBeCloseTo(-2 / Math.sqrt(3.5), 5);
  });

  it('scale rewards by the deviation of the discounted return, which begins anew with an episode', () => {
    const scale = new RewardScale(1, 0.5);
    const returns: number[] = [];
    let running = 0;
    for (const [reward, ended] of [[4, 0], [2, 1], [8, 0], [0, 0]]) {
      running = 0.5 * running + reward;
      returns.push(running);
      const rewards = Float32Array.of(reward);
      scale.apply(rewards, Uint8Array.of(ended), Uint8Array.of(0));
      const mean = returns.reduce((a, b) => a + b) / returns.length;
      const deviation = returns.length < 2 ? 1 : Math.sqrt(returns.reduce((sum, r) => sum + (r - mean) ** 2, 0) / returns.length + 1e-8);
      expect(rewards[0]).toBeCloseTo(Math.min(NORMAL_LIMIT, reward / deviation), 4);
      if (ended === 1) running = 0;
    }
  });
});
