/** PUCT and Gumbel AlphaZero: what holds for every search that asks a network. */
import { describe, expect, it } from 'vitest';
import { createBatch, createPositionCache, createRng, createSearch, runSearch, UserError } from '../index.js';
import type { SearchConfig } from '../index.js';
import { choice, contents, searched, walkTree } from './testing/drive.js';
import { bandit, board, childValues, evaluatorOf, ignorant, randomPosition, randomTree, ticTacToe } from './testing/games.js';
import type { TicTacToe } from './testing/games.js';

const empty = () => board('... ... ...');
const kinds = ['puct', 'gumbel'] as const;

/** A network with opinions that no symmetry changes: likes to complete lines of its own, then the centre. */
const opinionated = evaluatorOf(ticTacToe, (planes, logits) => {
  const lines = [[0, 1, 2], [3, 4, 5], [6, 7, 8], [0, 3, 6], [1, 4, 7], [2, 5, 8], [0, 4, 8], [2, 4, 6]];
  let value = 0;
  for (const line of lines) {
    const own = line.filter((c) => planes[c] === 1).length;
    const other = line.filter((c) => planes[9 + c] === 1).length;
    for (const c of line) logits[c] += other === 0 ? 0.5 * own : own === 0 ? 0.25 * other : 0;
    if (other === 0) value += 0.06 * own;
    if (own === 0) value -= 0.05 * other;
  }
  return value;
});

describe.each(kinds)('%s', (kind) => {
  // Sources: worked by hand. x is seat 0; who moves follows from the stones.
  const tactics: [name: string, cells: string, moves: number[], value?: number][] = [
    ['x mates', 'xx. oo. ...', [2], 1],
    ['o mates', 'xx. oo. x..', [5], 1],
    ['x blocks', 'x.. oo. ..x', [5]],
    ['o blocks', 'xx. .o. ...', [2]],
    ['x blocks a column', 'x.o ..o ...', [8]],
    ['o prefers its mate to a block', 'xx. oo. .x.', [5], 1],
    ['x has a fork for mate in two', 'x.. .o. ..x', [2, 6]],
  ];
  it.each(tactics)('with a network that knows nothing: %s', async (name, cells, moves, value) => {
    const root = board(cells);
    if (name.includes('fork')) root.turn = 0;
    const search = await searched(ticTacToe, root, { kind, simulations: 200 });
    expect(moves).toContain(choice(search));
    if (value !== undefined) {
      expect(search.report()).toMatchObject({ proven: value, value });
      const target = new Float32Array(9);
      expect(search.policyTarget(target)).toBe(value);
      expect(target[moves[0]]).toBe(1);
    }
  });

  it('reads the network from the right side, either seat', async () => {
    // Likes whoever holds the centre; nothing else is seen within so few simulations.
    const centre = evaluatorOf(ticTacToe, (planes) => 0.6 * (planes[4] - planes[9 + 4]));
    for (const root of [empty(), board('x.. ... ...')]) {
      const search = await searched(ticTacToe, root, { kind, simulations: 12 }, { evaluator: centre });
      expect(choice(search)).toBe(4);
      const edge = search.report().actions.find((a) => a.action === 4);
      expect(edge?.value).toBeGreaterThan(0.3);
      expect(search.report().value).toBeGreaterThan(0);
    }
    const behind = await searched(ticTacToe, board('... .x. ...'), { kind, simulations: 12 }, { evaluator: centre });
    expect(behind.report().value).toBeLessThan(-0.3);
  });

  it('many trees in one batch grow exactly as each alone', async () => {
    const config: SearchConfig = { kind, simulations: 60, noise: true };
    const roots = Array.from({ length: 12 }, (_, i) => randomPosition(ticTacToe, i % 4, createRng(i))!);
    const batch = createBatch(ticTacToe, roots.length);
    const together = roots.map((root, i) => {
      const search = createSearch(ticTacToe, config, { symmetry: 'random' });
      search.restart(root, createRng('tree').fork('game', i));
      return search;
    });
    while (together.some((s) => s.remaining > 0)) {
      batch.size = 0;
      for (const search of together) search.collect(batch, 1);
      await opinionated.evaluate(batch);
      for (const search of together) search.absorb(batch);
    }
    for (const [i, root] of roots.entries()) {
      const alone = createSearch(ticTacToe, config, { symmetry: 'random' });
      alone.restart(root, createRng('tree').fork('game', i));
      await runSearch(alone, createBatch(ticTacToe, 1), opinionated);
      expect(contents(together[i])).toEqual(contents(alone));
      expect(choice(together[i])).toBe(choice(alone));
    }
  });

  it('is the same whatever symmetry an equivariant network sees', async () => {
    for (const cells of ['... ... ...', 'x.. .o. ...', 'xo. ... ..x']) {
      const shape = async (symmetry: 'none' | 'random' | 'key') => {
        const search = await searched(ticTacToe, board(cells), { kind, simulations: 40 }, { evaluator: opinionated, symmetry, seed: symmetry });
        // Sums of logits may differ in their last bits.
        return search.report().actions.map((a) => [a.action, a.visits, a.prior.toFixed(5), a.value?.toFixed(5), a.policy.toFixed(4)]);
      };
      const plain = await shape('none');
      expect(await shape('random')).toEqual(plain);
      expect(await shape('key')).toEqual(plain);
    }
  });

  it("a symmetry drawn from the position's key does not depend on the random stream", async () => {
    const lopsided = evaluatorOf(ticTacToe, (planes, logits) => {
      for (let a = 0; a < 9; a++) logits[a] = a / 9 + planes[a];
      return 0.3 * planes[0] - 0.2 * planes[17];
    });
    const at = (seed: number, symmetry: 'key' | 'random') => searched(ticTacToe, empty(), { kind, simulations: 50 }, { evaluator: lopsided, symmetry, seed });
    expect(contents(await at(1, 'key'))).toEqual(contents(await at(2, 'key')));
    expect(contents(await at(1, 'random'))).not.toEqual(contents(await at(2, 'random')));
  });

  it('a cache saves rows and changes nothing', async () => {
    const rows = async (cached: boolean) => {
      const evaluator = evaluatorOf(ticTacToe, (planes, logits) => {
        for (let a = 0; a < 9; a++) logits[a] = planes[(a + 1) % 9] - planes[9 + ((a + 2) % 9)];
        return 0.1 * planes[4];
      });
      const search = await searched(ticTacToe, empty(), { kind, simulations: 400 }, { evaluator, ...(cached && { cache: createPositionCache(9, 4096) }) });
      return { rows: evaluator.rows, tree: contents(search), simulations: search.report().simulations };
    };
    const without = await rows(false);
    const withCache = await rows(true);
    expect(withCache.tree).toEqual(without.tree);
    expect(withCache.rows).toBeLessThan(0.95 * without.rows);
    expect(withCache.simulations).toBe(without.simulations);
  });

  it('in-flight leaves leave no virtual loss, and every simulation is accounted for', async () => {
    const search = await searched(ticTacToe, empty(), { kind, simulations: 300, provenResults: false }, { evaluator: opinionated, leaves: 8 });
    const { tree } = search;
    expect(search.report().simulations).toBe(300);
    expect(tree.pending.subarray(0, tree.edgeCount).every((p) => p === 0)).toBe(true);
    for (let node = 0; node < tree.nodeCount; node++) {
      const edges = Array.from({ length: tree.edges[node] }, (_, i) => tree.firstEdge[node] + i);
      expect(tree.nodeVisits[node]).toBe(1 + edges.reduce((sum, e) => sum + tree.visits[e], 0));
      for (const e of edges) {
        const child = tree.child[e];
        if (child < 0) continue;
        expect(tree.visits[e]).toBe(tree.nodeVisits[child]);
        expect(tree.mean(e)).toBeCloseTo(tree.nodeMean(child) + tree.reward[e], 6);
      }
    }
  });

  it('a search that is given up in flight starts afresh', async () => {
    const search = createSearch(ticTacToe, { kind, simulations: 50 });
    const batch = createBatch(ticTacToe, 4);
    search.restart(empty(), createRng(1));
    expect(search.collect(batch, 4)).toBe(1); // the root comes first, alone
    expect(search.collect(batch, 4)).toBe(0);
    await ignorant(ticTacToe).evaluate(batch);
    search.absorb(batch);
    batch.size = 0;
    expect(search.collect(batch, 4)).toBe(4);
    expect(search.collect(batch, 4)).toBe(0); // the batch is full
    search.restart(empty(), createRng(1), []);
    expect(search.tree.pending.subarray(0, search.tree.edgeCount).every((p) => p === 0)).toBe(true);
    await runSearch(search, batch, ignorant(ticTacToe));
    expect(search.report().simulations).toBe(50);
  });

  it('keeps the played subtree', async () => {
    const search = await searched(ticTacToe, empty(), { kind, simulations: 300, noise: true }, { evaluator: opinionated });
    const { tree } = search;
    const own = tree.findEdge(0, choice(search));
    const node = tree.child[own];
    const first = tree.firstEdge[node];
    const reply = Array.from({ length: tree.edges[node] }, (_, i) => first + i).reduce((a, b) => (tree.visits[b] > tree.visits[a] ? b : a));
    const played = [tree.action[own], tree.action[reply]];
    const kept = tree.visits[reply];
    const state = empty();
    for (const action of played) state.apply(action);
    search.restart(state, createRng(5), played);
    expect(tree.nodeVisits[0]).toBe(kept);
    expect(search.remaining).toBe(300); // no row for the root: it is known
    await runSearch(search, createBatch(ticTacToe, 1), opinionated);
    const report = search.report();
    expect(report.simulations).toBeLessThanOrEqual(300);
    if (report.proven === undefined) expect(tree.nodeVisits[0]).toBe(kept + 300);
  });

  it('finds near-best moves in games with chance, rewards on the way and extra turns', async () => {
    let regret = 0;
    for (let seed = 0; seed < 20; seed++) {
      const game = randomTree(seed, { seats: seed % 2 === 0 ? 2 : 1, chance: 0.3, depth: 5, rewarded: 0.5 });
      const root = game.start(createRng(0));
      const search = await searched(game, root, { kind, simulations: 2000 });
      const values = childValues(game, root);
      regret += Math.max(...values) - values[choice(search)];
      // A chance node is walked through, never evaluated: leaves are decisions.
      walkTree(game, search, root, (state, _e, node) => expect(search.tree.turn[node]).toBe(state.turn));
    }
    // Gumbel's search away from the root trusts its network, and this one knows nothing: it errs more (0.02 here).
    expect(regret / 20).toBeLessThan(kind === 'puct' ? 0.001 : 0.03);
  });

  it('stays within maxNodes, chance or none', async () => {
    const search = await searched(ticTacToe, empty(), { kind, simulations: 300, maxNodes: 30, provenResults: false });
    expect(search.tree.nodeCount).toBe(30);
    expect(search.report().simulations).toBe(300);
    const game = randomTree(2, { seats: 2, chance: 0.5, depth: 8, rewarded: 0.5 });
    const chancy = await searched(game, game.start(createRng(0)), { kind, simulations: 300, maxNodes: 10 });
    expect(chancy.tree.nodeCount).toBe(10);
    expect(chancy.report().simulations).toBe(300);
  });

  it('without simulations it plays the raw network', async () => {
    const search = await searched(ticTacToe, board('xx. oo. ...'), { kind, simulations: 0 }, { evaluator: opinionated });
    const report = search.report();
    expect(report.simulations).toBe(0);
    const priors = report.actions.map((a) => a.prior);
    expect(report.actions[priors.indexOf(Math.max(...priors))].action).toBe(choice(search));
    expect(report.actions.map((a) => a.policy.toFixed(5))).toEqual(priors.map((p) => p.toFixed(5)));
  });

  it('a forced move costs one row, for its value', async () => {
    const evaluator = evaluatorOf(ticTacToe, () => 0.25);
    const search = await searched(ticTacToe, board('xxo oox xo.'), { kind }, { evaluator });
    expect(evaluator.rows).toBe(1);
    const target = new Float32Array(9);
    expect(search.policyTarget(target)).toBeCloseTo(0.25, 6);
    expect([...target]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });

  it('stops with a word when the network answers nonsense', async () => {
    const broken = evaluatorOf(ticTacToe, (_planes, logits) => (logits[3] = NaN));
    await expect(searched(ticTacToe, empty(), { kind }, { evaluator: broken })).rejects.toThrow(UserError);
  });

  it('reports nothing before the root is known, and refuses to choose', () => {
    const search = createSearch(ticTacToe, { kind });
    search.restart(empty(), createRng(1));
    expect(search.report()).toEqual({ simulations: 0, value: 0, actions: [], principalVariation: [] });
    expect(() => choice(search)).toThrow('has not been evaluated yet');
  });

  it('takes its budget from setSimulations until the next restart', async () => {
    const search = createSearch(ticTacToe, { kind, simulations: 20 });
    const batch = createBatch(ticTacToe, 1);
    for (const [count, expected] of [[7, 7], [undefined, 20]] as const) {
      search.restart(empty(), createRng(1));
      if (count !== undefined) search.setSimulations(count);
      await runSearch(search, batch, opinionated);
      expect(search.report().simulations).toBe(expected);
    }
    expect(() => search.setSimulations(-1)).toThrow(UserError);
  });

  it('asks for the network it needs', async () => {
    const search = createSearch(ticTacToe, { kind });
    search.restart(empty(), createRng(1));
    await expect(runSearch(search, createBatch(ticTacToe, 1))).rejects.toThrow('needs a network');
  });
});

describe('puct alone', () => {
  // Two arms that pay 0 and 0.5, priors .7 and .3, network value 0; c(s) = 1.2501 to 1.2504. With N(s) = 1 + Σ N:
  // e.g. third simulation: .7 · 2.1654 / 3 = .5053 < .3 · 2.1654 = .6496, so arm 1.
  const steps: [simulations: number, reduction: number, visits: number[]][] = [
    [1, 0, [1, 0]], [2, 0, [2, 0]], [3, 0, [2, 1]], [4, 0, [2, 2]], [6, 0, [2, 4]], [7, 0, [3, 4]],
    // Reduction .5 · sqrt(.7) = .4183 on the untried arm: it waits until .4204 > .3914.
    [4, 0.5, [4, 0]], [5, 0.5, [4, 1]],
  ];
  it.each(steps)('by hand: %i simulations, reduction %f', async (simulations, rootFirstPlayReduction, visits) => {
    const game = bandit([0, 0.5]);
    const evaluator = evaluatorOf(game, (_planes, logits) => {
      logits.set([Math.log(0.7), Math.log(0.3)]);
      return 0;
    });
    const search = await searched(game, game.start(createRng(0)), { kind: 'puct', simulations, rootFirstPlayReduction }, { evaluator });
    expect(search.report().actions.map((a) => a.visits)).toEqual(visits);
  });

  it('noise changes the choice, not the stored priors, and each move draws its own', async () => {
    const config: SearchConfig = { kind: 'puct', simulations: 40, noise: true, provenResults: false };
    const a = await searched(ticTacToe, empty(), config, { seed: 1 });
    const b = await searched(ticTacToe, empty(), config, { seed: 2 });
    const visits = (s: typeof a) => s.report().actions.map((x) => x.visits);
    expect(visits(a)).not.toEqual(visits(b));
    for (const x of a.report().actions) expect(x.prior).toBeCloseTo(1 / 9, 6);
  });

  it('temperature: 0 plays the most visited, 1 plays in proportion to visits', async () => {
    const search = await searched(ticTacToe, empty(), { kind: 'puct', simulations: 100 }, { evaluator: opinionated });
    const rng = createRng('temperature');
    const counts = new Float64Array(9);
    for (let i = 0; i < 20_000; i++) counts[search.action(rng, 1)]++;
    const { actions } = search.report();
    for (const x of actions) expect(counts[x.action] / 20_000).toBeCloseTo(x.visits / 100, 1.7);
    const top = actions.reduce((a, b) => (b.visits > a.visits ? b : a));
    expect(search.action(rng)).toBe(top.action);
    expect(search.action(rng, 0.01)).toBe(top.action);
  });

  it('forced playouts try what the network dismisses; pruning keeps the vain ones out of the target', async () => {
    // The prior is 95 % on a corner, and whoever holds it is better off.
    const biased = evaluatorOf(ticTacToe, (planes, logits) => {
      logits[0] = 5;
      return 0.5 * (planes[0] - planes[9]);
    });
    const run = (forcedPlayouts: number) => searched(ticTacToe, empty(), { kind: 'puct', simulations: 200, noise: true, forcedPlayouts, provenResults: false }, { evaluator: biased, seed: 4 });
    const plain = (await run(0)).report().actions;
    const forced = await run(2);
    const report = forced.report().actions;
    const tried = (actions: typeof plain) => actions.filter((a) => a.visits > 1).length;
    expect(tried(report)).toBeGreaterThanOrEqual(tried(plain));
    expect(report.some((a) => a.visits > 0 && a.policy === 0)).toBe(true);
    expect(report.reduce((sum, a) => sum + a.policy, 0)).toBeCloseTo(1, 9);
    // What pruning leaves the best move with is at least its share of visits.
    expect(report[0].policy).toBeGreaterThanOrEqual(report[0].visits / 200);
  });
});

describe('gumbel alone', () => {
  it('improves on the policy it starts from, from two simulations on', async () => {
    for (const simulations of [2, 4, 8]) {
      let gained = 0;
      let improvedTarget = 0;
      const rng = createRng(`bandit ${simulations}`);
      for (let round = 0; round < 400; round++) {
        const rewards = Array.from({ length: 6 }, () => 2 * rng.float() - 1);
        const logits = rewards.map(() => 3 * rng.float());
        const game = bandit(rewards);
        const priorSum = logits.reduce((sum, l) => sum + Math.exp(l), 0);
        const prior = logits.reduce((sum, l, a) => sum + (Math.exp(l) / priorSum) * rewards[a], 0);
        const evaluator = evaluatorOf(game, (_planes, out) => {
          out.set(logits);
          return prior; // an exact value network for the prior policy
        });
        const search = await searched(game, game.start(rng), { kind: 'gumbel', simulations, noise: true }, { evaluator, seed: round });
        gained += rewards[choice(search)] - prior;
        const target = new Float32Array(6);
        search.policyTarget(target);
        improvedTarget += target.reduce((sum, p, a) => sum + p * rewards[a], 0) - prior;
      }
      expect(gained / 400).toBeGreaterThan(0.1);
      expect(improvedTarget / 400).toBeGreaterThan(0.1);
    }
  });

  it('follows the halving table: 7 moves, 16 simulations', async () => {
    const game = bandit([-0.3, 0.1, 0.7, -0.5, 0.2, 0.6, -0.9]);
    const search = await searched(game, game.start(createRng(0)), { kind: 'gumbel', simulations: 16 });
    // By hand from 0×7, 1×3, 2 2 3 3 4 4: one each, then the best three, then the best two.
    expect(search.report().actions.map((a) => a.visits)).toEqual([1, 1, 5, 1, 2, 5, 1]);
    expect(choice(search)).toBe(2);
  });

  it('considers at most as many actions as it is told, those with the greatest logits', async () => {
    const game = bandit([0, 0, 0, 0, 0.9, 0]);
    const evaluator = evaluatorOf(game, (_planes, logits) => {
      logits.set([3, 2, 1, 0, -1, -2]);
      return 0;
    });
    const search = await searched(game, game.start(createRng(0)), { kind: 'gumbel', simulations: 8, maxConsidered: 2 }, { evaluator });
    expect(search.report().actions.filter((a) => a.visits > 0).map((a) => a.action)).toEqual([0, 1]);
  });

  it('without noise it is deterministic; with noise each move draws its own', async () => {
    const at = (noise: boolean, seed: number) => searched(ticTacToe, empty(), { kind: 'gumbel', simulations: 4, noise }, { seed });
    expect(contents(await at(false, 1))).toEqual(contents(await at(false, 2)));
    expect(contents(await at(true, 1))).not.toEqual(contents(await at(true, 2)));
  });

  it('a kept subtree enters Q but not the halving table', async () => {
    const search = await searched(ticTacToe, empty(), { kind: 'gumbel', simulations: 64, provenResults: false }, { evaluator: opinionated });
    const inherited = search.report().actions.map((a) => a.visits);
    search.restart(empty(), createRng(9), []);
    search.setSimulations(18);
    await runSearch(search, createBatch(ticTacToe, 1), opinionated);
    const fresh = search.report().actions.map((a, i) => a.visits - inherited[i]);
    // 9 considered, 18 simulations: 0×9, then 1×4, 2 2 3 3 4 by hand.
    expect([...fresh].sort((a, b) => b - a)).toEqual([5, 4, 2, 2, 1, 1, 1, 1, 1]);
  });

  it('proven losses leave the considered set', async () => {
    // o must block at c1 (8): every other move loses at once.
    const root: TicTacToe = board('x.. .x. o..');
    const search = await searched(ticTacToe, root, { kind: 'gumbel', simulations: 400 });
    expect(choice(search)).toBe(8);
    const target = new Float32Array(9);
    search.policyTarget(target);
    expect(target[8]).toBe(1);
  });
});
