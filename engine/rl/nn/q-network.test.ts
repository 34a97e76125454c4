import { beforeAll, describe, expect, it } from 'vitest';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { createRng } from '#engine';
import { initialWeights, openBackend, parameterCount, tf, withBackend, type Network, type Tensors, type Weights } from '#engine/nn';
import { NOISE, createQNetwork, drawNoise, supportOf, type QNetworkConfig } from '#engine/rl/nn';

beforeAll(() => openBackend('cpu'));

const config: QNetworkConfig = { convolutions: [], hidden: [], dueling: false, noisy: 'none', sigma: 0.5, distribution: { kind: 'value' } };

function answer(network: Network, weights: Weights, planes: number[], noise?: Float32Array): Record<string, number[]> {
  return withBackend('cpu', () => tf.tidy(() => {
    const parameters: Tensors = Object.fromEntries(network.parameters.map(({ name, shape }) => [name, tf.tensor(weights[name], [...shape])]));
    if (noise) parameters[NOISE] = tf.tensor1d(noise);
    const outputs = network.forward(parameters, tf.tensor(planes, [1, ...network.input.planes]) as Tensor4D, { training: false, statistic: () => undefined });
    return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, [...tensor.dataSync()]])) as unknown as Tensors;
  })) as unknown as Record<string, number[]>;
}

const f = (...values: number[]) => Float32Array.from(values);
const close = (actual: number[], expected: number[]) => {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => expect(actual[i]).toBeCloseTo(value, 5));
};

describe('dueling', () => {
  it('V = 10 and A = (1, 2, 6): Q = V + A - 3 = (8, 9, 13)', () => {
    const network = createQNetwork({ ...config, dueling: true }, { planes: [1, 1, 1], actions: 3 });
    const { policy, value } = answer(network, { 'advantage/kernel': f(1, 2, 6), 'advantage/bias': f(0, 0, 0), 'value/kernel': f(4), 'value/bias': f(6) }, [1]);
    close(policy, [8, 9, 13]);
    close(value, [13]);
  });
  it('of odds, atom by atom: logits V + A - mean A', () => {
    const network = createQNetwork({ ...config, dueling: true, distribution: { kind: 'categorical', atoms: 2, low: -1, high: 1 } }, { planes: [1, 1, 1], actions: 2 });
    // A = ((1, 2), (3, 6)), mean (2, 4); V = (10, 20): logits ((9, 18), (11, 22)), so odds of the upper atom 1/(1 + e^-9), 1/(1 + e^-11).
    const { distribution, policy } = answer(network, { 'advantage/kernel': f(1, 2, 3, 6), 'advantage/bias': f(0, 0, 0, 0), 'value/kernel': f(10, 20), 'value/bias': f(0, 0) }, [1]);
    close(distribution, [9, 18, 11, 22]);
    close(policy, [9, 11].map((gap) => 2 / (1 + Math.exp(-gap)) - 1));
  });
});

describe('noisy layers', () => {
  const network = createQNetwork({ ...config, noisy: 'head' }, { planes: [2, 1, 1], actions: 2 });
  const weights = { 'advantage/kernel': f(1, 2, 3, 4), 'advantage/bias': f(0.5, -0.5), 'advantage/kernel-sigma': f(0.1, 0.2, 0.3, 0.4), 'advantage/bias-sigma': f(1, 2) };

  it('without noise are their mean: (5, 7) x + (.5, -.5)', () => close(answer(network, weights, [2, 1]).policy, [5.5, 7.5]));
  it('with f(e_in) = (1, -2), f(e_out) = (3, .5)', () => {
    // Kernel [[1 + .1 x 3, 2 + .2 x .5], [3 + .3 x -6, 4 + .4 x -1]] = [[1.3, 2.1], [1.2, 3.6]]; bias (.5 + 3, -.5 + 1).
    // x = (2, 1): 2.6 + 1.2 + 3.5 = 7.3 and 4.2 + 3.6 + .5 = 8.3.
    close(answer(network, weights, [2, 1], f(1, -2, 3, 0.5)).policy, [7.3, 8.3]);
  });
  it('draw f(x) = sign(x) sqrt|x| of a standard normal: mean 0, mean square E|x| = .7979', () => {
    const noise = new Float32Array(20_000);
    drawNoise(createRng('noise'), noise);
    const mean = noise.reduce((a, b) => a + b) / noise.length;
    const square = noise.reduce((a, b) => a + b * b, 0) / noise.length;
    expect(Math.abs(mean)).toBeLessThan(4 * Math.sqrt(0.7979 / 20_000));
    // The variance of |x| is 1 - 2/π = .3634.
    expect(Math.abs(square - Math.sqrt(2 / Math.PI))).toBeLessThan(4 * Math.sqrt(0.3634 / 20_000));
  });
  it('start with σ_0 / sqrt(inputs), in the head or in all dense layers', () => {
    const input = { planes: [4, 1, 1], actions: 2 } as const;
    const [head, dense] = (['head', 'dense'] as const).map((noisy) => createQNetwork({ ...config, hidden: [9], noisy, dueling: true }, input));
    // Head: (9 + 2) + (9 + 1) numbers of noise; dense: 4 + 9 more.
    expect([head, dense].map((network) => network.extras)).toEqual([[{ name: NOISE, shape: [21] }], [{ name: NOISE, shape: [34] }]]);
    const weights = initialWeights(dense, createRng(1));
    expect(new Set(weights['hidden0/kernel-sigma'])).toEqual(new Set([0.25]));
    expect(new Set(weights['value/bias-sigma'])).toEqual(new Set([Math.fround(0.5 / 3)]));
  });
});

describe('distributions', () => {
  it('C51: atoms -1, 0, 1 with odds (¼, ½, ¼) and (0, 0, 1) are worth 0 and 1', () => {
    const network = createQNetwork({ ...config, distribution: { kind: 'categorical', atoms: 3, low: -1, high: 1 } }, { planes: [1, 1, 1], actions: 2 });
    const { policy, probabilities } = answer(network, { 'advantage/kernel': f(0, Math.log(2), 0, 0, 0, 50), 'advantage/bias': new Float32Array(6) }, [1]);
    close(probabilities, [0.25, 0.5, 0.25, 0, 0, 1]);
    close(policy, [0, 1]);
    expect([...supportOf({ kind: 'categorical', atoms: 5, low: -2, high: 2 })]).toEqual([-2, -1, 0, 1, 2]);
  });
  it('QR-DQN: an action is worth the mean of its quantiles', () => {
    const network = createQNetwork({ ...config, distribution: { kind: 'quantile', quantiles: 2 } }, { planes: [1, 1, 1], actions: 2 });
    close(answer(network, { 'advantage/kernel': f(1, 3, -1, -4), 'advantage/bias': new Float32Array(4) }, [1]).policy, [2, -2.5]);
  });
});

it('the MinAtar network: 16 filters of 3 x 3, 128 units', () => {
  const network = createQNetwork({ ...config, convolutions: [[16, 3, 1]], hidden: [128] }, { planes: [4, 10, 10], actions: 6 });
  // 9 x 4 x 16 + 16, 8 x 8 x 16 x 128 + 128, 128 x 6 + 6.
  expect(parameterCount(network)).toBe(592 + 131_200 + 774);
});

it('refuses a convolution larger than the image', () => {
  expect(() => createQNetwork({ ...config, convolutions: [[4, 3, 1], [4, 3, 1]] }, { planes: [1, 4, 4], actions: 2 })).toThrow('convolution 2 (3 x 3, stride 1) is larger than the 4 x 4 image has become');
});
