import { expect, it } from 'vitest';
import { createRng } from '../rng.js';
import { createPositionCache } from './cache.js';

it('returns what was written for exactly that key, or nothing', () => {
  const rng = createRng('cache');
  const cache = createPositionCache(3, 64);
  const truth = new Map<string, number>();
  const key = new Uint32Array(4);
  const row = new Float32Array(3);
  let found = 0;
  for (let i = 0; i < 20_000; i++) {
    // Few values a word: keys that differ in one word only meet in the same slots all the time.
    for (let w = 0; w < 4; w++) key[w] = rng.below(4);
    const name = key.join();
    const value = cache.read(key, row);
    if (value !== undefined) {
      found++;
      expect(truth.get(name)).toBe(value);
      expect([...row]).toEqual([value, value + 1, value + 2]);
    }
    if (rng.below(3) === 0) {
      cache.write(key, Float32Array.of(9, i, i + 1, i + 2), 1, i);
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
  keys.forEach((key, i) => cache.write(key, Float32Array.of(i), 0, i));
  const row = new Float32Array(1);
  expect(keys.filter((key, i) => cache.read(key, row) === i).length).toBeGreaterThan(500);
});

it('says what size it takes', () => {
  expect(() => createPositionCache(1, 0)).toThrow('holds between 1 and');
});
