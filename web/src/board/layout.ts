/**
 * Where things lie on a board of squares, from the actions alone: what a board component draws.
 * The rules themselves (whose turn, what is legal, when it ends) come from `#games`; this only places pieces.
 */

/** A game of k in a row on a grid; cell 0 is the top left one, counted row by row. */
export interface BoardShape {
  readonly id: string;
  readonly columns: number;
  readonly rows: number;
  readonly inARow: number;
  /** true: an action is a column and the piece falls; false: an action is a cell. */
  readonly drops: boolean;
}

export const shapes: readonly BoardShape[] = [
  { id: 'tic-tac-toe', columns: 3, rows: 3, inARow: 3, drops: false },
  { id: 'connect4', columns: 7, rows: 6, inARow: 4, drops: true },
];

/** The board of a game, undefined when this application cannot draw it. */
export function shapeOf(gameId: string): BoardShape | undefined {
  return shapes.find((shape) => shape.id === gameId);
}

export const EMPTY = -1;

/** One position as it is drawn. */
export interface BoardLayout {
  /** [rows * columns]: the seat whose piece lies there, or EMPTY. */
  readonly cells: Int8Array;
  /** Cell of the newest piece, -1 on an empty board. */
  readonly last: number;
  /** Cells of every completed row, ascending; empty while nobody has won. */
  readonly line: readonly number[];
}

/** Cell that an action would fill; -1 when its column is full. */
export function cellOf(shape: BoardShape, cells: Int8Array, action: number): number {
  if (!shape.drops) return cells[action] === EMPTY ? action : -1;
  for (let row = shape.rows - 1; row >= 0; row--) {
    const cell = row * shape.columns + action;
    if (cells[cell] === EMPTY) return cell;
  }
  return -1;
}

/** Pieces after `actions`, seats in turn from seat 0; an action without room is left out. */
export function layOut(shape: BoardShape, actions: readonly number[]): BoardLayout {
  const cells = new Int8Array(shape.columns * shape.rows).fill(EMPTY);
  let last = -1;
  actions.forEach((action, ply) => {
    const cell = cellOf(shape, cells, action);
    if (cell < 0) return;
    cells[cell] = ply % 2;
    last = cell;
  });
  return { cells, last, line: winningCells(shape, cells, last) };
}

const DIRECTIONS = [[1, 0], [0, 1], [1, 1], [1, -1]] as const;

/** Cells of every row of k or more through `through`, which is where a game is won; ascending. */
export function winningCells(shape: BoardShape, cells: Int8Array, through: number): number[] {
  if (through < 0) return [];
  const seat = cells[through];
  const found = new Set<number>();
  for (const [dx, dy] of DIRECTIONS) {
    const run = [through];
    for (const sign of [-1, 1]) {
      let x = (through % shape.columns) + sign * dx;
      let y = Math.floor(through / shape.columns) + sign * dy;
      while (x >= 0 && x < shape.columns && y >= 0 && y < shape.rows && cells[y * shape.columns + x] === seat) {
        run.push(y * shape.columns + x);
        x += sign * dx;
        y += sign * dy;
      }
    }
    if (run.length >= shape.inARow) for (const cell of run) found.add(cell);
  }
  return [...found].sort((a, b) => a - b);
}

/** How a person would say where a cell is: "row 2, column 3", from the top left. */
export function cellName(shape: BoardShape, cell: number): string {
  return `row ${Math.floor(cell / shape.columns) + 1}, column ${(cell % shape.columns) + 1}`;
}
