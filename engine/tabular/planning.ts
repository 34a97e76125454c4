/** Planners for models that are known (Sutton and Barto 2018, sections 4.3, 4.4 and 8.7). Each makes one piece of its work a call. */
import type { Rng } from '../rng.js';
import { actionValue, bellmanBackup, bestAction, policyValues } from './model.js';
import type { FiniteModel } from './model.js';

/** Its own fields are numbers and typed arrays, which saved and restored go on exactly; the model is hidden from that (#). */
export interface Planner {
  /** V [states], what it thinks so far. */
  readonly values: Float64Array;
  /** Largest change of a value in the last piece of work; 0 when there is nothing more to do. */
  readonly change: number;
  /** One sweep, one improvement of the policy, or one trial. Returns the backups made: values computed anew. */
  improve(): number;
}

/** V(s) <- max over a of Σ p [r + γ V(s')], all positions at a time. */
export class ValueIteration implements Planner {
  values: Float64Array;
  change = Infinity;
  private spare: Float64Array;
  readonly #model: FiniteModel;
  private readonly discount: number;

  constructor(model: FiniteModel, discount: number) {
    this.#model = model;
    this.discount = discount;
    this.values = new Float64Array(model.states);
    this.spare = new Float64Array(model.states);
  }

  improve(): number {
    this.change = bellmanBackup(this.#model, this.values, this.discount, this.spare);
    [this.values, this.spare] = [this.spare, this.values];
    return this.#model.states;
  }
}

/** Exact values of a policy, then the policy that is greedy by them, until none is better. */
export class PolicyIteration implements Planner {
  values: Float64Array;
  change = Infinity;
  /** [states]: action, -1 where nobody acts. */
  readonly policy: Int32Array;
  readonly #model: FiniteModel;
  private readonly discount: number;

  constructor(model: FiniteModel, discount: number) {
    this.#model = model;
    this.discount = discount;
    this.values = new Float64Array(model.states);
    this.policy = Int32Array.from({ length: model.states }, (_, state) => bestAction(model, this.values, state, discount));
  }

  improve(): number {
    const values = policyValues(this.#model, this.policy, this.discount);
    this.change = 0;
    for (let state = 0; state < values.length; state++) {
      this.change = Math.max(this.change, Math.abs(values[state] - this.values[state]));
      if (this.policy[state] < 0) continue;
      const best = bestAction(this.#model, values, state, this.discount);
      // Equal actions must not take turns for ever: only a truly better one replaces the present one.
      const present = actionValue(this.#model, values, state, this.policy[state], this.discount);
      if (actionValue(this.#model, values, state, best, this.discount) > present + 1e-9 * Math.max(1, Math.abs(present))) this.policy[state] = best;
    }
    this.values = values;
    return this.#model.states;
  }
}

/**
 * Real-time dynamic programming (Barto, Bradtke and Singh 1995): backups along trials from the start, ε-greedy by what
 * they have found, so that positions that good play never meets cost nothing.
 */
export class RealTimeDynamicProgramming implements Planner {
  readonly values: Float64Array;
  change = Infinity;
  /** ε of the next trial. */
  epsilon: number;
  readonly #model: FiniteModel;
  private readonly discount: number;
  private readonly decay: number;
  private readonly longest: number;
  private readonly rng: Rng;

  /** `decay` multiplies ε after each trial; a trial is cut after `longest` steps. */
  constructor(model: FiniteModel, discount: number, epsilon: number, decay: number, longest: number, rng: Rng) {
    this.#model = model;
    this.discount = discount;
    this.epsilon = epsilon;
    this.decay = decay;
    this.longest = longest;
    this.rng = rng;
    this.values = new Float64Array(model.states);
  }

  improve(): number {
    const model = this.#model;
    const { values, discount, rng } = this;
    let state = model.start;
    let steps = 0;
    this.change = 0;
    for (let over = false; !over && steps < this.longest; steps++) {
      const best = bestAction(model, values, state, discount);
      if (best < 0) break;
      const value = actionValue(model, values, state, best, discount);
      this.change = Math.max(this.change, Math.abs(value - values[state]));
      values[state] = value;
      const action = rng.float() < this.epsilon ? rng.below(model.actions) : best;
      const outcomes = model.outcomes[state * model.actions + action];
      if (outcomes.length === 0) break;
      let chosen = 0;
      for (let left = rng.float() - outcomes[0].probability; left >= 0 && chosen < outcomes.length - 1; ) left -= outcomes[++chosen].probability;
      over = outcomes[chosen].terminated;
      state = outcomes[chosen].next;
    }
    this.epsilon *= this.decay;
    return steps;
  }
}
