import { expect, test } from 'vitest';
import { CheckpointJudge, type Judged } from './checkpoint-judge.js';
import type { EvaluationResult } from './events.js';

const result = (value: number): EvaluationResult => ({ summary: `${value}`, values: { value } });

/** A judge whose measurements end when the test says so. */
function stage(gone: readonly number[] = []) {
  const asked: string[] = [];
  const told: [number, string][] = [];
  const errors: unknown[] = [];
  const open: { resolve: (value: EvaluationResult) => void; reject: (error: Error) => void }[] = [];
  let aborted = false;
  const judge = new CheckpointJudge({
    evaluate: (path, signal) => {
      asked.push(path);
      signal.addEventListener('abort', () => (aborted = true));
      return new Promise((resolve, reject) => open.push({ resolve, reject }));
    },
    done: ({ step }, { summary }) => told.push([step, summary]),
    failed: (error) => errors.push(error),
    exists: ({ step }) => !gone.includes(step),
  });
  const settled = () => new Promise((done) => setImmediate(done));
  return { judge, asked, told, errors, open, settled, aborted: () => aborted };
}
const at = (step: number): Judged => ({ path: `step-${step}`, step });

test('one at a time, and of those that wait the newest', async () => {
  const { judge, asked, told, open, settled } = stage();
  for (const step of [1, 2, 3]) judge.add(at(step));
  expect(asked).toEqual(['step-1']);
  open[0].resolve(result(10));
  await settled();
  expect(asked).toEqual(['step-1', 'step-3']);
  open[1].resolve(result(30));
  await settled();
  expect(told).toEqual([[1, '10'], [3, '30']]);
  judge.add(at(4));
  expect(asked).toHaveLength(3);
});

test('one that fails is told of, and does not stop the next; one that is gone is passed over', async () => {
  const { judge, asked, told, errors, open, settled } = stage([2]);
  judge.add(at(1));
  judge.add(at(2));
  open[0].reject(new Error('no'));
  await settled();
  expect(errors).toEqual([new Error('no')]);
  expect(asked).toEqual(['step-1']);
  judge.add(at(3));
  open[1].resolve(result(3));
  await settled();
  expect(told).toEqual([[3, '3']]);
});

test('after the stop nothing is measured, and the end of the one under way is no failure', async () => {
  const { judge, asked, told, errors, open, settled, aborted } = stage();
  judge.add(at(1));
  judge.add(at(2));
  judge.stop();
  expect(aborted()).toBe(true);
  open[0].reject(new Error('aborted'));
  await settled();
  judge.add(at(3));
  await settled();
  expect([asked, told, errors]).toEqual([['step-1'], [], []]);
});
