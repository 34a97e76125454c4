/** A room's chess game as PGN, and games and positions that people bring. */
import { type PgnGame, PgnSplitter, type Result, chess, makeFen, makePgn, parseFen, parsePgn } from '#games/chess';
import type { RoomSnapshot } from '#arena/protocol';
import { chessState, startFen } from './view.js';

/** PGN's export format. `date`: when it is written, since a room does not say when it was played. */
export function roomPgn(snapshot: Pick<RoomSnapshot, 'setup' | 'moves' | 'seats' | 'result'>, names: readonly [string, string], date: Date): string {
  const { setup, moves, result } = snapshot;
  const two = (n: number): string => String(n).padStart(2, '0');
  // A set-up in moves belongs to the game.
  const before = setup === null ? undefined : setupGame(setup);
  const termination = result === null ? 'unterminated' : { normal: 'normal', resigned: 'normal', agreed: 'normal', timeout: 'time forfeit', disconnect: 'abandoned', 'agent-failed': 'rules infraction' }[result.reason];
  return makePgn({
    tags: [['Event', 'Ludus'], ['Date', `${date.getFullYear()}.${two(date.getMonth() + 1)}.${two(date.getDate())}`], ['White', names[0]], ['Black', names[1]], ['Termination', termination]],
    fen: before?.fen ?? startFen(setup),
    actions: [...(before?.actions ?? []), ...moves.map((move) => move.action)],
    result: resultOf(result),
  });
}

function resultOf(result: RoomSnapshot['result']): Result {
  if (result === null) return '*';
  return result.winner === 0 ? '1-0' : result.winner === 1 ? '0-1' : '1/2-1/2';
}

/** The start and the moves of a set-up, whichever way it was written. */
function setupGame(setup: string): { fen: string; actions: readonly number[] } | undefined {
  const [head, tail] = setup.trim().split(/\s+moves(?:\s+|$)/);
  const isFen = head.includes('/');
  const fen = startFen(isFen ? head : null);
  const state = chessState(isFen ? head : null, []).state;
  const actions: number[] = [];
  for (const word of (isFen ? (tail ?? '') : head).split(/\s+/)) {
    const name = word.replace(/^\d+\.+/, '');
    if (name === '') continue;
    const action = chess.parseAction(state, name);
    if (action === undefined) return undefined;
    actions.push(action);
    state.apply(action);
  }
  return { fen, actions };
}

/** Something that a person pasted or opened. */
export type Brought =
  | { readonly kind: 'position'; readonly fen: string }
  | { readonly kind: 'game'; readonly game: PgnGame; readonly more: number }
  | { readonly kind: 'wrong'; readonly message: string };

/** A FEN, or the first game of a PGN text; `more` games follow it. */
export function readBrought(text: string): Brought {
  const trimmed = text.trim();
  if (/^[1-8pnbrqkPNBRQK]+(\/[1-8pnbrqkPNBRQK]+){2,}/.test(trimmed) && !trimmed.includes('\n')) {
    const parsed = parseFen(trimmed);
    return parsed.ok ? { kind: 'position', fen: makeFen(parsed.value) } : { kind: 'wrong', message: `This FEN does not stand: ${parsed.error}.` };
  }
  const splitter = new PgnSplitter();
  const games = [...splitter.push(text), ...splitter.end()];
  if (games.length === 0) return { kind: 'wrong', message: 'There is neither a FEN nor a game in PGN in this.' };
  const parsed = parsePgn(games[0].text, games[0].line);
  if (!parsed.ok) return { kind: 'wrong', message: `This PGN cannot be read: ${parsed.error}.` };
  return parsed.value.actions.length === 0 && parsed.value.tags.length === 0
    ? { kind: 'wrong', message: 'There is neither a FEN nor a game in PGN in this.' }
    : { kind: 'game', game: parsed.value, more: games.length - 1 };
}

/** Room's setups are no longer than this. */
const MOST_SETUP = 4000;

/**
 * The set-up of a game's position after `ply` moves: with the moves before it, so that repetitions count on, where they
 * are not too many; undefined for the usual start.
 */
export function setupAfter(game: PgnGame, ply: number): string | undefined {
  const before = game.actions.slice(0, ply);
  const { state } = chessState(game.fen, []);
  const names = before.map((action) => {
    const name = chess.actionName(state, action);
    state.apply(action);
    return name;
  });
  const usual = startFen(null);
  if (game.fen === usual && ply === 0) return undefined;
  const moves = names.join(' ');
  const setup = game.fen === usual ? moves : `${game.fen}${moves === '' ? '' : ` moves ${moves}`}`;
  return setup.length <= MOST_SETUP && chess.parseSetup!(setup) !== undefined ? setup : makeFen(state.position);
}
