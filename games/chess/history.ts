/** Chess whose network sees some of the positions before the present one, too. */
import { mixKey } from '../key.js';
import type { Position } from './position.js';
import { lowest } from './squares.js';
import { CHANNELS, ChessState } from './state.js';

/** AlphaZero's eight positions are the present one and seven before it. */
export const MAX_HISTORY = 7;
/** Planes of an earlier position: own pieces, the other's, repetition. */
export const HISTORY_CHANNELS = 13;

/** Of an earlier position: `Position.bits` [32], then its hash's two words, then 1 if it had been on the board before. */
const WORDS = 35;
const HASH = 32;
const REPEATED = 34;

export class HistoryState extends ChessState {
  /** How many earlier positions the planes show, as far as the game, or the moves after a set-up, go back. */
  private readonly length: number;
  /** [length, WORDS], a ring. */
  private readonly past: Int32Array;
  private newest = 0;
  private known = 0;

  constructor(length: number, from?: Position) {
    super(from);
    this.length = length;
    this.past = new Int32Array(length * WORDS);
  }

  override copyFrom(other: HistoryState): void {
    super.copyFrom(other);
    this.past.set(other.past);
    this.newest = other.newest;
    this.known = other.known;
  }

  /** As without history, then the positions that the planes show, each by its hash and the squares that are occupied. */
  override key(out: Uint32Array): void {
    super.key(out);
    const { past } = this;
    for (let ago = 1; ago <= this.known; ago++) {
      const at = this.place(ago);
      out[0] ^= past[at + HASH];
      out[1] ^= past[at + HASH + 1];
      out[2] += Math.imul(past[at], 0x2c1b3c6d) + Math.imul(past[at + 1], 0x297a2d39) + past[at + REPEATED] + 1;
      out[3] += Math.imul(past[at + 16], 0x9e3779b1) + Math.imul(past[at + 17], 0x85ebca77);
      // Each goes into what those before it have become, so that their order counts.
      mixKey(out);
    }
  }

  /**
   * Planes 0–18 as without history. Then 13 for each earlier position, the newest first, the board turned for the side that
   * is to move now: 0–5 its pawns, knights, bishops, rooks, queens, king; 6–11 the other's; 12 all 1 if that position had
   * been on the board before it. All 0 where there was none.
   */
  override observe(out: Float32Array): void {
    super.observe(out);
    out.fill(0, CHANNELS * 64, (CHANNELS + HISTORY_CHANNELS * this.length) * 64);
    const { past } = this;
    const { side } = this.position;
    const turn = side === 0 ? 56 : 0;
    for (let ago = 1; ago <= this.known; ago++) {
      const at = this.place(ago);
      const first = 64 * (CHANNELS + HISTORY_CHANNELS * (ago - 1));
      for (let channel = 0; channel < 12; channel++) {
        const owner = channel < 6 ? side : side ^ 1;
        const piece = ((channel % 6) + 1) | (owner << 3);
        for (let half = 0; half < 2; half++) {
          for (let left = past[at + 2 * piece + half]; left !== 0; left &= left - 1) out[first + 64 * channel + ((32 * half + lowest(left)) ^ turn)] = 1;
        }
      }
      if (past[at + REPEATED] === 1) out.fill(1, first + 64 * 12, first + 64 * 13);
    }
  }

  protected override leave(): void {
    const { past, position } = this;
    this.newest = (this.newest + 1) % this.length;
    const at = this.newest * WORDS;
    for (let i = 0; i < 32; i++) past[at + i] = position.bits[i];
    past[at + HASH] = position.hashLow;
    past[at + HASH + 1] = position.hashHigh;
    past[at + REPEATED] = this.repeated ? 1 : 0;
    if (this.known < this.length) this.known++;
  }

  /** Where in `past` the position so many plies ago begins. */
  private place(ago: number): number {
    return ((this.newest + 1 - ago + this.length) % this.length) * WORDS;
  }
}
