/** What a person can do, as messages; and what the page asks again after a reconnect. */
import { modelPath, type AgentView, type Analysis, type ClientMessage, type SeatRequest, type ServerMessage, type ServerMessageOf, type Strength, type Topic, type TournamentGame } from '#arena/protocol';
import { connect, socketUrl, type OpenSocket, type ServerSocket } from '../net/socket.js';
import { keepSeatTokens, seatTokens } from '../net/seats.js';
import { initialState, joining, receive, tokenOfSeat, type AppState } from './state.js';
import { createStore, type Store } from './store.js';

/** An answer in words: the server refused, or there is no connection. */
export type Refusal = { readonly refused: string };

export interface Client {
  readonly store: Store<AppState>;
  /** Keeps the topic coming until the returned function is called. */
  watch(topic: Topic): () => void;
  /** Resolves to the room's id, or to why there is none. */
  createRoom(game: string, seats: SeatRequest[]): Promise<{ readonly roomId: string } | Refusal>;
  /** The room that the page shows; undefined for none. */
  enter(roomId: string | undefined): void;
  takeSeat(seat: 0 | 1): void;
  move(action: number): void;
  takeBack(): void;
  resign(): void;
  newGame(swap: boolean): void;
  setAgent(seat: 0 | 1, agent: string, strength: Strength | undefined): void;
  /** What the agent thinks of the position after `ply` moves; the room hears of it too. */
  analyse(ply: number, agent: string, strength: Strength | undefined): Promise<Analysis | Refusal>;
  /** Keeps a tournament's figures coming until the returned function is called. */
  watchTournament(id: string): () => void;
  /** Its games, newest first: all, those of one player, or those of two against each other; from the `offset`-th on. */
  tournamentGames(id: string, players: readonly string[], offset: number): Promise<ServerMessageOf<'tournament-games'> | Refusal>;
  tournamentGame(id: string, game: number): Promise<TournamentGame | Refusal>;
  pauseTraining(pause: boolean): void;
  /** Absolute address of an agent's model.onnx; undefined where it has none to fetch. */
  modelUrl(agent: AgentView): string | undefined;
  dismissNotice(): void;
  retry(): void;
}

type Answer = (message: ServerMessage) => void;

const OFFLINE = 'There is no connection to the server just now.';

function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function createClient(page: Pick<Location, 'protocol' | 'host' | 'href'>, storage: Storage, open?: OpenSocket): Client {
  const store = createStore<AppState>(initialState);
  const topics = new Map<Topic, number>();
  const waiting = new Map<number, Answer>();
  let nextRequest = 1;
  let tournament: string | undefined;

  const socket: ServerSocket = connect(socketUrl(page), { ready, message, lost, refused }, open);

  function notice(text: string): void {
    store.update((s) => ({ ...s, notice: text }));
  }

  /** Sends, or says that it could not. */
  function send(message: ClientMessage): boolean {
    const sent = socket.send(message);
    if (!sent) notice(OFFLINE);
    return sent;
  }

  function request(make: (requestId: number) => ClientMessage): Promise<ServerMessage | Refusal> {
    const requestId = nextRequest++;
    if (!socket.send(make(requestId))) return Promise.resolve({ refused: OFFLINE });
    return new Promise((resolve) => {
      waiting.set(requestId, (answer) => resolve(answer.type === 'error' ? { refused: answer.message } : answer));
    });
  }

  function join(fresh: boolean): void {
    const { joined, room, epoch } = store.get();
    if (joined === undefined) return;
    const known = !fresh && room !== undefined && epoch !== undefined ? { since: room.snapshot.seq, epoch } : {};
    socket.send({ type: 'join-room', requestId: 0, roomId: joined.roomId, seatTokens: joined.tokens.filter((t) => t !== null), ...known });
  }

  function ready(): void {
    for (const topic of topics.keys()) socket.send({ type: 'subscribe', topic });
    if (tournament !== undefined) void askTournament(tournament);
    join(false);
    resendMove();
  }

  async function askTournament(id: string): Promise<void> {
    const answer = await request((requestId) => ({ type: 'watch-tournament', requestId, tournamentId: id }));
    // Without a connection it is asked again as soon as there is one.
    if ('refused' in answer && store.get().connection === 'open') store.update((s) => ({ ...s, tournaments: { ...s.tournaments, gone: { id, reason: answer.refused } } }));
  }

  /** Idempotent by its id: if the server has it already, it only answers again. */
  function resendMove(): void {
    const room = store.get().room;
    if (room?.pending === undefined) return;
    const seatToken = tokenOfSeat(room, room.snapshot.turn);
    if (seatToken !== undefined) socket.send({ type: 'move', roomId: room.snapshot.roomId, seatToken, ...room.pending });
  }

  function message(received: ServerMessage): void {
    const answered = 'requestId' in received ? received.requestId : undefined;
    const hadGap = store.get().room?.gap === true;
    if (received.type === 'error' && answered === 0) {
      // The answer to `join`: the room is not there.
      const roomId = store.get().joined?.roomId ?? '';
      store.update((s) => ({ ...s, room: undefined, joined: undefined, roomGone: { roomId, reason: received.message } }));
    } else {
      store.update((s) => receive(s, received));
    }
    if (received.type === 'room-created') keep(received.roomId, received.seatTokens);
    if (received.type === 'seat-taken') {
      const tokens = [0, 1].map((player) => (player === received.player ? received.seatToken : (seatTokens(storage, received.roomId)[player] ?? null)));
      keep(received.roomId, tokens);
    }
    if (!hadGap && store.get().room?.gap === true) join(true);
    if (answered !== undefined) {
      const answer = waiting.get(answered);
      waiting.delete(answered);
      answer?.(received);
    }
  }

  function keep(roomId: string, tokens: readonly (string | null)[]): void {
    keepSeatTokens(storage, roomId, tokens);
    store.update((s) => joining(s, { roomId, tokens }));
  }

  function lost(seconds: number): void {
    store.update((s) => ({ ...s, connection: 'lost', retryIn: seconds }));
    for (const answer of waiting.values()) answer({ type: 'error', code: 'internal', message: OFFLINE });
    waiting.clear();
  }

  function refused(reason: string): void {
    store.update((s) => ({ ...s, connection: 'refused', notice: reason }));
  }

  /** Room and token for a command of the seat whose turn it is, or else of any seat of ours. */
  function command(): { readonly roomId: string; readonly seatToken: string } | undefined {
    const room = store.get().room;
    if (room === undefined) return undefined;
    const seatToken = tokenOfSeat(room, room.snapshot.turn) ?? room.tokens.find((t) => t !== null);
    return seatToken === undefined || seatToken === null ? undefined : { roomId: room.snapshot.roomId, seatToken };
  }

  return {
    store,
    watch(topic) {
      const users = topics.get(topic) ?? 0;
      topics.set(topic, users + 1);
      if (users === 0) socket.send({ type: 'subscribe', topic });
      return () => {
        const left = (topics.get(topic) ?? 1) - 1;
        if (left > 0) return void topics.set(topic, left);
        topics.delete(topic);
        socket.send({ type: 'unsubscribe', topic });
      };
    },
    async createRoom(game, seats) {
      const answer = await request((requestId) => ({ type: 'create-room', requestId, game, seats }));
      if ('refused' in answer) return answer;
      return answer.type === 'room-created' ? { roomId: answer.roomId } : { refused: 'The server gave an unexpected answer.' };
    },
    enter(roomId) {
      const before = store.get().joined?.roomId;
      if (before === roomId) return;
      if (before !== undefined) socket.send({ type: 'leave-room', roomId: before });
      store.update((s) => joining(s, roomId === undefined ? undefined : { roomId, tokens: seatTokens(storage, roomId) }));
      join(true);
    },
    takeSeat(seat) {
      const room = store.get().room;
      if (room !== undefined) send({ type: 'take-seat', roomId: room.snapshot.roomId, seat });
    },
    move(action) {
      const room = store.get().room;
      if (room === undefined || room.pending !== undefined) return;
      const { snapshot } = room;
      const seatToken = tokenOfSeat(room, snapshot.turn);
      if (seatToken === undefined || !snapshot.legal.some((l) => l.action === action)) return;
      const pending = { clientMoveId: randomId(), ply: snapshot.moves.length, action };
      if (!send({ type: 'move', roomId: snapshot.roomId, seatToken, ...pending })) return;
      store.update((s) => (s.room === undefined ? s : { ...s, room: { ...s.room, pending }, notice: undefined }));
    },
    takeBack: () => withSeat((seat) => send({ type: 'takeback', ...seat })),
    resign: () => withSeat((seat) => send({ type: 'resign', ...seat })),
    newGame: (swap) => withSeat((seat) => send({ type: 'new-game', ...seat, swap })),
    setAgent: (seat, agent, strength) => withSeat((own) => send({ type: 'set-agent', ...own, seat, agent, strength })),
    async analyse(ply, agent, strength) {
      const roomId = store.get().room?.snapshot.roomId;
      if (roomId === undefined) return { refused: 'There is no game to ask about.' };
      const answer = await request((requestId) => ({ type: 'analyse', requestId, roomId, ply, agent, strength }));
      if ('refused' in answer) return answer;
      return answer.type === 'analysis' ? answer.analysis : { refused: 'The server gave an unexpected answer.' };
    },
    watchTournament(id) {
      tournament = id;
      store.update((s) => ({ ...s, tournaments: { ...s.tournaments, gone: undefined, view: s.tournaments.view?.id === id ? s.tournaments.view : undefined } }));
      void askTournament(id);
      return () => {
        if (tournament !== id) return;
        tournament = undefined;
        socket.send({ type: 'watch-tournament', tournamentId: null });
      };
    },
    async tournamentGames(id, players, offset) {
      const answer = await request((requestId) => ({ type: 'tournament-games', requestId, tournamentId: id, players: [...players], offset }));
      if ('refused' in answer) return answer;
      return answer.type === 'tournament-games' ? answer : { refused: 'The server gave an unexpected answer.' };
    },
    async tournamentGame(id, game) {
      const answer = await request((requestId) => ({ type: 'tournament-game', requestId, tournamentId: id, game }));
      if ('refused' in answer) return answer;
      return answer.type === 'tournament-game' ? answer.game : { refused: 'The server gave an unexpected answer.' };
    },
    modelUrl: (agent) => (agent.model ? new URL(`.${modelPath(agent.id, 'model.onnx')}`, page.href).href : undefined),
    pauseTraining: (pause) => void send({ type: 'training-control', command: pause ? 'pause' : 'resume' }),
    dismissNotice: () => store.update((s) => ({ ...s, notice: undefined })),
    retry: () => socket.retry(),
  };

  function withSeat(act: (seat: { readonly roomId: string; readonly seatToken: string }) => void): void {
    const seat = command();
    if (seat !== undefined) act(seat);
  }
}
