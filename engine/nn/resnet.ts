/**
 * The residual network of AlphaZero (Silver et al. 2017) with slim heads. Normalisation follows each convolution and the
 * relu follows the sum, so that a runtime can fold every normalisation, sum and relu into the convolution before it;
 * normalising first (He et al. 2016b) would leave them as passes of their own.
 */
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { createHeads } from './heads.js';
import { batchNorm, convolution, dense, depthwise, flatten, globalBias, relu, sequence, type Layer } from './layers.js';
import type { ResnetConfig } from './networks.js';
import { tf } from './tensorflow.js';
import type { Network } from './types.js';

export function createResnet(config: ResnetConfig, input: Network['input']): Network {
  const { channels, blocks, value, globalPooling = false, policyChannels = 16, valueChannels = 8, valueHidden = 64, identityStart = true, expansion = 0, auxiliary = {} } = config;
  const [inputChannels, height, width] = input.planes;
  const cells = height * width;
  const stem = sequence(convolution('stem', 3, inputChannels, channels, { bias: false, hidden: false }), batchNorm('stem', channels), relu);
  const tower = sequence(...Array.from({ length: blocks }, (_, i) =>
    block(`block${i}`, channels, expansion, globalPooling && i % 2 === 1, identityStart)));
  const narrow = (name: string, outputs: number) =>
    sequence(convolution(name, 1, channels, outputs, { bias: false }), batchNorm(name, outputs), relu, flatten);
  const planes = config.policy === 'dense' ? undefined : input.policyPlanes;
  // Planes keep the board: a convolution of full width looks around each square before a move from it is judged.
  const policyFeatures = planes === undefined
    ? narrow('policy/narrow', policyChannels)
    : sequence(convolution('policy/look', 3, channels, channels, { bias: false }), batchNorm('policy/look', channels), relu);
  const valueFeatures = sequence(narrow('value/narrow', valueChannels), dense('value/hidden', valueChannels * cells, valueHidden), relu);
  const heads = createHeads({ policyWidth: planes === undefined ? policyChannels * cells : channels, valueWidth: valueHidden, actions: input.actions, cells, value, auxiliary, policyPlanes: planes });
  return {
    name: `resnet ${blocks}x${channels}${expansion > 0 ? ` of MobileNet blocks ${expansion} times as wide` : ''}${globalPooling ? ' with global pooling' : ''}`,
    input,
    parameters: [stem, tower, policyFeatures, valueFeatures, heads].flatMap((part) => part.parameters),
    serves: ['policy', 'value'],
    forward(parameters, planes, context) {
      const image: Tensor4D = tf.transpose(planes, [0, 2, 3, 1]);
      const trunk = tower.apply(parameters, stem.apply(parameters, image, context), context);
      const features = { policy: policyFeatures.apply(parameters, trunk, context), value: valueFeatures.apply(parameters, trunk, context) };
      return heads.apply(parameters, features, context);
    },
  };
}

/**
 * relu(x + branch(x)), the last convolution of which may also hear from the whole board. The branch is two 3x3 convolutions,
 * or with an `expansion` a MobileNet V2 block (Sandler et al. 2018): 1x1 to that many times the channels, 3x3 within each
 * channel, 1x1 back.
 */
function block(name: string, channels: number, expansion: number, pooling: boolean, identityStart: boolean): Layer {
  const normalized = (part: string, layer: Layer, width: number) => sequence(layer, batchNorm(`${name}/${part}`, width), relu);
  const width = expansion > 0 ? expansion * channels : channels;
  const first = expansion > 0
    ? sequence(normalized('widen', convolution(`${name}/widen`, 1, channels, width, { bias: false }), width), normalized('look', depthwise(`${name}/look`, 3, width), width))
    : normalized('first', convolution(`${name}/first`, 3, channels, channels, { bias: false }), channels);
  const second = convolution(`${name}/second`, expansion > 0 ? 1 : 3, width, channels, { bias: false });
  const pooled = pooling ? globalBias(`${name}/pooled`, width, channels) : undefined;
  const norm = batchNorm(`${name}/second`, channels, identityStart ? 'zeros' : 'ones');
  return {
    parameters: [first, second, ...(pooled ? [pooled] : []), norm].flatMap((layer) => layer.parameters),
    apply(p, x, context) {
      const inner = first.apply(p, x, context);
      const image = second.apply(p, inner, context);
      const sum = pooled ? tf.add(image, pooled.apply(p, inner, context)) : image;
      return tf.relu(tf.add(x, norm.apply(p, sum, context)));
    },
  };
}
