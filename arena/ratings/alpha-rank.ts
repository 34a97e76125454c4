/**
 * α-rank (Omidshafiei et al. 2019, "α-Rank: Multi-Agent Evaluation by Evolution", section 2): how often an evolving
 * population of `population` copies plays each strategy in the long run. Unlike a rating it copes with cycles.
 */
export interface AlphaRankOptions {
  /** Selection strength per unit of payoff; default 10. */
  readonly alpha?: number;
  /** Size of the population; default 50. */
  readonly population?: number;
}

/** Chances below this are raised to it, so that the chain stays irreducible in double precision. */
const RAREST = 1e-80;

/** Chance that one mutant with payoff advantage `difference` takes over a population of m. */
function fixation(difference: number, alpha: number, m: number): number {
  const x = alpha * difference;
  const p = Math.abs(x) < 1e-12 ? 1 / m : x > 0 ? Math.expm1(-x) / Math.expm1(-m * x) : (Math.exp((m - 1) * x) * Math.expm1(x)) / Math.expm1(m * x);
  return Math.max(RAREST, p);
}

/**
 * payoff[i][j]: expected score of i against j (for ratings, in [0, 1]), of which payoff[j][i] is the other side's.
 * Returns the stationary distribution, summing to 1.
 */
export function alphaRank(payoff: readonly (readonly number[])[], options: AlphaRankOptions = {}): number[] {
  const { alpha = 10, population = 50 } = options;
  const n = payoff.length;
  if (n === 0) return [];
  const chain = payoff.map((_, from) =>
    payoff.map((__, to) => (from === to ? 0 : fixation(payoff[to][from] - payoff[from][to], alpha, population) / Math.max(1, n - 1))),
  );
  // Grassmann, Taksar and Heyman (1985): elimination without a subtraction, so the tiny chances keep their digits.
  const out: number[] = Array.from({ length: n }, () => 0);
  for (let k = n - 1; k > 0; k--) {
    const leaving = chain[k].slice(0, k).reduce((sum, p) => sum + p, 0);
    for (let i = 0; i < k; i++) chain[i][k] /= leaving;
    for (let i = 0; i < k; i++) for (let j = 0; j < k; j++) if (i !== j) chain[i][j] += chain[i][k] * chain[k][j];
  }
  out[0] = 1;
  for (let k = 1; k < n; k++) out[k] = chain.slice(0, k).reduce((sum, row, i) => sum + out[i] * row[k], 0);
  const total = out.reduce((sum, x) => sum + x, 0);
  return out.map((x) => x / total);
}
