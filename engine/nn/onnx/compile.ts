/** Networks and training steps as ONNX models. */
import { UserError } from '#engine';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { trace } from '../trace/trace.js';
import { views, type TrainingStep } from '../training-step.js';
import type { GraphModule, Network, ParameterSpec, Tensors, Weights } from '../types.js';
import { checked, layoutOf, sizeOf } from '../weights.js';
import type { LoweringOptions } from './context.js';
import { lower } from './lower.js';
import type { ModelWriter } from './model.js';

/** Traced in place of the batch size; the first that divides no dimension of the network stands for "any". */
const BATCH_PRIMES = [1009, 1013, 1019, 1021, 2003, 2011, 2017];

/** `shapes`: of all that the batch size must not be confused with. */
function batchPrime(name: string, shapes: readonly (readonly number[])[]): number {
  const batch = BATCH_PRIMES.find((prime) => shapes.every((shape) => sizeOf(shape) % prime !== 0));
  if (batch === undefined) throw new UserError('usage', `network '${name}' has dimensions that are multiples of ${BATCH_PRIMES.join(', ')}; change a width so that one of them divides none`);
  return batch;
}

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
  const batch = batchPrime(module.name, [...module.parameters, ...module.inputs].map(({ shape }) => shape));
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
export const parameterInput = (name: string): string => `parameter/${name}`;

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

function writerFor(key: GraphModule | Network, module: () => GraphModule): ModelWriter {
  let writer = writers.get(key);
  if (writer === undefined) {
    writer = writerOf(module());
    writers.set(key, writer);
  }
  return writer;
}

/** The parameters that a model of the network holds: all but those of auxiliary heads, which serve no answer. */
export function servedParameters(network: Network): ParameterSpec[] {
  const writer = writerFor(network, () => moduleOf(network));
  return network.parameters.filter(({ name }) => writer.holds(parameterInput(name)));
}

function finish(key: GraphModule | Network, module: () => GraphModule, weights: Weights): Uint8Array {
  const writer = writerFor(key, module);
  const parameters = new Map<string, Float32Array>();
  for (const { name, shape } of key.parameters) parameters.set(parameterInput(name), checked(`parameter '${name}'`, weights[name], sizeOf(shape), `shape [${shape.join(', ')}]`));
  return writer.finish(parameters);
}

/**
 * The network as an ONNX file whose weights are an input: `w` [trained] in the layout's order, the network's extras and
 * `planes` [N, C, H, W] -> the named outputs. For weights that change after every few answers, where exporting and opening
 * a model each time would take longer than the answers. Networks that keep running statistics are not served so.
 */
export function compileForward(network: Network, outputs: readonly string[] = network.serves): Uint8Array {
  const layout = layoutOf(network);
  if (layout.statistics > 0) throw new UserError('usage', `network '${network.name}' keeps running statistics; export it with its weights instead`);
  const extras = network.extras ?? [];
  const batch = batchPrime(network.name, [...network.parameters, ...extras].map(({ shape }) => shape).concat([network.input.planes, [network.input.actions], [layout.trained]]));
  const graph = trace(
    ({ w, planes, ...given }) => {
      const values = views(w as Tensor1D, layout.trainedSlices);
      const parameters: Tensors = { ...given, ...Object.fromEntries(layout.trainedSlices.map(({ name }, i) => [name, values[i]])) };
      const computed = network.forward(parameters, planes as Tensor4D, { training: false, statistic: () => undefined });
      const missing = outputs.filter((name) => computed[name] === undefined);
      if (missing.length > 0) throw new UserError('usage', `network '${network.name}' gives no '${missing[0]}', but ${Object.keys(computed).join(', ')}`);
      return Object.fromEntries(outputs.map((name) => [name, computed[name]]));
    },
    [{ name: 'planes', shape: [batch, ...network.input.planes] }, { name: 'w', shape: [layout.trained] }, ...extras],
  );
  return lower(graph, network.name, { convolutions: 'nchw', dynamicBatch: batch }).finish();
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
