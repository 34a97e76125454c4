/** A planner of `#engine/tabular` as a learner: its experience is the model, and a backup counts as a step. */
import { UserError } from '#engine';
import { actionValues, type FiniteModel, type Planner } from '#engine/tabular';
import { applySnapshot, takeSnapshot } from '../snapshot.js';
import type { LearnerMetrics, LearnerState, TaskLearner, TaskModel } from '../types.js';
import { checkKept } from './same-settings.js';

/** Backups of a slice at least. */
const SLICE_BACKUPS = 5000;

export interface PlannerRun {
  readonly planner: Planner;
  readonly mdp: FiniteModel;
  readonly discount: number;
  /** Backups of the whole run. */
  readonly frames: number;
  readonly model: (weights: Float32Array) => Promise<Uint8Array>;
}

export class PlannerLearner implements TaskLearner {
  /** Backups made. */
  frames = 0;
  /** Sweeps, improvements or trials. */
  steps = 0;
  private readonly run: PlannerRun;

  constructor(run: PlannerRun) {
    this.run = run;
  }

  async advance(): Promise<void> {
    const left = this.run.frames - this.frames;
    const end = this.frames + (left > 0 ? Math.min(left, SLICE_BACKUPS) : SLICE_BACKUPS);
    do {
      // A trial that ends where it starts would make no backup and never end the slice.
      this.frames += Math.max(1, this.run.planner.improve());
      this.steps++;
    } while (this.frames < end);
  }

  metrics(): LearnerMetrics {
    const { planner, mdp } = this.run;
    return { losses: { change: planner.change }, values: { startValue: planner.values[mdp.start] } };
  }

  async state(): Promise<LearnerState> {
    return { arrays: { planner: takeSnapshot([this.run.planner]) }, json: { frames: this.frames, steps: this.steps, states: this.run.mdp.states, kept: { discount: this.run.discount } } };
  }

  async restore({ arrays, json }: LearnerState): Promise<void> {
    const saved = json as { frames: number; steps: number; states: number; kept: { discount: number } };
    const { planner, mdp, discount } = this.run;
    checkKept(saved.kept, { discount });
    if (!(arrays.planner instanceof Uint8Array) || saved.states !== mdp.states) throw new UserError('data', `the saved values are of ${saved.states} positions, not of ${mdp.states}`);
    applySnapshot([planner], arrays.planner);
    this.frames = saved.frames;
    this.steps = saved.steps;
  }

  async model(): Promise<TaskModel> {
    const { planner, mdp, discount } = this.run;
    return { format: 'onnx', bytes: await this.run.model(Float32Array.from(actionValues(mdp, planner.values, discount))) };
  }

  async close(): Promise<void> {}
}
