/** Answers what a socket asks about positions: who may ask, one task of each kind at a time, and the answers when they come. */
import type { ClientMessageOf, ReviewedMove } from '#arena/protocol';
import type { Connection } from './connection.js';
import type { Asker, Insight } from './insight.js';
import { Refusal } from './refusal.js';
import type { Room } from './room.js';
import type { Rooms } from './rooms.js';

/** Called with whatever keeps a request from being answered. */
export type Refuse = (connection: Connection, error: unknown, requestId: number | undefined) => void;

/** Milliseconds between pieces of a review: few messages, and something to see soon. */
const PIECE = 250;

export class Inquiries {
  private readonly rooms: Rooms;
  private readonly insight: Insight;
  private readonly refuse: Refuse;

  constructor(rooms: Rooms, insight: Insight, refuse: Refuse) {
    this.rooms = rooms;
    this.insight = insight;
    this.refuse = refuse;
  }

  analyse(connection: Connection, message: ClientMessageOf<'analyse'>): void {
    const room = this.open(message.roomId);
    const ply = message.ply ?? room.snapshot.moves.length;
    this.task(connection, 'analysis', message.requestId, async (asker) => {
      const analysis = await this.insight.analyse(room, ply, message.agent, message.strength, asker);
      room.emit({ type: 'analysis', analysis });
      connection.send({ type: 'analysis', requestId: message.requestId, roomId: room.id, analysis });
    });
  }

  tree(connection: Connection, message: ClientMessageOf<'tree'>): void {
    const room = this.open(message.roomId);
    const ply = message.ply ?? room.snapshot.moves.length;
    this.task(connection, 'analysis', message.requestId, async (asker) => {
      const tree = await this.insight.tree(room, ply, message.agent, message.strength, message.path, message.levels, asker);
      connection.send({ type: 'tree', requestId: message.requestId, ...tree });
    });
  }

  dream(connection: Connection, message: ClientMessageOf<'dream'>): void {
    const room = this.open(message.roomId);
    this.task(connection, 'analysis', message.requestId, async (asker) => {
      connection.send({ type: 'dream', requestId: message.requestId, ...(await this.insight.dream(room, message.ply, message.agent, asker)) });
    });
  }

  hint(connection: Connection, message: ClientMessageOf<'hint'>): void {
    const room = this.rooms.commanded(connection, message.roomId, message.seatToken);
    const seat = room.mayHint(message.seatToken);
    this.task(connection, 'hint', message.requestId, async (asker) => {
      const hint = await this.insight.hint(room, seat, message.agent, message.strength, asker);
      // First the mark, then the hint.
      room.emit({ type: 'hinted', seat, ply: hint.ply });
      connection.send({ type: 'hint', requestId: message.requestId, ...hint });
    });
  }

  review(connection: Connection, message: ClientMessageOf<'review'>): void {
    const room = this.rooms.get(message.roomId);
    const { requestId, agent } = message;
    this.task(connection, 'review', requestId, async (asker) => {
      const { gameNumber, moves } = room.snapshot;
      const about = { requestId, roomId: room.id, gameNumber, agent, agentName: this.insight.nameOf(room, agent), total: moves.length };
      let from = 0;
      let found: ReviewedMove[] = [];
      let told = performance.now();
      const tell = () => {
        connection.send({ type: 'review', ...about, from, moves: found });
        from += found.length;
        found = [];
        told = performance.now();
      };
      for await (const move of this.insight.review(room, agent, message.strength, asker)) {
        found.push(move);
        if (performance.now() - told >= PIECE && from + found.length < moves.length) tell();
      }
      tell();
    });
  }

  /** A room whose positions may be looked into now. Throws Refusal. */
  private open(roomId: string): Room {
    const room = this.rooms.get(roomId);
    if (room.contested && room.snapshot.result === null) throw new Refusal('not-allowed', 'no help while two persons play; analyse when the game is over');
    return room;
  }

  private task(connection: Connection, kind: string, requestId: number | undefined, work: (asker: Asker) => Promise<void>): void {
    const { signal, done } = connection.begin(kind);
    work({ owner: connection.address, signal }).catch((error: unknown) => this.refuse(connection, error, requestId)).finally(done);
  }
}
