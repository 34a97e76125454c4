import { describe, expect, it } from 'vitest';
import { createAlphaBeta, createRng } from '../index.js';
import { OVER } from '../types.js';
import type { Game, State } from '../types.js';
import { board, childValues, exactValue, randomPosition, randomTree, ticTacToe } from './testing/games.js';

/** Depth-limited minimax without pruning or table, mover's view. */
function plain<S extends State>(game: Game<S>, state: S, depth: number, heuristic: (state: S) => number): number {
  if (depth === 0) return heuristic(state);
  const rng = createRng(0);
  const legal = new Int32Array(game.actionCount);
  let best = -Infinity;
  for (let i = 0, n = state.legal(legal); i < n; i++) {
    const child = game.start(rng);
    child.copyFrom(state);
    let value = child.apply(legal[i], rng) * (state.turn === 0 ? 1 : -1);
    if (child.turn !== OVER) value += (child.turn === state.turn ? 1 : -1) * plain(game, child, depth - 1, heuristic);
    best = Math.max(best, value);
  }
  return best;
}

describe('alpha-beta', () => {
  it('tic-tac-toe is a draw', () => {
    const result = createAlphaBeta(ticTacToe).search(ticTacToe.start(createRng(0)));
    expect(result).toMatchObject({ value: 0, exact: true });
    expect(result.nodes).toBeLessThan(100_000);
  });

  it('agrees with plain minimax on random trees with rewards and extra turns, both seats', () => {
    for (let seed = 0; seed < 60; seed++) {
      const game = randomTree(seed, { seats: seed % 3 === 0 ? 1 : 2, chance: 0, depth: 6, rewarded: 0.5 });
      const root = game.start(createRng(0));
      if (game.seats === 2) root.turn = (seed % 2) as 0 | 1;
      const sign = root.turn === 0 ? 1 : -1;
      const result = createAlphaBeta(game).search(root);
      expect(result.exact).toBe(true);
      expect(result.value).toBeCloseTo(sign * exactValue(game, root), 9);
      expect(childValues(game, root)[result.action]).toBeCloseTo(sign * result.value, 9);
    }
  });

  it('agrees with plain minimax to a limited depth with a heuristic', () => {
    for (let seed = 0; seed < 40; seed++) {
      const game = randomTree(seed, { seats: 2, chance: 0, depth: 7, rewarded: 0.3 });
      const heuristic = (state: { hash: number }) => ((state.hash >>> 8) % 17) / 32 - 0.25;
      const root = game.start(createRng(0));
      const depth = 1 + (seed % 5);
      const result = createAlphaBeta(game, { depth, heuristic }).search(root);
      expect(result.value).toBeCloseTo(plain(game, root, depth, heuristic), 9);
      expect(result.depth).toBe(depth);
      expect(result.exact).toBe(false);
    }
  });

  it('one table serves a whole game', () => {
    const player = createAlphaBeta(ticTacToe, { tableSize: 1024 });
    const rng = createRng('table');
    for (let i = 0; i < 60; i++) {
      const root = randomPosition(ticTacToe, rng.below(7), rng);
      if (root === undefined) continue;
      expect(player.search(root).value).toBe((root.turn === 0 ? 1 : -1) * exactValue(ticTacToe, root) + 0);
    }
  });

  it('stops when told, with a legal move of the last finished depth', () => {
    let asked = 0;
    const start = ticTacToe.start(createRng(0));
    const stopped = createAlphaBeta(ticTacToe).search(start, () => ++asked >= 2);
    expect(asked).toBe(2);
    expect(stopped.exact).toBe(false);
    expect(stopped.depth).toBeGreaterThan(0);
    const limited = createAlphaBeta(ticTacToe, { nodes: 1 }).search(start);
    expect(limited).toMatchObject({ depth: 0, exact: false });
    expect(createAlphaBeta(ticTacToe, { nodes: 50 }).search(board('xx. oo. ...')).action).toBe(2);
  });

  it('refuses chance, a finished game and empty limits', () => {
    expect(() => createAlphaBeta(randomTree(1, { seats: 2, chance: 0.5, depth: 3, rewarded: 0 }))).toThrow('games without chance');
    expect(() => createAlphaBeta(ticTacToe, { depth: 0 })).toThrow("'depth' must be at least 1");
    const over = board('xxx oo. ...');
    over.turn = OVER;
    expect(() => createAlphaBeta(ticTacToe).search(over)).toThrow('the game is over');
  });
});
