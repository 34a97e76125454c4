/** A learner of `#engine/tabular` at work on one environment. */
import { UserError, createRng } from '#engine';
import type { Features, FiniteModel, Learner } from '#engine/tabular';
import { ValueIteration } from '#engine/tabular';
import { applySnapshot, takeSnapshot } from '../snapshot.js';
import type { Environments, LearnerMetrics, LearnerState, TaskLearner, TaskModel } from '../types.js';
import { checkKept, type Settings } from './same-settings.js';

/** Steps of a slice at most, and the time after which it ends anyway: an external environment may be slow. */
const SLICE_STEPS = 2000;
const SLICE_MILLISECONDS = 100;

export interface TabularRun {
  readonly environments: Environments;
  readonly features: Features;
  readonly learner: Learner;
  readonly seed: number;
  readonly frames: number;
  /** α shrinks linearly to nothing over the run. */
  readonly anneal: boolean;
  /** ε goes linearly from the learner's setting to this. */
  readonly finalEpsilon: number;
  /** The rules, where they are known and what is learnt can be compared with exact values: a task of one action. */
  readonly exact?: FiniteModel;
  /** Settings that a run which goes on must have again. */
  readonly kept: Settings;
  readonly model: (weights: Float32Array) => Promise<Uint8Array>;
}

/** Every episode has a random stream of its own, so a run that goes on does not depend on where it was stopped. */
export class TabularLearner implements TaskLearner {
  frames = 0;
  steps = 0;
  private episodes = 0;
  /** An episode is under way, with `action` to be taken next. */
  private begun = false;
  /** Frames before the present episode. */
  private begunAt = 0;
  private readonly run: TabularRun;
  private readonly active: Int32Array;
  private readonly actions = new Int32Array(1);
  private readonly first: { readonly stepSize: number; readonly epsilon: number };
  private readonly truth: Float64Array | undefined;

  constructor(run: TabularRun) {
    this.run = run;
    this.active = new Int32Array(run.features.active);
    const { stepSize, epsilon, discount } = run.learner.settings;
    this.first = { stepSize, epsilon };
    this.truth = run.exact === undefined ? undefined : exactValues(run.exact, discount);
  }

  async advance(): Promise<void> {
    const { environments, features, learner } = this.run;
    const end = performance.now() + SLICE_MILLISECONDS;
    for (let i = 0; i < SLICE_STEPS && (i % 16 !== 15 || performance.now() < end); i++) {
      if (!this.begun) this.begin();
      await environments.step(this.actions);
      const over = environments.terminated[0] === 1 || environments.truncated[0] === 1;
      features.write(over ? environments.finalPlanes : environments.planes, this.active);
      if (over) {
        learner.end(environments.rewards[0], this.active, environments.terminated[0] === 1);
        this.begun = false;
      } else this.actions[0] = learner.step(environments.rewards[0], this.active);
      this.frames++;
      this.steps++;
      if (this.frames === this.run.frames) return;
    }
  }

  private begin(): void {
    const { environments, features, learner, seed } = this.run;
    this.begunAt = this.frames;
    this.schedule();
    features.write(environments.planes, this.active);
    this.actions[0] = learner.begin(this.active, createRng(seed).fork('episode', this.episodes++));
    this.begun = true;
  }

  /** α and ε of the present episode. */
  private schedule(): void {
    const { learner, frames, anneal, finalEpsilon } = this.run;
    const left = Math.max(0, 1 - this.begunAt / frames);
    learner.settings.stepSize = this.first.stepSize * (anneal ? left : 1);
    learner.settings.epsilon = finalEpsilon + (this.first.epsilon - finalEpsilon) * left;
  }

  metrics(): LearnerMetrics {
    const { epsilon, stepSize } = this.run.learner.settings;
    return { losses: {}, values: { epsilon, stepSize, ...(this.truth === undefined ? {} : { valueError: this.valueError(this.truth) }) } };
  }

  /** Root mean square over the positions in which somebody acts. */
  private valueError(truth: Float64Array): number {
    const { weights } = this.run.learner.values;
    let squares = 0;
    let count = 0;
    truth.forEach((value, position) => {
      if (Number.isNaN(value)) return;
      squares += (weights[position] - value) ** 2;
      count++;
    });
    return Math.sqrt(squares / count);
  }

  async state(): Promise<LearnerState> {
    const { frames, steps, episodes, begun, begunAt } = this;
    const { values } = this.run.learner;
    const json = { frames, steps, episodes, begun, begunAt, action: this.actions[0], features: values.features, actions: values.actions, kept: this.run.kept };
    return { arrays: { learner: takeSnapshot([this.run.learner]) }, json };
  }

  async restore({ arrays, json }: LearnerState): Promise<void> {
    const saved = json as { frames: number; steps: number; episodes: number; begun: boolean; begunAt: number; action: number; features: number; actions: number; kept: Settings };
    const { values, settings } = this.run.learner;
    checkKept(saved.kept, this.run.kept);
    if (!(arrays.learner instanceof Uint8Array) || saved.features !== values.features || saved.actions !== values.actions) {
      throw new UserError('data', `the saved table has ${saved.features} features and ${saved.actions} actions where ${values.features} and ${values.actions} are expected; it is of other settings`);
    }
    // Settings come back with it, but those of this sitting count.
    const present = { ...settings };
    applySnapshot([this.run.learner], arrays.learner);
    Object.assign(settings, present);
    this.begunAt = saved.begunAt;
    this.schedule();
    this.frames = saved.frames;
    this.steps = saved.steps;
    this.episodes = saved.episodes;
    // An environment that cannot be saved has been reset: its episode is lost, and a new one begins.
    this.begun = saved.begun && this.run.environments.save() !== undefined;
    this.actions[0] = saved.action;
  }

  async model(): Promise<TaskModel> {
    return { format: 'onnx', bytes: await this.run.model(Float32Array.from(this.run.learner.values.weights)) };
  }

  async close(): Promise<void> {}
}

/** [states]: exact values, NaN where nobody acts. */
function exactValues(model: FiniteModel, discount: number): Float64Array {
  const planner = new ValueIteration(model, discount);
  for (let sweep = 0; sweep < 10_000 && planner.change > 1e-12; sweep++) planner.improve();
  return planner.values.map((value, state) => (model.outcomes[state * model.actions].length === 0 ? NaN : value));
}
