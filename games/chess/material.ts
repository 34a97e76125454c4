/** Draws by what is left on the board. */
import type { Position } from './position.js';
import { BISHOP, KNIGHT, PAWN, QUEEN, ROOK, countSquares } from './squares.js';

/** Dark squares (a1's colour) of either word. */
const DARK = 0xaa55aa55 | 0;

/**
 * Whether neither side could ever mate for want of pieces: bare kings, one knight or one bishop besides, or any bishops
 * all on squares of one colour. (Other dead positions, such as blocked pawns, are played on.)
 */
export function insufficientMaterial({ bits }: Position): boolean {
  const heavy =
    bits[2 * PAWN] | bits[2 * PAWN + 1] | bits[2 * PAWN + 16] | bits[2 * PAWN + 17] |
    bits[2 * ROOK] | bits[2 * ROOK + 1] | bits[2 * ROOK + 16] | bits[2 * ROOK + 17] |
    bits[2 * QUEEN] | bits[2 * QUEEN + 1] | bits[2 * QUEEN + 16] | bits[2 * QUEEN + 17];
  if (heavy !== 0) return false;
  const knights = countSquares(bits[2 * KNIGHT] | bits[2 * KNIGHT + 16], bits[2 * KNIGHT + 1] | bits[2 * KNIGHT + 17]);
  const low = bits[2 * BISHOP] | bits[2 * BISHOP + 16];
  const high = bits[2 * BISHOP + 1] | bits[2 * BISHOP + 17];
  if (knights > 0) return knights === 1 && (low | high) === 0;
  return ((low | high) & DARK) === 0 || ((low | high) & ~DARK) === 0;
}
