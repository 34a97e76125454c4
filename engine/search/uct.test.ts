import { describe, expect, it } from 'vitest';
import { createBatch, createRng, createSearch, formatTree, runSearch } from '../index.js';
import { OVER } from '../types.js';
import { choice, contents, searched, walkTree } from './testing/drive.js';
import { board, childValues, randomTree, ticTacToe } from './testing/games.js';

const empty = () => board('... ... ...');

describe('UCT', () => {
  it('visits the centre of an empty tic-tac-toe board most (10,000 simulations, c = sqrt 2, no proven results)', async () => {
    for (let seed = 0; seed < 5; seed++) {
      const search = await searched(ticTacToe, empty(), { kind: 'uct', simulations: 10_000, provenResults: false }, { seed });
      expect(choice(search)).toBe(4);
      const report = search.report();
      expect(report.simulations).toBe(10_000);
      expect(report.actions.reduce((sum, a) => sum + a.visits, 0)).toBe(10_000);
      // The centre is a draw with best play; random replies flatter it a little.
      expect(report.value).toBeGreaterThan(0);
      expect(report.value).toBeLessThan(0.5);
    }
  });

  it('never loses to a random player, either seat', async () => {
    const rng = createRng('random player');
    const legal = new Int32Array(9);
    const search = createSearch(ticTacToe, { kind: 'uct', simulations: 10_000, provenResults: false });
    const batch = createBatch(ticTacToe, 1);
    let wins = 0;
    for (let game = 0; game < 12; game++) {
      const state = empty();
      let score = 0;
      while (state.turn !== OVER) {
        if (state.turn === game % 2) {
          search.restart(state, rng.fork('search', game * 10));
          await runSearch(search, batch);
          score += state.apply(search.action(rng));
        } else score += state.apply(legal[rng.below(state.legal(legal))]);
      }
      const own = game % 2 === 0 ? score : -score;
      expect(own).toBeGreaterThanOrEqual(0);
      wins += own;
    }
    expect(wins).toBeGreaterThan(6);
  });

  it('a whole small tree, to be read: x can win at once at c3, o could at c2', async () => {
    // xx.   Returns are seat 0's. Each move is tried once; then the win at c3 is found and proven, and the search ends.
    // oo.
    // ...
    const search = await searched(ticTacToe, board('xx. oo. ...'), { kind: 'uct', simulations: 50 });
    expect(search.report()).toMatchObject({ proven: 1, value: 1, principalVariation: [2] });
    expect(search.remaining).toBe(0);
    const blocked = await searched(ticTacToe, board('xx. oo. x..'), { kind: 'uct', simulations: 400 });
    // o to move: c2 (b2's neighbour) wins for o, seat 1, so seat 0's return is -1.
    expect(formatTree(blocked.tree, 1, (a) => ticTacToe.actionName(empty(), a)).split('\n')).toContain('c2 1 -1.000 proven');
    expect(blocked.report()).toMatchObject({ proven: 1, value: 1 });
  });

  it('one simulation at a time, by hand', async () => {
    // Two cells left, x to move: b1 then c1 by o, or c1 then b1. x x o / o o x / x . . : either way a draw.
    const search = await searched(ticTacToe, board('xxo oox x..'), { kind: 'uct', simulations: 3, provenResults: false });
    expect(formatTree(search.tree, 3)).toBe(['8 2 0.000', '  7 1 0.000', '7 1 0.000'].join('\n'));
  });

  it('finds near-best moves in games with chance, rewards on the way and extra turns', async () => {
    for (let seed = 0; seed < 24; seed++) {
      const game = randomTree(seed, { seats: seed % 2 === 0 ? 2 : 1, chance: 0.3, depth: 6, rewarded: 0.5 });
      const root = game.start(createRng(0));
      const search = await searched(game, root, { kind: 'uct', simulations: 20_000, exploration: 0.5 });
      const values = childValues(game, root);
      const best = Math.max(...values);
      if (values.length === 1) continue;
      expect(values[choice(search)]).toBeGreaterThan(best - 0.03);
      expect(search.report().value).toBeGreaterThan(best - 0.1);
      expect(search.report().value).toBeLessThan(best + 0.03);
    }
  });

  it('keeps the subtree of the moves played, statistics and all', async () => {
    const search = await searched(ticTacToe, empty(), { kind: 'uct', simulations: 3000, provenResults: false });
    const { tree } = search;
    const own = tree.findEdge(0, 4);
    const reply = tree.findEdge(tree.child[own], 0);
    const before = formatTree(tree, 9, String, tree.child[reply]);
    const visits = tree.visits[reply];
    const state = empty();
    state.apply(4);
    state.apply(0);
    search.restart(state, createRng(2), [4, 0]);
    expect(formatTree(tree, 9)).toBe(before);
    expect(before.split('\n').length).toBeGreaterThan(20);
    expect(search.remaining).toBe(3000);
    await runSearch(search, createBatch(ticTacToe, 1));
    expect(tree.nodeVisits[0]).toBe(visits + 3000);
    let edges = 0;
    walkTree(ticTacToe, search, state, (position, e) => {
      edges++;
      expect(position.board[tree.action[e]]).toBe(0);
    });
    expect(edges).toBeGreaterThan(100);
    // A move that was never searched, or a wrong account of what was played, empties the tree.
    search.restart(state, createRng(3), [5]);
    expect(tree.nodeCount).toBe(1);
    expect(tree.nodeVisits[0]).toBe(1);
  });

  it('stays within maxNodes and still searches', async () => {
    const search = await searched(ticTacToe, empty(), { kind: 'uct', simulations: 5000, maxNodes: 40, provenResults: false });
    expect(search.tree.nodeCount).toBe(40);
    expect(search.report().simulations).toBe(5000);
    expect(choice(search)).toBe(4);
  });

  it('runs the same twice, and as it would in several calls', async () => {
    const once = await searched(ticTacToe, empty(), { kind: 'uct', simulations: 2000 }, { seed: 'same' });
    const again = await searched(ticTacToe, empty(), { kind: 'uct', simulations: 2000 }, { seed: 'same', leaves: 8 });
    expect(contents(again)).toEqual(contents(once));
  });

  it('has nothing to do with one legal move, and says so of a finished game', () => {
    const search = createSearch(ticTacToe, { kind: 'uct' });
    search.restart(board('xxo oox xo.'), createRng(1));
    expect(search.remaining).toBe(0);
    expect(choice(search)).toBe(8);
    const over = board('xxx oo. ...');
    over.turn = OVER;
    search.restart(over, createRng(1));
    expect(search.remaining).toBe(0);
    expect(() => choice(search)).toThrow('the game is over');
  });
});
