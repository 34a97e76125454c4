/** The planners as algorithms. */
import { createRng } from '#engine';
import { PolicyIteration, RealTimeDynamicProgramming, ValueIteration, type FiniteModel, type Planner } from '#engine/tabular';
import type { Algorithm, Task } from '../types.js';
import { modelOf } from './features.js';
import { PlannerLearner } from './planner-learner.js';
import { planSchema, trialSchema, type PlanConfig, type TrialConfig } from './settings.js';

interface Rule<Config extends PlanConfig> {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly schema: Algorithm['schema'];
  readonly extras: Omit<Config, keyof PlanConfig>;
  /** Passes over all positions that are enough. */
  readonly passes: number;
  readonly make: (model: FiniteModel, config: Config, seed: number) => Planner;
}

const refuses = (task: Task) => (modelOf(task) === undefined ? 'planners need its rules as a list of positions and outcomes, which it does not have; take qlearning, dyna-q, dqn or ppo, whichever can see it' : undefined);

function planner<Config extends PlanConfig>({ name, title, summary, schema, extras, passes, make }: Rule<Config>): Algorithm {
  const algorithm: Algorithm<Config> = {
    name, title, summary, schema, refuses,
    family: 'classical',
    defaults: (task) => ({ environments: 1, discount: task.actionCount === 1 ? 1 : 0.99, ...extras }) as unknown as Config,
    frames: (task) => passes * (modelOf(task)?.states ?? 1),
    async create({ task, config, seed, frames }) {
      const mdp = modelOf(task)!;
      const model = async (weights: Float32Array) => {
        const [{ exportModel }, { tableNetwork }] = await Promise.all([import('#engine/nn'), import('./networks.js')]);
        return exportModel(tableNetwork(task), { table: weights });
      };
      return new PlannerLearner({ planner: make(mdp, config, seed), mdp, discount: config.discount, frames, model });
    },
  };
  return algorithm as unknown as Algorithm;
}

export const plannerAlgorithms: readonly Algorithm[] = [
  planner<PlanConfig>({
    name: 'value-iteration', title: 'Value iteration', summary: 'exact values from known rules, sweep by sweep; a backup counts as a step',
    schema: planSchema, extras: {}, passes: 2000, make: (model, { discount }) => new ValueIteration(model, discount),
  }),
  planner<PlanConfig>({
    name: 'policy-iteration', title: 'Policy iteration', summary: 'exact values of a policy, then a better policy, until none is; few but costly rounds',
    schema: planSchema, extras: {}, passes: 100, make: (model, { discount }) => new PolicyIteration(model, discount),
  }),
  planner<TrialConfig>({
    name: 'rtdp', title: 'Real-time dynamic programming', summary: 'backups along trials from the start: only where good play goes',
    schema: trialSchema, extras: { epsilon: 0.9, decay: 0.995, longest: 1000 }, passes: 2000,
    make: (model, { discount, epsilon, decay, longest }, seed) => new RealTimeDynamicProgramming(model, discount, epsilon, decay, longest, createRng(seed).fork('trials')),
  }),
];
