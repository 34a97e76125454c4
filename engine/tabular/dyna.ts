/**
 * Dyna-Q and Dyna-Q+ (Sutton and Barto 2018, sections 8.2 and 8.3): Q-learning from every step, and again from steps
 * that a learnt model remembers. The model keeps the last outcome of each action in each position: exact where actions
 * have one outcome, a moving sample of them where chance decides. For tables: one feature on at a time.
 */
import type { Action } from '../types.js';
import { LearnerBase } from './learner.js';
import type { LearnerShape, LearningSettings } from './learner.js';

export interface DynaSettings extends LearningSettings {
  /** Remembered steps learnt from after each real one. */
  planning: number;
  /** κ: a remembered step counts κ sqrt(τ) more, τ real steps after it was last tried; 0 is Dyna-Q, more is Dyna-Q+. */
  bonus: number;
}

export class DynaLearner extends LearnerBase {
  declare readonly settings: DynaSettings;
  /** [features * actions]: what the model remembers of each action. */
  private readonly next: Int32Array;
  private readonly reward: Float64Array;
  /** 1 where the episode ended. */
  private readonly over: Uint8Array;
  /** Real step at which it was last tried. */
  private readonly tried: Float64Array;
  /** 1 where the model has the entry. */
  private readonly known: Uint8Array;
  /** The entries that the model has, in the order in which they came. */
  private readonly entries: Int32Array;
  private count = 0;
  private time = 0;

  constructor(shape: LearnerShape, settings: DynaSettings) {
    if (shape.active !== 1) throw new Error('the model of Dyna is a table: it needs one feature on at a time');
    super(shape, settings);
    const size = shape.features * shape.actions;
    this.next = new Int32Array(size);
    this.reward = new Float64Array(size);
    this.over = new Uint8Array(size);
    this.tried = new Float64Array(size);
    this.known = new Uint8Array(size);
    this.entries = new Int32Array(size);
  }

  step(reward: number, features: Int32Array): Action {
    this.observe(reward, features, false);
    return this.move(features, this.choose(features));
  }

  end(reward: number, features: Int32Array, terminated: boolean): void {
    this.observe(reward, features, terminated);
  }

  private observe(reward: number, features: Int32Array, terminated: boolean): void {
    const entry = this.last[0] * this.values.actions + this.action;
    this.time++;
    if (this.settings.bonus > 0) this.imagine(this.last[0]);
    this.remember(entry);
    this.next[entry] = features[0];
    this.reward[entry] = reward;
    this.over[entry] = terminated ? 1 : 0;
    this.tried[entry] = this.time;
    this.learn(entry, reward);
    for (let k = 0; k < this.settings.planning; k++) {
      const old = this.entries[this.rng.below(this.count)];
      this.learn(old, this.reward[old] + this.settings.bonus * Math.sqrt(this.time - this.tried[old]));
    }
  }

  /** Dyna-Q+ also plans with actions that were never tried where it has been: at first they are thought to lead back, for nothing. */
  private imagine(state: number): void {
    const first = state * this.values.actions;
    for (let entry = first; entry < first + this.values.actions; entry++) {
      if (this.known[entry] === 0) this.next[entry] = state;
      this.remember(entry);
    }
  }

  private remember(entry: number): void {
    if (this.known[entry] === 1) return;
    this.known[entry] = 1;
    this.entries[this.count++] = entry;
  }

  private learn(entry: number, reward: number): void {
    const { weights, actions } = this.values;
    let target = reward;
    if (this.over[entry] === 0) {
      let best = -Infinity;
      const row = this.next[entry] * actions;
      for (let action = 0; action < actions; action++) best = Math.max(best, weights[row + action]);
      target += this.settings.discount * best;
    }
    weights[entry] += this.settings.stepSize * (target - weights[entry]);
  }
}
