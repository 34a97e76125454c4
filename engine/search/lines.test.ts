import { describe, expect, test } from 'vitest';
import { ticTacToe } from '#games';
import { createRng } from '../rng.js';
import { OVER, cloneState } from '../types.js';
import type { State } from '../types.js';
import { createBatch } from './batch.js';
import { createSearch, runSearch } from './create.js';

const rng = createRng('lines');
const batch = createBatch(ticTacToe, 1);

/** Whether `seat` has won within so many plies, whatever the other does: plain minimax. */
function forces(state: State, seat: number, plies: number, score = 0): boolean {
  if (state.turn === OVER) return score === (seat === 0 ? 1 : -1);
  if (plies === 0) return false;
  const legal = new Int32Array(9);
  const results = Array.from(legal.subarray(0, state.legal(legal)), (action) => {
    const next = cloneState(ticTacToe, state as never, rng);
    const reward = next.apply(action);
    return forces(next, seat, plies - 1, reward);
  });
  return state.turn === seat ? results.some(Boolean) : results.every(Boolean);
}

describe('lines', () => {
  test('a proven win is over within the plies it claims, and its line is legal', async () => {
    let checked = 0;
    for (let game = 0; game < 60; game++) {
      const state = ticTacToe.start(rng);
      const legal = new Int32Array(9);
      for (let ply = 0; ply < 3 + (game % 3) && state.turn !== OVER; ply++) state.apply(legal[rng.below(state.legal(legal))]);
      if (state.turn === OVER) continue;
      const search = createSearch(ticTacToe, { kind: 'uct', simulations: 3000 });
      search.restart(state, rng.fork('search', game));
      await runSearch(search, batch);
      const best = search.action(rng);
      const lines = search.lines(4, best);
      expect(lines[0].actions[0]).toBe(best);
      for (const { actions, proven, plies } of lines) {
        const copy = cloneState(ticTacToe, state, rng);
        for (const action of actions) {
          expect(Array.from(legal.subarray(0, copy.legal(legal)))).toContain(action);
          copy.apply(action);
        }
        if (plies === undefined) continue;
        const next = cloneState(ticTacToe, state, rng);
        const reward = next.apply(actions[0]);
        const winner = (proven! > 0 ? state.turn : 1 - state.turn) as 0 | 1;
        expect(forces(next, winner, plies - 1, reward)).toBe(true);
        checked++;
      }
    }
    expect(checked).toBeGreaterThan(50);
  });

  test('only some root moves: nothing else is searched, and a full search follows unharmed', async () => {
    const search = createSearch(ticTacToe, { kind: 'uct', simulations: 200, provenResults: false });
    const state = ticTacToe.start(rng);
    search.restart(state, rng.fork('only'), undefined, [0, 8]);
    await runSearch(search, batch);
    expect(search.report().actions.map(({ action }) => action)).toEqual([0, 8]);
    expect(search.lines(9, 8).map(({ actions }) => actions[0])).toEqual([8, 0]);
    expect(search.depth.most).toBeGreaterThanOrEqual(search.depth.mean);
    search.restart(state, rng.fork('all'), []);
    await runSearch(search, batch);
    expect(search.report().actions).toHaveLength(9);
    expect(() => search.restart(state, rng, undefined, [99])).toThrow('none of the moves');
  });
});
