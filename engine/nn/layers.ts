/**
 * Layers: what parameters they have, and what they do to a tensor. Images are [N, H, W, C] (NHWC) here; networks take
 * planes [N, C, H, W] and transpose once at their entrance.
 */
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { PolicyPlanes } from '#engine';
import { tf } from './tensorflow.js';
import type { ForwardContext, ParameterSpec, Tensors } from './types.js';

export interface Layer {
  readonly parameters: readonly ParameterSpec[];
  apply(parameters: Tensors, x: Tensor, context: ForwardContext): Tensor;
}

export const relu: Layer = { parameters: [], apply: (_, x) => tf.relu(x) };

export interface KernelOptions {
  /** Without a bias where a normalisation with its own shift follows. Default true. */
  readonly bias?: boolean;
  /** Default 'he', for a layer that a relu follows. */
  readonly init?: ParameterSpec['init'];
  /** Not the first and not the last layer of the network: Muon's share. Default true. */
  readonly hidden?: boolean;
}

export interface ConvolutionOptions extends KernelOptions {
  /** 'same' pads with zeros, so that the image keeps its size; 'valid' does not. Default 'same'. */
  readonly padding?: 'same' | 'valid';
  /** Default 1. */
  readonly stride?: number;
}

/** x [N, H, W, inputs] -> [N, H, W, outputs] (smaller with a stride or without padding); kernel [size, size, inputs, outputs]. */
export function convolution(name: string, size: number, inputs: number, outputs: number, options: ConvolutionOptions = {}): Layer {
  const { bias = true, init = 'he', hidden = true, padding = 'same', stride = 1 } = options;
  const kernel: ParameterSpec = { name: `${name}/kernel`, shape: [size, size, inputs, outputs], init, kind: 'kernel', hidden };
  return withBias(name, kernel, outputs, bias, (x, k) => tf.conv2d(x as Tensor4D, k as Tensor4D, stride, padding));
}

/**
 * One filter for each channel: x [N, H, W, channels] -> the same shape, padded with zeros; kernel [size, size, channels, 1],
 * `size` odd, no bias. In training it is the sum over the taps of the shifted image times the tap's weights, with gradients of the
 * same kind: TensorFlow.js's own use kernels that are not compiled, and the runtime's grouped convolution would need the image
 * turned over and back.
 */
export function depthwise(name: string, size: number, channels: number): Layer {
  // He's variance for a fan-in of one channel.
  const kernel: ParameterSpec = { name: `${name}/kernel`, shape: [size, size, channels, 1], init: Math.sqrt(2) / size, kind: 'kernel' };
  const around = (size - 1) / 2;
  const taps = size * size;
  /** The image as each tap sees it. */
  const shifted = (x: Tensor): Tensor[] => {
    const [, height, width] = x.shape as [number, number, number];
    const wide = tf.pad(x, [[0, 0], [around, around], [around, around], [0, 0]]);
    return Array.from({ length: taps }, (_, i) => tf.slice(wide, [0, Math.floor(i / size), i % size, 0], [-1, height, width, -1]));
  };
  const summed = (x: Tensor, weights: readonly Tensor[]): Tensor => shifted(x).map((view, i) => tf.mul(view, weights[i])).reduce((a, b) => tf.add(a, b));
  const convolve = tf.customGrad((...args) => {
    const [x, filter, save] = args as [Tensor, Tensor, (tensors: Tensor[]) => void];
    save([x, filter]);
    const weights = (of: Tensor) => tf.unstack(tf.reshape(of, [taps, channels]));
    return {
      value: summed(x, weights(filter)),
      gradFunc: (dy: Tensor, saved: Tensor[]) => [
        summed(dy, weights(saved[1]).reverse()),
        tf.reshape(tf.stack(shifted(saved[0]).map((view) => tf.sum(tf.mul(view, dy), [0, 1, 2]))), [size, size, channels, 1]),
      ],
    };
  });
  return {
    parameters: [kernel],
    apply: (p, x, context) => (context.training ? convolve(x, p[kernel.name]) : tf.depthwiseConv2d(x as Tensor4D, p[kernel.name] as Tensor4D, 1, 'same')),
  };
}

/** x [N, inputs] -> [N, outputs]; kernel [inputs, outputs]. */
export function dense(name: string, inputs: number, outputs: number, options: KernelOptions = {}): Layer {
  const { bias = true, init = 'he', hidden = true } = options;
  const kernel: ParameterSpec = { name: `${name}/kernel`, shape: [inputs, outputs], init, kind: 'kernel', hidden };
  return withBias(name, kernel, outputs, bias, (x, k) => tf.matMul(x, k));
}

function withBias(name: string, kernel: ParameterSpec, outputs: number, bias: boolean, product: (x: Tensor, kernel: Tensor) => Tensor): Layer {
  if (!bias) return { parameters: [kernel], apply: (p, x) => product(x, p[kernel.name]) };
  const shift: ParameterSpec = { name: `${name}/bias`, shape: [outputs], init: 'zeros', kind: 'vector' };
  return { parameters: [kernel, shift], apply: (p, x) => tf.add(product(x, p[kernel.name]), p[shift.name]) };
}

const EPSILON = 1e-5;

/**
 * Batch normalisation over all axes but the last (Ioffe and Szegedy 2015): by this batch's mean and (biased) variance in
 * training, by the running ones otherwise. `gain` is the initial gain: 0 on a residual branch's last one makes the block
 * start as the identity.
 */
export function batchNorm(name: string, channels: number, gain: 'ones' | 'zeros' = 'ones'): Layer {
  const names = { gain: `${name}/gain`, shift: `${name}/shift`, mean: `${name}/mean`, variance: `${name}/variance` };
  const shape = [channels];
  return {
    parameters: [
      { name: names.gain, shape, init: gain, kind: 'vector' },
      { name: names.shift, shape, init: 'zeros', kind: 'vector' },
      { name: names.mean, shape, init: 'zeros', kind: 'statistic' },
      { name: names.variance, shape, init: 'ones', kind: 'statistic' },
    ],
    apply(p, x, context) {
      if (!context.training) {
        return tf.batchNorm(x as Tensor4D, p[names.mean] as Tensor1D, p[names.variance] as Tensor1D, p[names.shift] as Tensor1D, p[names.gain] as Tensor1D, EPSILON);
      }
      const { y, mean, variance } = normalizeBatch(x, p[names.gain], p[names.shift]);
      context.statistic(names.mean, mean);
      context.statistic(names.variance, variance);
      return y;
    },
  };
}

/**
 * The training half of batch norm with its closed-form backward pass, 13-17 % faster than differentiating the parts:
 * with d = x - mean, r = 1 / sqrt(variance + epsilon), n entries a channel,
 *   dx = gain r (dy - mean(dy) - d r^2 mean(dy d)),  dgain = r sum(dy d),  dshift = sum(dy).
 * The mean and variance are computed outside the custom gradient and reach it by closure, so that the tape does not also
 * differentiate them.
 */
function normalizeBatch(x: Tensor, gain: Tensor, shift: Tensor): { y: Tensor; mean: Tensor; variance: Tensor } {
  const axes = x.shape.slice(0, -1).map((_, axis) => axis);
  const n = x.size / x.shape[x.rank - 1];
  const mean = tf.mean(x, axes);
  const variance = tf.mean(tf.square(tf.sub(x, mean)), axes);
  const normalize = tf.customGrad((...args) => {
    const [x, gain, shift, save] = args as [Tensor, Tensor, Tensor, (tensors: Tensor[]) => void];
    const d = tf.sub(x, mean);
    const r = tf.rsqrt(tf.add(variance, EPSILON));
    save([d, r, gain]);
    return {
      value: tf.add(tf.mul(d, tf.mul(gain, r)), shift),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [d, r, gain] = saved;
        const dshift = tf.sum(dy, axes);
        const covariance = tf.sum(tf.mul(dy, d), axes);
        const scale = tf.mul(gain, r);
        const slope = tf.div(tf.mul(tf.mul(scale, tf.square(r)), covariance), -n);
        const dx = tf.add(tf.mul(dy, scale), tf.sub(tf.mul(d, slope), tf.div(tf.mul(scale, dshift), n)));
        return [dx, tf.mul(covariance, r), dshift];
      },
    };
  });
  return { y: normalize(x, gain, shift), mean, variance };
}

/** Layer normalisation over the last axis (Ba, Kiros and Hinton 2016). x [..., width] -> the same shape. */
export function layerNorm(name: string, width: number): Layer {
  const gain: ParameterSpec = { name: `${name}/gain`, shape: [width], init: 'ones', kind: 'vector' };
  const shift: ParameterSpec = { name: `${name}/shift`, shape: [width], init: 'zeros', kind: 'vector' };
  return {
    parameters: [gain, shift],
    apply(p, x) {
      const d = tf.sub(x, tf.mean(x, -1, true));
      const variance = tf.mean(tf.square(d), -1, true);
      return tf.add(tf.mul(tf.mul(d, tf.rsqrt(tf.add(variance, EPSILON))), p[gain.name]), p[shift.name]);
    },
  };
}

/** Mean and maximum of each channel over the board: x [N, H, W, C] -> [N, 2C]. Reductions only: tfjs pooling is not traced. */
export function poolBoard(x: Tensor): Tensor {
  return tf.concat([tf.mean(x, [1, 2]), tf.max(x, [1, 2])], 1);
}

/**
 * What the whole board says, as a bias for each channel: x [N, H, W, inputs] -> [N, 1, 1, outputs], to be added to an
 * image (KataGo, Wu 2019, section 3.3; without the pooling scaled by board size, which is constant here).
 */
export function globalBias(name: string, inputs: number, outputs: number): Layer {
  const map = dense(name, 2 * inputs, outputs, { bias: false, init: 'glorot' });
  return { parameters: map.parameters, apply: (p, x, context) => tf.reshape(map.apply(p, poolBoard(x), context), [x.shape[0], 1, 1, outputs]) };
}

/**
 * Columns of x [N, width] by a constant table without repetitions -> [N, table.length]. Its gradient is a gather too, by
 * the inverse table, whose missing places point at a column of zeros: far cheaper than the scatter of the general case.
 */
export function pickColumns(x: Tensor, table: Int32Array): Tensor {
  const width = x.shape[1] as number;
  const inverse = new Int32Array(width).fill(table.length);
  table.forEach((from, to) => (inverse[from] = to));
  return tf.customGrad((...inputs) => ({
    value: tf.gather(inputs[0] as Tensor, tf.tensor1d(table, 'int32'), 1),
    gradFunc: (dy: Tensor) => tf.gather(tf.concat([dy, tf.zeros([dy.shape[0], 1])], 1), tf.tensor1d(inverse, 'int32'), 1),
  }))(x);
}

/** x [N, H, W, inputs] -> logits [N, actions]: a 1x1 convolution to the planes, then each action's place in them. */
export function planesPolicy(name: string, inputs: number, { count, gather }: PolicyPlanes, cells: number, options: KernelOptions = {}): Layer {
  const planes = convolution(name, 1, inputs, count, options);
  // Images are NHWC here: plane * cells + cell becomes cell * count + plane.
  const table = gather.map((place) => (place % cells) * count + Math.floor(place / cells));
  return { parameters: planes.parameters, apply: (p, x, context) => pickColumns(flatten.apply(p, planes.apply(p, x, context), context), table) };
}

/** One layer after another. */
export function sequence(...layers: readonly Layer[]): Layer {
  return {
    parameters: layers.flatMap((layer) => layer.parameters),
    apply: (p, x, context) => layers.reduce((y, layer) => layer.apply(p, y, context), x),
  };
}

/** x [N, ...] -> [N, product of the rest]. */
export const flatten: Layer = { parameters: [], apply: (_, x) => tf.reshape(x, [x.shape[0], x.size / x.shape[0]]) };
