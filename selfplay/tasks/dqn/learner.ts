/** The DQN family at work: acts in its environments, remembers, and learns by credit. */
import { UserError, createRng, type Rng } from '#engine';
import { exportModel, initialState, type Network, type OptimizerConfig, type TrainerState } from '#engine/nn';
import { createCompiledTrainer, openForward, type CompiledTrainer, type Forward } from '#engine/node';
import { ReplayMemory, UpdateCredit, annealed, greedy, softUpdate, type ReplayBatch } from '#engine/rl';
import { NOISE, createQNetwork, drawNoise, qLoss, type Distribution } from '#engine/rl/nn';
import { checkLosses, type LearnerMetrics, type LearnerOptions, type LearnerState, type StateArray, type TaskLearner, type TaskModel } from '../types.js';
import { MeanMetrics } from '../mean-metrics.js';
import { checkDqn, type DqnConfig } from './config.js';
import { TargetMaker } from './target-maker.js';

/** A slice of `advance` ends after so many updates, or so many steps of all environments. */
const SLICE_UPDATES = 16;
const SLICE_STEPS = 64;

export async function createDqnLearner(options: LearnerOptions<DqnConfig>): Promise<TaskLearner> {
  const { config, environments, seed, device, threads } = options;
  checkDqn(config);
  const network = createQNetwork({ ...config, distribution: distributionOf(config) }, { planes: environments.task.planes, actions: environments.task.actionCount });
  const loss = qLoss({ actions: environments.task.actionCount, distribution: distributionOf(config), error: config.loss });
  const optimizer = optimizerOf(config);
  const state = initialState(network, optimizer, createRng(seed).fork('weights'));
  const trainer = await createCompiledTrainer(network, loss, optimizer, { batch: config.batch, device, threads, convolutions: 'im2col', state });
  const forward = await openForward(network, { device, threads, outputs: config.distribution === 'c51' ? ['policy', 'probabilities'] : ['policy', 'distribution'] });
  return new DqnLearner(options, network, trainer, forward);
}

export function distributionOf({ distribution, atoms, low, high, quantiles }: DqnConfig): Distribution {
  switch (distribution) {
    case 'value':
      return { kind: 'value' };
    case 'c51':
      return { kind: 'categorical', atoms, low, high };
    case 'qr':
      return { kind: 'quantile', quantiles };
    default:
      return distribution satisfies never;
  }
}

function optimizerOf({ optimizer, epsilonAdam: epsilon, clipNorm: norm }: DqnConfig): OptimizerConfig {
  const clipNorm = norm > 0 ? norm : undefined;
  if (optimizer === 'adam') return { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon, weightDecay: 0, clipNorm };
  return { kind: 'rmsprop', decay: 0.95, epsilon, weightDecay: 0, centred: true, clipNorm };
}

class DqnLearner implements TaskLearner {
  frames = 0;
  steps = 0;
  private readonly options: LearnerOptions<DqnConfig>;
  private readonly network: Network;
  private readonly trainer: CompiledTrainer;
  private readonly forward: Forward;
  private readonly memory: ReplayMemory;
  private readonly batch: ReplayBatch;
  private readonly targets: TargetMaker;
  private readonly rng: Rng;
  private readonly credit: UpdateCredit;
  /** The target network's weights, flat. */
  private readonly target: Float32Array;
  private readonly noise: Float32Array;
  private readonly values: Float32Array;
  private readonly actions: Int32Array;
  private readonly priorities: Float32Array;
  private readonly means = new MeanMetrics();

  constructor(options: LearnerOptions<DqnConfig>, network: Network, trainer: CompiledTrainer, forward: Forward) {
    const { config, environments: { n, task }, seed } = options;
    this.options = options;
    this.network = network;
    this.trainer = trainer;
    this.forward = forward;
    const { replay: capacity, frames, nStep: steps, discount, prioritised, alpha, batch } = config;
    this.memory = new ReplayMemory({ environments: n, capacity, frameSize: task.planes[0] * task.planes[1] * task.planes[2], frames, actions: task.actionCount, steps, discount, alpha: prioritised ? alpha : undefined });
    this.batch = this.memory.batch(batch);
    this.noise = new Float32Array(network.extras?.find(({ name }) => name === NOISE)?.shape[0] ?? 0);
    this.targets = new TargetMaker(distributionOf(config), config.double, task.actionCount, batch, forward, this.noise);
    this.rng = createRng(seed).fork('learner');
    this.credit = new UpdateCredit(config.updateRatio);
    this.target = trainer.weights.slice();
    this.values = new Float32Array(n * task.actionCount);
    this.actions = new Int32Array(n);
    this.priorities = new Float32Array(batch);
  }

  async advance(): Promise<void> {
    const { environments: { n }, config } = this.options;
    const end = this.steps + SLICE_UPDATES;
    for (let i = 0; i < SLICE_STEPS && this.steps < end; i++) {
      await this.act();
      if (this.frames <= config.warmup) continue;
      for (let due = this.credit.earn(n); due > 0; due--) await this.learn();
    }
  }

  metrics(): LearnerMetrics {
    this.means.value('epsilon', this.epsilon);
    this.means.value('remembered', this.memory.size);
    this.means.value('learningRate', this.learningRate);
    if (this.options.config.prioritised) this.means.value('beta', this.beta);
    return this.means.take();
  }

  async state(): Promise<LearnerState> {
    const { weights, optimizer } = await this.trainer.state();
    const arrays: Record<string, StateArray> = { target: this.target.slice() };
    for (const [name, array] of Object.entries(weights)) arrays[`weights/${name}`] = array;
    for (const [name, array] of Object.entries(optimizer)) arrays[`optimizer/${name}`] = array;
    for (const [name, array] of Object.entries(this.memory.arrays())) arrays[`replay/${name}`] = array.slice();
    return { arrays, json: { frames: this.frames, steps: this.steps, credit: this.credit.credit } };
  }

  async restore({ arrays, json }: LearnerState): Promise<void> {
    const counts = json as Partial<Record<'frames' | 'steps' | 'credit', number>> | null;
    const count = (name: 'frames' | 'steps' | 'credit') => {
      const value = counts?.[name];
      if (typeof value !== 'number' || !Number.isFinite(value)) throw new UserError('data', `the saved learner has no '${name}'; it was saved by another algorithm`);
      return value;
    };
    const group = (prefix: string) => Object.fromEntries(Object.entries(arrays).filter(([name]) => name.startsWith(prefix)).map(([name, array]) => [name.slice(prefix.length), array]));
    const floats = (prefix: string) => group(prefix) as Record<string, Float32Array>;
    const state: TrainerState = { step: count('steps'), weights: floats('weights/'), optimizer: floats('optimizer/') };
    const target = arrays.target as Float32Array | undefined;
    if (target?.length !== this.target.length) throw new UserError('data', `the saved target network has ${target?.length ?? 0} numbers; expected ${this.target.length}: it was saved with other settings`);
    await this.trainer.restore(state);
    this.memory.restore(group('replay/'));
    this.target.set(target);
    [this.frames, this.steps, this.credit.credit] = [count('frames'), count('steps'), count('credit')];
  }

  async model(): Promise<TaskModel> {
    return { format: 'onnx', bytes: exportModel(this.network, (await this.trainer.state()).weights) };
  }

  async close(): Promise<void> {
    await this.forward.close();
    await this.trainer.close();
  }

  private get epsilon(): number {
    const { epsilonStart, epsilonEnd, epsilonFrames, warmup, noisy } = this.options.config;
    if (this.frames < warmup) return 1;
    if (noisy !== 'none') return 0;
    return annealed(epsilonStart, epsilonEnd, epsilonFrames, this.frames - warmup);
  }

  /** One step of every environment. */
  private async act(): Promise<void> {
    const { environments, config: { noiseSteps, rewardClip } } = this.options;
    const { n, task: { actionCount }, planes, legal, rewards } = environments;
    const rng = this.rng.fork('act', this.frames);
    const { epsilon } = this;
    for (let e = 0; e < n; e++) this.memory.observe(e, planes, legal, e);
    if (epsilon < 1) {
      // Which noise it is follows from the count of steps alone, so a resumed run has the same.
      drawNoise(this.rng.fork('noise', Math.floor(this.frames / n / noiseSteps)), this.noise);
      await this.forward.run(this.trainer.weights, planes, n, { policy: this.values }, { [NOISE]: this.noise });
      greedy(this.values, legal, n, actionCount, this.actions);
    }
    for (let e = 0; e < n; e++) if (rng.float() < epsilon) this.actions[e] = randomLegal(legal, e * actionCount, actionCount, rng);
    await environments.step(this.actions);
    for (let e = 0; e < n; e++) {
      const reward = rewardClip > 0 ? Math.min(rewardClip, Math.max(-rewardClip, rewards[e])) : rewards[e];
      const end = environments.terminated[e] === 1 ? 'terminated' : environments.truncated[e] === 1 ? 'truncated' : 'none';
      this.memory.act(e, this.actions[e], reward, end, environments.finalPlanes, e);
    }
    this.frames += n;
  }

  /** How much of the run is over. */
  private get progress(): number {
    return Math.min(1, this.frames / this.options.frames);
  }

  private get beta(): number {
    const { betaStart, betaEnd } = this.options.config;
    return annealed(betaStart, betaEnd, 1, this.progress);
  }

  private get learningRate(): number {
    const { learningRate, learningRateEnd } = this.options.config;
    return annealed(learningRate, learningRateEnd, 1, this.progress);
  }

  /** One update. */
  private async learn(): Promise<void> {
    const { config } = this.options;
    const { batch, noise, priorities, trainer } = this;
    const rng = this.rng.fork('learn', this.steps);
    this.memory.draw(batch, rng, config.prioritised ? this.beta : 0);
    const target = await this.targets.make(batch, trainer.weights, this.target, rng);
    drawNoise(rng, noise);
    const rows = { planes: batch.planes, action: batch.actions, target, weight: batch.weights, [NOISE]: noise };
    const { value, ...losses } = await trainer.step(rows, this.learningRate, { priority: priorities });
    this.steps++;
    checkLosses(losses, this.steps);
    this.memory.update(batch, priorities);
    if (config.tau > 0) softUpdate(this.target, trainer.weights, config.tau);
    else if (this.steps % config.targetEvery === 0) this.target.set(trainer.weights);
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
