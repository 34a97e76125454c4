/** Forsyth–Edwards Notation, in and out. */
import { Position } from './position.js';
import { BISHOP, BLACK, KING, KNIGHT, LETTERS, NO_SQUARE, PAWN, QUEEN, ROOK, WHITE, parseSquare, squareName } from './squares.js';
import type { Side } from './squares.js';

/** What a parser found, or one line on why it found nothing. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string };

export function failed(error: string): { readonly ok: false; readonly error: string } {
  return { ok: false, error };
}

export const INITIAL_FEN = 'rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1';

export interface FenOptions {
  /** Take castling rights of a king and rooks on any files of the first rank (X-FEN and Shredder-FEN). Default: false. */
  readonly chess960?: boolean;
}

const SIDES = ['White', 'Black'] as const;

/**
 * A position from FEN: six fields, or the first four (the counters are then 0 and 1). Refuses what is malformed and what
 * no game could reach by an obvious sign: not one king a side, pawns on the last ranks, more pieces than promotion
 * allows, the side that has moved in check, castling rights without king and rook, an en passant square without the
 * pawn that has just passed it. An en passant square on which no capture is legal is dropped.
 */
export function parseFen(text: string, options: FenOptions = {}): Parsed<Position> {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 6 && fields.length !== 4) return failed(`a FEN has six fields (or the first four): pieces, side, castling, en passant, two counters; this has ${text.trim() === '' ? 0 : fields.length}`);
  const [pieces, side, castling, ep, clock = '0', fullMove = '1'] = fields;
  const position = new Position();
  const error =
    readPieces(position, pieces) ??
    readSide(position, side) ??
    readCastling(position, castling, options.chess960 ?? false) ??
    readCounters(position, clock, fullMove) ??
    readEp(position, ep);
  return error === undefined ? { ok: true, value: position } : failed(error);
}

function readPieces(position: Position, text: string): string | undefined {
  const ranks = text.split('/');
  if (ranks.length !== 8) return `the pieces have 8 ranks, divided by '/'; these have ${ranks.length}`;
  for (const [i, row] of ranks.entries()) {
    let file = 0;
    for (const letter of row) {
      const piece = LETTERS.indexOf(letter);
      if (letter >= '1' && letter <= '8') file += Number(letter);
      else if (letter === '.' || piece < 0) return `'${letter}' in rank ${8 - i} is no piece`;
      else if (file < 8) position.place(piece, 8 * (7 - i) + file++);
      else file = 9;
      if (file > 8) break;
    }
    if (file !== 8) return `rank ${8 - i}, '${row}', has ${file > 8 ? 'more' : 'fewer'} than 8 squares`;
  }
  return missing(position);
}

/** Whether the pieces could stand on a board at all. */
function missing(position: Position): string | undefined {
  for (const side of [WHITE, BLACK]) {
    const count = (type: number) => position.board.filter((piece) => piece === (type | (side << 3))).length;
    const kings = count(KING);
    if (kings !== 1) return `${SIDES[side]} has ${kings} kings, not one`;
    const promoted = Math.max(0, count(KNIGHT) - 2) + Math.max(0, count(BISHOP) - 2) + Math.max(0, count(ROOK) - 2) + Math.max(0, count(QUEEN) - 1);
    const pawns = count(PAWN);
    if (pawns + promoted > 8) return `${SIDES[side]} has ${pawns} pawns and ${promoted} promoted pieces, more than the 8 pawns of the beginning`;
  }
  for (let file = 0; file < 8; file++) {
    for (const square of [file, 56 + file]) if ((position.board[square] & 7) === PAWN) return `a pawn stands on ${squareName(square)}`;
  }
  return undefined;
}

function readSide(position: Position, text: string): string | undefined {
  if (text !== 'w' && text !== 'b') return `the side to move is 'w' or 'b', not '${text}'`;
  if (text === 'b') position.blackToMove();
  const waiting = (position.side ^ 1) as Side;
  return position.inCheck(waiting) ? `${SIDES[waiting]}, not to move, is in check` : undefined;
}

function readCastling(position: Position, text: string, chess960: boolean): string | undefined {
  if (text === '-') return undefined;
  if (!/^[A-Ha-hKQkq]{1,4}$/.test(text)) return `the castling rights are '-' or letters of 'KQkq', not '${text}'`;
  for (const letter of text) {
    const side = letter === letter.toUpperCase() ? WHITE : BLACK;
    const king = position.king(side);
    const home = 56 * side;
    const rooks = [0, 1, 2, 3, 4, 5, 6, 7].filter((file) => position.board[home + file] === (ROOK | (side << 3)));
    const upper = letter.toUpperCase();
    const file = upper === 'K' ? rooks.at(-1) : upper === 'Q' ? rooks[0] : rooks.find((f) => f === upper.charCodeAt(0) - 65);
    const sideways = file !== undefined && (upper === 'K' ? home + file > king : upper === 'Q' ? home + file < king : true);
    if (!sideways || king >> 3 !== home >> 3) return `castling right '${letter}' without king and rook in place`;
    if (!chess960 && ((king & 7) !== 4 || (file !== 0 && file !== 7))) return `castling right '${letter}' without king and rook on their first squares (Chess960 is not asked for)`;
    const bit = 1 << (8 * side + file);
    if ((position.castling & bit) !== 0) return `castling right '${letter}' is named twice`;
    const others = (position.castling >> (8 * side)) & 0xff;
    const onKingside = home + file > king;
    for (let f = 0; f < 8; f++) if ((others & (1 << f)) !== 0 && home + f > king === onKingside) return `two castling rights on one side of the king: '${text}'`;
    position.toggleCastling(bit);
  }
  return undefined;
}

function readCounters(position: Position, clock: string, fullMove: string): string | undefined {
  if (!/^\d{1,4}$/.test(clock)) return `the count of plies without capture or pawn move is a number, not '${clock}'`;
  if (!/^\d{1,5}$/.test(fullMove)) return `the number of the move is a number, not '${fullMove}'`;
  position.clock = Number(clock);
  // Some programs count from 0.
  position.fullMove = Math.max(1, Number(fullMove));
  return undefined;
}

function readEp(position: Position, text: string): string | undefined {
  if (text === '-') return undefined;
  const square = parseSquare(text);
  if (square === undefined) return `the en passant square is '-' or a square, not '${text}'`;
  const { board, side } = position;
  const pawn = PAWN | ((side ^ 1) << 3);
  // A pawn of the side that has moved stands in front of the square, seen from behind; both squares it crossed are empty.
  const from = side === WHITE ? square + 8 : square - 8;
  if (square >> 3 !== (side === WHITE ? 5 : 2) || board[square ^ 8] !== pawn || board[square] !== 0 || board[from] !== 0) {
    return `no pawn has just passed the en passant square ${text}`;
  }
  position.setEp(position.usableEp(side, square));
  return undefined;
}

/** The FEN of a position; castling rights as KQkq where that says it (X-FEN), else by the rook's file. */
export function makeFen(position: Position): string {
  const rows: string[] = [];
  for (let rank = 7; rank >= 0; rank--) {
    let row = '';
    let empty = 0;
    for (let file = 0; file < 8; file++) {
      const piece = position.board[8 * rank + file];
      if (piece === 0) {
        empty++;
        continue;
      }
      row += `${empty === 0 ? '' : empty}${LETTERS[piece]}`;
      empty = 0;
    }
    rows.push(`${row}${empty === 0 ? '' : empty}`);
  }
  const side = position.side === WHITE ? 'w' : 'b';
  const ep = position.ep === NO_SQUARE ? '-' : squareName(position.ep);
  return `${rows.join('/')} ${side} ${castlingText(position)} ${ep} ${position.clock} ${position.fullMove}`;
}

function castlingText(position: Position): string {
  let text = '';
  for (const side of [WHITE, BLACK] as const) {
    const home = 56 * side;
    const rook = ROOK | (side << 3);
    const king = position.king(side) & 7;
    // Kingside first.
    for (let file = 7; file >= 0; file--) {
      if ((position.castling & (1 << (8 * side + file))) === 0) continue;
      let outermost = true;
      for (let f = file + (file > king ? 1 : -1); f >= 0 && f < 8; f += file > king ? 1 : -1) if (position.board[home + f] === rook) outermost = false;
      const letter = outermost ? (file > king ? 'K' : 'Q') : 'ABCDEFGH'[file];
      text += side === WHITE ? letter : letter.toLowerCase();
    }
  }
  return text === '' ? '-' : text;
}

const initial = parseFen(INITIAL_FEN);

/** The starting position; every call a new one. */
export function initialPosition(): Position {
  if (!initial.ok) throw new Error(initial.error);
  const position = new Position();
  position.copyFrom(initial.value);
  return position;
}
