/** What an action value is trained towards. The targets are made elsewhere, so no gradient passes through them. */
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { crossEntropy, entropy, huber, tf, type Loss } from '#engine/nn';
import { widthOf, type Distribution } from './q-network.js';

export interface QLossOptions {
  readonly actions: number;
  readonly distribution: Distribution;
  /** Of a plain value's error: Huber with delta 1, or its square. */
  readonly error: 'huber' | 'mse';
}

/**
 * Targets of a row: `action` [] int32, the one taken; `target` [] its value, or [atoms] odds, or [quantiles]; `weight` []
 * of the row (importance sampling). Beside `total`: `value`, the mean action value of the actions taken, and for each row
 * its `priority`: the size of the error of the value, or for 'categorical' the divergence KL(target || prediction).
 */
export function qLoss({ actions, distribution, error }: QLossOptions): Loss {
  const width = widthOf(distribution);
  return {
    targets: [
      { name: 'action', shape: [], dtype: 'int32' },
      { name: 'target', shape: distribution.kind === 'value' ? [] : [width] },
      { name: 'weight', shape: [] },
    ],
    perRow: ['priority'],
    compute(outputs, { action, target, weight }) {
      const taken = tf.oneHot(action, actions, 1, 0, 'float32');
      const rows = taken.shape[0];
      const chosen: Tensor = tf.sum(tf.mul(outputs.distribution, tf.reshape(taken, [rows, actions, 1])), 1);
      const value = tf.mean(tf.sum(tf.mul(outputs.policy, taken), 1)) as Scalar;
      const parts = (loss: Tensor, priority: Tensor) => ({ total: tf.mean(tf.mul(loss, weight)) as Scalar, value, priority });
      switch (distribution.kind) {
        case 'value': {
          const difference = tf.sub(tf.reshape(chosen, [rows]), target);
          return parts(error === 'huber' ? huber(difference) : tf.square(difference), tf.abs(difference));
        }
        case 'categorical': {
          const loss = crossEntropy(chosen, target);
          return parts(loss, tf.relu(tf.sub(loss, entropy(target))));
        }
        case 'quantile':
          return parts(quantileHuber(chosen, target), tf.abs(tf.sub(tf.mean(chosen, 1), tf.mean(target, 1))));
        default:
          return distribution satisfies never;
      }
    },
  };
}

/**
 * Quantile regression by Huber's loss with kappa 1 (Dabney et al. 2018, equations 9 and 10): predicted quantiles [N, K] at
 * the midpoints (i + 1/2) / K, targets [N, L] -> [N]: the mean over the targets of the sum over the quantiles of
 * |tau - 1{u < 0}| huber(u), u = target - quantile.
 */
export function quantileHuber(quantiles: Tensor, targets: Tensor): Tensor {
  const [rows, count] = quantiles.shape;
  const u = tf.sub(tf.reshape(targets, [rows, 1, targets.shape[1] as number]), tf.reshape(quantiles, [rows, count, 1]));
  const middles = tf.tensor3d(Float32Array.from({ length: count }, (_, i) => (i + 0.5) / count), [1, count, 1]);
  const tilt = tf.abs(tf.sub(middles, tf.cast(tf.less(u, 0), 'float32')));
  return tf.sum(tf.mean(tf.mul(tilt, huber(u)), 2), 1);
}
