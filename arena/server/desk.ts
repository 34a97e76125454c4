/** Answers every message of a greeted socket. Each is checked here and in the room; nothing is believed from before. */
import type { Logger } from 'pino';
import type { Game } from '#engine';
import { CLOSE, PROTOCOL, type ClientMessage, type ClientMessageOf, type ServerMessage } from '#arena/protocol';
import type { Admin } from './admin.js';
import type { Connection } from './connection.js';
import type { Diagnoses } from './diagnoses.js';
import { Inquiries } from './inquiries.js';
import type { Insight } from './insight.js';
import type { Metrics } from './metrics.js';
import type { Referee } from './referee.js';
import { Refusal } from './refusal.js';
import type { Rooms } from './rooms.js';
import type { TournamentFeed } from './tournaments/feed.js';
import type { TrainingFeed } from './training-feed.js';

export interface DeskSettings {
  readonly epoch: string;
  readonly games: ReadonlyMap<string, Game>;
  readonly admin: Admin;
  readonly metrics: Metrics;
  readonly rooms: Rooms;
  readonly referee: Referee;
  readonly insight: Insight;
  readonly feed: () => TrainingFeed | undefined;
  /** undefined where nothing is trained. */
  readonly diagnoses: Diagnoses | undefined;
  readonly tournaments: TournamentFeed;
  readonly welcome: () => ServerMessage;
  readonly log: Logger;
}

export class Desk {
  private readonly settings: DeskSettings;
  private readonly inquiries: Inquiries;

  constructor(settings: DeskSettings) {
    this.settings = settings;
    this.inquiries = new Inquiries(settings.rooms, settings.insight, (connection, error, requestId) => this.refuse(connection, error, requestId));
  }

  handle(connection: Connection, message: ClientMessage): void {
    const requestId = 'requestId' in message ? message.requestId : undefined;
    this.settings.metrics.heard(message.type);
    try {
      if (message.type === 'hello') return this.hello(connection, message);
      if (!connection.greeted) throw new Refusal('bad-message', 'say hello first');
      this.answer(connection, message);
    } catch (error) {
      this.refuse(connection, error, requestId);
    }
  }

  /** The socket is gone. */
  farewell(connection: Connection): void {
    connection.callOff();
    for (const room of connection.rooms.keys()) this.settings.rooms.leave(connection, room);
    connection.topics.clear();
    connection.tournament = undefined;
  }

  private refuse(connection: Connection, error: unknown, requestId: number | undefined): void {
    if (error instanceof Refusal) {
      connection.send({ type: 'error', requestId, code: error.code, message: error.message });
    } else {
      this.settings.log.error({ err: error }, 'a message could not be answered');
      connection.send({ type: 'error', requestId, code: 'internal', message: 'the server made a mistake; it has been noted in its log' });
    }
  }

  private hello(connection: Connection, message: ClientMessageOf<'hello'>): void {
    if (message.protocol !== PROTOCOL) {
      connection.send({ type: 'error', code: 'unsupported-protocol', message: `this server speaks protocol ${PROTOCOL}; reload the page` });
      connection.end(CLOSE.badMessage, 'other protocol');
      return;
    }
    connection.greeted = true;
    connection.send(this.settings.welcome());
  }

  private answer(connection: Connection, message: Exclude<ClientMessage, { type: 'hello' }>): void {
    const { rooms } = this.settings;
    switch (message.type) {
      case 'subscribe':
        return this.subscribe(connection, message);
      case 'unsubscribe':
        connection.topics.delete(message.topic);
        return;
      case 'create-room': {
        const game = this.settings.games.get(message.game);
        if (game === undefined) throw new Refusal('unknown-game', `there is no game '${message.game}'`);
        const { room, tokens } = rooms.create(game, message.seats, connection.address, message);
        connection.send({ type: 'room-created', requestId: message.requestId, roomId: room.id, seatTokens: tokens });
        // Before entering, whose events must find a snapshot to apply to.
        connection.send({ type: 'room-snapshot', requestId: message.requestId, room: room.snapshot });
        rooms.enter(connection, room, tokens.filter((token) => token !== null));
        this.settings.referee.warm(room);
        this.settings.referee.attend(room);
        return;
      }
      case 'join-room':
        return this.join(connection, message);
      case 'leave-room':
        connection.callOff();
        return rooms.leave(connection, rooms.get(message.roomId));
      case 'take-seat': {
        const room = rooms.get(message.roomId);
        const { player, token } = room.takeSeat(message.seat, message.name);
        connection.send({ type: 'seat-taken', requestId: message.requestId, roomId: room.id, player, seatToken: token });
        rooms.enter(connection, room, [token]);
        return;
      }
      case 'move':
        return this.move(connection, message);
      case 'takeback':
        return rooms.commanded(connection, message.roomId, message.seatToken).takeback(message.seatToken);
      case 'resign':
        return rooms.commanded(connection, message.roomId, message.seatToken).resign(message.seatToken);
      case 'new-game':
        return rooms.commanded(connection, message.roomId, message.seatToken).newGame(message.seatToken, message.swap ?? false, message.setup);
      case 'set-agent': {
        const room = rooms.commanded(connection, message.roomId, message.seatToken);
        const { view, spec } = rooms.agentPlayer(room.game.id, message.agent, message.strength);
        room.setAgent(message.seatToken, message.seat, view, spec);
        return this.settings.referee.warm(room);
      }
      case 'analyse':
        return this.inquiries.analyse(connection, message);
      case 'watch-tournament':
        return this.settings.tournaments.watch(connection, message);
      case 'tournament-games':
        return this.later(connection, message.requestId, this.settings.tournaments.games(message));
      case 'tournament-game':
        return this.later(connection, message.requestId, this.settings.tournaments.game(message));
      case 'training-control':
        return this.control(connection, message);
      case 'offer-draw': {
        const room = rooms.commanded(connection, message.roomId, message.seatToken);
        return room.offerDraw(message.seatToken, (seat) => this.settings.referee.agreesToDraw(room, seat));
      }
      case 'answer-offer':
        return rooms.commanded(connection, message.roomId, message.seatToken).answer(message.seatToken, message.kind, message.accept);
      case 'hint':
        return this.inquiries.hint(connection, message);
      case 'tree':
        return this.inquiries.tree(connection, message);
      case 'dream':
        return this.inquiries.dream(connection, message);
      case 'review':
        return this.inquiries.review(connection, message);
      case 'cancel':
        return connection.callOff();
      case 'diagnose':
        return this.later(connection, message.requestId, this.diagnose(message.requestId));
      case 'runs':
        return this.later(connection, message.requestId, this.settings.tournaments.runs(message));
      case 'run-history':
        return this.later(connection, message.requestId, this.settings.tournaments.runHistory(message));
      default:
        message satisfies never;
    }
  }

  private subscribe(connection: Connection, { topic }: ClientMessageOf<'subscribe'>): void {
    if (topic === 'rooms') {
      connection.topics.add(topic);
      connection.send({ type: 'rooms', rooms: this.settings.rooms.listing() });
      return;
    }
    if (topic === 'tournaments') {
      connection.topics.add(topic);
      return this.settings.tournaments.opening(connection, topic);
    }
    const feed = this.settings.feed();
    if (feed === undefined) throw new Refusal('no-training', 'nothing is being trained here');
    connection.topics.add(topic);
    this.settings.tournaments.opening(connection, topic);
    for (const news of feed.opening()) connection.send(news);
    const last = this.settings.diagnoses?.last;
    if (last !== undefined) connection.send({ type: 'diagnosis', diagnosis: last });
  }

  private async diagnose(requestId: number | undefined): Promise<ServerMessage> {
    const { diagnoses } = this.settings;
    if (diagnoses === undefined) throw new Refusal('no-training', 'nothing is being trained here');
    return { type: 'diagnosis', requestId, diagnosis: await diagnoses.ask() };
  }

  private later(connection: Connection, requestId: number | undefined, answer: Promise<ServerMessage>): void {
    answer.then((message) => connection.send(message)).catch((error: unknown) => this.refuse(connection, error, requestId));
  }

  private join(connection: Connection, message: ClientMessageOf<'join-room'>): void {
    const room = this.settings.rooms.get(message.roomId);
    const missed = message.since !== undefined && message.epoch === this.settings.epoch ? room.eventsSince(message.since) : undefined;
    const upTo = room.snapshot.seq;
    // The answer first: entering makes events of its own, which must come after it.
    const tokens = message.seatTokens ?? [];
    for (const token of tokens) room.authorise(token);
    if (missed !== undefined) connection.send({ type: 'room-events', requestId: message.requestId, roomId: room.id, events: missed });
    else connection.send({ type: 'room-snapshot', requestId: message.requestId, room: room.snapshot });
    this.settings.rooms.enter(connection, room, tokens);
    if (room.snapshot.seq === upTo) this.settings.referee.attend(room);
  }

  private move(connection: Connection, message: ClientMessageOf<'move'>): void {
    const { requestId, roomId, clientMoveId } = message;
    const began = performance.now();
    const room = this.settings.rooms.get(roomId);
    try {
      this.settings.rooms.commanded(connection, roomId, message.seatToken);
      const { ply, seq } = room.move(message.seatToken, clientMoveId, message.ply, message.action);
      connection.send({ type: 'move-accepted', requestId, roomId, clientMoveId, ply, seq });
      this.settings.metrics.acknowledge(performance.now() - began);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      connection.send({ type: 'move-rejected', requestId, roomId, clientMoveId, code: error.code, message: error.message, room: room.snapshot });
    }
  }

  private control(connection: Connection, { command, adminToken }: ClientMessageOf<'training-control'>): void {
    const feed = this.settings.feed();
    if (feed === undefined) throw new Refusal('no-training', 'nothing is being trained here');
    const { admin } = this.settings;
    if (!admin.allows(adminToken, connection.peer)) throw new Refusal('not-allowed', admin.needsToken ? 'this needs the admin token' : 'only the machine that trains may pause or resume it');
    if (command === 'pause') feed.view.pause();
    else feed.view.resume();
    connection.send({ type: 'training-status', status: feed.view.status() });
  }
}
