/** Networks and training steps as ONNX models. */
import { UserError } from '#engine';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { trace } from '../trace/trace.js';
import type { TrainingStep } from '../training-step.js';
import type { Network, Tensors, Weights } from '../types.js';
import { checked, sizeOf } from '../weights.js';
import type { LoweringOptions } from './context.js';
import { lower } from './lower.js';
import type { ModelWriter } from './model.js';

/** Traced in place of the batch size; the first that divides no dimension of the network stands for "any". */
const BATCH_PRIMES = [1009, 1013, 1019, 1021, 2003, 2011, 2017];

const writers = new WeakMap<Network, ModelWriter>();

function writerOf(network: Network): ModelWriter {
  const known = writers.get(network);
  if (known) return known;
  const batch = BATCH_PRIMES.find((prime) => network.parameters.every((parameter) => sizeOf(parameter.shape) % prime !== 0) && sizeOf(network.input.planes) % prime !== 0 && network.input.actions % prime !== 0);
  if (batch === undefined) throw new UserError('usage', `network '${network.name}' has dimensions that are multiples of ${BATCH_PRIMES.join(', ')}; change a width so that one of them divides none`);
  const graph = trace(
    (inputs) => {
      const parameters: Tensors = {};
      for (const { name } of network.parameters) parameters[name] = inputs[parameterInput(name)];
      const outputs = network.forward(parameters, inputs.planes as Tensor4D, { training: false, statistic: () => undefined });
      const missing = network.serves.filter((name) => outputs[name] === undefined);
      if (missing.length > 0) throw new UserError('usage', `network '${network.name}' serves '${missing[0]}', but its forward pass gives ${Object.keys(outputs).join(', ')}`);
      return Object.fromEntries(network.serves.map((name) => [name, outputs[name]]));
    },
    [{ name: 'planes', shape: [batch, ...network.input.planes] }, ...network.parameters.map(({ name, shape }) => ({ name: parameterInput(name), shape }))],
  );
  const parameters = new Map(network.parameters.map(({ name, shape }) => [parameterInput(name), new Float32Array(sizeOf(shape))]));
  const writer = lower(graph, network.name, { convolutions: 'nchw', dynamicBatch: batch, parameters });
  writers.set(network, writer);
  return writer;
}

/** Parameters may have any name; `planes` and the outputs keep theirs. */
const parameterInput = (name: string): string => `parameter/${name}`;

/**
 * The network as an ONNX file: `planes` [N, C, H, W] -> the outputs that it serves, batch size N free, weights inside.
 * The network is traced at the first call; later calls only exchange the weights, which takes a millisecond or so.
 * Throws UserError('data') when the weights are not this network's.
 */
export function exportModel(network: Network, weights: Weights): Uint8Array {
  const parameters = new Map<string, Float32Array>();
  for (const { name, shape } of network.parameters) parameters.set(parameterInput(name), checked(`parameter '${name}'`, weights[name], sizeOf(shape), `shape [${shape.join(', ')}]`));
  return writerOf(network).finish(parameters);
}

/**
 * A training step as an ONNX file, with the step's input and output names; but a carried vector goes in as `w` and comes
 * out as `next/w`, because ONNX knows no value that changes.
 */
export function compileTrainingStep(step: TrainingStep, options: Pick<LoweringOptions, 'convolutions' | 'pieceRows'>): Uint8Array {
  const { inputs, outputs } = trace((given) => step.run(given), step.inputs);
  const renamed = outputs.map(({ name, node }) => ({ name: step.carried.includes(name) ? nextName(name) : name, node }));
  return lower({ inputs, outputs: renamed }, 'training-step', options).finish();
}

/** Under which name a compiled step gives a carried vector back. */
export const nextName = (name: string): string => `next/${name}`;
