/**
 * MuZero's three functions (Schrittwieser et al. 2020, section 3) and the network that trains them together: a
 * representation h of what is seen, dynamics g that step it by an action and tell the reward, and a prediction f of policy
 * and value. Half of the gradient passes each step of the unrolled model (appendix G).
 */
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { UserError } from '#engine';
import { dense, layerNorm, relu, sequence } from '../layers.js';
import { tf } from '../tensorflow.js';
import type { ForwardContext, GraphModule, Network, Tensors } from '../types.js';
import { sizeOf } from '../weights.js';
import { createBody, type ConvBody, type MlpBody } from './body.js';
import { binCount, scalarOf, type Support } from './support.js';

export interface MuZeroConfig {
  readonly body: MlpBody | ConvBody;
  readonly value: Support;
  readonly reward: Support;
  /** K: steps of the unrolled model in training. */
  readonly unroll: number;
  /** EfficientZero's consistency of latents (Ye et al. 2021, section 4.1): needs what is seen at each step. */
  readonly consistency: boolean;
  /** Latents are also taught to show what is seen there, by a linear layer that only training has. */
  readonly reconstruction: boolean;
}

export interface MuZero {
  readonly config: MuZeroConfig;
  readonly latentSize: number;
  /**
   * Trains all parameters. In training it needs the rows' `actions` [N, K] int32 (and `seen` [N, K, C, H, W] with
   * consistency or reconstruction) and gives `policy` [N, K + 1, actions] logits, `value` [N, K + 1, bins], `reward` [N, K, bins] logits, and
   * `likeness` [N, K] with consistency, `blur` [N, K + 1] with reconstruction. Otherwise it is the representation.
   */
  readonly network: Network;
  /** planes [N, C, H, W] -> `policy` [N, actions] logits, `value` [N], `latent` [N, latentSize]. */
  readonly representation: Network;
  /** `latent` [N, latentSize], `action` [N] int32 -> `latent`, `reward` [N], `policy`, `value`. */
  readonly dynamics: GraphModule;
}

/** Of the gradient, half passes (appendix G). */
const halfGradient = (x: Tensor): Tensor => tf.customGrad((value) => ({ value: tf.clone(value as Tensor), gradFunc: (dy: Tensor) => tf.mul(dy, 0.5) }))(x);
/** Of the gradient, nothing passes. */
const stopGradient = (x: Tensor): Tensor => tf.customGrad((value) => ({ value: tf.clone(value as Tensor), gradFunc: (dy: Tensor) => tf.zerosLike(dy) }))(x);

/** Width of the heads' hidden layers. */
const HEAD = 64;

export function createMuZero(config: MuZeroConfig, input: Network['input']): MuZero {
  const { unroll, consistency, reconstruction, value, reward } = config;
  if (!Number.isInteger(unroll) || unroll < 1) throw new UserError('usage', `the model is unrolled for ${unroll} steps; it must be a whole number of at least 1`);
  const { planes, actions } = input;
  const body = createBody(config.body, input);
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
  const name = `muzero ${config.body.kind === 'mlp' ? `mlp ${config.body.width}/${config.body.hidden}` : `conv ${config.body.blocks}+${config.body.stepBlocks}x${config.body.channels}`}`;

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
    parameters: [...representation.parameters, ...g, ...(consistency ? [...project.parameters, ...guess.parameters] : []), ...(reconstruction ? body.draw.parameters : [])],
    serves: representation.serves,
    forward(p, seen: Tensor4D, context) {
      if (!context.training) return represented(p, seen, context);
      const rows = context.rows as Tensors;
      const taken = tf.unstack(oneHot(tf.reshape(rows.actions, [-1])).reshape([-1, unroll, actions]), 1);
      const first = body.represent.apply(p, seen, context);
      let latent = first;
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
      if (reconstruction) {
        const real = [seen, ...tf.unstack(rows.seen, 1)];
        result.blur = tf.stack([first, ...latents].map((own, k) => blur(body.draw.apply(p, own, context), real[k])), 1);
      }
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

/** Squared error of images drawn [N, H, W, C] against planes seen [N, C, H, W] -> [N]: summed over channels, the mean over cells. */
function blur(drawn: Tensor, seen: Tensor): Tensor {
  return tf.sum(tf.mean(tf.square(tf.sub(drawn, tf.transpose(seen, [0, 2, 3, 1]))), [1, 2]), -1);
}

/** Cosine of the angle between rows [N, width] -> [N]. */
function cosine(a: Tensor, b: Tensor): Tensor {
  const length = (x: Tensor) => tf.sqrt(tf.add(tf.sum(tf.square(x), -1), 1e-8));
  return tf.div(tf.sum(tf.mul(a, b), -1), tf.mul(length(a), length(b)));
}
