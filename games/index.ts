/** The games, their exact solvers, and how to find, load or begin one. */
export { allGames, games, getGame, isGamePath, loadGame } from './load.js';
export { connect4 } from './connect4/game.js';
export { Connect4Solver } from './connect4/solver.js';
export { Connect4State } from './connect4/state.js';
export { ticTacToe } from './tic-tac-toe/game.js';
export { TicTacToeSolver } from './tic-tac-toe/solver.js';
export { TicTacToeState } from './tic-tac-toe/state.js';
export { solverFor } from './solvers.js';
export { gameId, newGameTemplate } from './template.js';
export { playthrough } from './playthrough.js';
export type { Outcome, Solver, SolverBudget } from './solver.js';
export { isTabular } from './teaching/tabular.js';
export type { TabularGame } from './teaching/tabular.js';
