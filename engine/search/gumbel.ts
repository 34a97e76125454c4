import { gumbel } from '../rng.js';
import type { Rng } from '../rng.js';
import type { ResolvedGumbel } from './config.js';
import { completeQ, halvingTable, improvedPolicy, sigmaScale } from './gumbel-math.js';
import { drawIndex, normalise, respectProofs } from './policy.js';
import type { SelectionPolicy } from './policy.js';
import { LOST } from './tree.js';
import type { Tree } from './tree.js';

/**
 * Gumbel AlphaZero (Danihelka et al., ICLR 2022). Root: sequential halving over the actions with the greatest
 * g + logits + σ(completed Q); elsewhere argmax π'(a) − N(a) / (1 + Σ N) (section 5). A kept subtree's visits enter Q
 * but not N at the root. ln(prior) serves as the logit: a softmax does not see the difference.
 */
export class GumbelPolicy implements SelectionPolicy {
  readonly usesNetwork = true;
  private readonly config: ResolvedGumbel;
  private table: Int32Array = new Int32Array(0);
  private tableFor = '';
  /** Simulations started this move. */
  private simulation = 0;
  /** [root edges] this move's Gumbel draws; zeros without noise. Never mixed into the tree's priors. */
  private readonly g: Float64Array;
  /** [root edges] simulations started this move. */
  private readonly moveVisits: Int32Array;
  // [edges] of the node at hand.
  private readonly priors: Float64Array;
  private readonly visits: Float64Array;
  private readonly q: Float64Array;
  private readonly policy: Float64Array;

  constructor(config: ResolvedGumbel, actionCount: number) {
    this.config = config;
    this.g = new Float64Array(actionCount);
    this.moveVisits = new Int32Array(actionCount);
    this.priors = new Float64Array(actionCount);
    this.visits = new Float64Array(actionCount);
    this.q = new Float64Array(actionCount);
    this.policy = new Float64Array(actionCount);
  }

  begin(tree: Tree, rng: Rng, simulations: number): void {
    const count = tree.edges[0];
    const considered = Math.min(simulations, this.config.maxConsidered, count);
    if (this.tableFor !== `${considered} ${simulations}`) {
      this.table = halvingTable(considered, simulations);
      this.tableFor = `${considered} ${simulations}`;
    }
    this.simulation = 0;
    this.moveVisits.fill(0, 0, count);
    for (let i = 0; i < count; i++) this.g[i] = this.config.noise ? gumbel(rng) : 0;
  }

  started(edge: number): void {
    // The root is node 0, so its edges are the first.
    this.moveVisits[edge]++;
    this.simulation++;
  }

  selectRoot(tree: Tree): number {
    const first = tree.firstEdge[0];
    const count = tree.edges[0];
    const wanted = this.table[this.simulation];
    const sigma = this.completeRoot(tree);
    let best = -1;
    let bestScore = -Infinity;
    let bestGap = Infinity;
    for (let i = 0; i < count; i++) {
      if (tree.flags[first + i] === LOST) continue;
      // Proven losses leave holes in the table: then the nearest visit count will do, the greater of two.
      const gap = Math.abs(this.moveVisits[i] - wanted) + (this.moveVisits[i] < wanted ? 0.5 : 0);
      const score = this.g[i] + Math.log(this.priors[i]) + sigma * this.q[i];
      if (gap < bestGap || (gap === bestGap && score > bestScore)) {
        best = first + i;
        bestScore = score;
        bestGap = gap;
      }
    }
    return best;
  }

  select(tree: Tree, node: number, pendingHere: number): number {
    const first = tree.firstEdge[node];
    const count = tree.edges[node];
    const most = this.complete(tree, node);
    improvedPolicy(this.priors, this.q, sigmaScale(this.config.visitScale, most, this.config.valueScale), this.policy, count);
    // nodeVisits = 1 + Σ N.
    const inverse = 1 / (tree.nodeVisits[node] + pendingHere);
    let best = -1;
    let bestScore = -Infinity;
    for (let i = 0; i < count; i++) {
      if (tree.flags[first + i] === LOST) continue;
      const score = this.policy[i] - this.visits[i] * inverse;
      if (score > bestScore) {
        bestScore = score;
        best = first + i;
      }
    }
    return best;
  }

  /** Σ π'(a)·q(a): the value of the recommended policy, as completed Q sees it. */
  target(tree: Tree, out: Float64Array): number {
    const count = tree.edges[0];
    const sigma = this.completeRoot(tree);
    improvedPolicy(this.priors, this.q, sigma, out, count);
    respectProofs(tree, out);
    normalise(out, count);
    const proven = tree.provenValue(0);
    if (proven === proven) return proven;
    let value = 0;
    for (let i = 0; i < count; i++) value += out[i] * this.q[i];
    return tree.low + tree.span * (tree.turn[0] === 0 ? value : 1 - value);
  }

  /**
   * At temperature 0 the greatest g + logits + σ(q) among this move's most visited; above, in proportion to this move's
   * visits^(1 / temperature).
   */
  choose(tree: Tree, rng: Rng, temperature: number): number {
    const first = tree.firstEdge[0];
    const count = tree.edges[0];
    const sigma = this.completeRoot(tree);
    const { policy, q } = this;
    // Before any simulation of this move all have none: then the improved policy's best is the choice.
    for (let i = 0; i < count; i++) {
      policy[i] = this.moveVisits[i];
      q[i] = this.g[i] + Math.log(this.priors[i]) + sigma * q[i];
    }
    respectProofs(tree, policy);
    return first + drawIndex(policy, q, count, rng, temperature);
  }

  /** Fills priors, visits and completed q of the root; returns σ's factor, from this move's visits alone. */
  private completeRoot(tree: Tree): number {
    this.complete(tree, 0);
    let most = 0;
    for (let i = 0; i < tree.edges[0]; i++) most = Math.max(most, this.moveVisits[i]);
    return sigmaScale(this.config.visitScale, most, this.config.valueScale);
  }

  /** Fills priors, visits (those under way included, as losses) and completed q; returns the greatest visits. */
  private complete(tree: Tree, node: number): number {
    const { priors, visits, q } = this;
    const first = tree.firstEdge[node];
    const count = tree.edges[node];
    const mover0 = tree.turn[node] === 0;
    // value · scale + shift lies in [0, 1], from the mover's view.
    const scale = (mover0 ? 1 : -1) / tree.span;
    const shift = (mover0 ? 0 : 1) - tree.low * scale;
    let most = 0;
    for (let i = 0; i < count; i++) {
      const e = first + i;
      const own = tree.visits[e];
      const all = own + tree.pending[e];
      priors[i] = tree.prior[e];
      visits[i] = all;
      if (all > most) most = all;
      q[i] = own === 0 ? 0 : (((tree.valueSum[e] / own) * scale + shift) * own) / all;
    }
    completeQ(tree.nodeValue[node] * scale + shift, priors, visits, q, count);
    return most;
  }
}
