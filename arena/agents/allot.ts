/** How long to think when playing by the clock: one rule for every agent of ours. */
import type { ClockReading } from './player.js';

/** Kept back for messages and a garbage collection: a move in time is worth more than a few simulations. */
const RESERVE_MILLIS = 30;
/** A game is taken to last this many more moves of one's own, at any time. */
const MOVES_LEFT = 20;

/**
 * Milliseconds for the next move; at least 1, at most what is left but for the reserve. `movesToGo`: own moves until the
 * clock is set anew, of which the last gets half of what is there.
 */
export function allot(clock: ClockReading, movesToGo = Infinity, reserve = RESERVE_MILLIS): number {
  const share = clock.own / Math.min(MOVES_LEFT, movesToGo + 1) + 0.8 * clock.increment;
  return Math.max(1, Math.min(share, clock.own - reserve));
}

/** The same for a move with a time of its own: a twentieth and some more is left for messages. */
export function allotMove(millis: number): number {
  return Math.max(1, 0.95 * millis - 2);
}
