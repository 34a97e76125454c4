/**
 * One match between two players as statistics: Elo, normalised Elo and the likelihood of superiority, with errors.
 * The unit is the pair (two games, one opening, sides swapped) wherever pairs were played, since its two games are not
 * independent; single games otherwise.
 */
import { Z95, normalCdf } from './numeric.js';

/** Outcomes of single games, view of the first player. */
export interface GameCounts {
  readonly wins: number;
  readonly draws: number;
  readonly losses: number;
}

/** Pairs by their two results, view of the first player, in the order LL, LD, WL, DD, WD, WW. */
export type PairCounts = readonly [ll: number, ld: number, wl: number, dd: number, wd: number, ww: number];

/** Scores a in [0, 1] of one unit and how often each was seen. */
export interface Sample {
  readonly unit: 'games' | 'pairs';
  /** Ascending: [0, ½, 1] or [0, ¼, ½, ¾, 1]. */
  readonly scores: readonly number[];
  readonly counts: readonly number[];
}

export function sampleOfGames(games: GameCounts): Sample {
  return { unit: 'games', scores: [0, 0.5, 1], counts: [games.losses, games.draws, games.wins] };
}

/** Five counts are the scores 0, ¼, ½, ¾, 1; six keep a win with a loss apart from two draws. */
export function sampleOfPairs(pairs: PairCounts | readonly number[]): Sample {
  if (pairs.length !== 5 && pairs.length !== 6) throw new RangeError(`pairs have 5 or 6 counts, not ${pairs.length}`);
  const counts = pairs.length === 5 ? [...pairs] : [pairs[0], pairs[1], pairs[2] + pairs[3], pairs[4], pairs[5]];
  return { unit: 'pairs', scores: [0, 0.25, 0.5, 0.75, 1], counts };
}

/** null where the result does not determine a number: nothing played, or every unit alike. */
export interface MatchStatistics {
  /** Games or pairs behind the figures. */
  readonly units: number;
  /** Mean score in [0, 1]. */
  readonly score: number | null;
  /** Logistic Elo difference of the first player over the second. */
  readonly elo: number | null;
  /** Half-width of its 95 % interval. */
  readonly margin: number | null;
  readonly nelo: number | null;
  readonly neloMargin: number | null;
  /** Likelihood of superiority, in [0, 1]. */
  readonly los: number | null;
}

/** Logistic Elo of a mean score; null at 0 and 1, where it is infinite. */
export function eloOfScore(score: number): number | null {
  return score > 0 && score < 1 ? 400 * Math.log10(score / (1 - score)) : null;
}

/** Expected score at an Elo difference. */
export function scoreOfElo(elo: number): number {
  return 1 / (1 + 10 ** (-elo / 400));
}

/** Normalised Elo of a per-unit ratio (s − ½)/σ is this many points: 800/ln 10, by √2 for pairs. */
export function neloScale(unit: Sample['unit']): number {
  return 800 / Math.LN10 / (unit === 'pairs' ? Math.SQRT2 : 1);
}

/** Mean and variance of a sample's scores; both NaN when nothing was played. */
export function moments(sample: Sample): { units: number; mean: number; variance: number } {
  let units = 0;
  let mean = 0;
  for (let i = 0; i < sample.counts.length; i++) {
    units += sample.counts[i];
    mean += sample.counts[i] * sample.scores[i];
  }
  mean /= units;
  let variance = 0;
  for (let i = 0; i < sample.counts.length; i++) variance += sample.counts[i] * (sample.scores[i] - mean) ** 2;
  return { units, mean, variance: variance / units };
}

export function matchStatistics(sample: Sample): MatchStatistics {
  const { units, mean, variance } = moments(sample);
  if (units === 0) return { units, score: null, elo: null, margin: null, nelo: null, neloMargin: null, los: null };
  const elo = eloOfScore(mean);
  if (!(variance > 0)) return { units, score: mean, elo, margin: null, nelo: null, neloMargin: null, los: null };
  const deviation = Math.sqrt(variance);
  const error = deviation / Math.sqrt(units);
  const low = eloOfScore(mean - Z95 * error);
  const high = eloOfScore(mean + Z95 * error);
  const scale = neloScale(sample.unit);
  return {
    units,
    score: mean,
    elo,
    margin: low === null || high === null ? null : (high - low) / 2,
    nelo: ((mean - 0.5) / deviation) * scale,
    neloMargin: (Z95 / Math.sqrt(units)) * scale,
    los: normalCdf((mean - 0.5) / error),
  };
}
