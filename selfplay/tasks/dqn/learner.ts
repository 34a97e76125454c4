/** The DQN family at work: acts in its environments, remembers, and learns by credit. */
import { UserError, createRng, type Rng } from '#engine';
import { exportModel } from '#engine/nn';
import { UpdateCredit, annealed, greedy } from '#engine/rl';
import { MeanMetrics } from '../mean-metrics.js';
import type { LearnerMetrics, LearnerOptions, LearnerState, TaskLearner, TaskModel } from '../types.js';
import type { DqnConfig } from './config.js';
import { createUpdater, type DqnUpdater } from './updater.js';

/** A slice of `advance` ends after so many updates, or so many steps of all environments. */
const SLICE_UPDATES = 16;
const SLICE_STEPS = 64;

export async function createDqnLearner(options: LearnerOptions<DqnConfig>): Promise<TaskLearner> {
  const { config, environments: { n, task }, seed, device, threads } = options;
  return new DqnLearner(options, await createUpdater({ task, config, environments: n, rng: createRng(seed).fork('weights'), device, threads }));
}

/** Every random number follows from the seed and the counts of steps and updates, so a resumed run draws the same. */
class DqnLearner implements TaskLearner {
  frames = 0;
  /** Frames at which the memory began: later than 0 where a run went on without it. */
  private since = 0;
  private readonly options: LearnerOptions<DqnConfig>;
  private readonly updater: DqnUpdater;
  private readonly rng: Rng;
  private readonly credit: UpdateCredit;
  private readonly values: Float32Array;
  private readonly actions: Int32Array;
  private readonly means = new MeanMetrics();

  constructor(options: LearnerOptions<DqnConfig>, updater: DqnUpdater) {
    const { config, environments: { n, task }, seed } = options;
    this.options = options;
    this.updater = updater;
    this.rng = createRng(seed).fork('learner');
    this.credit = new UpdateCredit(config.updateRatio);
    this.values = new Float32Array(n * task.actionCount);
    this.actions = new Int32Array(n);
  }

  get steps(): number {
    return this.updater.steps;
  }

  async advance(): Promise<void> {
    const { environments: { n }, config, frames: planned } = this.options;
    const end = this.steps + SLICE_UPDATES;
    for (let i = 0; i < SLICE_STEPS && this.steps < end; i++) {
      await this.act();
      if (this.frames - this.since > config.warmup) for (let due = this.credit.earn(n); due > 0; due--) await this.learn();
      // A run ends at its frames, not up to a slice later.
      if (this.frames === planned) break;
    }
  }

  metrics(): LearnerMetrics {
    this.means.value('epsilon', this.epsilon);
    this.means.value('remembered', this.updater.memory.size);
    this.means.value('learningRate', this.learningRate);
    if (this.options.config.prioritised) this.means.value('beta', this.beta);
    return this.means.take();
  }

  async state(): Promise<LearnerState> {
    return { ...(await this.updater.state()), json: { since: this.since, frames: this.frames, steps: this.steps, credit: this.credit.credit } };
  }

  async restore({ arrays, experience, json }: LearnerState): Promise<void> {
    const counts = json as Partial<Record<'since' | 'frames' | 'steps' | 'credit', number>> | null;
    const count = (name: 'frames' | 'steps' | 'credit') => {
      const value = counts?.[name];
      if (typeof value !== 'number' || !Number.isFinite(value)) throw new UserError('data', `the saved learner has no '${name}'; it was saved by another algorithm`);
      return value;
    };
    const [frames, steps, credit] = [count('frames'), count('steps'), count('credit')];
    const remembers = await this.updater.restore(arrays, experience, steps);
    this.frames = frames;
    this.since = remembers ? (counts?.since ?? 0) : frames;
    this.credit.credit = credit;
  }

  async model(): Promise<TaskModel> {
    return { format: 'onnx', bytes: exportModel(this.updater.network, await this.updater.weights()) };
  }

  close(): Promise<void> {
    return this.updater.close();
  }

  /** How much of the run is over. */
  private get progress(): number {
    return Math.min(1, this.frames / this.options.frames);
  }

  private get epsilon(): number {
    const { epsilonStart, epsilonEnd, epsilonFrames, warmup, noisy } = this.options.config;
    if (this.frames < warmup) return 1;
    if (noisy !== 'none') return 0;
    return annealed(epsilonStart, epsilonEnd, epsilonFrames, this.frames - warmup);
  }

  private get noiseScale(): number {
    const { noiseEnd, noiseFrames, warmup } = this.options.config;
    return annealed(1, noiseEnd, noiseFrames, Math.max(0, this.frames - warmup));
  }

  private get beta(): number {
    const { betaStart, betaEnd } = this.options.config;
    return annealed(betaStart, betaEnd, 1, this.progress);
  }

  private get learningRate(): number {
    const { learningRate, learningRateEnd } = this.options.config;
    return annealed(learningRate, learningRateEnd, 1, this.progress);
  }

  /** One step of every environment. */
  private async act(): Promise<void> {
    const { environments, config: { noiseSteps, rewardClip } } = this.options;
    const { n, task: { actionCount }, planes, legal, rewards } = environments;
    const { epsilon, updater: { memory } } = this;
    const rng = this.rng.fork('act', this.frames);
    for (let e = 0; e < n; e++) memory.observe(e, planes, legal, e);
    if (epsilon < 1) {
      await this.updater.values(planes, n, this.rng.fork('noise', Math.floor(this.frames / n / noiseSteps)), this.noiseScale, this.values);
      greedy(this.values, legal, n, actionCount, this.actions);
    }
    for (let e = 0; e < n; e++) if (rng.float() < epsilon) this.actions[e] = randomLegal(legal, e * actionCount, actionCount, rng);
    await environments.step(this.actions);
    for (let e = 0; e < n; e++) {
      const reward = rewardClip > 0 ? Math.min(rewardClip, Math.max(-rewardClip, rewards[e])) : rewards[e];
      const end = environments.terminated[e] === 1 ? 'terminated' : environments.truncated[e] === 1 ? 'truncated' : 'none';
      memory.act(e, this.actions[e], reward, end, environments.finalPlanes, e);
    }
    this.frames += n;
  }

  /** One update. */
  private async learn(): Promise<void> {
    const { value, ...losses } = await this.updater.update(this.rng.fork('learn', this.steps), this.learningRate, this.beta, this.noiseScale);
    this.means.losses(losses);
    this.means.value('actionValue', value);
  }
}

function randomLegal(legal: Uint8Array, at: number, actions: number, rng: Rng): number {
  let count = 0;
  for (let action = 0; action < actions; action++) count += legal[at + action];
  let skip = rng.below(count);
  for (let action = 0; action < actions; action++) if (legal[at + action] === 1 && skip-- === 0) return action;
  return 0;
}
