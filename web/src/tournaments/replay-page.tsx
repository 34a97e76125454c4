/** One game of a tournament: its board, its moves, what the players thought. */
import { useEffect, useLayoutEffect, useMemo, useState } from 'preact/hooks';
import type { TournamentGame } from '#arena/protocol';
import type { Game } from '#engine';
import { allGames } from '#games';
import '../styles/training.css';
import '../styles/tournaments.css';
import type { Client } from '../app/client.js';
import { makeRoute } from '../app/router.js';
import type { AppState } from '../app/state.js';
import { useStore } from '../app/store.js';
import { layOut, shapeOf } from '../board/layout.js';
import { BoardPicture } from '../board/picture.js';
import { PieceIcon, pieceName } from '../board/piece.js';
import { GameGraph } from '../play/graph.js';
import { Moves } from '../play/moves.js';
import { plural } from '../ui/format.js';
import { LeftIcon, SwapIcon } from '../ui/icons.js';
import { GameBoard } from '../board/game-board.js';
import { endText, scoreText } from './figures.js';
import { replayGame, valuePoints } from './replay.js';

export function ReplayPage({ client, id, number }: { client: Client; id: string; number: number }) {
  const connection = useStore(client.store, (s: AppState) => s.connection);
  const [game, setGame] = useState<TournamentGame>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    if (connection !== 'open' || game !== undefined) return undefined;
    let current = true;
    void client.tournamentGame(id, number).then((answer) => {
      if (!current) return;
      if ('refused' in answer) setProblem(answer.refused);
      else setGame(answer);
    });
    return () => void (current = false);
  }, [connection]);
  // Rules that the other pages do not need are loaded here.
  const [rules, setRules] = useState<Game | 'unknown'>();
  useEffect(() => {
    if (game !== undefined) void allGames().then((all) => setRules(all.find((one) => one.id === game.rules) ?? 'unknown'));
  }, [game]);
  const back = <a class="back" href={makeRoute({ page: 'tournament', id })}><LeftIcon />The tournament</a>;
  if (problem !== undefined) return <section class="empty">{back}<h1>This game cannot be shown</h1><p>{problem}</p></section>;
  if (game === undefined || rules === undefined) return <p class="muted" role="status">Opening the game …</p>;
  return <Replay game={game} id={id} rules={rules === 'unknown' ? undefined : rules} />;
}

function Replay({ game, id, rules }: { game: TournamentGame; id: string; rules: Game | undefined }) {
  const replayed = useMemo(() => (rules === undefined ? undefined : replayGame(rules, game)), [game]);
  const plies = replayed?.moves.length ?? 0;
  const [ply, setPly] = useState(plies);
  const seek = (to: number) => setPly(Math.max(0, Math.min(plies, to)));
  // Keys work from the moment that the board is there.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || (event.target instanceof HTMLElement && event.target.closest('input, select, textarea') !== null)) return;
      const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      setPly((before) => Math.max(0, Math.min(plies, before + step)));
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [plies]);
  const points = useMemo(() => (replayed === undefined ? [] : valuePoints(replayed, game.values)), [replayed]);
  const first = { name: game.first, seat: 0 };
  const second = { name: game.second, seat: 1 };
  const status = ply === plies ? resultLine(game) : ply <= (replayed?.opening ?? 0) ? `Opening: after ${ply} of ${plies} moves` : `After ${ply} of ${plies} moves`;
  return (
    <div class="room replay">
      <div class="room-board">
        <div>
          <a class="back" href={makeRoute({ page: 'tournament', id })}><LeftIcon />The tournament</a>
          <h1>{game.first} <span class="muted">–</span> {game.second} <span class="number">{scoreText(game.score)}</span></h1>
        </div>
        <Side game={game} {...second} />
        <BoardView game={game} replayed={replayed} ply={ply} />
        <Side game={game} {...first} />
        <div class="status"><p class="status-text" role="status">{status}</p></div>
      </div>
      <div class="stack">
        {replayed?.broken !== undefined && <p class="problem" role="alert">The record cannot be replayed to its end: {replayed.broken}.</p>}
        {game.message !== null && <div class="card"><h2>How it ended: {endText(game.end)}</h2><p class="note">{game.faultBy !== null && <><strong>{game.faultBy === 'first' ? game.first : game.second}</strong>: </>}{game.message}</p></div>}
        <section class="card stack" aria-labelledby="seek-title">
          <header><h2 id="seek-title">{points.length > 0 ? 'What they thought' : 'Through the game'}</h2><span class="small muted">Arrow keys step through it.</span></header>
          {points.length > 0
            ? <GameGraph points={points} plies={plies} ply={ply} names={[pieceName(game.rules, 0), pieceName(game.rules, 1)]} onSeek={seek} />
            : <input type="range" min="0" max={plies} value={ply} aria-label="Position in the game" aria-valuetext={`after ${ply} of ${plies} moves`} onInput={(event) => seek(Number(event.currentTarget.value))} />}
        </section>
        {replayed !== undefined && <Moves game={game.rules} moves={replayed.moves} opening={replayed.opening} ply={ply} onSeek={seek} />}
        <a class="button" href={makeRoute({ page: 'replay', id, game: game.game ^ 1 })}><SwapIcon />The other game of this pair</a>
      </div>
    </div>
  );
}

function BoardView({ game, replayed, ply }: { game: TournamentGame; replayed: ReturnType<typeof replayGame> | undefined; ply: number }) {
  const shape = shapeOf(game.rules);
  if (replayed === undefined) return <div class="card"><p>This page does not know the rules of “{game.rules}”: a game of one’s own is replayed from its ledger only.</p></div>;
  const last = replayed.moves[ply - 1];
  const label = `The board after ${plural(ply, 'move')}${last === undefined ? '' : `; ${pieceName(game.rules, last.seat)} played ${last.name} last`}`;
  if (shape !== undefined && replayed.fromStart) {
    const layout = layOut(shape, replayed.moves.slice(0, ply).map((move) => move.action));
    return <div class={`board ${shape.id}`} role="img" aria-label={label}><BoardPicture shape={shape} layout={layout} ply={ply} />{shape.drops && <div class="board-columns number" aria-hidden="true">{Array.from({ length: shape.columns }, (_, column) => <span key={column}>{column + 1}</span>)}</div>}</div>;
  }
  if (game.rules === 'chess') {
    return <GameBoard game="chess" setup={replayed.fromStart ? null : game.setup} actions={replayed.moves.slice(0, ply).map((move) => move.action)} animate={false} label={label} legal={[]} seat={0} below={0} onPlay={() => undefined} />;
  }
  const text = replayed.texts[ply] ?? '';
  return text === '' ? <div class="card"><p class="muted">This game has no picture; its moves are listed.</p></div> : <pre class="card text-board" tabIndex={0} aria-label={`The position after ${plural(ply, 'move')}`}>{text}</pre>;
}

function Side({ game, name, seat }: { game: TournamentGame; name: string; seat: number }) {
  const won = seat === 0 ? game.score === 1 : game.score === 0;
  return (
    <div class={won ? 'seat active' : 'seat'}>
      <PieceIcon game={game.rules} seat={seat} size={30} />
      <div class="seat-name"><strong>{name}</strong></div>
      {won && <span class="chip win">winner</span>}
    </div>
  );
}

function resultLine(game: TournamentGame): string {
  const how = game.end === 'normal' ? '' : ` (${endText(game.end)})`;
  return `${game.score === 0.5 ? 'A draw' : `${game.score === 1 ? game.first : game.second} won`}${how}`;
}
