import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { UserError } from '#engine';
import { checkTraces } from './index.js';
import type { TraceReport } from './index.js';

/** Recorded from the reference package: testdata/minatar/README.md. */
const lines = readFileSync(new URL('../../testdata/minatar/traces.jsonl', import.meta.url), 'utf8').trim().split('\n');

test('agrees with every step of the recorded episodes', () => {
  const steps = lines.reduce((sum, line) => sum + (JSON.parse(line) as { steps: unknown[] }).steps.length, 0);
  expect(checkTraces([...lines, ''])).toEqual({ episodes: lines.length, steps, mismatches: 0 });
});

interface Line {
  sticky: number;
  ramping: boolean;
  lastActionAtReset?: number;
  reset: { draws: Record<string, unknown>; obs: number[][] };
  steps: { a: number; r: number; done: boolean; executed?: number; draws: Record<string, unknown>; obs: number[][] }[];
}

/** The report on one line after a change of it. */
function after(index: number, change: (line: Line) => void): TraceReport {
  const line = JSON.parse(lines[index]) as Line;
  change(line);
  return checkTraces([JSON.stringify(line)]);
}

describe('notices', () => {
  test.each<[what: string, index: number, change: (line: Line) => void, step: number, says: RegExp]>([
    ['a cell missing', 0, (line) => line.steps[2].obs.shift(), 3, /cell \[0, 9, 4\].*is on, but recorded off/],
    ['a cell too many', 0, (line) => line.steps[2].obs.push([1, 0, 7]), 3, /cell \[1, 0, 7\].*is off, but recorded on/],
    ['a cell of no channel', 0, (line) => line.steps[2].obs.push([9, 0, 7]), 3, /cell 907/],
    ['a cell of the reset', 0, (line) => line.reset.obs.pop(), 0, /recorded off/],
    ['another reward', 0, (line) => (line.steps[4].r += 1), 5, /the reward is \d, not \d/],
    ['another end', 0, (line) => (line.steps[4].done = true), 5, /the episode goes on/],
    ['a draw too many', 0, (line) => (line.steps[1].draws = { ballStart: 'left' }), 2, /1 recorded draws were not asked for/],
    ['a draw missing', 3, (line) => (line.reset.draws = {}), 0, /draw 1 of the step is one of 5, but none is recorded/],
    ['a draw of another kind', 5, (line) => (line.steps[0].draws = { ballStart: 'left' }), 1, /draw 1 of the step is a chance, but the record says one of 2/],
    ['another executed action', 5, (line) => (line.steps[3].executed = (line.steps[3].executed ?? 0) === 0 ? 1 : 0), 4, /was executed/],
  ])('%s', (_what, index, change, step, says) => {
    const report = after(index, change);
    expect(report.mismatches).toBeGreaterThan(0);
    expect(report.first).toMatchObject({ line: 1, step });
    expect(report.first?.what).toMatch(says);
  });

  test('a memory that was not carried over between episodes of one environment', () => {
    const second = JSON.parse(lines[6]) as Line;
    second.lastActionAtReset = ((second.lastActionAtReset ?? 0) + 1) % 6;
    expect(checkTraces([lines[5], JSON.stringify(second)]).first).toMatchObject({ line: 2, step: 0 });
  });

  test('difficulty that was not meant', () => {
    // The last record has a new wave without ramping: with it, the aliens would move sooner.
    expect(after(lines.length - 1, (line) => (line.ramping = true)).mismatches).toBeGreaterThan(0);
  });
});

describe('refuses lines that are no recorded episode, and says why', () => {
  const base = JSON.parse(lines[0]) as Record<string, unknown>;
  test.each<[string, RegExp]>([
    ['{', /^line 2 is not a recorded MinAtar episode: /],
    ['[]', /the line is not an object/],
    [JSON.stringify({ ...base, game: 'brakeout' }), /did you mean 'breakout'/],
    [JSON.stringify({ ...base, reset: undefined }), /reset is not an object/],
    [JSON.stringify({ ...base, steps: [{ a: 6 }] }), /steps\[0\]\.a is 6; actions are 0 to 5/],
    [JSON.stringify({ ...base, steps: [{ a: 1, r: 0, done: false, draws: { dice: 6 }, obs: [] }] }), /unknown draw 'dice'/],
    [JSON.stringify({ ...base, steps: [{ a: 1, r: 0, done: false, draws: {}, obs: [[0, 10, 0]] }] }), /not \[channel, row, column\]/],
    [JSON.stringify({ ...base, steps: [{ a: 1, r: 0, done: false, draws: { diver: { fromLeft: true, row: 9 } }, obs: [] }] }), /diver\.row is out of range/],
  ])('%s', (line, says) => {
    let error: unknown;
    try {
      checkTraces([lines[0], line]);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).kind).toBe('data');
    expect((error as UserError).message).toMatch(says);
  });
});
