import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { UserError } from '#engine';
import type { MetricsRow } from '#selfplay';
import { strengthChart } from '../commands/chart.js';
import { interval, parseStrengthTable, readStrengthCurve, strengthPoints } from './curve.js';

const progress = (steps: number, elapsedSeconds: number) => ({ type: 'progress', time: '', steps, elapsedSeconds }) as MetricsRow;
const evaluation = (step: number, values: Record<string, number>): MetricsRow => ({ type: 'evaluation', time: '', step, checkpoint: '', summary: '', values });

it('a measurement stands at the training time of its step, between the rows of progress', () => {
  const rows = [
    evaluation(0, { outcome: 0.6 }), progress(100, 60), evaluation(100, { outcome: 0.8 }), progress(200, 120), progress(400, 240),
    evaluation(300, { outcome: 0.9 }), evaluation(200, { 'score/random': 1 }), evaluation(900, { outcome: 1 }),
  ];
  expect(strengthPoints(rows, 300)).toEqual([
    { minutes: 0, error: 0.4, positions: 300 }, { minutes: 1, error: 1 - 0.8, positions: 300 }, { minutes: 3, error: 1 - 0.9, positions: 300 },
  ]);
});

it('a table of figures: comments, order, and complaints with the line', () => {
  const head = '# where from\nminutes,outcome,positions\n';
  expect(parseStrengthTable('x.csv', `${head}10,0.9,300\n\n0,0.5,300\n`)).toEqual([{ minutes: 0, error: 0.5, positions: 300 }, { minutes: 10, error: 1 - 0.9, positions: 300 }]);
  for (const [text, message] of [
    ['minutes,outcome\n1,1', 'x.csv, line 1: the columns must be'], [`${head}1,97,300`, "line 3: '1,97,300'"], [`${head}1,0.9`, "line 3: '1,0.9'"], [`${head}1,.9,3`, 'takes two lines'],
  ]) {
    expect(() => parseStrengthTable('x.csv', text)).toThrow(UserError);
    expect(() => parseStrengthTable('x.csv', text)).toThrow(message);
  }
});

it('refuses what is no run, and a file that is not there', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'ludus-chart-'));
  try {
    await expect(readStrengthCurve(dir)).rejects.toThrow(UserError);
    await expect(readStrengthCurve(join(dir, 'none.csv'))).rejects.toThrow(/cannot read/);
    const file = join(dir, 'some.csv');
    writeFileSync(file, 'minutes,outcome,positions\n0,0.5,10\n1,1,10\n');
    expect((await readStrengthCurve(file)).name).toBe('some');
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

/** E. B. Wilson 1927, by hand: 0 of 10 gives [0, z²/(n + z²)] = [0, .2775]; 5 of 10 gives [.2366, .7634]. */
it('the interval of a share', () => {
  expect(interval({ error: 0, positions: 10 })[0]).toBe(0);
  expect(interval({ error: 0, positions: 10 })[1]).toBeCloseTo(0.27753, 4);
  expect(interval({ error: 0.5, positions: 10 })[0]).toBeCloseTo(0.23659, 4);
  expect(interval({ error: 0.5, positions: 10 })[1]).toBeCloseTo(0.76341, 4);
});

it('the picture: a dot and a whisker for each measurement of one run; of several the mean with a band', () => {
  const curve = (name: string, shift: number) => ({ name, game: 'G', points: [0, 1, 2].map((minutes) => ({ minutes: minutes + shift, error: 0.3 / (minutes + 1), positions: 300 })) });
  const one = strengthChart([curve('a', 0)], 'a < b');
  expect(one).toContain('a &lt; b');
  expect(one.match(/<circle/g)).toHaveLength(3);
  expect(one.match(/<line[^>]*#2b6cb0/g)).toHaveLength(3);
  const two = strengthChart([curve('a', 0), curve('b', 0.5)], 'two');
  expect(two).toContain('fill-opacity');
  for (const svg of [one, two]) expect(svg).not.toMatch(/NaN|Infinity|undefined/);
});
