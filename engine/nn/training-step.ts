/**
 * One training step as a pure function of tensors: what the eager trainer runs and what the tracer compiles to ONNX.
 *
 * Inputs, by name:
 *   `w` [layout.trained]      all trained parameters, flat, in the layout's order
 *   `s` [layout.statistics]   batch-norm running statistics, flat; absent when the network keeps none
 *   the optimiser's vectors   e.g. `m`, `v`; zeros at the start
 *   `step` []                 optimiser steps taken so far, float32 (exact to 2^24)
 *   `learningRate` []         float32
 *   the network's extras      e.g. noise, in their whole shapes
 *   `planes` [batch, C, H, W] and the loss's targets [batch, ...]
 * Outputs: every carried vector again under its own name, updated; each part of the loss as `loss/<name>` [] (so
 * `loss/total` always), what it tells of each row as `row/<name>` [batch]; and, if asked for, the flat gradient `g` [layout.trained], before clipping.
 *
 * `run` is `update` after `gradients`, which stand alone so that several workers can share one batch: each computes the
 * gradients of its part, their means are taken, and one update follows.
 */
import type { Scalar, Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { UserError } from '#engine';
import { createOptimizer } from './optimizers.js';
import { tf } from './tensorflow.js';
import type { Loss, Network, OptimizerConfig, TensorSpec, Tensors } from './types.js';
import { layoutOf, type ParameterLayout, type ParameterSlice } from './weights.js';

export interface TrainingStep {
  readonly batch: number;
  readonly layout: ParameterLayout;
  /** All inputs in order, with their whole shapes (batch included). */
  readonly inputs: readonly TensorSpec[];
  /** Names of the inputs that the next step takes from this step's outputs: `w`, `s`, the optimiser's vectors, `step`. */
  readonly carried: readonly string[];
  /** Names of the optimiser's vectors among them: the keys of `TrainerState.optimizer`. */
  readonly slots: readonly string[];
  /** inputs -> outputs, in tfjs operations. Call it inside `tf.tidy`, which then disposes of everything but its results. */
  run(inputs: Tensors): Tensors;
  /** `w`, `s`, `planes` and targets -> `g` [trained], `batchStatistics` [statistics] (where kept), `loss/<name>` []. */
  gradients(inputs: Tensors): Tensors;
  /** Carried vectors, `learningRate`, `g` and `batchStatistics` -> carried vectors. */
  update(inputs: Tensors): Tensors;
}

export interface TrainingStepOptions {
  /** Also give the flat gradient `g`. Default false. */
  readonly gradient?: boolean;
  /** How much of a running statistic survives a step. Default 0.9. */
  readonly statisticsMomentum?: number;
}

export function createTrainingStep(network: Network, loss: Loss, optimizer: OptimizerConfig, batch: number, options: TrainingStepOptions = {}): TrainingStep {
  const { gradient = false, statisticsMomentum = 0.9 } = options;
  const layout = layoutOf(network);
  const { update: updateWeights, slots } = createOptimizer(optimizer, layout);
  const carriedSpecs: TensorSpec[] = [
    { name: 'w', shape: [layout.trained] },
    ...(layout.statistics > 0 ? [{ name: 's', shape: [layout.statistics] }] : []),
    ...slots,
    { name: 'step', shape: [] },
  ];
  const inputs: TensorSpec[] = [
    ...carriedSpecs,
    { name: 'learningRate', shape: [] },
    ...(network.extras ?? []),
    { name: 'planes', shape: [batch, ...network.input.planes] },
    ...loss.targets.map((target) => ({ ...target, shape: [batch, ...target.shape] })),
  ];
  const extras = (network.extras ?? []).map(({ name }) => name);
  const perRow = new Set(loss.perRow);
  const names = new Set<string>();
  for (const { name } of inputs) {
    if (names.has(name)) throw new UserError('usage', `the loss's target '${name}' (or an extra of the network) has the name of another input of the training step; rename it`);
    names.add(name);
  }

  function gradients(given: Tensors): Tensors {
    const { trainedSlices, statisticSlices } = layout;
    const statistics = layout.statistics > 0 ? views(given.s as Tensor1D, statisticSlices) : [];
    const constants = Object.fromEntries(statisticSlices.map(({ name }, i) => [name, statistics[i]]));
    // What the differentiated function computes besides its result must be kept by hand: its own scope would dispose of it.
    const fresh = new Map<string, Tensor>();
    let parts: Record<string, Tensor> = {};
    const objective = (...values: Tensor[]): Scalar => {
      const parameters: Tensors = { ...constants, ...Object.fromEntries(extras.map((name) => [name, given[name]])) };
      trainedSlices.forEach(({ name }, i) => (parameters[name] = values[i]));
      const outputs = network.forward(parameters, given.planes as Tensor4D, {
        training: true,
        rows: given,
        statistic: (name, value) => void fresh.set(name, tf.keep(value)),
      });
      const computed = loss.compute(outputs, given);
      if (computed.total === undefined) throw new UserError('usage', "the loss gives no 'total'; that is the part that training minimises");
      parts = Object.fromEntries(Object.entries(computed).map(([name, part]) => [name, tf.keep(tf.clone(part))]));
      return computed.total;
    };
    const { value, grads } = tf.valueAndGrads(objective)(views(given.w as Tensor1D, trainedSlices));
    tf.dispose(value);
    const results: Tensors = { g: tf.concat(grads.map((grad) => tf.reshape(grad, [-1]))) };
    if (layout.statistics > 0) {
      results.batchStatistics = tf.concat(statisticSlices.map((slice, i) => tf.reshape(fresh.get(slice.name) ?? statistics[i], [-1])));
    }
    for (const [name, part] of Object.entries(parts)) results[`${perRow.has(name) ? 'row' : 'loss'}/${name}`] = tf.clone(part);
    tf.dispose([...fresh.values(), ...Object.values(parts)]);
    return results;
  }

  function update(given: Tensors): Tensors {
    const step: Scalar = tf.add(given.step, 1);
    const moved = updateWeights({ w: given.w as Tensor1D, g: given.g as Tensor1D, slots: given, step, learningRate: given.learningRate as Scalar });
    const results: Tensors = { w: moved.w };
    if (layout.statistics > 0) {
      results.s = tf.add(tf.mul(given.s, statisticsMomentum), tf.mul(given.batchStatistics, 1 - statisticsMomentum));
    }
    return { ...results, ...moved.slots, step };
  }

  return {
    batch,
    layout,
    inputs,
    carried: carriedSpecs.map((spec) => spec.name),
    slots: slots.map((spec) => spec.name),
    gradients,
    update,
    run(given) {
      const { g, batchStatistics, ...losses } = gradients(given);
      const results: Tensors = { ...update({ ...given, g, batchStatistics }), ...losses };
      return gradient ? { ...results, g } : results;
    },
  };
}

/** A flat vector's parameters in their shapes. */
export function views(flat: Tensor1D, slices: readonly ParameterSlice[]): Tensor[] {
  return tf.split(flat, slices.map((slice) => slice.size)).map((part, i) => tf.reshape(part, [...slices[i].shape]));
}
