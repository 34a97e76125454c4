/** MuZero's loss over K unrolled steps (Schrittwieser et al. 2020, section 3 and appendix G). */
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { crossEntropy } from '../losses.js';
import { tf } from '../tensorflow.js';
import type { Loss, TensorSpec, Tensors } from '../types.js';
import type { MuZeroConfig } from './network.js';
import { binCount, meanOf, scalarOf } from './support.js';

export interface MuZeroLossOptions {
  readonly config: MuZeroConfig;
  readonly actions: number;
  readonly planes: readonly [number, number, number];
  /** 1 for board games; .25 for tasks (appendix G). */
  readonly valueWeight: number;
  readonly rewardWeight: number;
  /** EfficientZero uses 2. */
  readonly consistencyWeight: number;
  readonly reconstructionWeight: number;
}

/**
 * Cross-entropies of policy, value and reward; the first step counts whole, each unrolled step 1 / K.
 *
 * Targets of a row, step k being k actions later, from the view of the seat to move there:
 *   `actions` [K]               what was played, int32
 *   `policy` [K + 1, actions]   the search's; all zero where there is none, which leaves the policy untaught
 *   `value` [K + 1, bins]       distribution of the value target; all zero to leave it untaught
 *   `reward` [K, bins]          distribution of the reward to the seat that played `actions[k]`; all zero to leave it untaught
 *   `weight` []                 importance of the row
 *   `seen` [K, C, H, W]         what is seen at steps 1 … K, and `alike` [K], 0 past the end; with consistency or reconstruction
 * Each row's `priority` is the error of the first step's value, in units of reward. Reported beside `total` and the weighted
 * means: `policy0` … `policyK`, `value0` … `valueK` and `reward1` … `rewardK` (K being the number), for each step of the unrolled
 * model the mean over the rows that are taught something there, without any weight.
 */
export function muZeroLoss(options: MuZeroLossOptions): Loss {
  const { config, actions, planes, valueWeight, rewardWeight, consistencyWeight, reconstructionWeight } = options;
  const { unroll } = config;
  const targets: TensorSpec[] = [
    { name: 'actions', shape: [unroll], dtype: 'int32' },
    { name: 'policy', shape: [unroll + 1, actions] },
    { name: 'value', shape: [unroll + 1, binCount(config.value)] },
    { name: 'reward', shape: [unroll, binCount(config.reward)] },
    { name: 'weight', shape: [] },
    ...(config.consistency || config.reconstruction ? [{ name: 'seen', shape: [unroll, ...planes] }, { name: 'alike', shape: [unroll] }] : []),
  ];
  return {
    targets,
    perRow: ['priority'],
    compute(outputs, rows) {
      // [1, K + 1]: 1 for the first step, 1 / K for the others.
      const shares = tf.tensor2d([[1, ...Array.from({ length: unroll }, () => 1 / unroll)]]);
      const later = 1 / unroll;
      const mean = (x: Tensor): Scalar => tf.mean(tf.mul(x, rows.weight));
      const policies = crossEntropy(outputs.policy, rows.policy);
      const values = crossEntropy(outputs.value, rows.value);
      const rewards = crossEntropy(outputs.reward, rows.reward);
      const bins = binCount(config.value);
      const first = (x: Tensor) => tf.reshape(tf.slice(x, [0, 0, 0], [-1, 1, -1]), [-1, bins]);
      const error = tf.sub(scalarOf(config.value, first(outputs.value)), meanOf(config.value, first(rows.value)));
      const at = (x: Tensor, k: number) => tf.mean(tf.slice(x, [0, k], [-1, 1]));
      // Over the rows that are taught something there: a target is a distribution, or all zero.
      const each = (name: string, x: Tensor, target: Tensor, from: number) => {
        const taught = tf.sum(target, -1);
        return Object.fromEntries(Array.from({ length: x.shape[1] as number }, (_, k) => [`${name}${k + from}`, tf.div(at(x, k), tf.add(at(taught, k), 1e-6)) as Scalar]));
      };
      const parts: Record<string, Scalar> = {
        policy: mean(tf.sum(tf.mul(policies, shares), 1)),
        value: mean(tf.sum(tf.mul(values, shares), 1)),
        reward: mean(tf.mul(tf.sum(rewards, 1), later)),
      };
      let total: Tensor = tf.add(parts.policy, tf.add(tf.mul(parts.value, valueWeight), tf.mul(parts.reward, rewardWeight)));
      if (config.consistency) {
        parts.consistency = mean(tf.mul(tf.sum(tf.mul(tf.sub(1, outputs.likeness), (rows as Tensors).alike), 1), later));
        total = tf.add(total, tf.mul(parts.consistency, consistencyWeight));
      }
      if (config.reconstruction) {
        const there = tf.concat([tf.ones([rows.weight.shape[0], 1]), (rows as Tensors).alike], 1);
        parts.reconstruction = mean(tf.sum(tf.mul(tf.mul(outputs.blur, there), shares), 1));
        total = tf.add(total, tf.mul(parts.reconstruction, reconstructionWeight));
      }
      return {
        total: total as Scalar, ...parts, priority: tf.abs(error),
        ...each('policy', policies, rows.policy, 0), ...each('value', values, rows.value, 0), ...each('reward', rewards, rows.reward, 1),
      };
    },
  };
}
