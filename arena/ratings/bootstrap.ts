/** Percentile bootstrap over units (Efron 1979): a check on the formulas' errors that assumes no distribution. */
import type { Rng } from '#engine';
import { type Sample, eloOfScore, moments } from './score.js';

export interface BootstrapInterval {
  readonly low: number;
  readonly high: number;
  /** Half of the interval's width. */
  readonly margin: number;
}

/** Quantile of an ascending array, linear between neighbours. */
function quantile(sorted: Float64Array, q: number): number {
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  return sorted[low] + (at - low) * (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]);
}

/**
 * 95 % interval of the Elo difference by resampling whole games or pairs, never moves. null when the sample is empty or
 * a resample reaches 0 or 100 %, where Elo is infinite, within the interval.
 */
export function bootstrapElo(sample: Sample, rng: Rng, resamples = 2000): BootstrapInterval | null {
  const { units } = moments(sample);
  if (units === 0 || !Number.isInteger(units)) return null;
  const owner = new Float64Array(units);
  let at = 0;
  for (const [i, count] of sample.counts.entries()) for (let k = 0; k < count; k++) owner[at++] = sample.scores[i];
  const elos = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    let sum = 0;
    for (let i = 0; i < units; i++) sum += owner[rng.below(units)];
    elos[r] = eloOfScore(sum / units) ?? (sum === 0 ? -Infinity : Infinity);
  }
  elos.sort();
  const low = quantile(elos, 0.025);
  const high = quantile(elos, 0.975);
  return Number.isFinite(low) && Number.isFinite(high) ? { low, high, margin: (high - low) / 2 } : null;
}
