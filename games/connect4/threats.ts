/** Threats: the cells that would complete four for one player, all at once, on the words of board.ts. */
import { BOTTOM, FULL, LOWER, UPPER } from './board.js';

const ROWS_1_TO_3 = BOTTOM * 14;
const ROWS_2_TO_4 = BOTTOM * 28;

/**
 * Cells of one word, occupied or not, that lie on a line of that word whose three other cells are all among `stones`;
 * of an upright line only its top cell, since no stone ever lies above an empty cell.
 * A cell's threats are those of its west word together with those of its
 * east word, moved by 12.
 */
export function threatsIn(stones: number): number {
  // Each direction: the two neighbours before, after, or one on each side, and then the third. The masks are the rows
  // of the threatened cell from which the line stays on the board.
  let pair = (stones << 6) & (stones << 12);
  let cells = pair & ((stones << 18) | (stones >> 6));
  pair = (stones >> 6) & (stones >> 12);
  cells |= pair & ((stones >> 18) | (stones << 6));

  cells |= (stones << 1) & (stones << 2) & (stones << 3) & UPPER;

  pair = (stones << 7) & (stones << 14);
  cells |= pair & (((stones << 21) & UPPER) | ((stones >> 7) & ROWS_2_TO_4));
  pair = (stones >> 7) & (stones >> 14);
  cells |= pair & (((stones >> 21) & LOWER) | ((stones << 7) & ROWS_1_TO_3));

  pair = (stones << 5) & (stones << 10);
  cells |= pair & (((stones << 15) & LOWER) | ((stones >> 5) & ROWS_1_TO_3));
  pair = (stones >> 5) & (stones >> 10);
  cells |= pair & (((stones >> 15) & UPPER) | ((stones << 5) & ROWS_2_TO_4));
  return cells & FULL;
}

/** The cells of one word in which the next stone of each open column lands. */
export function playable(all: number): number {
  // A full column's carry falls on the bottom cell of the next, which is supported anyway.
  return ((all << 1) | BOTTOM) & ~all & FULL;
}

/** How many empty cells are threats of a player with these stones. */
export function threatCount(west: number, east: number, allWest: number, allEast: number): number {
  const w = threatsIn(west);
  const e = threatsIn(east);
  // Columns 0-4 from the west word, columns 5-6 from the upper 12 bits of the east word.
  return bitCount((w | (e << 12)) & ~allWest & FULL) + bitCount((e & ~allEast) >> 18);
}

function bitCount(x: number): number {
  x -= (x >>> 1) & 0x55555555;
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
