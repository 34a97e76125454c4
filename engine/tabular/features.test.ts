import { describe, expect, test } from 'vitest';
import { createRng } from '../rng.js';
import { draw, epsilonGreedy, oneHotFeatures, tileFeatures } from './index.js';

describe('tile coding', () => {
  const coding = { tilings: 4, tiles: [4, 4], low: [0, -1], high: [1, 1] };
  const features = tileFeatures(coding);
  const tilesAt = (x: number, y: number) => {
    const out = new Int32Array(4);
    features.write(Float32Array.of(x, y), out);
    return out;
  };

  test('one tile of each grid, numbered densely', () => {
    expect(features.count).toBe(4 * 5 * 5);
    expect(features.active).toBe(4);
    const random = createRng('tiles');
    const seen = new Set<number>();
    for (let i = 0; i < 5000; i++) {
      tilesAt(random.float(), 2 * random.float() - 1).forEach((tile, tiling) => {
        expect(Math.floor(tile / 25)).toBe(tiling);
        seen.add(tile);
      });
    }
    // Grid 0 is not displaced, so its overhang (5 + 4 tiles) is only ever touched at the upper borders.
    expect(seen.size).toBe(100 - 9);
  });

  test.each([
    // By hand: (x, y) in tiles is (2, 2); grids are displaced by (0, 0), (1/4, 3/4), (2/4, 6/4 - 1), (3/4, 9/4 - 2).
    [0.5, 0, [12, 25 + 12, 50 + 12, 75 + 12]],
    // (2.4, 2.4): + (1/4, 3/4) is in (2, 3); + (2/4, 2/4) in (2, 2); + (3/4, 1/4) in (3, 2).
    [0.6, 0.2, [12, 25 + 13, 50 + 12, 75 + 17]],
    // Beyond the box is its border: (4, 0).
    [9, -9, [20, 25 + 20, 50 + 20, 75 + 20]],
  ])('at (%d, %d)', (x, y, expected) => {
    expect([...tilesAt(x, y)]).toEqual(expected);
  });

  test('near positions share tiles, far ones none', () => {
    const shared = (a: Int32Array, b: Int32Array) => a.filter((tile, i) => tile === b[i]).length;
    expect(shared(tilesAt(0.5, 0), tilesAt(0.55, 0))).toBeGreaterThan(1);
    expect(shared(tilesAt(0.1, 0), tilesAt(0.9, 0))).toBe(0);
  });

  test.each([
    [{ ...coding, low: [0] }, /2 dimensions/],
    [{ ...coding, high: [1, -1] }, /dimension 1/],
    [{ ...coding, high: [Infinity, 1] }, /finite/],
    [{ ...coding, tiles: [4000, 4000] }, /fewer tiles/],
  ])('refused: %j', (bad, why) => {
    expect(() => tileFeatures(bad)).toThrow(why);
  });
});

test('one-hot: the index of the 1', () => {
  const out = new Int32Array(1);
  for (let i = 0; i < 5; i++) {
    const observation = new Float32Array(5);
    observation[i] = 1;
    oneHotFeatures(5).write(observation, out);
    expect(out[0]).toBe(i);
  }
});

test.each([
  [[1, 3, 2, 0], 0.2, [0.05, 0.85, 0.05, 0.05]], // 1 - ε + ε / |A|
  [[1, 3, 3, 0], 0.2, [0.05, 0.45, 0.45, 0.05]],
  [[0, 0], 0, [0.5, 0.5]],
  [[7], 0.5, [1]],
])('ε-greedy of %j at ε %d', (values, epsilon, expected) => {
  const out = new Float64Array(values.length);
  epsilonGreedy(Float64Array.from(values), epsilon, out);
  expected.forEach((probability, i) => expect(out[i]).toBeCloseTo(probability, 15));
  // Draws follow the probabilities: within four standard errors.
  const rng = createRng('draw');
  const counts = new Float64Array(values.length);
  for (let i = 0; i < 10_000; i++) counts[draw(out, rng)]++;
  counts.forEach((count, i) => expect(Math.abs(count / 10_000 - out[i])).toBeLessThanOrEqual(4 * Math.sqrt((out[i] * (1 - out[i])) / 10_000)));
});
