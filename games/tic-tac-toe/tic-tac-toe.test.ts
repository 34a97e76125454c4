import { expect, test } from 'vitest';
import { KEY_WORDS, OVER, createRng } from '#engine';
import { ticTacToe } from './game.js';
import { TicTacToeSolver } from './solver.js';
import { TicTacToeState } from './state.js';

const out = new Int32Array(9);
const legal = (state: TicTacToeState) => [...out.subarray(0, state.legal(out))];

/** Every position that can be reached, by its key. */
function reachable(): Map<string, TicTacToeState> {
  const key = new Uint32Array(KEY_WORDS);
  const found = new Map<string, TicTacToeState>();
  const visit = (state: TicTacToeState) => {
    state.key(key);
    if (found.has(key.join())) return;
    found.set(key.join(), state);
    for (const action of legal(state)) {
      const child = new TicTacToeState();
      child.copyFrom(state);
      child.apply(action);
      visit(child);
    }
  };
  visit(new TicTacToeState());
  return found;
}

test('counts all games by result, as is well known: 131,184 + 77,904 + 46,080 = 255,168', () => {
  const results = { wins: 0, losses: 0, draws: 0 };
  const visit = (state: TicTacToeState) => {
    for (const action of legal(state)) {
      const child = new TicTacToeState();
      child.copyFrom(state);
      const reward = child.apply(action);
      if (child.turn === OVER) results[reward > 0 ? 'wins' : reward < 0 ? 'losses' : 'draws']++;
      visit(child);
    }
  };
  visit(new TicTacToeState());
  expect(results).toEqual({ wins: 131_184, losses: 77_904, draws: 46_080 });
});

test('5,478 positions can be reached (OEIS A008907 sums to it), 626 + 316 + 16 of them finished', () => {
  const all = [...reachable().values()];
  expect(all.length).toBe(5478);
  const finished = all.filter((state) => state.turn === OVER);
  expect(finished.length).toBe(958);
  expect(finished.filter((state) => !state.won()).length).toBe(16);
});

test('playout returns what uniform play returns, by enumeration', () => {
  const expectation = (state: TicTacToeState): number => {
    let sum = 0;
    const moves = legal(state);
    for (const action of moves) {
      const child = new TicTacToeState();
      child.copyFrom(state);
      sum += child.apply(action) + expectation(child);
    }
    return moves.length === 0 ? 0 : sum / moves.length;
  };
  const rng = createRng('tic-tac-toe playouts');
  const games = 50_000;
  for (const moves of ['', 'b2 a1', 'b2 a1 c1 a3']) {
    const root = ticTacToe.parseSetup?.(moves);
    if (root === undefined) throw new Error(moves);
    let sum = 0;
    const state = new TicTacToeState();
    for (let i = 0; i < games; i++) {
      state.copyFrom(root);
      sum += state.playout(rng);
    }
    expect(Math.abs(sum / games - expectation(root))).toBeLessThan(4 / Math.sqrt(games));
  }
});

/** Plain minimax on a board of marks, sharing nothing with the solver: outcome for the player to move. */
function minimax(cells: string[], mark: string): number {
  const lines = ['012', '345', '678', '036', '147', '258', '048', '246'];
  if (lines.some((line) => [...line].every((i) => cells[Number(i)] !== '' && cells[Number(i)] !== mark && cells[Number(i)] === cells[Number(line[0])]))) return -1;
  const free = cells.flatMap((cell, i) => (cell === '' ? [i] : []));
  if (free.length === 0) return 0;
  return Math.max(...free.map((i) => -minimax(cells.with(i, mark), mark === 'X' ? 'O' : 'X')));
}

test('the solver agrees with plain minimax on every position of five plies and more, and draws the game', () => {
  const solver = new TicTacToeSolver();
  for (const state of reachable().values()) {
    if (state.plies < 5) continue;
    const cells = Array.from({ length: 9 }, (_, cell) => ['X', 'O'][state.stone(cell) ?? 2] ?? '');
    expect(solver.value(state)).toBe(minimax(cells, state.plies % 2 === 0 ? 'X' : 'O') + 0);
  }
  expect(solver.scores(new TicTacToeState())).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0]);
  // The well-known answer to a corner is the centre alone.
  const corner = ticTacToe.parseSetup?.('a1');
  expect(corner && solver.scores(corner)).toEqual([-1, -1, -1, -1, 0, -1, undefined, -1, -1]);
  expect(corner && solver.best(corner, createRng(1))).toBe(4);
});

test.each(['b2b2', 'a4', 'd1', 'b', 'a1a2b1b2c1c2', 'b2-a1'])('refuses %j as a position', (text) => {
  expect(ticTacToe.parseSetup?.(text)).toBeUndefined();
});

test('notation: a1 is the lower left, as on a chess board', () => {
  const state = ticTacToe.parseSetup?.('b2, a1 c3');
  expect(state && ticTacToe.render?.(state)).toBe('3  . . X\n2  . X .\n1  O . .\n   a b c');
});
