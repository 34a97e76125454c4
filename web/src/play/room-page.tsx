/** A game: the board, who plays, what one may do, and what the agent thinks. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Analysis, RoomSnapshot } from '#arena/protocol';
import type { Client } from '../app/client.js';
import { makeRoute } from '../app/router.js';
import { ownSeats, type AppState, type RoomState } from '../app/state.js';
import { useStore } from '../app/store.js';
import { Board } from '../board/board.js';
import { layOut, shapeOf, type BoardShape } from '../board/layout.js';
import { PieceIcon } from '../board/piece.js';
import { BackIcon, FlagIcon, HintIcon, LinkIcon, NewIcon, SwapIcon } from '../ui/icons.js';
import { Inside } from './inside.js';
import { adviserOf, analysisFor, insightOf, marksOf, recommended, type Layer } from './insight.js';
import { Moves } from './moves.js';
import { announcement, seatName, shortName, statusLine } from './words.js';

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
  const shape = shapeOf(room.snapshot.game.id);
  if (shape === undefined) return <section class="empty"><h1>No board for this game yet</h1><p>This page can draw tic-tac-toe and Connect Four. Play “{room.snapshot.game.id}” in the terminal with <code>ludus play</code>.</p></section>;
  return <RoomView key={`${roomId}:${room.snapshot.gameNumber}`} client={client} room={room} shape={shape} />;
}

/** The board counts a move that is on its way as played. */
function actionsOf(room: RoomState): number[] {
  const actions = room.snapshot.moves.map((move) => move.action);
  if (room.pending !== undefined && room.pending.ply === actions.length) actions.push(room.pending.action);
  return actions;
}

function RoomView({ client, room, shape }: { client: Client; room: RoomState; shape: BoardShape }) {
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
  const layout = useMemo(() => layOut(shape, actions.slice(0, ply)), [shape, actions.join(), ply]);
  const analysis = analysisFor(snapshot, Math.min(ply, snapshot.moves.length));
  const names = [shortName(snapshot, 0, own), shortName(snapshot, 1, own)] as const;
  const myTurn = live && room.pending === undefined && own.some((seat) => seat === snapshot.turn);
  const advisers = agents.filter((a) => a.game === snapshot.game.id && a.kind !== 'random');
  const mayAsk = snapshot.result !== null || snapshot.seats.some((seat) => seat.kind === 'agent') || own.length === 2;
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
    const told = await ask(at);
    if (told === undefined) return;
    const best = recommended(insightOf(told));
    setHint({ ply: at, action: best?.action, text: best === undefined ? 'No hint came back.' : `Hint: ${best.name}${best.verdict === undefined ? '' : best.verdict === 'win' ? ', which wins' : best.verdict === 'draw' ? ', which holds the draw' : ', though every move loses'}.` });
  }

  const marks = analysis !== undefined && analysis.ply === ply && layer !== 'off' ? marksOf(insightOf(analysis), layer) : undefined;
  const shownHint = hint !== undefined && live && hint.ply === snapshot.moves.length ? hint : undefined;
  const flipped = own.length === 1 && own[0] === 1;
  const top = flipped ? 0 : 1;

  return (
    <div class="room">
      <h1 class="unseen">{gameName(client, snapshot)}: {seatName(snapshot, 0, own)} against {seatName(snapshot, 1, own)}</h1>
      <div class="room-board">
        <SeatStrip room={room} seat={top} own={own} client={client} />
        <Board
          shape={shape} layout={layout} ply={ply} animate={live} seat={snapshot.turn === 1 ? 1 : 0} marks={marks} hint={shownHint?.action}
          label={`${gameName(client, snapshot)} board. ${live ? statusLine(snapshot, own) : `After ${ply} moves`}`}
          legal={myTurn ? snapshot.legal : []}
          onPlay={(action) => { setSeekTo(undefined); client.move(action); }}
        />
        <SeatStrip room={room} seat={1 - top} own={own} client={client} />
        <Status snapshot={snapshot} own={own} live={live} ply={ply} hint={shownHint?.text} onLive={() => setSeekTo(undefined)} />
        {own.length > 0 && <Toolbar client={client} snapshot={snapshot} own={own} mayAsk={mayAsk && adviser !== undefined} asking={asking} myTurn={myTurn} onHint={() => void askForHint()} />}
      </div>
      <div class="stack">
        <Inside
          snapshot={snapshot} ply={Math.min(ply, snapshot.moves.length)} names={names} layer={layer} onLayer={setLayer} onSeek={setSeekTo}
          advisers={mayAsk ? advisers : []} adviser={adviser ?? ''} onAdviser={setAdviser} asking={asking} onAsk={() => void ask(Math.min(ply, snapshot.moves.length))}
        />
        <Moves game={snapshot.game.id} moves={snapshot.moves} ply={Math.min(ply, snapshot.moves.length)} onSeek={setSeekTo} />
      </div>
    </div>
  );
}

function gameName(client: Client, snapshot: RoomSnapshot): string {
  return client.store.get().games.find((g) => g.id === snapshot.game.id)?.name ?? snapshot.game.id;
}

function SeatStrip({ room, seat, own, client }: { room: RoomState; seat: number; own: readonly number[]; client: Client }) {
  const { snapshot } = room;
  const view = snapshot.seats[seat];
  const thinking = snapshot.thinking === seat;
  const active = snapshot.turn === seat;
  const strength = view.kind === 'agent' && view.strength !== null ? ('simulations' in view.strength ? `${view.strength.simulations.toLocaleString('en')} simulations` : `${view.strength.millis / 1000} s a move`) : undefined;
  return (
    <div class={active ? 'seat active' : 'seat'}>
      <PieceIcon game={snapshot.game.id} seat={seat} size={30} />
      <div class="seat-name">
        <strong>{seatName(snapshot, seat, own)}</strong>
        {strength !== undefined && <span class="small muted number">{strength}</span>}
        {view.kind === 'human' && view.taken && !view.connected && !own.includes(seat) && <span class="small muted">away</span>}
      </div>
      {thinking && <span class="thinking small"><span class="dots" aria-hidden="true"><i /><i /><i /></span>thinking</span>}
      {view.kind === 'human' && !view.taken && !own.length && <button type="button" class="button primary" onClick={() => client.takeSeat(seat as 0 | 1)}>Sit down here</button>}
      {view.kind === 'human' && !view.taken && own.length > 0 && <CopyLink />}
      {view.kind === 'agent' && own.length === 1 && !thinking && <a class="button quiet" href={makeRoute({ page: 'setup', game: snapshot.game.id })}>Other opponent</a>}
      {snapshot.result?.winner === seat && <span class="chip win">winner</span>}
    </div>
  );
}

function CopyLink() {
  const [copied, setCopied] = useState(false);
  const copy = () => navigator.clipboard?.writeText(location.href).then(() => setCopied(true), () => setCopied(false));
  return <button type="button" class="button" onClick={() => void copy()}><LinkIcon />{copied ? 'Link copied' : 'Copy the link for a friend'}</button>;
}

function Status({ snapshot, own, live, ply, hint, onLive }: { snapshot: RoomSnapshot; own: readonly number[]; live: boolean; ply: number; hint?: string; onLive: () => void }) {
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
      <p class="unseen" role="status" aria-live="polite" data-testid="announcer">{said}</p>
    </div>
  );
}

function Toolbar({ client, snapshot, own, mayAsk, asking, myTurn, onHint }: { client: Client; snapshot: RoomSnapshot; own: readonly number[]; mayAsk: boolean; asking: boolean; myTurn: boolean; onHint: () => void }) {
  const over = snapshot.result !== null;
  const withAgent = snapshot.seats.some((seat) => seat.kind === 'agent');
  const ownGame = withAgent || own.length === 2;
  const played = snapshot.moves.some((move) => own.includes(move.seat));
  return (
    <div class="toolbar" role="toolbar" aria-label="Game">
      <button type="button" class={over ? 'button primary' : 'button'} disabled={!over && !ownGame} onClick={() => client.newGame(false)}><NewIcon />{over ? 'Play again' : 'New game'}</button>
      <button type="button" class="button" disabled={!over && !ownGame} onClick={() => client.newGame(true)}><SwapIcon />Swap sides</button>
      <button type="button" class="button" disabled={!ownGame || !played} onClick={() => client.takeBack()}><BackIcon />Take back</button>
      <button type="button" class="button" disabled={!mayAsk || asking || !myTurn} onClick={onHint}><HintIcon />Hint</button>
      <button type="button" class="button" disabled={over} onClick={() => client.resign()}><FlagIcon />Resign</button>
    </div>
  );
}
