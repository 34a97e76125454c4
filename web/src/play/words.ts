/** What is going on, in sentences: the status line, and what a screen reader hears. */
import type { GameResult, RoomSnapshot, ServerMessageOf } from '#arena/protocol';
import { pieceName } from '../board/piece.js';

/** "You", the agent's name, or the piece where nobody here is "you". */
export function seatName(snapshot: RoomSnapshot, seat: number, own: readonly number[]): string {
  if (own.length === 1 && own[0] === seat) return 'You';
  return own.length === 2 ? pieceName(snapshot.game.id, seat) : snapshot.seats[seat].name;
}

/** As `seatName`, but short enough for a label: agents' names are long. */
export function shortName(snapshot: RoomSnapshot, seat: number, own: readonly number[]): string {
  const view = snapshot.seats[seat];
  if (view.kind !== 'agent') return seatName(snapshot, seat, own);
  return snapshot.seats.every((other) => other.kind === 'agent') ? pieceName(snapshot.game.id, seat) : 'Agent';
}

/** A name in the middle of a sentence. */
export function inSentence(name: string): string {
  return name === 'You' ? 'you' : name === 'Agent' ? 'the agent' : name;
}

/** One line on the state of the game. */
export function statusLine(snapshot: RoomSnapshot, own: readonly number[]): string {
  const { result, turn } = snapshot;
  if (result !== null) return resultLine(snapshot, own);
  if (turn !== 0 && turn !== 1) return 'Chance decides';
  const name = seatName(snapshot, turn, own);
  const view = snapshot.seats[turn];
  if (view.kind === 'human' && !view.taken) return 'Waiting for another person to sit down';
  if (snapshot.thinking === turn) return `${name} is thinking …`;
  if (own.length === 1 && own[0] === turn) return 'Your turn';
  return name === 'You' ? 'Your turn' : `${name} to move`;
}

export function resultLine(snapshot: RoomSnapshot, own: readonly number[]): string {
  const { result } = snapshot;
  if (result === null) return '';
  const { winner, reason } = result;
  if (winner === null) return reason === 'agreed' ? 'A draw, agreed' : reason === 'agent-failed' ? `The game ended without a winner: ${result.detail ?? 'an agent could not go on'}` : 'A draw';
  const won = seatName(snapshot, winner, own);
  const lost = inSentence(seatName(snapshot, 1 - winner, own));
  return `${won === 'You' ? 'You win' : `${won} wins`}${hows[reason](lost)}`;
}

const hows: Record<GameResult['reason'], (lost: string) => string> = {
  normal: () => '',
  agreed: () => '',
  resigned: (lost) => `, ${lost} resigned`,
  timeout: (lost) => ` on time, ${lost} had none left`,
  disconnect: (lost) => `, ${lost} left`,
  'agent-failed': (lost) => `, ${lost} could not go on`,
};

/** "Hint: 4, which wins. By perfect play." */
export function hintLine(hint: ServerMessageOf<'hint'>): string {
  const exact = hint.exact === null ? '' : hint.exact > 0 ? ', which wins' : hint.exact === 0 ? ', which holds the draw' : ', though every move loses';
  return `Hint: ${hint.name}${exact}. By ${hint.agentName === 'Perfect play' ? 'perfect play' : hint.agentName}.`;
}

/** "You played 4. Search played 3. Your turn." after the moves from `from` on. */
export function announcement(snapshot: RoomSnapshot, own: readonly number[], from: number): string {
  const played = snapshot.moves.slice(from).map((move) => `${seatName(snapshot, move.seat, own)} played ${move.name}.`);
  return [...played, `${statusLine(snapshot, own)}.`].join(' ');
}
