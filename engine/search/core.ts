/**
 * Simulate, expand, back up: the one core of all tree searches. It knows rules only through State and the network only
 * through Batch; a SelectionPolicy makes it UCT, PUCT or Gumbel AlphaZero.
 *
 * `collect` descends until a leaf needs the network, `absorb` reads the answer, so that many trees fill one batch with one
 * leaf each and every tree is still exactly the sequential search. Signs flip in two places only: from the network into
 * the tree, and from the tree into selection.
 */
import { createRng } from '../rng.js';
import type { Rng } from '../rng.js';
import { CHANCE, OVER } from '../types.js';
import type { Action, Batch, Game, Search, SearchReport, State } from '../types.js';
import { checkSimulations } from './config.js';
import type { ResolvedSearchConfig } from './config.js';
import { createLeaf, lengthen } from './leaves.js';
import type { Leaf, LeafExchange } from './leaves.js';
import { softmaxPriors, writeTarget } from './policy.js';
import type { SelectionPolicy } from './policy.js';
import { makeLines } from './lines.js';
import type { SearchLine } from './lines.js';
import { makeReport } from './report.js';
import { TERMINAL, Tree } from './tree.js';
import { unfoldTree, type Unfolded } from './unfold.js';

/** Simulations that one `collect` runs without a row (playouts, cached or finished positions) before it returns. */
export const SIMULATIONS_PER_COLLECT = 1024;

export class TreeSearch<S extends State> implements Search<S> {
  readonly tree: Tree;
  private readonly config: ResolvedSearchConfig;
  private readonly policy: SelectionPolicy;
  private readonly exchange: LeafExchange<S>;
  /** Exact results are backed up. */
  private readonly proves: boolean;
  private readonly root: S;
  private readonly state: S;
  private rng: Rng;
  private budget: number;
  private started = 0;
  private finished = 0;
  /** Of the finished simulations: edges passed in all, and by the deepest one. */
  private depths = 0;
  private deepest = 0;
  /** Root moves that may be searched; undefined: all. */
  private only: readonly Action[] | undefined;
  /** `policy.begin` has run for this move. */
  private begun = false;
  private rootLegal = 0;
  private rootProven = false;
  /** The simulation at hand; swapped with a spare when it goes in flight. */
  private leaf: Leaf;
  private readonly spares: Leaf[] = [];
  private readonly inFlight: Leaf[] = [];
  private readonly odds: Float32Array;
  /** [actionCount] probabilities by edge, for reports and targets. */
  private readonly weights: Float64Array;

  constructor(game: Game<S>, config: ResolvedSearchConfig, policy: SelectionPolicy, exchange: LeafExchange<S>) {
    this.tree = new Tree(config.valueRange[0], config.valueRange[1], config.maxNodes);
    this.config = config;
    this.policy = policy;
    this.exchange = exchange;
    this.proves = config.provenResults && game.seats === 2 && game.chance === 'none';
    this.rng = createRng(0);
    this.root = game.start(this.rng);
    this.state = game.start(this.rng);
    this.budget = config.simulations;
    this.leaf = createLeaf(game.actionCount);
    this.odds = new Float32Array(game.actionCount);
    this.weights = new Float64Array(game.actionCount);
  }

  /** As Search; `only`: just these legal moves are searched at the root (at least one of them must be legal). */
  restart(root: S, rng: Rng, played?: readonly Action[], only?: readonly Action[]): void {
    this.dropInFlight();
    this.root.copyFrom(root);
    this.rng = rng;
    this.budget = this.config.simulations;
    this.started = 0;
    this.finished = 0;
    this.depths = 0;
    this.deepest = 0;
    this.only = only;
    this.begun = false;
    if (this.root.turn === CHANCE) throw new Error('a search starts where a seat is to move, not at a chance event');
    this.rootLegal = this.root.turn === OVER ? 0 : this.restrict(this.leaf.legal, this.root.legal(this.leaf.legal));
    if (played === undefined || only !== undefined || !this.follow(played)) this.tree.clear();
    this.rootProven = this.ready && this.proves && !Number.isNaN(this.tree.provenValue(0));
    if (!this.ready && !this.policy.usesNetwork && this.rootLegal > 0) this.addDecision(this.root);
  }

  /** Keeps those of the root's moves that may be searched; returns how many. */
  private restrict(legal: Int32Array, count: number): number {
    const { only } = this;
    if (only === undefined) return count;
    let kept = 0;
    for (let i = 0; i < count; i++) if (only.includes(legal[i])) legal[kept++] = legal[i];
    if (kept === 0) throw new Error('none of the moves that may be searched is legal');
    return kept;
  }

  /** Moves the tree's root along the actions; false when it does not hold that position. */
  private follow(played: readonly Action[]): boolean {
    const { tree } = this;
    if (!this.ready) return false;
    let node = 0;
    for (const action of played) {
      const edge = tree.findEdge(node, action);
      if (edge < 0 || tree.child[edge] < 0) return false;
      node = tree.child[edge];
    }
    if (tree.turn[node] !== this.root.turn || tree.edges[node] !== this.rootLegal) return false;
    tree.keep(node);
    return true;
  }

  setSimulations(count: number): void {
    checkSimulations(this.config.kind, count);
    if (this.started === 0) this.begun = false;
    else if (this.config.kind === 'gumbel' && count > this.budget) throw new Error("a Gumbel search's budget cannot grow once it has begun: its halving table is made for it");
    this.budget = count;
  }

  /** The root has its edges. */
  private get ready(): boolean {
    return this.tree.nodeCount > 0;
  }

  /** Beyond the budget, the root's own evaluation counts as one while it is missing. */
  get remaining(): number {
    if (this.rootLegal === 0 || this.rootProven) return 0;
    const left = this.rootLegal === 1 ? 0 : this.budget - this.finished;
    return this.ready ? left : left + 1;
  }

  collect(batch: Batch, limit: number): number {
    const before = batch.size;
    const { usesNetwork } = this.policy;
    if (this.rootLegal === 0) return 0;
    for (let free = SIMULATIONS_PER_COLLECT; free > 0 && batch.size - before < limit; free--) {
      if (usesNetwork && batch.size >= batch.capacity) break;
      if (!this.ready) {
        if (this.inFlight.length > 0) break;
        this.leaf.depth = 0;
        this.leaf.tail = 0;
        this.state.copyFrom(this.root);
        this.request(batch);
        continue;
      }
      if (this.started >= this.budget || this.rootProven || this.rootLegal === 1) break;
      this.ensureBegun();
      if (!this.simulate(batch)) break;
    }
    return batch.size - before;
  }

  /** One simulation, finished or in flight; false, leaving no trace, if it met a leaf that is in flight already. */
  private simulate(batch: Batch): boolean {
    const { tree, policy, state, leaf, rng } = this;
    state.copyFrom(this.root);
    let node = 0;
    let depth = 0;
    let pending = this.inFlight.length;
    leaf.tail = 0;
    for (;;) {
      const edge = depth === 0 ? policy.selectRoot(tree, pending) : tree.turn[node] === CHANCE ? this.drawEdge(node) : policy.select(tree, node, pending);
      if (depth === leaf.edges.length) lengthen(leaf);
      leaf.edges[depth] = edge;
      leaf.nodes[depth] = node;
      leaf.depth = ++depth;
      const child = tree.child[edge];
      if (child === TERMINAL || tree.flags[edge] !== 0) return this.complete(leaf, 0, false);
      const reward = state.apply(tree.action[edge], rng);
      if (child >= 0) {
        node = child;
        pending = tree.pending[edge];
        continue;
      }
      tree.reward[edge] = reward;
      if (state.turn === CHANCE) {
        if (!tree.full) {
          node = this.addChance();
          tree.child[edge] = node;
          pending = 0;
          continue;
        }
        while (state.turn === CHANCE) leaf.tail += this.playChance();
        if (state.turn === OVER) return this.complete(leaf, leaf.tail, false);
      } else if (state.turn === OVER) {
        tree.child[edge] = TERMINAL;
        return this.complete(leaf, 0, this.proves);
      }
      if (policy.usesNetwork) {
        if (tree.pending[edge] > 0) return false;
        this.request(batch);
        return true;
      }
      // A position gets its own edges at its second visit: most leaves never see one.
      if (tree.visits[edge] === 0 || tree.full) return this.complete(leaf, leaf.tail + this.playout(), false);
      // In two statements, here and below: adding a node may replace the arrays, and the left side is evaluated first.
      node = this.addDecision(state);
      tree.child[edge] = node;
      pending = 0;
    }
  }

  /** Values the leaf that `state` stands on: from the cache at once, else by a row of the batch. */
  private request(batch: Batch): void {
    const { leaf, tree } = this;
    const known = this.exchange.describe(leaf, this.state);
    if (leaf.depth === 0 && this.only !== undefined) {
      leaf.legalCount = this.restrict(leaf.legal, leaf.legalCount);
      leaf.whole = false;
    }
    if (known) {
      if (leaf.depth > 0) this.launch(leaf);
      this.resolve(leaf);
      return;
    }
    this.exchange.write(leaf, this.state, batch, this.rng);
    for (let d = 0; d < leaf.depth; d++) tree.pending[leaf.edges[d]]++;
    this.inFlight.push(leaf);
    if (leaf.depth > 0) this.launch(leaf);
    this.leaf = this.spares.pop() ?? createLeaf(leaf.legal.length);
  }

  absorb(batch: Batch): void {
    const { inFlight, tree } = this;
    for (const leaf of inFlight) {
      for (let d = 0; d < leaf.depth; d++) tree.pending[leaf.edges[d]]--;
      this.exchange.read(leaf, batch);
      this.resolve(leaf);
      this.spares.push(leaf);
    }
    inFlight.length = 0;
  }

  /** Expands the leaf with the answer in the exchange, and backs it up. */
  private resolve(leaf: Leaf): void {
    const { tree } = this;
    const value = leaf.turn === 1 ? -this.exchange.value : this.exchange.value;
    if (leaf.depth === 0) this.expand(leaf, value);
    else {
      if (!tree.full && leaf.tail === 0) {
        const node = this.expand(leaf, value);
        tree.child[leaf.edges[leaf.depth - 1]] = node;
      }
      this.finish(leaf, value + leaf.tail, false);
    }
  }

  /** A node for the leaf: priors are the softmax of the legal logits. */
  private expand(leaf: Leaf, value: number): number {
    const { tree } = this;
    const { logits } = this.exchange;
    const { legal, legalCount } = leaf;
    const node = tree.addNode(leaf.turn, legalCount, value);
    softmaxPriors(tree, node, logits, 0, legal, legalCount);
    return node;
  }

  /** A node for playouts: its edges start at an arbitrary move, lest untried moves always be tried from the left. */
  private addDecision(state: S): number {
    const { tree, leaf } = this;
    let count = state.legal(leaf.legal);
    if (!this.ready) count = this.restrict(leaf.legal, count);
    const node = tree.addNode(state.turn, count, 0);
    const first = tree.firstEdge[node];
    let from = Math.imul(node + 1, 0x9e3779b1) >>> 16;
    from %= count;
    for (let i = 0; i < count; i++) {
      tree.action[first + i] = leaf.legal[from];
      if (++from === count) from = 0;
    }
    return node;
  }

  private addChance(): number {
    const { tree, leaf, state } = this;
    const count = state.legal(leaf.legal);
    state.chances!(this.odds);
    const node = tree.addNode(CHANCE, count, 0);
    const first = tree.firstEdge[node];
    for (let i = 0; i < count; i++) {
      tree.action[first + i] = leaf.legal[i];
      tree.prior[first + i] = this.odds[i];
    }
    return node;
  }

  /** An outcome of a chance node, drawn by its odds. */
  private drawEdge(node: number): number {
    const { tree } = this;
    const first = tree.firstEdge[node];
    const last = first + tree.edges[node] - 1;
    let left = this.rng.float();
    for (let e = first; e < last; e++) {
      left -= tree.prior[e];
      if (left < 0) return e;
    }
    return last;
  }

  /** Lets chance move outside the tree; returns the reward to seat 0. */
  private playChance(): number {
    const { state, leaf } = this;
    const last = state.legal(leaf.legal) - 1;
    state.chances!(this.odds);
    let left = this.rng.float();
    let i = 0;
    while (i < last && (left -= this.odds[i]) >= 0) i++;
    return state.apply(leaf.legal[i], this.rng);
  }

  /** Uniformly random moves to the end; the sum of rewards to seat 0. */
  private playout(): number {
    const { state, rng, leaf } = this;
    if (state.playout !== undefined) return state.playout(rng);
    let sum = 0;
    while (state.turn !== OVER) {
      sum += state.turn === CHANCE ? this.playChance() : state.apply(leaf.legal[rng.below(state.legal(leaf.legal))], rng);
    }
    return sum;
  }

  /** A simulation from now on counts against the budget. */
  private launch(leaf: Leaf): void {
    this.started++;
    this.policy.started(leaf.edges[0]);
  }

  /** A simulation that needs no network. */
  private complete(leaf: Leaf, value: number, proven: boolean): true {
    this.launch(leaf);
    this.finish(leaf, value, proven);
    return true;
  }

  /**
   * Backs a simulation up. `value` is the return after the last edge's reward, seat-0 view; `proven` says it is exact.
   * The return through a proven edge is always its exact value, whatever was found below.
   */
  private finish(leaf: Leaf, value: number, proven: boolean): void {
    const { visits, valueSum, reward, nodeVisits, flags, turn } = this.tree;
    const { edges, nodes } = leaf;
    for (let d = leaf.depth - 1; d >= 0; d--) {
      const e = edges[d];
      const node = nodes[d];
      const n = ++visits[e];
      value += reward[e];
      nodeVisits[node]++;
      if (!proven && flags[e] === 0) {
        valueSum[e] += value;
        continue;
      }
      if (flags[e] !== 0) valueSum[e] += value = valueSum[e] / (n - 1);
      else this.tree.prove(e, turn[node], value);
      if (!proven) continue;
      const exact = this.tree.provenValue(node);
      if (exact === exact) value = exact;
      else proven = false;
    }
    if (proven) this.rootProven = true;
    this.finished++;
    this.depths += leaf.depth;
    if (leaf.depth > this.deepest) this.deepest = leaf.depth;
  }

  private dropInFlight(): void {
    for (const leaf of this.inFlight) {
      for (let d = 0; d < leaf.depth; d++) this.tree.pending[leaf.edges[d]]--;
      this.spares.push(leaf);
    }
    this.inFlight.length = 0;
  }

  private ensureBegun(): void {
    if (this.begun) return;
    this.begun = true;
    this.policy.begin(this.tree, this.rng, this.budget);
  }

  /** Readies the policy for a question about the root. */
  private consult(): void {
    if (this.rootLegal === 0) throw new Error('the game is over: there is nothing to search');
    if (!this.ready) throw new Error('the root has not been evaluated yet: collect, evaluate and absorb first');
    this.ensureBegun();
  }

  policyTarget(out: Float32Array): number {
    this.consult();
    return writeTarget(this.tree, this.policy, this.weights, out);
  }

  action(rng: Rng, temperature = 0): Action {
    this.consult();
    return this.tree.action[this.policy.choose(this.tree, rng, temperature)];
  }

  /** Plies that this move's simulations went down the tree: on average, and the deepest; 0 before the first. */
  get depth(): { readonly mean: number; readonly most: number } {
    return { mean: this.finished === 0 ? 0 : this.depths / this.finished, most: this.deepest };
  }

  /** The best root moves with the play expected after each; `best`: the one to put first. Empty as `report` is. */
  lines(count: number, best: Action): SearchLine[] {
    if (this.rootLegal === 0 || !this.ready) return [];
    this.consult();
    this.policy.target(this.tree, this.weights);
    return makeLines(this.tree, this.tree.findEdge(0, best), this.weights, count);
  }

  /** The tree below the node that `path` leads to; undefined where it does not reach that far. */
  unfold(path: readonly Action[], levels: number, most: number): Unfolded | undefined {
    return unfoldTree(this.tree, path, levels, most, this.policy.usesNetwork);
  }

  /** Empty while there is nothing to tell: the game is over, or the root has not been evaluated yet. */
  report(): SearchReport {
    if (this.rootLegal === 0 || !this.ready) return { simulations: 0, value: 0, actions: [], principalVariation: [] };
    this.consult();
    const value = this.policy.target(this.tree, this.weights);
    return makeReport(this.tree, this.weights, value, this.finished, this.policy.usesNetwork);
  }
}
