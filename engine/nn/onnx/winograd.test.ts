import { expect, test } from 'vitest';
import { createRng } from '#engine';
import { axisTransform, kronecker, transposed } from './winograd.js';

/** Boards' sides: tic-tac-toe 3, Connect Four 6 and 7, chess 8, Go 9 to 19; and filters with every padding. */
const AXES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 15, 19].flatMap((cells) => ([[1, 0], [2, 0], [2, 1], [3, 0], [3, 1], [3, 2]] as const).map(([taps, before]) => [cells, taps, before] as const));

test.each(AXES)('%i cells, %i taps, %i cells of padding before: as the sum that defines it', (cells, taps, before) => {
  const rng = createRng(cells * 100 + taps * 10 + before);
  const { points, tiles, input, filter, output } = axisTransform(cells, cells, taps, before);
  const x = Array.from({ length: cells }, () => rng.float() * 2 - 1);
  const w = Array.from({ length: taps }, () => rng.float() * 2 - 1);
  const row = (matrix: Float32Array, i: number, vector: readonly number[]) => vector.reduce((sum, value, j) => sum + matrix[i * vector.length + j] * value, 0);
  const products = Array.from({ length: points * tiles }, (_, i) => row(input, i, x) * row(filter, Math.floor(i / tiles), w));
  for (let i = 0; i < cells; i++) {
    const direct = w.reduce((sum, value, j) => sum + value * (x[i + j - before] ?? 0), 0);
    expect(row(output, i, products)).toBeCloseTo(direct, 4);
  }
});

test('matrices: transpose and Kronecker product, by hand', () => {
  expect([...transposed(Float32Array.of(1, 2, 3, 4, 5, 6), 2, 3)]).toEqual([1, 4, 2, 5, 3, 6]);
  expect([...kronecker(Float32Array.of(1, 2), 1, 2, Float32Array.of(3, 4), 2, 1)]).toEqual([3, 6, 4, 8]);
});
