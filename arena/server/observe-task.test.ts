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
  const training = await createTaskTraining({ runDir, game: 'cliff-walking', algorithm: 'qlearning', overrides: ['frames=20000'] });
  const view = observeTask(runDir, training);
  const news: TrainingNews[] = [];
  view.listen((item) => news.push(item));
  expect(view.status()).toMatchObject({ state: 'starting', game: 'cliff-walking', step: 0 });
  await training.run();
  await training.stop();
  expect(view.status()).toMatchObject({ state: 'stopped', positions: training.progress.frames, games: training.progress.episodes, checkpoint: expect.stringMatching(/^step-/) });
  const live = news.flatMap((item) => (item.kind === 'sample' ? [item.sample] : []));
  expect(live.at(-1)?.values).toMatchObject({ return: training.progress.meanReturn, frames: training.progress.frames });
  expect(live.at(-1)?.errors?.return).toBeGreaterThan(0);
  expect(() => view.pause()).toThrow(/not training now/);

  const left = observeRun(runDir);
  const past = await left.history();
  expect(past.length).toBeGreaterThan(10);
  expect(past.at(-1)?.values.return).toBe(training.progress.meanReturn);
  expect((await left.checkpoints()).at(-1)).toMatchObject({ agent: expect.stringMatching(/^run:step-/), positions: training.progress.frames });
  expect(left.settings?.()).toContainEqual({ name: 'algorithm', value: 'qlearning' });
});
