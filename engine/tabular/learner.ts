/**
 * What a learner of action values is, seen from its task: it is told where an episode begins, what each action led to,
 * and how the episode ended, and answers with actions. (After RL-Glue, Tanner and White 2009.)
 */
import { createRng } from '../rng.js';
import type { Rng } from '../rng.js';
import type { Action } from '../types.js';
import { ActionValues, draw, epsilonGreedy } from './values.js';

/** May change between episodes: learners read it anew at every step. */
export interface LearningSettings {
  /** α: how far a value moves towards its target, shared by the features that are on (α / active for each). */
  stepSize: number;
  /** γ, of the reward of one step later. */
  discount: number;
  /** ε of the ε-greedy policy that acts. */
  epsilon: number;
}

/** What a learner is made for. */
export interface LearnerShape {
  /** Features in all. */
  readonly features: number;
  /** Features that are on at once; `stepSize` is divided by it. */
  readonly active: number;
  readonly actions: number;
  /** First value of every weight. */
  readonly initial?: number;
}

/** Its fields are numbers, typed arrays and nested objects of these: saving and restoring them, rng included, is going on exactly. */
export interface Learner {
  readonly settings: LearningSettings;
  /** What it has learnt: greedy play follows these. */
  readonly values: ActionValues;
  /** Begins an episode where these features [active] are on; all draws of it come from `rng`. Returns the first action. */
  begin(features: Int32Array, rng: Rng): Action;
  /** The last action gave `reward` and led to where these features are on. Learns, and returns the next action. */
  step(reward: number, features: Int32Array): Action;
  /**
   * The last action gave `reward` and ended the episode. Nothing follows a `terminated` one, so nothing is bootstrapped
   * from it; an episode that was only cut (truncated) would have gone on from `features`.
   */
  end(reward: number, features: Int32Array, terminated: boolean): void;
}

/** What learners share: the table, the ε-greedy policy, the last features and action. */
export abstract class LearnerBase implements Learner {
  readonly settings: LearningSettings;
  readonly values: ActionValues;
  /** Features of the last position. */
  protected readonly last: Int32Array;
  protected action: Action = 0;
  protected rng: Rng = createRng(0);
  protected readonly row: Float64Array;
  protected readonly probabilities: Float64Array;

  constructor(shape: LearnerShape, settings: LearningSettings) {
    this.settings = settings;
    this.values = new ActionValues(shape.features, shape.actions, shape.initial);
    this.last = new Int32Array(shape.active);
    this.row = new Float64Array(shape.actions);
    this.probabilities = new Float64Array(shape.actions);
  }

  abstract step(reward: number, features: Int32Array): Action;
  abstract end(reward: number, features: Int32Array, terminated: boolean): void;

  begin(features: Int32Array, rng: Rng): Action {
    this.rng = rng;
    this.last.set(features);
    this.action = this.choose(features);
    return this.action;
  }

  /** α of one weight. */
  protected get rate(): number {
    return this.settings.stepSize / this.last.length;
  }

  /** Values by which the policy is ε-greedy, to out [actions]. */
  protected preferences(features: Int32Array, out: Float64Array): void {
    this.values.all(features, out);
  }

  /** An ε-greedy action. */
  protected choose(features: Int32Array): Action {
    this.preferences(features, this.row);
    epsilonGreedy(this.row, this.settings.epsilon, this.probabilities);
    return draw(this.probabilities, this.rng);
  }

  /** Goes on from `features` with `action`. */
  protected move(features: Int32Array, action: Action): Action {
    this.last.set(features);
    this.action = action;
    return action;
  }
}
