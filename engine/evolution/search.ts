/** Search over vectors by their scores alone: ask for a population, score it, tell. */
import { normal } from '../rng.js';
import type { Rng } from '../rng.js';

export interface EvolutionSearch {
  readonly size: number;
  readonly population: number;
  /** [size]: the middle of the search, its best guess. */
  readonly mean: Float64Array;
  /** [size]: standard deviation along each axis. */
  readonly deviation: Float64Array;
  /** Draws a population, to out [population * size]. */
  ask(rng: Rng, out: Float64Array): void;
  /** Scores [population] of the members that `ask` wrote; more is better. */
  tell(members: Float64Array, scores: ArrayLike<number>): void;
}

/** Indexes of the members, best first; equal scores in order of index. */
export function ranking(scores: ArrayLike<number>): Int32Array {
  return Int32Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[b] - scores[a] || a - b);
}

export interface CrossEntropySettings {
  readonly population: number;
  /** Share of the population that the next distribution is fitted to. */
  readonly elite: number;
  /** σ² of the first distribution. */
  readonly variance: number;
  /** η, added to the variance of the elite (noisy CEM), so that the search does not close too soon. */
  readonly noise: number;
  /** Multiplies η after each generation. */
  readonly noiseDecay: number;
}

/**
 * The cross-entropy method with a Gaussian of independent axes (Rubinstein 1999), and added noise (Szita and Lőrincz
 * 2006): mean and (population) variance become those of the elite, plus η.
 */
export class CrossEntropy implements EvolutionSearch {
  readonly size: number;
  readonly population: number;
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
  private noise: number;
  private readonly elite: number;
  private readonly noiseDecay: number;

  constructor(size: number, settings: CrossEntropySettings) {
    this.size = size;
    this.population = settings.population;
    this.mean = new Float64Array(size);
    this.deviation = new Float64Array(size).fill(Math.sqrt(settings.variance));
    this.noise = settings.noise;
    this.noiseDecay = settings.noiseDecay;
    this.elite = Math.max(1, Math.round(settings.elite * settings.population));
  }

  ask(rng: Rng, out: Float64Array): void {
    for (let i = 0; i < this.population * this.size; i++) out[i] = this.mean[i % this.size] + this.deviation[i % this.size] * normal(rng);
  }

  tell(members: Float64Array, scores: ArrayLike<number>): void {
    const best = ranking(scores).subarray(0, this.elite);
    for (let axis = 0; axis < this.size; axis++) {
      let sum = 0;
      for (const member of best) sum += members[member * this.size + axis];
      const mean = sum / this.elite;
      let squares = 0;
      for (const member of best) squares += (members[member * this.size + axis] - mean) ** 2;
      this.mean[axis] = mean;
      this.deviation[axis] = Math.sqrt(squares / this.elite + this.noise);
    }
    this.noise *= this.noiseDecay;
  }
}

export interface NaturalEvolutionSettings {
  readonly population: number;
  /** σ of the first distribution. */
  readonly deviation: number;
  /** Learning rate of the mean, in deviations. */
  readonly meanRate: number;
  /** Learning rate of the logarithm of the deviations; undefined: (3 + ln d) / (5 sqrt(d)), as published. */
  readonly deviationRate?: number;
}

/** Utilities by rank, best first: max(0, ln(k/2 + 1) - ln(rank)), scaled to a sum of 1, less 1/k (Wierstra et al. 2014, section 3.1). */
export function utilities(population: number): Float64Array {
  const raw = Float64Array.from({ length: population }, (_, i) => Math.max(0, Math.log(population / 2 + 1) - Math.log(i + 1)));
  const sum = raw.reduce((total, value) => total + value, 0);
  return raw.map((value) => value / sum - 1 / population);
}

/**
 * Separable natural evolution strategies (Wierstra et al. 2014, algorithm 6): follows the natural gradient of the
 * expected utility with respect to the mean and the deviation of each axis.
 */
export class NaturalEvolution implements EvolutionSearch {
  readonly size: number;
  readonly population: number;
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
  private readonly meanRate: number;
  private readonly deviationRate: number;
  private readonly shares: Float64Array;

  constructor(size: number, settings: NaturalEvolutionSettings) {
    this.size = size;
    this.population = settings.population;
    this.mean = new Float64Array(size);
    this.deviation = new Float64Array(size).fill(settings.deviation);
    this.meanRate = settings.meanRate;
    this.deviationRate = settings.deviationRate ?? (3 + Math.log(size)) / (5 * Math.sqrt(size));
    this.shares = utilities(settings.population);
  }

  ask(rng: Rng, out: Float64Array): void {
    for (let i = 0; i < this.population * this.size; i++) out[i] = this.mean[i % this.size] + this.deviation[i % this.size] * normal(rng);
  }

  tell(members: Float64Array, scores: ArrayLike<number>): void {
    const order = ranking(scores);
    for (let axis = 0; axis < this.size; axis++) {
      const mean = this.mean[axis];
      const deviation = this.deviation[axis];
      let towards = 0;
      let wider = 0;
      for (let rank = 0; rank < order.length; rank++) {
        const s = (members[order[rank] * this.size + axis] - mean) / deviation;
        towards += this.shares[rank] * s;
        wider += this.shares[rank] * (s * s - 1);
      }
      this.mean[axis] = mean + this.meanRate * deviation * towards;
      this.deviation[axis] = deviation * Math.exp((this.deviationRate / 2) * wider);
    }
  }
}
