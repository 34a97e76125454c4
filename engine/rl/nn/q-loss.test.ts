/** The losses by numbers worked out by hand; the arithmetic stands beside each. */
import { beforeAll, describe, expect, it } from 'vitest';
import { huber, openBackend, tf, withBackend, type Tensors } from '#engine/nn';
import { qLoss, quantileHuber, type Distribution } from '#engine/rl/nn';

beforeAll(() => openBackend('cpu'));

/** Losses and priorities of rows with the given head [rows, actions, width]. */
function losses(distribution: Distribution, error: 'huber' | 'mse', head: number[][][], policy: number[][], rows: { action: number[]; target: number[] | number[][]; weight: number[] }): Record<string, number[]> {
  return withBackend('cpu', () => tf.tidy(() => {
    const outputs: Tensors = { distribution: tf.tensor3d(head), policy: tf.tensor2d(policy) };
    const targets: Tensors = { action: tf.tensor1d(rows.action, 'int32'), target: tf.tensor(rows.target), weight: tf.tensor1d(rows.weight) };
    const parts = qLoss({ actions: policy[0].length, distribution, error }).compute(outputs, targets);
    return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, [...part.dataSync()]])) as unknown as Tensors;
  })) as unknown as Record<string, number[]>;
}

const close = (actual: number[], expected: number[], digits = 5) => {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => expect(actual[i]).toBeCloseTo(value, digits));
};

describe('a plain value', () => {
  const head = [[[1], [5]], [[2], [0]]];
  const policy = [[1, 5], [2, 0]];
  const rows = { action: [1, 0], target: [2, 2.5], weight: [1, 0.5] };

  it('Huber: errors 5 - 2 = 3 and 2 - 2.5 = -.5 cost 2.5 and .125; weighted mean (2.5 + .5 x .125) / 2 = 1.28125', () => {
    const { total, priority, value } = losses({ kind: 'value' }, 'huber', head, policy, rows);
    close(total, [1.28125]);
    close(priority, [3, 0.5]);
    close(value, [3.5]);
  });
  it('squares: (9 + .5 x .25) / 2 = 4.5625', () => close(losses({ kind: 'value' }, 'mse', head, policy, rows).total, [4.5625]));
  it("Huber's loss is .125, .5, 1.5 and 2.5 of .5, 1, 2 and -3", () =>
    close([...withBackend('cpu', () => huber(tf.tensor1d([0.5, 1, 2, -3])).dataSync())], [0.125, 0.5, 1.5, 2.5]));
});

describe('C51', () => {
  it('cross-entropy to the projected odds, and the divergence as priority', () => {
    // Softmax of (0, ln 2, ln 1) is (¼, ½, ¼). Target (½, ½, 0): -½ ln ¼ - ½ ln ½ = 1.03972; less its entropy ln 2: .34657.
    const head = [[[9, 9, 9], [0, Math.log(2), 0]]];
    const { total, priority } = losses({ kind: 'categorical', atoms: 3, low: 0, high: 2 }, 'mse', head, [[1, 1]], { action: [1], target: [[0.5, 0.5, 0]], weight: [1] });
    close(total, [1.03972]);
    close(priority, [0.34657]);
  });
  it('a prediction that equals its target has no priority', () =>
    close(losses({ kind: 'categorical', atoms: 2, low: 0, high: 1 }, 'mse', [[[0, 0], [3, 1]]], [[0.5, 0.1]], { action: [0], target: [[0.5, 0.5]], weight: [1] }).priority, [0], 6));
});

describe('QR-DQN', () => {
  it('quantiles 0 and 2, targets 1 and 4, τ ¼ and ¾', () => {
    // Quantile 0: u = 1, 4: huber .5, 3.5, each x ¼ = .125, .875: mean .5.
    // Quantile 2: u = -1, 2: huber .5, 1.5, x |¾ - 1| = ¼ and ¾: .125, 1.125: mean .625. Sum 1.125.
    const loss = withBackend('cpu', () => quantileHuber(tf.tensor2d([[0, 2]]), tf.tensor2d([[1, 4]])).dataSync());
    close([...loss], [1.125]);
  });
  it('takes the quantiles of the action taken; its priority is the error of the means, |(1 + 4) / 2 - 1| = 1.5', () => {
    const { total, priority } = losses({ kind: 'quantile', quantiles: 2 }, 'mse', [[[0, 2], [7, 7]]], [[1, 7]], { action: [0], target: [[1, 4]], weight: [2] });
    close(total, [2.25]);
    close(priority, [1.5]);
  });
  it('is least at the quantiles: for targets 0..99 the slope at τ = ¼ and ¾ changes sign at 24.5 and 74.5', () => {
    const targets = tf.tensor2d([Array.from({ length: 100 }, (_, i) => i)]);
    const slope = (at: number[]) => withBackend('cpu', () => [...tf.grad((q) => tf.sum(quantileHuber(q, targets)))(tf.tensor2d([at])).dataSync()]);
    const [below, above] = [slope([24, 74]), slope([26, 76])];
    below.forEach((g) => expect(g).toBeLessThan(0));
    above.forEach((g) => expect(g).toBeGreaterThan(0));
  });
});
