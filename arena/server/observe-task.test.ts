import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTaskTraining } from '#selfplay/tasks';
import { observeRun } from './observe.js';
import { observeTask } from './observe-task.js';
import type { TrainingNews } from './training-view.js';

let runDir = '';
beforeAll(() => void (runDir = mkdtempSync(join(tmpdir(), 'ludus-observe-'))));
afterAll(() => rmSync(runDir, { recursive: true, force: true }));

it('a run of a task is watched live, and read as it was left', async () => {
  const training = await createTaskTraining({ runDir, game: 'cliff-walking', algorithm: 'qlearning', overrides: ['frames=20000', 'evaluation.enabled=true'], evaluate: async () => ({ summary: 'return -20', values: { return: -20, returnError: 2, episodes: 32 } }) });
  const measured = new Promise((resolve) => training.on('evaluation', resolve));
  const view = observeTask(runDir, training);
  const news: TrainingNews[] = [];
  view.listen((item) => news.push(item));
  expect(view.status()).toMatchObject({ state: 'starting', game: 'cliff-walking', step: 0 });
  await training.run();
  await measured;
  await training.stop();
  expect(view.status()).toMatchObject({ state: 'stopped', positions: training.progress.frames, games: training.progress.episodes, checkpoint: expect.stringMatching(/^step-/) });
  const samples = news.flatMap((item) => (item.kind === 'sample' ? [item.sample] : []));
  const live = samples.filter((sample) => sample.values.return !== undefined);
  // At the moment of its checkpoint, the untrained one; a standard error becomes the half-width of 95 %.
  expect(samples.find((sample) => sample.values['evaluation.return'] !== undefined)).toEqual({ elapsed: expect.any(Number), games: 0, steps: 0, values: { 'evaluation.return': -20 }, errors: { 'evaluation.return': 3.92 } });
  expect(live.at(-1)?.values).toMatchObject({ return: training.progress.meanReturn, frames: training.progress.frames });
  expect(live.at(-1)?.errors?.return).toBeGreaterThan(0);
  expect(() => view.pause()).toThrow(/not training now/);

  const left = observeRun(runDir);
  const past = await left.history();
  expect(past.length).toBeGreaterThan(10);
  expect(past.findLast((sample) => sample.values.return !== undefined)?.values.return).toBe(training.progress.meanReturn);
  expect(past.some((sample) => sample.errors?.['evaluation.return'] === 3.92)).toBe(true);
  expect((await left.checkpoints())[0]).toMatchObject({ step: 0, score: { mean: -20, error: 3.92 }, rating: null });
  expect((await left.checkpoints()).at(-1)).toMatchObject({ agent: expect.stringMatching(/^run:step-/), positions: training.progress.frames });
  expect(left.settings?.()).toContainEqual({ name: 'algorithm', value: 'qlearning' });
});
