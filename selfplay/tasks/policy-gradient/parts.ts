/** What the policy-gradient learners share: networks from settings, sampling, states by name, the model for playing. */
import { createRng, UserError, type Rng } from '#engine';
import { exportModel, initialState, optimizerDefaults, tf, type Network, type OptimizerConfig, type TrainerState, type Weights } from '#engine/nn';
import { createPolicyNetwork } from '#engine/rl/nn';
import type { LearnerOptions, LearnerState, StateArray, Task, TaskModel } from '../types.js';
import type { CommonConfig } from './config.js';
import { NORMAL_LIMIT, type RunningMoments } from './moments.js';

export function networkOf(task: Task, { kind, channels, hidden, activation, separate }: CommonConfig['network']): Network {
  return createPolicyNetwork(kind === 'conv' ? { kind, channels, hidden } : { kind, hidden, activation, separate }, { planes: task.planes, actions: task.actionCount });
}

/** Adam with the epsilon that PPO's implementations share (Huang et al. 2022, "The 37 implementation details", detail 3). */
export function adam(clipNorm: number): OptimizerConfig {
  return { ...optimizerDefaults.adamw, epsilon: 1e-5, weightDecay: 0, ...(clipNorm > 0 ? { clipNorm } : {}) };
}

export function freshState(network: Network, optimizer: OptimizerConfig, seed: number): TrainerState {
  return initialState(network, optimizer, createRng(seed).fork('weights'));
}

/** The learning rate after some frames. */
export function annealed({ learningRate, anneal }: CommonConfig, done: number, frames: number): number {
  return anneal ? learningRate * Math.max(0, 1 - done / frames) : learningRate;
}

/**
 * Draws an action of each row from the softmax of its legal logits. logits, legal [n, count] -> actions [n] and the
 * logarithms of their probabilities [n].
 */
export function sampleActions(logits: Float32Array, legal: Uint8Array, count: number, rng: Rng, actions: Int32Array, logProbabilities: Float32Array): void {
  for (let i = 0; i < actions.length; i++) {
    const from = i * count;
    let top = -Infinity;
    for (let a = from; a < from + count; a++) if (legal[a] === 1 && logits[a] > top) top = logits[a];
    let sum = 0;
    for (let a = from; a < from + count; a++) if (legal[a] === 1) sum += Math.exp(logits[a] - top);
    let left = rng.float() * sum;
    let chosen = -1;
    for (let a = from; a < from + count; a++) {
      if (legal[a] === 0) continue;
      chosen = a;
      left -= Math.exp(logits[a] - top);
      if (left < 0) break;
    }
    actions[i] = chosen - from;
    logProbabilities[i] = logits[chosen] - top - Math.log(sum);
  }
}

/** A trainer's state and further arrays by one set of names. */
export function packLearner(state: TrainerState, extra: Record<string, StateArray>, json: unknown): LearnerState {
  const arrays: Record<string, StateArray> = { ...extra };
  for (const [name, array] of Object.entries(state.weights)) arrays[`weights/${name}`] = array;
  for (const [name, array] of Object.entries(state.optimizer)) arrays[`optimizer/${name}`] = array;
  return { arrays, json: { ...(json as object), step: state.step } };
}

export function unpackTrainer({ arrays, json }: LearnerState): TrainerState {
  const group = (prefix: string) => Object.fromEntries(Object.entries(arrays).flatMap(([name, array]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), array as Float32Array]] : [])));
  const { step } = json as { step?: unknown };
  if (typeof step !== 'number') throw new UserError('data', 'the saved learner does not say its step; it belongs to another algorithm');
  return { step, weights: group('weights/'), optimizer: group('optimizer/') };
}

/** With observations normalised, the model that plays does that itself, with the figures of now. */
export function playingModel(network: Network, weights: Weights, moments: RunningMoments | undefined): TaskModel {
  return { format: 'onnx', bytes: exportModel(moments === undefined ? network : normalisedNetwork(network, moments), weights) };
}

function normalisedNetwork(network: Network, moments: RunningMoments): Network {
  const shape = [1, ...network.input.planes];
  const mean = Float32Array.from(moments.mean);
  const scale = Float32Array.from(moments.mean, (_, k) => 1 / moments.deviation(k));
  return {
    ...network,
    forward(parameters, planes, context) {
      const normal = tf.mul(tf.sub(planes, tf.tensor(mean, shape)), tf.tensor(scale, shape));
      return network.forward(parameters, tf.minimum(tf.maximum(normal, -NORMAL_LIMIT), NORMAL_LIMIT), context);
    },
  };
}

export type { LearnerOptions };
