/**
 * Sequential probability ratio tests of H1: elo >= elo1 against H0: elo <= elo0.
 * Logistic and normalised are generalised SPRTs over the multinomial of unit scores (Van den Bergh, "Comments on
 * Normalized Elo"); Bayesian is BayesElo's trinomial of single games.
 */
import { decreasingRoot } from './numeric.js';
import { type GameCounts, type PairCounts, type Sample, sampleOfGames, sampleOfPairs, neloScale, scoreOfElo } from './score.js';

export const sprtModels = ['logistic', 'normalized', 'bayesian'] as const;
export type SprtModel = (typeof sprtModels)[number];

export interface SprtOptions {
  readonly model: SprtModel;
  /** Elo differences of the two hypotheses, in the model's own points. */
  readonly elo0: number;
  readonly elo1: number;
  /** Chance of accepting H1 at elo0; default .05. */
  readonly alpha?: number;
  /** Chance of accepting H0 at elo1; default .05. */
  readonly beta?: number;
}

export interface SprtResult {
  /** null when nothing was played, or when the model does not apply (Bayesian over pairs). */
  readonly llr: number | null;
  readonly lower: number;
  readonly upper: number;
  readonly state: 'H0' | 'H1' | 'continue';
}

/** Cells never seen are taken as this many, so that no probability is 0. */
const UNSEEN = 1e-3;

function regularised(sample: Sample): { units: number; frequencies: number[] } {
  if (!sample.counts.some((count) => count > 0)) return { units: 0, frequencies: [] };
  const counts = sample.counts.map((count) => (count === 0 ? UNSEEN : count));
  const units = counts.reduce((sum, count) => sum + count, 0);
  return { units, frequencies: counts.map((count) => count / units) };
}

/**
 * The distribution nearest to the frequencies (maximum likelihood) whose mean of `phi` is 0: p / (1 + theta * phi).
 */
function tilt(frequencies: readonly number[], phi: readonly number[]): number[] {
  const theta = decreasingRoot(
    (x) => frequencies.reduce((sum, p, i) => sum + (p * phi[i]) / (1 + x * phi[i]), 0),
    -1 / Math.max(...phi),
    -1 / Math.min(...phi),
  );
  return frequencies.map((p, i) => p / (1 + theta * phi[i]));
}

function ratio(units: number, frequencies: readonly number[], p0: readonly number[], p1: readonly number[]): number {
  return units * frequencies.reduce((sum, p, i) => sum + p * Math.log(p1[i] / p0[i]), 0);
}

/** Maximum likelihood with mean score fixed at the hypothesis' expectation. */
function logisticFit(frequencies: readonly number[], scores: readonly number[], elo: number): number[] {
  const expected = scoreOfElo(elo);
  return tilt(frequencies, scores.map((a) => a - expected));
}

/** Maximum likelihood with (mean − ½)/σ fixed, by iterating its linearisation from the uniform distribution. */
function normalizedFit(frequencies: readonly number[], scores: readonly number[], t: number): number[] {
  let p = frequencies.map(() => 1 / frequencies.length);
  for (let i = 0; i < 50; i++) {
    const mean = p.reduce((sum, x, j) => sum + x * scores[j], 0);
    const deviation = Math.sqrt(p.reduce((sum, x, j) => sum + x * (scores[j] - mean) ** 2, 0));
    const next = tilt(frequencies, scores.map((a) => a - 0.5 - 0.5 * t * deviation * (1 + ((a - mean) / deviation) ** 2)));
    const change = next.reduce((most, x, j) => Math.max(most, Math.abs(x - p[j])), 0);
    p = next;
    if (change < 1e-9) break;
  }
  return p;
}

/** Log-likelihood ratio of elo1 over elo0; null when nothing was played. */
export function gsprtLlr(sample: Sample, model: 'logistic' | 'normalized', elo0: number, elo1: number): number | null {
  const { units, frequencies } = regularised(sample);
  if (units === 0) return null;
  const fit = (elo: number): number[] =>
    model === 'logistic'
      ? logisticFit(frequencies, sample.scores, elo)
      : normalizedFit(frequencies, sample.scores, elo / neloScale(sample.unit));
  return ratio(units, frequencies, fit(elo0), fit(elo1));
}

/** BayesElo's model: elo and drawelo place the win and loss thresholds; drawelo is taken from the frequencies. */
export function bayesianLlr(games: GameCounts, elo0: number, elo1: number): number | null {
  const { units, frequencies } = regularised(sampleOfGames(games));
  if (units === 0) return null;
  const [loss, , win] = frequencies;
  const drawElo = 200 * Math.log10(((1 - loss) / loss) * ((1 - win) / win));
  const outcomes = (elo: number): number[] => {
    const w = scoreOfElo(elo - drawElo);
    const l = scoreOfElo(-elo - drawElo);
    return [l, 1 - w - l, w];
  };
  const p0 = outcomes(elo0);
  const p1 = outcomes(elo1);
  // A negative drawelo (fewer draws than none) leaves the model: no ratio rather than a logarithm of nothing.
  return p0[1] > 0 && p1[1] > 0 ? ratio(units, frequencies, p0, p1) : null;
}

export function sprtBounds(alpha = 0.05, beta = 0.05): { lower: number; upper: number } {
  return { lower: Math.log(beta / (1 - alpha)), upper: Math.log((1 - beta) / alpha) };
}

/** The test's state after these games or pairs. Bayesian takes games alone. */
export function sprt(results: GameCounts | PairCounts | readonly number[], options: SprtOptions): SprtResult {
  const { lower, upper } = sprtBounds(options.alpha, options.beta);
  let llr: number | null;
  if (options.model === 'bayesian') {
    llr = 'wins' in results ? bayesianLlr(results, options.elo0, options.elo1) : null;
  } else {
    const sample = 'wins' in results ? sampleOfGames(results) : sampleOfPairs(results);
    llr = gsprtLlr(sample, options.model, options.elo0, options.elo1);
  }
  const state = llr === null ? 'continue' : llr >= upper ? 'H1' : llr <= lower ? 'H0' : 'continue';
  return { llr, lower, upper, state };
}
