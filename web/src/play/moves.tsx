/** The moves so far: every one is a button that shows its position. */
import { useEffect, useRef } from 'preact/hooks';
import { PieceIcon, pieceName } from '../board/piece.js';
import { FirstIcon, LastIcon, LeftIcon, RightIcon } from '../ui/icons.js';

export interface ListedMove { readonly name: string; readonly seat: number }

/** `opening`: how many of the first moves nobody at the board chose. */
export function Moves({ game, moves, ply, opening = 0, onSeek }: { game: string; moves: readonly ListedMove[]; ply: number; opening?: number; onSeek: (ply: number) => void }) {
  const plies = moves.length;
  // Chess counts a move of each side as one, and writes them side by side.
  const pairs = game === 'chess';
  const first = moves[0]?.seat ?? 0;
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const box = list.current;
    const current = box?.querySelector<HTMLElement>('[aria-current]');
    if (!box || !current) return;
    // Only the list scrolls, never the page.
    box.scrollTop = current.offsetTop - box.offsetTop - box.clientHeight / 2;
  }, [ply, plies]);
  return (
    <section class="card" aria-labelledby="moves-title">
      <header>
        <h2 id="moves-title">Moves</h2>
        <div class="row seek">
          <button type="button" class="button quiet" aria-label="First position" disabled={ply === 0} onClick={() => onSeek(0)}><FirstIcon /></button>
          <button type="button" class="button quiet" aria-label="One move back" disabled={ply === 0} onClick={() => onSeek(ply - 1)}><LeftIcon /></button>
          <button type="button" class="button quiet" aria-label="One move on" disabled={ply === plies} onClick={() => onSeek(ply + 1)}><RightIcon /></button>
          <button type="button" class="button quiet" aria-label="Present position" disabled={ply === plies} onClick={() => onSeek(plies)}><LastIcon /></button>
        </div>
      </header>
      {plies === 0
        ? <p class="muted">No move yet.</p>
        : (
          <ol class={pairs ? 'move-list pairs number' : 'move-list number'} ref={list}>
            {moves.map((move, i) => (
              <li key={i} class={`${i < opening ? 'opening' : ''}${pairs && move.seat === 1 ? ' reply' : ''}`}>
                <button type="button" aria-current={ply === i + 1 ? 'step' : undefined} onClick={() => onSeek(i + 1)}>
                  <span class="muted"><span class="unseen">Move </span>{pairs ? (move.seat === 0 ? `${(i + first) / 2 + 1}.` : i === 0 ? '1…' : '') : i + 1}</span>{!pairs && <PieceIcon game={game} seat={move.seat} size={16} />}<span class="unseen">{i < opening ? 'opening, ' : ''}{pieceName(game, move.seat)} </span>{move.name}
                </button>
              </li>
            ))}
          </ol>
        )}
    </section>
  );
}
