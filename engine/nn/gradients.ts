/**
 * Gradients that TensorFlow.js 4.22 lacks or has wrong, for every backend: comparisons and logic (none, so that
 * `where(greater(x, 0), ...)` threw), and maximum and minimum (which forgot to sum over broadcast axes).
 */
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** A comparison is flat wherever it has a slope at all. */
function flat(kernelName: string, inputs: string[]): GradConfig {
  return {
    kernelName,
    inputsToSave: inputs,
    gradFunc: (_dy, saved) => Object.fromEntries(inputs.map((name, i) => [name, () => tf.zeros(saved[i].shape)])),
  };
}

/** dy of a broadcast result -> the part of one operand: summed over the axes along which it was repeated. */
function unbroadcast(dy: Tensor, shape: number[]): Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, dy.shape);
  return tf.reshape(axes.length > 0 ? tf.sum(dy, axes) : dy, shape);
}

/** At a tie the whole gradient goes to `a`, as in TensorFlow.js. */
function extremum(kernelName: string, takesA: (a: Tensor, b: Tensor) => Tensor): GradConfig {
  return {
    kernelName,
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, saved) => {
      const [a, b] = saved;
      const y = dy as Tensor;
      const share = () => tf.cast(takesA(a, b), 'float32');
      return {
        a: () => unbroadcast(tf.mul(y, share()), a.shape),
        b: () => unbroadcast(tf.mul(y, tf.sub(1, share())), b.shape),
      };
    },
  };
}

let registered = false;

/** Safe to call more than once. */
export function registerGradients(): void {
  if (registered) return;
  registered = true;
  for (const kernel of [tf.Greater, tf.GreaterEqual, tf.Less, tf.LessEqual, tf.Equal, tf.NotEqual, tf.LogicalAnd, tf.LogicalOr]) {
    tf.registerGradient(flat(kernel, ['a', 'b']));
  }
  tf.registerGradient(flat(tf.LogicalNot, ['x']));
  tf.registerGradient(extremum(tf.Maximum, tf.greaterEqual));
  tf.registerGradient(extremum(tf.Minimum, tf.lessEqual));
}
