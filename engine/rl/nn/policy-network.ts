/**
 * Policy and value of a task: outputs `policy` [N, actions] (logits) and `value` [N], which is a return and so unbounded.
 * Kernels start orthogonal, sqrt(2) in the hidden layers, .01 in the policy's last and 1 in the value's.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { convolution, dense, flatten, relu, sequence, tf, type Layer, type Network } from '#engine/nn';

export type PolicyNetworkConfig =
  /** 3x3 convolution without padding, then a dense layer, both with relu: the network of the MinAtar paper (Young and Tian 2019). */
  | { readonly kind: 'conv'; readonly channels: number; readonly hidden: readonly number[] }
  /** Dense layers; `separate`: policy and value have their own. */
  | { readonly kind: 'mlp'; readonly hidden: readonly number[]; readonly activation: 'tanh' | 'relu'; readonly separate: boolean };

const tanh: Layer = { parameters: [], apply: (_, x) => tf.tanh(x) };
const HIDDEN = { init: { orthogonal: Math.SQRT2 } } as const;

/** Dense layers by name prefix, first to last. */
function denseLayers(prefix: string, inputs: number, widths: readonly number[], activation: Layer): Layer {
  return sequence(...widths.flatMap((outputs, i) => [dense(`${prefix}${i}`, i === 0 ? inputs : widths[i - 1], outputs, HIDDEN), activation]));
}

export function createPolicyNetwork(config: PolicyNetworkConfig, input: Network['input']): Network {
  const [channels, height, width] = input.planes;
  const trunks: Layer[] = [];
  switch (config.kind) {
    case 'conv': {
      const cells = (height - 2) * (width - 2);
      trunks.push(sequence(
        { parameters: [], apply: (_, x) => tf.transpose(x, [0, 2, 3, 1]) },
        convolution('conv', 3, channels, config.channels, { ...HIDDEN, padding: 'valid', hidden: false }), relu, flatten,
        denseLayers('hidden', cells * config.channels, config.hidden, relu),
      ));
      break;
    }
    case 'mlp': {
      const activation = config.activation === 'tanh' ? tanh : relu;
      const layers = (prefix: string) => sequence(flatten, denseLayers(prefix, channels * height * width, config.hidden, activation));
      trunks.push(...(config.separate ? [layers('policy/hidden'), layers('value/hidden')] : [layers('hidden')]));
      break;
    }
    default:
      config satisfies never;
  }
  const top = config.hidden.at(-1) ?? (config.kind === 'conv' ? (height - 2) * (width - 2) * config.channels : channels * height * width);
  const policy = dense('policy', top, input.actions, { hidden: false, init: { orthogonal: 0.01 } });
  const value = dense('value', top, 1, { hidden: false, init: { orthogonal: 1 } });
  return {
    name: `${config.kind} ${[...(config.kind === 'conv' ? [config.channels] : []), ...config.hidden].join('-')}`,
    input,
    parameters: [...trunks, policy, value].flatMap((layer) => layer.parameters),
    serves: ['policy', 'value'],
    forward(parameters, planes, context) {
      const features: Tensor[] = trunks.map((trunk) => trunk.apply(parameters, planes, context));
      return {
        policy: policy.apply(parameters, features[0], context),
        value: tf.reshape(value.apply(parameters, features[features.length - 1], context), [planes.shape[0]]),
      };
    },
  };
}
