/**
 * Tile coding (Sutton and Barto 2018, section 9.5.4): several grids over the same box, each displaced by another
 * fraction of a tile; an observation turns on one tile of each. Tiles are numbered densely, without a hash: boxes of few
 * dimensions are what tile coding is for, and no two tiles ever share a weight.
 *
 * Arithmetic is in single precision, operation by operation, so that an exported network finds the same tiles.
 */
import { UserError } from '../errors.js';
import type { Features } from './features.js';

export interface TileCoding {
  /** Grids laid over each other; a power of two of at least 4 times the dimensions spreads them best. */
  readonly tilings: number;
  /** [dimensions]: tiles along each dimension of the box. */
  readonly tiles: readonly number[];
  /** [dimensions]: the box; observations beyond it count as on its border. */
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** Weights in all that a coding may have; more is a mistake in the settings, not a use. */
const MOST_TILES = 20_000_000;

/** Tiles of one grid: one more along each dimension, since displaced grids overhang the box. */
export function tilesOfGrid({ tiles }: TileCoding): number {
  return tiles.reduce((product, count) => product * (count + 1), 1);
}

/** [tilings * dimensions]: how far each grid is displaced, in tiles, below 1: multiples of (1, 3, 5, ...) / tilings. */
export function displacements({ tilings, tiles }: TileCoding): Float32Array {
  const dimensions = tiles.length;
  return Float32Array.from({ length: tilings * dimensions }, (_, i) => ((Math.floor(i / dimensions) * (2 * (i % dimensions) + 1)) % tilings) / tilings);
}

/** [dimensions]: tiles per unit of the observation. */
export function tileScales({ tiles, low, high }: TileCoding): Float32Array {
  return Float32Array.from(tiles, (count, d) => count / (high[d] - low[d]));
}

/** Throws UserError('usage') for a coding that is none. */
export function tileFeatures(coding: TileCoding): Features {
  const { tilings, tiles, low, high } = coding;
  const dimensions = tiles.length;
  if (low.length !== dimensions || high.length !== dimensions) throw new UserError('usage', `tile coding of ${dimensions} dimensions needs as many bounds, not ${low.length} and ${high.length}`);
  for (let d = 0; d < dimensions; d++) {
    if (!(Number.isFinite(low[d]) && Number.isFinite(high[d]) && low[d] < high[d])) throw new UserError('usage', `tile coding: dimension ${d} is bounded by ${low[d]} and ${high[d]}; the second should be larger, and both finite`);
  }
  const perGrid = tilesOfGrid(coding);
  if (tilings * perGrid > MOST_TILES) throw new UserError('usage', `tile coding: ${tilings} grids of ${tiles.join(' x ')} tiles are ${tilings * perGrid} weights an action; take fewer tiles, or a network`);
  const scales = tileScales(coding);
  const shifts = displacements(coding);
  const lows = Float32Array.from(low);
  const scaled = new Float32Array(dimensions);
  return {
    count: tilings * perGrid,
    active: tilings,
    write(observation, out) {
      for (let d = 0; d < dimensions; d++) scaled[d] = Math.min(tiles[d], Math.max(0, Math.fround(Math.fround(observation[d] - lows[d]) * scales[d])));
      for (let tiling = 0; tiling < tilings; tiling++) {
        let index = 0;
        for (let d = 0; d < dimensions; d++) index = index * (tiles[d] + 1) + Math.floor(Math.fround(scaled[d] + shifts[tiling * dimensions + d]));
        out[tiling] = tiling * perGrid + index;
      }
    },
  };
}
