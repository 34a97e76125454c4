/**
 * What stands in for the server on a page without one: it answers the same messages, holds the rooms, and asks the
 * thinking thread. Everything that looks at a game stays as it is.
 */
import type { Game } from '#engine';
import { Insight, Refusal, makeAnalysis, type Looked, type Question } from '#arena/browser';
import { PROTOCOL, type Analysis, type ClientMessage, type ClientMessageOf, type OfflineManifest, type SeatView, type ServerMessage, type Strength } from '#arena/protocol';
import type { Loading } from '../thinker/messages.js';
import type { Thinker } from '../thinker/thinker.js';
import { allowed, offlineLimits, type OfflineCatalogue } from './catalogue.js';
import { OfflineRoom } from './room.js';
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
  private readonly insight: Insight;

  constructor(settings: OfflineSettings) {
    this.settings = settings;
    this.insight = new Insight(this.thinking, settings.catalogue);
  }

  /** Answers one message; what takes time answers later. */
  receive(message: ClientMessage): void {
    const requestId = 'requestId' in message ? message.requestId : undefined;
    const refuse = (error: unknown): void => {
      const code = error instanceof Refusal ? error.code : 'internal';
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
      case 'tree': return this.tree(message);
      case 'review': return this.review(message);
      case 'cancel': return void this.asked?.abort();
      case 'subscribe':
        if (message.topic === 'rooms') send({ type: 'rooms', rooms: [] });
        if (message.topic === 'tournaments') send({ type: 'tournaments', tournaments: [] });
        return undefined;
      case 'unsubscribe': return undefined;
      case 'take-seat':
      case 'answer-offer':
      case 'diagnose':
      case 'runs':
      case 'run-history':
      case 'dream':
      case 'watch-tournament':
      case 'tournament-games':
      case 'tournament-game':
      case 'training-control':
        throw new Refusal('not-allowed', 'This page plays without a server: there is no such thing here.');
      default: return message satisfies never;
    }
  }

  private agentSeat(game: Game, id: string, strength: Strength | undefined): SeatView {
    const { view } = this.settings.catalogue.get(game.id, id);
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
    if (game === undefined) throw new Refusal('unknown-game', `there is no game '${message.game}' here`);
    if (message.seats.some((seat) => seat.kind === 'human' && seat.open === true)) throw new Refusal('not-allowed', 'This page plays without a server: a friend can play on this screen, but not by a link.');
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
      if (stored === undefined || game === undefined) throw new Refusal('unknown-room', 'Games of this page are kept in the browser that played them.');
      this.room = new OfflineRoom(game, stored, this.told);
    }
    send({ type: 'room-snapshot', requestId, room: this.room.snapshot });
    void this.attend();
  }

  private find(roomId: string): OfflineRoom {
    if (this.room?.snapshot.roomId !== roomId) throw new Refusal('unknown-room', 'this game is not open');
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
      if (ply !== room.snapshot.moves.length) throw new Refusal('stale', `this would be move number ${ply}; the game is at ${room.snapshot.moves.length}`);
      if (room.seatOf(seatToken) !== room.snapshot.turn) throw new Refusal('not-your-turn', 'it is the other side to move');
      const seq = room.play(action, Math.round(this.settings.now() - this.turnSince), clientMoveId);
      this.settings.send({ type: 'move-accepted', requestId, roomId, clientMoveId, ply, seq });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
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
    const moving = new AbortController();
    this.moving = moving;
    const { generation } = room;
    const current = () => this.moving === moving && room.generation === generation && this.room === room;
    room.emit({ type: 'thinking', seat: turn });
    try {
      const ply = room.snapshot.moves.length;
      const entry = this.settings.catalogue.get(room.game.id, seat.agent);
      const { thought, millis } = await this.thinking.think({
        room, ply, spec: entry.spec(seat.strength ?? undefined), seed: room.snapshot.gameNumber * 1000 + ply, kind: 'move', owner: 'page', signal: moving.signal,
      });
      if (!current()) return;
      if (thought.report !== undefined) room.addAnalysis(this.thinking.describe(room, ply, thought, { agent: seat.agent, agentName: entry.view.name, source: 'move', millis }));
      room.play(thought.action, Math.round(millis));
      void this.attend();
    } catch (error) {
      if (!current()) return;
      room.finish({ returns: 0, winner: null, reason: 'agent-failed', detail: error instanceof Error ? error.message.slice(0, 500) : String(error) });
    }
  }

  /** What the server's own looks into positions ask, answered by this page's thread. */
  private readonly thinking = {
    think: async ({ room, ply, spec, seed, signal }: Question) => {
      const { thinker, catalogue, onLoading } = this.settings;
      const found = await thinker.analyse(catalogue.place(room.game.id, spec), positionOf(room, ply), seed, { signal, onLoading }).finally(() => onLoading(undefined));
      return { thought: { action: found.action, ...(found.value === undefined ? {} : { report: { ...found, value: found.value } }) }, millis: found.millis };
    },
    scores: async ({ room, ply, signal }: Question) => {
      if (!this.solved(room.game)) return undefined;
      const scores = await this.settings.thinker.scores(room.game.id, positionOf(room, ply), SOLVER_NODES, { signal });
      return scores?.map((score) => score ?? undefined);
    },
    tree: ({ room, ply, spec, seed, signal }: Question, path: readonly number[], levels: number, most: number) => {
      const { thinker, catalogue } = this.settings;
      return thinker.tree(catalogue.place(room.game.id, spec), positionOf(room, ply), seed, { path, levels, most }, { signal });
    },
    describe(room: Looked, ply: number, thought: Parameters<typeof makeAnalysis>[0]['thought'], by: Pick<Analysis, 'agent' | 'agentName' | 'source' | 'millis'>, exact?: readonly (number | undefined)[]): Analysis {
      const state = room.positionAfter(ply);
      const line = thought.report?.principalVariation ?? [];
      return makeAnalysis({ ply, turn: state.turn === 1 ? 1 : 0, ...by, legal: room.legalIn(state), thought, line: room.nameLine(ply, line.slice(0, 64)), exact });
    },
  };

  private solved(game: Game): boolean {
    return this.settings.manifest.games.some((view) => view.id === game.id && view.solved);
  }

  /** A later question replaces an earlier one. */
  private asker(): { owner: string; signal: AbortSignal } {
    this.asked?.abort(new Refusal('stale', 'another question took its place'));
    this.asked = new AbortController();
    return { owner: 'page', signal: this.asked.signal };
  }

  private async analyse({ requestId, roomId, ply, agent, strength }: ClientMessageOf<'analyse'>): Promise<void> {
    const room = this.find(roomId);
    const analysis = await this.insight.analyse(room, ply ?? room.snapshot.moves.length, agent, strength, this.asker());
    room.addAnalysis(analysis);
    this.settings.send({ type: 'analysis', requestId, roomId, analysis });
  }

  private async tree({ requestId, roomId, ply, agent, strength, path, levels }: ClientMessageOf<'tree'>): Promise<void> {
    const room = this.find(roomId);
    this.settings.send({ type: 'tree', requestId, ...(await this.insight.tree(room, ply ?? room.snapshot.moves.length, agent, strength, path, levels, this.asker())) });
  }

  private async review({ requestId, roomId, agent, strength }: ClientMessageOf<'review'>): Promise<void> {
    const room = this.find(roomId);
    const { gameNumber, moves } = room.snapshot;
    const about = { requestId, roomId, gameNumber, agent, agentName: this.insight.nameOf(room, agent), total: moves.length };
    let from = 0;
    for await (const move of this.insight.review(room, agent, strength, this.asker())) this.settings.send({ type: 'review', ...about, from: from++, moves: [move] });
  }

  private async hint({ requestId, roomId, seatToken, agent, strength }: ClientMessageOf<'hint'>): Promise<void> {
    const room = this.own({ roomId, seatToken });
    const seat = room.seatOf(seatToken);
    if (room.snapshot.turn !== seat) throw new Refusal('not-your-turn', 'it is not your turn');
    const hint = await this.insight.hint(room, seat, agent, strength, this.asker());
    room.emit({ type: 'hinted', seat, ply: hint.ply });
    this.settings.send({ type: 'hint', requestId, ...hint });
  }

  /** An agent agrees where it expects nothing better; two at one screen have agreed already. */
  private async offerDraw({ roomId, seatToken }: ClientMessageOf<'offer-draw'>): Promise<void> {
    const room = this.own({ roomId, seatToken });
    if (room.snapshot.result !== null) throw new Refusal('game-over', 'the game is over');
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

function positionOf({ snapshot }: Looked, ply: number): { setup?: string; moves: number[] } {
  return { ...(snapshot.setup === null ? {} : { setup: snapshot.setup }), moves: snapshot.moves.slice(0, ply).map((move) => move.action) };
}
