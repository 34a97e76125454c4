/**
 * What action values are trained towards, from the answers of the target network in the observation after the window.
 * Arrays are row-major; `discounts` is γ^k, 0 after a true end (see replay.ts).
 */

/** The greatest legal action of each row: values [rows, actions], legal alike -> out [rows]. Ties go to the lowest action. */
export function greedy(values: Float32Array, legal: Uint8Array, rows: number, actions: number, out: Int32Array): void {
  for (let row = 0; row < rows; row++) {
    const at = row * actions;
    let best = -1;
    for (let action = 0; action < actions; action++) if (legal[at + action] === 1 && (best < 0 || values[at + action] > values[at + best])) best = action;
    out[row] = Math.max(best, 0);
  }
}

/**
 * y = R + γ^k Q(s', a') with a' = `chosen`: greedy by the target network itself for DQN (Mnih et al. 2015), by the online
 * network for Double DQN (van Hasselt et al. 2016, equation 4). values [rows, actions] of the target network.
 */
export function valueTargets(returns: Float32Array, discounts: Float32Array, values: Float32Array, actions: number, chosen: Int32Array, out: Float32Array): void {
  for (let row = 0; row < chosen.length; row++) out[row] = returns[row] + discounts[row] * values[row * actions + chosen[row]];
}

/**
 * C51's projection (Bellemare et al. 2017, algorithm 1): each atom z_j moves to R + γ^k z_j, clipped to the support, and
 * its odds go to the two atoms beside it, in proportion to their nearness. probabilities [rows, actions, atoms].
 */
export function projectCategorical(
  returns: Float32Array, discounts: Float32Array, probabilities: Float32Array, actions: number, chosen: Int32Array,
  { atoms, low, high }: { readonly atoms: number; readonly low: number; readonly high: number }, out: Float32Array,
): void {
  const gap = (high - low) / (atoms - 1);
  out.fill(0);
  for (let row = 0; row < chosen.length; row++) {
    const from = (row * actions + chosen[row]) * atoms;
    const to = row * atoms;
    for (let j = 0; j < atoms; j++) {
      const moved = Math.min(high, Math.max(low, returns[row] + discounts[row] * (low + j * gap)));
      const place = Math.min(atoms - 1, (moved - low) / gap);
      const below = Math.floor(place);
      const share = place - below;
      const odds = probabilities[from + j];
      out[to + below] += odds * (1 - share);
      // On an atom exactly, all of it stays there.
      if (share > 0) out[to + below + 1] += odds * share;
    }
  }
}

/** QR-DQN: every quantile of the chosen action moves to R + γ^k θ. quantiles [rows, actions, count] -> out [rows, count]. */
export function quantileTargets(returns: Float32Array, discounts: Float32Array, quantiles: Float32Array, actions: number, chosen: Int32Array, count: number, out: Float32Array): void {
  for (let row = 0; row < chosen.length; row++) {
    const from = (row * actions + chosen[row]) * count;
    for (let j = 0; j < count; j++) out[row * count + j] = returns[row] + discounts[row] * quantiles[from + j];
  }
}

/** A soft target network: target += τ (online - target), every update. */
export function softUpdate(target: Float32Array, online: Float32Array, tau: number): void {
  for (let i = 0; i < target.length; i++) target[i] += tau * (online[i] - target[i]);
}

/** From `start` to `end` evenly over the first `share` of the run; `progress` is the run's share that is over. */
export function annealed(start: number, end: number, share: number, progress: number): number {
  return share > 0 && progress < share ? start + ((end - start) * progress) / share : end;
}

/**
 * Update-to-data ratio by credit: `earn` adds `ratio` updates for each environment step and says how many are due. A ratio
 * of 4 gives exactly four a step; below 1 it gathers.
 */
export class UpdateCredit {
  /** Updates earned and not yet made, below 1 between two calls. */
  credit = 0;
  private readonly ratio: number;

  constructor(ratio: number) {
    this.ratio = ratio;
  }

  earn(steps: number): number {
    // A tiny excess keeps sums such as 10 x .1 from staying just below 1.
    this.credit += this.ratio * steps;
    const due = Math.floor(this.credit + 1e-9);
    this.credit -= due;
    return due;
  }
}
