/** Values of actions as sums of weights of the features that are on, and the policies that they imply. */
import type { Rng } from '../rng.js';
import type { Action } from '../types.js';

export class ActionValues {
  readonly features: number;
  readonly actions: number;
  /** [features * actions], row feature, column action. With one feature on at a time, the table Q(s, a). */
  readonly weights: Float64Array;

  constructor(features: number, actions: number, initial = 0) {
    this.features = features;
    this.actions = actions;
    this.weights = new Float64Array(features * actions).fill(initial);
  }

  value(active: Int32Array, action: Action): number {
    let sum = 0;
    for (let i = 0; i < active.length; i++) sum += this.weights[active[i] * this.actions + action];
    return sum;
  }

  /** Values of all actions, to out [actions]. */
  all(active: Int32Array, out: Float64Array): void {
    for (let action = 0; action < this.actions; action++) out[action] = this.value(active, action);
  }

  max(active: Int32Array): number {
    let best = -Infinity;
    for (let action = 0; action < this.actions; action++) best = Math.max(best, this.value(active, action));
    return best;
  }

  /** Adds `amount` to the weight of each of the features. */
  add(active: Int32Array, action: Action, amount: number): void {
    for (let i = 0; i < active.length; i++) this.weights[active[i] * this.actions + action] += amount;
  }
}

/**
 * Probabilities of the ε-greedy policy, to out [values.length]: ε shared by all actions, 1 - ε by the best. Equal bests
 * share alike, so that a fresh table explores instead of always taking action 0.
 */
export function epsilonGreedy(values: Float64Array, epsilon: number, out: Float64Array): void {
  const count = values.length;
  let best = -Infinity;
  let ties = 0;
  for (let action = 0; action < count; action++) {
    if (values[action] > best) {
      best = values[action];
      ties = 1;
    } else if (values[action] === best) ties++;
  }
  for (let action = 0; action < count; action++) out[action] = epsilon / count + (values[action] === best ? (1 - epsilon) / ties : 0);
}

/** An action drawn with these probabilities. */
export function draw(probabilities: Float64Array, rng: Rng): Action {
  let left = rng.float();
  for (let action = 0; action < probabilities.length; action++) {
    left -= probabilities[action];
    if (left < 0) return action;
  }
  // Rounding can leave a sliver: the last action that is possible at all takes it.
  let last = probabilities.length - 1;
  while (last > 0 && probabilities[last] === 0) last--;
  return last;
}
