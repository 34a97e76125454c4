import { beforeAll, describe, expect, it } from 'vitest';
import type { Scalar, Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { createRng, normal } from '#engine';
import { batchNorm, convolution, dense, depthwise, globalBias, layerNorm, pickColumns, planesPolicy, poolBoard, sequence, tf, type ForwardContext, type Layer, type Tensors } from '#engine/nn';
import { gradientError } from '../../testing/finite-differences.js';

beforeAll(() => tf.setBackend('cpu'));

const rng = createRng('layers');
const random = (shape: number[]) => ({ values: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => normal(rng)), shape });
const training: ForwardContext = { training: true, statistic: () => undefined };
const weigh = (x: Tensor): Scalar => tf.mean(tf.mul(x, tf.tensor(Array.from({ length: x.size }, (_, i) => Math.cos(i + 1)), x.shape)));

describe('gradients of every layer against central differences', () => {
  it.each<[string, Layer, number[]]>([
    ['dense', dense('l', 4, 3), [5, 4]],
    ['convolution 3x3', convolution('l', 3, 2, 3), [2, 3, 4, 2]],
    ['convolution 1x1 without bias', convolution('l', 1, 3, 2, { bias: false }), [2, 3, 2, 3]],
    ['depthwise convolution', depthwise('l', 3, 3), [2, 3, 4, 3]],
    ['batch norm of images', batchNorm('l', 3), [3, 2, 2, 3]],
    ['batch norm of vectors', batchNorm('l', 4), [6, 4]],
    ['layer norm', layerNorm('l', 5), [3, 5]],
    ['global bias', globalBias('l', 3, 2), [2, 3, 2, 3]],
    ['policy from planes', planesPolicy('l', 3, { count: 2, gather: Int32Array.of(11, 0, 7, 3) }, 6), [2, 2, 3, 3]],
    ['convolution, batch norm', sequence(convolution('c', 3, 2, 2, { bias: false }), batchNorm('n', 2)), [3, 3, 3, 2]],
  ])('%s', (_, layer, shape) => {
    const specs = layer.parameters.filter((spec) => spec.kind !== 'statistic');
    const f = (x: Tensor, ...values: Tensor[]) => {
      const parameters: Tensors = Object.fromEntries(specs.map((spec, i) => [spec.name, values[i]]));
      return weigh(layer.apply(parameters, x, training));
    };
    expect(gradientError(f, [random(shape), ...specs.map((spec) => random([...spec.shape]))], 3e-3)).toBeLessThan(1e-3);
  });
});

it("the depthwise convolution's own gradients agree with tfjs's", () => {
  const layer = depthwise('l', 3, 2);
  const [image, filter] = [random([2, 4, 3, 2]), random([3, 3, 2, 1])].map(({ values, shape }) => tf.tensor(values, shape));
  const mine = tf.grads((x, kernel) => weigh(layer.apply({ 'l/kernel': kernel }, x, training)))([image, filter]);
  const theirs = tf.grads((x, kernel) => weigh(tf.depthwiseConv2d(x as Tensor4D, kernel as Tensor4D, 1, 'same')))([image, filter]);
  theirs.forEach((expected, i) => expected.dataSync().forEach((value, j) => expect(mine[i].dataSync()[j]).toBeCloseTo(value, 6)));
});

describe('batch norm', () => {
  const layer = batchNorm('n', 2);
  const parameters = () => ({
    'n/gain': tf.tensor1d([1.5, -0.5]), 'n/shift': tf.tensor1d([0.1, 0.2]), 'n/mean': tf.tensor1d([0.3, -1]), 'n/variance': tf.tensor1d([4, 0.25]),
  });

  it("agrees with tfjs's own moments and normalisation, forward and backward", () => {
    const { values, shape } = random([3, 2, 2, 2]);
    const own = (x: Tensor, gain: Tensor, shift: Tensor) => weigh(layer.apply({ ...parameters(), 'n/gain': gain, 'n/shift': shift }, x, training));
    const theirs = (x: Tensor, gain: Tensor, shift: Tensor) => {
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      return weigh(tf.batchNorm(x as Tensor4D, mean as Tensor1D, variance as Tensor1D, shift as Tensor1D, gain as Tensor1D, 1e-5));
    };
    const at = [tf.tensor(values, shape), tf.tensor1d([1.5, -0.5]), tf.tensor1d([0.1, 0.2])];
    const mine = tf.valueAndGrads(own)(at);
    const reference = tf.valueAndGrads(theirs)(at);
    expect(mine.value.dataSync()[0]).toBeCloseTo(reference.value.dataSync()[0], 6);
    mine.grads.forEach((g, i) => reference.grads[i].dataSync().forEach((expected, j) => expect(g.dataSync()[j]).toBeCloseTo(expected, 5)));
  });

  it("tells this batch's mean and variance", () => {
    const seen: Record<string, number[]> = {};
    const x = tf.tensor2d([[1, 10], [3, 10], [5, 40], [7, 40]]);
    layer.apply(parameters(), x, { training: true, statistic: (name, value) => (seen[name] = [...value.dataSync()]) });
    expect(seen).toEqual({ 'n/mean': [4, 25], 'n/variance': [5, 225] });
  });

  it('uses the running statistics outside training', () => {
    const y = layer.apply(parameters(), tf.tensor4d([2.3, -2], [1, 1, 1, 2]), { training: false, statistic: () => { throw new Error('not in training'); } });
    // (2.3 - 0.3) / 2 * 1.5 + 0.1 and (-2 + 1) / 0.5 * -0.5 + 0.2
    [1.6, 1.2].forEach((expected, i) => expect(y.dataSync()[i]).toBeCloseTo(expected, 4));
  });
});

it('layer norm gives each row mean 0 and variance 1', () => {
  const y = layerNorm('n', 4).apply({ 'n/gain': tf.ones([4]), 'n/shift': tf.zeros([4]) }, tf.tensor2d([[1, 2, 3, 4], [10, -10, 30, 50]]), training);
  const { mean, variance } = tf.moments(y, 1);
  mean.dataSync().forEach((m) => expect(m).toBeCloseTo(0, 5));
  variance.dataSync().forEach((v) => expect(v).toBeCloseTo(1, 4));
});

it('pools the mean and maximum of each channel', () => {
  expect([...poolBoard(tf.tensor4d([1, -1, 2, -2, 3, -3, 6, -6], [1, 2, 2, 2])).dataSync()]).toEqual([3, -3, 6, -1]);
});

it('picks columns as a gather does, value and gradient', () => {
  const x = tf.tensor2d(random([3, 7]).values, [3, 7]);
  const table = Int32Array.of(5, 0, 6, 2);
  const dy = tf.tensor2d(random([3, 4]).values, [3, 4]);
  const both = (f: (x: Tensor) => Tensor): number[] => [...f(x).dataSync(), ...tf.grad(f)(x, dy).dataSync()];
  expect(both((input) => pickColumns(input, table))).toEqual(both((input) => tf.gather(input, tf.tensor1d(table, 'int32'), 1)));
});

it('finds an action of plane p at cell c where the game says', () => {
  // One input channel, identity kernel for plane 1: the logit of place cells + c is the image at c.
  const cells = 6;
  const layer = planesPolicy('l', 1, { count: 2, gather: Int32Array.of(cells + 4, 2, cells + 1) }, cells, { bias: false });
  const image = tf.tensor4d([10, 11, 12, 13, 14, 15], [1, 2, 3, 1]);
  expect([...layer.apply({ 'l/kernel': tf.tensor4d([0, 1], [1, 1, 1, 2]) }, image, training).dataSync()]).toEqual([14, 0, 11]);
});
