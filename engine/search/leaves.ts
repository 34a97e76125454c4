/** Leaves on their way to the network: what must be remembered of them, and how a position becomes a row and back. */
import { KEY_WORDS } from '../types.js';
import type { Batch, Game, PositionCache, State, Symmetry, Turn } from '../types.js';
import type { Rng } from '../rng.js';
import { UserError } from '../errors.js';

/**
 * Which symmetry a leaf is shown to the network in. 'random': drawn for each leaf (self-play). 'key': derived from the
 * position's key, so the same position always gets the same one, whatever ran before (arena). 'none': as it is.
 */
export const symmetryModes = ['none', 'random', 'key'] as const;
export type SymmetryMode = (typeof symmetryModes)[number];

/** A leaf in flight. Paths are [depth], oldest edge first; the root's own evaluation has depth 0. */
export interface Leaf {
  row: number;
  depth: number;
  edges: Int32Array;
  nodes: Int32Array;
  /** Rewards to seat 0 after the last edge, from chance events that a full tree could not store. */
  tail: number;
  turn: Turn;
  readonly legal: Int32Array;
  legalCount: number;
  /** All legal moves are listed: at the root a search may be held to some of them. */
  whole: boolean;
  readonly key: Uint32Array;
  symmetry: number;
}

export function createLeaf(actionCount: number): Leaf {
  return {
    row: -1, depth: 0, edges: new Int32Array(32), nodes: new Int32Array(32), tail: 0, turn: 0,
    legal: new Int32Array(actionCount), legalCount: 0, whole: true, key: new Uint32Array(KEY_WORDS), symmetry: 0,
  };
}

/** Doubles the room of a path from the root. */
export function lengthen(path: { edges: Int32Array; nodes: Int32Array }): void {
  const edges = new Int32Array(2 * path.edges.length);
  edges.set(path.edges);
  path.edges = edges;
  const nodes = new Int32Array(2 * path.nodes.length);
  nodes.set(path.nodes);
  path.nodes = nodes;
}

/** Writes leaves to batch rows and reads the answers back, through the cache and a symmetry. One for each search. */
export class LeafExchange<S extends State> {
  /** [actionCount] the answer last read, in the position's own frame, legal actions only; its value is for the seat to move. */
  readonly logits: Float32Array;
  value = 0;
  private readonly cache: PositionCache | undefined;
  private readonly mode: SymmetryMode;
  private readonly symmetries: readonly Symmetry[];
  private readonly gameId: string;
  private readonly actionCount: number;
  /** [channels, height, width] */
  private readonly planes: Float32Array;
  private readonly area: number;

  constructor(game: Game<S>, cache: PositionCache | undefined, mode: SymmetryMode) {
    const [channels, height, width] = game.planes;
    this.cache = cache;
    this.symmetries = game.symmetries ?? [];
    this.mode = this.symmetries.length > 1 ? mode : 'none';
    this.gameId = game.id;
    this.actionCount = game.actionCount;
    this.logits = new Float32Array(game.actionCount);
    this.planes = new Float32Array(channels * height * width);
    this.area = height * width;
  }

  /** Fills the leaf's turn, moves and key; true when the cache had its answer, which is then in `logits` and `value`. */
  describe(leaf: Leaf, state: S): boolean {
    leaf.turn = state.turn;
    leaf.legalCount = state.legal(leaf.legal);
    leaf.whole = true;
    if (this.cache === undefined && this.mode !== 'key') return false;
    state.key(leaf.key);
    const value = this.cache?.read(leaf.key, leaf.legal, leaf.legalCount, this.logits);
    if (value === undefined) return false;
    this.value = value;
    return true;
  }

  /** Appends the leaf's position to the batch, which must have room. */
  write(leaf: Leaf, state: S, batch: Batch, rng: Rng): void {
    const { planes, area } = this;
    state.observe(planes);
    leaf.symmetry = this.pick(leaf.key, rng);
    leaf.row = batch.size++;
    const at = leaf.row * planes.length;
    if (leaf.symmetry === 0) {
      batch.planes.set(planes, at);
      return;
    }
    const { cells } = this.symmetries[leaf.symmetry];
    const out = batch.planes;
    for (let from = 0; from < planes.length; from += area) {
      for (let i = 0; i < area; i++) out[at + from + i] = planes[from + cells[i]];
    }
  }

  /** Reads the leaf's row into `logits` and `value`, and remembers it. */
  read(leaf: Leaf, batch: Batch): void {
    const { logits, actionCount } = this;
    const { legal, legalCount } = leaf;
    const at = leaf.row * actionCount;
    if (leaf.symmetry === 0) {
      for (let i = 0; i < legalCount; i++) logits[legal[i]] = batch.logits[at + legal[i]];
    } else {
      const { actions } = this.symmetries[leaf.symmetry];
      for (let i = 0; i < legalCount; i++) logits[legal[i]] = batch.logits[at + actions[legal[i]]];
    }
    this.value = batch.values[leaf.row];
    this.check(leaf);
    if (leaf.whole) this.cache?.write(leaf.key, legal, legalCount, logits, this.value);
  }

  private pick(key: Uint32Array, rng: Rng): number {
    if (this.mode === 'none') return 0;
    if (this.mode === 'random') return rng.below(this.symmetries.length);
    const mixed = Math.imul(key[0] ^ Math.imul(key[1], 0x85ebca6b) ^ Math.imul(key[2], 0xc2b2ae35) ^ Math.imul(key[3], 0x27d4eb2f), 0x9e3779b1);
    return Math.floor(((mixed ^ (mixed >>> 15)) >>> 0) * 2.3283064365386963e-10 * this.symmetries.length);
  }

  /** A diverged network must stop the search with a word, not lead it to a nonsense move. */
  private check(leaf: Leaf): void {
    let sum = this.value;
    for (let i = 0; i < leaf.legalCount; i++) sum += this.logits[leaf.legal[i]];
    if (Number.isFinite(sum)) return;
    throw new UserError('data', `the network's answer for a position of ${this.gameId} is not finite (value ${this.value}): its weights have diverged or the model is damaged; use an earlier checkpoint.`);
  }
}
