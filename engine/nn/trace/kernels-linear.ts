/** Matrix products, convolutions, pooling and batch normalisation. */
import { backend_util } from '@tensorflow/tfjs-core';
import type {
  AvgPoolAttrs, BatchMatMulAttrs, Conv2DAttrs, Conv2DBackpropFilterAttrs, Conv2DBackpropInputAttrs, DepthwiseConv2dNativeAttrs, FusedBatchNormAttrs,
  FusedConv2DAttrs, _FusedMatMulAttrs,
} from '@tensorflow/tfjs-core';
import { broadcastShape, type GraphBuilder } from './builder.js';
import type { ConvolutionWindow, GraphNode, Shape } from './graph.js';
import { rule, type KernelInputs, type KernelTable } from './kernels.js';

type Shape4 = [number, number, number, number];
type Convolution = Pick<Conv2DAttrs, 'strides' | 'pad' | 'dataFormat' | 'dimRoundingMode'> & { dilations?: [number, number] | number };

function convolutionInfo(image: Shape, filter: Shape, { strides, pad, dataFormat, dimRoundingMode, dilations }: Convolution, depthwise = false): backend_util.Conv2DInfo {
  if (dataFormat === 'NCHW') throw new Error("convolutions are traced in the format 'NHWC' only");
  return backend_util.computeConv2DInfo(image as Shape4, filter as Shape4, strides, dilations ?? 1, pad, dimRoundingMode, depthwise);
}

function windowOf(info: backend_util.Conv2DInfo): ConvolutionWindow {
  const { top, left, bottom, right } = info.padInfo;
  return {
    filter: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    padding: [top, left, bottom, right],
  };
}

function matMul(build: GraphBuilder, a: GraphNode, b: GraphNode, transposeA: boolean, transposeB: boolean): GraphNode {
  const rows = a.shape[a.shape.length - (transposeA ? 1 : 2)];
  const columns = b.shape[b.shape.length - (transposeB ? 2 : 1)];
  return build.node({ kind: 'matMul', transposeA, transposeB }, [a, b], [...broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns], 'float32');
}

function convolve(build: GraphBuilder, { x, filter }: KernelInputs, attributes: Convolution): GraphNode {
  const info = convolutionInfo(x.shape, filter.shape, attributes);
  return build.node({ kind: 'convolution', window: windowOf(info) }, [x, filter], info.outShape, 'float32');
}

/** The bias and activation of tfjs's fused kernels. */
function finish(build: GraphBuilder, x: GraphNode, { bias, preluActivationWeights }: KernelInputs, activation: string | undefined, alpha = 0.2): GraphNode {
  const sum = bias ? build.binary('add', x, bias) : x;
  switch (activation ?? 'linear') {
    case 'linear': return sum;
    case 'relu': return build.unary('relu', sum);
    case 'relu6': return build.elementwise({ kind: 'clip', low: 0, high: 6 }, sum);
    case 'elu': return build.unary('elu', sum);
    case 'sigmoid': return build.unary('sigmoid', sum);
    case 'leakyrelu': return build.elementwise({ kind: 'leakyRelu', alpha }, sum);
    case 'prelu': return build.binary('prelu', sum, preluActivationWeights);
    default: throw new Error(`unknown activation '${activation}'`);
  }
}

interface PoolGeometry {
  readonly info: backend_util.Conv2DInfo;
  readonly taps: number;
  readonly outputs: number;
  /** Input position (row-major) under each output's each tap; `inputs` where the tap lies in the padding. */
  readonly under: readonly number[];
  readonly inputs: number;
}

function poolGeometry(x: GraphNode, { filterSize, strides, pad, dimRoundingMode }: AvgPoolAttrs): PoolGeometry {
  const info = backend_util.computePool2DInfo(x.shape as Shape4, filterSize, strides, 1, pad, dimRoundingMode);
  const { inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info;
  const inputs = inHeight * inWidth;
  const under: number[] = [];
  for (let oy = 0; oy < outHeight; oy++)
    for (let ox = 0; ox < outWidth; ox++)
      for (let fy = 0; fy < filterHeight; fy++)
        for (let fx = 0; fx < filterWidth; fx++) {
          const y = oy * strideHeight + fy - padInfo.top;
          const column = ox * strideWidth + fx - padInfo.left;
          under.push(y >= 0 && y < inHeight && column >= 0 && column < inWidth ? y * inWidth + column : inputs);
        }
  return { info, taps: filterHeight * filterWidth, outputs: outHeight * outWidth, under, inputs };
}

/** [N, H, W, C] -> [N, outputs, taps, C], with `outside` in the padding. */
function patches(build: GraphBuilder, x: GraphNode, { info, under, inputs, outputs, taps }: PoolGeometry, outside: number): GraphNode {
  const [batch, , , channels] = x.shape;
  const flat = build.pad(build.reshape(x, [batch, inputs, channels]), [0, 0, 0], [0, 1, 0], outside);
  return build.reshape(build.gather(flat, build.values(under, [under.length], 'int32'), 1), [batch, outputs, taps, info.inChannels]);
}

/** Adds patch gradients [N, outputs, taps, C] up where they came from: a gather, since each input lies under few taps. */
function gatherBack(build: GraphBuilder, gradient: GraphNode, { info, under, inputs }: PoolGeometry): GraphNode {
  const [batch, , , channels] = gradient.shape;
  const sources: number[][] = Array.from({ length: inputs }, () => []);
  under.forEach((input, i) => input < inputs && sources[input].push(i));
  const most = Math.max(1, ...sources.map((list) => list.length));
  const table = sources.flatMap((list) => Array.from({ length: most }, (_, i) => list[i] ?? under.length));
  const flat = build.pad(build.reshape(gradient, [batch, under.length, channels]), [0, 0, 0], [0, 1, 0], 0);
  const spread = build.reshape(build.gather(flat, build.values(table, [table.length], 'int32'), 1), [batch, inputs, most, channels]);
  return build.reshape(build.reduce('sum', spread, [2], false), [batch, info.inHeight, info.inWidth, channels]);
}

/** One over the count of taps that lie on the image, for each output: TensorFlow's average leaves padding out. */
function averageWeights(build: GraphBuilder, { under, outputs, taps, inputs }: PoolGeometry): GraphNode {
  const weights = Array.from({ length: outputs }, (_, o) => 1 / under.slice(o * taps, (o + 1) * taps).filter((input) => input < inputs).length);
  return build.values(weights, [1, outputs, 1], 'float32');
}

const LOWEST = -3.4028234663852886e38;

export const linearKernels: KernelTable = {
  BatchMatMul: rule<BatchMatMulAttrs>((build, { a, b }, { transposeA, transposeB }) => matMul(build, a, b, transposeA ?? false, transposeB ?? false)),
  _FusedMatMul: rule<_FusedMatMulAttrs>((build, inputs, { transposeA, transposeB, activation, leakyreluAlpha }) =>
    finish(build, matMul(build, inputs.a, inputs.b, transposeA ?? false, transposeB ?? false), inputs, activation, leakyreluAlpha)),
  Conv2D: rule<Conv2DAttrs>(convolve),
  FusedConv2D: rule<FusedConv2DAttrs>((build, inputs, attributes) => finish(build, convolve(build, inputs, attributes), inputs, attributes.activation, attributes.leakyreluAlpha)),
  Conv2DBackpropInput: rule<Conv2DBackpropInputAttrs>((build, { dy, filter }, attributes) =>
    build.node({ kind: 'imageGradient', window: windowOf(convolutionInfo(attributes.inputShape, filter.shape, attributes)) }, [dy, filter], attributes.inputShape, 'float32')),
  Conv2DBackpropFilter: rule<Conv2DBackpropFilterAttrs>((build, { x, dy }, attributes) =>
    build.node({ kind: 'filterGradient', window: windowOf(convolutionInfo(x.shape, attributes.filterShape, attributes)) }, [x, dy], attributes.filterShape, 'float32')),
  DepthwiseConv2dNative: rule<DepthwiseConv2dNativeAttrs>((build, { x, filter }, attributes) => {
    const info = convolutionInfo(x.shape, filter.shape, attributes, true);
    return build.node({ kind: 'depthwise', window: windowOf(info) }, [x, filter], info.outShape, 'float32');
  }),
  FusedBatchNorm: rule<FusedBatchNormAttrs>((build, { x, scale, offset, mean, variance }, { varianceEpsilon }) =>
    build.node({ kind: 'batchNorm', epsilon: varianceEpsilon },
      [x, scale ?? build.splat(1, mean.shape, 'float32'), offset ?? build.splat(0, mean.shape, 'float32'), mean, variance], x.shape, 'float32')),

  MaxPool: rule<AvgPoolAttrs>((build, { x }, attributes) => {
    const geometry = poolGeometry(x, attributes);
    return build.reshape(build.reduce('max', patches(build, x, geometry, LOWEST), [2], false), geometry.info.outShape);
  }),
  /** The gradient goes to the first of equal maxima, in row-major order, as in TensorFlow. */
  MaxPoolGrad: rule<AvgPoolAttrs>((build, { dy, input }, attributes) => {
    const geometry = poolGeometry(input, attributes);
    const window = patches(build, input, geometry, LOWEST);
    const [batch, outputs, taps, channels] = window.shape;
    const first = build.node({ kind: 'argMax', axis: 2 }, [window], [batch, outputs, channels], 'int32');
    const mask = build.transpose(build.node({ kind: 'oneHot', depth: taps, on: 1, off: 0 }, [first], [batch, outputs, channels, taps], 'float32'), [0, 1, 3, 2]);
    return gatherBack(build, build.binary('multiply', mask, build.reshape(dy, [batch, outputs, 1, channels])), geometry);
  }),
  AvgPool: rule<AvgPoolAttrs>((build, { x }, attributes) => {
    const geometry = poolGeometry(x, attributes);
    const sum = build.reduce('sum', patches(build, x, geometry, 0), [2], false);
    return build.reshape(build.binary('multiply', sum, averageWeights(build, geometry)), geometry.info.outShape);
  }),
  AvgPoolGrad: rule<AvgPoolAttrs>((build, { dy, input }, attributes) => {
    const geometry = poolGeometry(input, attributes);
    const [batch, , , channels] = input.shape;
    const share = build.binary('multiply', build.reshape(dy, [batch, geometry.outputs, channels]), averageWeights(build, geometry));
    const spread = build.broadcast(build.reshape(share, [batch, geometry.outputs, 1, channels]), [batch, geometry.outputs, geometry.taps, channels]);
    return gatherBack(build, spread, geometry);
  }),
};
