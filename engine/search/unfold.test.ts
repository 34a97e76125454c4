import { expect, test } from 'vitest';
import { ticTacToe } from '#games';
import { createRng } from '../rng.js';
import { createBatch } from './batch.js';
import { createSearch, runSearch } from './create.js';

const rng = createRng('unfold');

test('levels of the tree add up: each edge was visited once more than what is below it, at most', async () => {
  const search = createSearch(ticTacToe, { kind: 'uct', simulations: 2000 });
  expect(search.unfold([], 1, 10)).toBeUndefined();
  search.restart(ticTacToe.start(rng), rng);
  await runSearch(search, createBatch(ticTacToe, 1));
  const root = search.unfold([], 1, 512);
  expect(root?.turn).toBe(0);
  expect(root?.edges.map((edge) => edge.parent)).toEqual(Array.from({ length: 9 }, () => -1));
  const report = search.report();
  for (const { action, visits, value, prior } of root?.edges ?? []) {
    const same = report.actions.find((entry) => entry.action === action);
    expect([visits, value, prior]).toEqual([same?.visits, same?.value, 1 / 9]);
  }
  const deep = search.unfold([], 3, 4096)?.edges ?? [];
  for (const [i, edge] of deep.entries()) {
    if (edge.parent >= 0) expect(edge.parent).toBeLessThan(i);
    const below = deep.filter((other) => other.parent === i);
    const sum = below.reduce((total, other) => total + other.visits, 0);
    expect(sum).toBeLessThanOrEqual(edge.visits);
    // Below an opponent's edge the seat changes, and with it the view.
    if (below.length > 0) expect(edge.turn).toBe(edge.parent < 0 ? 1 : 0);
  }
  expect(deep.length).toBeGreaterThan(9 + 9 * 8);
});

test('a path leads to the same nodes as unfolding from the root; beyond the tree there is nothing', async () => {
  const search = createSearch(ticTacToe, { kind: 'uct', simulations: 500 });
  search.restart(ticTacToe.start(rng), rng);
  await runSearch(search, createBatch(ticTacToe, 1));
  const whole = search.unfold([], 2, 512)?.edges ?? [];
  const first = whole[0];
  const below = search.unfold([first.action], 1, 512);
  expect(below?.turn).toBe(1);
  expect(below?.edges.filter((edge) => edge.visits > 0).map((edge) => [edge.action, edge.visits, edge.value])).toEqual(whole.filter((edge) => edge.parent === 0).map((edge) => [edge.action, edge.visits, edge.value]));
  expect(below?.edges).toHaveLength(8);
  expect(search.unfold([first.action, first.action], 1, 512)).toBeUndefined();
  expect(search.unfold([], 3, 20)?.edges).toHaveLength(20);
});
