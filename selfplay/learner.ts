/** The learner: rows from the window, training steps by credit, and averaged weights for the actors. Knows no thread. */
import { createRng, type Game, type Rng } from '#engine';
import type { Loss, Network, Trainer, TrainerState, Weights } from '#engine/nn';
import { decodeEpisode } from './codec.js';
import { scheduled, type RunConfig } from './config-schema.js';
import type { Episode } from './episode.js';
import { ReplayWindow, RowWriter, windowSize } from './sampler.js';

export interface LearnerOptions {
  readonly game: Game;
  readonly config: RunConfig;
  readonly network: Network;
  readonly loss: Loss;
  readonly trainer: Trainer;
  /** The trainer's state now. */
  readonly state: TrainerState;
  /** Averaged weights to go on from; the trainer's own when a run begins. */
  readonly average?: Weights;
  /** Trained positions that the run has ever acknowledged; those of the first window are not counted again. */
  readonly positions: number;
  /** Rows that the run has trained on. */
  readonly rows: number;
  /** It is fed from records, without credit. */
  readonly fed?: boolean;
}

/** What one step did. */
export interface StepResult {
  readonly step: number;
  readonly losses: Record<string, number>;
  readonly learningRate: number;
  readonly valueMix: number;
  /** Time that went into making the rows [ms]. */
  readonly sampleMillis: number;
  /** Time of the step itself [ms]. */
  readonly trainMillis: number;
}

export class Learner {
  readonly window = new ReplayWindow();
  step: number;
  rows: number;
  /** Trained positions ever acknowledged. */
  positions: number;
  /** Positions whose targets were exchanged for newer ones. */
  revised = 0;
  private readonly options: LearnerOptions;
  private readonly writer: RowWriter<ReturnType<Game['start']>>;
  private readonly rng: Rng;
  private readonly clock: () => number;
  private average: Weights;
  private averages: number;

  /** `clock` in milliseconds, for the times in `StepResult` only. */
  constructor(options: LearnerOptions, clock: () => number) {
    const { game, config, loss, state } = options;
    this.options = options;
    this.step = state.step;
    this.positions = options.positions;
    // A killed process loses the steps since its checkpoint, and new settings can ask for more or fewer: what would take
    // longer than the permitted lag to catch up with is forgiven, on either side, lest one wait minutes for the other.
    const { reuse, lead, batch } = config.learner;
    const wanted = reuse * options.positions;
    this.rows = options.fed ? options.rows : Math.min(wanted, Math.max(options.rows, wanted - lead * batch));
    this.writer = new RowWriter(game, batch, loss.targets.map((target) => target.name));
    this.rng = createRng(config.seed).fork('learner');
    this.clock = clock;
    this.average = options.average ?? copyWeights(state.weights);
    this.averages = options.average === undefined ? 0 : 1e9;
  }

  /** Adds games of records, which earn no credit: whoever holds them decides how long they are learnt from. */
  feed(episodes: readonly Episode[]): void {
    for (const episode of episodes) this.window.add(episode);
    this.window.shrink(this.options.config.replay.capacity);
  }

  /** Adds stored games; `fresh` ones earn credit, those read back from the store do not. */
  add(episodes: readonly Uint8Array[], fresh: boolean): void {
    for (const bytes of episodes) {
      const count = this.window.add(decodeEpisode(bytes));
      if (fresh) this.positions += count;
    }
    this.window.shrink(windowSize(this.positions, this.options.config.replay));
  }

  /** Exchanges the targets of games that are still in the window. They earn no credit: no position is new. */
  revise(episodes: readonly Uint8Array[]): void {
    for (const bytes of episodes) this.revised += this.window.revise(decodeEpisode(bytes));
  }

  /** Training steps that are due: `reuse` rows for every new position, once there are enough positions. */
  get due(): number {
    const { reuse, batch, minimum } = this.options.config.learner;
    if (this.window.positions === 0 || this.positions < minimum) return 0;
    return Math.max(0, Math.floor((reuse * this.positions - this.rows) / batch));
  }

  /** One training step. */
  async train(): Promise<StepResult> {
    const { config, trainer } = this.options;
    const { learner } = config;
    const valueMix = Math.min(1, Math.max(0, scheduled(learner.valueMix, this.step)));
    const ramp = learner.warmup > 0 ? Math.min(1, (this.step + 1) / learner.warmup) : 1;
    const learningRate = ramp * scheduled(learner.learningRate, this.step);
    const before = this.clock();
    const rows = this.writer.fill(this.window, this.rng.fork('step', this.step), { valueMix, policySmoothing: learner.policySmoothing, symmetries: learner.symmetries });
    const sampleMillis = this.clock() - before;
    const losses = await trainer.step(rows, learningRate);
    const trainMillis = this.clock() - before - sampleMillis;
    this.step++;
    this.rows += learner.batch;
    return { step: this.step, losses, learningRate, valueMix, sampleMillis, trainMillis };
  }

  /** True after a step at which the actors should get new weights. */
  get publishes(): boolean {
    return this.step % this.options.config.learner.publishEvery === 0;
  }

  /**
   * Moves the average towards the present weights and returns it. In the beginning the plain mean is taken, so that the
   * average never remembers the random start.
   */
  async publish(): Promise<Weights> {
    const { weights } = await this.options.trainer.state();
    const { averageDecay } = this.options.config.learner;
    const keep = this.averages === 0 ? 0 : Math.min(averageDecay, this.averages / (this.averages + 1));
    this.averages++;
    for (const [name, array] of Object.entries(weights)) {
      const mean = this.average[name];
      for (let i = 0; i < array.length; i++) mean[i] = keep * mean[i] + (1 - keep) * array[i];
    }
    return this.average;
  }

  /** The averaged weights as last published. */
  get averaged(): Weights {
    return this.average;
  }
}

function copyWeights(weights: Weights): Weights {
  return Object.fromEntries(Object.entries(weights).map(([name, array]) => [name, array.slice()]));
}
