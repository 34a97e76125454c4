import { expect, it } from 'vitest';
import { createRng } from '../rng.js';
import { createPositionCache } from './cache.js';

it('returns what was written for exactly that key, or nothing', () => {
  const rng = createRng('cache');
  const cache = createPositionCache(5, 64);
  const legal = Int32Array.of(0, 2, 3, 7);
  const truth = new Map<string, number>();
  const key = new Uint32Array(4);
  const row = new Float32Array(5);
  let found = 0;
  for (let i = 0; i < 20_000; i++) {
    // Few values a word: keys that differ in one word only meet in the same slots all the time.
    for (let w = 0; w < 4; w++) key[w] = rng.below(4);
    const name = key.join();
    row.fill(-1);
    const value = cache.read(key, legal, 3, row);
    if (value !== undefined) {
      found++;
      expect(truth.get(name)).toBe(value);
      expect([...row]).toEqual([value, -1, value + 1, value + 2, -1]);
    }
    if (rng.below(3) === 0) {
      cache.write(key, legal, 3, Float32Array.of(i, 9, i + 1, i + 2, 9), i);
      truth.set(name, i);
    }
    if (rng.below(2000) === 0) {
      cache.clear();
      truth.clear();
    }
  }
  expect(found).toBeGreaterThan(1000);
  expect(cache.hits).toBe(found);
  expect(cache.hits + cache.misses).toBe(20_000);
});

it('keeps nearly everything while it is half full', () => {
  const rng = createRng('fill');
  const cache = createPositionCache(1, 1024);
  const keys = Array.from({ length: 512 }, () => Uint32Array.from({ length: 4 }, () => rng.uint32()));
  const legal = Int32Array.of(0);
  keys.forEach((key, i) => cache.write(key, legal, 1, Float32Array.of(i), i));
  const row = new Float32Array(1);
  expect(keys.filter((key, i) => cache.read(key, legal, 1, row) === i).length).toBeGreaterThan(500);
});

it('keeps positions of up to 64 legal actions, however many actions the game has', () => {
  const cache = createPositionCache(1858, 64);
  const legal = Int32Array.from({ length: 100 }, (_, i) => 17 * i);
  const logits = Float32Array.from({ length: 1858 }, (_, i) => i);
  const row = new Float32Array(1858);
  for (const count of [1, 64, 65]) {
    const key = Uint32Array.of(count, 0, 0, 0);
    cache.write(key, legal, count, logits, 0.5);
    expect(cache.read(key, legal, count, row.fill(0))).toBe(count > 64 ? undefined : 0.5);
    expect([...row]).toEqual([...logits].map((logit, action) => (count <= 64 && legal.indexOf(action) >= 0 && legal.indexOf(action) < count ? logit : 0)));
  }
});

it('says what size it takes', () => {
  expect(() => createPositionCache(1, 0)).toThrow('holds between 1 and');
});
