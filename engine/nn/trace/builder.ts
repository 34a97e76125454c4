/**
 * Makes graph nodes: equal nodes once (hash-consing), uniform tensors as `splat`, broadcasts lazily, and the algebra that
 * differentiation leaves behind folded away (× 1, + 0, chains of scalings). TensorFlow.js's gradients build full-size
 * tensors of ones and multiply by them; without this the compiled step would spend its time on them.
 */
import { is, sameShape, sizeOf } from './graph.js';
import type { BinaryFunction, DataType, GraphNode, NodeOf, Operation, OperationOf, ReduceFunction, Shape, UnaryFunction, Values } from './graph.js';

/** The shape of an element-wise result, by NumPy's rule. */
export function broadcastShape(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    return x === 1 ? y : x;
  });
}

/** Exact arithmetic on splats; the other functions are left to the runtime. */
const FOLDED: Partial<Record<BinaryFunction, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  maximum: Math.max,
  minimum: Math.min,
};

const BOOLEAN_RESULT: readonly BinaryFunction[] = ['equal', 'notEqual', 'greater', 'greaterEqual', 'less', 'lessEqual', 'and', 'or'];

export class GraphBuilder {
  private readonly known = new Map<string, GraphNode>();
  private count = 0;

  node(operation: Operation, inputs: readonly GraphNode[], shape: Shape, dtype: DataType): GraphNode {
    const key = `${JSON.stringify(operation)} ${inputs.map((input) => input.id).join()} ${shape.join()} ${dtype}`;
    let node = this.known.get(key);
    if (node === undefined) {
      node = { id: this.count++, operation, inputs, shape: [...shape], dtype };
      this.known.set(key, node);
    }
    return node;
  }

  input(name: string, shape: Shape, dtype: DataType): NodeOf<'input'> {
    return this.node({ kind: 'input', name }, [], shape, dtype) as NodeOf<'input'>;
  }

  splat(value: number, shape: Shape, dtype: DataType): GraphNode {
    // -0 and 0 have the same key but differ under division; JSON has neither Infinity nor NaN. Those stay constants.
    if (!Number.isFinite(value) || Object.is(value, -0)) return this.constant(arrayOf(dtype, [value]), [], dtype, shape);
    return this.node({ kind: 'splat', value }, [], shape, dtype);
  }

  private constant(data: Values, shape: Shape, dtype: DataType, broadcastTo: Shape = shape): GraphNode {
    const node: GraphNode = { id: this.count++, operation: { kind: 'constant', data }, inputs: [], shape: [...shape], dtype };
    return this.broadcast(node, broadcastTo);
  }

  /** A tensor with known values; a copy is taken. */
  values(values: ArrayLike<number | boolean>, shape: Shape, dtype: DataType): GraphNode {
    const data = arrayOf(dtype, values);
    return data.length > 0 && data.every((value) => value === data[0]) ? this.splat(data[0], shape, dtype) : this.constant(data, shape, dtype);
  }

  broadcast(x: GraphNode, shape: Shape): GraphNode {
    if (sameShape(x.shape, shape)) return x;
    if (is(x, 'splat')) return this.splat(x.operation.value, shape, x.dtype);
    if (is(x, 'broadcast')) return this.broadcast(x.inputs[0], shape);
    return this.node({ kind: 'broadcast' }, [x], shape, x.dtype);
  }

  /** What an element-wise consumer may read instead of `x`. */
  private narrow(x: GraphNode): GraphNode {
    if (is(x, 'broadcast')) return x.inputs[0];
    return is(x, 'splat') ? this.splat(x.operation.value, [], x.dtype) : x;
  }

  unary(f: UnaryFunction, x: GraphNode, dtype: DataType = x.dtype): GraphNode {
    const narrow = this.narrow(x);
    return this.broadcast(this.node({ kind: 'unary', function: f }, [narrow], narrow.shape, dtype), x.shape);
  }

  /** An element-wise operation of one tensor with attributes of its own. */
  elementwise(operation: OperationOf<'leakyRelu' | 'clip' | 'cast'>, x: GraphNode, dtype: DataType = x.dtype): GraphNode {
    const narrow = this.narrow(x);
    return this.broadcast(this.node(operation, [narrow], narrow.shape, dtype), x.shape);
  }

  cast(x: GraphNode, dtype: DataType): GraphNode {
    if (x.dtype === dtype) return x;
    if (is(x, 'splat')) return this.splat(dtype === 'bool' ? Number(x.operation.value !== 0) : dtype === 'int32' ? Math.trunc(x.operation.value) : x.operation.value, x.shape, dtype);
    return this.elementwise({ kind: 'cast' }, x, dtype);
  }

  binary(f: BinaryFunction, a: GraphNode, b: GraphNode): GraphNode {
    const shape = broadcastShape(a.shape, b.shape);
    const dtype = BOOLEAN_RESULT.includes(f) ? 'bool' : a.dtype;
    const va = is(a, 'splat') ? a.operation.value : undefined;
    const vb = is(b, 'splat') ? b.operation.value : undefined;
    const fold = FOLDED[f];
    if (fold && va !== undefined && vb !== undefined) {
      const value = fold(va, vb);
      return this.splat(dtype === 'float32' ? Math.fround(value) : Math.trunc(value), shape, dtype);
    }
    if (f === 'multiply') {
      if (va === 1) return this.broadcast(b, shape);
      if (vb === 1) return this.broadcast(a, shape);
      if (va === 0 || vb === 0) return this.splat(0, shape, dtype);
    }
    if (f === 'add' && va === 0) return this.broadcast(b, shape);
    if ((f === 'add' || f === 'subtract') && vb === 0) return this.broadcast(a, shape);
    if ((f === 'divide' || f === 'power') && vb === 1) return this.broadcast(a, shape);
    const x = this.narrow(a);
    const y = this.narrow(b);
    if (f === 'multiply') {
      const scaled = this.scaleChain(x, y) ?? this.scaleChain(y, x);
      if (scaled) return this.broadcast(scaled, shape);
    }
    return this.broadcast(this.node({ kind: 'binary', function: f }, [x, y], broadcastShape(x.shape, y.shape), dtype), shape);
  }

  /** (big × small) × small' as big × (small × small'): one pass over the big tensor instead of two. */
  private scaleChain(x: GraphNode, factor: GraphNode): GraphNode | undefined {
    if (!is(x, 'binary') || x.operation.function !== 'multiply' || x.dtype !== 'float32' || sizeOf(factor.shape) * 4 > sizeOf(x.shape)) return undefined;
    for (const [big, small] of [x.inputs, [x.inputs[1], x.inputs[0]]]) {
      if (sameShape(big.shape, x.shape) && sizeOf(small.shape) * 4 <= sizeOf(x.shape) && sizeOf(broadcastShape(small.shape, factor.shape)) * 4 <= sizeOf(x.shape))
        return this.binary('multiply', big, this.binary('multiply', small, factor));
    }
    return undefined;
  }

  select(condition: GraphNode, whenTrue: GraphNode, whenFalse: GraphNode): GraphNode {
    const shape = broadcastShape(condition.shape, broadcastShape(whenTrue.shape, whenFalse.shape));
    const inputs = [condition, whenTrue, whenFalse].map((x) => this.narrow(x));
    const own = inputs.map((x) => x.shape).reduce(broadcastShape);
    return this.broadcast(this.node({ kind: 'select' }, inputs, own, whenTrue.dtype), shape);
  }

  reshape(x: GraphNode, shape: Shape): GraphNode {
    if (sameShape(x.shape, shape)) return x;
    if (is(x, 'splat')) return this.splat(x.operation.value, shape, x.dtype);
    if (is(x, 'broadcast') && sizeOf(x.inputs[0].shape) === 1) return this.broadcast(this.reshape(x.inputs[0], []), shape);
    if (is(x, 'reshape')) return this.reshape(x.inputs[0], shape);
    return this.node({ kind: 'reshape' }, [x], shape, x.dtype);
  }

  transpose(x: GraphNode, permutation: readonly number[]): GraphNode {
    const shape = permutation.map((axis) => x.shape[axis]);
    if (permutation.every((axis, i) => axis === i)) return x;
    if (is(x, 'splat')) return this.splat(x.operation.value, shape, x.dtype);
    if (is(x, 'transpose')) return this.transpose(x.inputs[0], permutation.map((axis) => (x as NodeOf<'transpose'>).operation.permutation[axis]));
    return this.node({ kind: 'transpose', permutation }, [x], shape, x.dtype);
  }

  reduce(f: ReduceFunction, x: GraphNode, axes: readonly number[], keep: boolean): GraphNode {
    const sorted = [...axes].sort((a, b) => a - b);
    const shape = x.shape.map((size, axis) => (sorted.includes(axis) ? 1 : size)).filter((_, axis) => keep || !sorted.includes(axis));
    const count = sorted.reduce((product, axis) => product * x.shape[axis], 1);
    if (count === 1) return this.reshape(x, shape);
    if (is(x, 'splat') && f !== 'product') return this.splat(f === 'sum' ? Math.fround(x.operation.value * count) : x.operation.value, shape, x.dtype);
    if (is(x, 'broadcast') && f !== 'product') {
      const [source] = x.inputs;
      const lead = x.shape.length - source.shape.length;
      const padded = this.reshape(source, [...Array<number>(lead).fill(1), ...source.shape]);
      if (sorted.every((axis) => padded.shape[axis] === 1)) {
        const one = this.broadcast(this.reshape(padded, padded.shape.filter((_, axis) => keep || !sorted.includes(axis))), shape);
        return f === 'sum' ? this.binary('multiply', one, this.splat(count, [], x.dtype)) : one;
      }
    }
    return this.node({ kind: 'reduce', function: f, axes: sorted, keep }, [x], shape, x.dtype);
  }

  concat(parts: readonly GraphNode[], axis: number): GraphNode {
    const some = parts.filter((part) => sizeOf(part.shape) > 0);
    if (some.length === 1) return some[0];
    const shape = [...some[0].shape];
    shape[axis] = some.reduce((total, part) => total + part.shape[axis], 0);
    const [first] = some;
    if (is(first, 'splat') && some.every((part) => is(part, 'splat') && part.operation.value === first.operation.value)) return this.splat(first.operation.value, shape, first.dtype);
    return this.node({ kind: 'concat', axis }, some, shape, first.dtype);
  }

  slice(x: GraphNode, begin: readonly number[], end: readonly number[], steps: readonly number[] = begin.map(() => 1)): GraphNode {
    const shape = begin.map((from, axis) => Math.max(0, Math.ceil((end[axis] - from) / steps[axis])));
    if (sameShape(shape, x.shape)) return x;
    if (is(x, 'splat')) return this.splat(x.operation.value, shape, x.dtype);
    return this.node({ kind: 'slice', begin, end, steps }, [x], shape, x.dtype);
  }

  split(x: GraphNode, sizes: readonly number[], axis: number): GraphNode[] {
    const shapes = sizes.map((size) => x.shape.map((whole, i) => (i === axis ? size : whole)));
    if (sizes.length === 1) return [x];
    if (is(x, 'splat')) return shapes.map((shape) => this.splat((x as NodeOf<'splat'>).operation.value, shape, x.dtype));
    const whole = this.node({ kind: 'split', axis, sizes }, [x], x.shape, x.dtype);
    return shapes.map((shape, index) => this.node({ kind: 'part', index }, [whole], shape, x.dtype));
  }

  gather(x: GraphNode, indices: GraphNode, axis: number): GraphNode {
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    if (is(x, 'splat')) return this.splat(x.operation.value, shape, x.dtype);
    return this.node({ kind: 'gather', axis }, [x, indices], shape, x.dtype);
  }

  pad(x: GraphNode, before: readonly number[], after: readonly number[], value: number, mode: 'constant' | 'reflect' = 'constant'): GraphNode {
    const shape = x.shape.map((size, axis) => size + before[axis] + after[axis]);
    if (sameShape(shape, x.shape)) return x;
    return this.node({ kind: 'pad', before, after, value, mode }, [x], shape, x.dtype);
  }
}

function arrayOf(dtype: DataType, values: ArrayLike<number | boolean>): Values {
  const numbers = { length: values.length };
  const at = (_: unknown, i: number) => Number(values[i]);
  return dtype === 'float32' ? Float32Array.from(numbers, at) : dtype === 'int32' ? Int32Array.from(numbers, at) : Uint8Array.from(numbers, at);
}
