/**
 * The action table: 1,858 from–to–promotion moves as the side to move sees them (the board is turned for Black, so that
 * its pawns move up too). Entries are in ascending order of from, to, promotion (queen, knight, bishop, rook): 1,792
 * pairs of squares that a queen or a knight joins, and 66 underpromotions. A pawn's move to the last rank without an
 * underpromotion is a promotion to a queen. Castling is the king's move onto its rook, which no other move can be.
 *
 * A convolutional policy head (Silver et al. 2017, "Mastering Chess and Shogi by Self-Play", table S2) has 73 planes of
 * from-squares: 56 of queen moves (8 directions x 7 distances), 8 of knight moves, 9 of underpromotions.
 * `POLICY_GATHER` picks the table's entries out of them.
 */
import { encodeMove, moveFrom, movePromotion, moveTo } from './position.js';
import type { Move, Position } from './position.js';
import { BISHOP, KNIGHT, PAWN, QUEEN, ROOK, squareName } from './squares.js';
import type { Side } from './squares.js';

export const ACTIONS = 1858;
export const POLICY_PLANES = 73;

/** [ACTIONS]: squares as the side to move sees them; promotion: KNIGHT, BISHOP or ROOK for an underpromotion, else 0. */
export const ACTION_FROM = new Uint8Array(ACTIONS);
export const ACTION_TO = new Uint8Array(ACTIONS);
export const ACTION_PROMOTION = new Uint8Array(ACTIONS);
/**
 * [ACTIONS]: for each action its place in planes [POLICY_PLANES, 8, 8], plane * 64 + 8 * row + column of the from-square,
 * rows and columns as in the game's own planes (row 0 is the last rank as the side to move sees it).
 */
export const POLICY_GATHER = new Int32Array(ACTIONS);
/** [64 * 64], entry 64 * from + to, squares as the side to move sees them: the first action, or -1. */
export const ACTION_AT = new Int16Array(4096).fill(-1);

/** (files, ranks), clockwise from straight ahead. */
const DIRECTIONS = [[0, 1], [1, 1], [1, 0], [1, -1], [0, -1], [-1, -1], [-1, 0], [-1, 1]] as const;
const KNIGHT_JUMPS = [[1, 2], [2, 1], [2, -1], [1, -2], [-1, -2], [-2, -1], [-2, 1], [-1, 2]] as const;
/** In the order of the table, after the queen. */
const UNDERPROMOTIONS = [KNIGHT, BISHOP, ROOK] as const;

/** Plane of the queen or knight move by some files and ranks; undefined when it is neither. */
function planeOf(files: number, ranks: number): number | undefined {
  const distance = Math.max(Math.abs(files), Math.abs(ranks));
  if (distance === 0) return undefined;
  const direction = DIRECTIONS.findIndex(([f, r]) => f * distance === files && r * distance === ranks);
  if (direction >= 0) return 7 * direction + distance - 1;
  const jump = KNIGHT_JUMPS.findIndex(([f, r]) => f === files && r === ranks);
  return jump < 0 ? undefined : 56 + jump;
}

let next = 0;
function add(from: number, to: number, promotion: number, plane: number): void {
  ACTION_FROM[next] = from;
  ACTION_TO[next] = to;
  ACTION_PROMOTION[next] = promotion;
  POLICY_GATHER[next++] = 64 * plane + (from ^ 56);
}
for (let from = 0; from < 64; from++) {
  for (let to = 0; to < 64; to++) {
    const files = (to & 7) - (from & 7);
    const ranks = (to >> 3) - (from >> 3);
    const plane = planeOf(files, ranks);
    if (plane === undefined) continue;
    ACTION_AT[64 * from + to] = next;
    add(from, to, 0, plane);
    if (from >> 3 === 6 && ranks === 1 && Math.abs(files) <= 1) for (const [i, piece] of UNDERPROMOTIONS.entries()) add(from, to, piece, 64 + 3 * i + files + 1);
  }
}

/** The action of a move of `side`. */
export function actionOf(move: Move, side: Side): number {
  const turn = 56 * side;
  const first = ACTION_AT[64 * (moveFrom(move) ^ turn) + (moveTo(move) ^ turn)];
  const promotion = movePromotion(move);
  return promotion === 0 || promotion === QUEEN ? first : first + promotion - KNIGHT + 1;
}

/** The move of an action, which is legal in the position. */
export function moveOf(action: number, position: Position): Move {
  const turn = 56 * position.side;
  const from = ACTION_FROM[action] ^ turn;
  const to = ACTION_TO[action];
  const promotion = ACTION_PROMOTION[action];
  const queens = promotion === 0 && to >= 56 && (position.board[from] & 7) === PAWN;
  return encodeMove(from, to ^ turn, queens ? QUEEN : promotion);
}

/** Words for an entry of the table, e.g. "e2e4", "b7a8n", as the side to move sees it. */
export function actionText(action: number): string {
  const promotion = ACTION_PROMOTION[action];
  return `${squareName(ACTION_FROM[action])}${squareName(ACTION_TO[action])}${promotion === 0 ? '' : '..nbr'[promotion]}`;
}
