/** Two worlds of cells: the cliff (Sutton and Barto 2018, example 6.6), and four by four cells with a goal. */
import { tabularGame } from './tabular.js';
import type { TabularGame, TabularModel, TabularOutcome, TabularState } from './tabular.js';

/** In the order of Gymnasium's CliffWalking. */
const MOVES = ['up', 'right', 'down', 'left'] as const;
const ROW_STEPS = [-1, 0, 1, 0];
const COLUMN_STEPS = [0, 1, 0, -1];

interface Grid {
  readonly height: number;
  readonly width: number;
  /** Cells are numbered row by row from the top left. */
  readonly start: number;
  readonly goal: number;
  /** What entering a cell does: its reward, and where one finds oneself. */
  readonly enter: (cell: number) => { reward: number; cell: number };
  readonly pit: (cell: number) => boolean;
}

/** Moves against the border stay where they are, and cost as much. */
function gridModel({ height, width, start, goal, enter, pit }: Grid): TabularModel {
  const outcomes: TabularOutcome[][] = [];
  for (let cell = 0; cell < height * width; cell++) {
    for (const move of MOVES.keys()) {
      const row = Math.min(height - 1, Math.max(0, Math.floor(cell / width) + ROW_STEPS[move]));
      const column = Math.min(width - 1, Math.max(0, (cell % width) + COLUMN_STEPS[move]));
      const { reward, cell: next } = enter(row * width + column);
      outcomes.push(cell === goal || pit(cell) ? [] : [{ probability: 1, next, reward, terminated: next === goal }]);
    }
  }
  return { states: height * width, actions: MOVES.length, start, outcomes };
}

function draw({ height, width, start, goal, pit }: Grid, { index }: TabularState): string {
  return Array.from({ length: height }, (_row, row) =>
    Array.from({ length: width }, (_column, column) => {
      const cell = row * width + column;
      return cell === index ? '@' : cell === goal ? 'G' : pit(cell) ? '#' : cell === start ? 'S' : '.';
    }).join(' '),
  ).join('\n');
}

const cliffGrid: Grid = {
  height: 4,
  width: 12,
  start: 36,
  goal: 47,
  enter: (cell) => (cell > 36 && cell < 47 ? { reward: -100, cell: 36 } : { reward: -1, cell }),
  pit: (cell) => cell > 36 && cell < 47,
};

/** Every step costs 1; the cliff costs 100 and leads back to the start. */
export const cliffWalking: TabularGame = tabularGame({
  id: 'cliff-walking',
  name: 'Cliff walking',
  version: 1,
  actions: MOVES,
  limit: 1000,
  model: gridModel(cliffGrid),
  size: [4, 12],
  render: (state) => draw(cliffGrid, state),
});

const worldGrid: Grid = {
  height: 4,
  width: 4,
  start: 0,
  goal: 15,
  enter: (cell) => ({ reward: cell === 15 ? 10 : -1, cell }),
  pit: () => false,
};

/** Every step costs 1, but the one that reaches the opposite corner gives 10. */
export const gridWorld: TabularGame = tabularGame({
  id: 'grid-world',
  name: 'Grid world',
  version: 1,
  actions: MOVES,
  limit: 200,
  model: gridModel(worldGrid),
  size: [4, 4],
  render: (state) => draw(worldGrid, state),
});
