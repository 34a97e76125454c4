/** Element-wise nodes to ONNX operators. They take on the layout of an image among their operands. */
import { is, sameShape, type BinaryFunction, type DataType, type GraphNode, type UnaryFunction } from '../trace/graph.js';
import type { Layout, LoweringContext } from './context.js';
import { ELEMENT_TYPES, type Value } from './model.js';

const UNARY: Record<Exclude<UnaryFunction, 'rsqrt'>, string> = {
  abs: 'Abs', acos: 'Acos', acosh: 'Acosh', asin: 'Asin', asinh: 'Asinh', atan: 'Atan', atanh: 'Atanh', ceil: 'Ceil', cos: 'Cos', cosh: 'Cosh',
  elu: 'Elu', erf: 'Erf', exp: 'Exp', floor: 'Floor', isInf: 'IsInf', isNan: 'IsNaN', log: 'Log', not: 'Not', negate: 'Neg', reciprocal: 'Reciprocal',
  relu: 'Relu', round: 'Round', selu: 'Selu', sigmoid: 'Sigmoid', sign: 'Sign', sin: 'Sin', sinh: 'Sinh', softplus: 'Softplus', sqrt: 'Sqrt', tan: 'Tan', tanh: 'Tanh',
};
const BINARY: Record<Exclude<BinaryFunction, 'notEqual'>, string> = {
  add: 'Add', subtract: 'Sub', multiply: 'Mul', divide: 'Div', maximum: 'Max', minimum: 'Min', power: 'Pow', prelu: 'PRelu',
  equal: 'Equal', greater: 'Greater', greaterEqual: 'GreaterOrEqual', less: 'Less', lessEqual: 'LessOrEqual', and: 'And', or: 'Or',
};

export const ELEMENTWISE = ['unary', 'binary', 'leakyRelu', 'clip', 'cast', 'select'] as const;
type ElementwiseKind = (typeof ELEMENTWISE)[number];
export const isElementwise = (node: GraphNode): boolean => (ELEMENTWISE as readonly string[]).includes(node.operation.kind);

function cast(context: LoweringContext, value: Value, dtype: DataType): Value {
  return context.model.node('Cast', [value], { to: ELEMENT_TYPES[dtype] });
}

/** The layout of the first whole-size image operand that is not in the graph's own order. */
export function elementwiseLayout(context: LoweringContext, node: GraphNode): Layout {
  if (node.shape.length !== 4) return 'NHWC';
  for (const input of node.inputs) if (sameShape(input.shape, node.shape) && context.layoutOf(input) !== 'NHWC') return context.layoutOf(input);
  return 'NHWC';
}

export function lowerElementwise(context: LoweringContext, node: GraphNode): void {
  const layout = elementwiseLayout(context, node);
  const { model } = context;
  const pieces = node.inputs.map((input) => context.operand(input, node.shape, layout));
  const operation = node.operation as Extract<typeof node.operation, { kind: ElementwiseKind }>;
  const lower = (operands: readonly Value[]): Value => {
    switch (operation.kind) {
      case 'unary':
        return operation.function === 'rsqrt' ? model.node('Reciprocal', [model.node('Sqrt', operands)]) : model.node(UNARY[operation.function], operands);
      case 'binary':
        return lowerBinary(context, operation.function, node, operands);
      case 'leakyRelu':
        return model.node('LeakyRelu', operands, { alpha: { float: operation.alpha } });
      case 'clip':
        return model.node('Clip', [operands[0], model.scalar(node.dtype, operation.low), model.scalar(node.dtype, operation.high)]);
      case 'cast':
        return cast(context, operands[0], node.dtype);
      case 'select':
        return model.node('Where', operands);
    }
    return operation satisfies never;
  };
  context.define(node, pieces[0].map((_, i) => lower(pieces.map((operand) => operand[i]))), layout);
}

function lowerBinary(context: LoweringContext, f: BinaryFunction, node: GraphNode, operands: readonly Value[]): Value {
  const { model } = context;
  // The gate in the gradient of relu. The runtime's Greater is slow, and the forward pass has made this Relu.
  if (f === 'greater' && node.inputs[0].dtype === 'float32' && is(node.inputs[1], 'splat') && node.inputs[1].operation.value === 0)
    return cast(context, model.node('Relu', [operands[0]]), 'bool');
  if (f === 'notEqual') return model.node('Not', [model.node('Equal', operands)]);
  // Logical operators of tfjs also take numbers.
  if (f === 'and' || f === 'or') {
    return model.node(BINARY[f], operands.map((value, i) => (node.inputs[i].dtype === 'bool' ? value : cast(context, value, 'bool'))));
  }
  // Of booleans, ONNX compares only for equality.
  if (f !== 'equal' && node.inputs[0].dtype === 'bool') return model.node(BINARY[f], operands.map((value) => cast(context, value, 'int32')));
  return model.node(BINARY[f], operands);
}
