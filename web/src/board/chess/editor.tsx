/** Setting pieces by hand: choose one, then the squares. Castling rights follow from where kings and rooks stand. */
import { useState } from 'preact/hooks';
import { Segments } from '../../ui/controls.js';
import { arrowTarget } from '../keys.js';
import { Chessman } from './pieces.js';
import { ChessPicture } from './picture.js';
import { INITIAL_PLACEMENT, type PieceLetter, cellOfSquare, makePlacement, pieceWords, placement, squareName, squareOfCell } from './squares.js';

const PALETTE: readonly PieceLetter[] = ['K', 'Q', 'R', 'B', 'N', 'P', 'k', 'q', 'r', 'b', 'n', 'p'];
const GRID = { id: 'chess', columns: 8, rows: 8, inARow: 8, drops: false } as const;

/** Kings and rooks on their first squares may castle. */
function castling(squares: readonly PieceLetter[]): string {
  const rights = [['K', 4, 7], ['Q', 4, 0], ['k', 60, 63], ['q', 60, 56]] as const;
  const has = ([letter, king, rook]: (typeof rights)[number]): boolean => {
    const white = letter === letter.toUpperCase();
    return squares[king] === (white ? 'K' : 'k') && squares[rook] === (white ? 'R' : 'r');
  };
  return rights.filter(has).map(([letter]) => letter).join('') || '-';
}

export function Editor({ fen, flipped, onFen }: { fen: string; flipped: boolean; onFen: (fen: string) => void }) {
  const [brush, setBrush] = useState<PieceLetter>('P');
  const [focused, setFocused] = useState(12);
  const squares = placement(fen);
  const side = fen.split(' ')[1] === 'b' ? 'b' : 'w';
  const write = (next: readonly PieceLetter[], turn: string): void => onFen(`${makePlacement(next)} ${turn} ${castling(next)} - 0 1`);

  function set(square: number): void {
    setFocused(square);
    const next = [...squares];
    // A king is there once, so it moves; the same piece again clears its square.
    if (brush.toLowerCase() === 'k') for (const [i, piece] of next.entries()) if (piece === brush && i !== square) next[i] = '';
    next[square] = squares[square] === brush ? '' : brush;
    write(next, side);
  }

  function onKeyDown(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
    const target = arrowTarget(GRID, cellOfSquare(focused, flipped), event.key);
    if (event.key === 'Enter' || event.key === ' ') set(focused);
    else if (target !== undefined) {
      setFocused(squareOfCell(target, flipped));
      event.currentTarget.querySelector<HTMLElement>(`[data-square="${squareOfCell(target, flipped)}"]`)?.focus();
    } else return;
    event.preventDefault();
  }

  return (
    <>
      <div class="board chess">
        <div class="board-area">
          <ChessPicture squares={squares} flipped={flipped} />
          <div class="board-grid" role="grid" aria-label="The position to set up" onKeyDown={onKeyDown}>
            {Array.from({ length: 8 }, (_, row) => (
              <div role="row" class="board-row" key={row}>
                {Array.from({ length: 8 }, (__, column) => {
                  const square = squareOfCell(8 * row + column, flipped);
                  const piece = squares[square];
                  return <div role="gridcell" class="cell playable" key={square} data-square={square} tabIndex={square === focused ? 0 : -1} aria-label={`${squareName(square)}: ${piece === '' ? 'empty' : pieceWords(piece)}`} onClick={() => set(square)} />;
                })}
              </div>
            ))}
          </div>
        </div>
      </div>
      <fieldset class="field">
        <legend>Piece to set</legend>
        <div class="palette">
          {PALETTE.map((piece) => (
            <label key={piece}>
              <input type="radio" class="unseen" name="brush" checked={brush === piece} aria-label={pieceWords(piece)} onChange={() => setBrush(piece)} />
              <svg viewBox="0 0 100 100" aria-hidden="true"><Chessman piece={piece} /></svg>
            </label>
          ))}
        </div>
      </fieldset>
      <Segments legend="To move" value={side} choices={[{ value: 'w', label: 'White' }, { value: 'b', label: 'Black' }]} onChange={(turn) => write(squares, turn)} />
      <div class="row">
        <button type="button" class="button" onClick={() => write(Array.from({ length: 64 }, () => ''), side)}>Clear</button>
        <button type="button" class="button" onClick={() => write(placement(INITIAL_PLACEMENT), 'w')}>Usual position</button>
      </div>
    </>
  );
}
