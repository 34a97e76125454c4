/**
 * Convolution as one matrix product: `Gather` with a constant table lays out, for each output cell, the inputs under the
 * filter, and `Gemm` multiplies by the filter as a matrix. Works for any window.
 */
import { sizeOf, type ConvolutionWindow, type NodeOf, type Shape } from '../trace/graph.js';
import type { LoweringContext } from './context.js';
import type { Value } from './model.js';

/** Rows of a batch done at once: more, and the columns no longer stay in the processor's cache. */
const CHUNK = 32;

/** Input cell under each output cell's each tap, row-major; `height * width` outside the image. */
function cellsUnderTaps([, height, width]: Shape, [, outHeight, outWidth]: Shape, { filter, strides, dilations, padding }: ConvolutionWindow): number[] {
  const table: number[] = [];
  for (let oy = 0; oy < outHeight; oy++)
    for (let ox = 0; ox < outWidth; ox++)
      for (let fy = 0; fy < filter[0]; fy++)
        for (let fx = 0; fx < filter[1]; fx++) {
          const y = oy * strides[0] + fy * dilations[0] - padding[0];
          const x = ox * strides[1] + fx * dilations[1] - padding[1];
          table.push(y >= 0 && x >= 0 && y < height && x < width ? y * width + x : height * width);
        }
  return table;
}

/** Output cell whose tap lies on each input cell, for each tap; `height * width` of the output where there is none. */
function cellsAboveTaps([, height, width]: Shape, [, outHeight, outWidth]: Shape, { filter, strides, dilations, padding }: ConvolutionWindow): number[] {
  const table: number[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let fy = 0; fy < filter[0]; fy++)
        for (let fx = 0; fx < filter[1]; fx++) {
          const oy = (y + padding[0] - fy * dilations[0]) / strides[0];
          const ox = (x + padding[1] - fx * dilations[1]) / strides[1];
          const inside = Number.isInteger(oy) && Number.isInteger(ox) && oy >= 0 && ox >= 0 && oy < outHeight && ox < outWidth;
          table.push(inside ? oy * outWidth + ox : outHeight * outWidth);
        }
  return table;
}

/** image [n, cells..., c] -> [n * positions, taps * c], zero where the table points past the last cell. */
function columns(context: LoweringContext, image: Value, [n, height, width, channels]: Shape, table: readonly number[], taps: number): Value {
  const { model } = context;
  const cells = height * width;
  let flat = context.reshape(image, [n, cells, channels]);
  if (taps === 1 && table.every((cell, i) => cell === i)) return context.reshape(image, [n * cells, channels]);
  if (table.includes(cells)) flat = model.node('Concat', [flat, model.node('Expand', [model.scalar('float32', 0), context.shapeVector([n, 1, channels])])], { axis: 1 });
  const gathered = model.node('Gather', [flat, model.constant('int32', [table.length], Int32Array.from(table))], { axis: 1 });
  return context.reshape(gathered, [(n * table.length) / taps, taps * channels]);
}

function chunksOf(context: LoweringContext, rows: number): number {
  return context.options.dynamicBatch === undefined && rows > 2 * CHUNK && rows % CHUNK === 0 ? rows / CHUNK : 1;
}

function cut(context: LoweringContext, value: Value, shape: Shape, chunks: number): readonly Value[] {
  return chunks === 1 ? [value] : context.model.manyOutputs('Split', [value, context.model.integers(Array<number>(chunks).fill(shape[0] / chunks))], chunks, { axis: 0 });
}

/** columns(image) * weights, chunk by chunk; the result has `shape`. */
function product(context: LoweringContext, image: Value, imageShape: Shape, table: readonly number[], taps: number, weights: Value, shape: Shape): Value {
  const chunks = chunksOf(context, imageShape[0]);
  const part = [imageShape[0] / chunks, ...imageShape.slice(1)];
  const products = cut(context, image, imageShape, chunks).map((value) => context.model.node('Gemm', [columns(context, value, part, table, taps), weights]));
  return context.reshape(chunks === 1 ? products[0] : context.model.node('Concat', products, { axis: 0 }), shape);
}

export function im2colConvolution(context: LoweringContext, node: NodeOf<'convolution'>): undefined {
  const [x, filter] = node.inputs;
  const [height, width, from, to] = filter.shape;
  const weights = context.reshape(context.value(filter), [height * width * from, to]);
  const table = cellsUnderTaps(x.shape, node.shape, node.operation.window);
  context.define(node, product(context, context.value(x), x.shape, table, height * width, weights, node.shape));
}

export function im2colImageGradient(context: LoweringContext, node: NodeOf<'imageGradient'>): undefined {
  const [gradient, filter] = node.inputs;
  const [height, width, from, to] = filter.shape;
  const weights = context.reshape(context.permute(context.value(filter), filter.shape, [0, 1, 3, 2]), [height * width * to, from]);
  const table = cellsAboveTaps(node.shape, gradient.shape, node.operation.window);
  context.define(node, product(context, context.value(gradient), gradient.shape, table, height * width, weights, node.shape));
}

/**
 * Two ways: columns of the image times the gradient, or image times columns of the gradient, which `imageGradient` has
 * gathered anyway (equal nodes are written once). The second is taken unless it would gather the larger tensor.
 */
export function im2colFilterGradient(context: LoweringContext, node: NodeOf<'filterGradient'>): undefined {
  const { model } = context;
  const [x, gradient] = node.inputs;
  const [height, width, from, to] = node.shape;
  const taps = height * width;
  const shared = sizeOf(gradient.shape) <= sizeOf(x.shape);
  const [image, other] = shared ? [gradient, x] : [x, gradient];
  const table = shared ? cellsAboveTaps(x.shape, gradient.shape, node.operation.window) : cellsUnderTaps(x.shape, gradient.shape, node.operation.window);
  const chunks = chunksOf(context, x.shape[0]);
  const part = (shape: Shape): Shape => [shape[0] / chunks, ...shape.slice(1)];
  const others = cut(context, context.value(other), other.shape, chunks);
  let sum: Value | undefined;
  cut(context, context.value(image), image.shape, chunks).forEach((value, i) => {
    const gathered = columns(context, value, part(image.shape), table, taps);
    const flat = context.reshape(others[i], [sizeOf(part(other.shape)) / other.shape[3], other.shape[3]]);
    sum = model.node('Gemm', sum === undefined ? [gathered, flat] : [gathered, flat, sum], { transA: 1 });
  });
  const total = sum as Value;
  context.define(node, shared ? context.permute(context.reshape(total, [height, width, to, from]), [height, width, to, from], [0, 1, 3, 2]) : context.reshape(total, node.shape));
}
