/**
 * Learning from rollouts: every environment takes some steps under the present policy, advantages are estimated, and the
 * policy is changed by them, after which they are thrown away. PPO makes several passes with a clipped surrogate; A2C one
 * plain gradient step; the one-step actor-critic is A2C with rollouts of a single step.
 */
import { createRng } from '#engine';
import type { Network } from '#engine/nn';
import { createCompiledTrainer, openForward, type CompiledTrainer, type Forward } from '#engine/node';
import { generalisedAdvantages, standardise } from '#engine/rl';
import { policyGradientLoss, type PolicyGradientLossOptions } from '#engine/rl/nn';
import { MeanMetrics } from '../mean-metrics.js';
import { checkLosses, type LearnerMetrics, type LearnerOptions, type LearnerState, type TaskLearner, type TaskModel } from '../types.js';
import type { CommonConfig } from './config.js';
import { RewardScale, RunningMoments, normaliseRows } from './moments.js';
import { adam, annealed, freshState, networkOf, packLearner, playingModel, sampleActions, unpackTrainer } from './parts.js';

/** All that distinguishes PPO, A2C and the actor-critic. */
export interface RolloutConfig extends CommonConfig {
  readonly steps: number;
  readonly lambda: number;
  readonly epochs: number;
  readonly minibatches: number;
  readonly clip?: PolicyGradientLossOptions['clip'];
  readonly valueClip?: number;
}

export async function createRolloutLearner(options: LearnerOptions<RolloutConfig>): Promise<TaskLearner> {
  const { task, config, seed, device, threads } = options;
  const network = networkOf(task, config.network);
  const loss = policyGradientLoss({ ...config, actions: task.actionCount });
  const optimizer = adam(config.clipNorm);
  const batch = (config.environments * config.steps) / config.minibatches;
  const trainer = await createCompiledTrainer(network, loss, optimizer, { batch, device, threads, state: freshState(network, optimizer, seed) });
  const forward = await openForward(network, { device, threads });
  return new RolloutLearner(options, network, trainer, forward);
}

class RolloutLearner implements TaskLearner {
  frames = 0;
  steps = 0;
  readonly slice: number;
  private iteration = 0;
  private readonly options: LearnerOptions<RolloutConfig>;
  private readonly network: Network;
  private readonly trainer: CompiledTrainer;
  private readonly forward: Forward;
  private readonly size: number;
  private readonly moments: RunningMoments | undefined;
  private readonly rewardScale: RewardScale | undefined;
  private readonly means = new MeanMetrics();
  // The rollout, all [steps * n] but for the values, which have those of the state after the last step too.
  private readonly planes: Float32Array;
  private readonly legal: Uint8Array;
  private readonly actions: Int32Array;
  private readonly logProbabilities: Float32Array;
  private readonly rewards: Float32Array;
  private readonly values: Float32Array;
  private readonly nextValues: Float32Array;
  private readonly ended: Uint8Array;
  private readonly advantages: Float32Array;
  // Scratch [n] and the rows of a minibatch.
  private readonly outputs: { policy: Float32Array; value: Float32Array };
  private readonly finalValues: Float32Array;
  private readonly scratch: Float32Array;
  private readonly order: Int32Array;
  private readonly rows: Record<string, Float32Array>;

  constructor(options: LearnerOptions<RolloutConfig>, network: Network, trainer: CompiledTrainer, forward: Forward) {
    const { task, config, environments: { n } } = options;
    const { steps, normaliseObservations, normaliseRewards, gamma } = config;
    const size = (this.size = task.planes[0] * task.planes[1] * task.planes[2]);
    const total = steps * n;
    const floats = (length: number) => new Float32Array(length);
    this.slice = total;
    this.options = options;
    this.network = network;
    this.trainer = trainer;
    this.forward = forward;
    this.moments = normaliseObservations ? new RunningMoments(size) : undefined;
    this.rewardScale = normaliseRewards ? new RewardScale(n, gamma) : undefined;
    this.planes = floats(total * size);
    this.legal = new Uint8Array(total * task.actionCount);
    this.actions = new Int32Array(total);
    this.logProbabilities = floats(total);
    this.rewards = floats(total);
    this.values = floats(total + n);
    this.nextValues = floats(total);
    this.ended = new Uint8Array(total);
    this.advantages = floats(total);
    this.outputs = { policy: floats(n * task.actionCount), value: floats(n) };
    this.finalValues = floats(n);
    this.scratch = floats(n * size);
    this.order = Int32Array.from({ length: total }, (_, i) => i);
    const { batch } = trainer;
    this.rows = {
      planes: floats(batch * size), taken: floats(batch * task.actionCount), legal: floats(batch * task.actionCount),
      advantage: floats(batch), target: floats(batch), weight: floats(batch).fill(1), logProbability: floats(batch), oldValue: floats(batch),
    };
  }

  async advance(): Promise<void> {
    const root = createRng(this.options.seed);
    await this.collect(root.fork('act', this.iteration));
    const { config, environments: { n } } = this.options;
    const { steps, gamma, lambda } = config;
    generalisedAdvantages({ steps, n, rewards: this.rewards, values: this.values, nextValues: this.nextValues, ended: this.ended }, gamma, lambda, this.advantages);
    this.means.value('explainedVariance', this.explainedVariance());
    await this.learn(root.fork('shuffle', this.iteration));
    this.iteration++;
  }

  private async collect(rng: ReturnType<typeof createRng>): Promise<void> {
    const { config, environments, task } = this.options;
    const { n } = environments;
    const { size, outputs, values, nextValues } = this;
    for (let t = 0; t < config.steps; t++) {
      const at = t * n;
      const planes = this.planes.subarray(at * size, (at + n) * size);
      this.moments?.add(environments.planes, n);
      this.see(environments.planes, planes);
      this.legal.set(environments.legal, at * task.actionCount);
      outputs.value = values.subarray(at, at + n);
      await this.forward.run(this.trainer.weights, planes, n, outputs);
      const actions = this.actions.subarray(at, at + n);
      sampleActions(outputs.policy, environments.legal, task.actionCount, rng, actions, this.logProbabilities.subarray(at, at + n));
      await environments.step(actions);
      const { terminated, truncated } = environments;
      const rewards = this.rewards.subarray(at, at + n);
      rewards.set(environments.rewards);
      this.rewardScale?.apply(rewards, terminated, truncated);
      if (truncated.includes(1)) {
        this.see(environments.finalPlanes, this.scratch);
        outputs.value = this.finalValues;
        await this.forward.run(this.trainer.weights, this.scratch, n, outputs);
      }
      for (let i = 0; i < n; i++) {
        this.ended[at + i] = terminated[i] | truncated[i];
        nextValues[at + i] = truncated[i] === 1 ? this.finalValues[i] : 0;
      }
    }
    const total = config.steps * n;
    this.see(environments.planes, this.scratch);
    outputs.value = values.subarray(total, total + n);
    await this.forward.run(this.trainer.weights, this.scratch, n, outputs);
    for (let i = 0; i < total; i++) if (this.ended[i] === 0) nextValues[i] = values[i + n];
    this.frames += total;
  }

  /** Observations as the network sees them. */
  private see(planes: Float32Array, out: Float32Array): void {
    if (this.moments === undefined) out.set(planes);
    else normaliseRows(this.moments, planes, this.options.environments.n, out);
  }

  private async learn(rng: ReturnType<typeof createRng>): Promise<void> {
    const { config, frames } = this.options;
    const { order, rows } = this;
    const { batch } = this.trainer;
    // The rate falls by what had been played before this rollout, so that the first update has the whole of it.
    const learningRate = annealed(config, this.frames - order.length, frames);
    this.means.value('learningRate', learningRate);
    for (let epoch = 0; epoch < config.epochs; epoch++) {
      if (config.minibatches > 1) shuffle(order, rng);
      for (let from = 0; from < order.length; from += batch) {
        this.gather(order.subarray(from, from + batch));
        if (config.normaliseAdvantages) standardise(rows.advantage);
        const losses = await this.trainer.step(rows, learningRate);
        checkLosses(losses, this.steps + 1);
        this.steps++;
        this.means.losses(losses);
      }
    }
  }

  private gather(chosen: Int32Array): void {
    const { size, rows } = this;
    const { actionCount } = this.options.task;
    rows.taken.fill(0);
    for (let row = 0; row < chosen.length; row++) {
      const from = chosen[row];
      rows.planes.set(this.planes.subarray(from * size, (from + 1) * size), row * size);
      for (let a = 0; a < actionCount; a++) rows.legal[row * actionCount + a] = this.legal[from * actionCount + a];
      rows.taken[row * actionCount + this.actions[from]] = 1;
      rows.advantage[row] = this.advantages[from];
      rows.target[row] = this.advantages[from] + this.values[from];
      rows.logProbability[row] = this.logProbabilities[from];
      rows.oldValue[row] = this.values[from];
    }
  }

  /** 1 - Var(target - value) / Var(target): 1 is a perfect value, 0 no better than a constant. */
  private explainedVariance(): number {
    const { advantages, values } = this;
    let [sum, squares, errors, errorSquares] = [0, 0, 0, 0];
    for (let i = 0; i < advantages.length; i++) {
      const target = advantages[i] + values[i];
      sum += target;
      squares += target * target;
      errors += advantages[i];
      errorSquares += advantages[i] * advantages[i];
    }
    const count = advantages.length;
    const variance = squares / count - (sum / count) ** 2;
    return variance > 1e-12 ? 1 - (errorSquares / count - (errors / count) ** 2) / variance : 0;
  }

  metrics(): LearnerMetrics {
    return this.means.take();
  }

  async state(): Promise<LearnerState> {
    const { frames, steps, iteration, moments, rewardScale } = this;
    return packLearner(await this.trainer.state(), {
      ...(moments === undefined ? {} : { observations: moments.save() }),
      ...(rewardScale === undefined ? {} : { rewards: rewardScale.moments.save(), returns: rewardScale.returns.slice() }),
      // Shuffling goes on from the order of the last epoch.
      order: this.order.slice(),
    }, { frames, steps, iteration });
  }

  async restore(state: LearnerState): Promise<void> {
    await this.trainer.restore(unpackTrainer(state));
    const { frames, steps, iteration } = state.json as { frames: number; steps: number; iteration: number };
    Object.assign(this, { frames, steps, iteration });
    this.order.set(state.arrays.order);
    if (this.moments !== undefined) this.moments.restore(state.arrays.observations);
    if (this.rewardScale !== undefined) {
      this.rewardScale.moments.restore(state.arrays.rewards);
      this.rewardScale.returns.set(state.arrays.returns);
    }
  }

  async model(): Promise<TaskModel> {
    return playingModel(this.network, (await this.trainer.state()).weights, this.moments);
  }

  async close(): Promise<void> {
    await this.trainer.close();
    await this.forward.close();
  }
}

/** Fisher and Yates. */
function shuffle(order: Int32Array, rng: ReturnType<typeof createRng>): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = rng.below(i + 1);
    const kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }
}
