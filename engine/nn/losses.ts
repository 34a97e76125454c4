/**
 * Losses over named outputs and named targets. Batched quantities are [N] or [N, ...]; every part of a loss is a mean over
 * the batch, rows weighted by the target `weight`.
 */
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { auxiliaryHeads, type ValueKind } from './heads.js';
import { tf } from './tensorflow.js';
import type { Loss, Network, TensorSpec, Tensors } from './types.js';

/** logits and target distribution [N, K] -> -sum(target log softmax(logits)) [N]; a row whose target is all zero gives 0. */
export function crossEntropy(logits: Tensor, target: Tensor): Tensor {
  return tf.neg(tf.sum(tf.mul(target, tf.logSoftmax(logits)), -1));
}

/** -sum(p log p) over the last axis, 0 log 0 being 0. */
export function entropy(p: Tensor): Tensor {
  return tf.neg(tf.sum(tf.mul(p, tf.log(tf.maximum(p, 1e-30))), -1));
}

/** Huber's loss of an error: error^2 / 2 within delta, delta (|error| - delta / 2) beyond. */
export function huber(error: Tensor, delta = 1): Tensor {
  const size = tf.abs(error);
  const inner = tf.minimum(size, delta);
  return tf.add(tf.mul(tf.square(inner), 0.5), tf.mul(tf.sub(size, inner), delta));
}

export interface AlphaZeroLossOptions {
  readonly input: Network['input'];
  /** As the network's value head. Default 'tanh'. */
  readonly value?: ValueKind;
  /** Default 1. */
  readonly valueWeight?: number;
  /** Weight of a bonus on the policy's own entropy. Default 0. */
  readonly entropy?: number;
  /** The target `legal` is given, and illegal actions take no part in the policy's softmax. Default false. */
  readonly legal?: boolean;
  /** Weights of the auxiliary heads that the network has; KataGo uses .15 for `reply` and 8 for `soft`. */
  readonly auxiliary?: { readonly reply?: number; readonly soft?: number; readonly ownership?: number; readonly pliesLeft?: number };
}

/**
 * AlphaZero's loss (Silver et al. 2017): cross-entropy to the search's policy, plus squared error of the value ('tanh') or
 * cross-entropy of win, draw and loss ('wdl').
 *
 * Targets of a row, all from the view of the seat to move:
 *   `policy` [actions]   a distribution; all zero where the move was not recorded, which leaves the policy untaught
 *   `value` []           in [-1, 1], for a 'tanh' head; or `wdl` [3], odds of win, draw and loss
 *   `weight` []          importance of the row, 1 in general
 *   `legal` [actions]    1 legal, 0 not; with `legal` only
 *   `reply` [actions]    the opponent's next policy, all zero where there is none
 *   `ownership` [H * W]  final owner of each cell: 1 mine, 0 nobody's, -1 the opponent's
 *   `pliesLeft` []       plies to the end over the longest game's
 * The soft policy head needs no target of its own: it learns policy^(1/4), normalised.
 *
 * Reported beside `total` and the unweighted parts: `policyKl`, the policy's cross-entropy less the target's entropy.
 * `policy` and `policyKl` are means over the recorded rows alone.
 */
export function alphaZeroLoss(options: AlphaZeroLossOptions): Loss {
  const { input, value = 'tanh', valueWeight = 1, entropy: entropyWeight = 0, legal = false, auxiliary = {} } = options;
  const { actions, planes } = input;
  const cells = planes[1] * planes[2];
  const shapes = { reply: [actions], ownership: [cells], pliesLeft: [] };
  const heads = auxiliaryHeads.filter((head) => (auxiliary[head] ?? 0) > 0);
  const targets: TensorSpec[] = [
    { name: 'policy', shape: [actions] },
    value === 'wdl' ? { name: 'wdl', shape: [3] } : { name: 'value', shape: [] },
    { name: 'weight', shape: [] },
    ...(legal ? [{ name: 'legal', shape: [actions] }] : []),
    ...heads.flatMap((head) => (head === 'soft' ? [] : [{ name: head, shape: shapes[head] }])),
  ];
  return {
    targets,
    compute(outputs, rows) {
      const mean = (x: Tensor): Scalar => tf.mean(tf.mul(x, rows.weight));
      const masked = (logits: Tensor) => (legal ? tf.add(logits, tf.mul(tf.sub(rows.legal, 1), 1e9)) : logits);
      const logits = masked(outputs.policy);
      const perRow = crossEntropy(logits, rows.policy);
      // What share of the batch's weight has a recorded policy; the guard is for a batch with none.
      const recorded = tf.maximum(mean(tf.sum(rows.policy, -1)), 1e-6);
      const policy = mean(perRow);
      const parts: Record<string, Scalar> = {
        policy: tf.div(policy, recorded),
        policyKl: tf.div(mean(tf.sub(perRow, entropy(rows.policy))), recorded),
        value: mean(value === 'wdl' ? crossEntropy(outputs.wdl, rows.wdl) : tf.squaredDifference(outputs.value, rows.value)),
      };
      let total: Tensor = tf.add(policy, tf.mul(parts.value, valueWeight));
      if (entropyWeight > 0) {
        parts.entropy = mean(entropy(tf.softmax(logits)));
        total = tf.sub(total, tf.mul(parts.entropy, entropyWeight));
      }
      for (const head of heads) {
        parts[head] = mean(auxiliaryLoss[head](head === 'soft' ? masked(outputs.soft) : outputs[head], rows));
        total = tf.add(total, tf.mul(parts[head], auxiliary[head] ?? 0));
      }
      return { total: total as Scalar, ...parts };
    },
  };
}

/** Loss of each row [N] by auxiliary head. */
const auxiliaryLoss: Record<(typeof auxiliaryHeads)[number], (output: Tensor, rows: Tensors) => Tensor> = {
  reply: (logits, rows) => crossEntropy(logits, rows.reply),
  soft: (logits, rows) => {
    const flattened = tf.pow(rows.policy, 0.25);
    return crossEntropy(logits, tf.div(flattened, tf.maximum(tf.sum(flattened, -1, true), 1e-6)));
  },
  ownership: (owner, rows) => tf.mean(tf.squaredDifference(owner, rows.ownership), -1),
  pliesLeft: (share, rows) => tf.squaredDifference(share, rows.pliesLeft),
};
