/** The games, their exact solvers, and how to find or load one. */
export { games, getGame, isGamePath, loadGame } from './load.js';
export { connect4 } from './connect4/game.js';
export { Connect4State } from './connect4/state.js';
export { ticTacToe } from './tic-tac-toe/game.js';
export { TicTacToeState } from './tic-tac-toe/state.js';
export type { Outcome, Solver, SolverBudget } from './solver.js';
