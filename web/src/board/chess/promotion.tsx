/** What the pawn becomes: four buttons on its file, the queen on the last rank. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Chessman } from './pieces.js';
import { pieceWords } from './squares.js';
import type { ChessMove } from './view.js';

const ORDER = ['q', 'n', 'r', 'b'] as const;

export function Promotion({ moves, white, flipped, onChoose, onCancel }: { moves: readonly ChessMove[]; white: boolean; flipped: boolean; onChoose: (action: number) => void; onCancel: () => void }) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => box.current?.querySelector('button')?.focus(), []);
  const file = flipped ? 7 - (moves[0].to & 7) : moves[0].to & 7;
  const atTop = white !== flipped;

  function onKeyDown(event: KeyboardEvent): void {
    const buttons = [...(box.current?.querySelectorAll<HTMLElement>('button') ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLElement);
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (event.key === 'Escape') onCancel();
    else if (step !== undefined) buttons[(at + step + buttons.length) % buttons.length]?.focus();
    else return;
    event.preventDefault();
  }

  return (
    <>
      <div class="promotion-veil" onClick={onCancel} />
      <div ref={box} class={`promotion ${atTop ? 'top' : 'bottom'}`} style={{ '--file': String(file) }} role="group" aria-label="Promote to" onKeyDown={onKeyDown}>
        {ORDER.map((letter) => {
          const move = moves.find((one) => one.promotion === letter);
          if (move === undefined) return null;
          const piece = white ? letter.toUpperCase() : letter;
          return (
            <button type="button" key={letter} aria-label={pieceWords(piece)} onClick={() => onChoose(move.action)}>
              <svg viewBox="0 0 100 100" aria-hidden="true"><Chessman piece={piece} /></svg>
            </button>
          );
        })}
      </div>
    </>
  );
}
