/**
 * Perft: the leaves of the tree of legal moves at a depth, the usual check of a move generator.
 * Bulk counting: at the last ply moves are counted, not made.
 */
import { MAX_MOVES, countMoves, generateMoves } from './moves.js';
import { UNDO_WORDS } from './position.js';
import type { Position } from './position.js';

/** Leaves at exactly `depth` plies; the position is the same afterwards. */
export function perft(position: Position, depth: number): number {
  if (depth <= 0) return 1;
  const moves = new Int32Array(MAX_MOVES * depth);
  return below(position, depth, Array.from({ length: depth }, (_, i) => moves.subarray(i * MAX_MOVES, (i + 1) * MAX_MOVES)), new Int32Array(UNDO_WORDS * depth));
}

function below(position: Position, depth: number, lists: readonly Int32Array[], undo: Int32Array): number {
  if (depth === 1) return countMoves(position);
  const moves = lists[depth - 1];
  const at = UNDO_WORDS * (depth - 1);
  const count = generateMoves(position, moves);
  let nodes = 0;
  for (let i = 0; i < count; i++) {
    position.make(moves[i], undo, at);
    nodes += below(position, depth - 1, lists, undo);
    position.unmake(moves[i], undo, at);
  }
  return nodes;
}
