/** Eligibility traces (Sutton and Barto 2018, chapter 12). */
import type { Rng } from '../rng.js';
import type { Action } from '../types.js';
import { LearnerBase } from './learner.js';
import type { LearnerShape, LearningSettings } from './learner.js';
import type { ActionValues } from './values.js';

/** Traces below this are dropped: what they would still change is below the rounding of the weights. */
const FAINTEST = 1e-12;

/** The weights whose trace is not 0: their list, so that a step costs what is eligible and not the whole table. */
class Traces {
  /** [weights] */
  private readonly values: Float64Array;
  private readonly list: Int32Array;
  private listed = 0;
  private readonly actions: number;

  constructor({ weights, actions }: ActionValues) {
    this.values = new Float64Array(weights.length);
    this.list = new Int32Array(weights.length);
    this.actions = actions;
  }

  clear(): void {
    for (let i = 0; i < this.listed; i++) this.values[this.list[i]] = 0;
    this.listed = 0;
  }

  /** z <- factor z */
  decay(factor: number): void {
    let kept = 0;
    for (let i = 0; i < this.listed; i++) {
      const weight = this.list[i];
      const value = this.values[weight] * factor;
      if (Math.abs(value) < FAINTEST) this.values[weight] = 0;
      else {
        this.values[weight] = value;
        this.list[kept++] = weight;
      }
    }
    this.listed = kept;
  }

  /** z of the features under the action: what it was times `keep`, plus `amount`. */
  mark(features: Int32Array, action: Action, keep: 0 | 1, amount: number): void {
    for (let i = 0; i < features.length; i++) {
      const weight = features[i] * this.actions + action;
      if (this.values[weight] === 0) this.list[this.listed++] = weight;
      this.values[weight] = keep * this.values[weight] + amount;
      // An exact 0 would be listed twice the next time.
      if (this.values[weight] === 0) this.values[weight] = Number.MIN_VALUE;
    }
  }

  /** z . x for the features under the action. */
  sum(features: Int32Array, action: Action): number {
    let sum = 0;
    for (let i = 0; i < features.length; i++) sum += this.values[features[i] * this.actions + action];
    return sum;
  }

  /** w <- w + amount z */
  addTo(weights: Float64Array, amount: number): void {
    for (let i = 0; i < this.listed; i++) weights[this.list[i]] += amount * this.values[this.list[i]];
  }
}

abstract class TraceLearner extends LearnerBase {
  protected readonly lambda: number;
  protected readonly traces: Traces;

  constructor(lambda: number, shape: LearnerShape, settings: LearningSettings) {
    super(shape, settings);
    this.lambda = lambda;
    this.traces = new Traces(this.values);
  }

  override begin(features: Int32Array, rng: Rng): Action {
    this.traces.clear();
    return super.begin(features, rng);
  }
}

export const traceKinds = ['accumulating', 'replacing'] as const;
/** A feature that comes on again: its trace grows by 1, or is set to 1. */
export type TraceKind = (typeof traceKinds)[number];

/** SARSA(λ) with linear features (section 12.7); on a task with one action, TD(λ). */
export class SarsaLambda extends TraceLearner {
  private readonly kind: TraceKind;

  constructor(kind: TraceKind, lambda: number, shape: LearnerShape, settings: LearningSettings) {
    super(lambda, shape, settings);
    this.kind = kind;
  }

  step(reward: number, features: Int32Array): Action {
    const next = this.choose(features);
    this.learn(reward + this.settings.discount * this.values.value(features, next));
    this.traces.decay(this.settings.discount * this.lambda);
    return this.move(features, next);
  }

  end(reward: number, features: Int32Array, terminated: boolean): void {
    this.learn(terminated ? reward : reward + this.settings.discount * this.values.value(features, this.choose(features)));
  }

  private learn(target: number): void {
    this.traces.mark(this.last, this.action, this.kind === 'accumulating' ? 1 : 0, 1);
    this.traces.addTo(this.values.weights, this.rate * (target - this.values.value(this.last, this.action)));
  }
}

/** Watkins's Q(λ) (section 12.10): Q-learning's target, with traces that are cut wherever an action was not greedy. */
export class WatkinsQ extends TraceLearner {
  private readonly kind: TraceKind;

  constructor(kind: TraceKind, lambda: number, shape: LearnerShape, settings: LearningSettings) {
    super(lambda, shape, settings);
    this.kind = kind;
  }

  step(reward: number, features: Int32Array): Action {
    const next = this.choose(features);
    const best = this.values.max(features);
    const greedy = this.values.value(features, next) === best;
    this.learn(reward + this.settings.discount * best);
    this.traces.decay(greedy ? this.settings.discount * this.lambda : 0);
    return this.move(features, next);
  }

  end(reward: number, features: Int32Array, terminated: boolean): void {
    this.learn(terminated ? reward : reward + this.settings.discount * this.values.max(features));
  }

  private learn(target: number): void {
    this.traces.mark(this.last, this.action, this.kind === 'accumulating' ? 1 : 0, 1);
    this.traces.addTo(this.values.weights, this.rate * (target - this.values.value(this.last, this.action)));
  }
}

/**
 * True online SARSA(λ) with dutch traces (van Seijen and Sutton 2014; section 12.7): its weights are, at every step,
 * those of the online λ-return algorithm. Exact for linear features only. On a task with one action, true online TD(λ).
 */
export class TrueOnlineSarsa extends TraceLearner {
  /** Value of the present position and action before the last update. */
  private before = 0;

  override begin(features: Int32Array, rng: Rng): Action {
    this.before = 0;
    return super.begin(features, rng);
  }

  step(reward: number, features: Int32Array): Action {
    const next = this.choose(features);
    this.learn(reward, this.values.value(features, next));
    return this.move(features, next);
  }

  end(reward: number, features: Int32Array, terminated: boolean): void {
    this.learn(reward, terminated ? 0 : this.values.value(features, this.choose(features)));
  }

  private learn(reward: number, ahead: number): void {
    const { rate } = this;
    const { discount } = this.settings;
    const value = this.values.value(this.last, this.action);
    const error = reward + discount * ahead - value;
    this.traces.decay(discount * this.lambda);
    this.traces.mark(this.last, this.action, 1, 1 - rate * this.traces.sum(this.last, this.action));
    this.traces.addTo(this.values.weights, rate * (error + value - this.before));
    this.values.add(this.last, this.action, -rate * (value - this.before));
    this.before = ahead;
  }
}
