/** The weights inside an exported model: the way back of `exportModel`, for checkpoints that hold nothing else. */
import { UserError } from '#engine';
import type { Network, Weights } from '../types.js';
import { checked, sizeOf } from '../weights.js';
import { parameterInput, servedParameters } from './compile.js';
import { ELEMENT_TYPES } from './model.js';
import { fieldsOf, textOf } from './protobuf.js';

/**
 * The network's parameters, by name, read from a model that `exportModel` wrote of it. Parameters that serve no answer
 * (auxiliary heads) are not in such a model, and not in the result. Throws UserError('data') when it is no ONNX file, or
 * one of another network.
 */
export function importWeights(network: Network, model: Uint8Array): Weights {
  const found = new Map<string, Float32Array>();
  // ModelProto.graph = 7, GraphProto.initializer = 5; of a TensorProto, data_type = 2, name = 8, raw_data = 9.
  for (const [field, graph] of fieldsOf(model)) {
    if (field !== 7 || typeof graph === 'number') continue;
    for (const [field, tensor] of fieldsOf(graph)) {
      if (field !== 5 || typeof tensor === 'number') continue;
      const parts = new Map(fieldsOf(tensor));
      const [type, name, data] = [parts.get(2), parts.get(8), parts.get(9)];
      if (type !== ELEMENT_TYPES.float32 || typeof name !== 'object' || typeof data !== 'object') continue;
      if (data.length % 4 !== 0) throw new UserError('data', `'${textOf(name)}' in the model has ${data.length} bytes; numbers take four each: the file is damaged`);
      // A copy by the constructor: `slice` of a Buffer would share its memory, at any alignment.
      found.set(textOf(name), new Float32Array(new Uint8Array(data).buffer));
    }
  }
  if (![...found.keys()].some((name) => name.startsWith(parameterInput('')))) throw new UserError('data', 'the model holds no parameters: it was not exported by Ludus, or is damaged');
  const known = new Set(network.parameters.map(({ name }) => parameterInput(name)));
  for (const name of found.keys()) {
    if (name.startsWith(parameterInput('')) && !known.has(name)) throw new UserError('data', `the model holds '${name}', which network '${network.name}' does not have; it belongs to another network`);
  }
  return Object.fromEntries(servedParameters(network).map(({ name, shape }) =>
    [name, checked(`parameter '${name}'`, found.get(parameterInput(name)), sizeOf(shape), `shape [${shape.join(', ')}]`)]));
}
