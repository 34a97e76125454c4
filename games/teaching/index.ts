/** Small tasks with known answers, to learn the methods by. */
export { cliffWalking, gridWorld } from './grids.js';
export { PongState, pong } from './pong.js';
export { randomWalk } from './random-walk.js';
export { TabularState, isTabular } from './tabular.js';
export type { TabularGame, TabularModel, TabularOutcome } from './tabular.js';
