import { describe, expect, it } from 'vitest';
import { UpdateCredit, annealed, greedy, projectCategorical, quantileTargets, softUpdate, valueTargets } from '#engine/rl';

const f = (...values: number[]) => Float32Array.from(values);
const close = (actual: ArrayLike<number>, expected: readonly number[], digits = 6) => {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => expect(actual[i], `[${i}]`).toBeCloseTo(value, digits));
};

/** The value target of one row whose action `chooser` chooses, valued by `valuer`. */
function target(chooser: Float32Array, valuer: Float32Array, reward: number, discount: number, legal = Uint8Array.of(1, 1)): number {
  const chosen = new Int32Array(1);
  const out = new Float32Array(1);
  greedy(chooser, legal, 1, 2, chosen);
  valueTargets(f(reward), f(discount), valuer, 2, chosen, out);
  return out[0];
}

describe('value targets', () => {
  const online = f(1, 5);
  const frozen = f(3, 2);
  it('DQN: 1 + .9 max(3, 2) = 3.7', () => expect(target(frozen, frozen, 1, 0.9)).toBeCloseTo(3.7, 6));
  it('Double DQN: the online network takes the second action (5 > 1), the target network gives it 2: 1 + .9 x 2 = 2.8', () =>
    expect(target(online, frozen, 1, 0.9)).toBeCloseTo(2.8, 6));
  it('after a true end: the reward alone', () => expect(target(frozen, frozen, 1, 0)).toBe(1));
  it('an illegal action is never chosen: 1 + .9 x 2', () => expect(target(frozen, frozen, 1, 0.9, Uint8Array.of(0, 1))).toBeCloseTo(2.8, 6));
  it('of three steps: 5.23 + .729 x 10 = 12.52', () => expect(target(f(10, 0), f(10, 0), 5.23, 0.729)).toBeCloseTo(12.52, 5));

  it('greedy: the greatest legal one, the first of equals, rows apart', () => {
    const out = new Int32Array(3);
    greedy(f(1, 2, 2, 9, 0, -1, -5, -4, -3), Uint8Array.of(1, 1, 1, 0, 1, 1, 1, 1, 0), 3, 3, out);
    expect([...out]).toEqual([1, 1, 1]);
  });
});

describe("C51's projection", () => {
  /** Support 0, 1, 2: one row, two actions, of which the second counts. */
  const project = (reward: number, discount: number, odds: number[], low = 0, high = 2) => {
    const out = new Float32Array(odds.length).fill(7);
    projectCategorical(f(reward), f(discount), f(...odds.map(() => 0), ...odds), 2, Int32Array.of(1), { atoms: odds.length, low, high }, out);
    return out;
  };

  it('atoms 0, 1, 2 move to .3 + .5 z = .3, .8, 1.3', () => {
    // .3: .7 to atom 0, .3 to 1. .8: .2 to 0, .8 to 1. 1.3: .7 to 1, .3 to 2. With odds .2, .5, .3:
    // atom 0: .2 x .7 + .5 x .2 = .24; atom 1: .2 x .3 + .5 x .8 + .3 x .7 = .67; atom 2: .3 x .3 = .09.
    close(project(0.3, 0.5, [0.2, 0.5, 0.3]), [0.24, 0.67, 0.09]);
  });
  it('on an atom exactly, all of it stays there: 1 + 0 z = 1', () => close(project(1, 0, [0.2, 0.5, 0.3]), [0, 1, 0]));
  it('beyond the ends, it is clipped: 5 -> 2, -5 -> 0', () => {
    close(project(5, 0.9, [0.2, 0.5, 0.3]), [0, 0, 1]);
    close(project(-5, 0.9, [0.2, 0.5, 0.3]), [1, 0, 0]);
  });
  it('an end pays between two atoms: 1.25 = .75 of atom 1, .25 of atom 2', () => close(project(1.25, 0, [0.2, 0.5, 0.3]), [0, 0.75, 0.25]));

  it('keeps the sum, and the mean within the support: 51 atoms from -10 to 10', () => {
    const odds = Array.from({ length: 51 }, (_, i) => 1 + (i % 7));
    const total = odds.reduce((a, b) => a + b);
    const out = project(0.37, 0.81, odds.map((x) => x / total), -10, 10);
    const mean = (p: ArrayLike<number>) => Array.from(p).reduce((sum, x, i) => sum + x * (-10 + 0.4 * i), 0);
    expect(out.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    expect(mean(out)).toBeCloseTo(0.37 + 0.81 * mean(odds.map((x) => x / total)), 4);
  });
});

it('QR-DQN: every quantile moves: 1 + .5 x (-2, 0, 4) = 0, 1, 3', () => {
  const out = new Float32Array(3);
  quantileTargets(f(1), f(0.5), f(9, 9, 9, -2, 0, 4), 2, Int32Array.of(1), 3, out);
  close(out, [0, 1, 3]);
});

it('a soft target network: τ .005 towards 1 from 0 is .4993 after 138 updates, .5018 after 139', () => {
  const target = f(0);
  for (let i = 0; i < 138; i++) softUpdate(target, f(1), 0.005);
  expect(target[0]).toBeCloseTo(0.4993, 4);
  softUpdate(target, f(1), 0.005);
  expect(target[0]).toBeCloseTo(0.5018, 4);
});

describe('updates by credit', () => {
  it('a ratio of 4 is exactly four for each step', () => {
    const credit = new UpdateCredit(4);
    expect([1, 1, 3].map((steps) => credit.earn(steps))).toEqual([4, 4, 12]);
  });
  it('below 1 it gathers: ¼ is one in four steps, .1 one in ten', () => {
    const quarter = new UpdateCredit(0.25);
    expect(Array.from({ length: 9 }, () => quarter.earn(1))).toEqual([0, 0, 0, 1, 0, 0, 0, 1, 0]);
    const tenth = new UpdateCredit(0.1);
    expect(Array.from({ length: 1000 }, () => tenth.earn(1)).reduce((a, b) => a + b)).toBe(100);
    expect(new UpdateCredit(0.125).earn(20)).toBe(2);
  });
});

it('a schedule falls evenly over its steps and stays', () => {
  expect([0, 25, 50, 100, 200].map((step) => annealed(1, 0.1, 100, step))).toEqual([1, 0.775, 0.55, 0.1, 0.1]);
  expect(annealed(1, 0.1, 0, 0)).toBe(0.1);
});
