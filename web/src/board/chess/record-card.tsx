/** The game in the notations of chess: FEN of the position shown, PGN of the whole, to copy or to keep. */
import { useState } from 'preact/hooks';
import type { RoomSnapshot } from '#arena/protocol';
import { roomPgn } from './record.js';
import { chessState, viewOf } from './view.js';

export interface RecordCardProps {
  readonly snapshot: RoomSnapshot;
  /** The position on the board. */
  readonly ply: number;
  readonly names: readonly [string, string];
}

export function RecordCard({ snapshot, ply, names }: RecordCardProps) {
  const [said, say] = useState('');
  const { fen, ending } = viewOf(chessState(snapshot.setup, snapshot.moves.slice(0, ply).map((move) => move.action)));
  const pgn = (): string => roomPgn(snapshot, names, new Date());
  const copy = (what: string, text: string): void => {
    void navigator.clipboard?.writeText(text).then(() => say(`${what} copied.`), () => say(`The browser does not let the page copy.`));
  };
  const save = (): void => {
    const address = URL.createObjectURL(new Blob([pgn()], { type: 'application/x-chess-pgn' }));
    const link = document.createElement('a');
    link.href = address;
    link.download = 'ludus.pgn';
    link.click();
    URL.revokeObjectURL(address);
  };
  return (
    <section class="card stack" aria-labelledby="record-title">
      <header><h2 id="record-title">Notation</h2>{ending !== undefined && ply === snapshot.moves.length && <span class="small muted">{ending}</span>}</header>
      <label class="field"><span class="label">Position (FEN)</span><input class="input number" readOnly value={fen} onFocus={(event) => event.currentTarget.select()} /></label>
      <div class="row">
        <button type="button" class="button" onClick={() => copy('FEN', fen)}>Copy FEN</button>
        <button type="button" class="button" onClick={() => copy('PGN', pgn())}>Copy PGN</button>
        <button type="button" class="button" onClick={save}>Save PGN</button>
      </div>
      <p class="small muted" role="status">{said}</p>
    </section>
  );
}
