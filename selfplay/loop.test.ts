/** Dummy runs: every parameter shrunk, the whole loop in seconds, in the built worker threads. */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { UserError, createRng } from '#engine';
import { ticTacToe } from '#games';
import { decodeEpisode } from './codec.js';
import { latestCheckpoint, listCheckpoints, readCheckpoint, weightsHash } from './checkpoint.js';
import { createTraining, type Training, type TrainingOptions } from './loop.js';
import { readMetrics } from './metrics.js';
import type { PlayedEpisode } from './messages.js';
import { readRun } from './run-dir.js';
import { LocalActors } from './source.js';
import { ReplayStore } from './store.js';
import { threadParts } from './thread-time.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ludus-loop-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tiny = [
  'network.hidden=16', 'search.simulations=4', 'actors.games=8', 'actors.workers=1', 'threads=2', 'learner.batch=32', 'learner.minimum=64', 'learner.publishEvery=5', 'learner.lead=8',
  'replay.window=500', 'replay.capacity=2000', 'checkpoint.everySteps=40', 'checkpoint.everyMinutes=0', 'device=cpu',
];

function open(name: string, more: Partial<TrainingOptions> & { set?: string[] } = {}): Promise<Training> {
  const { set = [], ...rest } = more;
  return createTraining({ game: 'tic-tac-toe', runDir: join(folder, name), overrides: [...tiny, ...set], ...rest });
}

function openStore(name: string): ReplayStore {
  return new ReplayStore(join(folder, name, 'replay'), { game: ticTacToe, capacity: 2000 });
}

test('a whole run: games are stored, steps follow the ratio, checkpoints are measured, and it goes on where it stopped', async () => {
  const measured: string[] = [];
  const evaluate: TrainingOptions['evaluate'] = (path) => {
    measured.push(path);
    return Promise.resolve({ summary: 'fine', values: { score: 0.5 } });
  };
  const first = await open('whole', { evaluate, set: ['actors.workers=2'] });
  const states: string[] = [];
  const ids = new Set<string>();
  let boards = 0;
  first.on('state', (state) => states.push(state));
  first.on('game', (game) => ids.add(game.id));
  first.on('board', () => boards++);
  await first.run({ steps: 100 });
  const { progress } = first;
  // Games that are on their way now are stored all the same, and told of later.
  const told = ids.size;
  await first.stop();
  await first.stop();
  expect(states).toEqual(['running', 'paused', 'stopping', 'stopped']);
  expect(progress.steps).toBeGreaterThanOrEqual(100);
  expect(progress.games).toBe(told);
  expect(boards).toBeGreaterThan(0);
  // Never more than 4 rows for each position; how far behind that is depends on when threads hear of a pause.
  expect(progress.steps * 32).toBeLessThanOrEqual(4 * progress.positions);
  // Every second of its two threads is accounted for.
  const { idle, ...busy } = progress.threadSeconds ?? { idle: -1 };
  expect(Object.keys(busy)).toEqual([...threadParts]);
  for (const part of ['network', 'search', 'training', 'rows', 'publishing', 'weights'] as const) expect(progress.threadSeconds?.[part], part).toBeGreaterThan(0);
  expect(idle).toBeGreaterThanOrEqual(0);
  expect(Object.values(busy).reduce((a, b) => a + b, idle)).toBeGreaterThanOrEqual(2 * progress.elapsedSeconds - 1e-6);
  const store = openStore('whole');
  expect(store.totals.games).toBeGreaterThanOrEqual(ids.size);
  expect(store.totals.storedPositions).toBeLessThanOrEqual(2000);
  const { games: gamesBefore } = store.totals;
  await store.close();
  expect(listCheckpoints(first.runDir)[0].step).toBe(0);
  expect(latestCheckpoint(first.runDir)?.step).toBe(progress.steps);
  expect(measured[0]).toBe(listCheckpoints(first.runDir)[0].path);

  const second = await open('whole', { set: ['search.simulations=5'] });
  expect(second.resumed).toBe(true);
  expect(second.config.search.simulations).toBe(5);
  await second.run({ steps: progress.steps + 40 });
  expect(second.progress.steps).toBeGreaterThanOrEqual(progress.steps + 40);
  expect(second.progress.games).toBeGreaterThan(gamesBefore);
  expect(second.progress.elapsedSeconds).toBeGreaterThan(progress.elapsedSeconds);
  // The window was filled from the store, not begun anew.
  expect(second.progress.windowPositions).toBeGreaterThanOrEqual(Math.min(500, progress.windowPositions));
  await second.stop();
  const { info, config } = readRun(first.runDir);
  expect(info).toMatchObject({ sittings: 2, game: { id: 'tic-tac-toe', version: ticTacToe.version }, steps: second.progress.steps });
  expect(config.search.simulations).toBe(5);
  const rows = readMetrics(first.runDir);
  for (const type of ['progress', 'checkpoint', 'evaluation', 'state']) expect(rows.filter((row) => row.type === type).length, type).toBeGreaterThan(0);
  expect(readdirSync(join(first.runDir, 'tensorboard')).length).toBe(2);
});

test('whoever plays is stopped at the permitted lag, however long the learner is silent', async () => {
  const games: PlayedEpisode[] = [];
  const played = await open('lag-games', { source: (setup, events) => new LocalActors(setup, { ...events, episodes: (some, stored) => {
    games.push(...some.map((game) => ({ ...game, bytes: game.bytes.slice() })));
    events.episodes(some, stored);
  } }) });
  await played.run({ games: 300 });
  await played.stop();
  // All in one go, as long as they are wanted: the learner's thread cannot answer meanwhile.
  const bursts: number[] = [];
  let next = 0;
  let wanted = false;
  let giving = false;
  const training = await open('lag', { set: ['learner.lead=5'], source: (_, events) => ({
    publish: () => undefined,
    close: () => Promise.resolve(),
    play(now) {
      wanted = now;
      if (!now || giving) return;
      giving = true;
      let positions = 0;
      for (; next < games.length; next++) {
        if (!wanted) break;
        positions += games[next].positions;
        events.episodes([games[next]]);
      }
      giving = false;
      bursts.push(positions);
    },
  }) });
  await training.run({ steps: 100 });
  await training.stop();
  expect(bursts.length).toBeGreaterThan(5);
  // 64 positions before the first step, or 5 steps of 32 rows at 4 rows for each position; and one game of at most 9 more.
  expect(Math.max(...bursts)).toBeLessThanOrEqual(64 + 9);
});

test('deterministic: the same seed gives the same weights bit for bit, another seed others', async () => {
  const hashes: string[] = [];
  for (const [name, seed] of [['a', 5], ['b', 5], ['c', 6]] as const) {
    const training = await open(`deterministic-${name}`, { set: ['deterministic=true', `seed=${seed}`] });
    await training.run({ games: 60 });
    await training.stop();
    const latest = latestCheckpoint(training.runDir);
    expect(latest?.step).toBeGreaterThan(10);
    hashes.push(`${latest?.step} ${weightsHash(latest?.path ?? '')}`);
  }
  expect(hashes[0]).toBe(hashes[1]);
  expect(hashes[2]).not.toBe(hashes[0]);
});

test('it rests while paused or while a person\'s move is searched, and goes on afterwards', async () => {
  const training = await open('rests');
  const states: string[] = [];
  training.on('state', (state) => states.push(state));
  const games = { count: 0 };
  training.on('game', () => games.count++);
  const ended = training.run();
  const after = (n: number) => new Promise<void>((resolve) => {
    const off = training.on('game', () => {
      if (games.count < n) return;
      off();
      resolve();
    });
  });
  await after(5);
  training.pause();
  expect(training.state).toBe('paused');
  training.resume();
  await training.yieldTo(new Promise((resolve) => setTimeout(resolve, 300)));
  expect(training.state).toBe('running');
  await expect(training.yieldTo(Promise.reject(new Error('no move')))).rejects.toThrow('no move');
  await after(games.count + 20);
  await training.stop();
  await ended;
  expect(states.slice(0, 7)).toEqual(['running', 'paused', 'running', 'yielding', 'running', 'yielding', 'running']);
});

test('another run begins from a checkpoint: its weights and optimiser, its own counts', async () => {
  const source = await open('source');
  await source.run({ steps: 20 });
  await source.stop();
  const from = latestCheckpoint(source.runDir)?.path ?? '';
  const before = readCheckpoint(from);
  const training = await open('continued', { from, set: ['learner.learningRate=0'] });
  await training.run({ games: 5 });
  await training.stop();
  const first = readCheckpoint(listCheckpoints(training.runDir)[0].path);
  expect(first.state).toEqual(before.state);
  expect(first.manifest).toMatchObject({ games: 0, positions: 0, step: before.manifest.step });
  await expect(open('other-network', { from, set: ['network.hidden=8'] })).rejects.toThrow(/has another network/);
  await expect(open('source', { from })).rejects.toThrow(/--from only begins a new run/);
});

test('another run begins from a model that ships: averaged weights, a fresh optimiser, the same step', async () => {
  const source = await open('bare-source');
  await source.run({ steps: 20 });
  await source.stop();
  const whole = readCheckpoint(latestCheckpoint(source.runDir)?.path ?? '');
  const from = join(folder, 'bare');
  mkdirSync(from);
  const { 'model.onnx': model } = whole.manifest.files;
  writeFileSync(join(from, 'checkpoint.json'), JSON.stringify({ ...whole.manifest, files: { 'model.onnx': model } }));
  cpSync(join(whole.path, 'model.onnx'), join(from, 'model.onnx'));
  const training = await open('from-bare', { from, set: ['learner.learningRate=0', 'learner.minimum=100000'] });
  await training.run({ games: 5 });
  await training.stop();
  const first = readCheckpoint(listCheckpoints(training.runDir)[0].path);
  expect(first.state.weights).toEqual(whole.average);
  expect(first.average).toEqual(whole.average);
  expect(first.manifest).toMatchObject({ step: 20 });
  expect(Object.values(first.state.optimizer).every((slot) => slot.every((value) => value === 0))).toBe(true);
});

test('two processes never train the same run; a dead one\'s lock does not hold', async () => {
  const training = await open('locked');
  await expect(open('locked')).rejects.toThrow(/is being trained by this process; stop that first/);
  await training.stop();
  writeFileSync(join(folder, 'locked', 'lock'), JSON.stringify({ pid: 2 ** 22 + 1, host: (await import('node:os')).hostname(), started: 1 }));
  const again = await open('locked');
  await again.stop();
});

test('a run of another game or version, a foreign folder, damaged files: one clear line, nothing lost', async () => {
  const training = await open('bad');
  await training.run({ games: 20 });
  await training.stop();
  const { runDir } = training;
  await expect(createTraining({ game: 'connect4', runDir })).rejects.toThrow(/is a run of tic-tac-toe version \d+, not of connect4/);
  await expect(createTraining({ game: 'conect4', runDir })).rejects.toThrow(/did you mean 'connect4'/);
  await expect(open('bad', { set: ['learner.bacth=3'] })).rejects.toThrow(/did you mean 'learner.batch'/);
  await expect(open('bad', { set: ['network.hidden=32'] })).rejects.toThrow(/has another network/);
  mkdirSync(join(folder, 'foreign'));
  writeFileSync(join(folder, 'foreign', 'thesis.txt'), '');
  await expect(open('foreign')).rejects.toThrow(/holds something else than a run/);

  const info = readFileSync(join(runDir, 'run.json'), 'utf8');
  writeFileSync(join(runDir, 'run.json'), info.replace(`"version": ${ticTacToe.version}`, '"version": 99'));
  await expect(open('bad')).rejects.toThrow(/version 99, not of tic-tac-toe version/);
  writeFileSync(join(runDir, 'run.json'), info.slice(0, 30));
  await expect(open('bad')).rejects.toThrow(/run\.json is not valid JSON/);
  writeFileSync(join(runDir, 'run.json'), info);

  const weights = join(latestCheckpoint(runDir)?.path ?? '', 'weights.bin');
  const whole = readFileSync(weights);
  truncateSync(weights, 8);
  const damaged = await open('bad');
  const errors: boolean[] = [];
  damaged.on('error', ({ fatal }) => errors.push(fatal));
  await expect(damaged.run({ steps: 1 })).rejects.toThrow(/weights\.bin: it has 8 of \d+ bytes; use another checkpoint/);
  expect(errors).toEqual([true]);
  writeFileSync(weights, whole);

  const data = join(runDir, 'replay', 'data.mdb');
  const games = readFileSync(data);
  truncateSync(data, games.length - 4096);
  await expect(open('bad')).rejects.toThrow(UserError);
  await expect(open('bad')).rejects.toThrow(/it was cut off; move the folder/);
  writeFileSync(data, games);
  const healed = await open('bad');
  expect(healed.progress.games).toBeGreaterThanOrEqual(20);
  await healed.stop();
});

/** A run in a process of its own, which writes down every acknowledged game and checkpoint as it hears of them. */
const child = `
  import { writeSync } from 'node:fs';
  const { createTraining } = await import(process.argv[1]);
  const training = await createTraining({ game: 'tic-tac-toe', runDir: process.argv[2], overrides: JSON.parse(process.argv[3]) });
  training.on('game', ({ id }) => writeSync(1, 'game ' + id + '\\n'));
  training.on('checkpoint', ({ path }) => writeSync(1, 'checkpoint ' + path + '\\n'));
  await training.run();
`;

// LUDUS_KILLS=20 asks for more moments than the three of an ordinary test run.
const kills = Number(process.env.LUDUS_KILLS ?? 3);

test('kill -9 loses no acknowledged game and leaves no half checkpoint; the same command goes on', async () => {
  const runDir = join(folder, 'killed');
  const index = join(import.meta.dirname, '..', 'dist', 'selfplay', 'index.js');
  const set = [...tiny, 'checkpoint.everySteps=1', 'replay.capacity=1000000', 'replay.window=1000000'];
  const rng = createRng(20);
  const games = new Set<string>();
  let steps = -1;
  for (let round = 0; round < kills; round++) {
    const running = spawn(process.execPath, ['--input-type=module', '-e', child, index, runDir, JSON.stringify(set)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    let heard = 0;
    // Killed after some number of messages, which comes at an arbitrary moment of whatever the threads do.
    const wanted = 20 + rng.below(400);
    const closed = new Promise((resolve) => running.on('close', resolve));
    running.stdout.on('data', (data: Buffer) => {
      text += data.toString();
      heard += data.toString().split('\n').length - 1;
      if (heard >= wanted) running.kill('SIGKILL');
    });
    await closed;
    const lines = text.split('\n').slice(0, -1).map((line) => line.split(' '));
    expect(lines.length).toBeGreaterThanOrEqual(20);
    for (const [what, name] of lines) if (what === 'game') games.add(name);
    const store = new ReplayStore(join(runDir, 'replay'), { game: ticTacToe, capacity: 1000000 });
    const kept = new Map([...store.latest(Infinity)].map(decodeEpisode).map((episode) => [episode.id, episode]));
    for (const id of games) expect(kept.has(id), `round ${round}: ${id}`).toBe(true);
    expect(store.totals.games).toBe(kept.size);
    await store.close();
    for (const { path } of listCheckpoints(runDir)) readCheckpoint(path);
    const told = lines.findLast(([what]) => what === 'checkpoint')?.[1];
    if (told !== undefined) expect(latestCheckpoint(runDir)?.step).toBeGreaterThanOrEqual(readCheckpoint(told).manifest.step);
    const latest = latestCheckpoint(runDir)?.step ?? -1;
    expect(latest).toBeGreaterThanOrEqual(steps);
    steps = latest;
  }
  expect(steps).toBeGreaterThanOrEqual(0);
}, 200_000 * kills);

test('a run that looks again at its games: newer targets reach learner and store, and a deterministic one stays so', async () => {
  const hashes: string[] = [];
  for (const name of ['again-a', 'again-b']) {
    const newest = new Map<string, Uint8Array>();
    const training = await open(name, {
      set: ['deterministic=true', 'replay.reanalyze=0.25'],
      source: (setup, events) => new LocalActors(setup, { ...events, revised: (episodes) => {
        for (const { id, bytes } of episodes) newest.set(id, bytes.slice());
        events.revised(episodes);
      } }),
    });
    await training.run({ games: 80 });
    await training.stop();
    const { progress } = training;
    expect(newest.size).toBeGreaterThan(5);
    expect(progress.revisedPositions).toBeGreaterThan(20);
    // Credit is for positions of games alone.
    expect(progress.steps).toBe(Math.floor((4 * progress.positions) / 32));
    const rows = readMetrics(training.runDir).filter((row) => row.type === 'progress');
    expect(rows.at(-1)).toMatchObject({ revisedPositions: progress.revisedPositions });
    const store = openStore(name);
    const kept = new Map([...store.latest(Infinity)].map((bytes) => [decodeEpisode(bytes).id, decodeEpisode(bytes)]));
    for (const [id, bytes] of newest) expect(kept.get(id)).toEqual(decodeEpisode(bytes));
    expect(store.totals.games).toBe(kept.size);
    await store.close();
    const latest = latestCheckpoint(training.runDir);
    hashes.push(`${latest?.step} ${progress.revisedPositions} ${weightsHash(latest?.path ?? '')}`);
  }
  expect(hashes[0]).toBe(hashes[1]);
});
