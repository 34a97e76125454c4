/** What differs between the kinds of search: how an edge is chosen, and what is made of the root in the end. */
import type { Rng } from '../rng.js';
import { LOST } from './tree.js';
import type { Tree } from './tree.js';

/**
 * A way of choosing edges. It sees decision nodes only, never one whose value is proven, and never chooses a LOST edge
 * (an unproven node has another). `pending` counts the simulations under way through the node.
 */
export interface SelectionPolicy {
  /** Leaves are valued by a network; otherwise by one random playout. */
  readonly usesNetwork: boolean;
  /** Before a move's first simulation: node 0 has its edges, `simulations` is the move's budget. */
  begin(tree: Tree, rng: Rng, simulations: number): void;
  selectRoot(tree: Tree, pending: number): number;
  select(tree: Tree, node: number, pending: number): number;
  /** A simulation through this root edge will count. */
  started(edge: number): void;
  /** Writes the recommended probabilities of the root's edges, in edge order; returns the root's value, seat-0 view. */
  target(tree: Tree, out: Float64Array): number;
  /** The root edge to play; temperature 0 = best. */
  choose(tree: Tree, rng: Rng, temperature: number): number;
}

/** Smallest prior kept: ln(prior) stays finite, and any evidence can still overturn it. */
const LEAST_PRIOR = 1e-30;

/**
 * Fills the edges of a fresh node: its actions, and as priors the softmax of their logits (row at `at`). False when a logit
 * is not finite.
 */
export function softmaxPriors(tree: Tree, node: number, logits: Float32Array, at: number, legal: Int32Array, legalCount: number): boolean {
  const { action, prior } = tree;
  const first = tree.firstEdge[node];
  let top = -Infinity;
  for (let i = 0; i < legalCount; i++) if (logits[at + legal[i]] > top) top = logits[at + legal[i]];
  let sum = 0;
  for (let i = 0; i < legalCount; i++) {
    action[first + i] = legal[i];
    sum += prior[first + i] = Math.exp(logits[at + legal[i]] - top);
  }
  for (let i = 0; i < legalCount; i++) prior[first + i] = Math.max(LEAST_PRIOR, prior[first + i] / sum);
  return Number.isFinite(sum);
}

/**
 * Takes out of root weights [edges] what proven results rule out: with a proven root only moves that reach its value
 * keep their weight (all do, if every move loses); otherwise proven losses go.
 */
export function respectProofs(tree: Tree, weights: Float64Array): void {
  const first = tree.firstEdge[0];
  const count = tree.edges[0];
  const value = tree.provenValue(0);
  let left = 0;
  for (let i = 0; i < count; i++) {
    const e = first + i;
    const fine = value === value ? tree.provenAs(e, value) : tree.flags[e] !== LOST;
    if (!fine) weights[i] = 0;
    left += weights[i];
  }
  if (left > 0) return;
  // Everything that remains had no weight of its own (a forced move, no simulations): share alike.
  for (let i = 0; i < count; i++) {
    const e = first + i;
    weights[i] = (value === value ? tree.provenAs(e, value) : tree.flags[e] !== LOST) ? 1 : 0;
  }
}

export function normalise(weights: Float64Array, count: number): void {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += weights[i];
  for (let i = 0; i < count; i++) weights[i] /= sum;
}

/** Mean of the visited root edges' returns and the root's own evaluation, or the exact value; seat-0 view. */
export function rootValue(tree: Tree): number {
  const proven = tree.provenValue(0);
  return proven === proven ? proven : tree.nodeMean(0);
}

/** Writes what the network should learn of the root, out [actionCount], by way of `weights` [edges]; returns the root's value, for the seat to move. */
export function writeTarget(tree: Tree, policy: SelectionPolicy, weights: Float64Array, out: Float32Array): number {
  const value = policy.target(tree, weights);
  const first = tree.firstEdge[0];
  out.fill(0);
  for (let i = 0; i < tree.edges[0]; i++) out[tree.action[first + i]] = weights[i];
  return tree.turn[0] === 1 ? -value : value;
}

/** Index drawn in proportion to weight^(1 / temperature); at 0 the greatest weight, ties to the greater `tieBreak`. */
export function drawIndex(weights: Float64Array, tieBreak: Float64Array, count: number, rng: Rng, temperature: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) {
    if (weights[i] > weights[best] || (weights[i] === weights[best] && tieBreak[i] > tieBreak[best])) best = i;
  }
  if (!(temperature > 0)) return best;
  const top = weights[best];
  let sum = 0;
  // Relative to the greatest, so that no power overflows at small temperatures.
  for (let i = 0; i < count; i++) sum += Math.pow(weights[i] / top, 1 / temperature);
  let left = rng.float() * sum;
  for (let i = 0; i < count; i++) {
    left -= Math.pow(weights[i] / top, 1 / temperature);
    if (left < 0) return i;
  }
  return best;
}
