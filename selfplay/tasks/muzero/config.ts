/** MuZero's settings: type, range, meaning and [unit] on one line each, and what is good for which task. */
import { z } from 'zod';
import type { MuZeroConfig } from '#engine/nn';
import { frameKinds } from '#engine/rl';
import { minatarIds } from '#games/minatar';
import { scheduleSchema } from '../../config-schema.js';
import type { Task } from '../types.js';

const positive = z.number().int().min(1);
const count = z.number().int().min(0);
const share = z.number().min(0).max(1);

const supportSchema = z.strictObject({
  size: positive.describe('largest whole number of the distribution [after scaling]'),
  scaled: z.boolean().describe('squeeze numbers first: h(x) = sign(x)(sqrt(|x| + 1) - 1) + .001 x'),
});

export const muzeroSchema = z.strictObject({
  environments: positive.describe('episodes that are played together [environments]'),
  model: z.strictObject({
    kind: z.enum(['mlp', 'conv']).describe('latents: mlp (a vector) or conv (an image)'),
    width: positive.describe('mlp: numbers of a latent [numbers]'),
    hidden: positive.describe('mlp: width of the hidden layers [units]'),
    stem: count.describe('mlp: channels of a 3x3 convolution before it; 0 for none [channels]'),
    channels: positive.describe('conv: channels of a latent [channels]'),
    blocks: count.describe('conv: residual blocks of the representation [blocks]'),
    stepBlocks: count.describe('conv: residual blocks of a step of the dynamics [blocks]'),
    swap: z.boolean().describe('conv: halves of the channels trade places at each step, as the seats of a game for two do'),
    value: supportSchema.describe('distribution of values'),
    reward: supportSchema.describe('distribution of rewards'),
  }),
  search: z.strictObject({
    simulations: positive.describe('latent simulations for a move [simulations]'),
    considered: positive.describe('gumbel: most root actions taken into sequential halving [actions]'),
    valueScale: z.number().positive().describe('gumbel: how far values outweigh the prior (c_scale)'),
    exploration: z.number().positive().describe('muzero: weight of the prior against the value (c_puct)'),
    noiseFraction: share.describe('muzero: share of Dirichlet noise in the root prior [0..1]'),
    temperature: scheduleSchema.describe('muzero: temperature of the moves played, by share of the planned frames [may be a schedule]'),
    randomMoves: scheduleSchema.describe('chance of a random move in place of the search\'s, by share of the planned frames [may be a schedule]'),
    randomHold: positive.describe('most steps for which such a move is held, where single ones lead nowhere [steps]'),
    openingShare: share.describe('share of episodes that begin with random moves, for variety [0..1]'),
    openingPlies: count.describe('most random moves at the start of such an episode [plies]'),
  }),
  learner: z.strictObject({
    batch: positive.describe('rows of a training step, each an unrolled sequence [rows]'),
    framesPerStep: z.number().positive().describe('environment steps for each training step [frames]'),
    warmup: count.describe('frames before the first training step [frames]'),
    unroll: positive.describe('steps of the unrolled model, K [steps]'),
    tdSteps: positive.describe('rewards before the value in a value target, n; beyond the longest game it is the outcome [steps]'),
    discount: share.describe('worth of a reward one step later, gamma [0..1]'),
    learningRate: scheduleSchema.describe('learning rate, by share of the planned frames [may be a schedule]'),
    weightDecay: z.number().min(0).describe('decoupled weight decay [per unit of learning rate]'),
    clipNorm: z.number().min(0).describe('longest gradient; 0 = no limit'),
    valueWeight: z.number().min(0).describe('weight of the value loss'),
    symmetries: z.boolean().describe('train on random orientations of the board, where the game has them'),
    consistency: z.number().min(0).describe("weight of EfficientZero's consistency of latents; 0 = off"),
    reconstruction: z.number().min(0).describe('weight of drawing what is seen off the latents of all steps; 0 = off'),
    publishEvery: positive.describe('training steps between two refreshes of the acting model [steps]'),
  }),
  replay: z.strictObject({
    capacity: positive.describe('steps kept of all environments together [steps]'),
    frames: z.enum(frameKinds).describe('how observations are kept: bits (0 and 1 only), bytes (pixels as multiples of 1/255) or floats'),
    priority: share.describe('prioritised replay: alpha in P ~ error^alpha; 0 = uniform [0..1]'),
    correction: share.describe('prioritised replay: beta of the importance weights [0..1]'),
    endings: z.number().min(1).describe('how much more often a step is drawn whose unrolled sequence reaches the end of its episode; 1 = as often as any'),
    reanalyze: share.describe('share of the searches that look again at remembered positions [0..1]'),
  }),
});
export type MuZeroSettings = z.infer<typeof muzeroSchema>;

/** Settings that work for the task: games of two seats learn outcomes, tasks n-step returns of unknown size. */
export function muzeroDefaults(task: Task): MuZeroSettings {
  const [channels, height, width] = task.planes;
  const image = height > 2 && width > 2;
  const twoSeats = task.seats === 2;
  const longest = task.game?.maxPlies ?? 1000;
  const minatar = minatarIds.some((id) => task.id === id || task.id.startsWith(`${id}-`));
  // The first reward lies some thirty steps up.
  const freeway = /^freeway(-|$)/.test(task.id);
  const tiny = channels * height * width <= 40;
  // A board whose wins must be seen, and seldom come: what tells them is learnt first.
  const board = twoSeats && image && !tiny;
  return {
    environments: twoSeats && !board ? 32 : image ? 64 : 16,
    model: {
      kind: board ? 'conv' : 'mlp',
      width: tiny && !image ? 32 : 128, hidden: 128, stem: image && !tiny ? 16 : 0, channels: 32, blocks: 2, stepBlocks: 1, swap: twoSeats,
      value: twoSeats ? { size: 1, scaled: false } : minatar ? { size: 30, scaled: false } : { size: 20, scaled: true },
      reward: twoSeats ? { size: 1, scaled: false } : { size: 10, scaled: !minatar },
    },
    search: { simulations: board ? 32 : twoSeats ? 25 : 16, considered: 16, valueScale: twoSeats ? 1 : image ? 0.25 : 0.1, exploration: 1.25, noiseFraction: 0.25, temperature: [[0, 1], [0.5, 1], [0.5001, 0.5], [0.75, 0.5], [0.7501, 0.25]], randomMoves: image && !twoSeats ? [[0, 0.1], [0.5, 0]] : 0, randomHold: freeway ? 48 : 1, openingShare: twoSeats ? 0.75 : 0, openingPlies: twoSeats ? Math.min(board ? 20 : 12, Math.round(longest * 0.8)) : 0 },
    learner: {
      batch: board || (image && !twoSeats) ? 64 : 128, framesPerStep: twoSeats ? 16 : 8, warmup: 2000, unroll: twoSeats && longest < 20 ? 3 : 5, tdSteps: twoSeats ? longest + 1 : image ? 5 : 50,
      discount: twoSeats ? 1 : image ? 0.99 : 0.997, learningRate: image && !twoSeats ? [[0.5, 0.001], [1, 0.0001]] : [[0.5, 0.002], [1, 0.0001]], weightDecay: 0.0001, clipNorm: 5,
      valueWeight: twoSeats ? 1 : 0.25, symmetries: true, consistency: 0, reconstruction: board ? 1 : 0, publishEvery: board ? 100 : image && !twoSeats ? 40 : 20,
    },
    // Values remembered of an image grow stale faster than they are looked at again: better few and fresh ones.
    replay: { capacity: board ? 150_000 : image && !twoSeats ? 20_000 : 100_000, frames: minatar || task.id === 'tic-tac-toe' || task.id === 'connect4' ? 'bits' : 'floats', priority: twoSeats ? 0 : 0.6, correction: board ? 0 : 0.4, endings: board ? 4 : 1, reanalyze: twoSeats ? 0 : image ? 0.33 : 0.2 },
  };
}

/** The networks that the settings describe. */
export function modelConfig({ model, learner }: MuZeroSettings): MuZeroConfig {
  const { kind, width, hidden, stem, channels, blocks, stepBlocks, swap, value, reward } = model;
  return {
    body: kind === 'mlp' ? { kind, width, hidden, stem } : { kind, channels, blocks, stepBlocks, swap },
    value, reward, unroll: learner.unroll, consistency: learner.consistency > 0, reconstruction: learner.reconstruction > 0,
  };
}
