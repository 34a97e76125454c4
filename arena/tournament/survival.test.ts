import { expect, test } from 'vitest';
import { survive } from './survival.js';

// From dist, as every command: fifty kills are for `node dist/arena/tournament/survival.js 50`.
test('killed with -9 and resumed, a tournament ends in the identical crosstable', async () => {
  const { inTime, torn, different } = await survive(3, 5);
  expect(inTime).toBeGreaterThan(0);
  expect(torn).toBeGreaterThan(0);
  expect(different).toBe(0);
});
