/**
 * REINFORCE (Williams 1992): whole episodes under one policy, every action judged by what followed it. Each environment
 * plays one episode; those that finish early go on, but what they then do is not learnt from, since the update comes
 * first: all begin afresh after it. An episode that a time limit cut bootstraps from the baseline's value, where there is one.
 */
import { createRng } from '#engine';
import type { Loss, Network, OptimizerConfig, TrainerState } from '#engine/nn';
import { createCompiledTrainer, openForward, type CompiledTrainer, type Forward } from '#engine/node';
import { discountedReturns, standardise } from '#engine/rl';
import { policyGradientLoss } from '#engine/rl/nn';
import { MeanMetrics } from '../mean-metrics.js';
import { checkLosses, type LearnerMetrics, type LearnerOptions, type LearnerState, type StateArray, type TaskLearner, type TaskModel } from '../types.js';
import type { ReinforceConfig } from './config.js';
import { RewardScale, RunningMoments, normaliseRows } from './moments.js';
import { adam, annealed, freshState, networkOf, packLearner, playingModel, sampleActions, unpackTrainer } from './parts.js';

/** Fewest rows of a batch; the others are this times a power of two, filled up with rows of weight 0. */
const SMALLEST_BATCH = 256;

/** What an environment has gone through in its episode. */
interface Track {
  readonly planes: Float32Array[];
  readonly legal: Uint8Array[];
  readonly actions: number[];
  readonly rewards: number[];
  readonly values: number[];
  done: boolean;
}

/** Slices of collecting between which the thread looks up [environment steps of all]. */
const SLICE = 2048;

export async function createReinforceLearner(options: LearnerOptions<ReinforceConfig>): Promise<TaskLearner> {
  const { task, config, seed, device, threads } = options;
  const network = networkOf(task, config.network);
  const optimizer = adam(config.clipNorm);
  const loss = policyGradientLoss({ ...config, actions: task.actionCount, valueWeight: config.baseline ? config.valueWeight : 0 });
  const forward = await openForward(network, { device, threads });
  const learner = new ReinforceLearner(options, network, loss, optimizer, forward);
  await learner.trainerFor(SMALLEST_BATCH, freshState(network, optimizer, seed));
  return learner;
}

class ReinforceLearner implements TaskLearner {
  frames = 0;
  steps = 0;
  /** Whether the episodes now under way were begun since the last update. */
  private fresh = false;
  private readonly options: LearnerOptions<ReinforceConfig>;
  private readonly network: Network;
  private readonly loss: Loss;
  private readonly optimizer: OptimizerConfig;
  private readonly forward: Forward;
  private trainer: CompiledTrainer | undefined;
  private readonly means = new MeanMetrics();
  private readonly size: number;
  private readonly moments: RunningMoments | undefined;
  private readonly rewardScale: RewardScale | undefined;
  private readonly outputs: { policy: Float32Array; value: Float32Array };
  private readonly actions: Int32Array;
  private readonly logProbabilities: Float32Array;
  private readonly seen: Float32Array;
  private tracks: Track[] = [];
  private turn = 0;
  /** What is saved: how it stood before the episodes under way, which are played again after a resume. */
  private begun: { frames: number; arrays: Record<string, StateArray> };

  constructor(options: LearnerOptions<ReinforceConfig>, network: Network, loss: Loss, optimizer: OptimizerConfig, forward: Forward) {
    const { task, config, environments: { n } } = options;
    this.options = options;
    this.network = network;
    this.loss = loss;
    this.optimizer = optimizer;
    this.forward = forward;
    this.size = task.planes[0] * task.planes[1] * task.planes[2];
    this.moments = config.normaliseObservations ? new RunningMoments(this.size) : undefined;
    this.rewardScale = config.normaliseRewards ? new RewardScale(n, config.gamma) : undefined;
    this.outputs = { policy: new Float32Array(n * task.actionCount), value: new Float32Array(n) };
    this.actions = new Int32Array(n);
    this.logProbabilities = new Float32Array(n);
    this.seen = new Float32Array(n * this.size);
    this.begun = this.mark();
  }

  private mark(): { frames: number; arrays: Record<string, StateArray> } {
    const { frames, moments, rewardScale } = this;
    return {
      frames,
      arrays: {
        ...(moments === undefined ? {} : { observations: moments.save() }),
        ...(rewardScale === undefined ? {} : { rewards: rewardScale.moments.save(), returns: rewardScale.returns.slice() }),
      },
    };
  }

  /** The step is compiled for a number of rows: another number takes the state along. */
  async trainerFor(rows: number, state?: TrainerState): Promise<CompiledTrainer> {
    let batch = SMALLEST_BATCH;
    while (batch < rows) batch *= 2;
    const before = this.trainer;
    if (before?.batch === batch) return before;
    const { device, threads } = this.options;
    const next = await createCompiledTrainer(this.network, this.loss, this.optimizer, { batch, device, threads, state: state ?? (await before?.state()) });
    await before?.close();
    this.trainer = next;
    return next;
  }

  async advance(): Promise<void> {
    const { environments, seed } = this.options;
    const { n } = environments;
    if (!this.fresh) {
      await environments.reset(createRng(seed).fork('episodes', this.steps).uint32());
      this.tracks = Array.from({ length: n }, () => ({ planes: [], legal: [], actions: [], rewards: [], values: [], done: false }));
      this.turn = 0;
      this.rewardScale?.returns.fill(0);
      this.begun = this.mark();
      this.fresh = true;
    }
    const rng = createRng(seed).fork(`act ${this.steps}`, this.turn);
    for (let taken = 0; taken < SLICE && this.tracks.some(({ done }) => !done); taken += n, this.turn++) await this.play(rng);
    if (this.tracks.every(({ done }) => done)) {
      await this.learn();
      this.fresh = false;
    }
  }

  private async play(rng: ReturnType<typeof createRng>): Promise<void> {
    const { environments, task } = this.options;
    const { n } = environments;
    const { size, outputs, actions, seen } = this;
    this.moments?.add(environments.planes, n);
    this.see(environments.planes);
    const trainer = this.trainer as CompiledTrainer;
    await this.forward.run(trainer.weights, seen, n, outputs);
    sampleActions(outputs.policy, environments.legal, task.actionCount, rng, actions, this.logProbabilities);
    this.tracks.forEach((track, i) => {
      if (track.done) return;
      track.planes.push(seen.slice(i * size, (i + 1) * size));
      track.legal.push(environments.legal.slice(i * task.actionCount, (i + 1) * task.actionCount));
      track.actions.push(actions[i]);
      track.values.push(outputs.value[i]);
    });
    await environments.step(actions);
    const { terminated, truncated } = environments;
    const rewards = environments.rewards.slice();
    this.rewardScale?.apply(rewards, terminated, truncated);
    const cut = this.tracks.some((track, i) => !track.done && truncated[i] === 1);
    if (cut) {
      this.see(environments.finalPlanes);
      await this.forward.run(trainer.weights, seen, n, outputs);
    }
    this.tracks.forEach((track, i) => {
      if (track.done) return;
      track.rewards.push(rewards[i]);
      if ((terminated[i] | truncated[i]) === 0) return;
      track.done = true;
      // One value more than rewards: of what follows the end.
      track.values.push(truncated[i] === 1 && this.options.config.baseline ? outputs.value[i] : 0);
    });
    this.frames += n;
  }

  private see(planes: Float32Array): void {
    if (this.moments === undefined) this.seen.set(planes);
    else normaliseRows(this.moments, planes, this.options.environments.n, this.seen);
  }

  private async learn(): Promise<void> {
    const { config, task, frames: planned } = this.options;
    const { gamma, baseline, discountSteps, normaliseAdvantages } = config;
    const total = this.tracks.reduce((sum, { rewards }) => sum + rewards.length, 0);
    const trainer = await this.trainerFor(total);
    const { batch } = trainer;
    const { actionCount } = task;
    const floats = (width: number) => new Float32Array(batch * width);
    // Legal everywhere, so that the rows that only fill the batch have a softmax too.
    const rows = { planes: floats(this.size), taken: floats(actionCount), legal: floats(actionCount).fill(1), advantage: floats(1), target: floats(1), weight: floats(1) };
    const advantages = rows.advantage.subarray(0, total);
    let row = 0;
    for (const { planes, legal, actions, rewards, values } of this.tracks) {
      const length = rewards.length;
      discountedReturns(rewards, gamma, rows.target.subarray(row, row + length), values[length]);
      for (let t = 0; t < length; t++, row++) {
        rows.planes.set(planes[t], row * this.size);
        rows.legal.set(legal[t], row * actionCount);
        rows.taken[row * actionCount + actions[t]] = 1;
        advantages[row] = rows.target[row] - (baseline ? values[t] : 0);
        // The loss is a mean over the batch; this makes it one over the rows that there are.
        rows.weight[row] = batch / total;
      }
    }
    if (normaliseAdvantages) standardise(advantages);
    if (discountSteps) {
      row = 0;
      for (const { rewards } of this.tracks) for (let t = 0; t < rewards.length; t++, row++) advantages[row] *= gamma ** t;
    }
    const learningRate = annealed(config, this.frames, planned);
    const losses = await trainer.step(rows, learningRate);
    checkLosses(losses, this.steps + 1);
    this.steps++;
    this.means.losses(losses);
    this.means.value('learningRate', learningRate);
    this.means.value('rows', total);
  }

  metrics(): LearnerMetrics {
    return this.means.take();
  }

  async state(): Promise<LearnerState> {
    if (!this.fresh) this.begun = this.mark();
    const { frames, arrays } = this.begun;
    return packLearner(await (this.trainer as CompiledTrainer).state(), arrays, { frames, steps: this.steps });
  }

  async restore(state: LearnerState): Promise<void> {
    const trainer = this.trainer as CompiledTrainer;
    await trainer.restore(unpackTrainer(state));
    const { frames, steps } = state.json as { frames: number; steps: number };
    Object.assign(this, { frames, steps, fresh: false });
    if (this.moments !== undefined) this.moments.restore(state.arrays.observations);
    if (this.rewardScale !== undefined) {
      this.rewardScale.moments.restore(state.arrays.rewards);
      this.rewardScale.returns.set(state.arrays.returns);
    }
  }

  async model(): Promise<TaskModel> {
    return playingModel(this.network, (await (this.trainer as CompiledTrainer).state()).weights, this.moments);
  }

  async close(): Promise<void> {
    await this.trainer?.close();
    await this.forward.close();
  }
}
