/**
 * What stands in for the server on a page without one: it answers the same messages, holds the rooms, and asks the
 * thinking thread. Everything that looks at a game stays as it is.
 */
import { OVER, type Game } from '#engine';
import { makeAnalysis } from '#arena/browser';
import { PROTOCOL, type Analysis, type AgentView, type ClientMessage, type ClientMessageOf, type OfflineManifest, type SeatView, type ServerMessage, type Strength } from '#arena/protocol';
import type { Loading } from '../thinker/messages.js';
import type { Thinker } from '../thinker/thinker.js';
import { allowed, offlineLimits, type OfflineCatalogue } from './catalogue.js';
import { OfflineRoom, Refused } from './room.js';
import { putAway, takeDown } from './shelf.js';

/** Positions that the exact solver may visit for one analysis: about a second. */
const SOLVER_NODES = 2_000_000;
/** An agent agrees to a draw when it expects no more than this for itself. */
const DRAW_MARGIN = 0.08;

export interface OfflineSettings {
  readonly manifest: OfflineManifest;
  readonly games: readonly Game[];
  readonly catalogue: OfflineCatalogue;
  readonly thinker: Thinker;
  readonly storage: Storage;
  readonly send: (message: ServerMessage) => void;
  /** undefined once nothing is being fetched any more. */
  readonly onLoading: (loading: Loading | undefined) => void;
  readonly now: () => number;
  readonly randomId: (characters: number) => string;
}

export class OfflineServer {
  private readonly settings: OfflineSettings;
  private readonly epoch = 'offline';
  private room: OfflineRoom | undefined;
  private moving: AbortController | undefined;
  private asked: AbortController | undefined;
  private turnSince = 0;

  constructor(settings: OfflineSettings) {
    this.settings = settings;
  }

  /** Answers one message; what takes time answers later. */
  receive(message: ClientMessage): void {
    const requestId = 'requestId' in message ? message.requestId : undefined;
    const refuse = (error: unknown): void => {
      const code = error instanceof Refused ? error.code : 'internal';
      this.settings.send({ type: 'error', requestId, code, message: error instanceof Error ? error.message : String(error) });
    };
    try {
      this.handle(message)?.catch(refuse);
    } catch (error) {
      refuse(error);
    }
  }

  private handle(message: ClientMessage): Promise<void> | undefined {
    const { send, manifest, games, catalogue, now } = this.settings;
    switch (message.type) {
      case 'hello':
        send({
          type: 'welcome', protocol: PROTOCOL, version: manifest.version, epoch: this.epoch, time: Math.round(now()), adminToken: false,
          games: manifest.games.filter((view) => games.some((game) => game.id === view.id)), agents: [...catalogue.views], training: null, limits: offlineLimits,
        });
        return undefined;
      case 'create-room': return void this.create(message);
      case 'join-room': return void this.join(message);
      case 'leave-room':
        this.moving?.abort();
        this.asked?.abort();
        this.room = undefined;
        return undefined;
      case 'move': return void this.move(message);
      case 'takeback':
        this.own(message).takeBack();
        return this.attend();
      case 'resign': {
        const room = this.own(message);
        const seat = room.seatOf(message.seatToken);
        room.finish({ returns: seat === 0 ? -1 : 1, winner: seat === 0 ? 1 : 0, reason: 'resigned' });
        return this.attend();
      }
      case 'new-game':
        this.own(message).newGame(message.swap === true, message.setup);
        return this.attend();
      case 'set-agent': {
        const room = this.own(message);
        room.setAgent(message.seat, this.agentSeat(room.game, message.agent, message.strength));
        return this.attend();
      }
      case 'offer-draw': return this.offerDraw(message);
      case 'hint': return this.hint(message);
      case 'analyse': return this.analyse(message);
      case 'cancel': return void this.asked?.abort();
      case 'subscribe':
        if (message.topic === 'rooms') send({ type: 'rooms', rooms: [] });
        if (message.topic === 'tournaments') send({ type: 'tournaments', tournaments: [] });
        return undefined;
      case 'unsubscribe': return undefined;
      case 'take-seat':
      case 'answer-offer':
      case 'tree':
      case 'review':
      case 'runs':
      case 'run-history':
      case 'watch-tournament':
      case 'tournament-games':
      case 'tournament-game':
      case 'training-control':
        throw new Refused('not-allowed', 'This page plays without a server: there is no such thing here.');
      default: return message satisfies never;
    }
  }

  private agentSeat(game: Game, id: string, strength: Strength | undefined): SeatView {
    const view = this.settings.catalogue.find(game.id, id);
    if (view === undefined) throw new Refused('unknown-agent', `there is no agent '${id}' for this game`);
    return { kind: 'agent', agent: id, name: view.name, strength: allowed(view, strength), clock: null };
  }

  private readonly told = (room: OfflineRoom, numbered: Parameters<ConstructorParameters<typeof OfflineRoom>[2]>[1]): void => {
    if (this.room !== room) return;
    this.settings.send({ type: 'room-events', roomId: room.snapshot.roomId, events: [numbered] });
    if (numbered.event.type !== 'analysis' && numbered.event.type !== 'thinking') putAway(this.settings.storage, room);
  };

  private create(message: ClientMessageOf<'create-room'>): void {
    const { games, randomId, send, storage } = this.settings;
    const game = games.find((g) => g.id === message.game && g.seats === 2);
    if (game === undefined) throw new Refused('unknown-game', `there is no game '${message.game}' here`);
    if (message.seats.some((seat) => seat.kind === 'human' && seat.open === true)) throw new Refused('not-allowed', 'This page plays without a server: a friend can play on this screen, but not by a link.');
    const seats = message.seats.map((seat): SeatView => (seat.kind === 'agent' ? this.agentSeat(game, seat.agent, seat.strength)
      : { kind: 'human', name: seat.name ?? 'A person', taken: true, connected: true, forfeitAt: null, clock: null }));
    const tokens = message.seats.map((seat) => (seat.kind === 'agent' ? null : randomId(32)));
    const room = OfflineRoom.create(game, randomId(16), this.epoch, seats, tokens, message.setup, this.told);
    this.room = room;
    putAway(storage, room);
    send({ type: 'room-created', requestId: message.requestId, roomId: room.snapshot.roomId, seatTokens: [...tokens] });
    send({ type: 'room-snapshot', room: room.snapshot });
    void this.attend();
  }

  private join({ requestId, roomId }: ClientMessageOf<'join-room'>): void {
    const { games, storage, send } = this.settings;
    if (this.room?.snapshot.roomId !== roomId) {
      const stored = takeDown(storage, roomId);
      const game = games.find((g) => g.id === stored?.snapshot.game.id && g.version === stored.snapshot.game.version);
      if (stored === undefined || game === undefined) throw new Refused('unknown-room', 'Games of this page are kept in the browser that played them.');
      this.room = new OfflineRoom(game, stored, this.told);
    }
    send({ type: 'room-snapshot', requestId, room: this.room.snapshot });
    void this.attend();
  }

  private find(roomId: string): OfflineRoom {
    if (this.room?.snapshot.roomId !== roomId) throw new Refused('unknown-room', 'this game is not open');
    return this.room;
  }

  private own(message: { readonly roomId: string; readonly seatToken: string }): OfflineRoom {
    const room = this.find(message.roomId);
    room.seatOf(message.seatToken);
    return room;
  }

  private move({ requestId, roomId, seatToken, clientMoveId, ply, action }: ClientMessageOf<'move'>): void {
    const room = this.own({ roomId, seatToken });
    try {
      if (ply !== room.snapshot.moves.length) throw new Refused('stale', `this would be move number ${ply}; the game is at ${room.snapshot.moves.length}`);
      if (room.seatOf(seatToken) !== room.snapshot.turn) throw new Refused('not-your-turn', 'it is the other side to move');
      const seq = room.play(action, Math.round(this.settings.now() - this.turnSince), clientMoveId);
      this.settings.send({ type: 'move-accepted', requestId, roomId, clientMoveId, ply, seq });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.settings.send({ type: 'move-rejected', requestId, roomId, clientMoveId, code: error.code, message: error.message, room: room.snapshot });
    }
    void this.attend();
  }

  /** Lets the agent think whose turn it is; calls off what was thought of an older position. */
  private async attend(): Promise<void> {
    this.moving?.abort();
    const { room } = this;
    this.turnSince = this.settings.now();
    if (room === undefined || room.snapshot.result !== null) return;
    const { turn } = room.snapshot;
    const seat = turn === 0 || turn === 1 ? room.snapshot.seats[turn] : undefined;
    if (seat?.kind !== 'agent' || (turn !== 0 && turn !== 1)) return;
    const view = this.settings.catalogue.find(room.game.id, seat.agent);
    const moving = new AbortController();
    this.moving = moving;
    const { generation } = room;
    const current = () => this.moving === moving && room.generation === generation && this.room === room;
    room.emit({ type: 'thinking', seat: turn });
    try {
      if (view === undefined) throw new Error(`the agent '${seat.agent}' is not here any more`);
      const ply = room.snapshot.moves.length;
      const { analysis, action } = await this.think(room, ply, view, seat.strength ?? undefined, 'move', moving.signal);
      if (!current()) return;
      if (analysis.value !== null) room.addAnalysis(analysis);
      room.play(action, analysis.millis);
      void this.attend();
    } catch (error) {
      if (!current()) return;
      room.finish({ returns: 0, winner: null, reason: 'agent-failed', detail: error instanceof Error ? error.message.slice(0, 500) : String(error) });
    }
  }

  private async think(room: OfflineRoom, ply: number, view: AgentView, strength: Strength | undefined, source: Analysis['source'], signal: AbortSignal): Promise<{ analysis: Analysis; action: number }> {
    const { thinker, catalogue, onLoading } = this.settings;
    const { setup, moves, gameNumber } = room.snapshot;
    const position = { setup: setup ?? undefined, moves: moves.slice(0, ply).map((move) => move.action) };
    const state = room.positionAfter(ply);
    if (state.turn === OVER) throw new Refused('game-over', 'there is nothing to choose once the game is over');
    const exact = source === 'asked' && this.solved(room.game) ? await thinker.scores(room.game.id, position, SOLVER_NODES, { signal }) : undefined;
    const found = await thinker.analyse(catalogue.place(view, strength), position, gameNumber * 1000 + ply, { signal, onLoading }).finally(() => onLoading(undefined));
    const analysis = makeAnalysis({
      ply, turn: state.turn === 1 ? 1 : 0, agent: view.id, agentName: view.name, source, millis: found.millis, legal: room.legalIn(state),
      thought: { action: found.action, ...(found.value === undefined ? {} : { report: { ...found, value: found.value } }) },
      line: room.nameLine(ply, found.principalVariation.slice(0, 64)), exact: exact?.map((score) => score ?? undefined),
    });
    return { analysis, action: found.action };
  }

  private solved(game: Game): boolean {
    return this.settings.manifest.games.some((view) => view.id === game.id && view.solved);
  }

  /** A later question replaces an earlier one. */
  private question(): AbortSignal {
    this.asked?.abort(new Refused('stale', 'another question took its place'));
    this.asked = new AbortController();
    return this.asked.signal;
  }

  private async analyse({ requestId, roomId, ply, agent, strength }: ClientMessageOf<'analyse'>): Promise<void> {
    const room = this.find(roomId);
    const at = ply ?? room.snapshot.moves.length;
    if (at > room.snapshot.moves.length) throw new Refused('stale', `the game has only ${room.snapshot.moves.length} moves`);
    const view = this.settings.catalogue.find(room.game.id, agent);
    if (view === undefined) throw new Refused('unknown-agent', `there is no agent '${agent}' for this game`);
    const line = () => [room.snapshot.gameNumber, ...room.snapshot.moves.slice(0, at).map((move) => move.action)].join();
    const before = line();
    const { analysis } = await this.think(room, at, view, strength, 'asked', this.question());
    if (this.room !== room || line() !== before) throw new Refused('stale', 'the game has gone another way meanwhile');
    room.addAnalysis(analysis);
    this.settings.send({ type: 'analysis', requestId, roomId, analysis });
  }

  /** By the solver where it knows, else by the opponent, else by tree search. */
  private async hint({ requestId, roomId, seatToken, agent, strength }: ClientMessageOf<'hint'>): Promise<void> {
    const room = this.own({ roomId, seatToken });
    const seat = room.seatOf(seatToken);
    if (room.snapshot.turn !== seat) throw new Refused('not-your-turn', 'it is not your turn');
    const opponent = room.snapshot.seats.find((s) => s.kind === 'agent' && s.agent !== 'random');
    const id = agent ?? (opponent?.kind === 'agent' ? opponent.agent : 'uct');
    const view = this.settings.catalogue.find(room.game.id, id);
    if (view === undefined) throw new Refused('unknown-agent', `there is no agent '${id}' for this game`);
    const ply = room.snapshot.moves.length;
    const { analysis, action } = await this.think(room, ply, view, strength, 'asked', this.question());
    const exact = analysis.exact;
    const best = exact === null ? action : (analysis.actions.find((a) => a.action === action && a.exact === exact) ?? analysis.actions.find((a) => a.exact === exact))?.action ?? action;
    const entry = analysis.actions.find((a) => a.action === best);
    if (room.snapshot.moves.length === ply && room.snapshot.result === null) room.emit({ type: 'hinted', seat, ply });
    this.settings.send({ type: 'hint', requestId, roomId, ply, action: best, name: entry?.name ?? String(best), agentName: exact === null ? view.name : 'Perfect play', value: entry?.value ?? null, exact: exact === null ? null : entry?.exact ?? null });
  }

  /** An agent agrees where it expects nothing better; two at one screen have agreed already. */
  private async offerDraw({ roomId, seatToken }: ClientMessageOf<'offer-draw'>): Promise<void> {
    const room = this.own({ roomId, seatToken });
    if (room.snapshot.result !== null) throw new Refused('game-over', 'the game is over');
    const seat = room.seatOf(seatToken);
    const other = room.snapshot.seats[1 - seat];
    room.emit({ type: 'offered', offer: { kind: 'draw', seat, swap: false, setup: null } });
    const agree = () => room.finish({ returns: 0, winner: null, reason: 'agreed' });
    if (other.kind === 'human') return void (agree(), this.attend());
    const last = room.snapshot.analyses.findLast((a) => a.agent === other.agent && a.source === 'move' && a.value !== null);
    const value = last === undefined || last.value === null ? 1 : last.turn === seat ? -last.value : last.value;
    if (value > DRAW_MARGIN) return void room.emit({ type: 'offer-closed', kind: 'draw', seat, outcome: 'declined' });
    agree();
    return this.attend();
  }
}
