/**
 * An ONNX model under construction: nodes in order, constants, inputs and outputs, serialised as a ModelProto
 * (onnx/onnx.proto3). Equal constants and equal nodes are written once.
 */
import { MessageWriter } from './protobuf.js';

/** Element types and their numbers in TensorProto.DataType. */
export const ELEMENT_TYPES = { float32: 1, int32: 6, int64: 7, bool: 9 } as const;
export type ElementType = keyof typeof ELEMENT_TYPES;
export type ElementArray = Float32Array | Int32Array | BigInt64Array | Uint8Array;

/** Only operators of this version of the standard domain are used. */
export const OPSET = 17;
/** IR version 8 belongs to opset 17. */
const IR_VERSION = 8;

/** Attribute values: a number is an INT; floats are wrapped, since 1 and 1.0 are different types to ONNX. */
export type AttributeValue = number | readonly number[] | string | { readonly float: number };
/** A dimension: its size, or the name of a size that is only known when the model runs. */
export type Dimension = number | string;

/** Name of a value in the model. */
export type Value = string;

interface Initializer { readonly name: string; readonly type: ElementType; readonly shape: readonly number[]; readonly data: ElementArray }
interface Port { readonly name: string; readonly type: ElementType; readonly shape: readonly Dimension[] }
interface ModelNode { readonly operator: string; readonly inputs: readonly Value[]; readonly outputs: readonly Value[]; readonly attributes: Record<string, AttributeValue> }

/** Constants up to this many bytes are compared with each other and shared. */
const SHARED_BYTES = 8192;

export class ModelWriter {
  private readonly nodes: ModelNode[] = [];
  private readonly initializers: Initializer[] = [];
  private readonly inputs: Port[] = [];
  private readonly outputs: Port[] = [];
  private readonly known = new Map<string, readonly Value[]>();
  private count = 0;
  private readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  get nodeCount(): number {
    return this.nodes.length;
  }

  input(name: string, type: ElementType, shape: readonly Dimension[]): Value {
    this.inputs.push({ name, type, shape });
    return name;
  }

  /** Gives a value its public name. */
  output(name: string, type: ElementType, shape: readonly Dimension[], value: Value): void {
    this.nodes.push({ operator: 'Identity', inputs: [value], outputs: [name], attributes: {} });
    this.outputs.push({ name, type, shape });
  }

  /** A constant; `data` is kept, not copied. A named one is never shared. */
  constant(type: ElementType, shape: readonly number[], data: ElementArray, name?: string): Value {
    const key = name === undefined && data.byteLength <= SHARED_BYTES ? `constant ${type} ${shape.join()} ${data.join()}` : undefined;
    const same = key === undefined ? undefined : this.known.get(key);
    if (same) return same[0];
    const value = name ?? `c${this.count++}`;
    this.initializers.push({ name: value, type, shape, data });
    if (key !== undefined) this.known.set(key, [value]);
    return value;
  }

  scalar(type: 'float32' | 'int32' | 'bool', value: number): Value {
    return this.constant(type, [], type === 'float32' ? Float32Array.of(value) : type === 'int32' ? Int32Array.of(value) : Uint8Array.of(value));
  }

  /** A vector of int64: shapes, axes and the like. */
  integers(values: readonly number[]): Value {
    return this.constant('int64', [values.length], BigInt64Array.from(values, BigInt));
  }

  node(operator: string, inputs: readonly Value[], attributes: Record<string, AttributeValue> = {}): Value {
    return this.manyOutputs(operator, inputs, 1, attributes)[0];
  }

  manyOutputs(operator: string, inputs: readonly Value[], outputs: number, attributes: Record<string, AttributeValue> = {}): readonly Value[] {
    const key = `${operator} ${outputs} ${inputs.join()} ${JSON.stringify(attributes)}`;
    const same = this.known.get(key);
    if (same) return same;
    const names = Array.from({ length: outputs }, () => `t${this.count++}`);
    this.nodes.push({ operator, inputs, outputs: names, attributes });
    this.known.set(key, names);
    return names;
  }

  /** Whether it has a constant of that name. */
  holds(name: string): boolean {
    return this.initializers.some((initializer) => initializer.name === name);
  }

  /** The file's bytes. `replaced` gives other values, of the same sizes, to named constants. */
  finish(replaced?: ReadonlyMap<string, Float32Array>): Uint8Array {
    const graph = new MessageWriter();
    for (const node of this.nodes) graph.message(1, nodeMessage(node));
    graph.text(2, this.name);
    for (const initializer of this.initializers) graph.message(5, tensorMessage(initializer, replaced?.get(initializer.name) ?? initializer.data));
    for (const input of this.inputs) graph.message(11, portMessage(input));
    for (const output of this.outputs) graph.message(12, portMessage(output));
    const opset = new MessageWriter().text(1, '').integer(2, OPSET);
    return new MessageWriter().integer(1, IR_VERSION).text(2, 'ludus').message(7, graph).message(8, opset).finish();
  }
}

function nodeMessage(node: ModelNode): MessageWriter {
  const message = new MessageWriter();
  for (const input of node.inputs) message.text(1, input);
  for (const output of node.outputs) message.text(2, output);
  message.text(3, node.outputs[0]).text(4, node.operator);
  for (const [name, value] of Object.entries(node.attributes)) message.message(5, attributeMessage(name, value));
  return message;
}

/** AttributeProto: the value's field, and its AttributeType in field 20. */
function attributeMessage(name: string, value: AttributeValue): MessageWriter {
  const message = new MessageWriter().text(1, name);
  if (typeof value === 'number') return message.integer(3, value).integer(20, 2);
  if (typeof value === 'string') return message.text(4, value).integer(20, 3);
  if ('float' in value) return message.float(2, value.float).integer(20, 1);
  for (const item of value) message.integer(8, item);
  return message.integer(20, 7);
}

function tensorMessage({ name, type, shape }: Initializer, data: ElementArray): MessageWriter {
  const message = new MessageWriter();
  for (const size of shape) message.integer(1, size);
  return message.integer(2, ELEMENT_TYPES[type]).text(8, name).bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function portMessage({ name, type, shape }: Port): MessageWriter {
  const dimensions = new MessageWriter();
  for (const size of shape) {
    const dimension = new MessageWriter();
    if (typeof size === 'string') dimension.text(2, size);
    else dimension.integer(1, size);
    dimensions.message(1, dimension);
  }
  const tensor = new MessageWriter().integer(1, ELEMENT_TYPES[type]).message(2, dimensions);
  return new MessageWriter().text(1, name).message(2, new MessageWriter().message(1, tensor));
}
