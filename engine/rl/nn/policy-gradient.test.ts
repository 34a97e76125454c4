/** Numbers worked out by hand, gradients by differentiation, and the compiled step against the eager one. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { createRng, type Rng } from '#engine';
import { createEagerTrainer, initialState, initialWeights, openBackend, optimizerDefaults, tf, type Network } from '#engine/nn';
import { createCompiledTrainer } from '#engine/node';
import { clippedSurrogate, klDivergence, logPolicy, policyEntropy, policyGradientLoss, type PolicyGradientLossOptions } from './policy-gradient.js';
import { createPolicyNetwork, type PolicyNetworkConfig } from './policy-network.js';

beforeAll(() => openBackend('cpu'));

const numbers = (x: Tensor): number[] => [...x.dataSync()];
const close = (actual: readonly number[], expected: readonly number[], digits = 4) => expected.forEach((value, i) => expect(actual[i], `entry ${i}`).toBeCloseTo(value, digits));

describe('policies', () => {
  it('preferences (1, 2, 3) are the probabilities (.0900, .2447, .6652)', () => {
    close(numbers(tf.exp(logPolicy(tf.tensor2d([[1, 2, 3]]), tf.ones([1, 3])))), [0.09, 0.2447, 0.6652]);
  });
  it('an illegal action has no probability and no part in the entropy', () => {
    const logPi = logPolicy(tf.tensor2d([[1, 50, 3]]), tf.tensor2d([[1, 0, 1]]));
    close(numbers(tf.exp(logPi)), [0.1192, 0, 0.8808]);
    close(numbers(policyEntropy(logPi)), [-(0.1192 * Math.log(0.1192) + 0.8808 * Math.log(0.8808))], 3);
  });
  it('the entropy of a uniform choice among three is log 3 = 1.0986', () => close(numbers(policyEntropy(logPolicy(tf.zeros([1, 3]), tf.ones([1, 3])))), [1.0986]));
  it('KL((.5, .3, .2) || (.6, .2, .2)) = .030479', () => {
    close(numbers(klDivergence(tf.log(tf.tensor2d([[0.5, 0.3, 0.2]])), tf.log(tf.tensor2d([[0.6, 0.2, 0.2]])))), [0.030479], 6);
  });
});

describe('the gradient of a softmax bandit with two arms, rewards (1, 0)', () => {
  // d log pi(a) / d h_0, times reward - baseline, for each arm; both are equally likely.
  const samples = (baseline: number): number[] => [0, 1].map((arm) => {
    const gradient = tf.grad((h) => tf.mul(tf.gather(tf.reshape(logPolicy(tf.reshape(h, [1, 2]), tf.ones([1, 2])), [2]), arm), (arm === 0 ? 1 : 0) - baseline) as Scalar);
    return gradient(tf.tensor1d([0, 0])).dataSync()[0];
  });
  it.each([[0, 0.0625], [0.5, 0], [10, 22.5625]])('baseline %d: expectation .25, variance %d', (baseline, variance) => {
    const [a, b] = samples(baseline);
    const mean = (a + b) / 2;
    expect(mean).toBeCloseTo(0.25, 5);
    expect(((a - mean) ** 2 + (b - mean) ** 2) / 2).toBeCloseTo(variance, 3);
  });
});

it('a policy held near another by its KL divergence: (.3932, .0723, .5344) is where nothing pulls any more', () => {
  // max E_pi[A] - KL(pi || mu) with mu = (.5, .25, .25), A = (0, -1, 1): pi is proportional to mu exp(A).
  const mu = tf.log(tf.tensor2d([[0.5, 0.25, 0.25]]));
  const advantages = tf.tensor2d([[0, -1, 1]]);
  const gain = (h: Tensor) => {
    const logPi = logPolicy(h, tf.ones([1, 3]));
    return tf.sum(tf.sub(tf.sum(tf.mul(tf.exp(logPi), advantages), -1), klDivergence(logPi, mu))) as Scalar;
  };
  const slope = tf.grad(gain);
  close(numbers(slope(tf.log(tf.tensor2d([[0.3932, 0.0723, 0.5344]])))), [0, 0, 0], 3);
  expect(Math.max(...numbers(slope(mu)).map(Math.abs))).toBeGreaterThan(0.1);
});

describe("PPO's clipped surrogate", () => {
  const rows: [ratio: number, advantage: number, high: number, objective: number, slope: number][] = [
    [0.5, 1, 0.2, 0.5, 1], // moved the wrong way: must come back
    [0.5, -1, 0.2, -0.8, 0], // has moved far enough
    [1.5, -1, 0.2, -1.5, -1],
    [1.5, 1, 0.2, 1.2, 0],
    [1.25, 1, 0.28, 1.25, 1], // the asymmetric clip leaves this one its gradient
    [1.25, 1, 0.2, 1.2, 0],
  ];
  it.each(rows)('ratio %d, advantage %d, clip .2 / %d: objective %d, slope %d', (ratio, advantage, high, objective, slope) => {
    const f = (r: Tensor) => tf.sum(clippedSurrogate(r, tf.tensor1d([advantage]), 0.2, high)) as Scalar;
    expect(f(tf.tensor1d([ratio])).dataSync()[0]).toBeCloseTo(objective, 6);
    expect(tf.grad(f)(tf.tensor1d([ratio])).dataSync()[0]).toBeCloseTo(slope, 6);
  });
});

/** Rows with probabilities that add up. */
function rowsFor(options: PolicyGradientLossOptions, batch: number, size: number, rng: Rng): Record<string, Float32Array> {
  const draw = (length: number, scale = 1) => Float32Array.from({ length }, () => scale * (2 * rng.float() - 1));
  const { actions } = options;
  const taken = new Float32Array(batch * actions);
  const legal = new Float32Array(batch * actions).fill(1);
  for (let i = 0; i < batch; i++) {
    const action = rng.below(actions);
    taken[i * actions + action] = 1;
    legal[i * actions + ((action + 1) % actions)] = i % 2;
  }
  return {
    planes: draw(batch * size), taken, legal, advantage: draw(batch), target: draw(batch, 3), weight: Float32Array.from({ length: batch }, (_, i) => (i === 0 ? 0 : 1)),
    logProbability: Float32Array.from({ length: batch }, () => -1 - 0.5 * rng.float()), oldValue: draw(batch),
  };
}

describe('the loss', () => {
  const compute = (options: PolicyGradientLossOptions, outputs: { policy: number[][]; value: number[] }, rows: Record<string, Tensor>) =>
    Object.fromEntries(Object.entries(policyGradientLoss(options).compute({ policy: tf.tensor2d(outputs.policy), value: tf.tensor1d(outputs.value) }, rows)).map(([name, part]) => [name, part.dataSync()[0]]));
  const outputs = { policy: [[0, 0], [0, 0]], value: [1, 2] };
  const rows = {
    taken: tf.tensor2d([[1, 0], [0, 1]]), legal: tf.ones([2, 2]), advantage: tf.tensor1d([2, -1]), target: tf.tensor1d([2, 5]), weight: tf.ones([2]),
    logProbability: tf.log(tf.tensor1d([0.25, 0.5])), oldValue: tf.tensor1d([0.5, 2]),
  };
  it('without a clip is the policy gradient, half the squared error and the entropy', () => {
    // log pi = log .5 for both; values are off by 1 and 3.
    const parts = compute({ actions: 2, valueWeight: 0.5, entropyWeight: 0.01 }, outputs, rows);
    expect(parts.policy).toBeCloseTo(-(Math.log(0.5) * (2 - 1)) / 2, 5);
    expect(parts.value).toBeCloseTo((1 + 9) / 4, 5);
    expect(parts.entropy).toBeCloseTo(Math.log(2), 5);
    expect(parts.total).toBeCloseTo(parts.policy + 0.5 * parts.value - 0.01 * parts.entropy, 5);
  });
  it('with clips counts ratio 2 as 1.2, and the value as no nearer than its clip allows', () => {
    const parts = compute({ actions: 2, clip: { low: 0.2, high: 0.2 }, valueClip: 0.2, valueWeight: 1, entropyWeight: 0 }, outputs, rows);
    // Ratios .5 / .25 = 2 (advantage 2) and 1 (advantage -1).
    expect(parts.policy).toBeCloseTo(-(1.2 * 2 - 1) / 2, 5);
    expect(parts.clipped).toBeCloseTo(0.5, 6);
    expect(parts.kl).toBeCloseTo((2 - 1 - Math.log(2)) / 2, 5);
    // Row 0: the value moved from .5 to 1, clipped at .7: the error counts as 1.3 instead of 1. Row 1 has not moved.
    expect(parts.value).toBeCloseTo((1.3 ** 2 + 9) / 4, 5);
  });
});

describe('a training step, compiled as eager', () => {
  const input = { planes: [2, 5, 5], actions: 3 } as const;
  const networks: PolicyNetworkConfig[] = [
    { kind: 'conv', channels: 4, hidden: [8] },
    { kind: 'mlp', hidden: [8, 6], activation: 'tanh', separate: true },
    { kind: 'mlp', hidden: [8], activation: 'relu', separate: false },
  ];
  it.each(networks)('%o', async (config) => {
    const network: Network = createPolicyNetwork(config, input);
    const options: PolicyGradientLossOptions = { actions: 3, clip: { low: 0.2, high: 0.3 }, valueClip: 0.2, valueWeight: 0.5, entropyWeight: 0.01 };
    const optimizer = { ...optimizerDefaults.adamw, weightDecay: 0, epsilon: 1e-3, clipNorm: 0.5 };
    const state = initialState(network, optimizer, createRng('compiled'));
    const eager = await createEagerTrainer(network, policyGradientLoss(options), optimizer, { batch: 6, state });
    const compiled = await createCompiledTrainer(network, policyGradientLoss(options), optimizer, { batch: 6, state, device: 'cpu', threads: 1 });
    for (let i = 0; i < 3; i++) {
      const rows = rowsFor(options, 6, 50, createRng(i));
      const expected = await eager.step(rows, 0.01);
      const actual = await compiled.step(rows, 0.01);
      for (const [name, value] of Object.entries(expected)) expect(actual[name], name).toBeCloseTo(value, 4);
    }
    const [a, b] = [await compiled.state(), await eager.state()];
    for (const name of Object.keys(b.weights)) close([...a.weights[name]], [...b.weights[name]], 3);
    await compiled.close();
    await eager.close();
  });
});

describe('orthogonal first weights', () => {
  it.each([[3, 7], [9, 4]])('a %d x %d kernel has orthogonal rows or columns of the length asked for', (rows, columns) => {
    const network: Network = {
      name: 'test', input: { planes: [1, 1, 1], actions: 1 }, serves: [], forward: () => ({}),
      parameters: [{ name: 'k', shape: [rows, columns], init: { orthogonal: Math.SQRT2 }, kind: 'kernel' }],
    };
    const k = tf.tensor2d(initialWeights(network, createRng(1)).k, [rows, columns]);
    const gram = numbers(rows < columns ? tf.matMul(k, k, false, true) : tf.matMul(k, k, true, false));
    const size = Math.min(rows, columns);
    close(gram, Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 2 : 0)), 5);
  });
});
