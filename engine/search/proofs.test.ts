/** Exact results in the tree agree with exhaustive search. */
import { describe, expect, it } from 'vitest';
import { createRng } from '../index.js';
import { choice, searched, walkTree } from './testing/drive.js';
import { childValues, exactValue, randomPosition, randomTree, ticTacToe } from './testing/games.js';

describe.each(['uct', 'puct', 'gumbel'] as const)('proven results, %s', (kind) => {
  it('agree with negamax on random tic-tac-toe positions, in the whole tree', async () => {
    const rng = createRng('proofs');
    let proven = 0;
    let edges = 0;
    for (let i = 0; i < 60; i++) {
      const root = randomPosition(ticTacToe, 3 + (i % 5), rng);
      if (root === undefined) continue;
      const search = await searched(ticTacToe, root, { kind, simulations: 1500 }, { seed: i, leaves: 1 + (i % 3) });
      const report = search.report();
      const exact = exactValue(ticTacToe, root) * (root.turn === 0 ? 1 : -1) + 0;
      if (report.proven !== undefined) {
        proven++;
        expect(report.proven).toBe(exact);
        expect(report.value).toBe(exact);
      }
      // A proven loss is only played when all is lost, and the choice keeps the exact result once it is known.
      const values = childValues(ticTacToe, root);
      const legal = new Int32Array(9);
      root.legal(legal);
      if (report.proven !== undefined) expect(values[legal.indexOf(choice(search))]).toBe(exactValue(ticTacToe, root));
      walkTree(ticTacToe, search, root, (state, e) => {
        if (search.tree.flags[e] === 0) return;
        edges++;
        const child = ticTacToe.start(rng);
        child.copyFrom(state);
        const reward = child.apply(search.tree.action[e]);
        expect(search.tree.mean(e)).toBeCloseTo(reward + exactValue(ticTacToe, child), 12);
      });
      const target = new Float32Array(9);
      search.policyTarget(target);
      expect(target.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 6);
      for (const a of report.actions) if (a.proven === -1 && exact > -1) expect(target[a.action]).toBe(0);
    }
    expect(proven).toBeGreaterThan(20);
    expect(edges).toBeGreaterThan(1000);
  });

  it('agree with exhaustive search where rewards come on the way and turns in no order', async () => {
    let proven = 0;
    for (let seed = 0; seed < 40; seed++) {
      const game = randomTree(seed, { seats: 2, chance: 0, depth: 3, rewarded: 0.6 });
      const root = game.start(createRng(0));
      const search = await searched(game, root, { kind, simulations: 600 }, { seed, leaves: 1 + (seed % 4) });
      const report = search.report();
      if (report.proven === undefined) continue;
      proven++;
      expect(report.proven).toBeCloseTo(exactValue(game, root), 6);
      expect(childValues(game, root)[choice(search)]).toBeCloseTo(exactValue(game, root), 6);
    }
    // No return here is the best there can be, so a proof takes every line; Gumbel does not look at bad ones.
    if (kind !== 'gumbel') expect(proven).toBeGreaterThan(5);
  });

  it('are left alone where chance or a single seat makes them unsound', async () => {
    for (const shape of [{ seats: 2, chance: 0.4 }, { seats: 1, chance: 0 }] as const) {
      const game = randomTree(5, { ...shape, depth: 4, rewarded: 0.5 });
      const search = await searched(game, game.start(createRng(0)), { kind, simulations: 500 });
      expect(search.tree.flags.subarray(0, search.tree.edgeCount).every((f) => f === 0)).toBe(true);
    }
  });
});
