/**
 * The contracts that everything else is written against: a game, its positions, and what a search asks of a network.
 * The split into a stateless Game and a mutable State follows OpenSpiel.
 */
import type { Rng } from './rng.js';

/** Row of a game's fixed action table, 0 <= action < actionCount; also its index in the policy head. */
export type Action = number;

/** `turn` of a position in which chance moves next. */
export const CHANCE = -1;
/** `turn` of a finished game. */
export const OVER = -2;
export type Turn = 0 | 1 | typeof CHANCE | typeof OVER;

/**
 * One way of turning the board onto itself. The transformed position is as good as the original for the same seat.
 * `symmetries[0]` of a game is always the identity.
 */
export interface Symmetry {
  readonly name: string;
  /** [height * width]: cell i of a transformed plane is cell `cells[i]` of the original; every channel alike. */
  readonly cells: Int32Array;
  /** [actionCount]: action a of the original is action `actions[a]` of the transformed position. */
  readonly actions: Int32Array;
}

/** How a convolution can say a game's policy: planes as large as the board, and where in them each action stands. */
export interface PolicyPlanes {
  readonly count: number;
  /** [actionCount]: plane * height * width + cell; no place twice. */
  readonly gather: Int32Array;
}

/** Static facts of a game; stateless. */
export interface Game<S extends State = State> {
  readonly id: string;
  /** For people, e.g. "Connect Four". */
  readonly name: string;
  /** Bumped when rules, action table or planes change; data of another version is refused. */
  readonly version: number;
  /** Id of the game of the same rules, actions and version that shows other planes: games recorded as that one teach this one too. */
  readonly variantOf?: string;
  /** 2 means zero-sum: seat 1's reward is the negative of seat 0's. */
  readonly seats: 1 | 2;
  /** 'explicit': outcomes are actions with known odds (State.chances). 'sampled': `apply` draws them. */
  readonly chance: 'none' | 'explicit' | 'sampled';
  readonly actionCount: number;
  /** No game lasts longer, in plies. */
  readonly maxPlies: number;
  /** [channels, height, width]. */
  readonly planes: readonly [channels: number, height: number, width: number];
  /** For games with many actions that belong to cells of the board, whose policy head would otherwise be a huge matrix. */
  readonly policyPlanes?: PolicyPlanes;
  /** A new starting position, owned by the caller. */
  start(rng: Rng): S;
  /** Notation of a legal action, unique among the position's legal actions. */
  actionName(state: S, action: Action): string;
  /** The legal action that the text names; undefined when there is none. */
  parseAction(state: S, text: string): Action | undefined;
  /** A position from text: FEN, or a move prefix. undefined when malformed or illegal. */
  parseSetup?(text: string): S | undefined;
  /** Text for a terminal: the board as a person would draw it, several lines. */
  render?(state: S): string;
  /** Identity first. Left out when there is only the identity. */
  readonly symmetries?: readonly Symmetry[];
}

/** Id of the game whose rules these are: its own, but for a variant. */
export function rulesOf(game: Pick<Game, 'id' | 'variantOf'>): string {
  return game.variantOf ?? game.id;
}

/** A position, changed in place by its one owner; to keep one, copy it. */
export interface State {
  readonly turn: Turn;
  /**
   * True in an OVER position that a time limit cut short: it would have gone on, so its value is not 0 and a learner
   * bootstraps through it. False in one that truly ended (terminated), and before the end. Left out by games that are
   * never cut.
   */
  readonly truncated?: boolean;
  /**
   * Optional: begins another episode in place, as `start` would, but without allocating, and keeping what an
   * environment carries from one episode to the next (MinAtar: the last executed action).
   */
  restart?(rng: Rng): void;
  /** Writes the legal actions, ascending, to out [>= actionCount]; returns how many (0 iff OVER). */
  legal(out: Int32Array): number;
  /** Plays a legal action; returns the reward to seat 0. Legality is the caller's duty. */
  apply(action: Action, rng: Rng): number;
  copyFrom(other: this): void;
  /** Writes a hash of all that the network sees (history included, where planes do not show it) to out [>= KEY_WORDS]. */
  key(out: Uint32Array): void;
  /** Overwrites all of out [channels * height * width], channel-major, from the view of the seat to move. */
  observe(out: Float32Array): void;
  /**
   * Optional fast path: plays uniformly random legal moves to the end and returns the sum of rewards to seat 0,
   * leaving the state finished. Must have the same distribution as `legal` + `apply` (the contract suite tests it).
   */
  playout?(rng: Rng): number;
  /** Games with explicit chance: writes the odds of the legal actions of a CHANCE turn, in the order of `legal`. */
  chances?(out: Float32Array): void;
}

/** Words of a position's key: wide enough that two positions never share one in practice. */
export const KEY_WORDS = 4;

/** A new, independent copy of a position. */
export function cloneState<S extends State>(game: Game<S>, state: S, rng: Rng): S {
  const copy = game.start(rng);
  copy.copyFrom(state);
  return copy;
}

/**
 * A caller-owned minibatch; row i is one leaf. Everything speaks for the seat to move in that leaf.
 */
export interface Batch {
  /** Rows in use. */
  size: number;
  readonly capacity: number;
  /** [capacity, channels, height, width]. */
  readonly planes: Float32Array;
  /** [capacity, actionCount], before any masking. */
  readonly logits: Float32Array;
  /** [capacity], in [-1, 1] for board games. */
  readonly values: Float32Array;
}

/** Fills logits and values of rows 0 <= i < batch.size. The only await in a search. */
export interface Evaluator {
  evaluate(batch: Batch): Promise<void>;
}

/**
 * A caller-owned minibatch of a learned model. `step` reads parents and actions of rows 0 <= i < size; `represent` reads
 * planes. Both fill the rest of those rows. All speaks for the seat to move in the new latent, but the reward for the seat that acted.
 */
export interface LatentBatch {
  /** Rows in use. */
  size: number;
  readonly capacity: number;
  /** [capacity, latentSize] */
  readonly parents: Float32Array;
  /** [capacity] */
  readonly actions: Int32Array;
  /** [rows, latentSize] */
  latents: Float32Array;
  /** [rows] views of the rows of `latents`. */
  latentRows: readonly Float32Array[];
  /** Latents once written stay as they are while a search goes on, since each step is given others to write to: nobody need copy them. */
  lasting: boolean;
  /** [capacity], 0 after `represent`. */
  readonly rewards: Float32Array;
  /** [capacity, actionCount], before any masking. */
  readonly logits: Float32Array;
  /** [capacity], in units of reward. */
  readonly values: Float32Array;
}

/** A learned model of a game (MuZero): representation, dynamics and prediction. */
export interface WorldModel {
  readonly latentSize: number;
  /** planes [batch.size, channels, height, width] -> latents, logits, values; rewards 0. */
  represent(planes: Float32Array, batch: LatentBatch): Promise<void>;
  /** parents, actions -> latents, rewards, logits, values. */
  step(batch: LatentBatch): Promise<void>;
}

/** How one action of the root looks after a search. Values are from the view of the seat to move at the root. */
export interface ActionReport {
  readonly action: Action;
  /** Network's prior probability after masking and noise-free; 1 / legal for UCT. */
  readonly prior: number;
  readonly visits: number;
  /** Mean value, undefined when never visited. */
  readonly value?: number;
  /** What the search recommends as a policy: its training target. */
  readonly policy: number;
  /** Exact result if the search proved it. */
  readonly proven?: number;
}

/** What a search found, for people: slow to make, allocated afresh. */
export interface SearchReport {
  readonly simulations: number;
  /** From the view of the seat to move at the root. */
  readonly value: number;
  readonly actions: readonly ActionReport[];
  /** Most visited line from the root. */
  readonly principalVariation: readonly Action[];
  readonly proven?: number;
}

/** One tree for one game, in two phases, so that many trees share one batch. */
export interface Search<S extends State = State> {
  /**
   * Begins a move from a copy of `root`. With `played`, the actions made since the last root (oldest first), the
   * subtree below them is kept; otherwise the tree is emptied.
   */
  restart(root: S, rng: Rng, played?: readonly Action[]): void;
  /** Simulations left of this move's budget; 0 once the root is proven or has one legal move. */
  readonly remaining: number;
  /** Sets this move's budget from now on; before the first collect of a move. */
  setSimulations(count: number): void;
  /**
   * Runs simulations until one needs the network, and appends that leaf; up to `limit` leaves (in-flight ones carry a
   * virtual loss). Returns the rows appended; 0 with remaining > 0 means the batch is full or all leaves are in flight.
   */
  collect(batch: Batch, limit: number): number;
  /** Reads this search's rows back from the evaluated batch, expands and backs up. */
  absorb(batch: Batch): void;
  /** Writes what the network should learn, out [actionCount]; returns the root's value, view of the seat to move. */
  policyTarget(out: Float32Array): number;
  /** The move to play; temperature 0 = best. */
  action(rng: Rng, temperature?: number): Action;
  report(): SearchReport;
}

/** One remembered network answer: a cache of them is shared by all searches that use the same weights. */
export interface PositionCache {
  /**
   * Copies the key's logits of the `count` legal actions into logits [actionCount], others being left as they are, and
   * returns its value; undefined when absent.
   */
  read(key: Uint32Array, legal: Int32Array, count: number, logits: Float32Array): number | undefined;
  /** Keeps logits [actionCount] of the `count` legal actions, which belong to the key as the logits do. */
  write(key: Uint32Array, legal: Int32Array, count: number, logits: Float32Array, value: number): void;
  /** Call when the weights change: an old network's rows are never returned. */
  clear(): void;
  readonly hits: number;
  readonly misses: number;
}
