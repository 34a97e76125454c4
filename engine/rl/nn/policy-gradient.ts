/**
 * The policy-gradient losses: REINFORCE and actor-critic (Williams 1992; Mnih et al. 2016), and PPO's clipped surrogate
 * (Schulman et al. 2017). All are means over the batch, rows weighted by the target `weight`.
 */
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { tf, type Loss, type Tensors } from '#engine/nn';

/** log pi [N, A] of logits [N, A], illegal actions (legal 0) left out of the softmax. */
export function logPolicy(logits: Tensor, legal: Tensor): Tensor {
  return tf.logSoftmax(tf.add(logits, tf.mul(tf.sub(legal, 1), 1e9)));
}

/** Entropy of each row [N] of log pi [N, A]; an illegal action's 0 log 0 is 0. */
export function policyEntropy(logPi: Tensor): Tensor {
  return tf.neg(tf.sum(tf.mul(tf.exp(logPi), tf.maximum(logPi, -1e4)), -1));
}

/** KL(p || q) of each row [N] of log-probabilities [N, A]. */
export function klDivergence(logP: Tensor, logQ: Tensor): Tensor {
  return tf.sum(tf.mul(tf.exp(logP), tf.sub(tf.maximum(logP, -1e4), tf.maximum(logQ, -1e4))), -1);
}

/**
 * min(ratio A, clip(ratio, 1 - low, 1 + high) A) of each row [N] (Schulman et al. 2017, equation 7). Beyond the clip there
 * is no gradient, unless the row moved the wrong way and must come back.
 */
export function clippedSurrogate(ratio: Tensor, advantage: Tensor, low: number, high: number): Tensor {
  const clipped = tf.minimum(tf.maximum(ratio, 1 - low), 1 + high);
  return tf.minimum(tf.mul(ratio, advantage), tf.mul(clipped, advantage));
}

export interface PolicyGradientLossOptions {
  readonly actions: number;
  /** How far the ratio to the old policy counts: below 1 - low and above 1 + high it is clipped. None: the plain policy gradient. */
  readonly clip?: { readonly low: number; readonly high: number };
  /** The value may move so far from its old one; further is no gain. None: plain squared error. */
  readonly valueClip?: number;
  readonly valueWeight: number;
  readonly entropyWeight: number;
}

/**
 * -surrogate + valueWeight * (value - target)^2 / 2 - entropyWeight * entropy.
 *
 * Targets of a row:
 *   `taken` [actions]     1 for the action taken, else 0
 *   `legal` [actions]     1 legal, 0 not
 *   `advantage` []        what the action was better than expected
 *   `target` []           what the value should have been
 *   `weight` []           1 in general, 0 for a row that only fills the batch
 *   `logProbability` []   of the action under the policy that took it; with `clip` only
 *   `oldValue` []         of the network that acted; with `valueClip` only
 * Reported beside the parts, with `clip`: `kl`, the estimate (ratio - 1) - log ratio of how far the policy has moved
 * (Schulman 2020, "Approximating KL divergence"), and `clipped`, the share of rows beyond the clip.
 */
export function policyGradientLoss({ actions, clip, valueClip, valueWeight, entropyWeight }: PolicyGradientLossOptions): Loss {
  const scalars = ['advantage', 'target', 'weight', ...(clip === undefined ? [] : ['logProbability']), ...(valueClip === undefined ? [] : ['oldValue'])];
  return {
    targets: [{ name: 'taken', shape: [actions] }, { name: 'legal', shape: [actions] }, ...scalars.map((name) => ({ name, shape: [] }))],
    compute(outputs: Tensors, rows: Tensors) {
      const mean = (x: Tensor): Scalar => tf.mean(tf.mul(x, rows.weight));
      const logPi = logPolicy(outputs.policy, rows.legal);
      const logTaken = tf.sum(tf.mul(tf.maximum(logPi, -1e4), rows.taken), -1);
      const parts: Record<string, Scalar> = {};
      let gain: Tensor;
      if (clip === undefined) gain = tf.mul(logTaken, rows.advantage);
      else {
        const logRatio = tf.sub(logTaken, rows.logProbability);
        const ratio = tf.exp(logRatio);
        gain = clippedSurrogate(ratio, rows.advantage, clip.low, clip.high);
        parts.kl = mean(tf.sub(tf.sub(ratio, 1), logRatio));
        parts.clipped = mean(tf.cast(tf.logicalOr(tf.less(ratio, 1 - clip.low), tf.greater(ratio, 1 + clip.high)), 'float32'));
      }
      let error: Tensor = tf.squaredDifference(outputs.value, rows.target);
      if (valueClip !== undefined) {
        const near = tf.add(rows.oldValue, tf.minimum(tf.maximum(tf.sub(outputs.value, rows.oldValue), -valueClip), valueClip));
        error = tf.maximum(error, tf.squaredDifference(near, rows.target));
      }
      parts.policy = tf.neg(mean(gain));
      parts.value = tf.mul(mean(error), 0.5);
      parts.entropy = mean(policyEntropy(logPi));
      const total: Scalar = tf.sub(tf.add(parts.policy, tf.mul(parts.value, valueWeight)), tf.mul(parts.entropy, entropyWeight));
      return { total, ...parts };
    },
  };
}
