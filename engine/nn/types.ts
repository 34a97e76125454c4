/**
 * What a network, a loss and an optimiser are: pure functions of tensors written in TensorFlow.js operations, so that
 * one text runs eagerly on any tfjs backend and compiles, training step and all, to ONNX.
 */
import type { Scalar, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { PolicyPlanes } from '#engine';

export type Tensors = Record<string, Tensor>;

/** One array of a network. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** 'he' and 'glorot' are normal with the usual fan-in / fan-average variance; a number is a normal's standard deviation, `constant` one value everywhere, `orthogonal` that multiple of a random matrix with orthonormal rows or columns, whichever are fewer. */
  readonly init: 'he' | 'glorot' | 'zeros' | 'ones' | number | { readonly constant: number } | { readonly orthogonal: number };
  /**
   * 'kernel': a matrix or convolution kernel: trained, weight-decayed, orthogonalised by Muon when it is hidden.
   * 'vector': bias, gain, embedding: trained, not decayed. 'statistic': batch-norm running mean or variance: not trained.
   */
  readonly kind: 'kernel' | 'vector' | 'statistic';
  /** First and last layers are left to AdamW when Muon trains the rest. */
  readonly hidden?: boolean;
}

export interface ForwardContext {
  readonly training: boolean;
  /** In training, the loss's targets by name: an unrolled model needs the actions. */
  readonly rows?: Tensors;
  /** In training, a layer that keeps running statistics calls this with this batch's value of that statistic. */
  statistic(name: string, value: Tensor): void;
}

/** A named input or output; `shape` without the batch dimension. */
export interface TensorSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype?: 'float32' | 'int32';
}

/** What a network sees and answers about. */
export interface NetworkInput {
  readonly planes: readonly [channels: number, height: number, width: number];
  readonly actions: number;
  /** Where the game's actions stand in planes of a convolution, if the game says so. */
  readonly policyPlanes?: PolicyPlanes;
}

/** A network. Anything with this shape can be trained, compiled and served: residual networks, MLPs, your own. */
export interface Network {
  /** Said in checkpoints and error messages. */
  readonly name: string;
  readonly input: NetworkInput;
  readonly parameters: readonly ParameterSpec[];
  /**
   * Further inputs that are no rows of the batch, such as the noise of noisy layers: whole shapes. `forward` finds them
   * among its parameters when they are given; a network must also answer without them.
   */
  readonly extras?: readonly TensorSpec[];
  /**
   * planes [N, C, H, W] -> named outputs; for the agents here at least `policy` [N, actions] (logits) and `value` [N]
   * (in [-1, 1], for the seat to move).
   */
  forward(parameters: Tensors, planes: Tensor4D, context: ForwardContext): Tensors;
  /** Names of the outputs that inference needs; the others exist only while training. */
  readonly serves: readonly string[];
}

/** A pure function with parameters that is served but not trained by itself: any named inputs, any named outputs. */
export interface GraphModule {
  readonly name: string;
  /** Shapes without the batch dimension, which comes first in each. */
  readonly inputs: readonly TensorSpec[];
  readonly parameters: readonly ParameterSpec[];
  forward(parameters: Tensors, inputs: Tensors, context: ForwardContext): Tensors;
  readonly serves: readonly string[];
}

/** A loss over a network's outputs. */
export interface Loss {
  /** What it needs of each training row besides planes. */
  readonly targets: readonly TensorSpec[];
  /** Names of those entries of `compute` that are [batch]: something to know of each row, such as its priority. */
  readonly perRow?: readonly string[];
  /** `total` is what is minimised; the other entries (scalars, but for `perRow`) are reported by name. Must contain `total`. */
  compute(outputs: Tensors, targets: Tensors): { readonly total: Scalar; readonly [name: string]: Tensor };
}

/** Weights by name, in the shapes of the network's parameters; statistics included. */
export type Weights = Record<string, Float32Array>;

/** All that training needs to go on exactly where it stopped. */
export interface TrainerState {
  /** Optimiser steps taken. */
  step: number;
  weights: Weights;
  /** Moments and the like by name, e.g. 'm', 'v'. */
  optimizer: Record<string, Float32Array>;
}

/** `clipNorm`, where given, scales the whole gradient down to that Euclidean norm before anything else. */
export type OptimizerConfig =
  /** `weightDecay` is added to the gradient, as an L2 penalty would. */
  | { readonly kind: 'sgd'; readonly momentum: number; readonly weightDecay: number; readonly nesterov?: boolean; readonly clipNorm?: number }
  /** Mean square of the gradient with the given decay; `centred` subtracts the square of its mean (Graves 2013). Decay as in adamw. */
  | { readonly kind: 'rmsprop'; readonly decay: number; readonly epsilon: number; readonly weightDecay: number; readonly centred?: boolean; readonly clipNorm?: number }
  /** `weightDecay` is decoupled: kernels shrink by learning rate x decay a step. */
  | { readonly kind: 'adamw'; readonly beta1: number; readonly beta2: number; readonly epsilon: number; readonly weightDecay: number; readonly clipNorm?: number }
  /** Muon on hidden kernels, AdamW (with `adam`) on the rest; methods: Jordan 2024, scaled as by Liu et al. 2025. */
  | { readonly kind: 'muon'; readonly momentum: number; readonly weightDecay: number; readonly beta1: number; readonly beta2: number; readonly epsilon: number; readonly clipNorm?: number };

/** A training step that runs: compiled or eager. */
export interface Trainer {
  readonly batch: number;
  /**
   * rows: planes [batch, C, H, W], the loss's targets and the network's extras, by name. Returns the losses by name, and
   * fills `perRow` [batch] by the loss's names where it is given.
   */
  step(rows: Record<string, Float32Array | Int32Array>, learningRate: number, perRow?: Record<string, Float32Array>): Promise<Record<string, number>>;
  /** A copy of the present state. */
  state(): Promise<TrainerState>;
  restore(state: TrainerState): Promise<void>;
  close(): Promise<void>;
}

/** A network that answers: compiled or eager. */
export interface Inference {
  readonly device: string;
  /** planes [count, C, H, W] at the front of the array; fills each named output at the front of its array. */
  run(planes: Float32Array, count: number, outputs: Record<string, Float32Array>): Promise<void>;
  close(): Promise<void>;
}
