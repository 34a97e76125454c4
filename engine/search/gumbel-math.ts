/**
 * The arithmetic of Gumbel AlphaZero and Gumbel MuZero (Danihelka et al., "Policy improvement by planning with Gumbel",
 * ICLR 2022), on plain arrays: sequential halving, completed Q, σ and the improved policy. Every q here is in [0, 1],
 * from the view of the seat to move.
 */

/**
 * Sequential halving (section 2 of the paper) written as one table: entry i is the number of visits that the action
 * chosen at simulation i has had. `considered` = min(m, legal actions); the log is rounded up.
 */
export function halvingTable(considered: number, simulations: number): Int32Array {
  const table = new Int32Array(simulations);
  if (considered <= 1) return table.map((_, i) => i);
  const rounds = Math.ceil(Math.log2(considered));
  const visits = new Int32Array(considered);
  let n = 0;
  for (let left = considered; n < simulations; left = Math.max(2, left >> 1)) {
    const each = Math.max(1, Math.floor(simulations / (rounds * left)));
    for (let k = 0; k < each; k++) {
      for (let a = 0; a < left && n < simulations; a++) table[n++] = visits[a]++;
    }
  }
  return table;
}

/**
 * v_mix (appendix D; equation 10: the completed q of every untried action): the network's value mixed with the prior-weighted
 * mean of the tried actions' q. Sums over those: `visits` N, `mass` of the priors, `weighted` prior · q.
 */
export function mixedValue(value: number, visits: number, mass: number, weighted: number): number {
  return mass > 0 ? (value + visits * (weighted / mass)) / (1 + visits) : value;
}

/** The factor of q in σ(q) = (c_visit + max_b N(b)) · c_scale · q (equation 8). */
export function sigmaScale(visitScale: number, mostVisits: number, valueScale: number): number {
  return (visitScale + mostVisits) * valueScale;
}

/**
 * π' = softmax(logits + σ(completed q)) (equation 11), written to out [count]; ln(prior) serves as the logit. `priors` are
 * read from `at` on.
 */
export function improvedPolicy(priors: Float32Array | Float64Array, at: number, completed: Float64Array, scale: number, out: Float64Array, count: number): void {
  let best = -Infinity;
  for (let i = 0; i < count; i++) if (completed[i] > best) best = completed[i];
  let sum = 0;
  // Most actions are untried and share one q: its exponential is taken once.
  let last = NaN;
  let factor = 0;
  for (let i = 0; i < count; i++) {
    const q = completed[i];
    if (q !== last) {
      last = q;
      factor = Math.exp(scale * (q - best));
    }
    sum += out[i] = priors[at + i] * factor;
  }
  for (let i = 0; i < count; i++) out[i] /= sum;
}
