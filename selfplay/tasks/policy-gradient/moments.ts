/** Running mean and variance, for observations and rewards of unknown size (Welford 1962; merged by batches after Chan et al. 1979). */

export class RunningMoments {
  readonly mean: Float64Array;
  /** Sums of squared deviations from the mean. */
  readonly squares: Float64Array;
  count = 0;

  constructor(size: number) {
    this.mean = new Float64Array(size);
    this.squares = new Float64Array(size);
  }

  /** rows [n, size]. */
  add(rows: ArrayLike<number>, n: number): void {
    const { mean, squares } = this;
    const size = mean.length;
    for (let i = 0; i < n; i++) {
      this.count++;
      for (let k = 0; k < size; k++) {
        const before = rows[i * size + k] - mean[k];
        mean[k] += before / this.count;
        squares[k] += before * (rows[i * size + k] - mean[k]);
      }
    }
  }

  /** Standard deviation of entry k; 1 while nothing is known of it. */
  deviation(k: number): number {
    return this.count < 2 ? 1 : Math.sqrt(this.squares[k] / this.count + 1e-8);
  }

  /** mean, squares and the count, one after the other. */
  save(): Float64Array {
    return Float64Array.of(...this.mean, ...this.squares, this.count);
  }

  restore(saved: ArrayLike<number>): void {
    const size = this.mean.length;
    for (let k = 0; k < size; k++) [this.mean[k], this.squares[k]] = [saved[k], saved[size + k]];
    this.count = saved[2 * size];
  }
}

/** What a normalised number may be at most, on either side. */
export const NORMAL_LIMIT = 10;

/** rows [n, size] -> out, each entry by its own mean and deviation, within +-NORMAL_LIMIT. */
export function normaliseRows(moments: RunningMoments, rows: Float32Array, n: number, out: Float32Array): void {
  const size = moments.mean.length;
  for (let k = 0; k < size; k++) {
    const [mean, scale] = [moments.mean[k], 1 / moments.deviation(k)];
    for (let at = k; at < n * size; at += size) out[at] = Math.max(-NORMAL_LIMIT, Math.min(NORMAL_LIMIT, (rows[at] - mean) * scale));
  }
}

/**
 * Rewards divided by the deviation of the discounted return that they add up to (Engstrom et al. 2020, "Implementation
 * matters"): the returns of the learner are then of the order of 1. Not shifted: a shift would change the task.
 */
export class RewardScale {
  readonly moments = new RunningMoments(1);
  readonly returns: Float64Array;
  private readonly gamma: number;

  constructor(n: number, gamma: number) {
    this.returns = new Float64Array(n);
    this.gamma = gamma;
  }

  /** Takes rewards [n] of one step into account and scales them in place. */
  apply(rewards: Float32Array, terminated: Uint8Array, truncated: Uint8Array): void {
    const { returns } = this;
    for (let i = 0; i < returns.length; i++) returns[i] = this.gamma * returns[i] + rewards[i];
    this.moments.add(returns, returns.length);
    const scale = 1 / this.moments.deviation(0);
    for (let i = 0; i < returns.length; i++) {
      rewards[i] = Math.max(-NORMAL_LIMIT, Math.min(NORMAL_LIMIT, rewards[i] * scale));
      if (terminated[i] === 1 || truncated[i] === 1) returns[i] = 0;
    }
  }
}
