/** Finite Markov decision processes that are known in full, and Bellman's equations for them. */
import { UserError } from '../errors.js';

/** One thing that an action can lead to. */
export interface FiniteOutcome {
  readonly probability: number;
  /** Index of the next position. */
  readonly next: number;
  readonly reward: number;
  /** Whether the episode ends there. */
  readonly terminated: boolean;
}

export interface FiniteModel {
  /** Positions are 0 <= index < states. */
  readonly states: number;
  readonly actions: number;
  /** Where every episode begins. */
  readonly start: number;
  /** [states * actions], row state * actions + action: what can follow, with probabilities that add up to 1; empty for positions in which nobody ever acts. */
  readonly outcomes: readonly (readonly FiniteOutcome[])[];
}

/** Σ p [r + γ V(next)] of one action; nothing follows an end. -Infinity where nobody acts. */
export function actionValue(model: FiniteModel, values: Float64Array, state: number, action: number, discount: number): number {
  const outcomes = model.outcomes[state * model.actions + action];
  if (outcomes.length === 0) return -Infinity;
  let sum = 0;
  for (const { probability, next, reward, terminated } of outcomes) sum += probability * (reward + (terminated ? 0 : discount * values[next]));
  return sum;
}

/** The best action of a position; the first of equals, -1 where nobody acts. */
export function bestAction(model: FiniteModel, values: Float64Array, state: number, discount: number): number {
  let best = -1;
  let highest = -Infinity;
  for (let action = 0; action < model.actions; action++) {
    const value = actionValue(model, values, state, action, discount);
    if (value > highest) {
      highest = value;
      best = action;
    }
  }
  return best;
}

/** Bellman's optimality operator: max over actions of `actionValue`, to out [states]; 0 where nobody acts. Returns the largest change. */
export function bellmanBackup(model: FiniteModel, values: Float64Array, discount: number, out: Float64Array): number {
  let change = 0;
  for (let state = 0; state < model.states; state++) {
    const best = bestAction(model, values, state, discount);
    const before = values[state];
    out[state] = best < 0 ? 0 : actionValue(model, values, state, best, discount);
    change = Math.max(change, Math.abs(out[state] - before));
  }
  return change;
}

/** Q(s, a) of all positions, [states * actions]; 0 where nobody acts. */
export function actionValues(model: FiniteModel, values: Float64Array, discount: number): Float64Array {
  return Float64Array.from(model.outcomes, (outcomes, i) => (outcomes.length === 0 ? 0 : actionValue(model, values, Math.floor(i / model.actions), i % model.actions, discount)));
}

/**
 * Values of a policy [states] of action indexes, exactly: the linear system V = r + γ P V by Gaussian elimination with
 * partial pivoting. Throws UserError('usage') where it has no solution: without a discount, a policy that never ends.
 */
export function policyValues(model: FiniteModel, policy: Int32Array, discount: number): Float64Array {
  const n = model.states;
  const width = n + 1;
  const rows = Array.from({ length: n }, (_, state) => {
    const row = new Float64Array(width);
    row[state] = 1;
    const outcomes = policy[state] < 0 ? [] : model.outcomes[state * model.actions + policy[state]];
    for (const { probability, next, reward, terminated } of outcomes) {
      row[n] += probability * reward;
      if (!terminated) row[next] -= discount * probability;
    }
    return row;
  });
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let r = column + 1; r < n; r++) if (Math.abs(rows[r][column]) > Math.abs(rows[pivot][column])) pivot = r;
    if (Math.abs(rows[pivot][column]) < 1e-12) throw new UserError('usage', 'this policy goes on for ever, and without a discount its value is not finite; take a discount below 1');
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    const top = rows[column];
    for (let r = column + 1; r < n; r++) {
      const factor = rows[r][column] / top[column];
      if (factor === 0) continue;
      for (let c = column; c < width; c++) rows[r][c] -= factor * top[c];
    }
  }
  const values = new Float64Array(n);
  for (let state = n - 1; state >= 0; state--) {
    let sum = rows[state][n];
    for (let c = state + 1; c < n; c++) sum -= rows[state][c] * values[c];
    values[state] = sum / rows[state][state];
  }
  return values;
}
