import type { Rng } from '../rng.js';
import type { ResolvedUct } from './config.js';
import { drawIndex, normalise, respectProofs } from './policy.js';
import type { SelectionPolicy } from './policy.js';
import { LOST } from './tree.js';
import type { Tree } from './tree.js';

/** Roots and logarithms of visit counts below this are looked up: computing them took a quarter of all time. */
const TABLE = 16384;
const SQRT_LOG = Float64Array.from({ length: TABLE }, (_, n) => Math.sqrt(Math.log(Math.max(1, n))));
const INVERSE_SQRT = Float64Array.from({ length: TABLE }, (_, n) => 1 / Math.sqrt(n));

/** UCB1 on trees (Kocsis and Szepesvári 2006): argmax Q + c·sqrt(ln N(s) / N(s,a)), every action once first. */
export class UctPolicy implements SelectionPolicy {
  readonly usesNetwork = false;
  private readonly exploration: number;
  private readonly weights: Float64Array;
  private readonly means: Float64Array;

  constructor(config: ResolvedUct, actionCount: number) {
    const [low, high] = config.valueRange;
    this.exploration = (config.exploration * (high - low)) / 2;
    this.weights = new Float64Array(actionCount);
    this.means = new Float64Array(actionCount);
  }

  begin(): void {}
  started(): void {}

  selectRoot(tree: Tree): number {
    return this.select(tree, 0);
  }

  select(tree: Tree, node: number): number {
    const first = tree.firstEdge[node];
    const count = tree.edges[node];
    const n = tree.nodeVisits[node];
    // Each visit goes to the next untried edge, so their number tells which one that is: no scan.
    if (n <= count) return first + n - 1;
    const { visits, valueSum, flags } = tree;
    const sign = tree.turn[node] === 0 ? 1 : -1;
    const explore = this.exploration * (n < TABLE ? SQRT_LOG[n] : Math.sqrt(Math.log(n)));
    let best = -1;
    let bestScore = -Infinity;
    for (let e = first, end = first + count; e < end; e++) {
      if (flags[e] === LOST) continue;
      const own = visits[e];
      const r = own < TABLE ? INVERSE_SQRT[own] : 1 / Math.sqrt(own);
      const score = (sign * valueSum[e] * r + explore) * r;
      if (score > bestScore) {
        bestScore = score;
        best = e;
      }
    }
    return best;
  }

  target(tree: Tree, out: Float64Array): number {
    this.rootWeights(tree, out);
    normalise(out, tree.edges[0]);
    const proven = tree.provenValue(0);
    // The root itself has no evaluation: its mean is that of its edges.
    return proven === proven ? proven : tree.nodeVisits[0] > 1 ? (tree.nodeMean(0) * tree.nodeVisits[0]) / (tree.nodeVisits[0] - 1) : 0;
  }

  choose(tree: Tree, rng: Rng, temperature: number): number {
    this.rootWeights(tree, this.weights);
    const first = tree.firstEdge[0];
    const sign = tree.turn[0] === 0 ? 1 : -1;
    for (let i = 0; i < tree.edges[0]; i++) this.means[i] = tree.visits[first + i] > 0 ? sign * tree.mean(first + i) : -Infinity;
    return first + drawIndex(this.weights, this.means, tree.edges[0], rng, temperature);
  }

  private rootWeights(tree: Tree, out: Float64Array): void {
    const first = tree.firstEdge[0];
    for (let i = 0; i < tree.edges[0]; i++) out[i] = tree.visits[first + i];
    respectProofs(tree, out);
  }
}
