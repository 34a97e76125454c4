/** The self-play game of the moment. */
import type { SelfPlayBoard } from '#arena/protocol';
import { GamePicture, canDraw } from '../board/game-board.js';
import { pieceName } from '../board/piece.js';
import { count, plural } from '../ui/format.js';
import { ValueBar } from '../play/value-bar.js';

export function LiveBoard({ board, running }: { board: SelfPlayBoard | undefined; running: boolean }) {
  return (
    <section class="card live" aria-labelledby="live-title">
      <header><h2 id="live-title">Self-play</h2>{board !== undefined && <span class="small muted number">game {count(board.gameNumber)}</span>}</header>
      {board === undefined || !canDraw(board.game)
        ? <p class="muted">{running ? 'The next game that it plays against itself appears here.' : 'While it trains, one of its games against itself appears here.'}</p>
        : (
          <div class="stack">
            <div class={`live-picture ${board.game}`}><GamePicture game={board.game} setup={board.setup} actions={board.actions} ply={board.gameNumber * 1000 + board.actions.length} animate /></div>
            <ValueBar game={board.game} names={[pieceName(board.game, 0), pieceName(board.game, 1)]} value={board.returns ?? board.values.at(-1)} verdict={undefined} />
            <p class="small muted number">{ending(board)}</p>
          </div>
        )}
    </section>
  );
}

function ending(board: SelfPlayBoard): string {
  const moves = plural(board.actions.length, 'move');
  if (board.returns === null) return moves;
  return board.returns === 0 ? `A draw after ${moves}` : `${pieceName(board.game, board.returns > 0 ? 0 : 1)} won after ${moves}`;
}
