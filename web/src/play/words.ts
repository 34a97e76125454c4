/** What is going on, in sentences: the status line, and what a screen reader hears. */
import type { RoomSnapshot } from '#arena/protocol';
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
  if (winner === null) return reason === 'normal' ? 'A draw' : 'The game ended without a winner';
  const won = seatName(snapshot, winner, own);
  const lost = seatName(snapshot, 1 - winner, own);
  const how = reason === 'resigned' ? `, ${lost} resigned` : reason === 'agent-failed' ? `, ${lost} could not go on` : '';
  return `${won === 'You' ? 'You win' : `${won} wins`}${how.replace('You resigned', 'you resigned')}`;
}

/** "You played 4. Search played 3. Your turn." after the moves from `from` on. */
export function announcement(snapshot: RoomSnapshot, own: readonly number[], from: number): string {
  const played = snapshot.moves.slice(from).map((move) => `${seatName(snapshot, move.seat, own)} played ${move.name}.`);
  return [...played, `${statusLine(snapshot, own)}.`].join(' ');
}
