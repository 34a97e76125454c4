/** One update of the DQN family: draw, make targets, train, refresh priorities, move the target network. */
import { UserError, type Rng } from '#engine';
import { initialState, type Network, type OptimizerConfig } from '#engine/nn';
import { createCompiledTrainer, openForward, type CompiledTrainer, type DeviceChoice, type Forward } from '#engine/node';
import { ReplayMemory, softUpdate, type ReplayBatch } from '#engine/rl';
import { NOISE, createQNetwork, drawNoise, qLoss, type Distribution } from '#engine/rl/nn';
import { checkLosses, type LearnerState, type StateArray, type TaskFacts } from '../types.js';
import type { DqnConfig } from './config.js';
import { TargetMaker } from './target-maker.js';

export interface UpdaterOptions {
  readonly task: TaskFacts;
  readonly config: DqnConfig;
  /** Environments that write into the memory. */
  readonly environments: number;
  /** For the first weights. */
  readonly rng: Rng;
  readonly device: DeviceChoice;
  readonly threads: number;
}

export async function createUpdater(options: UpdaterOptions): Promise<DqnUpdater> {
  const { task: { planes, actionCount: actions }, config, rng, device, threads } = options;
  const distribution = distributionOf(config);
  const network = createQNetwork({ ...config, distribution }, { planes, actions });
  const optimizer = optimizerOf(config);
  const loss = qLoss({ actions, distribution, error: config.loss });
  const state = initialState(network, optimizer, rng);
  const trainer = await createCompiledTrainer(network, loss, optimizer, { batch: config.batch, device, threads, convolutions: 'im2col', state });
  const forward = await openForward(network, { device, threads, outputs: distribution.kind === 'categorical' ? ['policy', 'probabilities'] : ['policy', 'distribution'] });
  return new DqnUpdater(options, network, trainer, forward);
}

function distributionOf({ distribution, atoms, low, high, quantiles }: DqnConfig): Distribution {
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

export class DqnUpdater {
  /** Updates so far. */
  steps = 0;
  readonly network: Network;
  readonly memory: ReplayMemory;
  private readonly config: DqnConfig;
  private readonly trainer: CompiledTrainer;
  private readonly forward: Forward;
  private readonly batch: ReplayBatch;
  private readonly targets: TargetMaker;
  /** The target network's weights, flat. */
  private readonly target: Float32Array;
  private readonly noise: Float32Array;
  private readonly priorities: Float32Array;

  constructor({ task: { planes, actionCount: actions }, config, environments }: UpdaterOptions, network: Network, trainer: CompiledTrainer, forward: Forward) {
    const { replay: capacity, frames, nStep: steps, discount, prioritised, alpha, batch } = config;
    this.config = config;
    this.network = network;
    this.trainer = trainer;
    this.forward = forward;
    this.memory = new ReplayMemory({ environments, capacity, frameSize: planes[0] * planes[1] * planes[2], frames, actions, steps, discount, alpha: prioritised ? alpha : undefined });
    this.batch = this.memory.batch(batch);
    this.noise = new Float32Array(network.extras?.find(({ name }) => name === NOISE)?.shape[0] ?? 0);
    this.targets = new TargetMaker(distributionOf(config), config.double, actions, batch, forward, this.noise);
    this.target = trainer.weights.slice();
    this.priorities = new Float32Array(batch);
  }

  /** The online network's action values [rows, actions], with noise from rng, each of its factors scaled. */
  async values(planes: Float32Array, rows: number, rng: Rng, scale: number, out: Float32Array): Promise<void> {
    drawNoise(rng, this.noise, scale);
    await this.forward.run(this.trainer.weights, planes, rows, { policy: out }, { [NOISE]: this.noise });
  }

  /**
   * `scale`: of the noise's factors. Returns the loss by terms, and `value`, the mean value of the actions taken. Throws
   * UserError('data') when one is not finite.
   */
  async update(rng: Rng, learningRate: number, beta: number, scale = 1): Promise<Record<string, number>> {
    const { batch, config, noise, priorities, target, trainer } = this;
    this.memory.draw(batch, rng, config.prioritised ? beta : 0);
    const towards = await this.targets.make(batch, trainer.weights, target, rng, scale);
    drawNoise(rng, noise, scale);
    const rows = { planes: batch.planes, action: batch.actions, target: towards, weight: batch.weights, [NOISE]: noise };
    const losses = await trainer.step(rows, learningRate, { priority: priorities });
    this.steps++;
    checkLosses(losses, this.steps);
    this.memory.update(batch, priorities);
    if (config.tau > 0) softUpdate(target, trainer.weights, config.tau);
    else if (this.steps % config.targetEvery === 0) target.set(trainer.weights);
    return losses;
  }

  /** Weights by name, as of now. */
  async weights(): Promise<Record<string, Float32Array>> {
    return (await this.trainer.state()).weights;
  }

  /** A copy of everything but `steps`. */
  async state(): Promise<Pick<LearnerState, 'arrays' | 'experience'>> {
    const { weights, optimizer } = await this.trainer.state();
    const arrays: Record<string, StateArray> = { target: this.target.slice() };
    for (const [name, array] of Object.entries(weights)) arrays[`weights/${name}`] = array;
    for (const [name, array] of Object.entries(optimizer)) arrays[`optimizer/${name}`] = array;
    return { arrays, experience: Object.fromEntries(Object.entries(this.memory.arrays()).map(([name, array]) => [name, array.slice()])) };
  }

  /** Goes on from what `state` gave after so many steps; false where its experience was not kept. Throws UserError('data') when it was of other settings. */
  async restore(arrays: LearnerState['arrays'], experience: LearnerState['experience'], steps: number): Promise<boolean> {
    const group = (prefix: string) => Object.fromEntries(Object.entries(arrays).filter(([name]) => name.startsWith(prefix)).map(([name, array]) => [name.slice(prefix.length), array]));
    const floats = (prefix: string) => group(prefix) as Record<string, Float32Array>;
    const target = arrays.target as Float32Array | undefined;
    if (target?.length !== this.target.length) throw new UserError('data', `the saved target network has ${target?.length ?? 0} numbers; expected ${this.target.length}: it was saved with other settings`);
    await this.trainer.restore({ step: steps, weights: floats('weights/'), optimizer: floats('optimizer/') });
    // Checkpoints from before experience had a file of its own held it among the rest.
    const remembered = experience ?? group('replay/');
    const remembers = Object.keys(remembered).length > 0;
    if (remembers) this.memory.restore(remembered);
    this.target.set(target);
    this.steps = steps;
    return remembers;
  }

  async close(): Promise<void> {
    await this.forward.close();
    await this.trainer.close();
  }
}
