/** Whole runs, small: limits, exact resume, what is refused, and a loss that is no number. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { latestCheckpoint, listCheckpoints, readManifest } from '../checkpoint.js';
import { readMetrics } from '../metrics.js';
import { lightenCheckpoints, readTaskCheckpoint, readTaskModel } from './checkpoint.js';
import { createTaskTraining, type TaskTrainingOptions, type TaskUntil } from './training.js';

let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'ludus-tasks-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function train(options: Omit<TaskTrainingOptions, 'runDir'> & { readonly run: string }, until: TaskUntil): Promise<{ runDir: string; frames: number; meanReturn: number | null }> {
  const training = await createTaskTraining({ ...options, runDir: join(folder, options.run) });
  try {
    await training.run(until);
  } finally {
    await training.stop();
  }
  return { runDir: training.runDir, frames: training.progress.frames, meanReturn: training.progress.meanReturn };
}

/** All that decides how a run goes on, from its newest checkpoint. */
function wholeState(runDir: string): unknown {
  const path = latestCheckpoint(runDir)?.path ?? '';
  const { learner, counts } = readTaskCheckpoint(path);
  const { files, step, positions, games } = readManifest(path);
  return { learner: files['learner.bin'].sha256, experience: files['experience.bin']?.sha256, environments: files['environments.bin'].sha256, model: files['model.onnx'].sha256, json: learner.json, counts, step, positions, games };
}

const tinyMuZero = ['environments=4', 'model.width=16', 'model.hidden=16', 'search.simulations=4', 'learner.learner.batch=16', 'learner.learner.warmup=64', 'learner.learner.framesPerStep=8', 'replay.capacity=2000'];

const small: Record<string, { game: string; overrides: string[]; slice: number }> = {
  ppo: { game: 'cartpole', overrides: ['environments=4', 'steps=16', 'epochs=2', 'minibatches=2', 'normaliseObservations=true', 'normaliseRewards=true'], slice: 640 },
  a2c: { game: 'breakout', overrides: ['environments=4', 'network.hidden=16'], slice: 200 },
  reinforce: { game: 'cartpole', overrides: ['environments=4', 'normaliseObservations=true', 'discountSteps=true'], slice: 400 },
  'gumbel-muzero': { game: 'tic-tac-toe', overrides: tinyMuZero, slice: 320 },
};

describe.each(Object.entries(small))('a run of %s', (algorithm, { game, overrides, slice }) => {
  it('that was stopped and went on is bit for bit the run that was not', async () => {
    const all = ['frames=100000', ...overrides];
    const whole = await train({ run: `${algorithm}-whole`, game, algorithm, overrides: all }, { frames: 3 * slice });
    await train({ run: `${algorithm}-parts`, game, algorithm, overrides: all }, { frames: slice });
    const parts = await train({ run: `${algorithm}-parts`, game }, { frames: 3 * slice });
    expect(whole.frames).toBeGreaterThan(2 * slice);
    expect(parts.frames).toBe(whole.frames);
    expect(wholeState(parts.runDir)).toEqual(wholeState(whole.runDir));
    expect(parts.meanReturn).toBe(whole.meanReturn);
    const rows = readMetrics(whole.runDir);
    const last = rows.filter((row) => row.type === 'task').at(-1);
    expect(last).toMatchObject({ algorithm, game, frames: whole.frames, losses: { policy: expect.any(Number), value: expect.any(Number) } });
  });
});

describe('what was lived through', () => {
  const sitting = (frames: number) => train({ run: 'light', game: 'tic-tac-toe', algorithm: 'gumbel-muzero', overrides: ['frames=100000', ...tinyMuZero] }, { frames });
  const held = (runDir: string) => listCheckpoints(runDir).map(({ path }) => {
    const { files, dropped = [] } = readManifest(path);
    expect(existsSync(join(path, 'experience.bin'))).toBe(files['experience.bin'] !== undefined);
    return files['experience.bin'] !== undefined ? 'whole' : dropped.join();
  });

  it('is kept by the newest two checkpoints; the older ones play, and go on after gathering anew', async () => {
    for (const frames of [160, 240, 320]) await sitting(frames);
    const { runDir } = await sitting(400);
    const all = listCheckpoints(runDir);
    expect(held(runDir)).toEqual([...all.slice(0, -2).map(() => 'experience.bin'), 'whole', 'whole']);
    expect(all.length).toBeGreaterThanOrEqual(4);
    const old = all[all.length - 3];
    expect(readTaskCheckpoint(old.path)).toMatchObject({ lightened: true });
    expect(readTaskCheckpoint(old.path).learner.experience).toBeUndefined();
    expect(readTaskModel(old.path).model.bytes.length).toBeGreaterThan(1000);
    const size = (path: string) => Object.values(readManifest(path).files).reduce((sum, { bytes }) => sum + bytes, 0);
    expect(size(old.path)).toBeLessThan(size(all[all.length - 1].path));

    for (const { path } of all.slice(-2)) rmSync(path, { recursive: true });
    const told: string[] = [];
    const again = await createTaskTraining({ runDir, game: 'tic-tac-toe' });
    again.on('error', ({ error, fatal }) => told.push(`${fatal} ${error.message}`));
    await again.run({ frames: 1200 });
    await again.stop();
    expect(told).toEqual([expect.stringMatching(new RegExp(`^false the checkpoint of step ${old.step} is an older one`))]);
    expect(again.progress.steps).toBeGreaterThan(old.step + 10);
    // What is whole is never judged by what was left out.
    expect(held(runDir).slice(-1)).toEqual(['whole']);
  });

  it('goes out of a checkpoint in one step: what a kill leaves half done, the next one finishes', async () => {
    const { path } = listCheckpoints(join(folder, 'light'))[0];
    writeFileSync(join(path, 'experience.bin'), 'left over');
    expect(readTaskCheckpoint(path)).toMatchObject({ lightened: true });
    lightenCheckpoints(join(folder, 'light'));
    expect(existsSync(join(path, 'experience.bin'))).toBe(false);
    expect(readManifest(path).dropped).toEqual(['experience.bin']);
  });
});

describe('checkpoints are measured', () => {
  const open = (run: string, overrides: string[], evaluate: TaskTrainingOptions['evaluate']) =>
    createTaskTraining({ runDir: join(folder, run), game: 'cliff-walking', algorithm: 'qlearning', overrides: ['frames=5000', ...overrides], evaluate });

  it('where the run says so; one that fails is told of, and harms nothing', async () => {
    const asked: string[] = [];
    const training = await open('measured', ['evaluation.enabled=true', 'evaluation.episodes=7'], async (path, config) => {
      asked.push(path);
      if (readManifest(path).step > 0) throw new Error('no engine');
      return { summary: 'return -13', values: { return: -13, returnError: 0.5, episodes: config.evaluation.episodes } };
    });
    const first = new Promise<object>((resolve) => training.on('evaluation', resolve));
    const failed = new Promise<object>((resolve) => training.on('error', resolve));
    await training.run();
    expect(await first).toMatchObject({ step: 0, result: { values: { return: -13, episodes: 7 } } });
    expect(await failed).toMatchObject({ fatal: false, error: { message: 'no engine' } });
    await training.stop();
    expect(asked[0]).toMatch(/step-00000000$/);
    expect(readMetrics(training.runDir).filter((row) => row.type === 'evaluation')).toMatchObject([{ step: 0, checkpoint: join('checkpoints', 'step-00000000'), summary: 'return -13', values: { returnError: 0.5 } }]);
  });

  it('and not otherwise: of algorithms without a search, unless asked for', async () => {
    let asked = 0;
    const training = await open('unmeasured', [], async () => ({ summary: String(++asked), values: {} }));
    await training.run();
    await training.stop();
    expect(asked).toBe(0);
    const { evaluation } = (await createTaskTraining({ runDir: join(folder, 'mz'), game: 'tic-tac-toe', algorithm: 'gumbel-muzero' }).then(async (mz) => (await mz.stop(), mz))).config;
    expect(evaluation).toEqual({ enabled: true, simulations: 25, pairs: 10, anchors: ['random', 'solver'], positions: 4520, episodes: 32 });
  });
});

describe('what cannot be', () => {
  it('a loss that is no number stops the run, says where, and keeps the last good checkpoint', async () => {
    const training = await createTaskTraining({ runDir: join(folder, 'nan'), game: 'cartpole', algorithm: 'ppo', overrides: ['learningRate=1e38', 'clipNorm=0', 'anneal=false'] });
    await expect(training.run({ frames: 50_000 })).rejects.toThrow(/the loss '\w+' became (NaN|-?Infinity) at step \d+: training has stopped, and the last checkpoint is kept/);
    expect(training.state).toBe('stopped');
    const path = latestCheckpoint(training.runDir)?.path ?? '';
    expect(readTaskCheckpoint(path).manifest).toMatchObject({ step: 0, algorithm: 'ppo' });
  });

  it('another algorithm or game in the same folder, unknown names and settings', async () => {
    const runDir = join(folder, 'ppo-whole');
    await expect(createTaskTraining({ runDir, game: 'cartpole', algorithm: 'a2c' })).rejects.toThrow(/is a run of ppo, not of a2c; go on with --algo ppo/);
    await expect(createTaskTraining({ runDir, game: 'acrobot', algorithm: 'ppo' })).rejects.toThrow(/is a run of cartpole version 1, not of acrobot/);
    await expect(createTaskTraining({ runDir, game: 'cartpole', overrides: ['network.hidden=32'] })).rejects.toThrow(/learner.network = .*only be chosen when a run begins/);
    const fresh = join(folder, 'fresh');
    await expect(createTaskTraining({ runDir: fresh, game: 'cartpole', algorithm: 'pppo' })).rejects.toThrow(/unknown algorithm 'pppo'; did you mean 'ppo'/);
    await expect(createTaskTraining({ runDir: fresh, game: 'connect4', algorithm: 'ppo' })).rejects.toThrow(/game for two.*alphazero/);
    await expect(createTaskTraining({ runDir: fresh, game: 'cartpole', algorithm: 'ppo', overrides: ['learner.learningrate=1'] })).rejects.toThrow(/did you mean 'learner.learningRate'/);
    await expect(createTaskTraining({ runDir: fresh, game: 'cartpole', algorithm: 'ppo', overrides: ['gamma=2'] })).rejects.toThrow(/learner.gamma=2: .*discount/);
  });

  it('minibatches of unequal size', async () => {
    const training = await createTaskTraining({ runDir: join(folder, 'unequal'), game: 'cartpole', algorithm: 'ppo', overrides: ['minibatches=7'] });
    await expect(training.run({ frames: 1000 })).rejects.toThrow(/minibatches=7 does not divide environments x steps = 256/);
  });
});

it('PPO learns CartPole: from some 20 steps to several hundred within 50,000 frames', async () => {
  const { runDir, meanReturn } = await train({ run: 'cartpole', game: 'cartpole', algorithm: 'ppo', overrides: ['seed=3'] }, {});
  expect(meanReturn).toBeGreaterThan(200);
  // The config that was run is there to be read.
  expect(JSON.parse(readFileSync(join(runDir, 'config.json'), 'utf8'))).toMatchObject({ game: 'cartpole', algorithm: 'ppo', seed: 3, frames: 50_000 });
});
