/** What a person can do, as messages; and what the page asks again after a reconnect. */
import { answersOf, modelPath, type AgentView, type Analysis, type ClientMessage, type OfferKind, type RunListing, type SeatRequest, type ServerMessage, type ServerMessageOf, type Strength, type Topic, type TournamentGame } from '#arena/protocol';
import { connect, socketUrl, type OpenSocket, type ServerSocket } from '../net/socket.js';
import { keepSeatTokens, seatTokens } from '../net/seats.js';
import { initialState, joining, receive, tokenOfSeat, type AppState, type PendingMove } from './state.js';
import { createStore, type Store } from './store.js';

/** An answer in words: the server refused, or there is no connection. */
export type Refusal = { readonly refused: string };

export interface Client {
  readonly store: Store<AppState>;
  /** Keeps the topic coming until the returned function is called. */
  watch(topic: Topic): () => void;
  /** Resolves to the room's id, or to why there is none. `setup`: in the game's own notation; left out for the usual start. */
  createRoom(game: string, seats: SeatRequest[], setup?: string): Promise<{ readonly roomId: string } | Refusal>;
  /** The room that the page shows; undefined for none. */
  enter(roomId: string | undefined): void;
  takeSeat(seat: 0 | 1): void;
  move(action: number): void;
  takeBack(): void;
  resign(): void;
  offerDraw(): void;
  /** Accept or decline what the other side asks for; withdraw what we asked for. */
  answerOffer(kind: OfferKind, accept: boolean): void;
  newGame(swap: boolean): void;
  /** Takes our seats back from the window where they are played now. */
  playHere(): void;
  /** What should the person at this browser play? */
  hint(): Promise<ServerMessageOf<'hint'> | Refusal>;
  setAgent(seat: 0 | 1, agent: string, strength: Strength | undefined): void;
  /** What the agent thinks of the position after `ply` moves; the room hears of it too. */
  analyse(ply: number, agent: string, strength: Strength | undefined): Promise<Analysis | Refusal>;
  /** The children, and theirs, of the node that `path` leads to in the search of the position after `ply` moves. */
  tree(ply: number, agent: string, strength: Strength | undefined, path: readonly number[], levels: number): Promise<ServerMessageOf<'tree'> | Refusal>;
  /** What the agent's learned model imagines of the moves played after the first `ply`. */
  dream(ply: number, agent: string): Promise<ServerMessageOf<'dream'> | Refusal>;
  /** Has every move of the finished game judged; it arrives in `room.review` bit by bit. Resolves at the first bit. */
  review(agent: string, strength: Strength | undefined): Promise<Refusal | undefined>;
  /** Calls off hint, analysis, tree and review. */
  cancel(): void;
  /** Has the run diagnosed; what was found comes to `training.diagnosis`. */
  diagnose(): Promise<Refusal | undefined>;
  runs(): Promise<readonly RunListing[] | Refusal>;
  runHistory(run: string): Promise<ServerMessageOf<'run-history'> | Refusal>;
  /** Keeps a tournament's figures coming until the returned function is called. */
  watchTournament(id: string): () => void;
  /** Its games, newest first: all, those of one player, or those of two against each other; from the `offset`-th on. */
  tournamentGames(id: string, players: readonly string[], offset: number): Promise<ServerMessageOf<'tournament-games'> | Refusal>;
  tournamentGame(id: string, game: number): Promise<TournamentGame | Refusal>;
  pauseTraining(pause: boolean, adminToken?: string): void;
  /** No server: games and agents are in this page. */
  readonly offline: boolean;
  /** Absolute address of an agent's model.onnx; undefined where it has none to fetch. */
  modelUrl(agent: AgentView): string | undefined;
  /** Absolute address of its dynamics.onnx; undefined where it has learned no model, or it cannot be fetched. */
  dynamicsUrl(agent: AgentView): string | undefined;
  /** What that network's output `policy` holds. */
  modelAnswers(agent: AgentView): Promise<'policy' | 'q'>;
  dismissNotice(): void;
  retry(): void;
}

export interface ClientOptions {
  /** Another way to the server than a WebSocket. */
  readonly open?: OpenSocket;
  readonly offline?: boolean;
  readonly modelUrl?: Client['modelUrl'];
  readonly modelAnswers?: Client['modelAnswers'];
}

type Answer = (message: ServerMessage) => void;

const OFFLINE = 'There is no connection to the server just now.';

/** The answer, when it is of the kind that the request has. */
function answered<T extends ServerMessage['type']>(answer: ServerMessage | Refusal, type: T): ServerMessageOf<T> | Refusal {
  if ('refused' in answer) return answer;
  return answer.type === type ? (answer as ServerMessageOf<T>) : { refused: 'The server gave an unexpected answer.' };
}

function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function createClient(page: Pick<Location, 'protocol' | 'host' | 'href'>, storage: Storage, options: ClientOptions = {}): Client {
  const store = createStore<AppState>(initialState);
  const topics = new Map<Topic, number>();
  const waiting = new Map<number, Answer>();
  let nextRequest = 1;
  let tournament: string | undefined;

  const socket: ServerSocket = connect(socketUrl(page), { ready, message, lost, refused }, options.open);

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
    // Whoever comes back by himself does not take the seats from a window that has them now.
    const tokens = room?.elsewhere === true ? [] : joined.tokens.filter((t) => t !== null);
    const known = !fresh && room !== undefined && epoch !== undefined ? { since: room.snapshot.seq, epoch } : {};
    socket.send({ type: 'join-room', requestId: 0, roomId: joined.roomId, seatTokens: tokens, ...known });
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
    if (seatToken !== undefined) void sendMove(room.snapshot.roomId, seatToken, room.pending);
  }

  /** A move that is refused comes off the board; one that nobody answered is sent again after the reconnect. */
  async function sendMove(roomId: string, seatToken: string, pending: PendingMove): Promise<void> {
    const answer = await request((requestId) => ({ type: 'move', requestId, roomId, seatToken, ...pending }));
    if (!('refused' in answer) || answer.refused === OFFLINE) return;
    store.update((s) => (s.room?.pending?.clientMoveId === pending.clientMoveId ? { ...s, room: { ...s.room, pending: undefined }, notice: answer.refused } : s));
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
    async createRoom(game, seats, setup) {
      const answer = answered(await request((requestId) => ({ type: 'create-room', requestId, game, seats, ...(setup === undefined ? {} : { setup }) })), 'room-created');
      return 'refused' in answer ? answer : { roomId: answer.roomId };
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
      if (store.get().connection !== 'open') return notice(OFFLINE);
      store.update((s) => (s.room === undefined ? s : { ...s, room: { ...s.room, pending }, notice: undefined }));
      void sendMove(snapshot.roomId, seatToken, pending);
    },
    takeBack: () => withSeat((seat) => send({ type: 'takeback', ...seat })),
    resign: () => withSeat((seat) => send({ type: 'resign', ...seat })),
    offerDraw: () => withSeat((seat) => send({ type: 'offer-draw', ...seat })),
    answerOffer: (kind, accept) => withSeat((seat) => send({ type: 'answer-offer', ...seat, kind, accept })),
    playHere() {
      store.update((s) => (s.room === undefined ? s : { ...s, room: { ...s.room, elsewhere: false } }));
      join(true);
    },
    async hint() {
      const seat = command();
      if (seat === undefined) return { refused: 'Only who plays can ask for a hint.' };
      return answered(await request((requestId) => ({ type: 'hint', requestId, ...seat })), 'hint');
    },
    newGame: (swap) => withSeat((seat) => send({ type: 'new-game', ...seat, swap })),
    setAgent: (seat, agent, strength) => withSeat((own) => send({ type: 'set-agent', ...own, seat, agent, strength })),
    async analyse(ply, agent, strength) {
      const roomId = store.get().room?.snapshot.roomId;
      if (roomId === undefined) return { refused: 'There is no game to ask about.' };
      const answer = answered(await request((requestId) => ({ type: 'analyse', requestId, roomId, ply, agent, strength })), 'analysis');
      return 'refused' in answer ? answer : answer.analysis;
    },
    async tree(ply, agent, strength, path, levels) {
      const roomId = store.get().room?.snapshot.roomId;
      if (roomId === undefined) return { refused: 'There is no game to ask about.' };
      return answered(await request((requestId) => ({ type: 'tree', requestId, roomId, ply, agent, strength, path: [...path], levels })), 'tree');
    },
    async dream(ply, agent) {
      const roomId = store.get().room?.snapshot.roomId;
      if (roomId === undefined) return { refused: 'There is no game to ask about.' };
      return answered(await request((requestId) => ({ type: 'dream', requestId, roomId, ply, agent })), 'dream');
    },
    async review(agent, strength) {
      const roomId = store.get().room?.snapshot.roomId;
      if (roomId === undefined) return { refused: 'There is no game to look at.' };
      const answer = await request((requestId) => ({ type: 'review', requestId, roomId, agent, strength }));
      return 'refused' in answer ? answer : undefined;
    },
    cancel: () => void socket.send({ type: 'cancel' }),
    async diagnose() {
      const answer = await request((requestId) => ({ type: 'diagnose', requestId }));
      if (!('refused' in answer)) return undefined;
      store.update((s) => ({ ...s, training: { ...s.training, diagnosing: undefined } }));
      return answer;
    },
    async runs() {
      const answer = answered(await request((requestId) => ({ type: 'runs', requestId })), 'runs');
      return 'refused' in answer ? answer : answer.runs;
    },
    runHistory: async (run) => answered(await request((requestId) => ({ type: 'run-history', requestId, run })), 'run-history'),
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
      return answered(await request((requestId) => ({ type: 'tournament-games', requestId, tournamentId: id, players: [...players], offset })), 'tournament-games');
    },
    async tournamentGame(id, game) {
      const answer = answered(await request((requestId) => ({ type: 'tournament-game', requestId, tournamentId: id, game })), 'tournament-game');
      return 'refused' in answer ? answer : answer.game;
    },
    offline: options.offline === true,
    modelAnswers: options.modelAnswers ?? (async (agent) => {
      const response = await fetch(new URL(`.${modelPath(agent.id, 'checkpoint.json')}`, page.href)).catch(() => undefined);
      const manifest: unknown = response?.ok === true ? await response.json().catch(() => undefined) : undefined;
      return answersOf(typeof manifest === 'object' && manifest !== null && 'algorithm' in manifest ? manifest.algorithm : undefined);
    }),
    modelUrl: options.modelUrl ?? ((agent) => (agent.model ? new URL(`.${modelPath(agent.id, 'model.onnx')}`, page.href).href : undefined)),
    dynamicsUrl: (agent) => (options.offline !== true && agent.model && agent.dreams === true ? new URL(`.${modelPath(agent.id, 'dynamics.onnx')}`, page.href).href : undefined),
    pauseTraining: (pause, adminToken) => void send({ type: 'training-control', command: pause ? 'pause' : 'resume', adminToken }),
    dismissNotice: () => store.update((s) => ({ ...s, notice: undefined })),
    retry: () => socket.retry(),
  };

  function withSeat(act: (seat: { readonly roomId: string; readonly seatToken: string }) => void): void {
    const seat = command();
    if (seat !== undefined) act(seat);
  }
}
