/** Methods that learn from windows of n steps (Sutton and Barto 2018, sections 7.2 and 7.5). */
import type { Rng } from '../rng.js';
import type { Action } from '../types.js';
import { LearnerBase } from './learner.js';
import type { LearnerShape, LearningSettings } from './learner.js';
import { epsilonGreedy } from './values.js';

/**
 * The last n steps, oldest first, in rings: position and action k of the window, and the reward that the action gave.
 * An update of the oldest is due once n rewards are in; at the end of the episode the rest follow with ever shorter
 * windows, so that none reaches across it.
 */
abstract class WindowLearner extends LearnerBase {
  private readonly n: number;
  private readonly features: Int32Array[];
  private readonly actions: Int32Array;
  private readonly rewards: Float64Array;
  private oldest = 0;
  protected size = 0;

  constructor(n: number, shape: LearnerShape, settings: LearningSettings) {
    super(shape, settings);
    this.n = n;
    this.features = Array.from({ length: n }, () => new Int32Array(shape.active));
    this.actions = new Int32Array(n);
    this.rewards = new Float64Array(n);
  }

  override begin(features: Int32Array, rng: Rng): Action {
    this.size = 0;
    return super.begin(features, rng);
  }

  step(reward: number, features: Int32Array): Action {
    const next = this.choose(features);
    this.push(reward);
    if (this.size === this.n) this.shift(this.ahead(features, next));
    return this.move(features, next);
  }

  end(reward: number, features: Int32Array, terminated: boolean): void {
    this.push(reward);
    const next = terminated ? -1 : this.choose(features);
    // Read anew after every update: each may change what the following ones bootstrap from.
    while (this.size > 0) this.shift(terminated ? 0 : this.ahead(features, next));
  }

  /** What stands for the position after the window, in which `next` is chosen. */
  protected abstract ahead(features: Int32Array, next: Action): number;
  /** Return of the window's first step, given what stands for the position after its last. */
  protected abstract return(ahead: number): number;

  protected position(k: number): Int32Array {
    return this.features[(this.oldest + k) % this.n];
  }

  protected actionAt(k: number): Action {
    return this.actions[(this.oldest + k) % this.n];
  }

  protected rewardAt(k: number): number {
    return this.rewards[(this.oldest + k) % this.n];
  }

  private push(reward: number): void {
    const at = (this.oldest + this.size++) % this.n;
    this.features[at].set(this.last);
    this.actions[at] = this.action;
    this.rewards[at] = reward;
  }

  private shift(ahead: number): void {
    const features = this.position(0);
    const action = this.actionAt(0);
    this.values.add(features, action, this.rate * (this.return(ahead) - this.values.value(features, action)));
    this.oldest = (this.oldest + 1) % this.n;
    this.size--;
  }
}

/** n-step SARSA; on a task with one action, n-step TD. G = r1 + γ r2 + ... + γ^n Q(s_n, a_n). */
export class NStepSarsa extends WindowLearner {
  protected ahead(features: Int32Array, next: Action): number {
    return this.values.value(features, next);
  }

  protected return(ahead: number): number {
    let sum = ahead;
    for (let k = this.size - 1; k >= 0; k--) sum = this.rewardAt(k) + this.settings.discount * sum;
    return sum;
  }
}

/**
 * n-step Tree Backup for the greedy policy, while acting ε-greedily, without importance sampling: actions that were not
 * taken count by their values, the one that was by what followed, each weighted by the greedy policy.
 */
export class TreeBackup extends WindowLearner {
  protected ahead(features: Int32Array): number {
    return this.values.max(features);
  }

  protected return(ahead: number): number {
    const { discount } = this.settings;
    let sum = this.rewardAt(this.size - 1) + discount * ahead;
    for (let k = this.size - 1; k >= 1; k--) {
      this.values.all(this.position(k), this.row);
      epsilonGreedy(this.row, 0, this.probabilities);
      const taken = this.actionAt(k);
      let others = 0;
      for (let action = 0; action < this.row.length; action++) if (action !== taken) others += this.probabilities[action] * this.row[action];
      sum = this.rewardAt(k - 1) + discount * (others + this.probabilities[taken] * sum);
    }
    return sum;
  }
}
