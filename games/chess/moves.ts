/**
 * Legal moves. Per own piece, the set of squares it may go to, with checks and pins already taken into account, so that
 * nothing has to be made and taken back: to count, the sets' sizes are added; to list, they are unpacked.
 *
 * - The king's steps are tested one by one, with the king lifted off the board; mostly few are open.
 * - An enemy slider on a line with the king gives check when nothing stands between, pins when one own piece does: that
 *   piece stays on the line. In check, a move must take the checker or step between; in double check the king moves.
 * - En passant is tested by what stands after it (two pawns leave a rank at once); Position.ep is only set where some
 *   capture is legal.
 */
import { antidiagonal, diagonal, file, LINES, rank } from './lines.js';
import type { Move, Position } from './position.js';
import { BETWEEN, BISHOP, BISHOP_RAYS, KING, KING_STEP, KNIGHT, KNIGHT_STEP, LINE, NO_SQUARE, PAWN, PAWN_ATTACK, QUEEN, ROOK, ROOK_RAYS, countSquares, lowest } from './squares.js';
import type { Side } from './squares.js';

/** No position has more; the most known is 218. */
export const MAX_MOVES = 256;

/** [64] sets, by the square of an own piece: where it may go. Castling is the king's move onto its rook. */
export const TARGETS = new Int32Array(128);

/** What `findTargets` is asked for. */
const ANY = 0;
const COUNT = 1;
const FILL = 2;
type Wanted = typeof ANY | typeof COUNT | typeof FILL;

/** How many moves are legal. */
export function countMoves(position: Position): number {
  return findTargets(position, COUNT);
}

/** Whether some move is legal. */
export function hasMoves(position: Position): boolean {
  return findTargets(position, ANY) !== 0;
}

/** Fills TARGETS for every piece of the side to move; other squares keep what they held. */
export function fillTargets(position: Position): void {
  findTargets(position, FILL);
}

/** Writes the legal moves to out [>= MAX_MOVES]; returns how many. */
export function generateMoves(position: Position, out: Int32Array): number {
  findTargets(position, FILL);
  const { bits, board, side } = position;
  const of = side << 4;
  const last = side === 0 ? 7 : 0;
  let count = 0;
  for (let half = 0; half < 2; half++) {
    for (let pieces = bits[of + half]; pieces !== 0; pieces &= pieces - 1) {
      const from = 32 * half + lowest(pieces);
      const pawn = (board[from] & 7) === PAWN;
      for (let word = 0; word < 2; word++) {
        for (let left = TARGETS[2 * from + word]; left !== 0; left &= left - 1) {
          const to = 32 * word + lowest(left);
          const move: Move = from | (to << 6);
          if (pawn && to >> 3 === last) {
            out[count++] = move | (QUEEN << 12);
            out[count++] = move | (KNIGHT << 12);
            out[count++] = move | (BISHOP << 12);
            out[count++] = move | (ROOK << 12);
          } else {
            out[count++] = move;
          }
        }
      }
    }
  }
  return count;
}

/** ANY: 0 when nothing is legal, else something else. COUNT: the number of legal moves. FILL: fills TARGETS. */
function findTargets(position: Position, wanted: Wanted): number {
  const { bits, board, side, ep } = position;
  const enemy = (side ^ 1) as Side;
  const us = side << 4;
  const them = us ^ 16;
  const ownLow = bits[us];
  const ownHigh = bits[us + 1];
  const enemyLow = bits[them];
  const enemyHigh = bits[them + 1];
  const low = ownLow | enemyLow;
  const high = ownHigh | enemyHigh;
  const king = position.king(side);
  const kingAt = 2 * king;

  // Checks and pins.
  const pawnAt = 2 * (64 * side + king);
  let checkLow = (KNIGHT_STEP[kingAt] & bits[them + 2 * KNIGHT]) | (PAWN_ATTACK[pawnAt] & bits[them + 2 * PAWN]);
  let checkHigh = (KNIGHT_STEP[kingAt + 1] & bits[them + 2 * KNIGHT + 1]) | (PAWN_ATTACK[pawnAt + 1] & bits[them + 2 * PAWN + 1]);
  let checkers = (checkLow | checkHigh) === 0 ? 0 : countSquares(checkLow, checkHigh);
  let pinnedLow = 0;
  let pinnedHigh = 0;
  const queenLow = bits[them + 2 * QUEEN];
  const queenHigh = bits[them + 2 * QUEEN + 1];
  const aimLow = (BISHOP_RAYS[kingAt] & (queenLow | bits[them + 2 * BISHOP])) | (ROOK_RAYS[kingAt] & (queenLow | bits[them + 2 * ROOK]));
  const aimHigh = (BISHOP_RAYS[kingAt + 1] & (queenHigh | bits[them + 2 * BISHOP + 1])) | (ROOK_RAYS[kingAt + 1] & (queenHigh | bits[them + 2 * ROOK + 1]));
  for (let half = 0; half < 2; half++) {
    for (let left = half === 0 ? aimLow : aimHigh; left !== 0; left &= left - 1) {
      const at = 2 * (64 * king + 32 * half + lowest(left));
      const betweenLow = BETWEEN[at] & low;
      const betweenHigh = BETWEEN[at + 1] & high;
      if ((betweenLow | betweenHigh) === 0) {
        checkers++;
        checkLow |= BETWEEN[at] | (half === 0 ? left & -left : 0);
        checkHigh |= BETWEEN[at + 1] | (half === 0 ? 0 : left & -left);
      } else if (((betweenLow & (betweenLow - 1)) | (betweenHigh & (betweenHigh - 1))) === 0 && (betweenLow === 0 || betweenHigh === 0)) {
        pinnedLow |= betweenLow & ownLow;
        pinnedHigh |= betweenHigh & ownHigh;
      }
    }
  }
  let count = 0;

  // The king.
  let kingLow = 0;
  let kingHigh = 0;
  const withoutLow = king < 32 ? low ^ (1 << king) : low;
  const withoutHigh = king < 32 ? high : high ^ (1 << king);
  for (let left = KING_STEP[kingAt] & ~ownLow; left !== 0; left &= left - 1) {
    if (!position.attacked(lowest(left), enemy, withoutLow, withoutHigh)) kingLow |= left & -left;
  }
  for (let left = KING_STEP[kingAt + 1] & ~ownHigh; left !== 0; left &= left - 1) {
    if (!position.attacked(32 + lowest(left), enemy, withoutLow, withoutHigh)) kingHigh |= left & -left;
  }
  if (checkers === 0 && position.castling !== 0) {
    const rooks = castlingRooks(position, king, withoutLow, withoutHigh);
    if (side === 0) kingLow |= rooks;
    else kingHigh |= rooks << 24;
  }
  if (wanted === FILL) {
    TARGETS[kingAt] = kingLow;
    TARGETS[kingAt + 1] = kingHigh;
  } else {
    count = countSquares(kingLow, kingHigh);
    if (wanted === ANY && count !== 0) return count;
  }

  const freely = checkers === 0;
  const maskLow = freely ? ~ownLow : checkers === 1 ? checkLow : 0;
  const maskHigh = freely ? ~ownHigh : checkers === 1 ? checkHigh : 0;
  const forward = 8 - 16 * side;
  const start = 1 + 5 * side;
  for (let half = 0; half < 2; half++) {
    const pinned = half === 0 ? pinnedLow : pinnedHigh;
    for (let pieces = half === 0 ? ownLow : ownHigh; pieces !== 0; pieces &= pieces - 1) {
      const from = 32 * half + lowest(pieces);
      let toLow = 0;
      let toHigh = 0;
      let promotes = false;
      const type = board[from] & 7;
      if (type === PAWN) {
        const at = 2 * (64 * side + from);
        toLow = PAWN_ATTACK[at] & enemyLow;
        toHigh = PAWN_ATTACK[at + 1] & enemyHigh;
        let to = from + forward;
        if (board[to] === 0) {
          if (to < 32) toLow |= 1 << to;
          else toHigh |= 1 << to;
          if (from >> 3 === start && board[to += forward] === 0) {
            if (to < 32) toLow |= 1 << to;
            else toHigh |= 1 << to;
          }
        }
        promotes = from >> 3 === 6 - 5 * side;
      } else if (type === KNIGHT) {
        toLow = KNIGHT_STEP[2 * from];
        toHigh = KNIGHT_STEP[2 * from + 1];
      } else if (type === KING) {
        continue;
      } else {
        if (type !== ROOK) {
          const i = diagonal(from, low, high);
          const j = antidiagonal(from, low, high);
          toLow = LINES[i] | LINES[j];
          toHigh = LINES[i + 1] | LINES[j + 1];
        }
        if (type !== BISHOP) {
          const i = rank(from, low, high);
          const j = file(from, low, high);
          toLow |= LINES[i] | LINES[j];
          toHigh |= LINES[i + 1] | LINES[j + 1];
        }
      }
      toLow &= maskLow;
      toHigh &= maskHigh;
      if ((pinned & pieces & -pieces) !== 0) {
        toLow &= LINE[2 * (64 * king + from)];
        toHigh &= LINE[2 * (64 * king + from) + 1];
      }
      if (ep !== NO_SQUARE && type === PAWN) {
        const at = 2 * (64 * side + from) + (ep >> 5);
        if ((PAWN_ATTACK[at] & (1 << ep)) !== 0 && position.epLegal(side, from, ep)) {
          if (ep < 32) toLow |= 1 << ep;
          else toHigh |= 1 << ep;
        }
      }
      if (wanted === FILL) {
        TARGETS[2 * from] = toLow;
        TARGETS[2 * from + 1] = toHigh;
      } else {
        const targets = countSquares(toLow, toHigh);
        count += promotes ? 4 * targets : targets;
        if (wanted === ANY && targets !== 0) return count;
      }
    }
  }
  return count;
}

/** Files, as bits, of the rooks with which the side to move may castle now. It is not in check. */
function castlingRooks(position: Position, king: number, withoutLow: number, withoutHigh: number): number {
  const { side } = position;
  const home = 56 * side;
  const enemy = (side ^ 1) as Side;
  let legal = 0;
  for (let left = (position.castling >> (8 * side)) & 0xff; left !== 0; left &= left - 1) {
    const rook = home + lowest(left);
    const kingTo = home + (rook > king ? 6 : 2);
    const rookTo = home + (rook > king ? 5 : 3);
    // Neither king nor rook blocks the other's way, nor shelters a square that the king crosses.
    const freeLow = side === 0 ? withoutLow ^ (1 << rook) : withoutLow;
    const freeHigh = side === 0 ? withoutHigh : withoutHigh ^ (1 << rook);
    const row = side === 0 ? freeLow & 0xff : freeHigh >>> 24;
    if ((row & (span(king & 7, kingTo & 7) | span(rook & 7, rookTo & 7))) !== 0) continue;
    let safe = true;
    const step = kingTo > king ? 1 : -1;
    for (let square = king; safe && square !== kingTo; ) {
      square += step;
      safe = !position.attacked(square, enemy, freeLow, freeHigh);
    }
    // In Chess960 the king may castle without moving, and uncover an attack from behind the rook.
    if (king === kingTo) safe = !position.attacked(king, enemy, freeLow, freeHigh);
    if (safe) legal |= left & -left;
  }
  return legal;
}

/** Bits of the files from a to b, both included. */
function span(a: number, b: number): number {
  return a < b ? (2 << b) - (1 << a) : (2 << a) - (1 << b);
}
