/** Who sits at a seat, with the clock, and whether they are there. */
import { useState } from 'preact/hooks';
import type { Seat } from '#arena/protocol';
import type { Client } from '../app/client.js';
import { makeRoute } from '../app/router.js';
import type { AppState, RoomState } from '../app/state.js';
import { useStore } from '../app/store.js';
import { PieceIcon } from '../board/piece.js';
import { LinkIcon } from '../ui/icons.js';
import { Clock, useServerTime } from './clock.js';
import { clockText } from './clock-text.js';
import { seatName } from './words.js';

export function SeatStrip({ room, seat, own, client }: { room: RoomState; seat: Seat; own: readonly number[]; client: Client }) {
  const skew = useStore(client.store, (s: AppState) => s.skew);
  const { snapshot } = room;
  const view = snapshot.seats[seat];
  const thinking = snapshot.thinking === seat;
  const strength = view.kind === 'agent' && view.strength !== null ? ('simulations' in view.strength ? `${view.strength.simulations.toLocaleString('en')} simulations` : `${view.strength.millis / 1000} s a move`) : undefined;
  const name = seatName(snapshot, seat, own);
  const hints = snapshot.hints.filter((hint) => hint.seat === seat).length;
  const away = view.kind === 'human' && view.taken && !view.connected && !own.includes(seat);
  return (
    <div class={snapshot.turn === seat ? 'seat active' : 'seat'}>
      <PieceIcon game={snapshot.game.id} seat={seat} size={30} />
      <div class="seat-name">
        <strong>{name}</strong>
        {strength !== undefined && <span class="small muted number">{strength}</span>}
        {hints > 0 && <span class="small muted">{hints === 1 ? 'one hint' : `${hints} hints`}</span>}
        {away && <Away forfeitAt={view.forfeitAt} skew={skew} />}
      </div>
      {thinking && <span class="thinking small"><span class="dots" aria-hidden="true"><i /><i /><i /></span>thinking</span>}
      {view.kind === 'human' && !view.taken && own.length === 0 && <button type="button" class="button primary" onClick={() => client.takeSeat(seat)}>Sit down here</button>}
      {view.kind === 'human' && !view.taken && own.length > 0 && <CopyLink />}
      {view.kind === 'agent' && own.length === 1 && !thinking && <a class="button quiet" href={makeRoute({ page: 'setup', game: snapshot.game.id })}>Other opponent</a>}
      {snapshot.result?.winner === seat && <span class="chip win">winner</span>}
      <Clock clock={snapshot.clock} seat={seat} skew={skew} name={name} />
    </div>
  );
}

/** Gone, and until when they may come back. */
function Away({ forfeitAt, skew }: { forfeitAt: number | null; skew: number }) {
  const now = useServerTime(skew, forfeitAt !== null, 250);
  if (forfeitAt === null) return <span class="small muted">away</span>;
  return <span class="small away">away; the game is lost in <span class="number" role="timer">{clockText(Math.max(0, forfeitAt - now))}</span> unless they come back</span>;
}

function CopyLink() {
  const [copied, setCopied] = useState(false);
  const copy = () => navigator.clipboard?.writeText(location.href).then(() => setCopied(true), () => setCopied(false));
  return <button type="button" class="button" onClick={() => void copy()}><LinkIcon />{copied ? 'Link copied' : 'Copy the link for a friend'}</button>;
}
