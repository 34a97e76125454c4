/** Settings of the policy-gradient learners. */
import { z } from 'zod';
import type { Task } from '../types.js';

const positive = z.number().int().min(1);
const fraction = z.number().min(0).max(1);
const atLeastZero = z.number().min(0);

const networkSchema = z.strictObject({
  kind: z.enum(['conv', 'mlp']).describe('conv (one 3x3 convolution, then dense layers; for grids) or mlp (dense layers alone)'),
  channels: positive.describe('conv: filters of the convolution [channels]'),
  hidden: z.array(positive).describe('widths of the dense layers [units]'),
  activation: z.enum(['tanh', 'relu']).describe('mlp: what follows a dense layer'),
  separate: z.boolean().describe('mlp: policy and value have layers of their own'),
});

const common = {
  environments: positive.describe('episodes played together [environments]'),
  gamma: fraction.describe('discount of a reward one step later'),
  learningRate: z.number().positive().describe('step size of Adam at the beginning'),
  anneal: z.boolean().describe("the learning rate falls to 0, in a straight line over the run's frames"),
  valueWeight: atLeastZero.describe('weight of the value error in the loss'),
  entropyWeight: atLeastZero.describe('weight of the entropy bonus, which keeps the policy from settling too early'),
  clipNorm: atLeastZero.describe('longest gradient, as a Euclidean norm; 0 for no limit'),
  normaliseAdvantages: z.boolean().describe('advantages of a minibatch are brought to mean 0 and deviation 1'),
  normaliseObservations: z.boolean().describe('observations are brought to mean 0 and deviation 1, by running figures'),
  normaliseRewards: z.boolean().describe('rewards are divided by the running deviation of the discounted return'),
  network: networkSchema,
};

const rollout = {
  steps: positive.describe('steps of every environment between two updates [steps]'),
  lambda: fraction.describe('generalised advantage estimation: 0 trusts the value, 1 the return'),
};

export const ppoSchema = z.strictObject({
  ...common,
  ...rollout,
  epochs: positive.describe('passes over each rollout [epochs]'),
  minibatches: positive.describe('minibatches of a pass; must divide environments x steps [minibatches]'),
  clip: z.number().positive().describe('how far the ratio of new to old probability counts, to either side'),
  clipHigh: atLeastZero.describe('the same upwards, where it is to differ (a little wider keeps rare actions alive); 0: as clip'),
  valueClip: atLeastZero.describe('how far the value may move in one update; 0 for no limit'),
});
export const a2cSchema = z.strictObject({ ...common, ...rollout });
export const actorCriticSchema = z.strictObject(common);
export const reinforceSchema = z.strictObject({
  ...common,
  baseline: z.boolean().describe('a learnt value is subtracted from the return (less variance, same expectation)'),
  discountSteps: z.boolean().describe('step t of an episode counts gamma^t, as the theorem has it; usually left out'),
});

export type PpoConfig = z.infer<typeof ppoSchema>;
export type A2cConfig = z.infer<typeof a2cSchema>;
export type ActorCriticConfig = z.infer<typeof actorCriticSchema>;
export type ReinforceConfig = z.infer<typeof reinforceSchema>;
export type CommonConfig = ActorCriticConfig;

/** Grids of at least 5x5 are looked at by a convolution; everything else is a vector. */
export function isGrid({ planes: [, height, width] }: Task): boolean {
  return height >= 5 && width >= 5;
}

/** What all of them start from. */
function commonDefaults(task: Task): CommonConfig {
  const grid = isGrid(task);
  return {
    environments: grid ? 64 : 8,
    gamma: 0.99,
    learningRate: 0.0007,
    anneal: true,
    valueWeight: 0.5,
    entropyWeight: grid ? 0.01 : 0,
    clipNorm: 0.5,
    normaliseAdvantages: false,
    normaliseObservations: false,
    normaliseRewards: false,
    network: grid
      ? { kind: 'mlp', channels: 16, hidden: [64, 64], activation: 'relu', separate: false }
      : { kind: 'mlp', channels: 16, hidden: [64, 64], activation: 'tanh', separate: true },
  };
}

export function ppoDefaults(task: Task): PpoConfig {
  const common = commonDefaults(task);
  const config: PpoConfig = isGrid(task)
    ? { ...common, normaliseAdvantages: true, learningRate: 0.005, steps: 128, lambda: 0.95, epochs: 4, minibatches: 8, clip: 0.2, clipHigh: 0, valueClip: 0 }
    : { ...common, normaliseAdvantages: true, gamma: 0.98, learningRate: 0.001, steps: 32, lambda: 0.8, epochs: 20, minibatches: 1, clip: 0.2, clipHigh: 0, valueClip: 0 };
  // What comes from all sides is told apart by where it is relative to the player: a convolution learns that several times sooner.
  if (/^asterix\b/.test(task.id)) return { ...config, learningRate: 0.002, network: { ...config.network, kind: 'conv', hidden: [64] } };
  return config;
}

export function a2cDefaults(task: Task): A2cConfig {
  return { ...commonDefaults(task), steps: 5, lambda: 1 };
}

/** No limit on the gradient: it would take most from the few surprising steps of a batch, which are those to learn from. */
export function actorCriticDefaults(task: Task): ActorCriticConfig {
  return { ...commonDefaults(task), clipNorm: 0 };
}

export function reinforceDefaults(task: Task): ReinforceConfig {
  return { ...commonDefaults(task), environments: 4, learningRate: 0.005, clipNorm: 0, normaliseAdvantages: true, baseline: true, discountSteps: false };
}
