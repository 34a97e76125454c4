/** Checks of gradients by central differences, in the float32 of the TensorFlow.js `cpu` backend. */
import { tf } from '#engine/nn';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';

/**
 * The largest difference between tfjs's gradient of `f` (to a scalar of about 1) and central differences of width `h`,
 * over every entry of every input, as a share of the largest gradient entry (or of 1, where that is larger).
 */
export function gradientError(f: (...inputs: Tensor[]) => Scalar, inputs: { values: number[]; shape: number[] }[], h = 1e-2): number {
  return tf.tidy(() => {
    const tensors = inputs.map(({ values, shape }) => tf.tensor(values, shape));
    const gradients = tf.grads(f)(tensors).map((g) => g.dataSync());
    let worst = 0;
    let scale = 1;
    inputs.forEach(({ values, shape }, i) => {
      values.forEach((value, j) => {
        const at = (x: number) =>
          tf.tidy(() => f(...tensors.map((t, k) => (k === i ? tf.tensor(values.with(j, x), shape) : t))).dataSync()[0]);
        const expected = (at(value + h) - at(value - h)) / (2 * h);
        worst = Math.max(worst, Math.abs(gradients[i][j] - expected));
        scale = Math.max(scale, Math.abs(gradients[i][j]));
      });
    });
    return worst / scale;
  });
}
