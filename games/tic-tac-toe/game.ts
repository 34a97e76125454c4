/** Tic-tac-toe: action table, notation and symmetries. The spec page is README.md beside this file. */
import type { Game, Symmetry } from '#engine';
import { CELLS, TicTacToeState } from './state.js';

const scratch = new Int32Array(CELLS);

/** The eight ways of turning a square, as where cell (row, column) of the transformed board is taken from. */
const TURNS: readonly (readonly [name: string, from: (row: number, column: number) => readonly [row: number, column: number]])[] = [
  ['identity', (r, c) => [r, c]],
  ['rotate 90', (r, c) => [2 - c, r]],
  ['rotate 180', (r, c) => [2 - r, 2 - c]],
  ['rotate 270', (r, c) => [c, 2 - r]],
  ['mirror left-right', (r, c) => [r, 2 - c]],
  ['mirror up-down', (r, c) => [2 - r, c]],
  ['mirror main diagonal', (r, c) => [c, r]],
  ['mirror other diagonal', (r, c) => [2 - c, 2 - r]],
];

const symmetries: readonly Symmetry[] = TURNS.map(([name, from]) => {
  const cells = new Int32Array(CELLS);
  const actions = new Int32Array(CELLS);
  for (let cell = 0; cell < CELLS; cell++) {
    const [row, column] = from(Math.floor(cell / 3), cell % 3);
    cells[cell] = 3 * row + column;
    actions[3 * row + column] = cell;
  }
  return { name, cells, actions };
});

/** a–c from left to right, 1–3 from bottom to top, as on a chess board. */
function cellName(cell: number): string {
  return 'abc'[cell % 3] + (3 - Math.floor(cell / 3));
}

export const ticTacToe: Game<TicTacToeState> = {
  id: 'tic-tac-toe',
  name: 'Tic-tac-toe',
  version: 1,
  seats: 2,
  chance: 'none',
  actionCount: CELLS,
  maxPlies: CELLS,
  planes: [2, 3, 3],
  symmetries,

  start: () => new TicTacToeState(),

  actionName: (_state, action) => cellName(action),

  parseAction(state, text) {
    const word = text.trim().toLowerCase();
    const legal = scratch.subarray(0, state.legal(scratch));
    return legal.find((cell) => cellName(cell) === word);
  },

  /** Moves from the empty board, apart by spaces or commas or not at all: "b2 a1 c3", "b2a1c3". */
  parseSetup(text) {
    const words = text.replaceAll(/[\s,]/g, '');
    const state = new TicTacToeState();
    for (let at = 0; at < words.length; at += 2) {
      const action = this.parseAction(state, words.slice(at, at + 2));
      if (action === undefined) return undefined;
      state.apply(action);
    }
    return state;
  },

  /** X is seat 0, O is seat 1. */
  render(state) {
    const rows = [0, 3, 6].map((first, i) => `${3 - i}  ${[0, 1, 2].map((column) => 'XO'[state.stone(first + column) ?? 2] ?? '.').join(' ')}`);
    return [...rows, '   a b c'].join('\n');
  },
};
