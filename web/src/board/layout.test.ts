import { describe, expect, it } from 'vitest';
import { EMPTY, cellName, cellOf, layOut, shapeOf, type BoardShape } from './layout.js';

const connect4 = shapeOf('connect4') as BoardShape;
const ticTacToe = shapeOf('tic-tac-toe') as BoardShape;

/** 1-based columns, the usual notation of solvers. */
const columns = (text: string) => [...text].map((digit) => Number(digit) - 1);

describe('layOut', () => {
  it('lets Connect Four pieces fall on each other', () => {
    const board = layOut(connect4, columns('443'));
    expect(board.cells[5 * 7 + 3]).toBe(0);
    expect(board.cells[4 * 7 + 3]).toBe(1);
    expect(board.cells[5 * 7 + 2]).toBe(0);
    expect(board.last).toBe(5 * 7 + 2);
    expect(board.line).toEqual([]);
  });

  it('places tic-tac-toe pieces where the action says', () => {
    const board = layOut(ticTacToe, [4, 0]);
    expect([...board.cells]).toEqual([1, EMPTY, EMPTY, EMPTY, 0, EMPTY, EMPTY, EMPTY, EMPTY]);
  });

  it('finds no room in a full column', () => {
    const board = layOut(connect4, columns('444444'));
    expect(cellOf(connect4, board.cells, 3)).toBe(-1);
    expect(cellOf(connect4, board.cells, 2)).toBe(5 * 7 + 2);
    expect(layOut(connect4, columns('4444444')).cells).toEqual(board.cells);
  });
});

describe('winning line, worked by hand', () => {
  const rows: [string, BoardShape, number[], number[]][] = [
    ['upright in column 1', connect4, columns('1212121'), [14, 21, 28, 35]],
    ['along the bottom', connect4, columns('1122334'), [35, 36, 37, 38]],
    ['rising diagonal', connect4, columns('12233434454'), [17, 23, 29, 35]],
    ['five at once, filled in the middle', connect4, columns('112244553'), [35, 36, 37, 38, 39]],
    ['tic-tac-toe top row', ticTacToe, [0, 3, 1, 4, 2], [0, 1, 2]],
    ['tic-tac-toe falling diagonal', ticTacToe, [0, 1, 4, 2, 8], [0, 4, 8]],
    ['tic-tac-toe two rows at once', ticTacToe, [0, 1, 2, 3, 8, 5, 6, 7, 4], [0, 2, 4, 6, 8]],
    ['nobody yet', connect4, columns('112233'), []],
  ];
  it.each(rows)('%s', (_name, shape, actions, line) => {
    expect(layOut(shape, actions).line).toEqual(line);
  });
});

it('names a cell from the top left', () => {
  expect(cellName(connect4, 0)).toBe('row 1, column 1');
  expect(cellName(connect4, 41)).toBe('row 6, column 7');
});
