import { dirichlet } from '../rng.js';
import type { Rng } from '../rng.js';
import type { ResolvedPuct } from './config.js';
import { drawIndex, normalise, respectProofs, rootValue } from './policy.js';
import type { SelectionPolicy } from './policy.js';
import { LOST } from './tree.js';
import type { Tree } from './tree.js';

/** [edges] those of the node at hand that have been tried; shared by all searches of a thread, since none pauses in a choice. */
let tried = new Int32Array(0);

/**
 * AlphaZero (Silver et al. 2018, supplementary pseudocode): argmax Q + c(s)·P(a)·sqrt(N(s)) / (1 + N(s,a)), where
 * N(s) = 1 + Σ N(s,b). Values are scaled to [-1, 1] by the game's range. First-play urgency, forced playouts and target
 * pruning: Wu 2019 (KataGo), section 3.2.
 */
export class PuctPolicy implements SelectionPolicy {
  readonly usesNetwork = true;
  private readonly config: ResolvedPuct;
  /** [root edges] priors with this move's noise: the tree's stay clean. */
  private readonly rootPriors: Float32Array;
  private readonly noise: Float32Array;
  private readonly weights: Float64Array;
  private readonly means: Float64Array;

  constructor(config: ResolvedPuct, actionCount: number) {
    this.config = config;
    if (tried.length < actionCount) tried = new Int32Array(actionCount);
    this.rootPriors = new Float32Array(actionCount);
    this.noise = new Float32Array(actionCount);
    this.weights = new Float64Array(actionCount);
    this.means = new Float64Array(actionCount);
  }

  begin(tree: Tree, rng: Rng): void {
    const { noise, noiseFraction, noiseConcentration } = this.config;
    const first = tree.firstEdge[0];
    const count = tree.edges[0];
    if (noise) dirichlet(rng, noiseConcentration / count, this.noise, count);
    const share = noise ? noiseFraction : 0;
    for (let i = 0; i < count; i++) this.rootPriors[i] = (1 - share) * tree.prior[first + i] + share * this.noise[i];
  }

  started(): void {}

  selectRoot(tree: Tree, pending: number): number {
    const forced = this.config.forcedPlayouts > 0 ? this.forcedEdge(tree) : -1;
    return forced >= 0 ? forced : this.best(tree, 0, pending, this.rootPriors, 0, this.config.rootFirstPlayReduction);
  }

  select(tree: Tree, node: number, pending: number): number {
    return this.best(tree, node, pending, tree.prior, tree.firstEdge[node], this.config.firstPlayReduction);
  }

  private factor(visits: number): number {
    const { explorationBase, explorationInit } = this.config;
    return (Math.log((1 + visits + explorationBase) / explorationBase) + explorationInit) * Math.sqrt(visits);
  }

  /** `priors` at `priorsAt` are those of the node's edges. */
  private best(tree: Tree, node: number, pendingHere: number, priors: Float32Array, priorsAt: number, reduction: number): number {
    const { visits, valueSum, flags, pending } = tree;
    const first = tree.firstEdge[node];
    const end = first + tree.edges[node];
    const shiftToPriors = priorsAt - first;
    let sum = tree.nodeValue[node];
    let mass = 0;
    let best = -1;
    let bestPrior = -1;
    let count = 0;
    // Untried actions are all worth the same: among them only the greatest prior can be chosen.
    for (let e = first; e < end; e++) {
      const p = priors[shiftToPriors + e];
      if (visits[e] > 0) {
        tried[count++] = e;
        sum += valueSum[e];
        mass += p;
      } else if (pendingHere > 0 && pending[e] > 0) tried[count++] = e;
      else if (p > bestPrior) {
        bestPrior = p;
        best = e;
      }
    }
    if (count === 0) return best;
    // value · scale + shift lies in [-1, 1], seat-0 view.
    const scale = 2 / tree.span;
    const shift = -1 - tree.low * scale;
    const n = tree.nodeVisits[node] + pendingHere;
    const explore = this.factor(n);
    const sign = tree.turn[node] === 0 ? 1 : -1;
    const unvisited = sign * ((sum / tree.nodeVisits[node]) * scale + shift) - reduction * Math.sqrt(mass);
    let bestScore = best < 0 ? -Infinity : unvisited + explore * bestPrior;
    for (let k = 0; k < count; k++) {
      const e = tried[k];
      if (flags[e] === LOST) continue;
      const own = visits[e];
      const virtual = pendingHere > 0 ? pending[e] : 0;
      let q = own > 0 ? sign * ((valueSum[e] / own) * scale + shift) : unvisited;
      // A simulation under way counts as a loss, so that the next one looks elsewhere.
      if (virtual > 0) q = (q * own - virtual) / (own + virtual);
      const score = q + (explore * priors[shiftToPriors + e]) / (1 + own + virtual);
      if (score > bestScore) {
        bestScore = score;
        best = e;
      }
    }
    return best;
  }

  /** Visits that a tried root action is owed: sqrt(k · P(a) · Σ N). */
  private owed(tree: Tree, index: number): number {
    return Math.sqrt(this.config.forcedPlayouts * this.rootPriors[index] * (tree.nodeVisits[0] - 1));
  }

  private forcedEdge(tree: Tree): number {
    const first = tree.firstEdge[0];
    for (let i = 0; i < tree.edges[0]; i++) {
      const e = first + i;
      if (tree.visits[e] > 0 && tree.flags[e] !== LOST && tree.visits[e] + tree.pending[e] < this.owed(tree, i)) return e;
    }
    return -1;
  }

  target(tree: Tree, out: Float64Array): number {
    this.rootWeights(tree, out);
    if (this.config.forcedPlayouts > 0) this.pruneForced(tree, out);
    respectProofs(tree, out);
    normalise(out, tree.edges[0]);
    return rootValue(tree);
  }

  choose(tree: Tree, rng: Rng, temperature: number): number {
    this.rootWeights(tree, this.weights);
    if (this.config.forcedPlayouts > 0) this.pruneForced(tree, this.weights);
    respectProofs(tree, this.weights);
    const first = tree.firstEdge[0];
    const sign = tree.turn[0] === 0 ? 1 : -1;
    for (let i = 0; i < tree.edges[0]; i++) this.means[i] = tree.visits[first + i] > 0 ? sign * tree.mean(first + i) : -Infinity;
    return first + drawIndex(this.weights, this.means, tree.edges[0], rng, temperature);
  }

  /** Visits; before any simulation, the priors. */
  private rootWeights(tree: Tree, out: Float64Array): void {
    const first = tree.firstEdge[0];
    const none = tree.nodeVisits[0] === 1;
    for (let i = 0; i < tree.edges[0]; i++) out[i] = none ? tree.prior[first + i] : tree.visits[first + i];
  }

  /**
   * Takes back forced visits as long as the action's PUCT score stays below the most visited one's, and all visits of an
   * action left with one: what forcing explored in vain does not enter the target.
   */
  private pruneForced(tree: Tree, weights: Float64Array): void {
    const first = tree.firstEdge[0];
    const count = tree.edges[0];
    if (tree.nodeVisits[0] === 1) return;
    const sign = tree.turn[0] === 0 ? 1 : -1;
    const explore = this.factor(tree.nodeVisits[0]);
    let top = 0;
    for (let i = 1; i < count; i++) if (weights[i] > weights[top]) top = i;
    const q = (i: number) => sign * (((tree.mean(first + i) - tree.low) * 2) / tree.span - 1);
    const bar = q(top) + (explore * this.rootPriors[top]) / (1 + weights[top]);
    for (let i = 0; i < count; i++) {
      if (i === top || weights[i] === 0) continue;
      const room = bar - q(i);
      // Fewest visits with Q + explore · P / (1 + N) <= bar; none suffice where Q alone passes it.
      const fewest = room > 0 ? Math.ceil((explore * this.rootPriors[i]) / room - 1) : Infinity;
      const left = Math.max(weights[i] - Math.ceil(this.owed(tree, i)), Math.min(weights[i], fewest));
      weights[i] = left <= 1 ? 0 : left;
    }
  }
}
