/** Buttons for thumbs: one for each action that does something, laid out as on a controller. */
import type { Session } from './session.js';

const signs: Readonly<Record<string, string>> = { left: 'M13 4 6 10l7 6', right: 'm7 4 7 6-7 6', up: 'm4 13 6-7 6 7', down: 'm4 7 6 7 6-7' };

export function Pad({ session, disabled }: { session: Session; disabled: boolean }) {
  const { useful } = session.task;
  const cross = useful.includes('up') && useful.includes('left');
  return (
    <div class={cross ? 'pad cross' : 'pad'} role="group" aria-label="Actions">
      {useful.map((name) => {
        const action = session.actionOf(name);
        return (
          <button
            type="button" key={name} class={`button pad-${name}`} disabled={disabled} aria-label={name}
            onPointerDown={(event) => {
              event.currentTarget.setPointerCapture(event.pointerId);
              session.press(action);
            }}
            onPointerUp={() => session.release(action)} onPointerCancel={() => session.release(action)}
            onClick={(event) => {
              // By keyboard there was no pointer: a click is a short press.
              if (event.detail !== 0) return;
              session.press(action);
              session.release(action);
            }}
            onContextMenu={(event) => event.preventDefault()}
          >
            {signs[name] === undefined ? name : <svg viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d={signs[name]} /></svg>}
          </button>
        );
      })}
    </div>
  );
}
