/** The load of `ludus bench server`, shorter: nothing is lost or out of order. Timings decide nothing here. */
import { expect, it } from 'vitest';
import { runLoad } from '#arena/server/testing';

it('every watcher sees every event of its game, in order', async () => {
  const result = await runLoad({ game: 'connect4', games: 20, connections: 80, movesPerSecond: 5, seconds: 3 });
  expect(result.moves).toBeGreaterThan(0);
  expect([result.gaps, result.differing, result.refused]).toEqual([0, 0, 0]);
  // Three watch each game: they hear of every move.
  expect(result.eventsTold).toBeGreaterThanOrEqual(4 * result.moves);
}, 900_000);
