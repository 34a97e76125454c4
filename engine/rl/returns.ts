/**
 * Returns and advantages. Experience of n environments over T steps lies as [T, n]: entry t * n + i is step t of
 * environment i. `nextValues` is the value of what followed the step: 0 where the episode truly ended, the value of the
 * final observation where it was cut, else the value of the next state. `ended` is 1 in both cases of an end, so that
 * nothing of the next episode leaks backwards.
 */

/** G_t = r_t + gamma G_{t+1} of one episode, into out; `bootstrap` is the value of what follows the last reward. */
export function discountedReturns(rewards: ArrayLike<number>, gamma: number, out: Float32Array | Float64Array, bootstrap = 0): void {
  let total = bootstrap;
  for (let t = rewards.length - 1; t >= 0; t--) out[t] = total = rewards[t] + gamma * total;
}

/** r_0 + gamma r_1 + ... + gamma^(n-1) r_{n-1} + gamma^n bootstrap: the n-step return. */
export function nStepReturn(rewards: ArrayLike<number>, gamma: number, bootstrap: number): number {
  let total = bootstrap;
  for (let t = rewards.length - 1; t >= 0; t--) total = rewards[t] + gamma * total;
  return total;
}

/** One rollout: all arrays [steps * n]. */
export interface Rollout {
  readonly steps: number;
  readonly n: number;
  readonly rewards: Float32Array;
  readonly values: Float32Array;
  readonly nextValues: Float32Array;
  readonly ended: Uint8Array;
}

/**
 * Generalised advantage estimation (Schulman et al. 2016, equation 16), into advantages [steps * n]:
 *   delta_t = r_t + gamma V(s_{t+1}) - V(s_t),  A_t = delta_t + gamma lambda A_{t+1}.
 * lambda 0 gives delta, lambda 1 the return minus the value; A + V is the lambda-return.
 */
export function generalisedAdvantages({ steps, n, rewards, values, nextValues, ended }: Rollout, gamma: number, lambda: number, advantages: Float32Array): void {
  for (let i = 0; i < n; i++) {
    let advantage = 0;
    for (let at = (steps - 1) * n + i; at >= 0; at -= n) {
      const delta = rewards[at] + gamma * nextValues[at] - values[at];
      advantages[at] = advantage = delta + (ended[at] === 1 ? 0 : gamma * lambda * advantage);
    }
  }
}

/** Shifts and scales to mean 0 and standard deviation 1; the epsilon keeps equal entries finite. */
export function standardise(values: Float32Array, epsilon = 1e-8): void {
  let mean = 0;
  for (const value of values) mean += value / values.length;
  let variance = 0;
  for (const value of values) variance += (value - mean) ** 2 / values.length;
  const scale = 1 / (Math.sqrt(variance) + epsilon);
  for (let i = 0; i < values.length; i++) values[i] = (values[i] - mean) * scale;
}
