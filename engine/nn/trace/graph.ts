/**
 * The recorded computation: a directed acyclic graph of tensor operations, close to TensorFlow.js in meaning (images are
 * [N, H, W, C], filters [height, width, in, out]) and free of it in type.
 */

export type DataType = 'float32' | 'int32' | 'bool';
export type Values = Float32Array | Int32Array | Uint8Array;
export type Shape = readonly number[];

/** Element-wise functions of one tensor, each an ONNX operator or a short composition. */
export type UnaryFunction =
  | 'abs' | 'acos' | 'acosh' | 'asin' | 'asinh' | 'atan' | 'atanh' | 'ceil' | 'cos' | 'cosh' | 'elu' | 'erf' | 'exp' | 'floor'
  | 'isInf' | 'isNan' | 'log' | 'not' | 'negate' | 'reciprocal' | 'relu' | 'round' | 'rsqrt' | 'selu' | 'sigmoid' | 'sign' | 'sin'
  | 'sinh' | 'softplus' | 'sqrt' | 'tan' | 'tanh';
/** Element-wise functions of two tensors, with broadcasting. */
export type BinaryFunction =
  | 'add' | 'subtract' | 'multiply' | 'divide' | 'maximum' | 'minimum' | 'power' | 'prelu'
  | 'equal' | 'notEqual' | 'greater' | 'greaterEqual' | 'less' | 'lessEqual' | 'and' | 'or';
export type ReduceFunction = 'sum' | 'mean' | 'max' | 'min' | 'product';

/** How a filter moves over an image: heights before widths; padding is [top, left, bottom, right]. */
export interface ConvolutionWindow {
  readonly filter: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly padding: readonly [number, number, number, number];
}

export type Operation =
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'constant'; readonly data: Values }
  /** Every element is `value`. */
  | { readonly kind: 'splat'; readonly value: number }
  /** The input broadcast to this node's shape. Kept symbolic: element-wise consumers look through it. */
  | { readonly kind: 'broadcast' }
  | { readonly kind: 'unary'; readonly function: UnaryFunction }
  | { readonly kind: 'binary'; readonly function: BinaryFunction }
  | { readonly kind: 'leakyRelu'; readonly alpha: number }
  | { readonly kind: 'clip'; readonly low: number; readonly high: number }
  | { readonly kind: 'cast' }
  /** inputs: condition, value where true, value where false. */
  | { readonly kind: 'select' }
  | { readonly kind: 'reduce'; readonly function: ReduceFunction; readonly axes: readonly number[]; readonly keep: boolean }
  | { readonly kind: 'argMax'; readonly axis: number }
  | { readonly kind: 'argMin'; readonly axis: number }
  | { readonly kind: 'cumulativeSum'; readonly axis: number; readonly exclusive: boolean; readonly reverse: boolean }
  /** Over the last axis. */
  | { readonly kind: 'softmax' }
  | { readonly kind: 'reshape' }
  | { readonly kind: 'transpose'; readonly permutation: readonly number[] }
  | { readonly kind: 'tile'; readonly repeats: readonly number[] }
  | { readonly kind: 'concat'; readonly axis: number }
  | { readonly kind: 'slice'; readonly begin: readonly number[]; readonly end: readonly number[]; readonly steps: readonly number[] }
  | { readonly kind: 'reverse'; readonly axes: readonly number[] }
  | { readonly kind: 'split'; readonly axis: number; readonly sizes: readonly number[] }
  /** One output of a node with several: `split` or `topK`. */
  | { readonly kind: 'part'; readonly index: number }
  | { readonly kind: 'pad'; readonly before: readonly number[]; readonly after: readonly number[]; readonly value: number; readonly mode: 'constant' | 'reflect' }
  | { readonly kind: 'gather'; readonly axis: number }
  /** inputs [rows, n] and indices [rows, k] -> [rows, k]. */
  | { readonly kind: 'gatherElements' }
  | { readonly kind: 'gatherNd' }
  | { readonly kind: 'oneHot'; readonly depth: number; readonly on: number; readonly off: number }
  /** inputs: values [n, ...], segment of each row [n]; output [segments, ...]. */
  | { readonly kind: 'segmentSum'; readonly segments: number }
  /** inputs: indices [..., depth], updates; adds the updates into zeros. */
  | { readonly kind: 'scatterNd' }
  /** Over the last axis; parts: values, indices. */
  | { readonly kind: 'topK'; readonly k: number }
  | { readonly kind: 'matMul'; readonly transposeA: boolean; readonly transposeB: boolean }
  /** inputs: image, filter. */
  | { readonly kind: 'convolution'; readonly window: ConvolutionWindow }
  /** inputs: gradient of the output, filter; output: gradient of the image. */
  | { readonly kind: 'imageGradient'; readonly window: ConvolutionWindow }
  /** inputs: image, gradient of the output; output: gradient of the filter. */
  | { readonly kind: 'filterGradient'; readonly window: ConvolutionWindow }
  /** inputs: image, filter [height, width, in, multiplier]. */
  | { readonly kind: 'depthwise'; readonly window: ConvolutionWindow }
  /** Batch normalisation with given statistics; inputs: x, scale, offset, mean, variance. */
  | { readonly kind: 'batchNorm'; readonly epsilon: number };

export type OperationKind = Operation['kind'];

export interface GraphNode {
  readonly id: number;
  readonly operation: Operation;
  readonly inputs: readonly GraphNode[];
  readonly shape: Shape;
  readonly dtype: DataType;
}
export type OperationOf<K extends OperationKind> = Extract<Operation, { kind: K }>;
/** A node known to be of one kind. */
export type NodeOf<K extends OperationKind> = GraphNode & { readonly operation: OperationOf<K> };

/** A named result. */
export interface GraphOutput { readonly name: string; readonly node: GraphNode }

/** What `trace` returns: the inputs in the order asked for (used or not), and the outputs. */
export interface Graph {
  readonly inputs: readonly NodeOf<'input'>[];
  readonly outputs: readonly GraphOutput[];
}

export const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);
export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((size, i) => size === b[i]);
export const is = <K extends OperationKind>(node: GraphNode, kind: K): node is NodeOf<K> => node.operation.kind === kind;

/** Every node that the outputs need, each after its inputs. Iterative: training graphs are thousands of nodes deep. */
export function topologicalOrder(outputs: readonly GraphNode[]): GraphNode[] {
  const order: GraphNode[] = [];
  const seen = new Set<GraphNode>();
  const stack: { node: GraphNode; next: number }[] = [];
  for (const output of outputs) {
    stack.push({ node: output, next: 0 });
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (seen.has(top.node)) stack.pop();
      else if (top.next < top.node.inputs.length) stack.push({ node: top.node.inputs[top.next++], next: 0 });
      else {
        seen.add(top.node);
        order.push(top.node);
        stack.pop();
      }
    }
  }
  return order;
}
