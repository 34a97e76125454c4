/** From a network's answer to a distribution over actions, and to an action. */
import type { Action, Rng } from '#engine';

/** What drives the steps. */
export interface Distribution {
  /** [actions], sums to 1. */
  readonly probabilities: readonly number[];
  /** Value of the position, in the task's own rewards; undefined for agents without one. */
  readonly value?: number;
  /** [actions]: the network's answers are action values; then the best one is played. */
  readonly q?: readonly number[];
}

export function uniform(actions: number): Distribution {
  return { probabilities: Array<number>(actions).fill(1 / actions) };
}

export function softmax(logits: ArrayLike<number>): number[] {
  const all = Array.from(logits);
  const top = Math.max(...all);
  const weights = all.map((x) => Math.exp(x - top));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / sum);
}

/** The first of the largest. */
export function greatest(values: readonly number[]): number {
  return values.reduce((best, value, i) => (value > values[best] ? i : best), 0);
}

/** Action values are followed greedily; a policy is drawn from, or followed greedily too. */
export function distributionOf(policy: Float32Array, value: number, kind: 'policy' | 'q', greedy: boolean): Distribution {
  const q = kind === 'q' ? Array.from(policy) : undefined;
  const probabilities = q === undefined && !greedy ? softmax(policy) : Array.from(policy, (_, a) => Number(a === greatest(Array.from(policy))));
  return { probabilities, value, q };
}

export function draw({ probabilities }: Distribution, rng: Rng): Action {
  let left = rng.float();
  for (const [action, p] of probabilities.entries()) {
    left -= p;
    if (left < 0) return action;
  }
  // Rounding left a little over: the last that is possible.
  return probabilities.findLastIndex((p) => p > 0);
}
