/** What a config means in terms of the engine: network, loss, optimiser. */
import { createRng, type Game } from '#engine';
import { alphaZeroLoss, createNetwork, importWeights, initialState, optimizerDefaults, type Loss, type Network, type OptimizerConfig, type TrainerState } from '#engine/nn';
import type { BareModel, Checkpoint } from './checkpoint.js';
import type { RunConfig } from './config-schema.js';

export interface TrainingParts {
  readonly network: Network;
  readonly loss: Loss;
  readonly optimizer: OptimizerConfig;
}

export function trainingParts(game: Pick<Game, 'planes' | 'actionCount' | 'policyPlanes'>, config: Pick<RunConfig, 'network' | 'learner'>): TrainingParts {
  const input = { planes: game.planes, actions: game.actionCount, policyPlanes: game.policyPlanes };
  const { replyWeight: reply, softPolicyWeight: soft, pliesLeftWeight: pliesLeft, valueWeight } = config.learner;
  const auxiliary = { reply: reply > 0, soft: soft > 0, pliesLeft: pliesLeft > 0 };
  return {
    network: createNetwork({ ...config.network, auxiliary }, input),
    loss: alphaZeroLoss({ input, value: config.network.value, valueWeight, auxiliary: { reply, soft, pliesLeft } }),
    optimizer: optimizerOf(config.learner),
  };
}

function optimizerOf({ optimizer, weightDecay, momentum, clipNorm: norm }: RunConfig['learner']): OptimizerConfig {
  const clipNorm = norm > 0 ? norm : undefined;
  switch (optimizer) {
    case 'sgd':
      return { ...optimizerDefaults.sgd, momentum, weightDecay, clipNorm };
    case 'adamw':
      return { ...optimizerDefaults.adamw, weightDecay, clipNorm };
    case 'muon':
      return { ...optimizerDefaults.muon, momentum, weightDecay, clipNorm };
    default:
      return optimizer satisfies never;
  }
}

/**
 * Where training begins: a checkpoint's state, or fresh weights from the config's seed. A checkpoint of another optimiser
 * gives its weights only, and one whose network had other auxiliary heads is refused by the trainer, by name. Of a
 * checkpoint that holds nothing but its model, weights are the model's, auxiliary heads fresh.
 */
export function startingState(parts: TrainingParts, config: RunConfig, origin?: Checkpoint | BareModel): TrainerState {
  const fresh = (): TrainerState => initialState(parts.network, parts.optimizer, createRng(config.seed).fork('weights'));
  if (origin === undefined) return fresh();
  const { step, config: before } = origin.manifest;
  if (!('state' in origin)) {
    const state = fresh();
    return { ...state, step, weights: { ...state.weights, ...importWeights(parts.network, origin.model) } };
  }
  const optimizer = (before.learner as Partial<RunConfig['learner']> | undefined)?.optimizer;
  if (optimizer === undefined || optimizer === config.learner.optimizer) return origin.state;
  return { ...initialState(parts.network, parts.optimizer, origin.state.weights), step };
}
