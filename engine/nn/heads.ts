/**
 * Policy, value and auxiliary heads, shared by all networks here. Auxiliary outputs exist only in training: they teach
 * the trunk and cost nothing afterwards (KataGo, Wu 2019, section 4).
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { PolicyPlanes } from '#engine';
import { dense, planesPolicy, type Layer } from './layers.js';
import { tf } from './tensorflow.js';
import type { ForwardContext, ParameterSpec, Tensors } from './types.js';

export const valueKinds = ['tanh', 'wdl'] as const;
/** 'tanh': one number in [-1, 1]. 'wdl': odds of win, draw and loss; the value is win - loss. */
export type ValueKind = (typeof valueKinds)[number];

export const auxiliaryHeads = ['reply', 'soft', 'ownership', 'pliesLeft'] as const;
/** Which further things the network learns to tell; the loss needs a weight and a target for each. */
export interface AuxiliaryConfig {
  /** The opponent's next policy: `reply` [N, actions], logits. */
  readonly reply?: boolean;
  /** The policy target at temperature 4: `soft` [N, actions], logits. */
  readonly soft?: boolean;
  /** Who owns each cell when the game ends: `ownership` [N, H * W] in [-1, 1], 1 for the seat to move. */
  readonly ownership?: boolean;
  /** Share of the longest game that is still to come: `pliesLeft` [N] in [0, 1]. */
  readonly pliesLeft?: boolean;
}

export interface HeadInputs {
  /** Features for the policy heads [N, policyWidth], or [N, H, W, policyWidth] for planes, and for the value heads [N, valueWidth]. */
  readonly policy: Tensor;
  readonly value: Tensor;
}

export interface Heads {
  readonly parameters: readonly ParameterSpec[];
  apply(parameters: Tensors, features: HeadInputs, context: ForwardContext): Tensors;
}

export interface HeadsConfig {
  readonly policyWidth: number;
  readonly valueWidth: number;
  readonly actions: number;
  readonly cells: number;
  readonly value: ValueKind;
  readonly auxiliary: AuxiliaryConfig;
  /** Policies come from planes; left out, from a dense layer. */
  readonly policyPlanes?: PolicyPlanes;
}

export function createHeads(config: HeadsConfig): Heads {
  const { policyWidth, valueWidth, actions, cells, value, auxiliary, policyPlanes } = config;
  // Small last layers: at first the policy is near uniform and the value near 0, whatever the trunk says.
  const last = { hidden: false, init: 0.01 } as const;
  const choice = (name: string): Layer => (policyPlanes === undefined ? dense(name, policyWidth, actions, last) : planesPolicy(name, policyWidth, policyPlanes, cells, last));
  const policy = choice('policy');
  const outcome = dense('value', valueWidth, value === 'wdl' ? 3 : 1, last);
  const reply = auxiliary.reply ? choice('reply') : undefined;
  const soft = auxiliary.soft ? choice('soft') : undefined;
  const ownership = auxiliary.ownership ? dense('ownership', valueWidth, cells, last) : undefined;
  const pliesLeft = auxiliary.pliesLeft ? dense('pliesLeft', valueWidth, 1, last) : undefined;
  const layers: (Layer | undefined)[] = [policy, outcome, reply, soft, ownership, pliesLeft];
  const scalar = (x: Tensor) => tf.reshape(x, [x.shape[0]]);
  return {
    parameters: layers.flatMap((layer) => layer?.parameters ?? []),
    apply(p, features, context) {
      const raw = outcome.apply(p, features.value, context);
      const outputs: Tensors = { policy: policy.apply(p, features.policy, context) };
      if (value === 'tanh') outputs.value = tf.tanh(scalar(raw));
      else outputs.value = winMinusLoss(raw);
      if (!context.training) return outputs;
      if (value === 'wdl') outputs.wdl = raw;
      if (reply) outputs.reply = reply.apply(p, features.policy, context);
      if (soft) outputs.soft = soft.apply(p, features.policy, context);
      if (ownership) outputs.ownership = tf.tanh(ownership.apply(p, features.value, context));
      if (pliesLeft) outputs.pliesLeft = tf.sigmoid(scalar(pliesLeft.apply(p, features.value, context)));
      return outputs;
    },
  };
}

/** logits [N, 3] of win, draw, loss -> win - loss [N], as a product with (1, 0, -1). */
function winMinusLoss(logits: Tensor): Tensor {
  return tf.sum(tf.mul(tf.softmax(logits), tf.tensor1d([1, 0, -1])), 1);
}
