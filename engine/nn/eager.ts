/**
 * Training and inference run operation by operation on a tfjs backend: the native one where it is installed, the pure
 * JavaScript `cpu` in tests, where it is the oracle for what the tracer compiles.
 */
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { UserError, createRng } from '#engine';
import { initialState, packState, unpackState } from './state.js';
import { tf, withBackend } from './tensorflow.js';
import { createTrainingStep, type TrainingStepOptions } from './training-step.js';
import type { Inference, Loss, Network, OptimizerConfig, Tensors, Trainer, TrainerState, Weights } from './types.js';
import { layoutOf, packWeights, sizeOf, unpackWeights } from './weights.js';

export interface EagerTrainerOptions extends TrainingStepOptions {
  /** Rows a step. */
  readonly batch: number;
  /** Where to go on from. Default: fresh weights of seed 0. */
  readonly state?: TrainerState;
  /** A registered tfjs backend. Default 'cpu'. */
  readonly backend?: string;
}

/** Prepares a tfjs backend for use; throws UserError('environment') when it is not registered or does not start. */
export async function openBackend(name: string): Promise<void> {
  const former = tf.engine().backendName;
  const known = tf.engine().registryFactory[name] !== undefined;
  const started = known && (await tf.setBackend(name));
  if (former && former !== name) await tf.setBackend(former);
  if (!started) {
    const names = Object.keys(tf.engine().registryFactory).join(', ') || 'none';
    throw new UserError('environment', `the TensorFlow.js backend '${name}' ${known ? 'did not start' : 'is not registered'}; registered: ${names}`);
  }
}

/** With the gradient asked for, `step` still returns the losses only. */
export async function createEagerTrainer(network: Network, loss: Loss, optimizer: OptimizerConfig, options: EagerTrainerOptions): Promise<Trainer> {
  const { batch, backend = 'cpu' } = options;
  const step = createTrainingStep(network, loss, optimizer, batch, options);
  const fed = step.inputs.filter((input) => input.name !== 'learningRate' && !step.carried.includes(input.name));
  const shapes = new Map(step.inputs.map((input) => [input.name, [...input.shape]]));
  await openBackend(backend);
  let carried: Tensors = {};

  const load = (state: TrainerState) => {
    const flat = packState(step, state);
    tf.dispose(carried);
    carried = withBackend(backend, () => Object.fromEntries(Object.entries(flat).map(([name, values]) => [name, tf.tensor(values, shapes.get(name))])));
  };
  load(options.state ?? initialState(network, optimizer, createRng(0)));

  return {
    batch,
    async step(rows, learningRate, perRow) {
      const feeds = fed.map((input) => {
        const values = rows[input.name];
        const size = sizeOf(input.shape);
        if (values === undefined) throw new UserError('usage', `a training batch must hold '${input.name}'; it has ${Object.keys(rows).join(', ')}`);
        if (values.length !== size) throw new UserError('usage', `'${input.name}' holds ${values.length} numbers; ${batch} rows make ${size}`);
        return { ...input, values };
      });
      const { losses, names, told } = withBackend(backend, () => {
        const results = tf.tidy(() => {
          const inputs: Tensors = { ...carried, learningRate: tf.scalar(learningRate) };
          for (const { name, shape, dtype, values } of feeds) inputs[name] = tf.tensor(values, [...shape], dtype ?? 'float32');
          const { g: _, ...rest } = step.run(inputs);
          const parts = Object.keys(rest).filter((name) => name.startsWith('loss/'));
          const next = Object.fromEntries(step.carried.map((name) => [name, rest[name]]));
          const told = Object.fromEntries(Object.keys(perRow ?? {}).map((name) => [name, rest[`row/${name}`]]));
          return { next, told, losses: tf.stack(parts.map((name) => rest[name])), names: parts } as { next: Tensors; told: Tensors; losses: Tensor; names: string[] };
        });
        tf.dispose(carried);
        carried = results.next;
        return results;
      });
      const values = await losses.data();
      losses.dispose();
      for (const [name, tensor] of Object.entries(told)) perRow?.[name].set(await tensor.data());
      tf.dispose(told);
      return Object.fromEntries(names.map((name, i) => [name.slice('loss/'.length), values[i]]));
    },
    async state() {
      const flat: Record<string, Float32Array> = {};
      // All reads are asked for before the first is awaited, so that a step in between cannot mix two states.
      const reads = step.carried.map((name) => [name, carried[name].data()] as const);
      for (const [name, read] of reads) flat[name] = (await read) as Float32Array;
      return unpackState(step, flat);
    },
    async restore(state) {
      load(state);
    },
    async close() {
      tf.dispose(carried);
      carried = {};
    },
  };
}

export interface EagerInferenceOptions {
  /** A registered tfjs backend. Default 'cpu'. */
  readonly backend?: string;
}

export async function createEagerInference(network: Network, weights: Weights, options: EagerInferenceOptions = {}): Promise<Inference> {
  const { backend = 'cpu' } = options;
  await openBackend(backend);
  const layout = layoutOf(network);
  const { w, s } = packWeights(layout, weights);
  const named = unpackWeights(layout, w, s);
  const parameters: Tensors = withBackend(backend, () =>
    Object.fromEntries(network.parameters.map(({ name, shape }) => [name, tf.tensor(named[name], [...shape])])),
  );
  const rowSize = sizeOf(network.input.planes);
  return {
    device: `tfjs ${backend}`,
    async run(planes, count, outputs) {
      if (planes.length < count * rowSize) throw new UserError('usage', `${count} rows need ${count * rowSize} numbers of planes; there are ${planes.length}`);
      const results = withBackend(backend, () =>
        tf.tidy(() => {
          const input: Tensor4D = tf.tensor4d(planes.subarray(0, count * rowSize), [count, ...network.input.planes]);
          const computed = network.forward(parameters, input, { training: false, statistic: () => undefined });
          return Object.fromEntries(network.serves.filter((name) => outputs[name] !== undefined).map((name) => [name, computed[name]]));
        }),
      );
      const reads = Object.entries(results).map(([name, tensor]) => [name, tensor.data()] as const);
      for (const [name, read] of reads) outputs[name].set(await read);
      tf.dispose(results);
    },
    async close() {
      tf.dispose(parameters);
    },
  };
}
