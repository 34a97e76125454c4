/** The parts of a cluster that need no server: frames, demand, publication, checks of games, builds, folders. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createRng, createBatch } from '#engine';
import { connect4, ticTacToe } from '#games';
import { Actor } from '../actor.js';
import { decodeEpisode, encodeEpisode } from '../codec.js';
import { defaultConfig, type RunConfig } from '../config.js';
import type { Episode } from '../episode.js';
import type { SourceEvents } from '../source.js';
import { checkGame } from './check.js';
import { MOST_JOBS_PER_SECOND, MOST_RESULT_BYTES, demand } from './demand.js';
import { MOST_GAME_BYTES, makeFrames, parseFrames } from './frames.js';
import { Keys } from './keys.js';
import { buildOf, weightsSchema } from './messages.js';
import { publishMillis } from './publisher.js';
import { redisAddress } from './redis.js';
import { remoteActors, type ClusterOptions } from './remote-actors.js';
import { clearScratch, openScratch } from './scratch.js';

test('frames round-trip, and every damage to them is noticed', () => {
  const rng = createRng(1);
  for (let round = 0; round < 50; round++) {
    const parts = Array.from({ length: rng.below(5) }, () => Uint8Array.from({ length: rng.below(40) }, () => rng.below(256)));
    const body = makeFrames(parts);
    expect(parseFrames(body).map((part) => [...part])).toEqual(parts.map((part) => [...part]));
    if (body.length > 0) expect(() => parseFrames(body.subarray(0, body.length - 1))).toThrow(/cut off/);
  }
  const huge = Buffer.alloc(8);
  huge.writeUInt32LE(MOST_GAME_BYTES + 1);
  expect(() => parseFrames(huge)).toThrow(/are the most/);
});

test('what workers elsewhere cannot do is refused before anybody is asked for anything', async () => {
  const options: ClusterOptions = { address: redisAddress('redis://127.0.0.1:1'), cluster: 'none', blobs: 'redis', version: '0' };
  const config = defaultConfig(ticTacToe);
  const open = async (changed: RunConfig) => remoteActors(options)({ game: ticTacToe, config: changed, sitting: 1, runId: 'r' }, {} as SourceEvents);
  await expect(open({ ...config, replay: { ...config.replay, reanalyze: 0.25 } })).rejects.toThrow(/^replay\.reanalyze=0\.25: .* set replay\.reanalyze to 0, or leave out --redis$/);
  await expect(open({ ...config, deterministic: true })).rejects.toThrow(/leave out --deterministic, or --redis/);
});

test('demand: never beyond the limit, some seconds a job, and few enough jobs a second at any size', () => {
  const base = { firstSize: 32, limit: 20_000, bytesPerGame: 2000 };
  for (const workers of [0, 1, 10, 100, 1000]) {
    for (const rate of [0, 0.01, 1, 100, 10_000]) {
      for (const limit of [1, 50, 20_000]) {
        const threads = 4 * workers;
        const { size, total } = demand({ ...base, limit, workers, threads, gamesPerSecond: rate });
        expect(size).toBeGreaterThanOrEqual(1);
        expect(total).toBeGreaterThanOrEqual(1);
        expect(total).toBeLessThanOrEqual(limit);
        expect(size).toBeLessThanOrEqual(Math.max(1, total));
      }
    }
  }
  // Four seconds a job for a few workers, longer ones for many: jobs a second stay bounded.
  expect(demand({ ...base, workers: 2, threads: 8, gamesPerSecond: 80 }).size).toBe(40);
  const many = demand({ ...base, limit: 1e6, workers: 1000, threads: 4000, gamesPerSecond: 40_000 });
  expect(40_000 / many.size).toBeLessThanOrEqual(MOST_JOBS_PER_SECOND + 1);
  expect(demand({ ...base, limit: 1e9, workers: 1000, threads: 4000, gamesPerSecond: 1e6, bytesPerGame: 20_000 }).total).toBeLessThanOrEqual(MOST_RESULT_BYTES / 20_000);
});

test('weights are published at most once a second, and more seldom the more must fetch them', () => {
  expect(publishMillis(1, 400_000)).toBe(1000);
  expect(publishMillis(1000, 400_000)).toBe(8000);
});

/** Real games, by an actor with a network that knows nothing. */
async function playedGames(): Promise<Episode[]> {
  const games: Episode[] = [];
  const config = defaultConfig(ticTacToe);
  const actor = new Actor({
    game: ticTacToe, config: { ...config, actors: { ...config.actors, games: 4 } }, step: 3, simulations: 4, rng: createRng(5), idPrefix: '77-0',
    evaluator: { evaluate: (batch: ReturnType<typeof createBatch>) => (batch.logits.fill(0), batch.values.fill(0), Promise.resolve()) },
    onEpisode: (episode) => games.push(decodeEpisode(encodeEpisode(episode))),
  });
  while (games.length < 12) await actor.iterate();
  return games;
}

test('a game from elsewhere is believed only if the rules allow it', async () => {
  const games = await playedGames();
  for (const game of games) expect(checkGame(encodeEpisode(game), ticTacToe)).toMatchObject({ id: game.id, seed: game.seed, checkpoint: 3 });
  const [game] = games.filter((one) => one.actions.length >= 6 && one.trained[one.actions.length - 1] === 1);
  const last = game.actions.length - 1;
  const forged = (change: (copy: Episode) => Partial<Episode> | void): Uint8Array => {
    const copy = decodeEpisode(encodeEpisode(game));
    return encodeEpisode({ ...copy, ...change(copy) });
  };
  const cases: [RegExp, Uint8Array][] = [
    [/it is of chess version 1, not of tic-tac-toe/, forged(() => ({ gameId: 'chess', gameVersion: 1 }))],
    [/no proper id/, forged(() => ({ id: '../../etc' }))],
    [/its seed/, forged(() => ({ seed: -1 }))],
    [/its head/, forged(() => ({ setup: 'x' }))],
    [/is not legal at ply 1/, forged((copy) => void (copy.actions[1] = copy.actions[0]))],
    [/the reward of ply 0/, forged((copy) => void (copy.rewards[0] = 1))],
    [/values out of range/, forged((copy) => void (copy.rootValues[0] = Number.NaN))],
    [/sums to|does not fit/, forged((copy) => void (copy.policies.probabilities[copy.policies.starts[last]] = 7))],
    [/does not fit its legal moves/, forged((copy) => void (copy.policies.actions[copy.policies.starts[last]] = copy.actions[0]))],
    [/it has not/, forged((copy) => ({
      actions: copy.actions.slice(0, 1), rewards: copy.rewards.slice(0, 1), rootValues: copy.rootValues.slice(0, 1), trained: new Uint8Array(1),
      policies: { starts: new Uint32Array(2), actions: new Uint16Array(0), probabilities: new Float32Array(0) },
    }))],
  ];
  for (const [words, bytes] of cases) expect(() => checkGame(bytes, ticTacToe), String(words)).toThrow(words);
  expect(() => checkGame(encodeEpisode(game), connect4)).toThrow(/not of connect4/);
  // Any byte changed: refused, or still a game that can be played.
  const bytes = encodeEpisode(game);
  const rng = createRng(9);
  for (let i = 0; i < 300; i++) {
    const damaged = Uint8Array.from(bytes);
    damaged[rng.below(damaged.length)] ^= 1 << rng.below(8);
    try {
      checkGame(damaged, ticTacToe);
    } catch (error) {
      expect((error as { kind?: string }).kind).toBe('data');
    }
  }
});

test('a build changes with the version and with the shapes of the messages', () => {
  const one = buildOf('1.0.0', weightsSchema);
  expect(one).toMatch(/^1\.0\.0\+[0-9a-f]{8}$/);
  expect(buildOf('1.0.0', weightsSchema)).toBe(one);
  expect(buildOf('1.0.1', weightsSchema)).not.toBe(one);
  expect(buildOf('1.0.0', z.strictObject({ more: z.string() }))).not.toBe(one);
});

test('names of clusters', () => {
  expect(new Keys('lab-2').works).toBe('ludus:lab-2:works');
  for (const bad of ['', 'a b', 'a:b', '{x}', 'x'.repeat(65)]) expect(() => new Keys(bad)).toThrow(/cannot be a cluster's name/);
});

test('folders of workers that were killed go at the next start; those in use, of other hosts and of others stay', () => {
  const parent = mkdtempSync(join(tmpdir(), 'ludus-scratch-'));
  try {
    const make = (name: string, lock?: object): void => {
      mkdirSync(join(parent, name));
      writeFileSync(join(parent, name, 'model.bin'), 'x');
      if (lock !== undefined) writeFileSync(join(parent, name, 'lock'), JSON.stringify(lock));
    };
    // No process has this number: it is above the kernel's largest.
    make('ludus-worker-dead', { pid: 2 ** 22 + 1, host: hostname(), started: 1 });
    make('ludus-worker-elsewhere', { pid: 2 ** 22 + 1, host: 'another-host', started: 1 });
    make('ludus-worker-unlocked');
    make('something-else', { pid: 2 ** 22 + 1, host: hostname(), started: 1 });
    const mine = openScratch(parent);
    clearScratch(parent);
    expect(readdirSync(parent).sort()).toEqual([mine.folder.slice(parent.length + 1), 'ludus-worker-elsewhere', 'ludus-worker-unlocked', 'something-else'].sort());
    mine.remove();
    expect(readdirSync(parent)).not.toContain(mine.folder.slice(parent.length + 1));
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
});
