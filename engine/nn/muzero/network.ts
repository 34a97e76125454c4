/**
 * MuZero's three functions (Schrittwieser et al. 2020, section 3) and the network that trains them together: a
 * representation h of what is seen, dynamics g that step it by an action and tell the reward, and a prediction f of policy
 * and value. Latents are scaled to [0, 1] after h and after g (appendix G), and half of the gradient passes each step of
 * the unrolled model.
 *
 * Layers have no batch normalisation: its statistics would mix the steps of the unrolled model, which differ. Bounded
 * latents and residual steps that start as the identity keep training steady without.
 */
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { UserError } from '#engine';
import { convolution, dense, flatten, layerNorm, relu, sequence, type Layer } from '../layers.js';
import { tf } from '../tensorflow.js';
import type { ForwardContext, GraphModule, Network, ParameterSpec, Tensors } from '../types.js';
import { sizeOf } from '../weights.js';
import { binCount, scalarOf, type Support } from './support.js';

export const bodyKinds = ['mlp', 'conv'] as const;

export interface MuZeroConfig {
  /**
   * 'mlp': a latent vector of `width` numbers, through dense layers of `hidden`; `stem` channels of a 3x3 convolution come
   * first where the observation is an image (0 = none). 'conv': a latent image of `channels`, through residual blocks.
   */
  readonly body:
    | { readonly kind: 'mlp'; readonly width: number; readonly hidden: number; readonly stem: number }
    | { readonly kind: 'conv'; readonly channels: number; readonly blocks: number };
  readonly value: Support;
  readonly reward: Support;
  /** K: steps of the unrolled model in training. */
  readonly unroll: number;
  /** EfficientZero's consistency of latents (Ye et al. 2021, section 4.1): needs what is seen at each step. */
  readonly consistency: boolean;
}

export interface MuZero {
  readonly config: MuZeroConfig;
  readonly latentSize: number;
  /**
   * Trains all parameters. In training it needs the rows' `actions` [N, K] int32 (and `seen` [N, K, C, H, W] with
   * consistency) and gives `policy` [N, K + 1, actions] logits, `value` [N, K + 1, bins], `reward` [N, K, bins] logits, and
   * `likeness` [N, K] with consistency. Otherwise it is the representation.
   */
  readonly network: Network;
  /** planes [N, C, H, W] -> `policy` [N, actions] logits, `value` [N], `latent` [N, latentSize]. */
  readonly representation: Network;
  /** `latent` [N, latentSize], `action` [N] int32 -> `latent`, `reward` [N], `policy`, `value`. */
  readonly dynamics: GraphModule;
}

/** The parts of a body. Latents are [N, latentSize], flat, outside of them. */
interface Body {
  readonly latentSize: number;
  readonly represent: Layer;
  /** x [N, latentSize], one-hot action [N, actions] -> the features of the step, for the next latent and the reward. */
  readonly step: { readonly parameters: readonly ParameterSpec[]; apply(p: Tensors, latent: Tensor, action: Tensor, context: ForwardContext): { latent: Tensor; features: Tensor } };
  readonly featureWidth: number;
  /** latent -> features of the prediction. */
  readonly predict: Layer;
  readonly predictWidth: number;
}

/** Of the gradient, half passes (appendix G). */
const halfGradient = (x: Tensor): Tensor => tf.customGrad((value) => ({ value: tf.clone(value as Tensor), gradFunc: (dy: Tensor) => tf.mul(dy, 0.5) }))(x);
/** Of the gradient, nothing passes. */
const stopGradient = (x: Tensor): Tensor => tf.customGrad((value) => ({ value: tf.clone(value as Tensor), gradFunc: (dy: Tensor) => tf.zerosLike(dy) }))(x);

/** Each row's (and channel's) smallest number becomes 0, its greatest 1. */
function bounded(x: Tensor, axes: number[]): Tensor {
  const low = tf.min(x, axes, true);
  return tf.div(tf.sub(x, low), tf.add(tf.sub(tf.max(x, axes, true), low), 1e-5));
}

function mlpBody(body: Extract<MuZeroConfig['body'], { kind: 'mlp' }>, { planes, actions }: Network['input']): Body {
  const { width, hidden, stem } = body;
  const [channels, height, w] = planes;
  const entry = stem > 0 ? sequence(convolution('h/stem', 3, channels, stem, { hidden: false }), relu, flatten) : flatten;
  const inputs = (stem > 0 ? stem : channels) * height * w;
  const first = sequence(entry, dense('h/first', inputs, hidden, { hidden: stem > 0 }), layerNorm('h/norm', hidden), relu, dense('h/latent', hidden, width, { init: 'glorot' }));
  const mix = sequence(dense('g/first', width + actions, hidden), layerNorm('g/norm', hidden), relu);
  const change = dense('g/latent', hidden, width, { init: 'glorot' });
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
  };
}

/** Planes that an action is spread to. */
const ACTION_PLANES = 2;
/** Channels handed to the heads. */
const NARROW = 8;

function convBody({ channels, blocks }: Extract<MuZeroConfig['body'], { kind: 'conv' }>, { planes, actions }: Network['input']): Body {
  const [inputs, height, width] = planes;
  const cells = height * width;
  const image = (x: Tensor): Tensor => tf.reshape(x, [x.shape[0], height, width, channels]);
  const tower = (name: string) => sequence(...Array.from({ length: blocks }, (_, i) => block(`${name}/block${i}`, channels)));
  const h = sequence(convolution('h/stem', 3, inputs, channels, { hidden: false }), relu, tower('h'));
  const spread = dense('g/action', actions, cells * ACTION_PLANES, { bias: false, init: 0.5, hidden: false });
  const mix = convolution('g/stem', 3, channels + ACTION_PLANES, channels);
  const g = tower('g');
  const narrow = (name: string) => sequence(convolution(name, 1, channels, NARROW), relu, flatten);
  const rewards = narrow('g/narrow');
  const predictions = narrow('f/narrow');
  return {
    latentSize: cells * channels,
    represent: { parameters: h.parameters, apply: (p, x, context) => flatten.apply(p, bounded(h.apply(p, tf.transpose(x, [0, 2, 3, 1]), context), [1, 2]), context) },
    step: {
      parameters: [spread, mix, g, rewards].flatMap((layer) => layer.parameters),
      apply(p, latent, action, context) {
        const x = image(latent);
        const planes = tf.reshape(spread.apply(p, action, context), [x.shape[0], height, width, ACTION_PLANES]);
        const mixed = tf.relu(tf.add(x, mix.apply(p, tf.concat([x, planes], 3), context)));
        const next = g.apply(p, mixed, context);
        return { latent: flatten.apply(p, bounded(next, [1, 2]), context), features: rewards.apply(p, next, context) };
      },
    },
    featureWidth: NARROW * cells,
    predict: { parameters: predictions.parameters, apply: (p, latent, context) => predictions.apply(p, image(latent), context) },
    predictWidth: NARROW * cells,
  };
}

/** relu(x + branch(x)); the branch starts at 0. */
function block(name: string, channels: number): Layer {
  const branch = sequence(convolution(`${name}/first`, 3, channels, channels), relu, convolution(`${name}/second`, 3, channels, channels, { init: 'zeros' }));
  return { parameters: branch.parameters, apply: (p, x, context) => tf.relu(tf.add(x, branch.apply(p, x, context))) };
}

/** Width of the heads' hidden layers. */
const HEAD = 64;

export function createMuZero(config: MuZeroConfig, input: Network['input']): MuZero {
  const { unroll, consistency, value, reward } = config;
  if (!Number.isInteger(unroll) || unroll < 1) throw new UserError('usage', `the model is unrolled for ${unroll} steps; it must be a whole number of at least 1`);
  const { planes, actions } = input;
  const body = config.body.kind === 'mlp' ? mlpBody(config.body, input) : convBody(config.body, input);
  const { latentSize } = body;
  const head = (name: string, inputs: number, outputs: number) => sequence(dense(`${name}/hidden`, inputs, HEAD), relu, dense(name, HEAD, outputs, { hidden: false, init: 0.01 }));
  const policyHead = head('f/policy', body.predictWidth, actions);
  const valueHead = head('f/value', body.predictWidth, binCount(value));
  const rewardHead = head('g/reward', body.featureWidth, binCount(reward));
  const project = sequence(dense('c/project', latentSize, HEAD), layerNorm('c/norm', HEAD), relu, dense('c/out', HEAD, HEAD, { init: 'glorot' }));
  const guess = sequence(dense('c/guess', HEAD, HEAD), relu, dense('c/guessed', HEAD, HEAD, { init: 'glorot' }));

  const f = [body.predict, policyHead, valueHead].flatMap((layer) => layer.parameters);
  const g = [...body.step.parameters, ...rewardHead.parameters];
  const predict = (p: Tensors, latent: Tensor, context: ForwardContext) => {
    const features = body.predict.apply(p, latent, context);
    return { policy: policyHead.apply(p, features, context), value: valueHead.apply(p, features, context) };
  };
  const oneHot = (action: Tensor): Tensor => tf.oneHot(tf.cast(action, 'int32') as never, actions).toFloat();
  const step = (p: Tensors, latent: Tensor, action: Tensor, context: ForwardContext) => {
    const next = body.step.apply(p, latent, action, context);
    return { latent: next.latent, reward: rewardHead.apply(p, next.features, context) };
  };
  const name = `muzero ${config.body.kind === 'mlp' ? `mlp ${config.body.width}/${config.body.hidden}` : `conv ${config.body.blocks}x${config.body.channels}`}`;

  const represented = (p: Tensors, seen: Tensor, context: ForwardContext): Tensors => {
    const latent = body.represent.apply(p, seen, context);
    const { policy, value: logits } = predict(p, latent, context);
    return { policy, value: scalarOf(value, logits), latent };
  };
  const representation: Network = {
    name, input,
    parameters: [...body.represent.parameters, ...f],
    serves: ['policy', 'value', 'latent'],
    forward: represented,
  };

  const network: Network = {
    name, input,
    parameters: [...representation.parameters, ...g, ...(consistency ? [...project.parameters, ...guess.parameters] : [])],
    serves: representation.serves,
    forward(p, seen: Tensor4D, context) {
      if (!context.training) return represented(p, seen, context);
      const rows = context.rows as Tensors;
      const taken = tf.unstack(oneHot(tf.reshape(rows.actions, [-1])).reshape([-1, unroll, actions]), 1);
      let latent = body.represent.apply(p, seen, context);
      const outputs = [predict(p, latent, context)];
      const rewards: Tensor[] = [];
      const latents: Tensor[] = [];
      for (let k = 0; k < unroll; k++) {
        const next = step(p, k === 0 ? latent : halfGradient(latent), taken[k], context);
        latent = next.latent;
        latents.push(latent);
        rewards.push(next.reward);
        outputs.push(predict(p, latent, context));
      }
      const result: Tensors = {
        policy: tf.stack(outputs.map((o) => o.policy), 1),
        value: tf.stack(outputs.map((o) => o.value), 1),
        reward: tf.stack(rewards, 1),
      };
      if (consistency) {
        const later = tf.unstack(rows.seen, 1);
        result.likeness = tf.stack(latents.map((own, k) => {
          const target = stopGradient(project.apply(p, body.represent.apply(p, later[k], context), context));
          return cosine(guess.apply(p, project.apply(p, own, context), context), target);
        }), 1);
      }
      return result;
    },
  };

  const dynamics: GraphModule = {
    name: `${name} dynamics`,
    inputs: [{ name: 'latent', shape: [latentSize] }, { name: 'action', shape: [], dtype: 'int32' }],
    parameters: [...g, ...f],
    serves: ['latent', 'reward', 'policy', 'value'],
    forward(p, { latent, action }, context) {
      const next = step(p, latent, oneHot(action), context);
      const { policy, value: logits } = predict(p, next.latent, context);
      return { latent: next.latent, reward: scalarOf(reward, next.reward), policy, value: scalarOf(value, logits) };
    },
  };
  if (sizeOf(planes) < 1) throw new UserError('usage', 'a model needs observations of at least one number');
  return { config, latentSize, network, representation, dynamics };
}

/** Cosine of the angle between rows [N, width] -> [N]. */
function cosine(a: Tensor, b: Tensor): Tensor {
  const length = (x: Tensor) => tf.sqrt(tf.add(tf.sum(tf.square(x), -1), 1e-8));
  return tf.div(tf.sum(tf.mul(a, b), -1), tf.mul(length(a), length(b)));
}
