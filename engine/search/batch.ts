import type { Batch, Game } from '../types.js';

/** An empty minibatch of up to `capacity` leaves of the game, for many searches to share. */
export function createBatch(game: Pick<Game, 'planes' | 'actionCount'>, capacity: number): Batch {
  const [channels, height, width] = game.planes;
  return {
    size: 0,
    capacity,
    planes: new Float32Array(capacity * channels * height * width),
    logits: new Float32Array(capacity * game.actionCount),
    values: new Float32Array(capacity),
  };
}
