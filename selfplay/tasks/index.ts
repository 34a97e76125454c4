/** Learning single-seat tasks: environments that step together, algorithms by name, and (with them) runs. */
export * from './types.js';
export { GameEnvironments } from './environments.js';
export { gameTask, openTask } from './task.js';
export { algorithmFor, algorithms, getAlgorithm, suitableAlgorithms } from './algorithms.js';
