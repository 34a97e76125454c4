/** Where a chess game begins: the usual position, a FEN, a place in a game from PGN, or pieces set by hand. */
import { useMemo, useState } from 'preact/hooks';
import { type PgnGame, chess, parseFen } from '#games/chess';
import '../../styles/chess.css';
import { Segments } from '../../ui/controls.js';
import { plural } from '../../ui/format.js';
import { FirstIcon, FlipIcon, LastIcon, LeftIcon, RightIcon } from '../../ui/icons.js';
import { Editor } from './editor.js';
import { ChessPicture } from './picture.js';
import { readBrought, setupAfter } from './record.js';
import { chessState, startFen, viewOf } from './view.js';

const kinds = ['usual', 'brought', 'edited'] as const;
type Kind = (typeof kinds)[number];

export interface StartCardProps {
  /** The set-up to play from; undefined for the usual start, null while there is none that could be played. */
  readonly onSetup: (setup: string | undefined | null) => void;
}

export function StartCard({ onSetup }: StartCardProps) {
  const [kind, setKind] = useState<Kind>('usual');
  const [text, setText] = useState('');
  const [ply, setPly] = useState(0);
  const [edited, setEdited] = useState(startFen(null));
  const [turned, setTurned] = useState(false);
  const brought = useMemo(() => (text.trim() === '' ? undefined : readBrought(text)), [text]);
  const game = brought?.kind === 'game' ? brought.game : undefined;

  const { setup, problem } = startOf(kind, brought, ply, edited);
  const shown = useMemo(() => {
    if (kind === 'brought' && game !== undefined) return viewOf(chessState(game.fen, game.actions.slice(0, ply)));
    return viewOf(chessState(kind === 'usual' ? null : (setup ?? null), []));
  }, [kind, game, ply, setup]);

  function choose(next: Kind, nextText = text, nextPly = ply, nextEdited = edited): void {
    setKind(next);
    setText(nextText);
    setPly(nextPly);
    setEdited(nextEdited);
    const found = startOf(next, nextText.trim() === '' ? undefined : readBrought(nextText), nextPly, nextEdited);
    onSetup(found.problem === undefined ? found.setup : null);
  }

  function bring(next: string): void {
    const read = readBrought(next);
    choose('brought', next, read.kind === 'game' ? read.game.actions.length : 0);
  }

  return (
    <section class="card stack" aria-labelledby="start-title">
      <header><h2 id="start-title">Position</h2><button type="button" class="button quiet" onClick={() => setTurned(!turned)}><FlipIcon />Flip</button></header>
      <Segments legend="Where the game begins" hideLegend small value={kind} choices={[{ value: 'usual', label: 'Usual' }, { value: 'brought', label: 'FEN or PGN' }, { value: 'edited', label: 'Set up' }]} onChange={(next) => choose(next)} />
      {kind === 'edited'
        ? <Editor fen={edited} flipped={turned} onFen={(fen) => choose('edited', text, ply, fen)} />
        : (
          <div class="board chess" role="img" aria-label={`${shown.turn === 0 ? 'White' : 'Black'} to move: ${shown.fen}`}>
            <ChessPicture squares={shown.squares} flipped={turned} check={shown.check} last={shown.last === undefined ? [] : [shown.last.from, shown.last.to]} />
          </div>
        )}
      {kind === 'brought' && (
        <>
          {game !== undefined && <GameSeeker game={game} more={brought?.kind === 'game' ? brought.more : 0} ply={ply} onPly={(next) => choose('brought', text, next)} />}
          <label class="field">
            <span class="label">A FEN, or a game in PGN</span>
            <textarea class="input" rows={4} value={text} spellcheck={false} placeholder={startFen(null)} onInput={(event) => bring(event.currentTarget.value)} />
          </label>
          <label class="field">
            <span class="label">or a file</span>
            <input type="file" accept=".pgn,.fen,.txt" onChange={(event) => void event.currentTarget.files?.[0]?.text().then(bring)} />
          </label>
        </>
      )}
      {problem !== undefined && <p class="problem" role="alert">{problem}</p>}
    </section>
  );
}

function startOf(kind: Kind, brought: ReturnType<typeof readBrought> | undefined, ply: number, edited: string): { setup?: string; problem?: string } {
  if (kind === 'usual') return {};
  if (kind === 'edited') {
    const parsed = parseFen(edited);
    return parsed.ok ? playable(edited) : { problem: `Nobody can play from here yet: ${parsed.error}.` };
  }
  if (brought === undefined) return { problem: 'Paste a FEN or a game, or open a file.' };
  if (brought.kind === 'wrong') return { problem: brought.message };
  if (brought.kind === 'position') return playable(brought.fen);
  const setup = setupAfter(brought.game, ply);
  return setup === undefined ? {} : playable(setup);
}

/** A game needs a move. */
function playable(setup: string): { setup: string; problem?: string } {
  const ending = chess.parseSetup!(setup)?.ending;
  return ending === undefined ? { setup } : { setup, problem: `The game is over in this position (${ending}).` };
}

function GameSeeker({ game, more, ply, onPly }: { game: PgnGame; more: number; ply: number; onPly: (ply: number) => void }) {
  const plies = game.actions.length;
  const tag = (name: string): string => game.tags.find(([key]) => key === name)?.[1] ?? '?';
  return (
    <>
      <div class="row seek">
        <button type="button" class="button quiet" aria-label="First position" disabled={ply === 0} onClick={() => onPly(0)}><FirstIcon /></button>
        <button type="button" class="button quiet" aria-label="One move back" disabled={ply === 0} onClick={() => onPly(ply - 1)}><LeftIcon /></button>
        <button type="button" class="button quiet" aria-label="One move on" disabled={ply === plies} onClick={() => onPly(ply + 1)}><RightIcon /></button>
        <button type="button" class="button quiet" aria-label="Last position" disabled={ply === plies} onClick={() => onPly(plies)}><LastIcon /></button>
        <span class="small muted number">after {ply} of {plural(plies, 'move')}</span>
      </div>
      <input type="range" min="0" max={plies} value={ply} aria-label="Position in the game" aria-valuetext={`after ${ply} of ${plies} moves`} onInput={(event) => onPly(Number(event.currentTarget.value))} />
      <p class="small muted">{tag('White')} – {tag('Black')}, {game.result}{more > 0 && `; ${plural(more, 'further game')} in the file`}</p>
    </>
  );
}
