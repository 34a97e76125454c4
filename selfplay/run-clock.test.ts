import { afterEach, expect, test, vi } from 'vitest';
import { RunClock } from './run-clock.js';

afterEach(() => void vi.restoreAllMocks());

test('goes on from earlier sittings, and leaves pauses out', () => {
  let now = 5000;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const clock = new RunClock(100);
  now += 1000;
  expect(clock.elapsed).toBe(100);
  clock.count(true);
  now += 2000;
  expect(clock.elapsed).toBe(102);
  clock.count(true);
  now += 3000;
  clock.count(false);
  now += 9000;
  expect(clock.elapsed).toBe(105);
  clock.count(true);
  now += 500;
  expect(clock.elapsed).toBe(105.5);
});
