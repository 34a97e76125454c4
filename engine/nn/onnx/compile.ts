/** Networks and training steps as ONNX models. */
import { UserError } from '#engine';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { trace } from '../trace/trace.js';
import type { TrainingStep } from '../training-step.js';
import type { GraphModule, Network, Tensors, Weights } from '../types.js';
import { checked, sizeOf } from '../weights.js';
import type { LoweringOptions } from './context.js';
import { lower } from './lower.js';
import type { ModelWriter } from './model.js';

/** Traced in place of the batch size; the first that divides no dimension of the network stands for "any". */
const BATCH_PRIMES = [1009, 1013, 1019, 1021, 2003, 2011, 2017];

const writers = new WeakMap<GraphModule | Network, ModelWriter>();

function moduleOf(network: Network): GraphModule {
  return {
    name: network.name,
    inputs: [{ name: 'planes', shape: network.input.planes }],
    parameters: network.parameters,
    serves: network.serves,
    forward: (parameters, { planes }, context) => network.forward(parameters, planes as Tensor4D, context),
  };
}

function writerOf(module: GraphModule): ModelWriter {
  const free = (size: number, prime: number) => size % prime !== 0;
  const batch = BATCH_PRIMES.find((prime) => [...module.parameters, ...module.inputs].every(({ shape }) => free(sizeOf(shape), prime)));
  if (batch === undefined) throw new UserError('usage', `network '${module.name}' has dimensions that are multiples of ${BATCH_PRIMES.join(', ')}; change a width so that one of them divides none`);
  const graph = trace(
    (inputs) => {
      const parameters: Tensors = {};
      for (const { name } of module.parameters) parameters[name] = inputs[parameterInput(name)];
      const outputs = module.forward(parameters, inputs, { training: false, statistic: () => undefined });
      const missing = module.serves.filter((name) => outputs[name] === undefined);
      if (missing.length > 0) throw new UserError('usage', `network '${module.name}' serves '${missing[0]}', but its forward pass gives ${Object.keys(outputs).join(', ')}`);
      return Object.fromEntries(module.serves.map((name) => [module.inputs.some((input) => input.name === name) ? nextName(name) : name, outputs[name]]));
    },
    [...module.inputs.map((input) => ({ ...input, shape: [batch, ...input.shape] })), ...module.parameters.map(({ name, shape }) => ({ name: parameterInput(name), shape }))],
  );
  const parameters = new Map(module.parameters.map(({ name, shape }) => [parameterInput(name), new Float32Array(sizeOf(shape))]));
  return lower(graph, module.name, { convolutions: 'nchw', dynamicBatch: batch, parameters });
}

/** Parameters may have any name; `planes` and the outputs keep theirs. */
const parameterInput = (name: string): string => `parameter/${name}`;

/**
 * The network as an ONNX file: `planes` [N, C, H, W] -> the outputs that it serves, batch size N free, weights inside.
 * The network is traced at the first call; later calls only exchange the weights, which takes a millisecond or so.
 * Throws UserError('data') when the weights are not this network's.
 */
export function exportModel(network: Network, weights: Weights): Uint8Array {
  return finish(network, () => moduleOf(network), weights);
}

/** The same for a module: its inputs [N, ...] -> the outputs that it serves; one with the name of an input comes out as `next/…`. */
export function exportModule(module: GraphModule, weights: Weights): Uint8Array {
  return finish(module, () => module, weights);
}

function finish(key: GraphModule | Network, module: () => GraphModule, weights: Weights): Uint8Array {
  let writer = writers.get(key);
  if (writer === undefined) {
    writer = writerOf(module());
    writers.set(key, writer);
  }
  const parameters = new Map<string, Float32Array>();
  for (const { name, shape } of key.parameters) parameters.set(parameterInput(name), checked(`parameter '${name}'`, weights[name], sizeOf(shape), `shape [${shape.join(', ')}]`));
  return writer.finish(parameters);
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
