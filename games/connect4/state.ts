/**
 * A Connect Four position, and uniformly random play from it to the end.
 *
 * `playout` is what UCT spends its time in. Its method:
 * - Heights are seven 4-bit counters in one integer, starting at 2, so that the counter of a full column has reached 8:
 *   its top bit says "full". An eighth counter is 8 from the beginning.
 * - A random word is cut into ten 3-bit columns. A draw is rejected if that column's top bit is set, which one test
 *   finds out for full columns and for the eighth, which does not exist. Rejection keeps exactly the uniform
 *   distribution over open columns.
 * - Everything lives in local variables; the players' words change places at each ply. Until the mover's fourth stone
 *   there is no test for a line; then one branch takes both words (see board.ts).
 *
 * Rejected: `below(7)` a ply (a random word and a multiplication each), base-7 digits of one word (biased unless a part
 * of the words is rejected, and a division a ply), keeping a list of open columns (stores for what is full in few
 * plies), lines through the last stone looked up by cell (more loads than the shifts cost), and drawing all 42 moves to
 * bisect for the first line (twice the moves are drawn that a random game has).
 */
import { OVER } from '#engine';
import type { Action, Rng, State, Turn } from '#engine';
import { mixKey } from '../key.js';
import { CELLS, COLUMNS, EAST, LOWER, ROWS, UPPER, WEST, hasFour } from './board.js';

/** Counters of an empty board: 2 in each of seven columns, 8 ("full") in an eighth that does not exist. */
const EMPTY_HEIGHTS = 0x82222222 | 0;

export class Connect4State implements State {
  turn: Turn = 0;
  /** Stones on the board. */
  plies = 0;
  /** Stones of the seat that moved last, then of the other: west and east words (board.ts). */
  private lastWest = 0;
  private lastEast = 0;
  private nextWest = 0;
  private nextEast = 0;
  /** Eight 4-bit counters, column 0 lowest: stones in the column + 2. */
  private heights = EMPTY_HEIGHTS;

  legal(out: Int32Array): number {
    if (this.turn === OVER) return 0;
    let count = 0;
    for (let column = 0; column < COLUMNS; column++) {
      if (((this.heights >> (column << 2)) & 8) === 0) out[count++] = column;
    }
    return count;
  }

  apply(action: Action): number {
    const shift = action << 2;
    const cell = action * ROWS + ((this.heights >> shift) & 15) - 2;
    this.heights = (this.heights + (1 << shift)) | 0;
    const west = this.nextWest | WEST[cell];
    const east = this.nextEast | EAST[cell];
    this.nextWest = this.lastWest;
    this.nextEast = this.lastEast;
    this.lastWest = west;
    this.lastEast = east;
    const reward = 1 - ((this.plies++ & 1) << 1);
    if (hasFour(west) || hasFour(east)) {
      this.turn = OVER;
      return reward;
    }
    this.turn = this.plies === CELLS ? OVER : ((this.plies & 1) as Turn);
    return 0;
  }

  copyFrom(other: Connect4State): void {
    this.turn = other.turn;
    this.plies = other.plies;
    this.lastWest = other.lastWest;
    this.lastEast = other.lastEast;
    this.nextWest = other.nextWest;
    this.nextEast = other.nextEast;
    this.heights = other.heights;
  }

  /** Exact, not only a hash: the four words before mixing are the position. */
  key(out: Uint32Array): void {
    out[0] = this.nextWest;
    out[1] = this.nextEast;
    out[2] = this.lastWest;
    out[3] = this.lastEast;
    mixKey(out);
  }

  observe(out: Float32Array): void {
    for (let column = 0; column < COLUMNS; column++) {
      for (let row = 0; row < ROWS; row++) {
        const cell = column * ROWS + row;
        const at = (ROWS - 1 - row) * COLUMNS + column;
        out[at] = (this.nextWest & WEST[cell]) | (this.nextEast & EAST[cell]) ? 1 : 0;
        out[CELLS + at] = (this.lastWest & WEST[cell]) | (this.lastEast & EAST[cell]) ? 1 : 0;
      }
    }
  }

  playout(rng: Rng): number {
    if (this.turn === OVER) return 0;
    let west = this.nextWest;
    let east = this.nextEast;
    let otherWest = this.lastWest;
    let otherEast = this.lastEast;
    let heights = this.heights;
    let plies = this.plies;
    let bits = 0;
    let draws = 0;
    let won = false;
    do {
      let shift: number;
      do {
        if (draws === 0) {
          bits = rng.uint32() | 0;
          draws = 10;
        }
        shift = (bits & 7) << 2;
        bits >>>= 3;
        draws--;
      } while (((heights >> shift) & 8) !== 0);
      // 6 * column, from 4 * column.
      const cell = shift + (shift >> 1) + ((heights >> shift) & 7) - 2;
      heights = (heights + (1 << shift)) | 0;
      const w = west | WEST[cell];
      const e = east | EAST[cell];
      west = otherWest;
      east = otherEast;
      otherWest = w;
      otherEast = e;
      plies++;
      if (plies >= 7) {
        const flat = w & (w >> 6);
        const upright = w & (w >> 1);
        const rising = w & (w >> 7);
        const falling = w & (w >> 5);
        const flat2 = e & (e >> 6);
        const upright2 = e & (e >> 1);
        const rising2 = e & (e >> 7);
        const falling2 = e & (e >> 5);
        won =
          ((flat & (flat >> 12)) |
            (flat2 & (flat2 >> 12)) |
            (((upright & (upright >> 2)) | (rising & (rising >> 14)) | (upright2 & (upright2 >> 2)) | (rising2 & (rising2 >> 14))) & LOWER) |
            (((falling & (falling >> 10)) | (falling2 & (falling2 >> 10))) & UPPER)) !==
          0;
      }
    } while (!won && plies < CELLS);
    this.nextWest = west;
    this.nextEast = east;
    this.lastWest = otherWest;
    this.lastEast = otherEast;
    this.heights = heights;
    this.plies = plies;
    this.turn = OVER;
    // An odd number of stones: seat 0 played the last one.
    return won ? ((plies & 1) << 1) - 1 : 0;
  }

  /** The stones of the seat to move and of the other, as west and east words. */
  words(): { ownWest: number; ownEast: number; otherWest: number; otherEast: number } {
    return { ownWest: this.nextWest, ownEast: this.nextEast, otherWest: this.lastWest, otherEast: this.lastEast };
  }

  /** Whether the seat that moved last has four in a row. */
  won(): boolean {
    return hasFour(this.lastWest) || hasFour(this.lastEast);
  }

  /** Whose stone lies in a cell, row 0 at the bottom: the seat, or undefined when the cell is empty. */
  stone(column: number, row: number): 0 | 1 | undefined {
    const cell = column * ROWS + row;
    const last = ((this.plies + 1) & 1) as 0 | 1;
    if ((this.lastWest & WEST[cell]) | (this.lastEast & EAST[cell])) return last;
    if ((this.nextWest & WEST[cell]) | (this.nextEast & EAST[cell])) return (1 - last) as 0 | 1;
    return undefined;
  }
}
