/** Networks of action values: convolutions where the observation is an image, dense layers, and a head by its switches. */
import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core';
import { UserError } from '#engine';
import { convolution, dense, flatten, relu, sequence, tf, type Layer, type Network, type TensorSpec } from '#engine/nn';
import { NOISE, NoisePlan, noisyDense } from './noisy.js';

/** What a network says of an action: its value; odds of fixed returns (C51); or quantiles of the return (QR-DQN). */
export type Distribution =
  | { readonly kind: 'value' }
  | { readonly kind: 'categorical'; readonly atoms: number; readonly low: number; readonly high: number }
  | { readonly kind: 'quantile'; readonly quantiles: number };

export interface QNetworkConfig {
  /** 'valid' convolutions before the dense layers, each with a relu: [filters, size, stride]. */
  readonly convolutions: readonly (readonly [filters: number, size: number, stride: number])[];
  /** Widths of the dense layers, each with a relu. */
  readonly hidden: readonly number[];
  /** Q = V + A - mean A (Wang et al. 2016, equation 9). */
  readonly dueling: boolean;
  /**
   * Layers that explore by noise of their own (Fortunato et al. 2018): 'head' the last ones, 'dense' the hidden dense ones
   * too, as in the paper, at twice the parameters.
   */
  readonly noisy: 'none' | 'head' | 'dense';
  /** sigma_0 of noisy layers. */
  readonly sigma: number;
  readonly distribution: Distribution;
}

/** How many numbers the head gives for each action. */
export function widthOf(distribution: Distribution): number {
  switch (distribution.kind) {
    case 'value':
      return 1;
    case 'categorical':
      return distribution.atoms;
    case 'quantile':
      return distribution.quantiles;
    default:
      return distribution satisfies never;
  }
}

/** The returns that C51's atoms stand for, evenly from low to high [atoms]. */
export function supportOf({ atoms, low, high }: Extract<Distribution, { kind: 'categorical' }>): Float32Array {
  return Float32Array.from({ length: atoms }, (_, i) => low + ((high - low) * i) / (atoms - 1));
}

/**
 * Outputs: `policy` [N, actions] the action values, `value` [N] the greatest of them, `distribution` [N, actions, width]:
 * the value itself, the logits of the atoms ('categorical'), or the quantiles; `probabilities` for 'categorical' only.
 */
export function createQNetwork(config: QNetworkConfig, input: Network['input']): Network {
  const { actions } = input;
  const { distribution, dueling, noisy, sigma } = config;
  const width = widthOf(distribution);
  const plan = new NoisePlan();
  const connect = (name: string, inputs: number, outputs: number, last: boolean): Layer => {
    if (noisy === 'dense' || (noisy === 'head' && last)) return noisyDense(name, inputs, outputs, plan, sigma, !last);
    return dense(name, inputs, outputs, last ? { hidden: false, init: 'glorot' } : {});
  };
  let [channels, height, wide] = input.planes;
  const layers: Layer[] = [];
  config.convolutions.forEach(([filters, size, stride], i) => {
    layers.push(convolution(`convolution${i}`, size, channels, filters, { hidden: i > 0, padding: 'valid', stride }), relu);
    const shrink = (length: number) => Math.floor((length - size) / stride) + 1;
    [channels, height, wide] = [filters, shrink(height), shrink(wide)];
    if (height < 1 || wide < 1) throw new UserError('usage', `convolution ${i + 1} (${size} x ${size}, stride ${stride}) is larger than the ${input.planes[1]} x ${input.planes[2]} image has become; leave it out`);
  });
  layers.push(flatten);
  let features = channels * height * wide;
  config.hidden.forEach((outputs, i) => {
    layers.push(connect(`hidden${i}`, features, outputs, false), relu);
    features = outputs;
  });
  const trunk = sequence(...layers);
  const advantage = connect('advantage', features, actions * width, true);
  const value = dueling ? connect('value', features, width, true) : undefined;
  const switches = [dueling && 'dueling', noisy !== 'none' && 'noisy', distribution.kind !== 'value' && distribution.kind].filter(Boolean);
  const extras: TensorSpec[] = noisy !== 'none' ? [{ name: NOISE, shape: [plan.size] }] : [];
  return {
    name: ['q', ...config.convolutions.map(([filters, size]) => `${filters}x${size}x${size}`), ...config.hidden, ...switches].join(' '),
    input,
    extras,
    parameters: [...trunk.parameters, ...advantage.parameters, ...(value?.parameters ?? [])],
    serves: ['policy', 'value'],
    forward(parameters, planes, context) {
      const image = config.convolutions.length > 0 ? tf.transpose(planes, [0, 2, 3, 1]) : planes;
      const top = trunk.apply(parameters, image, context);
      const rows = planes.shape[0];
      let head: Tensor = tf.reshape(advantage.apply(parameters, top, context), [rows, actions, width]);
      if (value) {
        const common = tf.reshape(value.apply(parameters, top, context), [rows, 1, width]);
        head = tf.add(head, tf.sub(common, tf.mean(head, 1, true)));
      }
      const answer = (policy: Tensor, more = {}) => ({ policy, value: tf.max(policy, 1), distribution: head as Tensor3D, ...more });
      switch (distribution.kind) {
        case 'value':
          return answer(tf.reshape(head, [rows, actions]));
        case 'quantile':
          return answer(tf.mean(head, 2));
        case 'categorical': {
          const probabilities = tf.softmax(head);
          return answer(tf.sum(tf.mul(probabilities, tf.tensor1d(supportOf(distribution))), 2), { probabilities });
        }
        default:
          return distribution satisfies never;
      }
    },
  };
}
