/**
 * A tic-tac-toe position: a 9-bit mask a player, bit 3 * row + column, row 0 at the top.
 *
 * `playout` draws a whole random order of the empty cells as one number: with m cells empty there are m! orders, m!
 * divides 9!, and a random word is rejected if it lies above the last multiple of 9!, so x mod m, then x / m mod m - 1,
 * and so on are exactly uniform. Rejected: a bounded draw a ply (up to nine random words for one game).
 */
import { OVER } from '#engine';
import type { Action, Rng, State, Turn } from '#engine';
import { mixKey } from '../key.js';

export const CELLS = 9;
const FULL = 511;
const LINES = [0b000000111, 0b000111000, 0b111000000, 0b001001001, 0b010010010, 0b100100100, 0b100010001, 0b001010100];

/** [512]: 1 if the mask holds three in a row. */
const HAS_THREE = Uint8Array.from({ length: 512 }, (_, mask) => (LINES.some((line) => (mask & line) === line) ? 1 : 0));
/** [512]: how many cells of the mask are free. */
const FREE = Uint8Array.from({ length: 512 }, (_, mask) => CELLS - mask.toString(2).replaceAll('0', '').length);
/** [512, 9]: the bit of the k-th free cell of the mask. */
const NTH_FREE = new Int32Array(512 * CELLS);
for (let mask = 0; mask < 512; mask++) {
  for (let cell = 0, k = 0; cell < CELLS; cell++) if (((mask >> cell) & 1) === 0) NTH_FREE[mask * CELLS + k++] = 1 << cell;
}
/** The largest multiple of 9! that a random word can reach. */
const LIMIT = 362880 * Math.floor(2 ** 32 / 362880);

export class TicTacToeState implements State {
  turn: Turn = 0;
  /** Stones of the seat to move and of the seat that moved last, which change places at each ply. */
  private next = 0;
  private last = 0;
  plies = 0;

  legal(out: Int32Array): number {
    if (this.turn === OVER) return 0;
    const taken = this.next | this.last;
    let count = 0;
    for (let cell = 0; cell < CELLS; cell++) if (((taken >> cell) & 1) === 0) out[count++] = cell;
    return count;
  }

  apply(action: Action): number {
    const mover = this.next | (1 << action);
    this.next = this.last;
    this.last = mover;
    const reward = 1 - ((this.plies++ & 1) << 1);
    if (HAS_THREE[mover] === 1) {
      this.turn = OVER;
      return reward;
    }
    this.turn = this.plies === CELLS ? OVER : ((this.plies & 1) as Turn);
    return 0;
  }

  copyFrom(other: TicTacToeState): void {
    this.turn = other.turn;
    this.plies = other.plies;
    this.next = other.next;
    this.last = other.last;
  }

  /** Exact, not only a hash: the words before mixing are the position. */
  key(out: Uint32Array): void {
    out[0] = this.next;
    out[1] = this.last;
    out[2] = 0;
    out[3] = 0;
    mixKey(out);
  }

  observe(out: Float32Array): void {
    for (let cell = 0; cell < CELLS; cell++) {
      out[cell] = (this.next >> cell) & 1;
      out[CELLS + cell] = (this.last >> cell) & 1;
    }
  }

  playout(rng: Rng): number {
    if (this.turn === OVER) return 0;
    let next = this.next;
    let last = this.last;
    let plies = this.plies;
    let order = rng.uint32();
    while (order >= LIMIT) order = rng.uint32();
    let won = false;
    do {
      const taken = next | last;
      const free = FREE[taken];
      const quotient = Math.floor(order / free);
      const mover = next | NTH_FREE[taken * CELLS + (order - quotient * free)];
      order = quotient;
      next = last;
      last = mover;
      plies++;
      won = HAS_THREE[mover] === 1;
    } while (!won && (next | last) !== FULL);
    this.next = next;
    this.last = last;
    this.plies = plies;
    this.turn = OVER;
    // An odd number of stones: seat 0 played the last one.
    return won ? ((plies & 1) << 1) - 1 : 0;
  }

  /** Whose stone lies in a cell (3 * row + column, row 0 at the top), or undefined when it is empty. */
  stone(cell: number): 0 | 1 | undefined {
    const last = ((this.plies + 1) & 1) as 0 | 1;
    if ((this.last >> cell) & 1) return last;
    if ((this.next >> cell) & 1) return (1 - last) as 0 | 1;
    return undefined;
  }

  /** Whether the seat that moved last has three in a row. */
  won(): boolean {
    return HAS_THREE[this.last] === 1;
  }

  /** Base-3 index of the position below 3^9 = 19,683: own stones count 1, the other's 2; cell 0 is the lowest digit. */
  index(): number {
    let index = 0;
    for (let cell = CELLS - 1; cell >= 0; cell--) index = index * 3 + ((this.next >> cell) & 1) + 2 * ((this.last >> cell) & 1);
    return index;
  }
}
