/**
 * The ways to compute a convolution and its two gradients, chosen by `LoweringOptions.convolutions`:
 * - `nchw`: the runtime's own Conv. Best for inference, where the weights are constants (the runtime then uses its blocked
 *   kernels and folds batch norm), and the choice for GPUs.
 * - `winograd`: fewer products, for training on the CPU; images lie as [H, W, N, C]. See convolution-winograd.ts.
 * - `im2col`: every other window, and what the first two fall back to. Images lie as [N, H, W, C].
 */
import type { ConvolutionWindow, NodeOf } from '../trace/graph.js';
import type { LoweringContext } from './context.js';
import { im2colConvolution, im2colFilterGradient, im2colImageGradient } from './convolution-im2col.js';
import { winogradApplies, winogradConvolution, winogradFilterGradient, winogradImageGradient } from './convolution-winograd.js';

/** Strides and dilations of one: what the gradients of `nchw` handle. */
export const isPlain = ({ strides, dilations }: ConvolutionWindow): boolean => [...strides, ...dilations].every((step) => step === 1);

/** Padding for the convolution that carries gradients back to the image. */
export const backPadding = ({ filter: [height, width], padding: [top, left, bottom, right] }: ConvolutionWindow): [number, number, number, number] =>
  [height - 1 - top, width - 1 - left, height - 1 - bottom, width - 1 - right];

export function lowerConvolution(context: LoweringContext, node: NodeOf<'convolution'>): undefined {
  const { window } = node.operation;
  if (context.options.convolutions === 'nchw') {
    const [x, filter] = node.inputs;
    const weights = context.permute(context.value(filter), filter.shape, [3, 2, 0, 1]);
    const { padding, strides, dilations, filter: kernel } = window;
    context.define(node, context.model.node('Conv', [context.value(x, 'NCHW'), weights], { pads: padding, strides, dilations, kernel_shape: kernel }), 'NCHW');
  } else if (context.options.convolutions === 'winograd' && winogradApplies(window)) winogradConvolution(context, node);
  else im2colConvolution(context, node);
}

export function lowerImageGradient(context: LoweringContext, node: NodeOf<'imageGradient'>): undefined {
  const { window } = node.operation;
  if (context.options.convolutions === 'nchw' && isPlain(window)) {
    const [gradient, filter] = node.inputs;
    const weights = context.permute(flipped(context, node), filter.shape, [2, 3, 0, 1]);
    context.define(node, context.model.node('Conv', [context.value(gradient, 'NCHW'), weights], { pads: backPadding(window), kernel_shape: window.filter }), 'NCHW');
  } else if (context.options.convolutions === 'winograd' && winogradApplies(window)) winogradImageGradient(context, node);
  else im2colImageGradient(context, node);
}

/** The filter turned by half a turn. */
function flipped(context: LoweringContext, node: NodeOf<'imageGradient'>): string {
  const [, filter] = node.inputs;
  const [height, width, from, to] = filter.shape;
  const taps = height * width;
  if (taps === 1) return context.value(filter);
  const order = context.model.constant('int32', [taps], Int32Array.from({ length: taps }, (_, i) => taps - 1 - i));
  return context.reshape(context.model.node('Gather', [context.reshape(context.value(filter), [taps, from, to]), order], { axis: 0 }), filter.shape);
}

export function lowerFilterGradient(context: LoweringContext, node: NodeOf<'filterGradient'>): undefined {
  const { window } = node.operation;
  const [x, gradient] = node.inputs;
  if (context.options.convolutions === 'nchw' && isPlain(window)) {
    // The image convolved with the gradient as its filter, channels and rows exchanged.
    const swapped = (value: string) => context.model.node('Transpose', [value], { perm: [1, 0, 2, 3] });
    const { padding } = window;
    const value = context.model.node('Conv', [swapped(context.value(x, 'NCHW')), swapped(context.value(gradient, 'NCHW'))], { pads: padding, kernel_shape: [gradient.shape[1], gradient.shape[2]] });
    context.define(node, context.model.node('Transpose', [value], { perm: [2, 3, 0, 1] }));
  } else if (context.options.convolutions === 'winograd' && winogradApplies(window)) winogradFilterGradient(context, node);
  else im2colFilterGradient(context, node);
}

/** One filter per channel: the runtime's grouped Conv. Without a gradient of ours: TensorFlow.js's own is not traced. */
export function lowerDepthwise(context: LoweringContext, node: NodeOf<'depthwise'>): undefined {
  const [x, filter] = node.inputs;
  const { padding, strides, dilations, filter: kernel } = node.operation.window;
  const [height, width, channels, multiplier] = filter.shape;
  const rows = context.permute(context.value(filter), filter.shape, [2, 3, 0, 1]);
  const weights = context.reshape(rows, [channels * multiplier, 1, height, width]);
  const attributes = { pads: padding, strides, dilations, kernel_shape: kernel, group: channels };
  context.define(node, context.model.node('Conv', [context.value(x, 'NCHW'), weights], attributes), 'NCHW');
}
