import { expect, it } from 'vitest';
import { sparing } from './sparing.js';

it('reads once a while, however many ask, and tells all of them the same', async () => {
  let now = 0;
  let reads = 0;
  const ask = sparing(() => (++reads === 2 ? Promise.reject(new Error('away')) : Promise.resolve(reads)), 1000, () => now);
  expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
  now = 999;
  expect(await ask()).toBe(1);
  now = 1000;
  await expect(ask()).rejects.toThrow('away');
  now = 1999;
  await expect(ask()).rejects.toThrow('away');
  now = 2000;
  expect([await ask(), reads]).toEqual([3, 3]);
});
