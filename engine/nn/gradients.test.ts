import { beforeAll, describe, expect, it } from 'vitest';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { createRng, normal } from '#engine';
import { tf } from '#engine/nn';
import { gradientError } from '../../testing/finite-differences.js';

beforeAll(() => tf.setBackend('cpu'));

const rng = createRng('gradients');
/** Numbers away from 0, from one another and from those of the other phase, so that no difference straddles a kink or jump. */
const spread = (shape: number[], phase = 0) => {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = Array.from({ length: size }, (_, i) => (i - Math.floor(size / 2) + 0.2) * 0.31 + 0.155 * phase + 0.05 * rng.float());
  for (let i = size - 1; i > 0; i--) {
    const j = rng.below(i + 1);
    [values[i], values[j]] = [values[j], values[i]];
  }
  return { values, shape };
};
const weigh = (x: Tensor): Scalar => tf.mean(tf.mul(x, tf.tensor(Array.from({ length: x.size }, (_, i) => Math.cos(i + 1)), x.shape)));

describe('gradients against central differences', () => {
  it.each<[string, (a: Tensor, b: Tensor) => Tensor, number[], number[]]>([
    ['maximum', (a, b) => tf.maximum(a, b), [3, 4], [3, 4]],
    ['maximum of a row (traps, 5)', (a, b) => tf.maximum(a, b), [3, 4], [4]],
    ['maximum of a column and a row', (a, b) => tf.maximum(a, b), [3, 1], [4]],
    ['maximum of a scalar', (a, b) => tf.maximum(a, b), [], [3, 2]],
    ['minimum', (a, b) => tf.minimum(a, b), [2, 5], [2, 5]],
    ['minimum of a row', (a, b) => tf.minimum(a, b), [2, 5], [5]],
    ['minimum over leading axes', (a, b) => tf.minimum(a, b), [5], [2, 3, 5]],
    ['where greater (traps, 4)', (a, b) => tf.where(tf.greater(a, 0), tf.square(b), tf.mul(a, 3)), [6], [6]],
    ['where greaterEqual of both', (a, b) => tf.where(tf.greaterEqual(a, b), tf.mul(a, b), tf.square(b)), [6], [6]],
    ['where less', (a, b) => tf.where(tf.less(a, b), tf.square(a), b), [2, 3], [2, 3]],
    ['where lessEqual', (a, b) => tf.where(tf.lessEqual(a, tf.square(b)), a, tf.square(b)), [6], [6]],
    ['where equal', (a, b) => tf.where(tf.equal(a, b), a, tf.mul(a, b)), [6], [6]],
    ['where notEqual', (a, b) => tf.where(tf.notEqual(a, b), tf.mul(a, b), a), [6], [6]],
    ['where and, or, not', (a, b) => tf.where(tf.logicalOr(tf.logicalAnd(tf.greater(a, 0), tf.greater(b, 0)), tf.logicalNot(tf.less(a, b))), tf.mul(a, b), tf.square(a)), [8], [8]],
    ['abs (traps, 6)', (a, b) => tf.mul(tf.abs(a), b), [6], [6]],
    ['max over the board', (a, b) => tf.mul(tf.max(a, [1, 2]), b), [2, 3, 2, 2], [2, 2]],
  ])('%s', (_, f, a, b) => {
    expect(gradientError((x, y) => weigh(f(x, y)), [spread(a), spread(b, 1)])).toBeLessThan(1e-3);
  });

  it('compares against differences that would notice', () => {
    const wrong = tf.customGrad((x) => ({ value: tf.square(x as Tensor), gradFunc: (dy) => tf.mul(dy, x as Tensor) }));
    expect(gradientError((x) => tf.mean(wrong(x)), [{ values: [normal(rng), 2], shape: [2] }])).toBeGreaterThan(0.1);
  });
});
