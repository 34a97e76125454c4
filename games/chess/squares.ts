/**
 * Squares, pieces and the geometry of the empty board, as tables.
 *
 * Square = 8 * rank + file, a1 = 0, h8 = 63. A set of squares is two 32-bit words: the low one holds ranks 1 to 4, the
 * high one ranks 5 to 8; bit (square & 31) of word (square >> 5). Tables of sets are interleaved: entry i of a table is
 * its words 2i (low) and 2i + 1 (high).
 *
 * Rejected: BigInt bitboards, which allocate at every operation; a 0x88 mailbox with piece lists, which walks every ray
 * to count moves (README.md has the measurements).
 */
export const PAWN = 1;
export const KNIGHT = 2;
export const BISHOP = 3;
export const ROOK = 4;
export const QUEEN = 5;
export const KING = 6;

/** White is seat 0. A piece is its type, + 8 when it is black; 0 is an empty square. */
export const WHITE = 0;
export const BLACK = 1;
export type Side = 0 | 1;

/** Letter of a piece by its code: capitals are White's. */
export const LETTERS = '.PNBRQK..pnbrqk';
/** No square: of `ep` in Position. */
export const NO_SQUARE = -1;

const KNIGHT_STEPS = [[1, 2], [2, 1], [2, -1], [1, -2], [-1, -2], [-2, -1], [-2, 1], [-1, 2]] as const;
const KING_STEPS = [[0, 1], [1, 1], [1, 0], [1, -1], [0, -1], [-1, -1], [-1, 0], [-1, 1]] as const;
type Steps = readonly (readonly [files: number, ranks: number])[];

/** The square some files and ranks away, or undefined when that is off the board. */
export function stepFrom(square: number, files: number, ranks: number): number | undefined {
  const file = (square & 7) + files;
  const rank = (square >> 3) + ranks;
  return file < 0 || file > 7 || rank < 0 || rank > 7 ? undefined : 8 * rank + file;
}

/** Puts a square into entry `index` of a table of sets. */
export function include(table: Int32Array, index: number, square: number): void {
  table[2 * index + (square >> 5)] |= 1 << square;
}

function steps(moves: Steps): Int32Array {
  const table = new Int32Array(128);
  for (let square = 0; square < 64; square++) {
    for (const [files, ranks] of moves) {
      const to = stepFrom(square, files, ranks);
      if (to !== undefined) include(table, square, to);
    }
  }
  return table;
}

function rays(directions: Steps): Int32Array {
  return steps(directions.flatMap(([files, ranks]) => [1, 2, 3, 4, 5, 6, 7].map((n) => [n * files, n * ranks] as const)));
}

/** [64] sets: where a knight, a king goes from a square; a bishop, a rook on the empty board. */
export const KNIGHT_STEP = steps(KNIGHT_STEPS);
export const KING_STEP = steps(KING_STEPS);
export const BISHOP_RAYS = rays(KING_STEPS.filter(([files, ranks]) => files !== 0 && ranks !== 0));
export const ROOK_RAYS = rays(KING_STEPS.filter(([files, ranks]) => files === 0 || ranks === 0));

/** [2 * 64] sets, entry 64 * side + square: what a pawn of that side attacks. */
export const PAWN_ATTACK = Int32Array.from([...steps([[-1, 1], [1, 1]]), ...steps([[-1, -1], [1, -1]])]);

/** [64 * 64] sets, entry 64 * a + b: squares strictly between a and b where they share a line, else none. */
export const BETWEEN = new Int32Array(8192);
/** [64 * 64] sets, entry 64 * a + b: the whole line through a and b, edge to edge, where they share one, else none. */
export const LINE = new Int32Array(8192);
for (let a = 0; a < 64; a++) {
  for (const [files, ranks] of KING_STEPS) {
    const line: number[] = [];
    for (let n = -7; n <= 7; n++) {
      const square = stepFrom(a, n * files, n * ranks);
      if (square !== undefined) line.push(square);
    }
    for (let n = 1; n <= 7; n++) {
      const b = stepFrom(a, n * files, n * ranks);
      if (b === undefined) break;
      for (const square of line) include(LINE, 64 * a + b, square);
      for (let m = 1; m < n; m++) include(BETWEEN, 64 * a + b, a + m * (files + 8 * ranks));
    }
  }
}

/** Index of the lowest square of a word that is not 0; + 32 for a high word. */
export function lowest(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** Squares in a set. The two words' counts of four bits at a time are added before they are summed up. */
export function countSquares(low: number, high: number): number {
  let a = low - ((low >>> 1) & 0x55555555);
  let b = high - ((high >>> 1) & 0x55555555);
  a = (a & 0x33333333) + ((a >>> 2) & 0x33333333);
  b = (b & 0x33333333) + ((b >>> 2) & 0x33333333);
  a += b;
  return Math.imul((a & 0x0f0f0f0f) + ((a >>> 4) & 0x0f0f0f0f), 0x01010101) >>> 24;
}

export function squareName(square: number): string {
  return 'abcdefgh'[square & 7] + String((square >> 3) + 1);
}

/** 'e4' -> 28; undefined for anything else. */
export function parseSquare(text: string): number | undefined {
  return /^[a-h][1-8]$/.test(text) ? text.charCodeAt(0) - 97 + 8 * (text.charCodeAt(1) - 49) : undefined;
}
