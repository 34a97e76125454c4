/** Chess: action names, set-ups and drawing. The spec page is README.md beside this file. */
import type { Game } from '#engine';
import { ACTIONS, POLICY_GATHER, POLICY_PLANES, actionOf, moveOf } from './actions.js';
import { parseFen } from './fen.js';
import { NO_MOVE, makeSan, parseSan, parseUci } from './san.js';
import { LETTERS } from './squares.js';
import { CHANNELS, ChessState, MAX_PLIES } from './state.js';

export const chess: Game<ChessState> = {
  id: 'chess',
  name: 'Chess',
  version: 1,
  seats: 2,
  chance: 'none',
  actionCount: ACTIONS,
  maxPlies: MAX_PLIES,
  planes: [CHANNELS, 8, 8],
  policyPlanes: { count: POLICY_PLANES, gather: POLICY_GATHER },

  start: () => new ChessState(),

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
    const state = new ChessState(parsed?.value);
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
