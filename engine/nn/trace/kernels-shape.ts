/** Kernels that move elements about, reduce them or pick among them. */
import { backend_util, slice_util } from '@tensorflow/tfjs-core';
import type {
  ArgMaxAttrs, CumsumAttrs, ExpandDimsAttrs, GatherV2Attrs, MaxAttrs, MirrorPadAttrs, OneHotAttrs, PackAttrs, PadV2Attrs, ReshapeAttrs, ReverseAttrs,
  ScatterNdAttrs, SliceAttrs, TensorInfo, SplitVAttrs, StridedSliceAttrs, SumAttrs, TileAttrs, TopKAttrs, TransposeAttrs, UnpackAttrs, UnsortedSegmentSumAttrs,
} from '@tensorflow/tfjs-core';
import type { GraphBuilder } from './builder.js';
import { sizeOf } from './graph.js';
import type { GraphNode, ReduceFunction, Shape } from './graph.js';
import { axesOf, rule, type KernelRule, type KernelTable } from './kernels.js';

const reduce = (f: ReduceFunction): KernelRule =>
  rule<SumAttrs>((build, { x }, { axis, keepDims }) => build.reduce(f, f === 'sum' && x.dtype === 'bool' ? build.cast(x, 'int32') : x, axesOf(axis, x.shape.length), keepDims ?? false));

/** All and Any, on numbers: ONNX reduces no booleans. */
const logical = (f: 'min' | 'max'): KernelRule =>
  rule<SumAttrs>((build, { x }, { axis, keepDims }) => build.cast(build.reduce(f, build.cast(x, 'int32'), axesOf(axis, x.shape.length), keepDims ?? false), 'bool'));

const argument = (kind: 'argMax' | 'argMin'): KernelRule =>
  rule<ArgMaxAttrs>((build, { x }, { axis }) => {
    const [a] = axesOf(axis, x.shape.length);
    return build.node({ kind, axis: a }, [x], x.shape.filter((_, i) => i !== a), 'int32');
  });

function expandDims(build: GraphBuilder, x: GraphNode, dim: number): GraphNode {
  const shape = [...x.shape];
  shape.splice(dim < 0 ? shape.length + 1 + dim : dim, 0, 1);
  return build.reshape(x, shape);
}

/** A shape with at most one -1, filled in. */
function wholeShape(shape: readonly number[], size: number): Shape {
  const known = shape.reduce((product, d) => (d < 0 ? product : product * d), 1);
  return shape.map((d) => (d < 0 ? size / known : d));
}

export const shapeKernels: KernelTable = {
  Identity: (_, { x }) => x,
  Reshape: rule<ReshapeAttrs>((build, { x }, { shape }) => build.reshape(x, wholeShape(shape, sizeOf(x.shape)))),
  ExpandDims: rule<ExpandDimsAttrs>((build, { input }, { dim }) => expandDims(build, input, dim)),
  Transpose: rule<TransposeAttrs>((build, { x }, { perm }) => build.transpose(x, perm)),
  Tile: rule<TileAttrs>((build, { x }, { reps }) => {
    const shape = x.shape.map((size, i) => size * reps[i]);
    if (x.shape.every((size, i) => size === 1 || reps[i] === 1)) return build.broadcast(x, shape);
    return build.node({ kind: 'tile', repeats: [...reps] }, [x], shape, x.dtype);
  }),

  Sum: reduce('sum'),
  Mean: reduce('mean'),
  Prod: reduce('product'),
  Max: rule<MaxAttrs & { axis?: number }>((build, { x }, { reductionIndices, axis, keepDims }) => build.reduce('max', x, axesOf(reductionIndices ?? axis, x.shape.length), keepDims ?? false)),
  Min: reduce('min'),
  All: logical('min'),
  Any: logical('max'),
  ArgMax: argument('argMax'),
  ArgMin: argument('argMin'),
  Cumsum: rule<CumsumAttrs>((build, { x }, { axis, exclusive, reverse }) => build.node({ kind: 'cumulativeSum', axis: axesOf(axis, x.shape.length)[0], exclusive, reverse }, [x], x.shape, x.dtype)),
  Softmax: (build, { logits }) => build.node({ kind: 'softmax' }, [logits], logits.shape, 'float32'),

  Concat: rule<{ axis: number }>((build, inputs, { axis }) => {
    const parts = Object.values(inputs);
    return build.concat(parts, axesOf(axis, parts[0].shape.length)[0]);
  }),
  Pack: rule<PackAttrs>((build, inputs, { axis }) => {
    const parts = Object.values(inputs).map((x) => expandDims(build, x, axis));
    return build.concat(parts, axesOf(axis, parts[0].shape.length)[0]);
  }),
  Unpack: rule<UnpackAttrs>((build, { value }, { axis }) => {
    const [a] = axesOf(axis, value.shape.length);
    const shape = value.shape.filter((_, i) => i !== a);
    return build.split(value, Array<number>(value.shape[a]).fill(1), a).map((part) => build.reshape(part, shape));
  }),
  Slice: rule<SliceAttrs>((build, { x }, { begin, size }) => {
    const [from, sizes] = slice_util.parseSliceParams({ dataId: {}, dtype: x.dtype, shape: [...x.shape], rank: x.shape.length } as TensorInfo, begin, size);
    return build.slice(x, from, from.map((b, i) => b + sizes[i]));
  }),
  StridedSlice: rule<StridedSliceAttrs>((build, { x }, { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask }) => {
    const info = slice_util.sliceInfo([...x.shape], begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask);
    if (info.strides.some((step) => step < 0)) throw new Error('a strided slice cannot run backwards; use tf.reverse');
    return build.reshape(build.slice(x, info.begin, info.end, info.strides), info.finalShape);
  }),
  SplitV: rule<SplitVAttrs>((build, { x }, { numOrSizeSplits, axis }) => {
    const [a] = axesOf(axis, x.shape.length);
    return build.split(x, backend_util.prepareSplitSize({ shape: [...x.shape] } as Parameters<typeof backend_util.prepareSplitSize>[0], numOrSizeSplits, a), a);
  }),
  Reverse: rule<ReverseAttrs>((build, { x }, { dims }) => build.node({ kind: 'reverse', axes: axesOf(dims, x.shape.length) }, [x], x.shape, x.dtype)),
  PadV2: rule<PadV2Attrs>((build, { x }, { paddings, constantValue }) => build.pad(x, paddings.map((p) => p[0]), paddings.map((p) => p[1]), constantValue ?? 0)),
  MirrorPad: rule<MirrorPadAttrs>((build, { x }, { paddings, mode }) => {
    if (mode !== 'reflect') throw new Error("mirrorPad knows the mode 'reflect' only");
    return build.pad(x, paddings.map((p) => p[0]), paddings.map((p) => p[1]), 0, 'reflect');
  }),

  GatherV2: rule<GatherV2Attrs>((build, { x, indices }, { axis, batchDims }) => {
    const [a] = axesOf(axis, x.shape.length);
    if (!batchDims) return build.gather(x, indices, a);
    if (batchDims !== 1 || a !== 1 || x.shape.length !== 2 || indices.shape.length !== 2) throw new Error('gather with batchDims is known for matrices with axis 1 only');
    return build.node({ kind: 'gatherElements' }, [x, indices], indices.shape, x.dtype);
  }),
  GatherNd: (build, { params, indices }) => {
    const depth = indices.shape[indices.shape.length - 1];
    return build.node({ kind: 'gatherNd' }, [params, indices], [...indices.shape.slice(0, -1), ...params.shape.slice(depth)], params.dtype);
  },
  ScatterNd: rule<ScatterNdAttrs>((build, { indices, updates }, { shape }) => build.node({ kind: 'scatterNd' }, [indices, updates], shape, updates.dtype)),
  OneHot: rule<OneHotAttrs>((build, { indices }, { depth, onValue, offValue, dtype }) =>
    build.node({ kind: 'oneHot', depth, on: onValue ?? 1, off: offValue ?? 0 }, [indices], [...indices.shape, depth], dtype === 'int32' ? 'int32' : 'float32')),
  UnsortedSegmentSum: rule<UnsortedSegmentSumAttrs>((build, { x, segmentIds }, { numSegments }) => {
    const rows = sizeOf(segmentIds.shape);
    const rest = x.shape.slice(segmentIds.shape.length);
    return build.node({ kind: 'segmentSum', segments: numSegments }, [build.reshape(x, [rows, ...rest]), build.reshape(segmentIds, [rows])], [numSegments, ...rest], x.dtype);
  }),
  TopK: rule<TopKAttrs>((build, { x }, { k }) => {
    const shape = [...x.shape.slice(0, -1), k];
    const both = build.node({ kind: 'topK', k }, [x], shape, x.dtype);
    return [build.node({ kind: 'part', index: 0 }, [both], shape, x.dtype), build.node({ kind: 'part', index: 1 }, [both], shape, 'int32')];
  }),
};
