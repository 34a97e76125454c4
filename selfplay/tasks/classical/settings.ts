/** Settings of the classical algorithms: type, range, meaning and [unit], on one line each. */
import { z } from 'zod';

const positive = z.number().int().min(1);
const fraction = z.number().min(0).max(1);

/** Of every method that learns action values from single steps of one environment. */
const learning = {
  environments: z.literal(1).describe('these methods learn from one environment, step by step [environments]'),
  stepSize: z.number().positive().max(2).describe('alpha: how far a value moves towards its target [0..2]'),
  discount: fraction.describe('gamma: worth of a reward one step later [0..1]'),
  anneal: z.boolean().describe('alpha shrinks linearly to nothing over the run, so that values settle'),
  epsilon: fraction.describe('share of random actions at first [0..1]'),
  finalEpsilon: fraction.describe('share of random actions at the end of the run; epsilon goes there linearly [0..1]'),
  initial: z.number().describe('first value of every weight; above what can be had, it makes the learner try everything'),
  tilings: z.number().int().min(0).max(64).describe('grids of tile coding; 0 for a table [grids]'),
  tiles: z.number().int().min(0).max(256).describe('tiles along each dimension of a grid; 0 for a table [tiles]'),
};

export const oneStepSchema = z.strictObject(learning);
export const windowSchema = z.strictObject({ ...learning, n: positive.max(1000).describe('length of the window [steps]') });
const lambda = fraction.describe('how slowly traces fade: 0 is one step, 1 whole episodes [0..1]');
export const traceSchema = z.strictObject({ ...learning, lambda, traces: z.enum(['accumulating', 'replacing']).describe('what a trace does when its feature comes back: accumulating or replacing') });
export const trueOnlineSchema = z.strictObject({ ...learning, lambda });
export const dynaSchema = z.strictObject({
  ...learning,
  planning: z.number().int().min(0).describe('remembered steps learnt from after each real one [steps]'),
  bonus: z.number().min(0).describe('kappa: extra reward for what was not tried for long, times the square root of that time; 0 is Dyna-Q'),
});
export type OneStepConfig = z.infer<typeof oneStepSchema>;
export type WindowConfig = z.infer<typeof windowSchema>;
export type TraceConfig = z.infer<typeof traceSchema>;
export type TrueOnlineConfig = z.infer<typeof trueOnlineSchema>;
export type DynaConfig = z.infer<typeof dynaSchema>;

const planning = {
  environments: z.literal(1).describe('planners use the model only [environments]'),
  discount: fraction.describe('gamma: worth of a reward one step later [0..1]'),
};
export const planSchema = z.strictObject(planning);
export const trialSchema = z.strictObject({
  ...planning,
  epsilon: fraction.describe('share of random actions in the first trial [0..1]'),
  decay: fraction.describe('what epsilon is multiplied by after each trial [0..1]'),
  longest: positive.describe('a trial is cut after so many steps [steps]'),
});
export type PlanConfig = z.infer<typeof planSchema>;
export type TrialConfig = z.infer<typeof trialSchema>;

const evolution = {
  environments: positive.max(4096).describe('episodes played at once [environments]'),
  hidden: z.array(positive).max(4).describe('widths of the hidden layers of the policy; none makes it linear [units]'),
  population: z.number().int().min(4).describe('policies tried in a generation [policies]'),
  episodes: positive.describe('episodes whose mean return is the score of a policy [episodes]'),
};
export const crossEntropySchema = z.strictObject({
  ...evolution,
  elite: z.number().positive().max(1).describe('share of the population that the next generation is fitted to [0..1]'),
  variance: z.number().positive().describe('variance of the first generation, of each weight'),
  noise: z.number().min(0).describe('eta: variance added to that of the elite'),
  noiseDecay: fraction.describe('what eta is multiplied by after each generation [0..1]'),
});
export const naturalEvolutionSchema = z.strictObject({
  ...evolution,
  deviation: z.number().positive().describe('standard deviation of the first generation, of each weight'),
  meanRate: z.number().positive().describe('step size of the mean, in deviations'),
});
export type CrossEntropyConfig = z.infer<typeof crossEntropySchema>;
export type NaturalEvolutionConfig = z.infer<typeof naturalEvolutionSchema>;
