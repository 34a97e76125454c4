/**
 * Random words by which positions are hashed (Albert Zobrist, 1970): a position's hash is the exclusive or of the words
 * of what it holds. Two words each, interleaved; fixed by a seed, so hashes are the same everywhere.
 */
import { createRng } from '#engine';

function words(purpose: string, entries: number): Int32Array {
  const rng = createRng('chess zobrist').fork(purpose);
  return Int32Array.from({ length: 2 * entries }, () => rng.uint32() | 0);
}

/** [16 * 64], entry 64 * piece + square. */
export const ZOBRIST = words('pieces', 1024);
/** [16], one for each bit of Position.castling. */
export const ZOBRIST_CASTLING = words('castling', 16);
/** [8], by file. */
export const ZOBRIST_EP = words('en passant', 8);
/** [1]: Black is to move. */
export const ZOBRIST_BLACK = words('black', 1);
