/** Chess: action names, set-ups and drawing. The spec page is README.md beside this file. */
import { UserError } from '#engine';
import type { Game } from '#engine';
import { ACTIONS, POLICY_GATHER, POLICY_PLANES, actionOf, moveOf } from './actions.js';
import { parseFen } from './fen.js';
import { HISTORY_CHANNELS, HistoryState, MAX_HISTORY } from './history.js';
import type { Position } from './position.js';
import { NO_MOVE, makeSan, parseSan, parseUci } from './san.js';
import { LETTERS } from './squares.js';
import { CHANNELS, ChessState, MAX_PLIES } from './state.js';

function build(history: number): Game<ChessState> {
  const make = (from?: Position): ChessState => (history === 0 ? new ChessState(from) : new HistoryState(history, from));
  return {
    id: history === 0 ? 'chess' : `chess-history${history}`,
    name: history === 0 ? 'Chess' : `Chess with ${history} earlier position${history === 1 ? '' : 's'}`,
    ...(history === 0 ? {} : { variantOf: 'chess' }),
    planes: [CHANNELS + HISTORY_CHANNELS * history, 8, 8],
    start: () => make(),
    version: 1,
    seats: 2,
    chance: 'none',
    actionCount: ACTIONS,
    maxPlies: MAX_PLIES,
    policyPlanes: { count: POLICY_PLANES, gather: POLICY_GATHER },

    /** SAN. */
    actionName: ({ position }, action) => makeSan(position, moveOf(action, position)),

    /** SAN, or UCI's coordinates. */
    parseAction({ position, ending }, text) {
      if (ending !== undefined) return undefined;
      const word = text.trim();
      const san = parseSan(position, word);
      const move = san === NO_MOVE ? parseUci(position, word) : san;
      return move === NO_MOVE ? undefined : actionOf(move, position.side);
    },

    /**
     * Moves in SAN or UCI from the starting position, divided by spaces (move numbers may stand between); or a FEN; or a
     * FEN, the word "moves", and moves from there. The empty text is the starting position.
     */
    parseSetup(text) {
      const [first, second, ...more] = text.trim().split(/\s+moves(?:\s+|$)/);
      if (more.length > 0) return undefined;
      const parsed = first.includes('/') ? parseFen(first) : undefined;
      if (parsed?.ok === false || (parsed === undefined && second !== undefined)) return undefined;
      const state = make(parsed?.value);
      for (const word of (parsed === undefined ? first : (second ?? '')).split(/\s+/)) {
        const name = word.replace(/^\d+\.+/, '');
        if (name === '') continue;
        const action = this.parseAction(state, name);
        if (action === undefined) return undefined;
        state.apply(action);
      }
      return state;
    },

    /** Capitals are White's; White's side is below. */
    render({ position }) {
      const lines: string[] = [];
      for (let rank = 7; rank >= 0; rank--) lines.push(`${rank + 1}  ${Array.from({ length: 8 }, (_, file) => LETTERS[position.board[8 * rank + file]]).join(' ')}`);
      lines.push('', `   a b c d e f g h   ${position.side === 0 ? 'White' : 'Black'} to move`);
      return lines.join('\n');
    },
  };
}

export const chess = build(0);
/** By the number of positions; made when asked for, once. */
const variants = new Map([[0, chess]]);

/**
 * Chess whose planes also show `history` positions before the present one: `chess` itself for 0, `chess-history3` for 3. The
 * rules and the actions are the same. Throws UserError('usage') for other numbers than 0 to 7.
 */
export function createChess({ history = 0 }: { readonly history?: number } = {}): Game<ChessState> {
  if (!Number.isInteger(history) || history < 0 || history > MAX_HISTORY) throw new UserError('usage', `chess shows 0 to ${MAX_HISTORY} earlier positions, not ${history}`);
  const game = variants.get(history) ?? build(history);
  variants.set(history, game);
  return game;
}

/**
 * The variant that a name means: `chess-history3`, also written `chess_history3`; undefined for other games. Throws
 * UserError('usage') where the number is missing or out of range.
 */
export function chessVariant(name: string): Game<ChessState> | undefined {
  const rest = /^chess\W*_?history(.*)$/i.exec(name)?.[1];
  if (rest === undefined) return undefined;
  const found = /^chess[-_ ]?history[-_ ]?([1-9])$/i.exec(name)?.[1];
  if (found === undefined || Number(found) > MAX_HISTORY) throw new UserError('usage', `unknown game '${name}': chess with earlier positions is chess-history1 to chess-history${MAX_HISTORY} (and chess without)`);
  return createChess({ history: Number(found) });
}
