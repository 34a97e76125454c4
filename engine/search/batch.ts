import type { Batch, Game, LatentBatch } from '../types.js';

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

/** An empty minibatch of a learned model, for many searches to share. */
export function createLatentBatch(actionCount: number, latentSize: number, capacity: number): LatentBatch {
  const latents = new Float32Array(capacity * latentSize);
  return {
    size: 0,
    capacity,
    parents: new Float32Array(capacity * latentSize),
    actions: new Int32Array(capacity),
    latents,
    latentRows: rowViews(latents, latentSize),
    lasting: false,
    rewards: new Float32Array(capacity),
    logits: new Float32Array(capacity * actionCount),
    values: new Float32Array(capacity),
  };
}

/** Views [width] of the rows of an array, to be copied from without making a view each time. */
export function rowViews(array: Float32Array, width: number): Float32Array[] {
  return Array.from({ length: array.length / width }, (_, i) => array.subarray(i * width, (i + 1) * width));
}
