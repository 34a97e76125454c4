import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { UserError, createRng } from '#engine';
import { decodeEpisode, encodeEpisode } from './codec.js';
import { EpisodeRecorder, trainedCount, type Episode } from './episode.js';
import { ReplayStore } from './store.js';

const folder = mkdtempSync(join(tmpdir(), 'ludus-store-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const game = { id: 'g', version: 3 };

/** An episode of random content; nothing here looks at the rules. */
function episode(index: number, plies = 20, trained = true): Episode {
  const rng = createRng(7).fork('episode', index);
  const recorder = new EpisodeRecorder();
  for (let t = 0; t < plies; t++) {
    const train = trained && t % 3 !== 0;
    recorder.ply(rng.below(300), t === plies - 1 ? -1 : 0, rng.float() * 2 - 1, train);
    if (!train) continue;
    const legal = Int32Array.from({ length: 1 + rng.below(60) }, (_, i) => 4 * i + 1);
    recorder.policy(legal, legal.length, Float32Array.from({ length: 300 }, () => rng.float()));
  }
  return recorder.finish({ id: `0-1-${index}`, gameId: game.id, gameVersion: game.version, seed: index, setup: index % 2 === 0 ? undefined : '4/4 w', checkpoint: 12, end: index % 3 === 0 ? 'truncated' : 'terminated' });
}

const stored = (e: Episode) => ({ id: e.id, positions: trainedCount(e), bytes: encodeEpisode(e) });

test('an episode survives the codec exactly', () => {
  for (const plies of [0, 1, 2, 63, 64, 65, 130]) {
    const e = episode(plies, plies);
    expect(decodeEpisode(encodeEpisode(e))).toEqual(e);
  }
});

test('damaged bytes are refused as data, never read as an episode', () => {
  const bytes = encodeEpisode(episode(1));
  const cases: Uint8Array[] = [bytes.subarray(0, bytes.length - 1), bytes.subarray(0, 20), new Uint8Array(0), Uint8Array.of(0xc1), Uint8Array.of(0x80)];
  for (const damaged of cases) expect(() => decodeEpisode(damaged)).toThrow(UserError);
});

test('what was acknowledged is there after reopening, in order, once', async () => {
  const path = join(folder, 'order');
  let store = new ReplayStore(path, { game, capacity: 1e6 });
  const episodes = Array.from({ length: 50 }, (_, i) => episode(i));
  const acknowledged = [0, 10, 20, 30, 40].map((from) => store.append(episodes.slice(from, from + 10).map(stored)));
  expect(acknowledged.flat()).toEqual(Array(50).fill(true));
  expect(store.append([stored(episodes[3]), stored(episode(50))])).toEqual([false, true]);
  const positions = [...episodes, episode(50)].reduce((sum, e) => sum + trainedCount(e), 0);
  await store.close();
  store = new ReplayStore(path, { game, capacity: 1e6 });
  expect(store.totals).toEqual({ games: 51, positions, storedGames: 51, storedPositions: positions });
  expect([...store.latest(Infinity)].map(decodeEpisode)).toEqual([...episodes, episode(50)]);
  const two = trainedCount(episode(50)) + 1;
  expect([...store.latest(two)].map((bytes) => decodeEpisode(bytes).id)).toEqual(['0-1-49', '0-1-50']);
  await store.close();
});

test('the oldest games go first, and the file stops growing', async () => {
  const path = join(folder, 'bounded');
  const capacity = 13 * 100;
  const store = new ReplayStore(path, { game, capacity });
  let sizeHalfway = 0;
  for (let from = 0; from < 3000; from += 50) {
    store.append(Array.from({ length: 50 }, (_, i) => stored(episode(from + i))));
    if (from === 1500) sizeHalfway = statSync(join(path, 'data.mdb')).size;
  }
  const { storedPositions, games, storedGames } = store.totals;
  expect(games).toBe(3000);
  expect(storedPositions).toBeLessThanOrEqual(capacity);
  expect(storedPositions).toBeGreaterThan(capacity - 20);
  expect([...store.latest(Infinity)]).toHaveLength(storedGames);
  expect(store.has('0-1-0')).toBe(false);
  expect(store.has('0-1-2999')).toBe(true);
  expect(statSync(join(path, 'data.mdb')).size).toBeLessThan(1.3 * sizeHalfway);
  await store.close();
});

test('a store of another game or version, cut off, or foreign is refused with what to do', async () => {
  const path = join(folder, 'refused');
  const store = new ReplayStore(path, { game, capacity: 1e6 });
  store.append(Array.from({ length: 100 }, (_, i) => stored(episode(i))));
  await store.close();
  const open = (as = game) => () => new ReplayStore(path, { game: as, capacity: 1e6 });
  expect(open({ id: 'h', version: 3 })).toThrow(/holds games of g version 3, not of h version 3; choose another run directory/);
  expect(open({ id: 'g', version: 4 })).toThrow(/not of g version 4/);
  const file = join(path, 'data.mdb');
  const whole = readFileSync(file);
  truncateSync(file, whole.length - 8192);
  expect(open()).toThrow(/is damaged: it has \d+ of \d+ bytes: it was cut off; move the folder .* away to go on without its games/);
  writeFileSync(file, 'not a database');
  expect(open()).toThrow(/is damaged: it ends after 14 bytes/);
  writeFileSync(file, Buffer.alloc(whole.length, 7));
  expect(open()).toThrow(/its header is not that of a store/);
  writeFileSync(file, whole);
  const again = open()();
  expect(again.totals.games).toBe(100);
  await again.close();
});

test('a revised game takes the place of the old one, for good; one that is not there is ignored', async () => {
  const path = join(folder, 'revised');
  let store = new ReplayStore(path, { game, capacity: 13 * 10 });
  const episodes = Array.from({ length: 12 }, (_, i) => episode(i));
  store.append(episodes.map(stored));
  const before = store.totals;
  expect(store.has('0-1-0')).toBe(false);
  const newer = { ...episodes[5], rootValues: episodes[5].rootValues.map((value) => -value) };
  expect(store.append([], [stored(newer), stored(episodes[0]), stored(episode(77))])).toEqual([]);
  expect(store.totals).toEqual(before);
  await store.close();
  store = new ReplayStore(path, { game, capacity: 13 * 10 });
  expect(store.totals).toEqual(before);
  const held = [...store.latest(Infinity)].map(decodeEpisode);
  expect(held).toEqual(episodes.slice(12 - before.storedGames).map((one) => (one.id === newer.id ? newer : one)));
  // With its own arrival in one transaction, too.
  expect(store.append([stored(episode(20))], [stored({ ...episode(20), checkpoint: 99 })])).toEqual([true]);
  expect([...store.latest(1)].map((bytes) => decodeEpisode(bytes).checkpoint)).toEqual([99]);
  await store.close();
});
