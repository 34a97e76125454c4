/** Learning from stored games: what is read, what is held out, and a run without actors. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRng, type Evaluator } from '#engine';
import { createNetwork, exportModel, initialWeights } from '#engine/nn';
import { connect4, ticTacToe } from '#games';
import { ChessState, chess, createChess, parseFen } from '#games/chess';
import { Actor } from './actor.js';
import { latestCheckpoint, weightsHash } from './checkpoint.js';
import { encodeEpisode } from './codec.js';
import { applyOverrides, defaultConfig } from './config.js';
import { EpisodeRecorder, trainedCount, type Episode } from './episode.js';
import { HeldOut } from './held-out.js';
import { createTraining, type TrainingOptions } from './loop.js';
import { readMetrics } from './metrics.js';
import { RecordFeed } from './record-feed.js';
import { openRecords } from './records.js';
import { RowWriter } from './sampler.js';

let folder = '';
let episodes: Episode[] = [];
const blank: Evaluator = {
  evaluate(batch) {
    batch.logits.fill(0);
    batch.values.fill(0);
    return Promise.resolve();
  },
};
const config = applyOverrides(defaultConfig(ticTacToe), ['actors.games=16', 'search.simulations=30', 'search.temperature=0.3']);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ludus-records-'));
  const actor = new Actor({ game: ticTacToe, config, evaluator: blank, step: 0, simulations: 30, rng: createRng(3), idPrefix: 'r', onEpisode: (episode) => episodes.push(episode) });
  while (episodes.length < 400) await actor.iterate();
  episodes = episodes.slice(0, 400);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const path = (name: string) => join(folder, name);
async function store(name: string, games: readonly Episode[]): Promise<string> {
  const { store: to, close } = openRecords(path(name), ticTacToe);
  to.append(games.map((episode) => ({ id: episode.id, positions: trainedCount(episode), bytes: encodeEpisode(episode) })));
  await close();
  return path(name);
}
const ids = (games: readonly Episode[]) => games.map(({ id }) => id);

test('a feed reads every game once, but for those held out; and what others add later', async () => {
  const a = await store('a', episodes.slice(0, 150));
  const b = await store('b', episodes.slice(150, 300));
  const feed = new RecordFeed([a, b], ticTacToe, 1e6);
  const first = feed.read(200);
  expect(first.slice(0, -1).reduce((sum, episode) => sum + trainedCount(episode), 0)).toBeLessThan(200);
  const read = [...first, ...feed.read(Infinity)];
  expect([...ids(read), ...ids(feed.heldOut)].sort()).toEqual(ids(episodes.slice(0, 300)).sort());
  // One in fifty, give or take: a binomial of 300 and 1/50 is within 1 and 16 but for one in a thousand.
  expect(feed.heldOut.length).toBeGreaterThan(0);
  expect(feed.heldOut.length).toBeLessThan(17);
  expect(feed.read(Infinity)).toEqual([]);
  await store('a', episodes.slice(300, 340));
  expect([...ids(feed.read(Infinity)), ...ids(feed.heldOut)].filter((id) => ids(episodes.slice(300, 340)).includes(id)).sort()).toEqual(ids(episodes.slice(300, 340)).sort());
  await feed.close();
  const again = new RecordFeed([b, a], ticTacToe, 1e6);
  again.read(Infinity);
  expect(ids(again.heldOut).sort()).toEqual(ids(feed.heldOut).sort());
  await again.close();
});

test('stores larger than the window pass by again and again, held-out games never', async () => {
  const feed = new RecordFeed([await store('c', episodes.slice(0, 60)), await store('d', episodes.slice(60, 100))], ticTacToe, 100);
  const seen = new Map<string, number>();
  for (let i = 0; i < 60; i++) for (const { id } of feed.read(50)) seen.set(id, (seen.get(id) ?? 0) + 1);
  for (const { id } of feed.heldOut) expect(seen.has(id)).toBe(false);
  expect(seen.size + feed.heldOut.length).toBe(100);
  expect(Math.max(...seen.values()) - Math.min(...seen.values())).toBeLessThanOrEqual(1);
  expect(Math.min(...seen.values())).toBeGreaterThan(3);
  await feed.close();
});

test('records that are not there, empty, of another game or in use are refused by name', async () => {
  expect(() => new RecordFeed([path('nowhere')], ticTacToe, 10)).toThrow(/no store of games in .*nowhere/);
  mkdirSync(path('bare'));
  expect(() => new RecordFeed([path('bare')], ticTacToe, 10)).toThrow(/no store of games in .*bare/);
  const a = await store('e', episodes.slice(0, 2));
  expect(() => new RecordFeed([a], connect4, 10)).toThrow(/holds games of tic-tac-toe version/);
  // Games of plain chess teach its variants; they are not mixed with theirs, and theirs hold what is no plain chess.
  await openRecords(path('chess'), chess).close();
  await openRecords(path('variant'), createChess({ history: 3 })).close();
  await new RecordFeed([path('chess')], createChess({ history: 3 }), 10).close();
  expect(() => openRecords(path('chess'), createChess({ history: 3 }))).toThrow(/holds games of chess version 1, not of chess-history3/);
  expect(() => new RecordFeed([path('variant')], chess, 10)).toThrow(/holds games of chess-history3 version 1, not of chess version/);
  const open = openRecords(a, ticTacToe);
  expect(() => openRecords(a, ticTacToe)).toThrow(/is being written by/);
  await open.close();
});

test('a game from a set-up is rebuilt from there', () => {
  const fen = '8/5k2/8/8/3Q4/8/1K6/8 w - - 0 1';
  const parsed = parseFen(fen);
  if (!parsed.ok) throw new Error(parsed.error);
  const state = new ChessState(parsed.value);
  const recorder = new EpisodeRecorder();
  const legal = new Int32Array(chess.actionCount);
  for (let ply = 0; ply < 3; ply++) {
    const action = legal[state.legal(legal) - 1];
    recorder.ply(action, state.apply(action), 0.5, false);
  }
  const episode = recorder.finish({ id: 's', gameId: 'chess', gameVersion: 1, seed: 1, setup: fen, checkpoint: 0, end: 'truncated' });
  const writer = new RowWriter(chess, 1, ['value']);
  const options = { valueMix: 1, policySmoothing: 0 };
  writer.write(0, episode, 2, options, 0, createRng(0));
  const planes = new Float32Array(19 * 64);
  const other = new ChessState(parsed.value);
  for (const action of episode.actions.subarray(0, 2)) other.apply(action);
  other.observe(planes);
  expect(writer.rows.planes).toEqual(planes);
  expect(() => writer.write(0, { ...episode, setup: '8/8 w' }, 2, options, 0, createRng(0))).toThrow(/begins at '8\/8 w', which is no position of chess/);
});

test('the measurement of a network that says nothing: as chance has it', async () => {
  const network = createNetwork({ kind: 'mlp', hidden: [4], value: 'tanh' }, { planes: ticTacToe.planes, actions: ticTacToe.actionCount });
  const weights = Object.fromEntries(Object.entries(initialWeights(network, createRng(1))).map(([name, values]) => [name, values.fill(0)]));
  const games = episodes.slice(0, 30);
  const heldOut = new HeldOut(ticTacToe, games, 'cpu');
  const result = await heldOut.measure(exportModel(network, weights));
  expect(result.positions).toBe(Math.min(1024, games.reduce((sum, episode) => sum + trainedCount(episode), 0)));
  expect(result.policyLoss).toBeCloseTo(Math.log(9), 5);
  // Its first move, where the target's is: far from always, and not never.
  expect(result.policyAccuracy).toBeGreaterThan(0);
  expect(result.policyAccuracy).toBeLessThan(0.5);
  expect(result.valueLoss).toBeGreaterThan(0);
});

test('a run learns from records alone, is measured, goes on, and then plays by itself', async () => {
  const records = [await store('lessons', episodes)];
  const overrides = ['network.hidden=32', 'threads=1', 'actors.workers=1', 'actors.games=8', 'search.simulations=4', 'learner.batch=64', 'learner.minimum=64', 'learner.learningRate=0.003', 'learner.valueMix=1', 'deterministic=true'];
  const open = (name: string, more: Partial<TrainingOptions> = {}) => createTraining({ game: 'tic-tac-toe', runDir: path(name), overrides, ...more });
  const learn = async (name: string, steps: number) => {
    const training = await open(name, { records });
    await training.run({ steps });
    await training.stop();
    return training.progress;
  };
  const progress = await learn('run', 500);
  expect(progress).toMatchObject({ games: 0, positions: 0 });
  expect(progress.windowGames).toBeGreaterThan(350);
  const measured = readMetrics(path('run')).filter((row) => row.type === 'heldOut');
  expect(measured.length).toBe(1);
  // The uniform network's loss is log 9 = 2.197.
  expect(measured[0].policyLoss).toBeLessThan(1.9);
  expect((await learn('run', 600)).steps).toBeGreaterThanOrEqual(600);
  const hash = (name: string) => weightsHash(latestCheckpoint(path(name))!.path);
  await learn('twin', 500);
  await learn('twin', 600);
  expect(hash('twin')).toBe(hash('run'));
  const training = await open('run');
  await training.run({ games: 8 });
  await training.stop();
  expect(training.progress.games).toBeGreaterThanOrEqual(8);
  expect(training.progress.steps).toBeGreaterThanOrEqual(600);
  await expect((await open('none', { records: [path('nothing')] })).run({ steps: 5 })).rejects.toThrow(/no store of games in .*nothing/);
});
