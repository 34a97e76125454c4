/**
 * Whether a copy of the network can learn one batch of the run's own rows by heart. If it cannot, nothing larger can be
 * learnt: the learning rate, the weights, the network or the targets are at fault, and further attempts say which.
 */
import { createRng } from '#engine';
import { initialState, optimizerDefaults, type Loss, type TrainerState } from '#engine/nn';
import { createCompiledTrainer } from '#engine/node';
import { scheduled, type Schedule } from '../config-schema.js';
import { trainingParts, type TrainingParts } from '../parts.js';
import { RowWriter, type Rows } from '../sampler.js';
import type { Evidence } from './evidence.js';
import { fixed, graded, percent, question, type Finding } from './finding.js';

const BATCH = 64;
const MOST_STEPS = 300;
/** Enough: what is left of what there was to learn. */
const LEARNT = 0.05;
/** Whoever needs fewer steps had little to learn. */
const KNOWN_STEPS = 10;

/** Loss of the best answers that see the board (the floor), and of the best single answer to every board. */
interface Bounds {
  readonly floor: number;
  readonly constant: number;
}

/**
 * Of rows with targets [batch, width]: distributions, or numbers of width 1. The floor is not always the targets' own entropy:
 * rows of one position with different targets can only be answered by their mean.
 */
export function boundsOf(planes: Float32Array, targets: Float32Array, batch: number): Bounds {
  const [size, width] = [planes.length / batch, targets.length / batch];
  const groups = new Map<string, number[]>();
  for (let row = 0; row < batch; row++) {
    const key = Buffer.from(planes.buffer, planes.byteOffset + 4 * row * size, 4 * size).toString('base64');
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const all = Array.from({ length: batch }, (_, row) => row);
  const floor = [...groups.values()].reduce((sum, rows) => sum + (rows.length / batch) * bestLoss(targets, width, rows), 0);
  return { floor, constant: bestLoss(targets, width, all) };
}

/** Mean loss of the best one answer to these rows: entropy of their mean distribution, or their variance. */
function bestLoss(targets: Float32Array, width: number, rows: readonly number[]): number {
  const mean = new Float64Array(width);
  for (const row of rows) for (let i = 0; i < width; i++) mean[i] += targets[row * width + i] / rows.length;
  if (width === 1) return rows.reduce((sum, row) => sum + (targets[row] - mean[0]) ** 2, 0) / rows.length;
  return mean.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
}

export interface Attempt {
  /** Share of what there was to learn that is left, policy and value. */
  readonly policy: number;
  readonly value: number;
  readonly steps: number;
  readonly losses: Readonly<Record<string, number>>;
  /** False when the losses stopped being finite. */
  readonly finite: boolean;
}

/** Trains on the same rows again and again. */
async function attempt(parts: TrainingParts, loss: Loss, state: TrainerState, rows: Rows, rate: number, bounds: Record<'policy' | 'value', Bounds>, onStep: (step: number) => void): Promise<Attempt> {
  const trainer = await createCompiledTrainer(parts.network, loss, parts.optimizer, { batch: BATCH, device: 'cpu', threads: 1, state });
  try {
    let [left, losses] = [{ policy: 1, value: 1 }, {} as Record<string, number>];
    for (let step = 0; ; step++) {
      losses = await trainer.step(rows, rate * Math.min(1, (step + 1) / 20));
      const finite = Object.values(losses).every(Number.isFinite);
      left = { policy: leftOf(losses.policy, bounds.policy), value: leftOf(losses.value, bounds.value) };
      onStep(step + 1);
      if (!finite || step + 1 >= MOST_STEPS || Math.max(left.policy, left.value) < LEARNT) return { ...left, losses, steps: step + 1, finite };
      // Each call blocks; without this nobody hears Ctrl-C.
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    await trainer.close();
  }
}

function leftOf(loss: number, { floor, constant }: Bounds): number {
  // Where one answer fits all rows there is nothing to learn from the board.
  return constant - floor < 0.01 ? Math.max(0, loss - floor) : Math.max(0, (loss - floor) / (constant - floor));
}

export async function overfitsOneBatch({ game, config, checkpoint, recent }: Evidence, onStep: (step: number, most: number) => void): Promise<Finding> {
  const answer = question('overfit-batch', 'Can the network overfit one batch?', 'at most 10 % of what there is to learn is left after 300 steps; above 30 % is a problem');
  const parts = trainingParts(game, config);
  const { learner, network } = config;
  const writer = new RowWriter(game, BATCH, parts.loss.targets.map(({ name }) => name));
  const valueMix = Math.min(1, Math.max(0, scheduled(learner.valueMix, checkpoint.manifest.step)));
  const rows = writer.fill(recent, createRng('overfit'), { valueMix, policySmoothing: learner.policySmoothing, symmetries: false });
  const bounds = { policy: boundsOf(rows.planes, rows.policy, BATCH), value: boundsOf(rows.planes, network.value === 'wdl' ? rows.wdl : rows.value, BATCH) };
  const rate = highest(learner.learningRate);
  const go = (with_: TrainingParts, weights: TrainerState['weights'], at: number) =>
    attempt(with_, parts.loss, { ...initialState(parts.network, with_.optimizer, weights), step: 0 }, rows, at, bounds, (step) => onStep(step, MOST_STEPS));

  const works = (result: Attempt): boolean => result.finite && Math.max(result.policy, result.value) <= 0.1;
  const fresh = () => initialState(parts.network, plain.optimizer, createRng('overfit weights')).weights;
  const plain: TrainingParts = { ...parts, optimizer: optimizerDefaults.adamw };
  const first = await go(parts, checkpoint.state.weights, rate);
  // A network that knew the batch already has not shown that its optimiser works: fresh weights do.
  const known = works(first) && first.steps < KNOWN_STEPS;
  const own = known ? await go(parts, fresh(), rate) : first;
  const worst = own.finite ? Math.max(own.policy, own.value) : Number.NaN;
  const told = own.finite
    ? `${percent(own.policy)} of the policy and ${percent(own.value)} of the value left after ${own.steps} steps on ${BATCH} rows${known ? ', by fresh weights since the network knew them' : ''}; losses ${fixed(own.losses.policy, 3)} and ${fixed(own.losses.value, 3)}, floors ${fixed(bounds.policy.floor, 3)} and ${fixed(bounds.value.floor, 3)}`
    : `losses stopped being finite at step ${own.steps} with learning rate ${rate}`;
  const level = own.finite ? graded(worst, 0.1, 0.3) : 'problem';
  if (level === 'ok') return answer('ok', worst, told, 'Network, loss and optimiser work: the network learns one batch by heart.');
  // Which of them is at fault: the run's optimiser, its weights, or network and targets themselves.
  const usual = await go(plain, known ? fresh() : checkpoint.state.weights, 0.001);
  if (works(usual)) {
    return answer(level, worst, told, `The learning rate or optimiser is at fault: with AdamW and 0.001 ${known ? 'they' : 'the same weights'} learn the batch in ${usual.steps} steps.`,
      own.finite ? `Raise learner.learningRate (its highest is ${rate}), or use learner.optimizer=adamw.` : `Lower learner.learningRate (its highest is ${rate}) and set learner.clipNorm to 1; go on --from a checkpoint from before the losses rose.`);
  }
  const anew = await go(plain, fresh(), 0.001);
  if (works(anew)) {
    return answer(level, worst, told, `The weights are stuck: fresh ones learn the batch in ${anew.steps} steps.`, 'Go on --from an earlier checkpoint, with a lower learner.learningRate and learner.clipNorm=1.');
  }
  return answer(level, worst, told, 'Fresh weights do not learn the batch either: the network is too small, or the planes do not show what the targets depend on.',
    network.kind === 'mlp' ? 'Raise network.hidden in a new run; check `observe` with `ludus games check`.' : 'Raise network.channels and network.blocks in a new run; check `observe` with `ludus games check`.');
}

const highest = (schedule: Schedule): number => (typeof schedule === 'number' ? schedule : Math.max(...schedule.map(([, value]) => value)));
