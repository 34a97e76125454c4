/** What one may do in a game besides moving, and what the other side asks for. */
import { useEffect, useState } from 'preact/hooks';
import type { Offer, OfferKind, RoomSnapshot } from '#arena/protocol';
import type { Client } from '../app/client.js';
import { BackIcon, DrawIcon, FlagIcon, HintIcon, NewIcon, SwapIcon } from '../ui/icons.js';
import { seatName } from './words.js';

/** Different persons sit at the seats: what changes the game needs the other one's consent. */
export function contested(snapshot: RoomSnapshot, own: readonly number[]): boolean {
  return snapshot.seats.every((seat) => seat.kind === 'human') && own.length < snapshot.seats.length;
}

export function Toolbar({ client, snapshot, own, asking, myTurn, onHint }: { client: Client; snapshot: RoomSnapshot; own: readonly number[]; asking: boolean; myTurn: boolean; onHint: () => void }) {
  const over = snapshot.result !== null;
  const other = contested(snapshot, own);
  const played = snapshot.moves.some((move) => own.includes(move.seat));
  const asked = (kind: OfferKind) => snapshot.offers.some((offer) => offer.kind === kind && own.includes(offer.seat));
  const again = over ? (other ? 'Rematch' : 'Play again') : 'New game';
  return (
    <div class="toolbar" role="toolbar" aria-label="Game">
      {(over || !other) && <button type="button" class={over ? 'button primary' : 'button'} disabled={asked('rematch')} onClick={() => client.newGame(false)}><NewIcon />{again}</button>}
      {(over || !other) && <button type="button" class="button" disabled={asked('rematch')} onClick={() => client.newGame(true)}><SwapIcon />{other ? 'Rematch, sides swapped' : 'Swap sides'}</button>}
      {!(over && other) && <button type="button" class="button" disabled={!played || (other && asked('takeback'))} onClick={() => client.takeBack()}><BackIcon />{other ? 'Ask to take back' : 'Take back'}</button>}
      {snapshot.hintsAllowed && !over && <button type="button" class="button" disabled={asking || !myTurn} onClick={onHint}><HintIcon />Hint</button>}
      {!over && <button type="button" class="button" disabled={asked('draw') || snapshot.moves.length < 2} onClick={() => client.offerDraw()}><DrawIcon />Offer draw</button>}
      {!over && <Resign client={client} sure={other} />}
    </div>
  );
}

/** Against a person the first click only asks: a slip of the thumb should lose no game. */
function Resign({ client, sure }: { client: Client; sure: boolean }) {
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    if (!asked) return undefined;
    const timer = setTimeout(() => setAsked(false), 4000);
    return () => clearTimeout(timer);
  }, [asked]);
  const click = () => {
    if (sure && !asked) return setAsked(true);
    setAsked(false);
    client.resign();
  };
  return <button type="button" class={asked ? 'button danger' : 'button'} onClick={click}><FlagIcon />{asked ? 'Really resign?' : 'Resign'}</button>;
}

const wants: Record<OfferKind, (offer: Offer) => string> = {
  draw: () => 'a draw',
  takeback: () => 'to take back a move',
  rematch: (offer) => (offer.swap ? 'a rematch with sides swapped' : 'a rematch'),
};

/** What is asked for and not answered yet. */
export function Offers({ client, snapshot, own }: { client: Client; snapshot: RoomSnapshot; own: readonly number[] }) {
  return (
    <>
      {snapshot.offers.map((offer) => {
        const ours = own.includes(offer.seat);
        const what = wants[offer.kind](offer);
        return (
          <div class="offer" key={offer.kind} role="status">
            <span>{ours ? `You asked for ${what.replace(/^to take/, 'leave to take')}.` : `${seatName(snapshot, offer.seat, own)} asks ${offer.kind === 'takeback' ? what : `for ${what}`}.`}</span>
            {own.length > 0 && (ours
              ? <button type="button" class="button" onClick={() => client.answerOffer(offer.kind, false)}>Withdraw</button>
              : <span class="row"><button type="button" class="button primary" onClick={() => client.answerOffer(offer.kind, true)}>Accept</button><button type="button" class="button" onClick={() => client.answerOffer(offer.kind, false)}>Decline</button></span>)}
          </div>
        );
      })}
    </>
  );
}
