import { beforeAll, describe, expect, it } from 'vitest';
import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core';
import { createOptimizer, orthogonalize, tf, type OptimizerConfig, type ParameterLayout, type Tensors } from '#engine/nn';

beforeAll(() => tf.setBackend('cpu'));

/** A layout of one kernel of each sort and one vector, in the order of the flat vector. */
function layout(hidden: number[], other: number, vector: number): ParameterLayout {
  const hiddenSize = hidden.length === 0 ? 0 : hidden.reduce((a, b) => a * b, 1);
  const slices = [
    ...(hiddenSize > 0 ? [{ name: 'hidden', shape: hidden, offset: 0, size: hiddenSize }] : []),
    { name: 'other', shape: [1, other], offset: hiddenSize, size: other },
    { name: 'vector', shape: [vector], offset: hiddenSize + other, size: vector },
  ];
  const trained = hiddenSize + other + vector;
  return { trainedSlices: slices, statisticSlices: [], trained, statistics: 0, hiddenKernels: hiddenSize, kernels: hiddenSize + other };
}

/** w after each of the given gradients, one step each. */
function trajectory(config: OptimizerConfig, plan: ParameterLayout, start: number[], gradients: number[][], rate = 0.1): number[][] {
  const optimizer = createOptimizer(config, plan);
  let w: Tensor1D = tf.tensor1d(start);
  let slots: Tensors = Object.fromEntries(optimizer.slots.map(({ name, shape }) => [name, tf.zeros([...shape])]));
  return gradients.map((gradient, i) => {
    const step: Scalar = tf.scalar(i + 1);
    ({ w, slots } = optimizer.update({ w, g: tf.tensor1d(gradient), slots, step, learningRate: tf.scalar(rate) }));
    return [...w.dataSync()];
  });
}

const close = (actual: number[][], expected: number[][], digits = 6) => {
  expect(actual.map((row) => row.length)).toEqual(expected.map((row) => row.length));
  expected.forEach((row, i) => row.forEach((x, j) => expect(actual[i][j]).toBeCloseTo(x, digits)));
};

describe('SGD', () => {
  const plain = { kind: 'sgd', momentum: 0.9, weightDecay: 0 } as const;
  const plan = layout([], 1, 1);
  it('accumulates momentum: M = .5, .95', () => close(trajectory(plain, plan, [1, 1], [[0.5, 0], [0.5, 0]]), [[0.95, 1], [0.855, 1]]));
  it('looks ahead with Nesterov: .5 + .9 x .5 = .95, .5 + .9 x .95 = 1.355', () =>
    close(trajectory({ ...plain, nesterov: true }, plan, [1, 1], [[0.5, 0], [0.5, 0]]), [[0.905, 1], [0.7695, 1]]));
  it('decays kernels, not vectors: g = .5 + .2 x 1', () => close(trajectory({ ...plain, weightDecay: 0.2 }, plan, [1, 1], [[0.5, 0.5]]), [[0.93, 0.95]]));
  it.each([
    ['longer', 1, [0.6, 0.8]],
    ['shorter', 10, [3, 4]],
  ])('clips a gradient (3, 4) that is %s than the norm %d', (_, clipNorm, g) =>
    close(trajectory({ ...plain, clipNorm }, plan, [0, 0], [[3, 4]]), [g.map((x) => -0.1 * x)]));
});

describe('RMSProp', () => {
  const config = { kind: 'rmsprop', decay: 0.9, epsilon: 0.01, weightDecay: 0 } as const;
  // v = .1 x .25 = .025; .1 x .5 / sqrt(.035) = .267261. Then v = .0225 + .1 x .0625 = .02875; .1 x .25 / sqrt(.03875) = .127000.
  it('divides by the root of the mean square', () => close(trajectory(config, layout([], 1, 1), [1, 1], [[0.5, 0], [-0.25, 0]]), [[0.732739, 1], [0.859739, 1]], 5));
  // Centred: m = .05, v - m^2 = .0225; .05 / sqrt(.0325) = .277350. Then m = .02, v - m^2 = .02835; .025 / sqrt(.03835) = .127660.
  it('centred, of the variance', () => close(trajectory({ ...config, centred: true }, layout([], 1, 1), [1, 1], [[0.5, 0], [-0.25, 0]]), [[0.72265, 1], [0.85031, 1]], 5));
  it('decays kernels only: 1 - .1 x .2', () => close(trajectory({ ...config, weightDecay: 0.2 }, layout([], 1, 1), [1, 1], [[0, 0]]), [[0.98, 1]]));
});

describe('AdamW', () => {
  const config = { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 } as const;
  it('moves by the learning rate at first, and decays kernels only (worked in double precision)', () =>
    close(trajectory(config, layout([], 1, 1), [1, 1], [[0.5, 0.5], [-0.25, -0.25]]), [[0.899, 0.9], [0.8714669, 0.8733664]], 5));
  it('does not divide by zero', () => close(trajectory(config, layout([], 1, 1), [0, 1], [[0, 0]]), [[0, 1]]));
});

describe('Newton-Schulz (methods, facts: others)', () => {
  it.each([
    [0.01, 0.698917],
    [0.1, 0.71212],
    [0.5, 0.765439],
  ])('takes the singular value %f to %f', (s, expected) => {
    // With a second singular value that makes the norm 1, the normalisation changes nothing.
    const y = orthogonalize(tf.tensor2d([[s, 0], [0, Math.sqrt(1 - s * s)]])).dataSync();
    expect(y[0]).toBeCloseTo(expected, 5);
  });
  it('takes 1 to .696436', () => expect(orthogonalize(tf.tensor2d([[1]])).dataSync()[0]).toBeCloseTo(0.696436, 5));
  it('of diag(3, 4) is diag(.72288, 1.11920)', () => close([[...orthogonalize(tf.tensor2d([[3, 0], [0, 4]])).dataSync()]], [[0.72288, 0, 0, 1.1192]], 4));
  it('of [[3, 4]] is [.41786, .55715], and of its transpose too', () => {
    close([[...orthogonalize(tf.tensor2d([[3, 4]])).dataSync()]], [[0.41786, 0.55715]], 5);
    close([[...orthogonalize(tf.tensor2d([[3], [4]])).dataSync()]], [[0.41786, 0.55715]], 5);
  });
  it('of zero is zero', () => close([[...orthogonalize(tf.zeros([2, 2])).dataSync()]], [[0, 0, 0, 0]]));
});

describe('Muon', () => {
  const config = { kind: 'muon', momentum: 0.95, weightDecay: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;
  const scale = 0.2 * Math.SQRT2;
  it('orthogonalises hidden kernels and leaves the rest to AdamW', () => {
    const [w] = trajectory(config, layout([2, 2], 1, 1), [1, 0, 0, 1, 1, 1], [[3, 0, 0, 4, 0.5, 0.5]]);
    close([w], [[1 - 0.1 * (scale * 0.72288 + 0.1), 0, 0, 1 - 0.1 * (scale * 1.1192 + 0.1), 0.89, 0.9]], 5);
  });
  it('takes a convolution kernel [kh, kw, in, out] as [kh kw in, out]', () => {
    const [w] = trajectory(config, layout([1, 2, 1, 1], 1, 1), [0, 0, 0, 0], [[3, 4, 0, 0]]);
    close([w], [[-0.1 * scale * 0.41786, -0.1 * scale * 0.55715, 0, 0]], 5);
  });
  it('accumulates momentum: the second direction is that of .95 G1 + G2', () => {
    const steps = trajectory({ ...config, weightDecay: 0 }, layout([1, 2], 1, 1), [0, 0, 0, 0], [[4, 0, 0, 0], [-0.8, 4, 0, 0]]);
    // .95 x (4, 0) + (-.8, 4) = (3, 4)
    close([[steps[1][0] - steps[0][0], steps[1][1] - steps[0][1]]], [[-0.1 * scale * 0.41786, -0.1 * scale * 0.55715]], 5);
  });
  it('keeps one vector for hidden kernels and two for the rest', () => {
    const { slots } = createOptimizer(config, layout([2, 2], 1, 1));
    expect(slots).toEqual([{ name: 'momentum', shape: [4] }, { name: 'm', shape: [2] }, { name: 'v', shape: [2] }]);
  });
  it('is AdamW where there is no hidden kernel', () => expect(createOptimizer(config, layout([], 1, 1)).slots.map((slot) => slot.name)).toEqual(['m', 'v']));
});

it('names an unknown optimiser', () => {
  expect(() => createOptimizer({ kind: 'adam' } as unknown as OptimizerConfig, layout([], 1, 1))).toThrow("unknown optimizer 'adam'; did you mean 'adamw'?");
});
