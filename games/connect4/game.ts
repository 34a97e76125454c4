/** Connect Four: action table, notation and symmetries. The spec page is README.md beside this file. */
import type { Game, Symmetry } from '#engine';
import { CELLS, COLUMNS, ROWS } from './board.js';
import { Connect4State } from './state.js';

const scratch = new Int32Array(COLUMNS);

function isLegal(state: Connect4State, action: number): boolean {
  return scratch.subarray(0, state.legal(scratch)).includes(action);
}

function mirrored(columns: number, rows: number): Int32Array {
  return Int32Array.from({ length: columns * rows }, (_, i) => i - (i % columns) + (columns - 1 - (i % columns)));
}

const symmetries: readonly Symmetry[] = [
  { name: 'identity', cells: Int32Array.from({ length: CELLS }, (_, i) => i), actions: Int32Array.from({ length: COLUMNS }, (_, i) => i) },
  { name: 'mirror', cells: mirrored(COLUMNS, ROWS), actions: mirrored(COLUMNS, 1) },
];

export const connect4: Game<Connect4State> = {
  id: 'connect4',
  name: 'Connect Four',
  version: 1,
  seats: 2,
  chance: 'none',
  actionCount: COLUMNS,
  maxPlies: CELLS,
  planes: [2, ROWS, COLUMNS],
  symmetries,

  start: () => new Connect4State(),

  actionName: (_state, action) => String(action + 1),

  parseAction(state, text) {
    const word = text.trim();
    if (!/^[1-7]$/.test(word)) return undefined;
    const action = Number(word) - 1;
    return isLegal(state, action) ? action : undefined;
  },

  /** Columns 1–7 from the empty board, e.g. "44367"; the empty text is the empty board. */
  parseSetup(text) {
    const state = new Connect4State();
    for (const letter of text.trim()) {
      const action = this.parseAction(state, letter);
      if (action === undefined) return undefined;
      state.apply(action);
    }
    return state;
  },

  /** X is seat 0, O is seat 1. */
  render(state) {
    const lines: string[] = [];
    for (let row = ROWS - 1; row >= 0; row--) {
      const cells = Array.from({ length: COLUMNS }, (_, column) => {
        const stone = state.stone(column, row);
        return stone === undefined ? '.' : 'XO'[stone];
      });
      lines.push(cells.join(' '));
    }
    lines.push('1 2 3 4 5 6 7');
    return lines.join('\n');
  },
};
