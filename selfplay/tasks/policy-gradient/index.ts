/** PPO, A2C, one-step actor-critic and REINFORCE, in the order in which they are listed. */
import { UserError } from '#engine';
import type { Algorithm, LearnerConfig, Task } from '../types.js';
import { a2cDefaults, a2cSchema, actorCriticDefaults, actorCriticSchema, isGrid, ppoDefaults, ppoSchema, reinforceDefaults, reinforceSchema } from './config.js';
import type { A2cConfig, ActorCriticConfig, PpoConfig, ReinforceConfig } from './config.js';

/** A policy network takes anything that can be observed. */
const refuses = ({ actionCount }: Task): string | undefined => (actionCount < 2 ? 'it has a single action, so there is nothing to choose; predict its values by td' : undefined);
const frames = (task: Task): number => (isGrid(task) ? 5_000_000 : 200_000);

const ppo: Algorithm<PpoConfig> = {
  name: 'ppo', family: 'policy-gradient', title: 'Proximal policy optimisation',
  summary: 'several careful passes over each rollout; the first to try, on grids and on vectors',
  refuses, frames: (task) => (isGrid(task) ? 5_000_000 : 50_000), schema: ppoSchema, defaults: ppoDefaults,
  async create(options) {
    const { config } = options;
    const { clip: low, clipHigh, valueClip, minibatches, environments, steps } = config;
    if ((environments * steps) % minibatches !== 0) {
      throw new UserError('usage', `learner.minibatches=${minibatches} does not divide environments x steps = ${environments * steps}; choose one that does`);
    }
    const { createRolloutLearner } = await import('./rollout-learner.js');
    return createRolloutLearner({ ...options, config: { ...config, clip: { low, high: clipHigh > 0 ? clipHigh : low }, valueClip: valueClip > 0 ? valueClip : undefined } });
  },
};

const a2c: Algorithm<A2cConfig> = {
  name: 'a2c', family: 'policy-gradient', title: 'Advantage actor-critic',
  summary: 'one plain gradient step after every few steps of many environments; PPO without its second look',
  refuses, frames, schema: a2cSchema, defaults: a2cDefaults,
  async create(options) {
    const { createRolloutLearner } = await import('./rollout-learner.js');
    return createRolloutLearner({ ...options, config: { ...options.config, epochs: 1, minibatches: 1 } });
  },
};

const actorCritic: Algorithm<ActorCriticConfig> = {
  name: 'actor-critic', family: 'policy-gradient', title: 'One-step actor-critic',
  summary: 'learns after every step from the one-step error; the simplest that need not wait for an episode to end',
  refuses, frames, schema: actorCriticSchema, defaults: actorCriticDefaults,
  async create(options) {
    const { createRolloutLearner } = await import('./rollout-learner.js');
    return createRolloutLearner({ ...options, config: { ...options.config, steps: 1, lambda: 0, epochs: 1, minibatches: 1 } });
  },
};

const reinforce: Algorithm<ReinforceConfig> = {
  name: 'reinforce', family: 'policy-gradient', title: 'REINFORCE',
  summary: 'whole episodes, each action judged by what followed it; for short episodes, and to understand the others',
  refuses, frames, schema: reinforceSchema, defaults: reinforceDefaults,
  async create(options) {
    const { createReinforceLearner } = await import('./reinforce-learner.js');
    return createReinforceLearner(options);
  },
};

/** The registry hands each algorithm only what its own schema has let through. */
export const policyGradientAlgorithms = [ppo, a2c, actorCritic, reinforce] as unknown as readonly Algorithm<LearnerConfig>[];
