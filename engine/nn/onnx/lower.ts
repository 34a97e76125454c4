/** Lowers a traced graph to an ONNX model: opset 17, standard operators only. */
import { sameShape, sizeOf, topologicalOrder, type Graph, type GraphNode, type NodeOf, type OperationKind, type ReduceFunction, type Shape } from '../trace/graph.js';
import { LoweringContext, PHYSICAL, type LoweringOptions } from './context.js';
import { lowerConvolution, lowerDepthwise, lowerFilterGradient, lowerImageGradient } from './convolution.js';
import { lowerElementwise } from './elementwise.js';
import { ELEMENT_TYPES, ModelWriter, type Value } from './model.js';

type Rule<K extends OperationKind> = (context: LoweringContext, node: NodeOf<K>) => Value | undefined;

const REDUCE: Record<ReduceFunction, string> = { sum: 'ReduceSum', mean: 'ReduceMean', max: 'ReduceMax', min: 'ReduceMin', product: 'ReduceProd' };

/** Each rule returns the node's value in the graph's own axis order, or defines the node itself and returns nothing. */
const RULES: { [K in OperationKind]: Rule<K> } = {
  input: (context, { operation: { name }, dtype, shape }) => {
    const data = context.options.parameters?.get(name);
    return data ? context.model.constant('float32', shape, data, name) : context.input(name, dtype, shape);
  },
  constant: ({ model }, { operation: { data }, dtype, shape }) => model.constant(dtype, shape, data),
  splat: () => undefined,
  broadcast: (context, { inputs: [x], shape }) => context.model.node('Expand', [context.value(x), context.shapeVector(shape)]),

  unary: lowerElementwise as Rule<'unary'>,
  binary: lowerElementwise as Rule<'binary'>,
  leakyRelu: lowerElementwise as Rule<'leakyRelu'>,
  clip: lowerElementwise as Rule<'clip'>,
  cast: lowerElementwise as Rule<'cast'>,
  select: lowerElementwise as Rule<'select'>,

  reduce: lowerReduce,
  argMax: (context, node) => argument(context, 'ArgMax', node.inputs[0], node.operation.axis),
  argMin: (context, node) => argument(context, 'ArgMin', node.inputs[0], node.operation.axis),
  cumulativeSum: (context, { inputs: [x], operation: { axis, exclusive, reverse } }) =>
    context.model.node('CumSum', [context.value(x), context.model.constant('int64', [], BigInt64Array.of(BigInt(axis)))], { exclusive: Number(exclusive), reverse: Number(reverse) }),
  softmax: (context, { inputs: [x] }) => context.model.node('Softmax', [context.value(x)], { axis: -1 }),

  reshape: (context, { inputs: [x], shape }) => context.reshape(context.value(x), shape),
  transpose: (context, { inputs: [x], operation: { permutation } }) => context.permute(context.value(x), x.shape, permutation),
  tile: (context, { inputs: [x], operation: { repeats } }) => context.model.node('Tile', [context.value(x), context.model.integers(repeats)]),
  concat: lowerConcat,
  slice: (context, { inputs: [x], operation: { begin, end, steps }, shape }) => {
    const axes = shape.map((_, axis) => axis).filter((axis) => begin[axis] !== 0 || end[axis] !== x.shape[axis] || steps[axis] !== 1);
    const pick = (values: readonly number[]) => context.model.integers(axes.map((axis) => values[axis]));
    return context.model.node('Slice', [context.value(x), pick(begin), pick(end), context.model.integers(axes), pick(steps)]);
  },
  reverse: (context, { inputs: [x], operation: { axes } }) => {
    const all = (value: number) => context.model.integers(axes.map(() => value));
    return context.model.node('Slice', [context.value(x), all(-1), all(-2147483647), context.model.integers(axes), all(-1)]);
  },
  split: (context, node) => {
    const { axis, sizes } = node.operation;
    context.defineParts(node, context.model.manyOutputs('Split', [context.value(node.inputs[0]), context.model.integers(sizes)], sizes.length, { axis }));
    return undefined;
  },
  topK: (context, node) => {
    const [values, indices] = context.model.manyOutputs('TopK', [context.value(node.inputs[0]), context.model.integers([node.operation.k])], 2);
    context.defineParts(node, [values, context.model.node('Cast', [indices], { to: ELEMENT_TYPES.int32 })]);
    return undefined;
  },
  part: (context, node) => context.part(node.inputs[0], node.operation.index),
  pad: (context, { inputs: [x], operation: { before, after, value, mode }, dtype }) =>
    context.model.node('Pad', [context.value(x), context.model.integers([...before, ...after]), context.model.scalar(dtype, value)], { mode }),

  gather: (context, { inputs: [x, indices], operation: { axis } }) => context.model.node('Gather', [context.value(x), context.value(indices)], { axis }),
  gatherElements: (context, { inputs: [x, indices] }) => context.model.node('GatherElements', [context.value(x), context.value(indices)], { axis: 1 }),
  gatherNd: (context, { inputs: [x, indices] }) => context.model.node('GatherND', [context.value(x), wide(context, indices)]),
  oneHot: (context, { inputs: [indices], operation: { depth, on, off }, dtype }) => {
    // Not OneHot: the runtime's CPU kernel refuses int32 indices.
    const { model } = context;
    const classes = model.constant('int32', [depth], Int32Array.from({ length: depth }, (_, i) => i));
    const index = context.reshape(context.value(indices), [...indices.shape, 1]);
    const hit = model.node('Equal', [indices.dtype === 'int32' ? index : model.node('Cast', [index], { to: ELEMENT_TYPES.int32 }), classes]);
    if (on === 1 && off === 0) return model.node('Cast', [hit], { to: ELEMENT_TYPES[dtype] });
    return model.node('Where', [hit, model.scalar(dtype, on), model.scalar(dtype, off)]);
  },
  segmentSum: (context, { inputs: [x, segments], shape }) => {
    const index = context.model.node('Unsqueeze', [wide(context, segments), context.model.integers([1])]);
    return context.model.node('ScatterND', [zeros(context, x, shape), index, context.value(x)], { reduction: 'add' });
  },
  scatterNd: (context, { inputs: [indices, updates], shape }) =>
    context.model.node('ScatterND', [zeros(context, updates, shape), wide(context, indices), context.value(updates)], { reduction: 'add' }),

  matMul: lowerMatMul,
  convolution: (context, node) => lowerConvolution(context, node),
  imageGradient: (context, node) => lowerImageGradient(context, node),
  filterGradient: (context, node) => lowerFilterGradient(context, node),
  depthwise: (context, node) => lowerDepthwise(context, node),
  batchNorm: (context, node) => {
    const [x, ...vectors] = node.inputs;
    const { model } = context;
    const epsilon = { float: node.operation.epsilon };
    if (node.shape.length === 4) {
      context.define(node, model.node('BatchNormalization', [context.value(x, 'NCHW'), ...vectors.map((vector) => context.value(vector))], { epsilon }), 'NCHW');
      return undefined;
    }
    const rows = sizeOf(node.shape) / node.shape[node.shape.length - 1];
    const flat = context.reshape(context.value(x), [rows, node.shape[node.shape.length - 1]]);
    return context.reshape(model.node('BatchNormalization', [flat, ...vectors.map((vector) => context.value(vector))], { epsilon }), node.shape);
  },
};

/** How the results of pieces become the whole's. */
const JOIN = { sum: 'Sum', mean: 'Sum', max: 'Max', min: 'Min' } as const;

function lowerReduce(context: LoweringContext, node: NodeOf<'reduce'>): Value | undefined {
  const [x] = node.inputs;
  const { axes, keep, function: f } = node.operation;
  let layout = context.layoutOf(x);
  const kept = PHYSICAL[layout].filter((axis) => !axes.includes(axis) && x.shape[axis] !== 1);
  if (f === 'product' || (!keep && kept.some((axis, i) => i > 0 && kept[i - 1] > axis))) layout = 'NHWC';
  const physical = layout === 'NHWC' ? axes : axes.map((axis) => PHYSICAL[layout].indexOf(axis)).sort((a, b) => a - b);
  const { model } = context;
  const keepdims = Number(keep);
  const reduced = context.pieces(x, layout).map((piece) =>
    f === 'sum' ? model.node('ReduceSum', [piece, model.integers(physical)], { keepdims }) : model.node(REDUCE[f], [piece], { axes: physical, keepdims }));
  const acrossBatch = layout !== 'NHWC' && axes.includes(0);
  const pieces = !acrossBatch || f === 'product' || reduced.length === 1 ? reduced : [model.node(JOIN[f], reduced)];
  if (acrossBatch && f === 'mean' && reduced.length > 1) pieces[0] = model.node('Mul', [pieces[0], model.scalar('float32', 1 / reduced.length)]);
  if (keep) {
    if (layout === 'NHWC' || acrossBatch) return layout === 'NHWC' ? pieces[0] : context.permute(pieces[0], PHYSICAL[layout].map((axis) => node.shape[axis]), PHYSICAL.NHWC.map((axis) => PHYSICAL[layout].indexOf(axis)));
    context.define(node, pieces, layout);
    return undefined;
  }
  const whole = pieces.length === 1 ? pieces[0] : model.node('Concat', pieces, { axis: 0 });
  return layout === 'NHWC' || sizeOf(node.shape) === 1 ? whole : context.reshape(whole, node.shape);
}

/** Images are joined in their own layout when one of them has one. */
function lowerConcat(context: LoweringContext, node: NodeOf<'concat'>): Value | undefined {
  const own = node.inputs.map((input) => context.layoutOf(input)).find((layout) => layout !== 'NHWC') ?? 'NHWC';
  const layout = node.operation.axis === 0 ? 'NHWC' : own;
  const axis = layout === 'NHWC' ? node.operation.axis : PHYSICAL[layout].indexOf(node.operation.axis);
  const inputs = node.inputs.map((input) => context.pieces(input, layout));
  context.define(node, inputs[0].map((_, i) => context.model.node('Concat', inputs.map((pieces) => pieces[i]), { axis })), layout);
  return undefined;
}

function argument(context: LoweringContext, operator: string, x: GraphNode, axis: number): Value {
  return context.model.node('Cast', [context.model.node(operator, [context.value(x)], { axis, keepdims: 0 })], { to: ELEMENT_TYPES.int32 });
}

const wide = (context: LoweringContext, indices: GraphNode): Value => context.model.node('Cast', [context.value(indices)], { to: ELEMENT_TYPES.int64 });

const zeros = (context: LoweringContext, like: GraphNode, shape: Shape): Value => context.model.node('Expand', [context.model.scalar(like.dtype, 0), context.shapeVector(shape)]);

function lowerMatMul(context: LoweringContext, node: NodeOf<'matMul'>): Value {
  const [a, b] = node.inputs;
  const { transposeA, transposeB } = node.operation;
  const single = (x: GraphNode) => x.shape.slice(0, -2).every((size) => size === 1);
  if (single(a) && single(b)) {
    const flat = (x: GraphNode) => (x.shape.length === 2 ? context.value(x) : context.reshape(context.value(x), x.shape.slice(-2)));
    const product = context.model.node('Gemm', [flat(a), flat(b)], { transA: Number(transposeA), transB: Number(transposeB) });
    return sameShape(node.shape, node.shape.slice(-2)) ? product : context.reshape(product, node.shape);
  }
  const turned = (x: GraphNode, turn: boolean) => {
    if (!turn) return context.value(x);
    const rank = x.shape.length;
    return context.permute(context.value(x), x.shape, [...x.shape.keys()].map((axis) => (axis === rank - 1 ? rank - 2 : axis === rank - 2 ? rank - 1 : axis)));
  };
  return context.model.node('MatMul', [turned(a, transposeA), turned(b, transposeB)]);
}

/** Writes the graph as a model with the graph's input and output names; inputs that no output needs are left out. */
export function lower(graph: Graph, name: string, options: LoweringOptions): ModelWriter {
  const model = new ModelWriter(name);
  const context = new LoweringContext(model, options);
  for (const node of topologicalOrder(graph.outputs.map((output) => output.node))) {
    const value = (RULES[node.operation.kind] as Rule<OperationKind>)(context, node as NodeOf<OperationKind>);
    if (value !== undefined) context.define(node, value);
  }
  for (const output of graph.outputs) model.output(output.name, output.node.dtype, context.dimensions(output.node.shape), context.value(output.node));
  return model;
}

