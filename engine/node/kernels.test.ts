/**
 * Every operation that compiles, three ways: TensorFlow.js's own `cpu` backend computes it and its gradients eagerly; the
 * tracer compiles the same function, and ONNX Runtime runs it with the lowering for inference and with those for training.
 */
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { createRng } from '#engine';
import { lower, tf, trace, tracedKernels, withBackend, type LoweringOptions, type TensorSpec, type Tensors } from '#engine/nn';

type Case = readonly [name: string, shapes: readonly (readonly number[])[], compute: (...x: Tensor[]) => Tensor | Tensor[], options?: { readonly values?: (u: number) => number; readonly gradient?: boolean; readonly integers?: readonly number[] }];

const board = [3, 4, 5, 2] as const;
const wide = (u: number) => 4 * u - 2;
const positive = (u: number) => 0.1 + 2 * u;
const flat = { gradient: false };
const as4 = (x: Tensor) => x as Tensor4D;

const CASES: readonly Case[] = [
  // Element by element; gradients included where TensorFlow.js has them.
  ...(['abs', 'elu', 'exp', 'neg', 'relu', 'relu6', 'selu', 'sigmoid', 'sign', 'softplus', 'square', 'tanh', 'sin', 'cos', 'sinh', 'cosh', 'atan', 'asinh', 'erf', 'expm1', 'ceil', 'floor', 'round', 'step', 'leakyRelu', 'zerosLike', 'onesLike', 'clone'] as const).map(
    (name): Case => [name, [[3, 5]], (x) => tf[name](x)]),
  ...(['log', 'log1p', 'sqrt', 'rsqrt', 'reciprocal'] as const).map((name): Case => [name, [[3, 5]], (x) => tf[name](x), { values: positive }]),
  ...(['asin', 'acos', 'atanh', 'tan'] as const).map((name): Case => [name, [[3, 5]], (x) => tf[name](x), { values: (u) => 1.6 * u - 0.8 }]),
  ['acosh', [[3, 5]], (x) => tf.acosh(x), { values: (u) => 1.2 + u }],
  ...(['isNaN', 'isInf', 'isFinite'] as const).map((name): Case => [name, [[3, 5]], (x) => tf[name](tf.log(x)), flat]),
  ['step with a slope below zero', [[3, 5]], (x) => tf.step(x, -1), flat],
  ['clipByValue', [[3, 5]], (x) => tf.clipByValue(x, -0.5, 0.7)],
  ...(['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'squaredDifference'] as const).flatMap((name): Case[] => [
    [name, [[3, 5], [3, 5]], (a, b) => tf[name](a, b)],
    // The gradient of squaredDifference does not sum over broadcast axes (TensorFlow.js 4.22).
    [`${name}, broadcast`, [[2, 3, 5], [3, 1]], (a, b) => tf[name](a, b), { gradient: name !== 'squaredDifference' }],
  ]),
  ['pow', [[3, 5], [5]], (a, b) => tf.pow(a, b), { values: positive }],
  ['mod', [[3, 5], [3, 5]], (a, b) => tf.mod(a, b), flat],
  ['floorDiv', [[3, 5], [3, 5]], (a, b) => tf.floorDiv(a, b), flat],
  ['prelu', [[3, 5], [5]], (a, b) => tf.prelu(a, b)],
  ['addN', [[3, 5], [3, 5], [3, 5]], (...x) => tf.addN(x)],
  ...(['equal', 'notEqual', 'greater', 'greaterEqual', 'less', 'lessEqual'] as const).map(
    (name): Case => [name, [[3, 5], [3, 5]], (a, b) => [tf.cast(tf[name](a, b), 'float32'), tf.cast(tf[name](a, a), 'float32')], flat]),
  ...(['logicalAnd', 'logicalOr', 'logicalXor'] as const).map(
    (name): Case => [name, [[3, 5], [3, 5]], (a, b) => tf.cast(tf[name](tf.greater(a, 0), tf.greater(b, 0)), 'float32'), flat]),
  ['logicalNot', [[3, 5]], (a) => tf.cast(tf.logicalNot(tf.greater(a, 0)), 'float32'), flat],
  ['where, on a tensor that is differentiated', [[3, 5], [3, 5]], (a, b) => tf.where(tf.greater(a, b), tf.square(a), tf.mul(b, 3))],
  ['cast', [[3, 5]], (x) => tf.cast(tf.cast(tf.mul(x, 3), 'int32'), 'float32'), flat],
  ['cast to bool', [[3, 5]], (x) => tf.cast(tf.cast(tf.relu(x), 'bool'), 'float32'), flat],

  // Reductions.
  ...(['sum', 'mean', 'max', 'min', 'prod'] as const).flatMap((name): Case[] => [
    [`${name} over everything`, [[2, 3, 4]], (x) => tf[name](x), { gradient: name !== 'prod' }],
    [`${name} over an axis`, [[2, 3, 4]], (x) => tf[name](x, 1), { gradient: name !== 'prod' }],
    [`${name}, axes kept`, [[2, 3, 4]], (x) => tf[name](x, [0, 2], true), { gradient: name !== 'prod' }],
  ]),
  ['all, any', [[4, 5]], (x) => [tf.cast(tf.all(tf.greater(x, -1.5), 1), 'float32'), tf.cast(tf.any(tf.greater(x, 1), 1), 'float32')], flat],
  ['argMax, argMin', [[4, 5]], (x) => [tf.cast(tf.argMax(x, 1), 'float32'), tf.cast(tf.argMin(x, 0), 'float32')], flat],
  ['cumsum', [[4, 5]], (x) => [tf.cumsum(x, 1), tf.cumsum(x, 0, true), tf.cumsum(x, 1, false, true)], flat],
  ['topk', [[4, 5]], (x) => { const { values, indices } = tf.topk(x, 3); return [values, tf.cast(indices, 'float32')]; }, flat],
  ['softmax', [[4, 5]], (x) => tf.softmax(x)],
  ['logSoftmax', [[4, 5]], (x) => tf.logSoftmax(x)],
  ['logSumExp', [[4, 5]], (x) => tf.logSumExp(x, 1)],
  ['moments', [[4, 5]], (x) => { const { mean, variance } = tf.moments(x, 0); return [mean, variance]; }],

  // Shapes.
  ['reshape', [[4, 6]], (x) => tf.reshape(x, [2, -1, 3])],
  ['expandDims, squeeze', [[4, 6]], (x) => tf.squeeze(tf.expandDims(tf.expandDims(x, 1), -1), [1])],
  ['transpose', [[2, 3, 4]], (x) => tf.transpose(tf.transpose(x, [2, 0, 1]), [1, 0, 2])],
  ['broadcastTo', [[3, 1]], (x) => tf.broadcastTo(x, [2, 3, 4])],
  ['tile', [[2, 3]], (x) => tf.tile(x, [2, 2])],
  ['concat', [[2, 3], [2, 4]], (a, b) => tf.concat([a, b], 1)],
  ['stack, unstack', [[2, 3], [2, 3]], (a, b) => tf.unstack(tf.stack([a, tf.square(b)], 1), 2)],
  ['slice', [[4, 5, 2]], (x) => tf.slice(x, [1, 0, 1], [2, 5, 1])],
  ['stridedSlice', [[6, 5]], (x) => tf.stridedSlice(x, [1, 0], [6, 5], [2, 3]), flat],
  ['split', [[4, 6]], (x) => tf.split(x, [1, 2, 3], 1)],
  ['reverse', [[4, 6]], (x) => tf.reverse(x, [0, 1])],
  ['pad', [[2, 3]], (x) => tf.pad(x, [[1, 0], [2, 1]], 0.5)],
  ['mirrorPad', [[3, 4]], (x) => tf.mirrorPad(x, [[1, 0], [2, 1]], 'reflect'), flat],
  ['gather of a constant', [[4, 3]], (x) => tf.gather(x, tf.tensor1d([2, 0, 2], 'int32'))],
  ['gather', [[4, 3], [5]], (x, i) => tf.gather(x, tf.cast(i, 'int32')), { integers: [1] }],
  ['gather within rows', [[4, 3], [4, 2]], (x, i) => tf.gather(x, tf.cast(tf.minimum(i, 2), 'int32') as Tensor1D, 1, 1), { integers: [1], gradient: false }],
  ['gatherND', [[4, 3]], (x) => tf.gatherND(x, tf.tensor2d([[1, 2], [3, 0]], [2, 2], 'int32')), flat],
  ['scatterND', [[3, 2]], (x) => tf.scatterND(tf.tensor2d([[1], [3], [1]], [3, 1], 'int32'), x, [5, 2]), flat],
  ['unsortedSegmentSum', [[5, 2], [5]], (x, i) => tf.unsortedSegmentSum(x, tf.cast(i, 'int32') as Tensor1D, 4), { integers: [1], gradient: false }],
  ['oneHot', [[5]], (i) => [tf.oneHot(tf.cast(i, 'int32'), 4, 1, 0, 'float32'), tf.oneHot(tf.cast(i, 'int32'), 4, 0.7, 0.1, 'float32')], { integers: [0], gradient: false }],
  ['fill, range, zeros', [[3]], (x) => tf.add(tf.add(x, tf.range(0, 3)), tf.add(tf.fill(x.shape, 2.5), tf.zeros([3])))],

  // Matrices and boards.
  ['matMul', [[3, 4], [4, 5]], (a, b) => tf.matMul(a, b)],
  ['matMul, turned', [[4, 3], [5, 4]], (a, b) => tf.matMul(a, b, true, true)],
  ['matMul, batched', [[2, 3, 4], [2, 5, 4]], (a, b) => tf.matMul(a, b, false, true)],
  ['fused matMul', [[3, 4], [4, 5], [5]], (a, b, bias) => tf.fused.matMul({ a: a as Tensor2D, b: b as Tensor2D, bias, activation: 'relu' })],
  ...([[3, 'same', 1], [3, 'valid', 1], [2, 'same', 1], [1, 'same', 1], [3, 'same', 2], [5, 'same', 1]] as const).map(
    ([size, pad, stride]): Case => [`conv2d ${size}x${size} ${pad} stride ${stride}`, [board, [size, size, 2, 3]], (x, w) => tf.conv2d(as4(x), as4(w), stride, pad)]),
  ['conv2d, wide and short', [[2, 1, 9, 2], [1, 3, 2, 3]], (x, w) => tf.conv2d(as4(x), as4(w), 1, 'same')],
  ['conv2d, 8x8', [[2, 8, 8, 2], [3, 3, 2, 3]], (x, w) => tf.conv2d(as4(x), as4(w), 1, 'same')],
  ['conv2d, in pieces', [[64, 3, 3, 2], [3, 3, 2, 3], [3]], (x, w, b) => { const y = tf.relu(tf.add(tf.conv2d(as4(x), as4(w), 1, 'same'), b)); return [tf.mean(y, [0, 1, 2]), tf.max(y, [1, 2]), tf.concat([y, tf.mul(y, tf.sum(y, [1, 2], true))], 3), tf.reshape(y, [64, -1])]; }],
  ['conv2d, dilated', [board, [2, 2, 2, 3]], (x, w) => tf.conv2d(as4(x), as4(w), 1, 'same', 'NHWC', 2), flat],
  ['fused conv2d', [board, [3, 3, 2, 3], [3]], (x, w, bias) => tf.fused.conv2d({ x: as4(x), filter: as4(w), strides: 1, pad: 'same', bias, activation: 'relu' })],
  ['conv2dTranspose', [board, [3, 3, 4, 2]], (x, w) => tf.conv2dTranspose(as4(x), as4(w), [3, 8, 10, 4], 2, 'same'), flat],
  ['depthwiseConv2d', [board, [3, 3, 2, 2]], (x, w) => tf.depthwiseConv2d(as4(x), as4(w), 1, 'same'), flat],
  ['batchNorm', [board, [2], [2], [2]], (x, mean, offset, scale) => tf.batchNorm(as4(x), mean as Tensor1D, tf.add(tf.square(offset), 0.5) as Tensor1D, offset as Tensor1D, scale as Tensor1D)],
  ['batchNorm of vectors', [[6, 2], [2]], (x, mean) => tf.batchNorm(x as Tensor2D, mean as Tensor1D, tf.add(tf.square(mean), 0.5) as Tensor1D), flat],
  ...(['maxPool', 'avgPool'] as const).flatMap((name): Case[] => [
    [`${name} 2 stride 2`, [board], (x) => tf[name](as4(x), 2, 2, 'valid')],
    // TensorFlow.js's cpu backend divides avgPool's gradient by the padding too: see below.
    [`${name} 3 stride 1`, [board], (x) => tf[name](as4(x), 3, 1, 'same'), { gradient: name === 'maxPool' }],
    [`${name} of everything`, [board], (x) => tf[name](as4(x), [4, 5], 1, 'valid')],
  ]),
  ['layer norm', [[2, 3, 4]], (x) => { const { mean, variance } = tf.moments(x, -1, true); return tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5))); }],
  ['attention', [[2, 3, 4]], (x) => tf.matMul(tf.softmax(tf.matMul(x as Tensor3D, x, false, true)), x)],
  ['huberLoss', [[6], [6]], (a, b) => tf.losses.huberLoss(a, b)],
  ['softmaxCrossEntropy', [[3, 4], [3, 4]], (a, b) => tf.losses.softmaxCrossEntropy(tf.softmax(a), b)],
  ['sigmoidCrossEntropy', [[3, 4], [3, 4]], (a, b) => tf.losses.sigmoidCrossEntropy(tf.sigmoid(a), b)],
];

/** The results, and the gradients of their weighted sum by every input. */
function program([, shapes, compute, options = {}]: Case): (inputs: Tensors) => Tensors {
  const list = (x: Tensor | Tensor[]) => (Array.isArray(x) ? x : [x]);
  return (inputs) => {
    const xs = shapes.map((_, i) => inputs[`x${i}`]);
    const results: Tensors = {};
    list(compute(...xs)).forEach((y, i) => (results[`y${i}`] = y));
    if (options.gradient === false) return results;
    const differentiated = xs.filter((_, i) => !options.integers?.includes(i));
    const objective = (...some: Tensor[]) => {
      const rest = [...some];
      const ys = list(compute(...xs.map((x, i) => (options.integers?.includes(i) ? x : (rest.shift() as Tensor)))));
      return ys.map((y) => tf.sum(tf.mul(y, tf.sin(tf.reshape(tf.range(0, y.size), y.shape))))).reduce((a, b) => tf.add(a, b)) as ReturnType<typeof tf.scalar>;
    };
    tf.grads(objective)(differentiated).forEach((g, i) => (results[`g${i}`] = g));
    return results;
  };
}

const LOWERINGS: readonly LoweringOptions['convolutions'][] = ['nchw', 'im2col', 'winograd'];

async function compare(row: Case): Promise<void> {
  const [name, shapes, , options = {}] = row;
  const rng = createRng(name);
  const specs: TensorSpec[] = shapes.map((shape, i) => ({ name: `x${i}`, shape }));
  const data = shapes.map((shape, i) =>
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => (options.integers?.includes(i) ? rng.below(4) : (options.values ?? wide)(rng.float()))));
  const run = program(row);
  const expected = withBackend('cpu', () => tf.tidy(() => {
    const results = run(Object.fromEntries(specs.map((spec, i) => [spec.name, tf.tensor(data[i], [...spec.shape])])));
    return Object.fromEntries(Object.entries(results).map(([key, tensor]) => [key, { values: tensor.dataSync(), shape: tensor.shape }]));
  }) as unknown as Tensors) as unknown as Record<string, { values: Float32Array; shape: number[] }>;
  const graph = trace(run, specs);
  for (const convolutions of LOWERINGS) {
    const session = await InferenceSession.create(lower(graph, 'case', { convolutions, pieceRows: 16 }).finish(), { intraOpNumThreads: 1, logSeverityLevel: 4 });
    const feeds = Object.fromEntries(specs.map((spec, i) => [spec.name, new OrtTensor('float32', data[i], spec.shape)]).filter(([key]) => session.inputNames.includes(key as string)));
    const results = await session.run(feeds as Record<string, OrtTensor>);
    await session.release();
    expect(Object.keys(results).sort()).toEqual(Object.keys(expected).sort());
    for (const [key, { values, shape }] of Object.entries(expected)) {
      const got = results[key];
      expect(got.dims, `${key} ${convolutions}`).toEqual(shape);
      const largest = Math.max(1e-3, ...values.map(Math.abs).filter(Number.isFinite));
      values.forEach((value, i) => {
        const actual = Number(got.data[i]);
        if (Number.isFinite(value)) expect(Math.abs(actual - value) / largest, `${key}[${i}] ${convolutions}: ${actual}, expected ${value}`).toBeLessThan(2e-5);
        else expect(actual, `${key}[${i}] ${convolutions}`).toEqual(value);
      });
    }
  }
}

describe('compiled as eager', () => {
  const used = new Set<string>();
  for (const row of CASES) test(row[0], async () => { await withProfile(used, () => compare(row)); });

  test('avgPool with padding: a linear function is its gradient times its argument', async () => {
    const f = (x: Tensor) => tf.sum(tf.mul(tf.avgPool(as4(x), 3, 1, 'same'), tf.reshape(tf.range(0, 120), [...board]))) as ReturnType<typeof tf.scalar>;
    const graph = trace(({ x }) => ({ value: f(x), product: tf.sum(tf.mul(x, tf.grad(f)(x))) }), [{ name: 'x', shape: board }]);
    const session = await InferenceSession.create(lower(graph, 'pool', { convolutions: 'im2col' }).finish(), { intraOpNumThreads: 1 });
    const rng = createRng(3);
    const { value, product } = await session.run({ x: new OrtTensor('float32', Float32Array.from({ length: 120 }, () => rng.float()), [...board]) });
    expect(Number(product.data[0]) / Number(value.data[0])).toBeCloseTo(1, 5);
    await session.release();
  });

  test('every kernel that compiles occurs above', () => {
    expect(tracedKernels.filter((kernel) => !used.has(kernel))).toEqual([]);
  });
});

/** Notes the kernels that the tracer is asked for. */
async function withProfile(used: Set<string>, run: () => Promise<void>): Promise<void> {
  const kernels = tf.getKernelsForBackend('ludus-trace');
  const wrapped = kernels.map(({ kernelName, kernelFunc }) => {
    const config = tf.getKernel(kernelName, 'ludus-trace');
    config.kernelFunc = (parameters) => {
      used.add(kernelName);
      return kernelFunc(parameters);
    };
    return () => (config.kernelFunc = kernelFunc);
  });
  try {
    await run();
  } finally {
    for (const restore of wrapped) restore();
  }
}
