/** Search and learning mathematics: knows no game, no file, no socket. */
export * from './types.js';
export * from './errors.js';
export * from './rng.js';
