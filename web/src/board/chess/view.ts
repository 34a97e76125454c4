/** A chess position for the board: what stands where and what may be played, from the rules in #games. */
import { ChessState, INITIAL_FEN, chess, isCastling, makeFen, moveFrom, moveOf, movePromotion, moveTo } from '#games/chess';
import { type PieceLetter, placement } from './squares.js';

export interface ChessMove {
  readonly action: number;
  /** SAN. */
  readonly name: string;
  readonly from: number;
  /** Where a person points: castling is the king's own step. */
  readonly to: number;
  /** The piece that a pawn becomes, lower case; '' for other moves. */
  readonly promotion: string;
}

export interface ChessView {
  readonly fen: string;
  readonly squares: readonly PieceLetter[];
  /** Seat to move, also where the game is over. */
  readonly turn: 0 | 1;
  readonly check: number | undefined;
  readonly last: { readonly from: number; readonly to: number } | undefined;
  /** How the game ended by the rules. */
  readonly ending: string | undefined;
}

/** The starting position that the text names, and undefined for the usual one; falls back to that, since the server has checked the text. */
function startOf(setup: string | null): ChessState {
  return (setup === null ? undefined : chess.parseSetup!(setup)) ?? new ChessState();
}

/** The state after the actions, those that the rules do not know left out. */
export function chessState(setup: string | null, actions: readonly number[]): { readonly state: ChessState; readonly last: ChessView['last'] } {
  const state = startOf(setup);
  let last: ChessView['last'];
  for (const action of actions) {
    last = pointed(state, action);
    state.apply(action);
  }
  return { state, last };
}

function pointed({ position }: ChessState, action: number): { from: number; to: number } {
  const move = moveOf(action, position);
  const from = moveFrom(move);
  const to = moveTo(move);
  return { from, to: isCastling(position, move) ? (from & 56) | (to > from ? 6 : 2) : to };
}

export function viewOf({ state, last }: ReturnType<typeof chessState>): ChessView {
  const { position } = state;
  return {
    fen: makeFen(position), squares: placement(makeFen(position)), turn: position.side, last,
    check: position.inCheck() ? position.king(position.side) : undefined,
    ending: state.ending,
  };
}

const PROMOTIONS = ' .nbrq';

/** Where the legal actions lead. */
export function movesOf(state: ChessState, legal: readonly { readonly action: number; readonly name: string }[]): ChessMove[] {
  return legal.map(({ action, name }) => ({ action, name, ...pointed(state, action), promotion: PROMOTIONS[movePromotion(moveOf(action, state.position))].trim() }));
}

/** Squares of a line of actions, move by move, for arrows; ends where the rules do not know one. */
export function pathOf(state: ChessState, actions: readonly number[]): { from: number; to: number }[] {
  const copy = new ChessState();
  copy.copyFrom(state);
  const legal = new Int32Array(chess.actionCount);
  const path: { from: number; to: number }[] = [];
  for (const action of actions) {
    if (!legal.subarray(0, copy.legal(legal)).includes(action)) break;
    path.push(pointed(copy, action));
    copy.apply(action);
  }
  return path;
}

/** FEN of the start that a room's setup names. */
export function startFen(setup: string | null): string {
  return setup === null ? INITIAL_FEN : makeFen(startOf(setup).position);
}
