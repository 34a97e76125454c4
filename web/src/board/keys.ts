/** What keys mean on a board. */
import type { BoardShape } from './layout.js';

/** The action that a digit plays: a column from the left, or a cell row by row from the top left. */
export function typedAction(shape: BoardShape, key: string): number | undefined {
  if (!/^[1-9]$/.test(key)) return undefined;
  const action = Number(key) - 1;
  return action < (shape.drops ? shape.columns : shape.columns * shape.rows) ? action : undefined;
}

/** The cell that an arrow, Home or End goes to; undefined for another key. Stays inside the board. */
export function arrowTarget(shape: BoardShape, cell: number, key: string): number | undefined {
  const { columns, rows } = shape;
  const column = cell % columns;
  const row = Math.floor(cell / columns);
  switch (key) {
    case 'ArrowLeft': return row * columns + Math.max(0, column - 1);
    case 'ArrowRight': return row * columns + Math.min(columns - 1, column + 1);
    case 'ArrowUp': return Math.max(0, row - 1) * columns + column;
    case 'ArrowDown': return Math.min(rows - 1, row + 1) * columns + column;
    case 'Home': return row * columns;
    case 'End': return row * columns + columns - 1;
    default: return undefined;
  }
}
