/**
 * A chess position: two redundant boards (sets of squares by piece, and a piece by square), made and unmade in place.
 *
 * Open to Chess960: a castling right is the file of its rook, and castling is the king's move onto its own rook.
 * A move is one integer, from | to << 6 | promotion << 12 (a piece type, 0 for none); captures, en passant and castling
 * show from the position it is played in.
 */
import { antidiagonal, diagonal, file, LINES, rank } from './lines.js';
import { BISHOP, BISHOP_RAYS, BLACK, KING, KING_STEP, KNIGHT, KNIGHT_STEP, NO_SQUARE, PAWN, PAWN_ATTACK, QUEEN, ROOK, ROOK_RAYS, lowest } from './squares.js';
import type { Side } from './squares.js';
import { ZOBRIST, ZOBRIST_BLACK, ZOBRIST_CASTLING, ZOBRIST_EP } from './zobrist.js';

/** An encoded move; see above. */
export type Move = number;

export function encodeMove(from: number, to: number, promotion = 0): Move {
  return from | (to << 6) | (promotion << 12);
}
export const moveFrom = (move: Move): number => move & 63;
export const moveTo = (move: Move): number => (move >> 6) & 63;
export const movePromotion = (move: Move): number => move >> 12;

/** Words of one entry of an undo stack. */
export const UNDO_WORDS = 6;

/** [64]: bits of `castling` that vanish when a piece leaves a square or is captured on it. */
const CASTLING_BIT = Int32Array.from({ length: 64 }, (_, square) => (square < 8 ? 1 << square : square >= 56 ? 256 << (square & 7) : 0));

export class Position {
  private readonly memory = new ArrayBuffer(128 + 64);
  /** All of bits and board, for copying. */
  private readonly words = new Int32Array(this.memory);
  /** [16] sets by piece code (type | side << 3); codes 0 and 8 are all pieces of a side. */
  readonly bits = new Int32Array(this.memory, 0, 32);
  /** [64]: piece code by square, 0 when empty. */
  readonly board = new Int8Array(this.memory, 128, 64);
  side: Side = 0;
  /** Bit f: White may castle with the rook on file f; bit 8 + f: Black. */
  castling = 0;
  /** Square behind a pawn that has just moved two, when some capture of it is legal; else NO_SQUARE. */
  ep = NO_SQUARE;
  /** Plies since the last capture or pawn move. */
  clock = 0;
  /** Number of the move, as in FEN: 1 to begin with, one more after each of Black's. */
  fullMove = 1;
  /** Zobrist hash of pieces, side to move, castling rights and ep. */
  hashLow = 0;
  hashHigh = 0;

  copyFrom(other: Position): void {
    const { words } = this;
    const from = other.words;
    for (let i = 0; i < 48; i++) words[i] = from[i];
    this.side = other.side;
    this.castling = other.castling;
    this.ep = other.ep;
    this.clock = other.clock;
    this.fullMove = other.fullMove;
    this.hashLow = other.hashLow;
    this.hashHigh = other.hashHigh;
  }

  /** Adds a piece to an empty square, or takes it away; the hash is the caller's. */
  toggle(piece: number, square: number): void {
    const bit = 1 << square;
    const half = square >> 5;
    this.bits[2 * piece + half] ^= bit;
    this.bits[2 * (piece & 8) + half] ^= bit;
  }

  /** Square of a side's king. */
  king(side: Side): number {
    const at = 2 * (KING | (side << 3));
    const low = this.bits[at];
    return low === 0 ? 32 + lowest(this.bits[at + 1]) : lowest(low);
  }

  /** Whether a side attacks a square, when the squares of (low, high) are occupied. */
  attacked(square: number, by: Side, low: number, high: number): boolean {
    const { bits } = this;
    const at = 2 * square;
    const of = by << 4;
    const pawn = 2 * ((by ^ 1) * 64 + square);
    if (
      ((KNIGHT_STEP[at] & bits[of + 2 * KNIGHT]) |
        (KNIGHT_STEP[at + 1] & bits[of + 2 * KNIGHT + 1]) |
        (KING_STEP[at] & bits[of + 2 * KING]) |
        (KING_STEP[at + 1] & bits[of + 2 * KING + 1]) |
        (PAWN_ATTACK[pawn] & bits[of + 2 * PAWN]) |
        (PAWN_ATTACK[pawn + 1] & bits[of + 2 * PAWN + 1])) !==
      0
    ) {
      return true;
    }
    const queenLow = bits[of + 2 * QUEEN];
    const queenHigh = bits[of + 2 * QUEEN + 1];
    let fromLow = queenLow | bits[of + 2 * BISHOP];
    let fromHigh = queenHigh | bits[of + 2 * BISHOP + 1];
    // Mostly no slider stands on any line through the square: that is quick to see.
    if (((BISHOP_RAYS[at] & fromLow) | (BISHOP_RAYS[at + 1] & fromHigh)) !== 0) {
      const i = diagonal(square, low, high);
      const j = antidiagonal(square, low, high);
      if ((((LINES[i] | LINES[j]) & fromLow) | ((LINES[i + 1] | LINES[j + 1]) & fromHigh)) !== 0) return true;
    }
    fromLow = queenLow | bits[of + 2 * ROOK];
    fromHigh = queenHigh | bits[of + 2 * ROOK + 1];
    if (((ROOK_RAYS[at] & fromLow) | (ROOK_RAYS[at + 1] & fromHigh)) !== 0) {
      const i = rank(square, low, high);
      const j = file(square, low, high);
      if ((((LINES[i] | LINES[j]) & fromLow) | ((LINES[i + 1] | LINES[j + 1]) & fromHigh)) !== 0) return true;
    }
    return false;
  }

  /** Whether a side's king is attacked. */
  inCheck(side: Side = this.side): boolean {
    const { bits } = this;
    return this.attacked(this.king(side), (side ^ 1) as Side, bits[0] | bits[16], bits[1] | bits[17]);
  }

  /**
   * Whether a side's king stays out of attack when its piece goes from one square to another and the enemy's piece on
   * `victim` (the target, or the pawn taken en passant; NO_SQUARE when nothing is taken) disappears. Not for castling.
   */
  keepsKing(side: Side, from: number, to: number, victim: number): boolean {
    const { bits, board } = this;
    let low = bits[0] | bits[16];
    let high = bits[1] | bits[17];
    if (from < 32) low &= ~(1 << from);
    else high &= ~(1 << from);
    const taken = victim === NO_SQUARE ? 0 : board[victim];
    if (taken !== 0) {
      if (victim < 32) low &= ~(1 << victim);
      else high &= ~(1 << victim);
      this.toggle(taken, victim);
    }
    if (to < 32) low |= 1 << to;
    else high |= 1 << to;
    const king = (board[from] & 7) === KING ? to : this.king(side);
    const safe = !this.attacked(king, (side ^ 1) as Side, low, high);
    if (taken !== 0) this.toggle(taken, victim);
    return safe;
  }

  /** Whether a pawn of `side`, on a square next to the pawn that moved two, may take it en passant on `ep`. */
  epLegal(side: Side, from: number, ep: number): boolean {
    return this.keepsKing(side, from, ep, ep ^ 8);
  }

  /** `square`, when some pawn of `side` can legally take en passant there; else NO_SQUARE. */
  usableEp(side: Side, square: number): number {
    const attack = 2 * ((side ^ 1) * 64 + square);
    const pawns = 2 * (PAWN | (side << 3));
    for (let half = 0; half < 2; half++) {
      for (let left = PAWN_ATTACK[attack + half] & this.bits[pawns + half]; left !== 0; left &= left - 1) {
        if (this.epLegal(side, 32 * half + lowest(left), square)) return square;
      }
    }
    return NO_SQUARE;
  }

  /** Plays a legal move; writes what `unmake` needs to undo [at, at + UNDO_WORDS). */
  make(move: Move, undo: Int32Array, at: number): void {
    const { board, side } = this;
    const from = move & 63;
    const to = (move >> 6) & 63;
    const promotion = move >> 12;
    const piece = board[from];
    const captured = board[to];
    undo[at] = captured;
    undo[at + 1] = this.castling;
    undo[at + 2] = this.ep;
    undo[at + 3] = this.clock;
    undo[at + 4] = this.hashLow;
    undo[at + 5] = this.hashHigh;

    const us = side << 3;
    const ep = this.ep;
    if (ep !== NO_SQUARE) {
      this.hashLow ^= ZOBRIST_EP[2 * (ep & 7)];
      this.hashHigh ^= ZOBRIST_EP[2 * (ep & 7) + 1];
      this.ep = NO_SQUARE;
    }
    this.hashLow ^= ZOBRIST_BLACK[0];
    this.hashHigh ^= ZOBRIST_BLACK[1];
    this.side = (side ^ 1) as Side;
    this.fullMove += side;
    this.clock++;

    if (captured !== 0 && (captured & 8) === us) {
      this.castle(from, to, us);
      return;
    }
    if (captured !== 0) {
      this.clock = 0;
      this.hashed(captured, to);
    }
    this.hashed(piece, from);
    board[from] = 0;
    const placed = promotion === 0 ? piece : promotion | us;
    this.hashed(placed, to);
    board[to] = placed;

    const lost = this.castling & (CASTLING_BIT[from] | CASTLING_BIT[to] | ((piece & 7) === KING ? 0xff << us : 0));
    if (lost !== 0) this.toggleCastling(lost);

    if ((piece & 7) === PAWN) {
      this.clock = 0;
      if (to === ep) {
        const victim = to ^ 8;
        this.hashed(board[victim], victim);
        board[victim] = 0;
      } else if (Math.abs(to - from) === 16) {
        const behind = (from + to) >> 1;
        const next = (side ^ 1) as Side;
        const attack = 2 * (side * 64 + behind);
        const pawns = 2 * (PAWN | (next << 3));
        if (((PAWN_ATTACK[attack] & this.bits[pawns]) | (PAWN_ATTACK[attack + 1] & this.bits[pawns + 1])) !== 0) this.setEp(this.usableEp(next, behind));
      }
    }
  }

  /** Takes back the move that was made last, given what `make` wrote. */
  unmake(move: Move, undo: Int32Array, at: number): void {
    const { board } = this;
    const from = move & 63;
    const to = (move >> 6) & 63;
    const captured = undo[at];
    const side = (this.side ^ 1) as Side;
    const us = side << 3;
    this.side = side;
    this.fullMove -= side;
    this.castling = undo[at + 1];
    this.ep = undo[at + 2];
    this.clock = undo[at + 3];
    this.hashLow = undo[at + 4];
    this.hashHigh = undo[at + 5];
    if (captured !== 0 && (captured & 8) === us) {
      const home = from & 56;
      const kingTo = home + (to > from ? 6 : 2);
      const rookTo = home + (to > from ? 5 : 3);
      this.toggle(KING | us, kingTo);
      this.toggle(ROOK | us, rookTo);
      board[kingTo] = board[rookTo] = 0;
      this.toggle(KING | us, from);
      this.toggle(ROOK | us, to);
      board[from] = KING | us;
      board[to] = ROOK | us;
      return;
    }
    const placed = board[to];
    const piece = move >> 12 === 0 ? placed : PAWN | us;
    this.toggle(placed, to);
    this.toggle(piece, from);
    board[from] = piece;
    board[to] = captured;
    if (captured !== 0) {
      this.toggle(captured, to);
    } else if (to === this.ep && (piece & 7) === PAWN) {
      const victim = to ^ 8;
      const pawn = PAWN | (us ^ 8);
      this.toggle(pawn, victim);
      board[victim] = pawn;
    }
  }

  /** Sets ep and its part of the hash; it was NO_SQUARE. */
  setEp(square: number): void {
    if (square === NO_SQUARE) return;
    this.ep = square;
    this.hashLow ^= ZOBRIST_EP[2 * (square & 7)];
    this.hashHigh ^= ZOBRIST_EP[2 * (square & 7) + 1];
  }

  /** Puts a piece on an empty square. */
  place(piece: number, square: number): void {
    this.hashed(piece, square);
    this.board[square] = piece;
  }

  /** Turns castling rights over: gives those that were not there, takes those that were. */
  toggleCastling(rights: number): void {
    this.castling ^= rights;
    for (let left = rights; left !== 0; left &= left - 1) {
      const at = 2 * lowest(left);
      this.hashLow ^= ZOBRIST_CASTLING[at];
      this.hashHigh ^= ZOBRIST_CASTLING[at + 1];
    }
  }

  /** Hands the move to Black; White has it. */
  blackToMove(): void {
    this.side = BLACK;
    this.hashLow ^= ZOBRIST_BLACK[0];
    this.hashHigh ^= ZOBRIST_BLACK[1];
  }

  private castle(from: number, to: number, us: number): void {
    const { board } = this;
    const home = from & 56;
    const kingTo = home + (to > from ? 6 : 2);
    const rookTo = home + (to > from ? 5 : 3);
    // In Chess960 the pieces may land on each other's squares: lift both before either is put down.
    this.hashed(KING | us, from);
    this.hashed(ROOK | us, to);
    board[from] = board[to] = 0;
    this.hashed(KING | us, kingTo);
    this.hashed(ROOK | us, rookTo);
    board[kingTo] = KING | us;
    board[rookTo] = ROOK | us;
    this.toggleCastling(this.castling & (0xff << us));
  }

  private hashed(piece: number, square: number): void {
    this.toggle(piece, square);
    const at = 2 * (64 * piece + square);
    this.hashLow ^= ZOBRIST[at];
    this.hashHigh ^= ZOBRIST[at + 1];
  }
}
