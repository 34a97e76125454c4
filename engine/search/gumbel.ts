import { gumbel } from '../rng.js';
import type { Rng } from '../rng.js';
import type { ResolvedGumbel } from './config.js';
import { halvingTable, improvedPolicy, mixedValue, sigmaScale } from './gumbel-math.js';
import { drawIndex, normalise, respectProofs } from './policy.js';
import type { SelectionPolicy } from './policy.js';
import { LOST } from './tree.js';
import type { Tree } from './tree.js';

/** [edges] of the node at hand. All searches of a thread share it, since none pauses in a choice: it stays in the processor's cache. */
const createRoom = (edges: number) => ({ tried: new Int32Array(edges), visits: new Int32Array(edges), q: new Float64Array(edges), policy: new Float64Array(edges) });
let room = createRoom(0);

let table: { considered: number; simulations: number; visits: Int32Array } = { considered: 0, simulations: 0, visits: new Int32Array(0) };
/** The halving table, made anew only when another is asked for: searches that go on together have the same. */
function tableFor(considered: number, simulations: number): Int32Array {
  if (table.considered !== considered || table.simulations !== simulations) table = { considered, simulations, visits: halvingTable(considered, simulations) };
  return table.visits;
}

/**
 * Gumbel AlphaZero (Danihelka et al., ICLR 2022). Root: sequential halving over the actions with the greatest
 * g + logits + σ(completed Q); elsewhere argmax π'(a) − N(a) / (1 + Σ N) (section 5). A kept subtree's visits enter Q
 * but not N at the root. ln(prior) serves as the logit: a softmax does not see the difference.
 */
export class GumbelPolicy implements SelectionPolicy {
  readonly usesNetwork = true;
  private readonly config: ResolvedGumbel;
  private table: Int32Array = new Int32Array(0);
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
    this.table = tableFor(considered, simulations);
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
    const { flags, visits, pending } = tree;
    const { tried } = room;
    const count = tree.edges[0];
    let wanted = this.table[this.simulation];
    if (tree.proofs > 0) wanted = this.nearest(tree, wanted);
    let best = -1;
    let most = 0;
    for (let i = 0; i < count; i++) {
      if (moveVisits[i] !== wanted || flags[i] === LOST) continue;
      if (visits[i] > 0 || (inFlight > 0 && pending[i] > 0)) tried[most++] = i;
      else if (best < 0 || drawn[i] > drawn[best]) best = i;
    }
    // All that are untried have the same completed q, which decides nothing between them.
    if (most === 0) return best;
    if (most === 1 && best < 0) return tried[0];
    const sigma = sigmaScale(this.config.visitScale, this.mostMoves, this.config.valueScale);
    const { q } = room;
    let bestScore = -Infinity;
    if (best >= 0) {
      this.complete(tree, 0, inFlight);
      bestScore = drawn[best] + sigma * q[best];
    }
    const scale = scaleOf(tree, 0);
    const shift = shiftOf(tree, 0, scale);
    for (let k = 0; k < most; k++) {
      const i = tried[k];
      const score = drawn[i] + sigma * meanOf(tree, i, scale, shift, inFlight);
      if (score > bestScore) {
        best = i;
        bestScore = score;
      }
    }
    return best;
  }

  /** Proven losses leave holes in the table: then the visits nearest to it that an action has, the greater of two. */
  private nearest(tree: Tree, wanted: number): number {
    const { moveVisits } = this;
    let nearest = -Infinity;
    for (let i = 0; i < tree.edges[0]; i++) {
      if (tree.flags[i] === LOST) continue;
      const gap = Math.abs(moveVisits[i] - wanted);
      const least = Math.abs(nearest - wanted);
      if (gap < least || (gap === least && moveVisits[i] > nearest)) nearest = moveVisits[i];
    }
    return nearest;
  }

  /**
   * argmax π'(a) − N(a) / (1 + Σ N). Most actions are untried: they share one completed q, so that only the one with the
   * greatest prior can be chosen among them.
   */
  select(tree: Tree, node: number, pendingHere: number): number {
    const { prior, visits, pending } = tree;
    const { tried, q, policy } = room;
    const first = tree.firstEdge[node];
    const end = first + tree.edges[node];
    // nodeVisits = 1 + Σ N.
    const all = tree.nodeVisits[node] + pendingHere;
    let best = -1;
    let bestPrior = -1;
    let untriedMass = 0;
    let count = 0;
    for (let e = first; e < end; e++) {
      const p = prior[e];
      if (visits[e] > 0 || (pendingHere > 0 && pending[e] > 0)) tried[count++] = e;
      else {
        untriedMass += p;
        if (p > bestPrior) {
          bestPrior = p;
          best = e;
        }
      }
    }
    if (count === 0) return best;
    const scale = scaleOf(tree, node);
    const shift = shiftOf(tree, node, scale);
    let most = 0;
    let mass = 0;
    let weighted = 0;
    let top = -Infinity;
    for (let k = 0; k < count; k++) {
      const e = tried[k];
      const n = pendingHere > 0 ? visits[e] + pending[e] : visits[e];
      const mean = meanOf(tree, e, scale, shift, pendingHere);
      if (n > most) most = n;
      if (mean > top) top = mean;
      q[k] = mean;
      mass += prior[e];
      weighted += prior[e] * mean;
    }
    const mixed = mixedValue(tree.nodeValue[node] * scale + shift, all - 1, mass, weighted);
    if (best >= 0 && mixed > top) top = mixed;
    const sigma = sigmaScale(this.config.visitScale, most, this.config.valueScale);
    const untried = best < 0 ? 0 : Math.exp(sigma * (mixed - top));
    let sum = untriedMass * untried;
    for (let k = 0; k < count; k++) sum += policy[k] = prior[tried[k]] * Math.exp(sigma * (q[k] - top));
    const inverse = 1 / all;
    const share = 1 / sum;
    let bestScore = best < 0 ? -Infinity : bestPrior * untried * share;
    const proofs = tree.proofs > 0;
    for (let k = 0; k < count; k++) {
      const e = tried[k];
      if (proofs && tree.flags[e] === LOST) continue;
      const n = pendingHere > 0 ? visits[e] + pending[e] : visits[e];
      const score = policy[k] * share - n * inverse;
      if (score > bestScore) {
        bestScore = score;
        best = e;
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
  private completeRoot(tree: Tree): number {
    this.complete(tree, 0, 1);
    return sigmaScale(this.config.visitScale, this.mostMoves, this.config.valueScale);
  }

  /**
   * Fills visits (those under way included, as losses) and completed q; returns the greatest visits. `inFlight`: simulations
   * under way through the node.
   */
  private complete(tree: Tree, node: number, inFlight: number): number {
    const { visits, q } = room;
    const { prior, pending } = tree;
    const first = tree.firstEdge[node];
    const count = tree.edges[node];
    const scale = scaleOf(tree, node);
    const shift = shiftOf(tree, node, scale);
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
      const mean = meanOf(tree, e, scale, shift, inFlight);
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

/** value · scale + shift lies in [0, 1], from the mover's view. */
const scaleOf = (tree: Tree, node: number): number => (tree.turn[node] === 0 ? 1 : -1) / tree.span;
const shiftOf = (tree: Tree, node: number, scale: number): number => (tree.turn[node] === 0 ? 0 : 1) - tree.low * scale;

/** Mean return of a tried edge in [0, 1], from the mover's view; simulations under way, if there are any, count as losses. */
function meanOf(tree: Tree, edge: number, scale: number, shift: number, inFlight: number): number {
  const own = tree.visits[edge];
  if (own === 0) return 0;
  const mean = (tree.valueSum[edge] / own) * scale + shift;
  const virtual = inFlight > 0 ? tree.pending[edge] : 0;
  return virtual > 0 ? (mean * own) / (own + virtual) : mean;
}
