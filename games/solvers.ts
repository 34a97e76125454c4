/** Which games are solved. */
import type { Game } from '#engine';
import { Connect4Solver } from './connect4/solver.js';
import { connect4 } from './connect4/game.js';
import type { Solver } from './solver.js';
import { TicTacToeSolver } from './tic-tac-toe/solver.js';
import { ticTacToe } from './tic-tac-toe/game.js';

const MAKERS = new Map<Game, () => Solver>([
  [ticTacToe, () => new TicTacToeSolver()],
  [connect4, () => new Connect4Solver()],
]);
const solvers = new Map<Game, Solver>();

/** The exact solver of a built-in game, undefined where there is none; one a thread, so that its table is kept. */
export function solverFor(game: Game): Solver | undefined {
  let solver = solvers.get(game);
  if (solver === undefined) {
    solver = MAKERS.get(game)?.();
    if (solver !== undefined) solvers.set(game, solver);
  }
  return solver;
}
