/** Looking inside: a search tree to unfold, and a finished game's moves by what they were worth. */
import * as z from 'zod';
import { action, name, count, ply, seat } from './common.js';

const real = z.number();

/** One edge of a search tree with the node it leads to. */
export const treeNode = z.strictObject({
  /** Place of its parent in the list, always before it; -1 for children of the node that was asked for. */
  parent: z.int().min(-1),
  action, name,
  visits: count,
  /** Mean value Q in [-1, 1], view of the seat that chooses this action; null when never visited. */
  value: real.nullable(),
  /** The network's prior probability (1 / legal moves for searches without one). */
  prior: real,
  /** Result that the search proved, same view: 1 won, 0 drawn, -1 lost. */
  proven: real.nullable(),
  /** Seat to move below it; null where the game is over there, or nobody has looked. */
  turn: seat.nullable(),
  /** How many actions it has below: more than are listed where the answer ends, or the unvisited ones were left out. */
  children: count,
});

/** One step of a learned model's dream along the moves that were played. */
export const dreamStep = z.strictObject({
  action, name,
  /** Imagined: the move's reward, and the value after it. */
  reward: real, value: real,
  realReward: real,
  /** What the network makes of the real position; 0 where the game is over. */
  seenValue: real,
});

/** A move of a finished game. Values in [-1, 1] by the reviewing agent's search, exact scores in the game's own scale; both in the mover's view. */
export const reviewedMove = z.strictObject({
  ply, seat, action, name,
  /** Of the position before it under the best play found, and of the position after it. */
  before: real, after: real,
  /** What would have been better, or the same move. */
  best: z.strictObject({ action, name }),
  /** `before` - `after`, at least 0; 0 for the best move. */
  loss: real,
  /** By the solver: the best score to be had, and that of the move played; null when not computed. */
  exact: z.strictObject({ best: real, played: real, /** All that reach it. */ actions: z.array(action).max(4096) }).nullable(),
});

export type DreamStep = z.infer<typeof dreamStep>;
export type TreeNode = z.infer<typeof treeNode>;
export type ReviewedMove = z.infer<typeof reviewedMove>;
