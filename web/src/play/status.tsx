/** One line on how the game stands, and the live region that says what is new. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { RoomSnapshot } from '#arena/protocol';
import { plural } from '../ui/format.js';
import { announcement, statusLine } from './words.js';

export function Status({ snapshot, own, live, ply, hint, watchers, onLive }: { snapshot: RoomSnapshot; own: readonly number[]; live: boolean; ply: number; hint?: string; watchers: number; onLive: () => void }) {
  // The live region says what is new since it last spoke, moves included.
  const spoken = useRef(snapshot.moves.length);
  const [said, say] = useState('');
  const plies = snapshot.moves.length;
  const over = snapshot.result !== null;
  useEffect(() => {
    say(announcement(snapshot, own, Math.min(spoken.current, plies)));
    spoken.current = plies;
  }, [plies, over]);
  return (
    <div class="status">
      <p class={over ? 'status-text over' : 'status-text'}>{live ? statusLine(snapshot, own) : `Looking at the position after ${ply} of ${plies} moves`}</p>
      {!live && <button type="button" class="button" onClick={onLive}>Back to the game</button>}
      {hint !== undefined && hint !== '' && <p class="muted" role="status">{hint}</p>}
      {watchers > 0 && <p class="small muted watchers">{plural(watchers, 'person watches', 'people watch')}</p>}
      <p class="unseen" role="status" aria-live="polite" data-testid="announcer">{said}</p>
    </div>
  );
}
