/**
 * Values and rewards as distributions over whole numbers -size … size (MuZero, appendix F): a scalar is split between the
 * two neighbours, and read back as the mean. `scaled` squeezes it first by
 *   h(x) = sign(x) (sqrt(|x| + 1) - 1) + ε x, ε = .001
 * (Pohlen et al. 2018), for returns of unknown size; board games need no squeezing, and a size of 1.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { tf } from '../tensorflow.js';

export interface Support {
  /** The largest whole number; beyond it scalars are cut. */
  readonly size: number;
  readonly scaled: boolean;
}

const EPSILON = 0.001;

/** Numbers of a distribution. */
export const binCount = (support: Support): number => 2 * support.size + 1;

/** h(x). */
export const squeeze = (x: number): number => Math.sign(x) * (Math.sqrt(Math.abs(x) + 1) - 1) + EPSILON * x;

/** The inverse of h: sign(y) (((sqrt(1 + 4ε(|y| + 1 + ε)) - 1) / 2ε)² - 1). */
export const unsqueeze = (y: number): number => Math.sign(y) * (((Math.sqrt(1 + 4 * EPSILON * (Math.abs(y) + 1 + EPSILON)) - 1) / (2 * EPSILON)) ** 2 - 1);

/** Writes the distribution of a scalar to out [at, at + binCount). */
export function encodeScalar(support: Support, scalar: number, out: Float32Array, at: number): void {
  const { size, scaled } = support;
  const x = Math.min(size, Math.max(-size, scaled ? squeeze(scalar) : scalar));
  const below = Math.floor(x);
  const share = x - below;
  out.fill(0, at, at + 2 * size + 1);
  out[at + below + size] = 1 - share;
  if (share > 0) out[at + below + size + 1] = share;
}

/** The scalar of a distribution p [at, at + binCount). */
export function decodeScalar(support: Support, p: Float32Array, at: number): number {
  const { size, scaled } = support;
  let mean = 0;
  for (let i = 0; i < 2 * size + 1; i++) mean += p[at + i] * (i - size);
  return scaled ? unsqueeze(mean) : mean;
}

/** logits [..., binCount] -> scalars [...], in tensors. */
export function scalarOf(support: Support, logits: Tensor): Tensor {
  return meanOf(support, tf.softmax(logits));
}

/** Distributions [..., binCount] -> scalars [...], in tensors. */
export function meanOf({ size, scaled }: Support, p: Tensor): Tensor {
  const bins = tf.tensor1d(Array.from({ length: 2 * size + 1 }, (_, i) => i - size));
  const mean: Tensor = tf.sum(tf.mul(p, bins), -1);
  if (!scaled) return mean;
  const root = tf.sqrt(tf.add(tf.mul(tf.abs(mean), 4 * EPSILON), 1 + 4 * EPSILON * (1 + EPSILON)));
  return tf.mul(tf.sign(mean), tf.sub(tf.square(tf.div(tf.sub(root, 1), 2 * EPSILON)), 1));
}
