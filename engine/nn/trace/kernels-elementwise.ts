/** Element-wise kernels, with and without broadcasting. */
import type { CastAttrs, ClipByValueAttrs, FillAttrs, LeakyReluAttrs, RangeAttrs, StepAttrs } from '@tensorflow/tfjs-core';
import type { BinaryFunction, UnaryFunction } from './graph.js';
import { rule, type KernelRule, type KernelTable } from './kernels.js';

const binary = (f: BinaryFunction): KernelRule => (build, { a, b }) => build.binary(f, a, b);
const unary = (f: UnaryFunction): KernelRule => (build, { x }) => build.unary(f, x);

/** Natural logarithm and exponential near 1 and 0, without the care that a native log1p takes: exact to 1e-7 absolute. */
const log1p: KernelRule = (build, { x }) => build.unary('log', build.binary('add', x, build.splat(1, [], 'float32')));
const expm1: KernelRule = (build, { x }) => build.binary('subtract', build.unary('exp', x), build.splat(1, [], 'float32'));

export const elementwiseKernels: KernelTable = {
  Add: binary('add'),
  Sub: binary('subtract'),
  Multiply: binary('multiply'),
  RealDiv: binary('divide'),
  Maximum: binary('maximum'),
  Minimum: binary('minimum'),
  Pow: binary('power'),
  Equal: binary('equal'),
  NotEqual: binary('notEqual'),
  Greater: binary('greater'),
  GreaterEqual: binary('greaterEqual'),
  Less: binary('less'),
  LessEqual: binary('lessEqual'),
  LogicalAnd: binary('and'),
  LogicalOr: binary('or'),
  Prelu: (build, { x, alpha }) => build.binary('prelu', x, alpha),
  FloorDiv: (build, { a, b }) => build.cast(build.unary('floor', build.binary('divide', build.cast(a, 'float32'), build.cast(b, 'float32'))), a.dtype),
  /** TensorFlow.js's remainder has the sign of the divisor. */
  Mod: (build, { a, b }) => {
    const [x, y] = [build.cast(a, 'float32'), build.cast(b, 'float32')];
    return build.cast(build.binary('subtract', x, build.binary('multiply', y, build.unary('floor', build.binary('divide', x, y)))), a.dtype);
  },
  SquaredDifference: (build, { a, b }) => {
    const difference = build.binary('subtract', a, b);
    return build.binary('multiply', difference, difference);
  },
  AddN: (build, inputs) => Object.values(inputs).reduce((sum, x) => build.binary('add', sum, x)),

  Abs: unary('abs'),
  Acos: unary('acos'),
  Acosh: unary('acosh'),
  Asin: unary('asin'),
  Asinh: unary('asinh'),
  Atan: unary('atan'),
  Atanh: unary('atanh'),
  Ceil: unary('ceil'),
  Cos: unary('cos'),
  Cosh: unary('cosh'),
  Elu: unary('elu'),
  Erf: unary('erf'),
  Exp: unary('exp'),
  Floor: unary('floor'),
  Log: unary('log'),
  LogicalNot: unary('not'),
  Neg: unary('negate'),
  Reciprocal: unary('reciprocal'),
  Relu: unary('relu'),
  Round: unary('round'),
  Rsqrt: unary('rsqrt'),
  Selu: unary('selu'),
  Sigmoid: unary('sigmoid'),
  Sign: unary('sign'),
  Sin: unary('sin'),
  Sinh: unary('sinh'),
  Softplus: unary('softplus'),
  Sqrt: unary('sqrt'),
  Tan: unary('tan'),
  Tanh: unary('tanh'),
  Log1p: log1p,
  Expm1: expm1,
  IsNan: (build, { x }) => build.unary('isNan', x, 'bool'),
  IsInf: (build, { x }) => build.unary('isInf', x, 'bool'),
  IsFinite: (build, { x }) => build.unary('not', build.binary('or', build.unary('isNan', x, 'bool'), build.unary('isInf', x, 'bool'))),
  Square: (build, { x }) => build.binary('multiply', x, x),
  Relu6: (build, { x }) => build.elementwise({ kind: 'clip', low: 0, high: 6 }, x),
  LeakyRelu: rule<LeakyReluAttrs>((build, { x }, { alpha }) => build.elementwise({ kind: 'leakyRelu', alpha }, x)),
  ClipByValue: rule<ClipByValueAttrs>((build, { x }, { clipValueMin, clipValueMax }) => build.elementwise({ kind: 'clip', low: clipValueMin, high: clipValueMax }, x)),
  Cast: rule<CastAttrs>((build, { x }, { dtype }) => {
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') throw new Error(`cannot cast to ${dtype}`);
    return dtype === 'bool' ? build.binary('notEqual', x, build.splat(0, [], x.dtype)) : build.cast(x, dtype);
  }),
  /** 1 above zero, `alpha` elsewhere: the gradient of Abs uses alpha = -1. */
  Step: rule<StepAttrs>((build, { x }, { alpha }) => {
    const positive = build.binary('greater', x, build.splat(0, [], x.dtype));
    return alpha ? build.select(positive, build.splat(1, [], x.dtype), build.splat(alpha, [], x.dtype)) : build.cast(positive, x.dtype);
  }),
  EluGrad: (build, { dy, y }) => {
    const one = build.splat(1, [], 'float32');
    return build.binary('multiply', dy, build.select(build.binary('greaterEqual', y, build.splat(0, [], 'float32')), one, build.binary('add', y, one)));
  },
  Select: (build, { condition, t, e }) => {
    // tfjs also takes a vector condition that picks whole rows.
    const rows = condition.shape.length === 1 && t.shape.length > 1;
    return build.select(rows ? build.reshape(condition, [condition.shape[0], ...t.shape.slice(1).map(() => 1)]) : condition, t, e);
  },

  Fill: rule<FillAttrs>((build, _, { shape, value, dtype }) => build.splat(Number(value), shape, dtype === 'int32' || dtype === 'bool' ? dtype : 'float32')),
  ZerosLike: (build, { x }) => build.splat(0, x.shape, x.dtype),
  OnesLike: (build, { x }) => build.splat(1, x.shape, x.dtype),
  Range: rule<RangeAttrs>((build, _, { start, stop, step, dtype }) => {
    const values = Array.from({ length: Math.max(0, Math.ceil((stop - start) / step)) }, (__, i) => start + i * step);
    return build.values(values, [values.length], dtype ?? 'float32');
  }),
};
