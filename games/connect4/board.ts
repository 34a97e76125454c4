/**
 * Connect Four's board as two overlapping 30-bit words.
 *
 * Cell (column c, row r), row 0 at the bottom, is bit 6c + r of the west word if c <= 4, and bit 6(c - 2) + r of the
 * east word if c >= 2. Columns 2 to 4 are in both. Every line of four lies wholly inside one of the words: those that
 * begin in column 0 or 1 in the west, those that begin in column 2 or 3 in the east. So each word is tested for itself,
 * in 32-bit integer arithmetic, and no shift ever carries a bit from one word to the other.
 *
 * Rejected: the usual 49-bit board (a guard bit a column) cut in two halves, where each of the shifts needs three more
 * operations for the bits that cross the cut; BigInt, which allocates at every operation.
 */
export const COLUMNS = 7;
export const ROWS = 6;
export const CELLS = COLUMNS * ROWS;

/** Every cell of a word. */
export const FULL = 0x3fffffff;
/** Row 0 of the five columns of a word. */
export const BOTTOM = 0x01041041;
/** Rows 0 to 2: where upright and rising lines begin. */
export const LOWER = BOTTOM * 7;
/** Rows 3 to 5: where falling lines begin. */
export const UPPER = BOTTOM * 56;

/** [CELLS]: the bit of cell 6c + r in the west word, 0 if it is not there. */
export const WEST = Int32Array.from({ length: CELLS }, (_, cell) => (cell < 30 ? 1 << cell : 0));
/** [CELLS]: the bit of cell 6c + r in the east word, 0 if it is not there. */
export const EAST = Int32Array.from({ length: CELLS }, (_, cell) => (cell >= 12 ? 1 << (cell - 12) : 0));

/** Whether one word (west or east) of a player's stones holds four in a row. */
export function hasFour(stones: number): boolean {
  const flat = stones & (stones >> 6);
  const upright = stones & (stones >> 1);
  const rising = stones & (stones >> 7);
  const falling = stones & (stones >> 5);
  return ((flat & (flat >> 12)) | (((upright & (upright >> 2)) | (rising & (rising >> 14))) & LOWER) | (falling & (falling >> 10) & UPPER)) !== 0;
}
