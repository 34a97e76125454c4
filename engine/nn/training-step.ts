/**
 * One training step as a pure function of tensors: what the eager trainer runs and what the tracer compiles to ONNX.
 *
 * Inputs, by name:
 *   `w` [layout.trained]      all trained parameters, flat, in the layout's order
 *   `s` [layout.statistics]   batch-norm running statistics, flat; absent when the network keeps none
 *   the optimiser's vectors   e.g. `m`, `v`; zeros at the start
 *   `step` []                 optimiser steps taken so far, float32 (exact to 2^24)
 *   `learningRate` []         float32
 *   `planes` [batch, C, H, W] and the loss's targets [batch, ...]
 * Outputs: every carried vector again under its own name, updated; each part of the loss as `loss/<name>` [] (so
 * `loss/total` always); and, if asked for, the flat gradient `g` [layout.trained], before clipping.
 */
import type { TensorSpec, Tensors, Weights } from './types.js';

/** Where each parameter lies in the flat vectors. Hidden kernels first, then other kernels, then vectors. */
export interface ParameterSlice {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly size: number;
}

export interface ParameterLayout {
  readonly trainedSlices: readonly ParameterSlice[];
  readonly statisticSlices: readonly ParameterSlice[];
  /** Length of `w`. */
  readonly trained: number;
  /** Length of `s`; 0 when the network keeps no running statistics. */
  readonly statistics: number;
  /** w[0, hiddenKernels) are hidden kernels, w[hiddenKernels, kernels) the other kernels, the rest vectors. */
  readonly hiddenKernels: number;
  readonly kernels: number;
}

export interface TrainingStep {
  readonly batch: number;
  readonly layout: ParameterLayout;
  /** All inputs in order, with their whole shapes (batch included). */
  readonly inputs: readonly TensorSpec[];
  /** All outputs in order, with their whole shapes. Carried ones have the name of the input that they feed. */
  readonly outputs: readonly TensorSpec[];
  /** Names of the inputs that the next step takes from this step's outputs: `w`, `s`, the optimiser's vectors, `step`. */
  readonly carried: readonly string[];
  /** Names of the optimiser's vectors among them: the keys of `TrainerState.optimizer`. */
  readonly slots: readonly string[];
  /** inputs -> outputs, in tfjs operations. Call it in `tf.tidy`; it owns neither. */
  run(inputs: Tensors): Tensors;
}

/** Flat vectors, as fed to the step. */
export interface FlatWeights {
  readonly w: Float32Array;
  readonly s: Float32Array;
}

/** Signatures that follow in this file. */
export type PackWeights = (layout: ParameterLayout, weights: Weights) => FlatWeights;
export type UnpackWeights = (layout: ParameterLayout, w: Float32Array, s: Float32Array) => Weights;
