import { gumbel } from '../rng.js';
import type { Rng } from '../rng.js';
import type { ResolvedGumbel } from './config.js';
import { halvingTable, improvedPolicy, mixedValue, sigmaScale } from './gumbel-math.js';
import { drawIndex, normalise, respectProofs } from './policy.js';
import type { SelectionPolicy } from './policy.js';
import { LOST } from './tree.js';
import type { Tree } from './tree.js';

/** [edges] of the node at hand. All searches of a thread share it, since none pauses in a choice: it stays in the processor's cache. */
const createRoom = (edges: number) => ({ visits: new Int32Array(edges), q: new Float64Array(edges), policy: new Float64Array(edges) });
let room = createRoom(0);

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
  /** [root edges] g + ln(prior). */
  private readonly drawn: Float64Array;
  /** [root edges] simulations started this move. */
  private readonly moveVisits: Int32Array;
  /** The most of them. */
  private mostMoves = 0;

  constructor(config: ResolvedGumbel, actionCount: number) {
    this.config = config;
    this.g = new Float64Array(actionCount);
    this.drawn = new Float64Array(actionCount);
    this.moveVisits = new Int32Array(actionCount);
    if (room.q.length < actionCount) room = createRoom(actionCount);
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
    this.mostMoves = 0;
    for (let i = 0; i < count; i++) {
      this.g[i] = this.config.noise ? gumbel(rng) : 0;
      this.drawn[i] = this.g[i] + Math.log(tree.prior[i]);
    }
  }

  started(edge: number): void {
    // The root is node 0, so its edges are the first.
    const visits = ++this.moveVisits[edge];
    if (visits > this.mostMoves) this.mostMoves = visits;
    this.simulation++;
  }

  selectRoot(tree: Tree, inFlight: number): number {
    const { moveVisits, drawn } = this;
    const { flags } = tree;
    const count = tree.edges[0];
    const wanted = this.nearest(tree);
    let best = -1;
    let tried = false;
    let several = false;
    for (let i = 0; i < count; i++) {
      if (moveVisits[i] !== wanted || flags[i] === LOST) continue;
      if (tree.visits[i] > 0 || (inFlight > 0 && tree.pending[i] > 0)) tried = true;
      if (best < 0) best = i;
      else {
        several = true;
        if (drawn[i] > drawn[best]) best = i;
      }
    }
    // All that are untried have the same completed q, which then decides nothing.
    if (!several || !tried) return best;
    const sigma = this.completeRoot(tree, inFlight);
    const { q } = room;
    let bestScore = -Infinity;
    for (let i = 0; i < count; i++) {
      if (moveVisits[i] !== wanted || flags[i] === LOST) continue;
      const score = drawn[i] + sigma * q[i];
      if (score > bestScore) {
        best = i;
        bestScore = score;
      }
    }
    return best;
  }

  /** The visits that the table wants or, since proven losses leave holes in it, the nearest that an action has, the greater of two. */
  private nearest(tree: Tree): number {
    const { moveVisits } = this;
    const { flags } = tree;
    const wanted = this.table[this.simulation];
    const count = tree.edges[0];
    let nearest = -Infinity;
    for (let i = 0; i < count; i++) {
      const visits = moveVisits[i];
      if (flags[i] === LOST) continue;
      if (visits === wanted) return wanted;
      const gap = Math.abs(visits - wanted);
      const least = Math.abs(nearest - wanted);
      if (gap < least || (gap === least && visits > nearest)) nearest = visits;
    }
    return nearest;
  }

  select(tree: Tree, node: number, pendingHere: number): number {
    const first = tree.firstEdge[node];
    const count = tree.edges[node];
    const { prior, flags } = tree;
    let best = -1;
    // nodeVisits = 1 + Σ N.
    const all = tree.nodeVisits[node] + pendingHere;
    if (all === 1) {
      // Nothing tried: π' is the prior.
      best = first;
      for (let e = first + 1; e < first + count; e++) if (prior[e] > prior[best]) best = e;
      return best;
    }
    const { policy, visits, q } = room;
    const most = this.complete(tree, node, pendingHere);
    improvedPolicy(prior, first, q, sigmaScale(this.config.visitScale, most, this.config.valueScale), policy, count);
    const inverse = 1 / all;
    let bestScore = -Infinity;
    for (let i = 0; i < count; i++) {
      if (flags[first + i] === LOST) continue;
      const score = policy[i] - visits[i] * inverse;
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
    const { q } = room;
    improvedPolicy(tree.prior, tree.firstEdge[0], q, sigma, out, count);
    respectProofs(tree, out);
    normalise(out, count);
    const proven = tree.provenValue(0);
    if (proven === proven) return proven;
    let value = 0;
    for (let i = 0; i < count; i++) value += out[i] * q[i];
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
    const { policy, q } = room;
    // Before any simulation of this move all have none: then the improved policy's best is the choice.
    for (let i = 0; i < count; i++) {
      policy[i] = this.moveVisits[i];
      q[i] = this.drawn[i] + sigma * q[i];
    }
    respectProofs(tree, policy);
    return first + drawIndex(policy, q, count, rng, temperature);
  }

  /** Fills visits and completed q of the root; returns σ's factor, from this move's visits alone. */
  private completeRoot(tree: Tree, inFlight = 1): number {
    this.complete(tree, 0, inFlight);
    return sigmaScale(this.config.visitScale, this.mostMoves, this.config.valueScale);
  }

  /**
   * Fills visits (those under way included, as losses) and completed q; returns the greatest visits. `inFlight`: simulations
   * under way through the node.
   */
  private complete(tree: Tree, node: number, inFlight: number): number {
    const { visits, q } = room;
    const { prior, pending, valueSum } = tree;
    const first = tree.firstEdge[node];
    const count = tree.edges[node];
    const mover0 = tree.turn[node] === 0;
    // value · scale + shift lies in [0, 1], from the mover's view.
    const scale = (mover0 ? 1 : -1) / tree.span;
    const shift = (mover0 ? 0 : 1) - tree.low * scale;
    let most = 0;
    let total = 0;
    let mass = 0;
    let weighted = 0;
    for (let i = 0; i < count; i++) {
      const e = first + i;
      const own = tree.visits[e];
      const all = inFlight === 0 ? own : own + pending[e];
      visits[i] = all;
      if (all === 0) continue;
      if (all > most) most = all;
      let mean = 0;
      if (own > 0) {
        mean = (valueSum[e] / own) * scale + shift;
        if (all > own) mean *= own / all;
      }
      q[i] = mean;
      total += all;
      mass += prior[e];
      weighted += prior[e] * mean;
    }
    const mixed = mixedValue(tree.nodeValue[node] * scale + shift, total, mass, weighted);
    for (let i = 0; i < count; i++) if (visits[i] === 0) q[i] = mixed;
    return most;
  }
}
