/**
 * What the lowering rules share: the model being written, the value of each graph node, and the layout in which images
 * travel. A graph speaks of images as [N, H, W, C]; between convolutions they may lie otherwise in memory.
 */
import { is, sameShape, sizeOf, type DataType, type GraphNode, type Shape } from '../trace/graph.js';
import type { ModelWriter, Value } from './model.js';

/** Order of an image's axes in memory. */
export type Layout = 'NHWC' | 'NCHW' | 'HWNC';

/** Physical axis i is the logical axis PHYSICAL[layout][i]. */
export const PHYSICAL: Record<Layout, readonly number[]> = { NHWC: [0, 1, 2, 3], NCHW: [0, 3, 1, 2], HWNC: [1, 2, 0, 3] };

export interface LoweringOptions {
  /** How convolutions are computed, and with it the layout between them: see convolution.ts. */
  readonly convolutions: 'nchw' | 'im2col' | 'winograd';
  /** Names of inputs that are stored in the model as initialisers, with their values. */
  readonly parameters?: ReadonlyMap<string, Float32Array>;
  /** The batch size that was traced, a prime that no other dimension contains: it becomes a dimension named `N`. */
  readonly dynamicBatch?: number;
}

export class LoweringContext {
  readonly model: ModelWriter;
  readonly options: LoweringOptions;
  readonly imageLayout: Layout;
  private readonly values = new Map<string, Value>();
  private readonly parts = new Map<GraphNode, readonly Value[]>();
  private readonly layouts = new Map<GraphNode, Layout>();
  private batchValue: Value | undefined;

  constructor(model: ModelWriter, options: LoweringOptions) {
    this.model = model;
    this.options = options;
    this.imageLayout = options.convolutions === 'nchw' ? 'NCHW' : options.convolutions === 'winograd' ? 'HWNC' : 'NHWC';
  }

  layoutOf(node: GraphNode): Layout {
    return this.layouts.get(node) ?? 'NHWC';
  }

  /** `value` holds `node` in the given layout, which is from now on the node's own. */
  define(node: GraphNode, value: Value, layout: Layout = 'NHWC'): void {
    this.layouts.set(node, layout);
    this.values.set(`${node.id} ${layout}`, value);
  }

  defineParts(node: GraphNode, values: readonly Value[]): void {
    this.parts.set(node, values);
  }

  part(node: GraphNode, index: number): Value {
    return (this.parts.get(node) as readonly Value[])[index];
  }

  /** The node's value in a layout, converted when it lies otherwise. */
  value(node: GraphNode, layout: Layout = 'NHWC'): Value {
    const key = `${node.id} ${layout}`;
    let value = this.values.get(key);
    if (value === undefined) {
      value = this.convert(node, layout);
      this.values.set(key, value);
    }
    return value;
  }

  private convert(node: GraphNode, layout: Layout): Value {
    if (is(node, 'splat')) {
      const shape = PHYSICAL[layout].length === node.shape.length ? PHYSICAL[layout].map((axis) => node.shape[axis]) : node.shape;
      const scalar = this.model.scalar(node.dtype, node.operation.value);
      return shape.length === 0 ? scalar : this.model.node('Expand', [scalar, this.shapeVector(shape)]);
    }
    const own = this.layoutOf(node);
    // A transposition that only exists to bring the image into tfjs's order merges with the one that takes it away.
    if (own === 'NHWC' && is(node, 'transpose') && this.layoutOf(node.inputs[0]) === 'NHWC') {
      const [source] = node.inputs;
      return this.permute(this.value(source), source.shape, PHYSICAL[layout].map((axis) => node.operation.permutation[axis]));
    }
    const physical = PHYSICAL[own].map((axis) => node.shape[axis]);
    return this.permute(this.value(node, own), physical, PHYSICAL[layout].map((axis) => PHYSICAL[own].indexOf(axis)));
  }

  /** Transposes; where only axes of size 1 pass each other, a reshape does, and costs nothing. */
  permute(value: Value, shape: Shape, permutation: readonly number[]): Value {
    if (permutation.every((axis, i) => axis === i)) return value;
    const moving = permutation.filter((axis) => shape[axis] !== 1);
    if (moving.every((axis, i) => i === 0 || moving[i - 1] < axis)) return this.reshape(value, permutation.map((axis) => shape[axis]));
    return this.model.node('Transpose', [value], { perm: permutation });
  }

  /** An element-wise operand of a node of the given shape and layout; may be smaller where it broadcasts. */
  operand(x: GraphNode, shape: Shape, layout: Layout): Value {
    if (is(x, 'splat')) return this.model.scalar(x.dtype, x.operation.value);
    if (layout === 'NHWC' || sizeOf(x.shape) === 1) return this.value(x);
    if (x.shape.length === shape.length) return this.value(x, layout);
    const padded = [...Array<number>(shape.length - x.shape.length).fill(1), ...x.shape];
    const permutation = PHYSICAL[layout];
    const physical = permutation.map((axis) => padded[axis]);
    // A vector over the axis that is last in both layouts broadcasts as it is.
    if (x.shape.length === 1 && permutation[3] === 3) return this.value(x);
    return sameShape(padded, physical) ? this.reshape(this.value(x), padded) : this.permute(this.reshape(this.value(x), padded), padded, permutation);
  }

  private isDynamic(size: number): boolean {
    const { dynamicBatch } = this.options;
    return dynamicBatch !== undefined && size > 0 && size % dynamicBatch === 0;
  }

  reshape(value: Value, shape: Shape): Value {
    return this.model.node('Reshape', [value, this.model.integers(shape.map((size) => (this.isDynamic(size) ? -1 : size)))]);
  }

  /** A shape as an int64 vector; the batch's size is asked for when it is only known at run time. */
  shapeVector(shape: Shape): Value {
    if (!shape.some((size) => this.isDynamic(size))) return this.model.integers(shape);
    const batch = this.options.dynamicBatch as number;
    const pieces = shape.map((size) => {
      if (!this.isDynamic(size)) return this.model.integers([size]);
      const rows = this.model.node('Shape', [this.batchValue as Value], { start: 0, end: 1 });
      return size === batch ? rows : this.model.node('Mul', [rows, this.model.integers([size / batch])]);
    });
    return this.model.node('Concat', pieces, { axis: 0 });
  }

  /** A model input; the first one with a batch dimension tells the batch's size. */
  input(name: string, dtype: DataType, shape: Shape): Value {
    const value = this.model.input(name, dtype, this.dimensions(shape));
    if (shape.length > 0 && this.isDynamic(shape[0])) this.batchValue ??= value;
    return value;
  }

  dimensions(shape: Shape): (number | string)[] {
    return shape.map((size) => (size === this.options.dynamicBatch ? 'N' : size));
  }
}
