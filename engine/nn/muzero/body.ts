/**
 * The bodies of MuZero's networks: how a latent comes from what is seen, how an action steps it, what the heads read off
 * it. Latents are scaled to [0, 1] after the representation and after each step (Schrittwieser et al. 2020, appendix G).
 *
 * No batch normalisation: its statistics would mix the steps of the unrolled model, which differ. Bounded latents and
 * residual steps that start as the identity keep training steady without.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { UserError } from '#engine';
import { convolution, dense, flatten, layerNorm, relu, sequence, type Layer } from '../layers.js';
import { tf } from '../tensorflow.js';
import type { ForwardContext, Network, ParameterSpec, Tensors } from '../types.js';

export const bodyKinds = ['mlp', 'conv'] as const;

/** A latent vector of `width` numbers, through dense layers of `hidden`. */
export interface MlpBody {
  readonly kind: 'mlp';
  readonly width: number;
  readonly hidden: number;
  /** Channels of a 3x3 convolution that comes first where the observation is an image; 0 = none. */
  readonly stem: number;
}

/** A latent image of `channels`, through residual blocks. */
export interface ConvBody {
  readonly kind: 'conv';
  readonly channels: number;
  /** Residual blocks of the representation. */
  readonly blocks: number;
  /** Residual blocks of a step of the dynamics. */
  readonly stepBlocks: number;
  /**
   * Halves of the channels trade places before each step. Latents speak for the seat to move, so in games for two what was
   * one's own becomes the other's: with it a step that changes little is the identity again, which residuals start from.
   */
  readonly swap: boolean;
}

/** The parts of a body. Latents are [N, latentSize], flat, outside of them. */
export interface Body {
  readonly latentSize: number;
  readonly represent: Layer;
  /** x [N, latentSize], one-hot action [N, actions] -> the features of the step, for the next latent and the reward. */
  readonly step: { readonly parameters: readonly ParameterSpec[]; apply(p: Tensors, latent: Tensor, action: Tensor, context: ForwardContext): { latent: Tensor; features: Tensor } };
  readonly featureWidth: number;
  /** latent -> features of the prediction. */
  readonly predict: Layer;
  readonly predictWidth: number;
  /** latent -> what is seen, as an image [N, H, W, C]. */
  readonly draw: Layer;
}

export function createBody(body: MlpBody | ConvBody, input: Network['input']): Body {
  return body.kind === 'mlp' ? mlpBody(body, input) : convBody(body, input);
}

/** Over `axes` of each row the smallest number becomes 0, the greatest 1. */
function bounded(x: Tensor, axes: number[]): Tensor {
  const low = tf.min(x, axes, true);
  return tf.div(tf.sub(x, low), tf.add(tf.sub(tf.max(x, axes, true), low), 1e-5));
}

function mlpBody({ width, hidden, stem }: MlpBody, { planes, actions }: Network['input']): Body {
  const [channels, height, w] = planes;
  const entry = stem > 0 ? sequence(convolution('h/stem', 3, channels, stem, { hidden: false }), relu, flatten) : flatten;
  const inputs = (stem > 0 ? stem : channels) * height * w;
  const first = sequence(entry, dense('h/first', inputs, hidden, { hidden: stem > 0 }), layerNorm('h/norm', hidden), relu, dense('h/latent', hidden, width, { init: 'glorot' }));
  const mix = sequence(dense('g/first', width + actions, hidden), layerNorm('g/norm', hidden), relu);
  const change = dense('g/latent', hidden, width, { init: 'glorot' });
  const draw = dense('d/draw', width, channels * height * w, { hidden: false, init: 'glorot' });
  return {
    latentSize: width,
    represent: { parameters: first.parameters, apply: (p, planes, context) => bounded(first.apply(p, tf.transpose(planes, [0, 2, 3, 1]), context), [1]) },
    step: {
      parameters: [...mix.parameters, ...change.parameters],
      apply(p, latent, action, context) {
        const features = mix.apply(p, tf.concat([latent, action], 1), context);
        return { latent: bounded(tf.add(latent, change.apply(p, features, context)), [1]), features };
      },
    },
    featureWidth: hidden,
    predict: sequence(dense('f/first', width, hidden), layerNorm('f/norm', hidden), relu),
    predictWidth: hidden,
    draw: { parameters: draw.parameters, apply: (p, latent, context) => tf.reshape(draw.apply(p, latent, context), [latent.shape[0], height, w, channels]) },
  };
}

/** Channels handed to the heads. */
const NARROW = 16;

function convBody({ channels, blocks, stepBlocks, swap }: ConvBody, { planes, actions }: Network['input']): Body {
  if (swap && channels % 2 !== 0) throw new UserError('usage', `a latent of ${channels} channels has no halves to swap; give it an even number`);
  const [inputs, height, width] = planes;
  const cells = height * width;
  const image = (x: Tensor): Tensor => tf.reshape(x, [x.shape[0], height, width, channels]);
  const tower = (name: string, length: number) => sequence(...Array.from({ length }, (_, i) => block(`${name}/block${i}`, channels)));
  const h = sequence(convolution('h/stem', 3, inputs, channels, { hidden: false }), relu, tower('h', blocks));
  const where = actionPlanes(actions, height, width);
  const mix = convolution('g/stem', 3, channels + where.planes, channels);
  const g = tower('g', stepBlocks);
  const narrow = (name: string) => sequence(convolution(name, 1, channels, NARROW), relu, flatten);
  const rewards = narrow('g/narrow');
  const predictions = narrow('f/narrow');
  const draw = convolution('d/draw', 1, channels, inputs, { hidden: false, init: 'glorot' });
  return {
    latentSize: cells * channels,
    represent: { parameters: h.parameters, apply: (p, x, context) => flatten.apply(p, bounded(h.apply(p, tf.transpose(x, [0, 2, 3, 1]), context), [1, 2, 3]), context) },
    step: {
      parameters: [where, mix, g, rewards].flatMap((layer) => layer.parameters),
      apply(p, latent, action, context) {
        const x = swap ? otherSeat(image(latent)) : image(latent);
        const mixed = tf.relu(tf.add(x, mix.apply(p, tf.concat([x, where.apply(p, action, context)], 3), context)));
        const next = g.apply(p, mixed, context);
        return { latent: flatten.apply(p, bounded(next, [1, 2, 3]), context), features: rewards.apply(p, next, context) };
      },
    },
    featureWidth: NARROW * cells,
    predict: { parameters: predictions.parameters, apply: (p, latent, context) => predictions.apply(p, image(latent), context) },
    predictWidth: NARROW * cells,
    draw: { parameters: draw.parameters, apply: (p, latent, context) => draw.apply(p, image(latent), context) },
  };
}

/** x [N, H, W, C]: the halves of the channels trade places. */
function otherSeat(x: Tensor): Tensor {
  const half = (x.shape[3] as number) / 2;
  return tf.concat([tf.slice(x, [0, 0, 0, half], [-1, -1, -1, half]), tf.slice(x, [0, 0, 0, 0], [-1, -1, -1, half])], 3);
}

/** Planes of a code that is learnt for each action. */
const CODE_PLANES = 2;

/**
 * One-hot action [N, actions] -> an image [N, height, width, planes]. As many actions as columns, or as cells, are taken to
 * be them, and marked there, where a convolution sees at once what they are about; others get a code of their own, learnt,
 * for every cell. A table of actions that is none of the kind is told apart by its marks all the same.
 */
function actionPlanes(actions: number, height: number, width: number): Layer & { readonly planes: number } {
  if (actions === width) {
    return { planes: 1, parameters: [], apply: (_, action) => tf.mul(tf.reshape(action, [action.shape[0], 1, width, 1]), tf.ones([1, height, 1, 1])) };
  }
  if (actions === height * width) return { planes: 1, parameters: [], apply: (_, action) => tf.reshape(action, [action.shape[0], height, width, 1]) };
  const code = dense('g/action', actions, height * width * CODE_PLANES, { bias: false, init: 0.5, hidden: false });
  return { planes: CODE_PLANES, parameters: code.parameters, apply: (p, action, context) => tf.reshape(code.apply(p, action, context), [action.shape[0], height, width, CODE_PLANES]) };
}

/** relu(x + branch(x)); the branch starts at 0. */
function block(name: string, channels: number): Layer {
  const branch = sequence(convolution(`${name}/first`, 3, channels, channels), relu, convolution(`${name}/second`, 3, channels, channels, { init: 'zeros' }));
  return { parameters: branch.parameters, apply: (p, x, context) => tf.relu(tf.add(x, branch.apply(p, x, context))) };
}
