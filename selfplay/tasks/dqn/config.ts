/** Every setting of the DQN family, and what works for which task. */
import { z } from 'zod';
import { frameKinds } from '#engine/rl';
import { minatarIds } from '#games/minatar';
import type { Task, TaskFacts } from '../types.js';

const positive = z.number().int().min(1);
const share = z.number().min(0).max(1);

/** What no single setting can say: the setting to look at, and why. */
function* contradictions({ tau, targetEvery, low, high, warmup, batch }: { tau: number; targetEvery: number; low: number; high: number; warmup: number; batch: number }): Iterable<[name: string, why: string]> {
  if (tau > 0 === targetEvery > 0) yield ['targetEvery', `the target network either follows softly (tau=.005 targetEvery=0) or is copied (targetEvery=500 tau=0); tau is ${tau} and targetEvery ${targetEvery}`];
  if (low >= high) yield ['low', `c51 needs low < high; low is ${low} and high ${high}`];
  if (warmup < batch) yield ['warmup', `there must be at least a batch of steps (${batch}) before the first update`];
}

export const dqnSchema = z.strictObject({
  environments: positive.describe('environments that step together [environments]'),
  double: z.boolean().describe('the online network chooses the action whose value the target network gives (Double DQN)'),
  dueling: z.boolean().describe('the head adds a value of the state and advantages of the actions'),
  prioritised: z.boolean().describe('steps with large errors are learnt from more often'),
  nStep: positive.describe('rewards summed before the bootstrap; 1 is plain DQN [steps]'),
  noisy: z.enum(['none', 'head', 'dense']).describe('exploration by noise in the weights of the last layers (head) or of all dense layers (dense); epsilon is 0 then'),
  distribution: z.enum(['value', 'c51', 'qr']).describe('what the network says of an action: its value, odds of fixed returns (C51), or quantiles of the return (QR-DQN)'),
  atoms: z.number().int().min(2).describe('c51: returns that the odds are for [atoms]'),
  low: z.number().describe('c51: least return'),
  high: z.number().describe('c51: greatest return'),
  quantiles: positive.describe('qr: quantiles [quantiles]'),
  sigma: z.number().min(0).describe("noisy: the noise's deviation at first, times the square root of a layer's inputs"),
  noiseSteps: positive.describe('noisy: steps for which the acting noise is kept; 1 is the paper, more explores in longer strokes [steps]'),
  noiseEnd: share.describe('noisy: what is left of the noise in the end (of each of its two factors); 1 is the paper'),
  noiseFrames: z.number().int().min(0).describe('noisy: over how many steps the noise falls to that [steps]'),
  convolutions: z.array(z.tuple([positive, positive, positive])).describe('convolutions before the dense layers: [filters, size, stride] of each'),
  hidden: z.array(positive).describe('widths of the dense layers [units]'),
  discount: share.describe('gamma: what a reward one step later is worth'),
  batch: positive.describe('rows of an update [steps]'),
  updateRatio: z.number().positive().describe('updates for each environment step; 4 makes exactly four, below 1 credit gathers [updates/step]'),
  warmup: positive.describe('environment steps, random ones, before the first update [steps]'),
  replay: positive.describe('steps remembered [steps]'),
  frames: z.enum(frameKinds).describe('how observations are remembered: bits (0 and 1 only), bytes (pixels as multiples of 1/255) or floats'),
  targetEvery: z.number().int().min(0).describe('updates between two copies to the target network; 0 with tau [updates]'),
  tau: share.describe('how far the target network moves at every update; 0 with targetEvery'),
  optimizer: z.enum(['adam', 'rmsprop']).describe('optimiser; rmsprop is the centred one of the first DQN'),
  learningRate: z.number().positive().describe('step size of the optimiser at first'),
  learningRateEnd: z.number().min(0).describe('and at the end of the run; it falls evenly'),
  epsilonAdam: z.number().positive().describe("added to the root in the optimiser's divisor"),
  clipNorm: z.number().min(0).describe('gradients longer than this are scaled down to it; 0 turns it off'),
  loss: z.enum(['huber', 'mse']).describe('of the error of a plain value'),
  epsilonStart: share.describe('share of random actions after the warm-up'),
  epsilonEnd: share.describe('share of random actions in the end'),
  epsilonFrames: z.number().int().min(0).describe('over how many steps it falls from the one to the other [steps]'),
  alpha: share.describe('prioritised: exponent of the priorities; 0 is uniform'),
  betaStart: share.describe('prioritised: how far importance weights make up for it at first'),
  betaEnd: share.describe('prioritised: and at the end of the run'),
  rewardClip: z.number().min(0).describe('rewards are cut to +- this while learning; 0 turns it off'),
}).superRefine((config, context) => {
  for (const [name, message] of contradictions(config)) context.addIssue({ code: 'custom', path: [name], message });
});
export type DqnConfig = z.infer<typeof dqnSchema>;

const PLAIN = {
  double: false, dueling: false, prioritised: false, nStep: 1, noisy: 'none', distribution: 'value',
  atoms: 51, low: -10, high: 10, quantiles: 32, sigma: 0.5, noiseSteps: 1, noiseEnd: 1, noiseFrames: 0, discount: 0.99, tau: 0, optimizer: 'adam', epsilonAdam: 1e-5, clipNorm: 10, loss: 'mse',
  epsilonStart: 1, epsilonEnd: 0.05, alpha: 0.6, betaStart: 0.4, betaEnd: 1, rewardClip: 0,
} as const;

/** Rainbow (Hessel et al. 2018): all of them at once. */
const RAINBOW = { double: true, dueling: true, prioritised: true, nStep: 3, noisy: 'head', distribution: 'c51', epsilonStart: 0, epsilonEnd: 0, epsilonFrames: 0 } as const;

/** What a task's observations ask for. */
function kindOf({ id, planes: [, height, width] }: TaskFacts): 'grid' | 'pixels' | 'vector' {
  if (minatarIds.some((name) => id === name || id.startsWith(`${name}-`))) return 'grid';
  return height >= 36 && width >= 36 ? 'pixels' : 'vector';
}

const BY_KIND = {
  // A convolution and a dense layer as in the MinAtar paper (Young and Tian 2019).
  grid: {
    environments: 16, convolutions: [[16, 3, 1]], hidden: [128], batch: 64, updateRatio: 1 / 8, warmup: 5000, replay: 100_000, frames: 'bits',
    targetEvery: 500, learningRate: 2.5e-4, learningRateEnd: 2.5e-4, epsilonFrames: 100_000, low: -2, high: 20,
  },
  // The network of Mnih et al. (2015).
  pixels: {
    environments: 8, convolutions: [[32, 8, 4], [64, 4, 2], [64, 3, 1]], hidden: [512], batch: 32, updateRatio: 1 / 4, warmup: 20_000, replay: 100_000, frames: 'bytes',
    targetEvery: 2000, learningRate: 1e-4, learningRateEnd: 1e-4, epsilonFrames: 250_000,
  },
  vector: {
    environments: 8, convolutions: [], hidden: [128, 128], batch: 64, updateRatio: 1 / 4, warmup: 1000, replay: 50_000, frames: 'floats',
    targetEvery: 50, learningRate: 1e-3, learningRateEnd: 0, epsilonFrames: 10_000, low: 0, high: 100,
    // Plain DQN's values run too high on CartPole, and two seeds of five ended at a poor policy.
    double: true, nStep: 3,
  },
} as const;

/**
 * Freeway: the first reward lies some thirty steps up, so noise is kept long enough to walk there, and fades. Afterwards an
 * action changes the return by a few hundredths, and four of the six do the same: the greatest of their noisy estimates
 * wins against the one that walks, so whatever makes targets quieter helps - ten steps before the bootstrap, a target that
 * is a running mean, large batches, a nearer horizon, priorities that hardly favour surprises.
 */
const FREEWAY = {
  environments: 32, hidden: [64], batch: 256, updateRatio: 1 / 32, warmup: 10_000, replay: 500_000,
  nStep: 10, discount: 0.97, targetEvery: 0, tau: 0.01, learningRate: 5e-4, learningRateEnd: 1e-4, alpha: 0.3, betaStart: 0.6,
  noiseSteps: 16, noiseEnd: 0.3, noiseFrames: 150_000, low: -1, high: 4,
} as const;

export function dqnDefaults(task: Task, all: 'plain' | 'rainbow'): DqnConfig {
  const kind = kindOf(task);
  const { planes: [, height, width] } = task;
  const config = { ...PLAIN, ...BY_KIND[kind], ...(all === 'rainbow' ? { ...RAINBOW, ...(/^freeway(-|$)/.test(task.id) ? FREEWAY : {}) } : {}) };
  // A small image that is no MinAtar game has something to convolve as well.
  const convolutions = kind === 'vector' && height >= 3 && width >= 3 ? BY_KIND.grid.convolutions : config.convolutions;
  return dqnSchema.parse({ ...config, convolutions });
}
