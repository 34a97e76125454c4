/**
 * The search of MuZero (Schrittwieser et al. 2020, appendix B) and Gumbel MuZero: the same tree, selection, targets and
 * reports as with rules, but positions are latent vectors that a learned model steps. It never sees a state: the caller
 * says what is legal at the root, and below it every action of the table counts as legal, as the model has it.
 *
 * A latent has no turn. With two seats the seat to move is the root's, alternating with depth: a game in which a seat
 * moves twice in a row cannot be searched like this. Values and rewards of the model are for the seat to move, and for
 * the seat that acted; the tree holds seat-0 values.
 *
 * `collect` appends one row a leaf (its parent's latent and the action), `absorb` reads the answer: many trees share a
 * batch. A leaf that the model takes for finished is not marked: it goes on from an absorbing state whose value is 0.
 */
import { createRng } from '../rng.js';
import type { Rng } from '../rng.js';
import { UserError } from '../errors.js';
import type { Action, LatentBatch, SearchReport } from '../types.js';
import { checkSimulations } from './config.js';
import type { ResolvedSearchConfig } from './config.js';
import { softmaxPriors, writeTarget } from './policy.js';
import type { SelectionPolicy } from './policy.js';
import { makeReport } from './report.js';
import { Tree } from './tree.js';

/** What a latent search must know of the game and its model. */
export interface LatentFacts {
  readonly actionCount: number;
  readonly seats: 1 | 2;
  /** Numbers of one latent. */
  readonly latentSize: number;
  /** What a reward of the next step is worth now; 1 for board games. */
  readonly discount: number;
  /** The bounds of values are not known: scale by the least and greatest that this search has met (MuZero, appendix B). */
  readonly measuredBounds: boolean;
}

/** A simulation in flight: its row, and its path from the root, each node followed by the edge taken there. */
interface Path {
  row: number;
  depth: number;
  steps: Int32Array;
}

export class LatentSearch {
  private readonly grown: Tree;
  private readonly config: ResolvedSearchConfig;
  private readonly actionCount: number;
  private readonly latentSize: number;
  private readonly twoSeats: boolean;
  private readonly discount: number;
  private readonly measuredBounds: boolean;
  private readonly policy: SelectionPolicy;
  /** [nodes] latent [latentSize] of each node; where the model wrote it, if it lasts there. */
  private readonly latents: Float32Array[] = [];
  private readonly all: Int32Array;
  private readonly weights: Float64Array;
  /** The first `flying` are in flight, the others spare. */
  private readonly paths: Path[] = [];
  private flying = 0;
  /** Of those in flight, the first so many count as pending in the tree: only a later one must know of them. */
  private marked = 0;
  private rng: Rng;
  private budget: number;
  private started = 0;
  private finished = 0;
  private begun = false;

  constructor(facts: LatentFacts, config: ResolvedSearchConfig, policy: SelectionPolicy) {
    this.actionCount = facts.actionCount;
    this.latentSize = facts.latentSize;
    this.twoSeats = facts.seats === 2;
    this.discount = facts.discount;
    this.measuredBounds = facts.measuredBounds;
    this.config = config;
    this.policy = policy;
    this.grown = new Tree(config.valueRange[0], config.valueRange[1], config.maxNodes);
    this.all = Int32Array.from({ length: facts.actionCount }, (_, a) => a);
    this.weights = new Float64Array(facts.actionCount);
    this.rng = createRng(0);
    this.budget = config.simulations;
  }

  /** All of its nodes are filled in. */
  get tree(): Tree {
    for (let node = 0; node < this.grown.nodeCount; node++) if (this.grown.nodeVisits[node] === 0) this.open(node);
    return this.grown;
  }

  /**
   * Begins a move at the position that the model represents in row `row` of the batch (latents, logits, values), with
   * `turn` to move and the first `legalCount` entries of `legal` allowed. Throws UserError('data') when they are not finite.
   */
  begin(batch: LatentBatch, row: number, turn: 0 | 1, legal: Int32Array, legalCount: number, rng: Rng): void {
    if (legalCount < 1) throw new Error('the game is over: there is nothing to search');
    this.flying = 0;
    this.marked = 0;
    const { grown: tree, measuredBounds } = this;
    tree.clear();
    if (measuredBounds) {
      tree.low = Infinity;
      tree.high = -Infinity;
    }
    this.rng = rng;
    this.budget = this.config.simulations;
    this.started = 0;
    this.finished = 0;
    this.begun = false;
    const value = turn === 1 ? -batch.values[row] : batch.values[row];
    const root = tree.addNode(turn, legalCount, value);
    if (!softmaxPriors(tree, root, batch.logits, row * this.actionCount, legal, legalCount) || !Number.isFinite(value)) throw this.notFinite(batch, row);
    this.keepLatent(root, batch, row);
    if (measuredBounds) tree.widen(value);
  }

  /** Sets this move's budget; before its first `collect`. */
  setSimulations(count: number): void {
    checkSimulations(this.config.kind, count);
    if (this.started > 0) throw new Error("a latent search's budget is set before its first simulation");
    this.begun = false;
    this.budget = count;
  }

  /** Simulations left of this move's budget; a single legal move needs none, but its value is searched all the same. */
  get remaining(): number {
    return this.budget - this.finished;
  }

  /** Appends up to `limit` leaves to the batch; returns how many. */
  collect(batch: LatentBatch, limit: number): number {
    const before = batch.size;
    while (batch.size - before < limit && batch.size < batch.capacity && this.started < this.budget) {
      if (!this.begun) {
        this.begun = true;
        this.policy.begin(this.grown, this.rng, this.budget);
      }
      if (!this.descend(batch)) break;
    }
    return batch.size - before;
  }

  /** One simulation down to its leaf; false, leaving no trace, if that leaf is in flight already. */
  private descend(batch: LatentBatch): boolean {
    const { grown: tree, policy, flying } = this;
    while (this.marked < flying) this.mark(this.paths[this.marked++], 1);
    if (flying === this.paths.length) this.paths.push({ row: 0, depth: 0, steps: new Int32Array(64) });
    const path = this.paths[flying];
    let { steps } = path;
    let node = 0;
    let n = 0;
    let edge = policy.selectRoot(tree, flying);
    for (;;) {
      if (n === steps.length) {
        path.steps = new Int32Array(2 * n);
        path.steps.set(steps);
        steps = path.steps;
      }
      steps[n++] = node;
      steps[n++] = edge;
      const child = tree.child[edge];
      if (child < 0) break;
      node = child;
      if (tree.nodeVisits[node] === 0) this.open(node);
      edge = policy.select(tree, node, flying === 0 ? 0 : tree.pending[edge]);
    }
    if (flying > 0 && tree.pending[edge] > 0) return false;
    const row = batch.size++;
    path.row = row;
    path.depth = n >> 1;
    batch.parents.set(this.latents[node], row * this.latentSize);
    // Below the root edges are actions in order; looking into one array less is measurable.
    batch.actions[row] = node === 0 ? tree.action[edge] : edge - tree.firstEdge[node];
    this.started++;
    this.flying = flying + 1;
    policy.started(steps[1]);
    return true;
  }

  private mark({ steps, depth }: Path, by: 1 | -1): void {
    const { pending } = this.grown;
    for (let d = 0; d < depth; d++) pending[steps[2 * d + 1]] += by;
  }

  /** Reads this search's rows back from the evaluated batch, expands and backs up. */
  absorb(batch: LatentBatch): void {
    const { grown: tree, flying, twoSeats } = this;
    while (this.marked > 0) this.mark(this.paths[--this.marked], -1);
    for (let i = 0; i < flying; i++) {
      const path = this.paths[i];
      const { row, depth, steps } = path;
      const edge = steps[2 * depth - 1];
      const mover = tree.turn[steps[2 * depth - 2]];
      const turn = twoSeats && mover === 0 ? 1 : 0;
      const value = turn === 1 ? -batch.values[row] : batch.values[row];
      tree.reward[edge] = mover === 1 ? -batch.rewards[row] : batch.rewards[row];
      if (!tree.full) {
        const node = this.expand(batch, row, turn, value);
        tree.child[edge] = node;
      }
      this.backUp(path, value);
    }
    this.flying = 0;
  }

  /**
   * A node whose priors are still logits: most leaves are never entered again, and those that are wait for `open` until then.
   */
  private expand(batch: LatentBatch, row: number, turn: 0 | 1, value: number): number {
    const { grown: tree, actionCount } = this;
    const node = tree.reserveNode(turn, actionCount, value);
    const { prior } = tree;
    const { logits } = batch;
    const first = tree.firstEdge[node];
    const from = row * actionCount;
    let sum = value + batch.rewards[row];
    for (let i = 0; i < actionCount; i++) sum += prior[first + i] = logits[from + i];
    if (!Number.isFinite(sum)) throw this.notFinite(batch, row);
    this.keepLatent(node, batch, row);
    return node;
  }

  private open(node: number): void {
    const { grown: tree, all } = this;
    tree.openNode(node);
    softmaxPriors(tree, node, tree.prior, tree.firstEdge[node], all, all.length);
  }

  private keepLatent(node: number, batch: LatentBatch, row: number): void {
    this.latents[node] = batch.lasting ? batch.latentRows[row] : batch.latentRows[row].slice();
  }

  private notFinite(batch: LatentBatch, row: number): UserError {
    return new UserError('data', `the model's answer is not finite (value ${batch.values[row]}, reward ${batch.rewards[row]}): its weights have diverged or it is damaged; use an earlier checkpoint.`);
  }

  /** `value` is the return after the last edge's reward, seat-0 view. */
  private backUp({ steps, depth }: Path, value: number): void {
    const { visits, valueSum, reward, nodeVisits } = this.grown;
    const { discount, measuredBounds } = this;
    for (let n = 2 * depth - 1; n > 0; n -= 2) {
      const e = steps[n];
      value = reward[e] + discount * value;
      visits[e]++;
      valueSum[e] += value;
      nodeVisits[steps[n - 1]]++;
      if (measuredBounds) this.grown.widen(valueSum[e] / visits[e]);
    }
    this.finished++;
  }

  /** Writes what the network should learn, out [actionCount]; returns the root's value, for the seat to move. */
  policyTarget(out: Float32Array): number {
    this.consult();
    return writeTarget(this.grown, this.policy, this.weights, out);
  }

  /** The move to play; temperature 0 = best. */
  action(rng: Rng, temperature = 0): Action {
    this.consult();
    return this.grown.action[this.policy.choose(this.grown, rng, temperature)];
  }

  report(): SearchReport {
    this.consult();
    const value = this.policy.target(this.tree, this.weights);
    return makeReport(this.tree, this.weights, value, this.finished, true);
  }

  private consult(): void {
    if (this.grown.nodeCount === 0) throw new Error('nothing to tell: begin a search first');
    if (this.begun) return;
    this.begun = true;
    this.policy.begin(this.grown, this.rng, this.budget);
  }
}
