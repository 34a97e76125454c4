/** Every setting of a training run: its type, range, meaning and [unit]. The same lines make the documentation. */
import { z } from 'zod';

const positive = z.number().int().min(1);
const count = z.number().int().min(0);
const fraction = z.number().min(0).max(1);

/** A number, or points [optimiser step, value] with ascending steps, joined by straight lines and constant outside. */
export const scheduleSchema = z.union([z.number(), z.array(z.tuple([z.number().min(0), z.number()])).min(1)]).refine(
  (schedule) => typeof schedule === 'number' || schedule.every(([step], i) => i === 0 || step > schedule[i - 1][0]),
  { message: 'a schedule is a number or STEP:VALUE points with ascending steps, such as 0:0.01,5000:0.001' },
);
export type Schedule = z.infer<typeof scheduleSchema>;

/** A schedule's value at an optimiser step. */
export function scheduled(schedule: Schedule, step: number): number {
  if (typeof schedule === 'number') return schedule;
  let [stepBefore, valueBefore] = schedule[0];
  for (const [at, value] of schedule) {
    if (step < at) return at === stepBefore ? value : valueBefore + ((value - valueBefore) * Math.max(0, step - stepBefore)) / (at - stepBefore);
    stepBefore = at;
    valueBefore = value;
  }
  return valueBefore;
}

const valueHead = z.enum(['tanh', 'wdl']);

export const resnetSchema = z.strictObject({
  kind: z.literal('resnet').describe('kind of network: resnet or mlp'),
  channels: positive.describe('width of every convolution [channels]'),
  blocks: positive.describe('residual blocks [blocks]'),
  expansion: count.optional().describe('kind of block: 0, the default, for two 3x3 convolutions; n for a MobileNet V2 block, n times as wide within'),
  value: valueHead.describe('value head: tanh (one number) or wdl (win, draw, loss odds)'),
  globalPooling: z.boolean().describe('some blocks also see averages over the whole board'),
  // Left out in runs from before it existed: then it is auto.
  policy: z.enum(['auto', 'dense', 'planes']).optional().describe('policy head: planes (a convolution and the game\'s table of moves), dense (a matrix), or auto, the default: planes where the game has them'),
});

export const mlpSchema = z.strictObject({
  kind: z.literal('mlp').describe('kind of network: resnet or mlp'),
  hidden: z.array(positive).min(1).describe('widths of the hidden layers [units]'),
  value: valueHead.describe('value head: tanh (one number) or wdl (win, draw, loss odds)'),
});

export const networkSchema = z.discriminatedUnion('kind', [resnetSchema, mlpSchema]);
export type NetworkChoice = z.infer<typeof networkSchema>;

const searchSchema = z.strictObject({
  kind: z.enum(['gumbel', 'puct']).describe('root search: gumbel (strong with few simulations) or puct (AlphaZero)'),
  simulations: scheduleSchema.describe('tree simulations for a move [simulations; may be a schedule]'),
  considered: positive.describe('gumbel: most root actions taken into sequential halving [actions]'),
  valueScale: z.number().positive().describe('gumbel: how far values outweigh the prior (c_scale)'),
  exploration: z.number().positive().describe('puct: weight of the prior against the value (c_puct)'),
  noiseFraction: fraction.describe('puct: share of Dirichlet noise in the root prior [0..1]'),
  noiseConcentration: z.number().positive().describe('puct: alpha of that noise, times the number of legal moves'),
  forcedPlayouts: z.number().min(0).describe('puct: least visits of likely root actions, n = sqrt(this x prior x visits); 0 turns it off'),
  temperature: z.number().min(0).describe('temperature of the moves of the first temperaturePlies plies; 0 plays the best'),
  temperaturePlies: count.describe('plies from the start of a game that are drawn with that temperature [plies]'),
  fastShare: fraction.describe('share of moves searched with fastSimulations only, and not trained on [0..1]'),
  fastSimulations: positive.describe('simulations of such a fast move [simulations]'),
});

const actorsSchema = z.strictObject({
  workers: count.describe('self-play threads; 0 means one for each of `threads` [threads]'),
  games: positive.describe('games that a thread plays in lock-step: the batch of its network calls [games]'),
  leafSymmetry: z.boolean().describe('evaluate every leaf in a random orientation of the board'),
  cache: count.describe('network answers that a thread remembers until the weights change; 0 turns it off [positions]'),
  openingShare: fraction.describe('share of games that begin with random moves, for variety [0..1]'),
  openingPlies: count.describe('most random moves at the start of such a game [plies]'),
});

const optimizerKind = z.enum(['sgd', 'adamw', 'muon']);

const learnerSchema = z.strictObject({
  batch: positive.describe('rows of a training step [positions]'),
  optimizer: optimizerKind.describe('optimiser: sgd (momentum), adamw or muon'),
  learningRate: scheduleSchema.describe('step size of the optimiser [may be a schedule]'),
  weightDecay: z.number().min(0).describe('decay of kernels towards zero, per step and times the learning rate'),
  momentum: fraction.describe('sgd and muon: share of the last update kept'),
  warmup: count.describe('steps over which the learning rate rises from nothing [steps]'),
  reuse: z.number().positive().describe('training rows for each new position: how often each is learnt from [rows/position]'),
  minimum: positive.describe('positions needed before the first step [positions]'),
  valueMix: scheduleSchema.describe('share of the search\'s own value in the value target, the rest is the game\'s result [0..1; may be a schedule]'),
  policySmoothing: fraction.describe('share of a uniform distribution over the legal moves in the policy target: keeps the network from ruling moves out [0..1]'),
  valueWeight: z.number().min(0).describe('weight of the value loss; the policy loss has 1'),
  replyWeight: z.number().min(0).describe('weight of predicting the opponent\'s reply, an auxiliary target; 0 leaves it out'),
  pliesLeftWeight: z.number().min(0).describe('weight of predicting how long the game still lasts, an auxiliary target; 0 leaves it out'),
  softPolicyWeight: z.number().min(0).describe('weight of predicting the flattened policy, an auxiliary target; 0 leaves it out'),
  averageDecay: z.number().min(0).lt(1).describe('decay of the moving average of weights at each publication; 0 publishes the raw weights'),
  publishEvery: positive.describe('steps between two publications of weights to the actors [steps]'),
  symmetries: z.boolean().describe('train on random orientations of the board'),
  lead: positive.describe('training steps that the learner may lag behind before actors wait [steps]'),
  threads: positive.describe('threads of one training step [threads]'),
  clipNorm: z.number().min(0).describe('gradients longer than this are scaled down to it; 0 turns it off'),
});

const replaySchema = z.strictObject({
  window: positive.describe('size c from which the window of positions grows: c (1 + beta ((n/c)^alpha - 1) / alpha) [positions]'),
  alpha: z.number().positive().max(1).describe('exponent of the growth'),
  beta: z.number().min(0).max(1).describe('slope of the growth at its start'),
  capacity: positive.describe('most positions kept, in memory and on disk [positions]'),
  reanalyze: z.number().min(0).lt(1).describe('share of the searches that look again at remembered positions, with the newest network; below 1 [0..1]'),
});

const checkpointSchema = z.strictObject({
  everyMinutes: z.number().min(0).describe('time between checkpoints; 0 turns it off [minutes]'),
  everySteps: count.describe('training steps between checkpoints; 0 turns it off [steps]'),
  keep: positive.describe('checkpoints kept: the latest five, and the others spread over the run [checkpoints]'),
});

export const evaluationSchema = z.strictObject({
  enabled: z.boolean().describe('measure every checkpoint (as far as time allows; none waits for it)'),
  simulations: positive.describe('simulations for a move while measuring [simulations]'),
  pairs: positive.describe('colour-swapped pairs of games against each anchor [pairs]'),
  anchors: z.array(z.string()).describe('opponents of the measurement [agents]'),
  positions: count.describe('solved positions judged, where the game has them [positions]'),
});

export const configSchema = z.strictObject({
  game: z.string().min(1).describe('id of a game, or path of a game module'),
  seed: z.number().int().min(0).max(2 ** 53 - 1).describe('every random number of the run derives from it'),
  device: z.enum(['auto', 'cpu', 'webgpu', 'cuda']).describe('where networks run'),
  threads: count.describe('compute threads of the run; 0 means one per processor core [threads]'),
  deterministic: z.boolean().describe('alternate actor and learner by counts: the same seed gives the same weights, bit for bit'),
  network: networkSchema,
  search: searchSchema,
  actors: actorsSchema,
  learner: learnerSchema,
  replay: replaySchema,
  checkpoint: checkpointSchema,
  evaluation: evaluationSchema,
}).refine(({ actors, replay }) => replay.reanalyze === 0 || actors.games > 1, {
  path: ['replay', 'reanalyze'],
  message: 'with actors.games=1 nobody would be left to play: set actors.games to 2 or more',
});
export type RunConfig = z.infer<typeof configSchema>;
