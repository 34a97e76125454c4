/**
 * Moves in words: Standard Algebraic Notation (PGN standard, section 8.2.3) and UCI's coordinates.
 * Reading finds the pieces that reach the target square and asks only of those whether they may move.
 */
import { antidiagonal, diagonal, file, LINES, rank } from './lines.js';
import { TARGETS, fillTargets, hasMoves } from './moves.js';
import { UNDO_WORDS, encodeMove, moveFrom, movePromotion, moveTo } from './position.js';
import type { Move, Position } from './position.js';
import { BISHOP, KING, KING_STEP, KNIGHT, KNIGHT_STEP, NO_SQUARE, PAWN, QUEEN, ROOK, lowest, squareName } from './squares.js';

/** No legal move is meant. */
export const NO_MOVE = -1;

const NAMES = Array.from({ length: 64 }, (_, square) => squareName(square));
const PIECES = '..NBRQK';
const undo = new Int32Array(UNDO_WORDS);
/** The set that `origins` found. */
const found = new Int32Array(2);

/** Finds the pieces of a type (not pawns), of the side to move, that reach a square: own pieces and pins not looked at. */
function origins({ bits, side }: Position, type: number, to: number): void {
  let low = 0;
  let high = 0;
  if (type === KNIGHT || type === KING) {
    const steps = type === KNIGHT ? KNIGHT_STEP : KING_STEP;
    low = steps[2 * to];
    high = steps[2 * to + 1];
  } else {
    const allLow = bits[0] | bits[16];
    const allHigh = bits[1] | bits[17];
    if (type !== ROOK) {
      const i = diagonal(to, allLow, allHigh);
      const j = antidiagonal(to, allLow, allHigh);
      low = LINES[i] | LINES[j];
      high = LINES[i + 1] | LINES[j + 1];
    }
    if (type !== BISHOP) {
      const i = rank(to, allLow, allHigh);
      const j = file(to, allLow, allHigh);
      low |= LINES[i] | LINES[j];
      high |= LINES[i + 1] | LINES[j + 1];
    }
  }
  const at = 2 * (type | (side << 3));
  found[0] = low & bits[at];
  found[1] = high & bits[at + 1];
}

/** SAN of a legal move, with + or #. */
export function makeSan(position: Position, move: Move): string {
  const { board, side } = position;
  const from = moveFrom(move);
  const to = moveTo(move);
  const type = board[from] & 7;
  let text: string;
  if (isCastling(position, move)) {
    text = to > from ? 'O-O' : 'O-O-O';
  } else if (type === PAWN) {
    const promotion = movePromotion(move);
    text = ((from ^ to) & 7) === 0 ? NAMES[to] : `${NAMES[from][0]}x${NAMES[to]}`;
    if (promotion !== 0) text += `=${PIECES[promotion]}`;
  } else {
    text = `${PIECES[type]}${type === KING ? '' : distinction(position, type, from, to)}${board[to] === 0 ? '' : 'x'}${NAMES[to]}`;
  }
  position.make(move, undo, 0);
  const check = position.inCheck() ? (hasMoves(position) ? '+' : '#') : '';
  position.unmake(move, undo, 0);
  return side === position.side ? text + check : text;
}

/** What tells a piece from others of its type that may go to the same square: nothing, its file, its rank, or both. */
function distinction(position: Position, type: number, from: number, to: number): string {
  origins(position, type, to);
  found[from >> 5] &= ~(1 << from);
  if ((found[0] | found[1]) === 0) return '';
  let others = false;
  let sameFile = false;
  let sameRank = false;
  for (let half = 0; half < 2; half++) {
    for (let left = found[half]; left !== 0; left &= left - 1) {
      const other = 32 * half + lowest(left);
      if (!position.keepsKing(position.side, other, to, position.board[to] === 0 ? NO_SQUARE : to)) continue;
      others = true;
      if (((other ^ from) & 7) === 0) sameFile = true;
      if (other >> 3 === from >> 3) sameRank = true;
    }
  }
  if (!others) return '';
  return !sameFile ? NAMES[from][0] : !sameRank ? NAMES[from][1] : NAMES[from];
}

/** The legal move meant, or NO_MOVE. Also reads 0-0, a missing =, x or check sign, needless distinctions, !? and long forms such as Ng1-f3. */
export function parseSan(position: Position, text: string): Move {
  let end = text.length;
  for (let code = text.charCodeAt(end - 1); code === 43 || code === 35 || code === 33 || code === 63; code = text.charCodeAt(end - 1)) end--;
  if (end < 2) return NO_MOVE;
  const first = text[0];
  if (first === 'O' || first === '0') return parseCastling(position, text.slice(0, end).replaceAll('0', 'O'));

  let at = 0;
  let type = first === 'P' ? PAWN : PIECES.indexOf(first, 2);
  if (type < 0) type = PAWN;
  else at = 1;

  let promotion = 0;
  if (type === PAWN && text.charCodeAt(end - 1) > 57) {
    promotion = PIECES.indexOf(text[--end].toUpperCase(), 2);
    if (promotion < 0 || promotion === KING) return NO_MOVE;
    if (text[end - 1] === '=') end--;
  }
  const to = squareAt(text, end - 2);
  end -= 2;
  if (to === NO_SQUARE || end < at) return NO_MOVE;

  let fromFile = -1;
  let fromRank = -1;
  let takes = false;
  if (at < end && inRange(text.charCodeAt(at) - 97)) fromFile = text.charCodeAt(at++) - 97;
  if (at < end && inRange(text.charCodeAt(at) - 49)) fromRank = text.charCodeAt(at++) - 49;
  if (at < end && (text[at] === 'x' || text[at] === ':')) {
    takes = true;
    at++;
  } else if (at < end && text[at] === '-') {
    at++;
  }
  if (at !== end) return NO_MOVE;
  return type === PAWN ? pawnMove(position, to, fromFile, fromRank, takes, promotion) : pieceMove(position, type, to, fromFile, fromRank, takes);
}

function inRange(index: number): boolean {
  return index >= 0 && index < 8;
}

function squareAt(text: string, at: number): number {
  const column = text.charCodeAt(at) - 97;
  const row = text.charCodeAt(at + 1) - 49;
  return inRange(column) && inRange(row) ? column + 8 * row : NO_SQUARE;
}

function pawnMove(position: Position, to: number, fromFile: number, fromRank: number, takes: boolean, promotion: number): Move {
  const { board, side } = position;
  const forward = 8 - 16 * side;
  const pawn = PAWN | (side << 3);
  if ((to >> 3 === (side === 0 ? 7 : 0)) !== (promotion !== 0)) return NO_MOVE;
  const straight = fromFile < 0 || fromFile === (to & 7);
  let from = to - forward;
  if (from < 0 || from > 63) return NO_MOVE;
  if (straight) {
    if (takes || board[to] !== 0) return NO_MOVE;
    if (board[from] === 0 && to >> 3 === 3 + side) from -= forward;
  } else {
    if (Math.abs(fromFile - (to & 7)) !== 1) return NO_MOVE;
    from = (from & 56) | fromFile;
    if (to !== position.ep && (board[to] === 0 || board[to] >> 3 === side)) return NO_MOVE;
  }
  if (board[from] !== pawn || (fromRank >= 0 && from >> 3 !== fromRank)) return NO_MOVE;
  const victim = straight ? NO_SQUARE : board[to] === 0 ? to ^ 8 : to;
  return position.keepsKing(side, from, to, victim) ? encodeMove(from, to, promotion) : NO_MOVE;
}

function pieceMove(position: Position, type: number, to: number, fromFile: number, fromRank: number, takes: boolean): Move {
  const { board, side } = position;
  const victim = board[to] === 0 ? NO_SQUARE : to;
  if (victim === NO_SQUARE ? takes : board[to] >> 3 === side) return NO_MOVE;
  origins(position, type, to);
  let move = NO_MOVE;
  for (let half = 0; half < 2; half++) {
    for (let left = found[half]; left !== 0; left &= left - 1) {
      const from = 32 * half + lowest(left);
      if ((fromFile >= 0 && (from & 7) !== fromFile) || (fromRank >= 0 && from >> 3 !== fromRank)) continue;
      if (!position.keepsKing(side, from, to, victim)) continue;
      if (move !== NO_MOVE) return NO_MOVE;
      move = encodeMove(from, to);
    }
  }
  return move;
}

function parseCastling(position: Position, text: string): Move {
  return text === 'O-O' ? castlingMove(position, true) : text === 'O-O-O' ? castlingMove(position, false) : NO_MOVE;
}

/** The legal castling move to one side, or NO_MOVE. */
function castlingMove(position: Position, kingside: boolean): Move {
  const king = position.king(position.side);
  for (let left = (position.castling >> (8 * position.side)) & 0xff; left !== 0; left &= left - 1) {
    const rook = (king & 56) | lowest(left);
    if (rook > king === kingside) return ifLegal(position, encodeMove(king, rook));
  }
  return NO_MOVE;
}

/** A move whose promotion is set just when it is one, or NO_MOVE if it is not legal. */
function ifLegal(position: Position, move: Move): Move {
  const from = moveFrom(move);
  const to = moveTo(move);
  const piece = position.board[from];
  if (piece === 0 || piece >> 3 !== position.side) return NO_MOVE;
  if (((piece & 7) === PAWN && (to < 8 || to >= 56)) !== (movePromotion(move) !== 0)) return NO_MOVE;
  fillTargets(position);
  return (TARGETS[2 * from + (to >> 5)] & (1 << to)) !== 0 ? move : NO_MOVE;
}

/** Whether a legal move castles: a king onto its own rook. */
export function isCastling({ board, side }: Position, move: Move): boolean {
  return board[moveTo(move)] === (ROOK | (side << 3));
}

/** UCI's coordinates of a legal move: e2e4, b7a8q; castling by the king's own squares, or onto its rook in Chess960. */
export function makeUci(position: Position, move: Move, chess960 = false): string {
  const from = moveFrom(move);
  let to = moveTo(move);
  if (!chess960 && isCastling(position, move)) to = (from & 56) | (to > from ? 6 : 2);
  const promotion = movePromotion(move);
  return `${NAMES[from]}${NAMES[to]}${promotion === 0 ? '' : '..nbrq'[promotion]}`;
}

/** The legal move of UCI's coordinates, or NO_MOVE; castling either way. */
export function parseUci(position: Position, text: string): Move {
  if (text.length !== 4 && text.length !== 5) return NO_MOVE;
  const from = squareAt(text, 0);
  const to = squareAt(text, 2);
  if (from === NO_SQUARE || to === NO_SQUARE) return NO_MOVE;
  const promotion = text.length === 5 ? '..nbrq'.indexOf(text[4], 2) : 0;
  if (promotion < 0 || promotion > QUEEN) return NO_MOVE;
  const king = (position.board[from] & 7) === KING;
  if (king && promotion === 0 && from >> 3 === to >> 3 && Math.abs(to - from) === 2 && position.board[to] === 0) return castlingMove(position, to > from);
  return ifLegal(position, encodeMove(from, to, promotion));
}
