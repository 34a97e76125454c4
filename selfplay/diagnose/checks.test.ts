/** The figures behind the checks, on cases worked out by hand. */
import { describe, expect, test } from 'vitest';
import type { Episode } from '../episode.js';
import type { MetricsRow } from '../metrics.js';
import type { Sample } from './evidence.js';
import { lossesFall, partMeans, type LossRow } from './loss-checks.js';
import { boundsOf } from './overfit.js';
import { varietyOf } from './replay-checks.js';
import { threadsBusy, timeShares, timeSpent } from './time-checks.js';
import { calibrationError, reliability, valueCalibration, valueSign } from './values.js';

test('the floor of a batch: rows of one position share one answer', () => {
  // Rows 0 and 1 are one position with opposite targets, row 2 is another.
  const planes = Float32Array.of(1, 0, 1, 0, 0, 1);
  const policy = Float32Array.of(1, 0, 0, 1, 1, 0);
  const { floor, constant } = boundsOf(planes, policy, 3);
  expect(floor).toBeCloseTo((2 / 3) * Math.log(2), 10);
  // The mean of all is (2/3, 1/3).
  expect(constant).toBeCloseTo(-(2 / 3) * Math.log(2 / 3) - (1 / 3) * Math.log(1 / 3), 10);
  // Values 1 and -1 for one position, 1 for the other: variances 1, 1, 0; of all 1 - (1/3)^2.
  const value = boundsOf(planes, Float32Array.of(1, -1, 1), 3);
  expect(value.floor).toBeCloseTo(2 / 3, 10);
  expect(value.constant).toBeCloseTo(8 / 9, 10);
});

/** Positions of as many games, seats in turn; outcomes by the seat to move. */
function sampleOf(outcomes: readonly number[]): Sample {
  const count = outcomes.length;
  return { count, planes: new Float32Array(0), targets: new Float32Array(0), outcomes: Float32Array.from(outcomes), searched: new Float32Array(count), seats: outcomes.map((_, i) => i % 2), games: outcomes.map((_, i) => i), legal: [] };
}
const outcomes = Array.from({ length: 400 }, (_, i) => (i % 4 < 2 ? 1 : -1));
const answers = (value: readonly number[]) => ({ policy: new Float32Array(0), value: Float32Array.from(value) });

describe('the sign of values', () => {
  test.each([
    ['right', outcomes.map((o) => 0.5 * o), 'ok', /rise with the outcome/],
    ['inverted', outcomes.map((o) => -0.5 * o), 'problem', /inverted: the network calls won positions lost/],
    ['inverted for one seat', outcomes.map((o, i) => (i % 2 === 1 ? -0.5 : 0.5) * o), 'problem', /inverted for seat 1 alone/],
    ['always the same', outcomes.map(() => 0.3), 'warning', /hardly anything/],
    ['unrelated', outcomes.map((_, i) => (i % 8 < 4 ? 0.5 : -0.5)), 'warning', /hardly anything/],
  ] as const)('%s', (_, values, level, meaning) => {
    expect(valueSign(sampleOf(outcomes), answers(values), 1000)).toMatchObject({ level, meaning: expect.stringMatching(meaning) });
  });

  test('nothing is said of few games, nor of a young network that knows nothing', () => {
    expect(valueSign(sampleOf(outcomes.slice(0, 20)), answers(outcomes.slice(0, 20).map((o) => -o)), 1000).level).toBe('unknown');
    expect(valueSign(sampleOf(outcomes), answers(outcomes.map(() => 0.3)), 50).level).toBe('unknown');
  });
});

describe('calibration', () => {
  test('bins and their error, worked out by hand', () => {
    const sample = sampleOf([1, 1, 1, -1, -1, -1]);
    const bins = reliability(sample, answers([0.5, 0.5, 0.5, 0.5, -0.9, -0.9]));
    expect(bins.map(({ positions, outcome }) => [positions, outcome])).toEqual([[2, -1], [4, 0.5]]);
    expect(bins[0].value).toBeCloseTo(-0.9);
    // 2/6 of 0.1, and 4/6 of nothing.
    expect(calibrationError(bins).error).toBeCloseTo(0.1 / 3);
  });

  test('promising too much and too little are told apart', () => {
    // Of values ±0.9 three quarters come true: honest would be ±0.5.
    const often = Array.from({ length: 2000 }, (_, i) => ({ value: i % 2 === 0 ? 0.9 : -0.9, outcome: (i % 2 === 0 ? 1 : -1) * (i % 8 < 6 ? 1 : -1) }));
    const judge = (scale: number) => valueCalibration(sampleOf(often.map(({ outcome }) => outcome)), answers(often.map(({ value }) => scale * value)), 1000);
    expect(judge(1)).toMatchObject({ level: 'problem', meaning: expect.stringMatching(/too much/), change: expect.stringMatching(/learner.reuse/) });
    expect(judge(0.5 / 0.9)).toMatchObject({ level: 'ok' });
    expect(judge(0.1)).toMatchObject({ level: 'problem', meaning: expect.stringMatching(/too little/) });
  });
});

describe('losses', () => {
  const course = (loss: (part: number) => number): LossRow[] => Array.from({ length: 200 }, (_, i) => ({ steps: 10 * (i + 1), losses: { policyKl: loss(i / 200), value: 0.5 - 0.2 * (i / 200) } }));
  test.each([
    ['falling', (t: number) => 1 - 0.5 * t, undefined, 'ok', /still fall/],
    ['rising again', (t: number) => (t < 0.5 ? 1 - t : t), undefined, 'problem', /policyKl loss has risen again/],
  ] as const)('%s', (_, loss, improved, level, meaning) => {
    expect(lossesFall(course(loss), ['policyKl', 'value'], improved)).toMatchObject({ level, meaning: expect.stringMatching(meaning) });
  });

  test('standing still is a warning only while measurements do not rise', () => {
    const flat = course((t) => (t < 0.3 ? 1 - t : 0.7)).map((row) => ({ ...row, losses: { policyKl: row.losses.policyKl } }));
    expect(lossesFall(flat, ['policyKl'], undefined)).toMatchObject({ level: 'warning', meaning: expect.stringMatching(/stands still/) });
    expect(lossesFall(flat, ['policyKl'], true).level).toBe('ok');
    expect(lossesFall(flat.slice(0, 20), ['policyKl'], undefined).level).toBe('unknown');
  });

  test('the course of a run that went on with another one\'s count is its own', () => {
    const later = course((t) => 1 - 0.5 * t).map((row) => ({ ...row, steps: row.steps + 100_000 }));
    expect(partMeans(later, 'policyKl')).toHaveLength(10);
    expect(lossesFall(later, ['policyKl', 'value'], undefined).level).toBe('ok');
    expect(lossesFall(later.slice(0, 20), ['policyKl'], undefined)).toMatchObject({ level: 'unknown', measured: '190 steps' });
  });

  test('parts of a run', () => {
    expect(partMeans(Array.from({ length: 20 }, (_, i) => ({ steps: i, losses: { a: i, b: null } })), 'a')).toEqual([0.5, 2.5, 4.5, 6.5, 8.5, 10.5, 12.5, 14.5, 16.5, 18.5]);
    expect(partMeans([{ steps: 1, losses: { b: null } }], 'b')).toEqual([]);
  });
});

describe('time', () => {
  const row = (elapsedSeconds: number, busy: number, idle: number, laggingSeconds = 0) => ({
    type: 'progress', elapsedSeconds, laggingSeconds, processorSeconds: busy, threadSeconds: { network: busy / 2, search: busy / 2, weights: 0, games: 0, rows: 0, training: 0, publishing: 0, checkpoints: 0, idle },
  }) as unknown as MetricsRow;

  test('sittings are added up, each by its last row', () => {
    const spent = timeSpent([row(50, 80, 20), row(100, 180, 20), row(110, 10, 10), row(150, 60, 40, 10)]);
    expect(spent).toMatchObject({ total: 300, elapsed: 150, lagging: 10, processor: 240 });
    expect(spent?.parts).toMatchObject({ network: 120, search: 120, idle: 60 });
    expect(timeShares(spent!)).toBe('network 40 %, search 40 %, idle 20 %');
    expect(timeSpent([{ type: 'progress', elapsedSeconds: 5 } as unknown as MetricsRow])).toBeUndefined();
  });

  test('who is starved', () => {
    expect(threadsBusy([row(100, 190, 10)])).toMatchObject({ level: 'ok', value: 0.05 });
    // One thread trains all the time, or a third of it only while games are on their way to the disk.
    const behind = (training: number) => [{ ...row(100, 120, 80, 90), threadSeconds: { network: 120 - training, search: 0, weights: 0, games: 0, rows: 0, training, publishing: 0, checkpoints: 0, idle: 80 } } as MetricsRow];
    expect(threadsBusy(behind(98))).toMatchObject({ level: 'problem', meaning: expect.stringMatching(/because the learner is too far behind/), change: expect.stringMatching(/Lower learner.reuse/) });
    expect(threadsBusy(behind(33))).toMatchObject({ level: 'problem', measured: expect.stringMatching(/the learner was at work 33 %/), change: expect.stringMatching(/^Raise learner.lead/) });
    expect(threadsBusy([row(100, 160, 40, 0)])).toMatchObject({ level: 'warning', meaning: expect.stringMatching(/too few actors/) });
    expect(threadsBusy([]).level).toBe('unknown');
  });
});

test('variety: distinct games, first moves, lengths, results', () => {
  const game = (actions: readonly number[], result: number) => ({ id: '', seed: 1, actions: Uint16Array.from(actions), rewards: Float32Array.from(actions, (_, i) => (i === actions.length - 1 ? result : 0)) }) as unknown as Episode;
  expect(varietyOf([game([1, 2], 1), game([1, 2], 1), game([1, 3, 4], -1), game([2, 3, 4, 5], 0)])).toEqual({ games: 4, distinct: 0.75, firstMove: 0.75, lengths: [2, 3, 4], results: [0.5, 0.25, 0.25] });
});
