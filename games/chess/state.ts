/** A game of chess in progress: the position, what of its history the rules need, and how it ended. */
import { OVER } from '#engine';
import type { Action, Rng, State, Turn } from '#engine';
import { mixKey } from '../key.js';
import { ACTION_AT, moveOf } from './actions.js';
import { initialPosition } from './fen.js';
import { insufficientMaterial } from './material.js';
import { MAX_MOVES, TARGETS, fillTargets, generateMoves, hasMoves } from './moves.js';
import { Position, UNDO_WORDS } from './position.js';
import type { Move } from './position.js';
import { NO_SQUARE, PAWN, lowest } from './squares.js';
import type { Side } from './squares.js';

/**
 * Plies after which a game is given up as a draw. AlphaZero's 512 would cut real games short; without a limit the
 * fifty-move rule alone allows some 11,800.
 */
export const MAX_PLIES = 1024;
/** Plies without capture or pawn move that draw. */
export const FIFTY_MOVES = 100;
export const CHANNELS = 19;

export const ENDINGS = ['checkmate', 'stalemate', 'fifty-move rule', 'threefold repetition', 'insufficient material', 'length'] as const;
export type Ending = (typeof ENDINGS)[number];

const start = initialPosition();
const undo = new Int32Array(UNDO_WORDS);
const moves = new Int32Array(MAX_MOVES);

export class ChessState implements State {
  turn: Turn = 0;
  /** How the game ended; undefined while it goes on. */
  ending: Ending | undefined = undefined;
  /** Since the start or the set-up. */
  plies = 0;
  /** Whether the position has been on the board before; a second time would end the game. */
  repeated = false;
  /** To be read, not changed. */
  readonly position = new Position();
  /** Hashes, two words each, of the positions since the last capture or pawn move, this one included. */
  private readonly history = new Int32Array(2 * (FIFTY_MOVES + 1));
  private remembered = 0;

  /** The position is copied; a game that is over in it begins as OVER. */
  constructor(from: Position = start) {
    this.position.copyFrom(from);
    this.remember();
    if (from !== start) this.judge(hasMoves(from));
    else this.turn = 0;
  }

  legal(out: Int32Array): number {
    if (this.turn === OVER) return 0;
    const { bits, board, side } = this.position;
    fillTargets(this.position);
    const turned = side === 1;
    const flip = 56 * side;
    const ownLow = turned ? reversed(bits[17]) : bits[0];
    const ownHigh = turned ? reversed(bits[16]) : bits[1];
    let count = 0;
    // As the side to move sees the board, squares in ascending order are actions in ascending order.
    for (let half = 0; half < 2; half++) {
      for (let pieces = half === 0 ? ownLow : ownHigh; pieces !== 0; pieces &= pieces - 1) {
        const from = 32 * half + lowest(pieces);
        const at = 2 * (from ^ flip);
        const promotes = from >> 3 === 6 && (board[from ^ flip] & 7) === PAWN;
        for (let word = 0; word < 2; word++) {
          const targets = turned ? reversed(TARGETS[at + 1 - word]) : TARGETS[at + word];
          for (let left = targets; left !== 0; left &= left - 1) {
            const action = ACTION_AT[64 * from + 32 * word + lowest(left)];
            out[count++] = action;
            if (promotes) {
              out[count++] = action + 1;
              out[count++] = action + 2;
              out[count++] = action + 3;
            }
          }
        }
      }
    }
    return count;
  }

  apply(action: Action): number {
    return this.play(moveOf(action, this.position));
  }

  /** Plays a legal move; returns the reward to seat 0, White. */
  play(move: Move): number {
    this.leave();
    this.position.make(move, undo, 0);
    this.plies++;
    this.remember();
    return this.judge(hasMoves(this.position));
  }

  copyFrom(other: ChessState): void {
    this.position.copyFrom(other.position);
    this.turn = other.turn;
    this.ending = other.ending;
    this.plies = other.plies;
    this.repeated = other.repeated;
    this.remembered = other.remembered;
    for (let i = 2 * other.remembered - 1; i >= 0; i--) this.history[i] = other.history[i];
  }

  /** The position's hash, and what else the planes show: the clock, and whether the position has been there before. */
  key(out: Uint32Array): void {
    const { bits, clock, hashLow, hashHigh } = this.position;
    out[0] = hashLow;
    out[1] = hashHigh;
    // Besides the hash, where pieces stand: words of quite another make.
    out[2] = Math.imul(bits[0], 0x2c1b3c6d) + Math.imul(bits[1], 0x297a2d39) + (2 * Math.min(clock, FIFTY_MOVES) + (this.repeated ? 1 : 0));
    out[3] = Math.imul(bits[16], 0x9e3779b1) + Math.imul(bits[17], 0x85ebca77);
    mixKey(out);
  }

  /**
   * Planes 0–5: own pawns, knights, bishops, rooks, queens, king; 6–11: the other's; 12: all 1 if the position has been on
   * the board before; 13–16: all 1 for the right to castle kingside, queenside, then the other's; 17: the square on which
   * a pawn may be taken en passant; 18: plies without capture or pawn move / 100. Row 0 is the last rank as the side to
   * move sees it, column 0 the a-file.
   */
  observe(out: Float32Array): void {
    const { board, castling, clock, ep, side } = this.position;
    out.fill(0, 0, CHANNELS * 64);
    // The planes have the eighth rank first: for White squares turn over, for Black they are turned already.
    const turn = side === 0 ? 56 : 0;
    for (let square = 0; square < 64; square++) {
      const piece = board[square];
      if (piece !== 0) out[64 * ((piece & 7) - 1 + (piece >> 3 === side ? 0 : 6)) + (square ^ turn)] = 1;
    }
    if (this.repeated) out.fill(1, 12 * 64, 13 * 64);
    if (castling !== 0) {
      for (let i = 0; i < 2; i++) {
        const of = (side ^ i) as Side;
        const files = (castling >> (8 * of)) & 0xff;
        const king = 1 << (this.position.king(of) & 7);
        if (files > king) out.fill(1, (13 + 2 * i) * 64, (14 + 2 * i) * 64);
        if ((files & (king - 1)) !== 0) out.fill(1, (14 + 2 * i) * 64, (15 + 2 * i) * 64);
      }
    }
    if (ep !== NO_SQUARE) out[17 * 64 + (ep ^ turn)] = 1;
    if (clock > 0) out.fill(Math.min(clock, FIFTY_MOVES) / FIFTY_MOVES, 18 * 64, 19 * 64);
  }

  /** The moves are listed once a ply, without their actions' numbers and order. */
  playout(rng: Rng): number {
    const { position } = this;
    let total = 0;
    let count = generateMoves(position, moves);
    while (this.turn !== OVER) {
      this.leave();
      position.make(moves[rng.below(count)], undo, 0);
      this.plies++;
      this.remember();
      count = generateMoves(position, moves);
      total += this.judge(count > 0);
    }
    return total;
  }

  /** Before every move, for those who keep the position. */
  protected leave(): void {}

  /** Enters the position into the history. */
  private remember(): void {
    const { history, position } = this;
    if (position.clock === 0) this.remembered = 0;
    // A game that begins with a clock from FEN has no earlier hashes; one that is drawn by the clock needs no more.
    if (this.remembered > FIFTY_MOVES) return;
    history[2 * this.remembered] = position.hashLow;
    history[2 * this.remembered + 1] = position.hashHigh;
    this.remembered++;
  }

  /** How often the position has been on the board before, counted to 2. */
  private repetitions(): number {
    const { history, position } = this;
    let found = 0;
    for (let i = this.remembered - 5; i >= 0 && found < 2; i -= 2) {
      if (history[2 * i] === position.hashLow && history[2 * i + 1] === position.hashHigh) found++;
    }
    return found;
  }

  /** Finds out whether the game is over, given whether a move is legal; returns the reward to seat 0 if it is. */
  private judge(canMove: boolean): number {
    const { position } = this;
    const repetitions = this.repetitions();
    this.repeated = repetitions > 0;
    if (!canMove) {
      if (!position.inCheck()) return this.end('stalemate', 0);
      return this.end('checkmate', position.side === 0 ? -1 : 1);
    }
    if (position.clock >= FIFTY_MOVES) return this.end('fifty-move rule', 0);
    if (repetitions >= 2) return this.end('threefold repetition', 0);
    if (insufficientMaterial(position)) return this.end('insufficient material', 0);
    if (this.plies >= MAX_PLIES) return this.end('length', 0);
    this.turn = position.side;
    return 0;
  }

  private end(ending: Ending, reward: number): number {
    this.ending = ending;
    this.turn = OVER;
    return reward;
  }
}

/** The other order of a word's four bytes: its ranks, seen from the other side. */
function reversed(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}
