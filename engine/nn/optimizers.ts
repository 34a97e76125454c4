/**
 * Optimisers as pure functions on the flat parameter vector: state in, state out, the learning rate an input. tfjs's own
 * optimisers keep their state and rate to themselves, so that a traced step would bake both in.
 */
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { unknown } from '#engine';
import { tf } from './tensorflow.js';
import type { OptimizerConfig, TensorSpec, Tensors } from './types.js';
import type { ParameterLayout } from './weights.js';

export interface OptimizerInputs {
  /** All trained parameters and the loss's gradient, flat in the layout's order. */
  readonly w: Tensor1D;
  readonly g: Tensor1D;
  /** The optimiser's vectors by name. */
  readonly slots: Tensors;
  /** This step's number, 1 for the first. */
  readonly step: Scalar;
  readonly learningRate: Scalar;
}

export interface Optimizer {
  /** The vectors that it carries from step to step; all start at zero. */
  readonly slots: readonly TensorSpec[];
  update(inputs: OptimizerInputs): { w: Tensor1D; slots: Tensors };
}

export const optimizerKinds = ['sgd', 'rmsprop', 'adamw', 'muon'] as const satisfies readonly OptimizerConfig['kind'][];

/** Settings that are a good start; learning rates to begin with: 0.02 to 0.05, 0.00025, 0.002 to 0.006, and 0.006. */
export const optimizerDefaults = {
  sgd: { kind: 'sgd', momentum: 0.9, weightDecay: 1e-4 },
  rmsprop: { kind: 'rmsprop', decay: 0.95, epsilon: 0.01, weightDecay: 0, centred: true },
  adamw: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 1e-2 },
  muon: { kind: 'muon', momentum: 0.95, weightDecay: 1e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
} as const satisfies Record<OptimizerConfig['kind'], OptimizerConfig>;

export function createOptimizer(config: OptimizerConfig, layout: ParameterLayout): Optimizer {
  const optimizer = build(config, layout);
  const { clipNorm } = config;
  if (clipNorm === undefined) return optimizer;
  return { slots: optimizer.slots, update: (inputs) => optimizer.update({ ...inputs, g: clip(inputs.g, clipNorm) }) };
}

function build(config: OptimizerConfig, layout: ParameterLayout): Optimizer {
  switch (config.kind) {
    case 'sgd':
      return sgd(config, layout);
    case 'rmsprop':
      return rmsprop(config, layout);
    case 'adamw':
      return adamw(config, layout);
    case 'muon':
      return muon(config, layout);
    default:
      throw unknown('optimizer', String((config satisfies never as OptimizerConfig).kind), optimizerKinds);
  }
}

/** Scales the gradient down to the given Euclidean norm where it is longer. */
function clip(g: Tensor1D, norm: number): Tensor1D {
  const length = tf.sqrt(tf.sum(tf.square(g)));
  return tf.mul(g, tf.div(norm, tf.maximum(length, norm)));
}

/** x[0, at) and x[at, end). */
function splitAt(x: Tensor1D, at: number): [Tensor1D, Tensor1D] {
  return tf.split(x, [at, x.size - at]) as [Tensor1D, Tensor1D];
}

/** x with its first `count` entries changed. */
function changeFirst(x: Tensor1D, count: number, change: (first: Tensor1D) => Tensor1D): Tensor1D {
  if (count === 0) return x;
  if (count === x.size) return change(x);
  const [first, rest] = splitAt(x, count);
  return tf.concat([change(first), rest]) as Tensor1D;
}

/** Stochastic gradient descent: M = momentum M + g + decay w (kernels only); w -= rate M, or with Nesterov rate (g + momentum M). */
function sgd(config: Extract<OptimizerConfig, { kind: 'sgd' }>, { trained, kernels }: ParameterLayout): Optimizer {
  const { momentum, weightDecay, nesterov = false } = config;
  return {
    slots: [{ name: 'momentum', shape: [trained] }],
    update({ w, g, slots, learningRate }) {
      const decayed = weightDecay === 0 ? g : changeFirst(g, kernels, (first) => tf.add(first, tf.mul(tf.slice(w, 0, kernels), weightDecay)));
      const m: Tensor1D = tf.add(tf.mul(slots.momentum, momentum), decayed);
      const direction = nesterov ? tf.add(decayed, tf.mul(m, momentum)) : m;
      return { w: tf.sub(w, tf.mul(direction, learningRate)), slots: { momentum: m } };
    },
  };
}

/**
 * RMSProp (Tieleman and Hinton 2012), epsilon inside the root; centred as by Graves (2013, section 4.2), which is what the
 * DQN of Mnih et al. (2015) used: v = decay v + (1 - decay) g^2, m alike of g, w -= rate g / sqrt(v - m^2 + epsilon).
 */
function rmsprop(config: Extract<OptimizerConfig, { kind: 'rmsprop' }>, { trained, kernels }: ParameterLayout): Optimizer {
  const { decay, epsilon, weightDecay, centred = false } = config;
  const slots = [{ name: 'v', shape: [trained] }, ...(centred ? [{ name: 'm', shape: [trained] }] : [])];
  return {
    slots,
    update({ w, g, slots, learningRate }) {
      const v: Tensor1D = tf.add(tf.mul(slots.v, decay), tf.mul(tf.square(g), 1 - decay));
      const m: Tensor1D | undefined = centred ? tf.add(tf.mul(slots.m, decay), tf.mul(g, 1 - decay)) : undefined;
      const spread = m === undefined ? v : tf.sub(v, tf.square(m));
      const moved = tf.div(tf.mul(g, learningRate), tf.sqrt(tf.add(spread, epsilon)));
      const kept = weightDecay === 0 ? w : changeFirst(w, kernels, (first) => tf.mul(first, tf.sub(1, tf.mul(learningRate, weightDecay))));
      const next: Tensors = m === undefined ? { v } : { v, m };
      return { w: tf.sub(kept, moved), slots: next };
    },
  };
}

/** Adam with bias correction (Kingma and Ba 2015) and decoupled decay of kernels (Loshchilov and Hutter 2019). */
function adamw(config: AdamSettings, { trained, kernels }: Pick<ParameterLayout, 'trained' | 'kernels'>): Optimizer {
  const { beta1, beta2, epsilon, weightDecay } = config;
  return {
    slots: [{ name: 'm', shape: [trained] }, { name: 'v', shape: [trained] }],
    update({ w, g, slots, step, learningRate }) {
      const m: Tensor1D = tf.add(tf.mul(slots.m, beta1), tf.mul(g, 1 - beta1));
      const v: Tensor1D = tf.add(tf.mul(slots.v, beta2), tf.mul(tf.square(g), 1 - beta2));
      // m^ / (sqrt(v^) + eps) with m^ = m / c1 and v^ = v / c2, the scalars gathered to leave three passes over the vector.
      const c1 = tf.sub(1, tf.pow(beta1, step));
      const c2 = tf.sqrt(tf.sub(1, tf.pow(beta2, step)));
      const rate = tf.div(tf.mul(learningRate, c2), c1);
      const moved = tf.div(tf.mul(m, rate), tf.add(tf.sqrt(v), tf.mul(c2, epsilon)));
      const kept = weightDecay === 0 ? w : changeFirst(w, kernels, (first) => tf.mul(first, tf.sub(1, tf.mul(learningRate, weightDecay))));
      return { w: tf.sub(kept, moved), slots: { m, v } };
    },
  };
}

interface AdamSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/**
 * Muon (Jordan et al. 2024) with the scale of Liu et al. 2025 (arXiv:2502.16982, section 2.2), which lets it share AdamW's
 * rate and decay: for a hidden kernel as a matrix [n, m] (convolutions: [height * width * inputs, outputs]),
 *   M = momentum M + G;  w -= rate (0.2 sqrt(max(n, m)) NS5(M) + decay w).
 * All other parameters go by AdamW.
 */
function muon(config: Extract<OptimizerConfig, { kind: 'muon' }>, layout: ParameterLayout): Optimizer {
  const { momentum, weightDecay } = config;
  const { hiddenKernels, trained, kernels } = layout;
  const rest = adamw(config, { trained: trained - hiddenKernels, kernels: kernels - hiddenKernels });
  if (hiddenKernels === 0) return rest;
  const hidden = layout.trainedSlices.filter((slice) => slice.offset < hiddenKernels);
  return {
    slots: [{ name: 'momentum', shape: [hiddenKernels] }, ...rest.slots],
    update({ w, g, slots, step, learningRate }) {
      const [wHidden, wRest] = splitAt(w, hiddenKernels);
      const [gHidden, gRest] = splitAt(g, hiddenKernels);
      const m: Tensor1D = tf.add(tf.mul(slots.momentum, momentum), gHidden);
      const directions = tf.split(m, hidden.map((slice) => slice.size)).map((part, i) => {
        const columns = hidden[i].shape[hidden[i].shape.length - 1];
        const rows = hidden[i].size / columns;
        return tf.reshape(tf.mul(orthogonalize(tf.reshape(part, [rows, columns])), 0.2 * Math.sqrt(Math.max(rows, columns))), [-1]);
      });
      const direction = tf.add(tf.concat(directions), tf.mul(wHidden, weightDecay));
      const other = rest.update({ w: wRest, g: gRest, slots, step, learningRate });
      return {
        w: tf.concat([tf.sub(wHidden, tf.mul(direction, learningRate)), other.w]) as Tensor1D,
        slots: { momentum: m, ...other.slots },
      };
    },
  };
}

/** The quintic's coefficients: steep at 0, so that small singular values rise fast; not convergent to 1, only near it. */
const [A, B, C] = [3.4445, -4.775, 2.0315];

/**
 * Newton and Schulz's iteration, five times: nearly the orthogonal matrix nearest to x [rows, columns], singular values
 * within [0.68, 1.16].
 */
export function orthogonalize(x: Tensor2D): Tensor2D {
  // X X^T is the smaller product when there are no more rows than columns.
  const tall = x.shape[0] > x.shape[1];
  // The tiny term only keeps a zero gradient finite.
  let y: Tensor = tf.div(x, tf.add(tf.sqrt(tf.sum(tf.square(x))), 1e-12));
  for (let i = 0; i < 5; i++) {
    const gram = tall ? tf.matMul(y, y, true, false) : tf.matMul(y, y, false, true);
    const factor = tf.add(tf.mul(gram, B), tf.mul(tf.matMul(gram, gram), C));
    y = tf.add(tf.mul(y, A), tall ? tf.matMul(y, factor) : tf.matMul(factor, y));
  }
  return y as Tensor2D;
}
