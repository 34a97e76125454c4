import { beforeAll, describe, expect, it } from 'vitest';
import type { Tensor } from '@tensorflow/tfjs-core';
import { alphaZeroLoss, crossEntropy, entropy, huber, tf, type Tensors } from '#engine/nn';
import { gradientError } from '../../testing/finite-differences.js';

beforeAll(() => tf.setBackend('cpu'));

const input = { planes: [1, 1, 2], actions: 3 } as const;
const numbers = (losses: Record<string, Tensor>) => Object.fromEntries(Object.entries(losses).map(([name, x]) => [name, x.dataSync()[0]]));

describe('Huber (methods, facts: others)', () => {
  it.each([[0.5, 0.125], [1, 0.5], [2, 1.5], [-3, 2.5], [0, 0]])('of %f is %f', (error, expected) => {
    expect(huber(tf.scalar(error)).dataSync()[0]).toBeCloseTo(expected, 6);
  });
  it('has slope -delta, error and delta', () => {
    expect([...tf.grad((x) => tf.sum(huber(x)))(tf.tensor1d([-3, -0.5, 0.25, 2])).dataSync()]).toEqual([-1, -0.5, 0.25, 1]);
    expect([...tf.grad((x) => tf.sum(huber(x, 2)))(tf.tensor1d([-3, 1.5])).dataSync()]).toEqual([-2, 1.5]);
  });
});

it('entropy of the uniform over 3 is 1.0986 (methods), of a corner 0', () => {
  const h = entropy(tf.tensor2d([[1 / 3, 1 / 3, 1 / 3], [0, 1, 0]])).dataSync();
  expect(h[0]).toBeCloseTo(1.0986, 4);
  expect(h[1]).toBeCloseTo(0, 6);
});

it('softmax of (1, 2, 3) is (.0900, .2447, .6652) (methods), so their cross-entropies are its logarithms', () => {
  const losses = crossEntropy(tf.tensor2d([[1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3]]), tf.tensor2d([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]])).dataSync();
  [0.09, 0.2447, 0.6652, 1].forEach((p, i) => expect(Math.exp(-losses[i])).toBeCloseTo(p, 4));
});

/** One row: logits (1, 2, 3), target (.5, .3, .2); worked with Python's math module. */
const policyLoss = 1.7076059644443804;
const targetEntropy = 1.0296530140645737;
const softLoss = 1.484129306313106;

describe('AlphaZero loss', () => {
  const row = {
    outputs: () => ({ policy: tf.tensor2d([[1, 2, 3]]), value: tf.tensor1d([0.5]) }) as Tensors,
    targets: () => ({ policy: tf.tensor2d([[0.5, 0.3, 0.2]]), value: tf.tensor1d([-1]), weight: tf.tensor1d([1]) }) as Tensors,
  };

  it('is cross-entropy plus squared error', () => {
    const losses = numbers(alphaZeroLoss({ input, valueWeight: 0.5 }).compute(row.outputs(), row.targets()));
    expect(losses.policy).toBeCloseTo(policyLoss, 5);
    expect(losses.policyKl).toBeCloseTo(policyLoss - targetEntropy, 5);
    expect(losses.value).toBeCloseTo(2.25, 6);
    expect(losses.total).toBeCloseTo(policyLoss + 0.5 * 2.25, 5);
  });

  it('takes win, draw and loss by cross-entropy', () => {
    const loss = alphaZeroLoss({ input, value: 'wdl' });
    expect(loss.targets.map((target) => target.name)).toEqual(['policy', 'wdl', 'weight']);
    const losses = numbers(loss.compute({ ...row.outputs(), wdl: tf.tensor2d([[2, 0, 1]]) }, { ...row.targets(), wdl: tf.tensor2d([[0, 0.5, 0.5]]) }));
    expect(losses.value).toBeCloseTo(1.9076059644443804, 5);
  });

  it('leaves the policy untaught where the row has no recorded move, and reports the mean of the others', () => {
    const loss = alphaZeroLoss({ input });
    const outputs = { policy: tf.tensor2d([[1, 2, 3], [5, 0, 0]]), value: tf.tensor1d([0.5, 0.5]) };
    const targets = { policy: tf.tensor2d([[0.5, 0.3, 0.2], [0, 0, 0]]), value: tf.tensor1d([-1, 0.5]), weight: tf.tensor1d([1, 1]) };
    const losses = numbers(loss.compute(outputs, targets));
    expect(losses.policy).toBeCloseTo(policyLoss, 5);
    expect(losses.total).toBeCloseTo(policyLoss / 2 + 2.25 / 2, 5);
    const [g] = tf.grads((policy) => loss.compute({ ...outputs, policy }, targets).total)([outputs.policy]);
    for (const slope of g.dataSync().slice(3)) expect(slope).toBeCloseTo(0, 9);
    const none = numbers(loss.compute(outputs, { ...targets, policy: tf.zeros([2, 3]) }));
    expect(none.policy).toBe(0);
  });

  it('weighs rows', () => {
    const outputs = { policy: tf.tensor2d([[1, 2, 3], [5, 0, 0]]), value: tf.tensor1d([0.5, 0.5]) };
    const targets = { policy: tf.tensor2d([[0.5, 0.3, 0.2], [0, 1, 0]]), value: tf.tensor1d([-1, 0]), weight: tf.tensor1d([2, 0]) };
    const losses = numbers(alphaZeroLoss({ input }).compute(outputs, targets));
    expect(losses.policy).toBeCloseTo(policyLoss, 5);
    expect(losses.total).toBeCloseTo(policyLoss + 2.25, 5);
  });

  it('keeps illegal actions out of the softmax', () => {
    const loss = alphaZeroLoss({ input, legal: true });
    expect(loss.targets).toContainEqual({ name: 'legal', shape: [3] });
    const losses = numbers(loss.compute(row.outputs(), { ...row.targets(), policy: tf.tensor2d([[0.6, 0.4, 0]]), legal: tf.tensor2d([[1, 1, 0]]) }));
    expect(losses.policy).toBeCloseTo(0.9132616875182228, 5);
  });

  it('adds an entropy bonus', () => {
    const losses = numbers(alphaZeroLoss({ input, entropy: 0.1 }).compute({ ...row.outputs(), policy: tf.zeros([1, 3]) }, row.targets()));
    expect(losses.entropy).toBeCloseTo(1.0986, 4);
    expect(losses.total).toBeCloseTo(1.0986 + 2.25 - 0.10986, 4);
  });

  const auxiliary = { reply: 0.15, soft: 8, ownership: 0.5, pliesLeft: 2 };
  const outputs = () => ({ ...row.outputs(), reply: tf.tensor2d([[1, 2, 3]]), soft: tf.tensor2d([[1, 2, 3]]), ownership: tf.tensor2d([[0.5, -1]]), pliesLeft: tf.tensor1d([0.25]) });
  const targets = () => ({ ...row.targets(), reply: tf.tensor2d([[0.5, 0.3, 0.2]]), ownership: tf.tensor2d([[1, -1]]), pliesLeft: tf.tensor1d([0.75]) });

  it('adds the auxiliary heads', () => {
    const loss = alphaZeroLoss({ input, auxiliary });
    expect(loss.targets.map((target) => target.name)).toEqual(['policy', 'value', 'weight', 'reply', 'ownership', 'pliesLeft']);
    const losses = numbers(loss.compute(outputs(), targets()));
    expect(losses.reply).toBeCloseTo(policyLoss, 5);
    expect(losses.soft).toBeCloseTo(softLoss, 5);
    expect(losses.ownership).toBeCloseTo(0.125, 6);
    expect(losses.pliesLeft).toBeCloseTo(0.25, 6);
    expect(losses.total).toBeCloseTo(policyLoss + 2.25 + 0.15 * policyLoss + 8 * softLoss + 0.0625 + 0.5, 4);
  });

  it('has the gradient that central differences give', () => {
    const names = Object.keys(outputs());
    const start = Object.values(outputs()).map((x) => ({ values: [...x.dataSync()], shape: x.shape }));
    const f = (...values: Tensor[]) => alphaZeroLoss({ input, auxiliary, entropy: 0.2 }).compute(Object.fromEntries(names.map((name, i) => [name, values[i]])), targets()).total;
    expect(gradientError(f, start)).toBeLessThan(1e-3);
  });
});
