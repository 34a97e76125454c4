/** What a config means in terms of the engine: network, loss, optimiser. */
import { createRng, type Game } from '#engine';
import { alphaZeroLoss, createNetwork, initialState, optimizerDefaults, type Loss, type Network, type OptimizerConfig, type TrainerState } from '#engine/nn';
import type { Checkpoint } from './checkpoint.js';
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
 * gives its weights only, and one whose network had other auxiliary heads is refused by the trainer, by name.
 */
export function startingState(parts: TrainingParts, config: RunConfig, checkpoint?: Checkpoint): TrainerState {
  if (checkpoint === undefined) return initialState(parts.network, parts.optimizer, createRng(config.seed).fork('weights'));
  const before = (checkpoint.manifest.config.learner as Partial<RunConfig['learner']> | undefined)?.optimizer;
  if (before === undefined || before === config.learner.optimizer) return checkpoint.state;
  return { ...initialState(parts.network, parts.optimizer, checkpoint.state.weights), step: checkpoint.state.step };
}
