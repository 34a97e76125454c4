/** A game: the board, who plays, what one may do, and what the agent thinks. */
import { lazy, Suspense } from 'preact/compat';
import { useEffect, useState } from 'preact/hooks';
import type { Analysis, RoomSnapshot } from '#arena/protocol';
import type { Client } from '../app/client.js';
import { makeRoute } from '../app/router.js';
import { ownSeats, type AppState, type RoomState } from '../app/state.js';
import { useStore } from '../app/store.js';
import { GameBoard, canDraw } from '../board/game-board.js';
import { reviewPoints } from './grades.js';
import { Inside } from './inside.js';
import { adviserOf, advisersOf, analysisFor, graphOf, insightOf, marksOf, type Layer } from './insight.js';
import { Moves } from './moves.js';
import { ReviewCard } from './review.js';
import { SeatStrip } from './seat-strip.js';
import { Status } from './status.js';
import { Offers, Toolbar, contested } from './toolbar.js';
import { hintLine, seatName, shortName, statusLine } from './words.js';

const ChessRecord = lazy(() => import('../board/chess/record-card.js').then((m) => m.RecordCard));

const selectRoom = (s: AppState) => s.room;
const selectGone = (s: AppState) => s.roomGone;
const selectConnection = (s: AppState) => s.connection;

export function RoomPage({ client, roomId }: { client: Client; roomId: string }) {
  const room = useStore(client.store, selectRoom);
  const gone = useStore(client.store, selectGone);
  const connection = useStore(client.store, selectConnection);
  useEffect(() => client.enter(roomId), [roomId, connection === 'open']);
  useEffect(() => () => client.enter(undefined), []);

  if (gone?.roomId === roomId) {
    return <section class="empty"><h1>This game is no longer here</h1><p>{gone.reason}</p><a class="button primary" href={makeRoute({ page: 'home' })}>Start a new one</a></section>;
  }
  if (room === undefined || room.snapshot.roomId !== roomId) return <p class="muted" role="status">Opening the game …</p>;
  const { game } = room.snapshot;
  if (!canDraw(game.id)) return <section class="empty"><h1>No board for this game yet</h1><p>This page cannot draw it. Play “{game.id}” in the terminal with <code>ludus play</code>.</p></section>;
  return <RoomView key={`${roomId}:${room.snapshot.gameNumber}`} client={client} room={room} />;
}

/** The board counts a move that is on its way as played. */
function actionsOf(room: RoomState): number[] {
  const actions = room.snapshot.moves.map((move) => move.action);
  if (room.pending !== undefined && room.pending.ply === actions.length) actions.push(room.pending.action);
  return actions;
}

function RoomView({ client, room }: { client: Client; room: RoomState }) {
  const { snapshot } = room;
  const own = ownSeats(room);
  const agents = useStore(client.store, (s: AppState) => s.agents);
  const [seekTo, setSeekTo] = useState<number>();
  const [layer, setLayer] = useState<Layer>('off');
  const [asking, setAsking] = useState(false);
  const [chosenAdviser, setAdviser] = useState<string>();
  const [hint, setHint] = useState<{ ply: number; action?: number; text: string }>();

  const actions = actionsOf(room);
  const live = seekTo === undefined || seekTo >= snapshot.moves.length;
  const ply = live ? actions.length : seekTo;
  const analysis = analysisFor(snapshot, Math.min(ply, snapshot.moves.length));
  const names = [shortName(snapshot, 0, own), shortName(snapshot, 1, own)] as const;
  const myTurn = live && room.pending === undefined && room.elsewhere !== true && own.some((seat) => seat === snapshot.turn);
  const advisers = advisersOf(agents, snapshot.game.id);
  const mayAsk = snapshot.result !== null || !contested(snapshot, own) && snapshot.seats.some((seat) => seat.kind === 'agent') || own.length === 2;
  const over = snapshot.result !== null;
  const adviser = chosenAdviser ?? adviserOf(agents, snapshot.game.id)?.id;

  async function ask(at: number): Promise<Analysis | undefined> {
    if (adviser === undefined) return undefined;
    setAsking(true);
    const told = await client.analyse(at, adviser, undefined);
    setAsking(false);
    if (!('refused' in told)) return told;
    setHint({ ply: snapshot.moves.length, text: told.refused });
    return undefined;
  }

  async function askForHint(): Promise<void> {
    const at = snapshot.moves.length;
    setHint({ ply: at, text: 'Asking for a hint …' });
    setAsking(true);
    const told = await client.hint();
    setAsking(false);
    setHint('refused' in told ? { ply: at, text: told.refused } : { ply: told.ply, action: told.action, text: hintLine(told) });
  }

  const points = graphOf(snapshot, room.review === undefined ? [] : reviewPoints(room.review.moves));
  const marks = analysis !== undefined && analysis.ply === ply && layer !== 'off' ? marksOf(insightOf(analysis), layer) : undefined;
  const shownHint = hint !== undefined && live && hint.ply === snapshot.moves.length ? hint : undefined;
  const flipped = own.length === 1 && own[0] === 1;
  const top = flipped ? 0 : 1;

  return (
    <div class="room">
      <h1 class="unseen">{gameName(client, snapshot)}: {seatName(snapshot, 0, own)} against {seatName(snapshot, 1, own)}</h1>
      <div class="room-board">
        <SeatStrip room={room} seat={top as 0 | 1} own={own} client={client} />
        <GameBoard
          game={snapshot.game.id} setup={snapshot.setup} actions={actions.slice(0, ply)} animate={live} seat={snapshot.turn === 1 ? 1 : 0} below={1 - top} marks={marks} hint={shownHint?.action}
          line={analysis !== undefined && analysis.ply === ply ? analysis.principalVariation.map((move) => move.action) : undefined}
          label={`${gameName(client, snapshot)} board. ${live ? statusLine(snapshot, own) : `After ${ply} moves`}`}
          legal={myTurn ? snapshot.legal : []}
          onPlay={(action) => { setSeekTo(undefined); client.move(action); }}
        />
        <SeatStrip room={room} seat={(1 - top) as 0 | 1} own={own} client={client} />
        <Status snapshot={snapshot} own={own} live={live} ply={ply} hint={shownHint?.text} watchers={room.watchers ?? 0} onLive={() => setSeekTo(undefined)} />
        {room.elsewhere === true && (
          <div class="offer" role="alert"><span>You play this game in another window now; here you watch.</span><button type="button" class="button primary" onClick={() => client.playHere()}>Play here</button></div>
        )}
        <Offers client={client} snapshot={snapshot} own={own} />
        {own.length > 0 && room.elsewhere !== true && <Toolbar client={client} snapshot={snapshot} own={own} asking={asking} myTurn={myTurn} onHint={() => void askForHint()} />}
      </div>
      <div class="stack room-inside">
        <Inside
          client={client} points={points} mayAsk={mayAsk} snapshot={snapshot} ply={Math.min(ply, snapshot.moves.length)} names={names} layer={layer} onLayer={setLayer} onSeek={setSeekTo}
          advisers={mayAsk ? advisers : []} adviser={adviser ?? ''} onAdviser={setAdviser} asking={asking} onAsk={() => void ask(Math.min(ply, snapshot.moves.length))}
        />
        {over && <ReviewCard client={client} game={snapshot.game.id} names={names} review={room.review} plies={snapshot.moves.length} ply={ply} advisers={advisers} adviser={adviser ?? ''} onSeek={setSeekTo} />}
      </div>
      <div class="stack room-record">
        <Moves game={snapshot.game.id} moves={snapshot.moves} ply={Math.min(ply, snapshot.moves.length)} onSeek={setSeekTo} />
        {snapshot.game.id === 'chess' && <Suspense fallback={null}><ChessRecord snapshot={snapshot} ply={Math.min(ply, snapshot.moves.length)} names={[snapshot.seats[0].name, snapshot.seats[1].name]} /></Suspense>}
      </div>
    </div>
  );
}

function gameName(client: Client, snapshot: RoomSnapshot): string {
  return client.store.get().games.find((g) => g.id === snapshot.game.id)?.name ?? snapshot.game.id;
}
