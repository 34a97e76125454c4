/**
 * What the lowering rules share: the model being written, the value of each graph node, and the layout in which images
 * travel. A graph speaks of images as [N, H, W, C]; between convolutions they may lie otherwise in memory.
 */
import { is, sizeOf, type DataType, type GraphNode, type Shape } from '../trace/graph.js';
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
  /** Rows of a piece of a batch for `winograd`; the default suits 2 MiB of cache. */
  readonly pieceRows?: number;
  /** The batch size that was traced, a prime that no other dimension contains: it becomes a dimension named `N`. */
  readonly dynamicBatch?: number;
}

/** Rows of a piece: as many as keep a convolution's intermediate tensors in a core's second-level cache. */
const PIECE = 64;

/**
 * A value in the layout HWNC is a list of pieces, cut along the batch: the runtime finishes one operation before it starts
 * the next, so that only small tensors are still in the cache when they are read again. In the other layouts a value is
 * one piece.
 */
export class LoweringContext {
  readonly model: ModelWriter;
  readonly options: LoweringOptions;
  readonly imageLayout: Layout;
  private readonly values = new Map<string, readonly Value[]>();
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
  define(node: GraphNode, value: Value | readonly Value[], layout: Layout = 'NHWC'): void {
    this.layouts.set(node, layout);
    this.values.set(`${node.id} ${layout}`, typeof value === 'string' ? [value] : value);
  }

  defineParts(node: GraphNode, values: readonly Value[]): void {
    this.parts.set(node, values);
  }

  part(node: GraphNode, index: number): Value {
    return (this.parts.get(node) as readonly Value[])[index];
  }

  /** Into how many pieces a batch of so many rows is cut. */
  pieceCount(rows: number): number {
    const { pieceRows = PIECE } = this.options;
    return rows > pieceRows && rows % pieceRows === 0 ? rows / pieceRows : 1;
  }

  /** The node's value in a layout of one piece. */
  value(node: GraphNode, layout: Exclude<Layout, 'HWNC'> = 'NHWC'): Value {
    return this.pieces(node, layout)[0];
  }

  /** The node's value in a layout, converted when it lies otherwise. */
  pieces(node: GraphNode, layout: Layout): readonly Value[] {
    const key = `${node.id} ${layout}`;
    let values = this.values.get(key);
    if (values === undefined) {
      values = this.convert(node, layout);
      this.values.set(key, values);
    }
    return values;
  }

  private convert(node: GraphNode, layout: Layout): readonly Value[] {
    if (is(node, 'splat')) {
      const pieces = layout === 'HWNC' ? this.pieceCount(node.shape[0]) : 1;
      const whole = layout === 'NHWC' ? node.shape : PHYSICAL[layout].map((axis) => node.shape[axis] / (axis === 0 ? pieces : 1));
      const scalar = this.model.scalar(node.dtype, node.operation.value);
      return Array<Value>(pieces).fill(whole.length === 0 ? scalar : this.model.node('Expand', [scalar, this.shapeVector(whole)]));
    }
    const own = this.layoutOf(node);
    if (own === 'HWNC') {
      // Each piece becomes rows of its own, so that joining them copies whole stretches of memory.
      const rows = this.pieces(node, own).map((piece) => this.permute(piece, this.pieceShape(node.shape), PHYSICAL.NHWC.map((axis) => PHYSICAL.HWNC.indexOf(axis))));
      const joined = rows.length === 1 ? rows[0] : this.model.node('Concat', rows, { axis: 0 });
      return [layout === 'NHWC' ? joined : this.permute(joined, node.shape, PHYSICAL[layout])];
    }
    // A transposition that only exists to bring the image into tfjs's order merges with the one that takes it away.
    const merged = own === 'NHWC' && is(node, 'transpose') && node.operation.permutation[0] === 0 && this.layoutOf(node.inputs[0]) === 'NHWC';
    const value = merged ? this.value(node.inputs[0]) : this.value(node, own);
    const order = merged ? node.operation.permutation : PHYSICAL.NHWC.map((axis) => PHYSICAL[own].indexOf(axis));
    const physical = merged ? node.inputs[0].shape : PHYSICAL[own].map((axis) => node.shape[axis]);
    const permutation = PHYSICAL[layout].map((axis) => order[axis]);
    if (layout !== 'HWNC') return [this.permute(value, physical, permutation)];
    const pieces = this.pieceCount(node.shape[0]);
    const cut = pieces === 1 ? [value] : this.model.manyOutputs('Split', [value, this.model.integers(Array<number>(pieces).fill(node.shape[0] / pieces))], pieces, { axis: 0 });
    return cut.map((piece) => this.permute(piece, [physical[0] / pieces, ...physical.slice(1)], permutation));
  }

  /** Shape of a piece of an image [N, H, W, C] in the layout HWNC. */
  pieceShape([n, h, w, c]: Shape): Shape {
    return [h, w, n / this.pieceCount(n), c];
  }

  /** Transposes; where only axes of size 1 pass each other, a reshape does, and costs nothing. */
  permute(value: Value, shape: Shape, permutation: readonly number[]): Value {
    if (permutation.every((axis, i) => axis === i)) return value;
    const moving = permutation.filter((axis) => shape[axis] !== 1);
    if (moving.every((axis, i) => i === 0 || moving[i - 1] < axis)) return this.reshape(value, permutation.map((axis) => shape[axis]));
    return this.model.node('Transpose', [value], { perm: permutation });
  }

  /** An element-wise operand of each piece of a node of the given shape and layout; may be smaller where it broadcasts. */
  operand(x: GraphNode, shape: Shape, layout: Layout): readonly Value[] {
    const count = layout === 'HWNC' ? this.pieceCount(shape[0]) : 1;
    const same = (value: Value) => Array<Value>(count).fill(value);
    if (is(x, 'splat')) return same(this.model.scalar(x.dtype, x.operation.value));
    if (layout === 'NHWC' || sizeOf(x.shape) === 1) return same(this.value(x));
    const padded = [...Array<number>(shape.length - x.shape.length).fill(1), ...x.shape];
    if (layout === 'HWNC') {
      if (padded[0] === shape[0] && shape[0] > 1 && x.shape.length === 4) return this.pieces(x, layout);
      if (padded.slice(0, 3).every((size) => size === 1)) {
        // Repeated along the batch once, the vector is added in stretches of rows x channels instead of channels.
        const rows = shape[0] / count;
        return same(this.model.node('Expand', [this.value(x), this.model.integers([rows, shape[3]])]));
      }
    } else if (x.shape.length === shape.length) return this.pieces(x, layout);
    return same(this.permute(this.reshape(this.value(x), padded), padded, PHYSICAL[layout]));
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
