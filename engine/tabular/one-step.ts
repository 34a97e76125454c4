/** Methods that learn from one step at a time (Sutton and Barto 2018, sections 6.4 to 6.7). */
import type { Action } from '../types.js';
import { LearnerBase } from './learner.js';
import type { LearnerShape, LearningSettings } from './learner.js';
import { ActionValues, epsilonGreedy } from './values.js';

export const oneStepTargets = ['sarsa', 'expected', 'max'] as const;
/**
 * What stands for the value of the next position: 'sarsa' the value of the action that is taken there, 'expected' the
 * mean over the policy's actions, 'max' the best (Q-learning).
 */
export type OneStepTarget = (typeof oneStepTargets)[number];

/** Q(s, a) += α [r + γ v(s') - Q(s, a)], with v by `target`. */
export class OneStepLearner extends LearnerBase {
  private readonly target: OneStepTarget;

  constructor(target: OneStepTarget, shape: LearnerShape, settings: LearningSettings) {
    super(shape, settings);
    this.target = target;
  }

  step(reward: number, features: Int32Array): Action {
    // SARSA's target is the very action that comes next, so it is chosen before the update; others choose by what they have just learnt.
    if (this.target === 'sarsa') {
      const next = this.choose(features);
      this.learn(reward + this.settings.discount * this.values.value(features, next));
      return this.move(features, next);
    }
    this.learn(reward + this.settings.discount * this.expected(features));
    return this.move(features, this.choose(features));
  }

  end(reward: number, features: Int32Array, terminated: boolean): void {
    if (terminated) this.learn(reward);
    else this.learn(reward + this.settings.discount * (this.target === 'sarsa' ? this.values.value(features, this.choose(features)) : this.expected(features)));
  }

  private expected(features: Int32Array): number {
    if (this.target === 'max') return this.values.max(features);
    this.values.all(features, this.row);
    epsilonGreedy(this.row, this.settings.epsilon, this.probabilities);
    let mean = 0;
    for (let action = 0; action < this.row.length; action++) mean += this.probabilities[action] * this.row[action];
    return mean;
  }

  private learn(target: number): void {
    this.values.add(this.last, this.action, this.rate * (target - this.values.value(this.last, this.action)));
  }
}

/**
 * Double Q-learning (van Hasselt 2010): two tables, of which a coin picks the one to learn; it names the best next action
 * and the other says what that is worth, so that chance does not inflate the maximum. Acts, and is judged, by their mean.
 */
export class DoubleQLearner extends LearnerBase {
  readonly first: ActionValues;
  readonly second: ActionValues;

  constructor(shape: LearnerShape, settings: LearningSettings) {
    super(shape, settings);
    this.first = new ActionValues(shape.features, shape.actions, shape.initial);
    this.second = new ActionValues(shape.features, shape.actions, shape.initial);
  }

  step(reward: number, features: Int32Array): Action {
    this.learn(reward, features, false);
    return this.move(features, this.choose(features));
  }

  end(reward: number, features: Int32Array, terminated: boolean): void {
    this.learn(reward, features, terminated);
  }

  private learn(reward: number, features: Int32Array, terminated: boolean): void {
    const heads = this.rng.below(2) === 0;
    const learning = heads ? this.first : this.second;
    const judging = heads ? this.second : this.first;
    let target = reward;
    if (!terminated) {
      let best = 0;
      learning.all(features, this.row);
      for (let action = 1; action < this.row.length; action++) if (this.row[action] > this.row[best]) best = action;
      target += this.settings.discount * judging.value(features, best);
    }
    const change = this.rate * (target - learning.value(this.last, this.action));
    learning.add(this.last, this.action, change);
    this.values.add(this.last, this.action, change / 2);
  }
}
