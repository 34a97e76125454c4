/** A healthy run, and the same run sabotaged in one way after the other: each must be named. */
import { createHash } from 'node:crypto';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportModel, type Weights } from '#engine/nn';
import { ticTacToe } from '#games';
import { latestCheckpoint, readCheckpoint, writeCheckpoint } from '../checkpoint.js';
import { decodeEpisode, encodeEpisode } from '../codec.js';
import { trainedCount, type Episode } from '../episode.js';
import { createTraining } from '../loop.js';
import { trainingParts } from '../parts.js';
import { readRun } from '../run-dir.js';
import { ReplayStore } from '../store.js';
import { diagnose, type Diagnosis, type Finding } from './index.js';

let folder = '';
let healthy = '';
const CAPACITY = 20_000;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ludus-diagnose-'));
  healthy = join(folder, 'healthy');
  const training = await createTraining({ game: 'tic-tac-toe', runDir: healthy, overrides: [
    'network.hidden=64,64', 'search.simulations=8', 'actors.games=16', 'learner.batch=64', 'learner.minimum=256', 'learner.publishEvery=10', 'learner.warmup=20', 'learner.learningRate=0.003',
    'replay.window=2000', `replay.capacity=${CAPACITY}`, 'checkpoint.everyMinutes=0', 'deterministic=true', 'seed=4', 'device=cpu', 'threads=1',
  ] });
  await training.run({ steps: 600 });
  await training.stop();
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function sabotaged(name: string): string {
  const runDir = join(folder, name);
  cpSync(healthy, runDir, { recursive: true });
  return runDir;
}

/** Writes the latest checkpoint again with other weights, as whole as any other. */
function rewrite(runDir: string, change: (weights: Weights) => void, { play = true, train = true } = {}): void {
  const { config } = readRun(runDir);
  const { manifest, state, average, model } = readCheckpoint(latestCheckpoint(runDir)?.path ?? '');
  if (play) change(average);
  if (train) change(state.weights);
  writeCheckpoint(runDir, { manifest, state, average, model: play ? exportModel(trainingParts(ticTacToe, config).network, average) : model });
}

async function rewriteGames(runDir: string, change: (games: Episode[]) => Episode[]): Promise<void> {
  const before = new ReplayStore(join(runDir, 'replay'), { game: ticTacToe, capacity: CAPACITY });
  const games = change([...before.latest(Infinity)].map(decodeEpisode));
  await before.close();
  rmSync(join(runDir, 'replay'), { recursive: true });
  const after = new ReplayStore(join(runDir, 'replay'), { game: ticTacToe, capacity: CAPACITY });
  after.append(games.map((game) => ({ id: game.id, positions: trainedCount(game), bytes: encodeEpisode(game) })));
  await after.close();
}

function setting(runDir: string, section: string, name: string, value: unknown): void {
  const file = join(runDir, 'config.json');
  const config = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, unknown>>;
  config[section][name] = value;
  writeFileSync(file, JSON.stringify(config));
}

const of = ({ findings }: Diagnosis, check: string): Finding => {
  const found = findings.find((finding) => finding.check === check);
  if (found === undefined) throw new Error(`no check '${check}'`);
  return found;
};
const negated = (array: Float32Array): void => array.forEach((value, i) => (array[i] = -value));
const hashes = (runDir: string): string[] => readdirSync(runDir, { recursive: true, withFileTypes: true })
  // LMDB's table of readers is not part of the data.
  .filter((entry) => entry.isFile() && entry.name !== 'lock.mdb')
  .map((entry) => `${join(entry.parentPath, entry.name)} ${createHash('sha256').update(readFileSync(join(entry.parentPath, entry.name))).digest('hex')}`).sort();

test('a healthy run has no problem, each figure is there, and nothing in it changes', async () => {
  const before = hashes(healthy);
  const seen: [string, number][] = [];
  const result = await diagnose(healthy, { onProgress: (what, share) => seen.push([what, share]) });
  expect(hashes(healthy)).toEqual(before);
  for (const check of ['checkpoint', 'overfit-batch', 'value-sign', 'value-calibration', 'policy-entropy', 'target-entropy', 'replay-age', 'replay-reuse', 'variety', 'losses-finite']) {
    expect(of(result, check), check).toMatchObject({ level: 'ok' });
    expect(of(result, check).value, check).not.toBeNull();
  }
  // What depends on the machine and the moment: time shares of an alternating run, for one.
  expect(result.findings.map(({ check }) => check)).toEqual(expect.arrayContaining(['search-gain', 'losses-fall', 'idle', 'batch-fill', 'processor']));
  expect(of(result, 'search-gain').level).not.toBe('problem');
  for (const { measured, meaning, threshold } of result.findings) for (const text of [measured, meaning, threshold]) expect(text).not.toMatch(/NaN|undefined/);
  expect(result.reliability.reduce((sum, { positions }) => sum + positions, 0)).toBe(2048);
  expect(seen.length).toBeGreaterThan(10);
  expect(seen.every(([, share], i) => i === 0 || share >= seen[i - 1][1])).toBe(true);
});

test('a negated value head is a wrong sign, and spoils the search', async () => {
  const runDir = sabotaged('negated');
  rewrite(runDir, (weights) => {
    negated(weights['value/kernel']);
    negated(weights['value/bias']);
  });
  const result = await diagnose(runDir);
  expect(of(result, 'value-sign')).toMatchObject({ level: 'problem', meaning: expect.stringMatching(/sign of the value is inverted/), change: expect.stringMatching(/seat to move/) });
  expect(of(result, 'value-sign').value).toBeLessThan(-0.3);
  expect(of(result, 'value-calibration').level).toBe('problem');
  // Even so the search proves some wins of so small a game.
  expect(of(result, 'search-gain').level).not.toBe('ok');
  expect(result.level).toBe('problem');
});

test('also where only the weights that go on learning are negated', async () => {
  const runDir = sabotaged('negated-weights');
  rewrite(runDir, (weights) => {
    negated(weights['value/kernel']);
    negated(weights['value/bias']);
  }, { play: false });
  const result = await diagnose(runDir);
  expect(of(result, 'value-sign')).toMatchObject({ level: 'problem', meaning: expect.stringMatching(/inverted: the network being trained \(weights.bin\)/) });
});

test('a policy that always prefers one move has collapsed; one that is the same for all has not moved', async () => {
  const collapsed = sabotaged('collapsed');
  rewrite(collapsed, (weights) => {
    weights['policy/kernel'].fill(0);
    weights['policy/bias'].forEach((_, action) => (weights['policy/bias'][action] = -20 * action));
  });
  expect(of(await diagnose(collapsed), 'policy-entropy')).toMatchObject({ level: 'problem', meaning: expect.stringMatching(/collapsed/), change: expect.stringMatching(/learner.policySmoothing/) });

  const flat = sabotaged('flat');
  rewrite(flat, (weights) => {
    weights['policy/kernel'].fill(0);
    weights['policy/bias'].fill(0);
  });
  expect(of(await diagnose(flat), 'policy-entropy')).toMatchObject({ level: 'problem', meaning: expect.stringMatching(/not moved from uniform/) });
});

test('targets without any choice left, and targets that prefer nothing', async () => {
  const sharpen = (share: number) => (games: Episode[]) => games.map((game) => {
    const { starts, probabilities } = game.policies;
    for (let ply = 0; ply < game.actions.length; ply++) {
      const count = starts[ply + 1] - starts[ply];
      for (let i = starts[ply]; i < starts[ply + 1]; i++) probabilities[i] = share * (i === starts[ply] ? 1 : 0) + (1 - share) / count;
    }
    return game;
  });
  for (const [name, share, level, meaning] of [['sharp', 1, 'warning', /certain of one move/], ['blunt', 0, 'problem', /hardly prefers any move/]] as const) {
    const runDir = sabotaged(name);
    await rewriteGames(runDir, sharpen(share));
    expect(of(await diagnose(runDir), 'target-entropy'), name).toMatchObject({ level, meaning: expect.stringMatching(meaning) });
  }
});

test('old games are stale, and the same game again and again is no variety', async () => {
  const stale = sabotaged('stale');
  await rewriteGames(stale, (games) => games.map((game) => ({ ...game, checkpoint: 0 })));
  expect(of(await diagnose(stale), 'replay-age')).toMatchObject({ level: 'problem', meaning: expect.stringMatching(/old weights/), change: expect.stringMatching(/learner.publishEvery/) });

  const same = sabotaged('same');
  await rewriteGames(same, (games) => games.map((game) => ({ ...games[0], id: game.id, checkpoint: game.checkpoint })));
  const { level, measured, change } = of(await diagnose(same), 'variety');
  expect(level).not.toBe('ok');
  expect(measured).toMatch(/most common first move 100 %/);
  expect(change).toMatch(/actors.openingShare/);
});

test('a network that cannot learn one batch: its rate, its weights, or its size', async () => {
  const slow = sabotaged('slow');
  setting(slow, 'learner', 'learningRate', 1e-9);
  expect(of(await diagnose(slow), 'overfit-batch')).toMatchObject({ level: 'problem', meaning: expect.stringMatching(/learning rate or optimiser is at fault/), change: expect.stringMatching(/Raise learner.learningRate \(its highest is 1e-9\)/) });

  const wild = sabotaged('wild');
  setting(wild, 'learner', 'learningRate', 1e30);
  expect(of(await diagnose(wild), 'overfit-batch')).toMatchObject({ level: 'problem', value: null, measured: expect.stringMatching(/stopped being finite/), change: expect.stringMatching(/Lower learner.learningRate/) });

  const dead = sabotaged('dead');
  rewrite(dead, (weights) => {
    weights['hidden0/kernel'].fill(0);
    weights['hidden0/bias'].fill(-1);
  });
  expect(of(await diagnose(dead), 'overfit-batch')).toMatchObject({ level: 'problem', meaning: expect.stringMatching(/weights are stuck: fresh ones learn/), change: expect.stringMatching(/--from an earlier checkpoint/) });
});

test('losses that are not numbers, starved actors, a model that is not the weights beside it', async () => {
  const runDir = sabotaged('metrics');
  const rows = readFileSync(join(runDir, 'metrics.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  const last = rows.filter(({ type }) => type === 'progress').at(-1);
  appendFileSync(join(runDir, 'metrics.jsonl'), `${JSON.stringify({ ...last, losses: { policy: Number.NaN, value: 0.3 }, elapsedSeconds: 1000,
    threadSeconds: { network: 400, search: 100, weights: 0, games: 0, rows: 0, training: 900, publishing: 0, checkpoints: 0, idle: 600 }, processorSeconds: 1400, laggingSeconds: 700 })}\n{"type":"progress","cut o`);
  rewrite(runDir, (weights) => negated(weights['policy/kernel']), { train: false });
  const { manifest, state, average } = readCheckpoint(latestCheckpoint(runDir)?.path ?? '');
  const { model } = readCheckpoint(latestCheckpoint(healthy)?.path ?? '');
  writeCheckpoint(runDir, { manifest, state, average, model });
  const result = await diagnose(runDir);
  expect(of(result, 'losses-finite')).toMatchObject({ level: 'problem', measured: expect.stringMatching(/^policy not a number/) });
  expect(of(result, 'idle')).toMatchObject({ level: 'problem', value: 0.3, meaning: expect.stringMatching(/Actors are starved/), change: expect.stringMatching(/learner.reuse/) });
  expect(of(result, 'checkpoint')).toMatchObject({ level: 'problem', meaning: expect.stringMatching(/model.onnx is not the network/) });
});

test('what is no run, empty, damaged or foreign is refused in one clear line', async () => {
  await expect(diagnose(join(folder, 'nowhere'))).rejects.toThrow(/nowhere is not a run directory: it has no run.json/);

  const empty = sabotaged('empty');
  rmSync(join(empty, 'checkpoints'), { recursive: true });
  await expect(diagnose(empty)).rejects.toThrow(/has no checkpoint yet: nothing can be said of it; train it/);

  const unplayed = sabotaged('unplayed');
  rmSync(join(unplayed, 'replay'), { recursive: true });
  await expect(diagnose(unplayed)).rejects.toThrow(/has played no game to its end yet/);

  const cut = sabotaged('cut');
  truncateSync(join(latestCheckpoint(cut)?.path ?? '', 'weights.bin'), 1000);
  await expect(diagnose(cut)).rejects.toThrow(/checkpoint .* is damaged: weights.bin: it has 1000 of \d+ bytes/);

  const flipped = sabotaged('flipped');
  const file = join(latestCheckpoint(flipped)?.path ?? '', 'model.onnx');
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(file, bytes);
  await expect(diagnose(flipped)).rejects.toThrow(/is damaged: model.onnx: its hash does not match/);

  const foreign = sabotaged('foreign');
  rmSync(join(foreign, 'replay'), { recursive: true });
  mkdirSync(join(foreign, 'replay'));
  const store = new ReplayStore(join(foreign, 'replay'), { game: { id: 'connect4', version: 1 }, capacity: 100 });
  await store.close();
  await expect(diagnose(foreign)).rejects.toThrow(/holds games of connect4 version 1, not of tic-tac-toe/);

  const other = sabotaged('other');
  const info = JSON.parse(readFileSync(join(other, 'run.json'), 'utf8')) as Record<string, unknown>;
  writeFileSync(join(other, 'run.json'), JSON.stringify({ ...info, game: { id: 'connect4', version: 1 } }));
  await expect(diagnose(other)).rejects.toThrow(/is a run of connect4 version 1, but 'tic-tac-toe' is tic-tac-toe/);
});

test('it stops when it is told to', async () => {
  const stop = new AbortController();
  await expect(diagnose(healthy, { signal: stop.signal, onProgress: (_, share) => share > 0.1 && stop.abort(new Error('enough')) })).rejects.toThrow('enough');
});
