/** All rooms: opening them, forgetting them, and telling those who watch. */
import type { Game } from '#engine';
import { encode, type ClockRule, type NumberedEvent, type RoomListing, type Seat, type SeatRequest, type Strength } from '#arena/protocol';
import type { Catalogue } from './catalogue.js';
import type { Connection } from './connection.js';
import type { GameLog } from './game-log.js';
import type { Limits } from './limits.js';
import type { Referee } from './referee.js';
import { Refusal } from './refusal.js';
import { Room, type Player } from './room.js';
import { hashToken, newRoomId, newToken } from './tokens.js';

export interface RoomsSettings {
  readonly epoch: string;
  readonly limits: Limits;
  readonly catalogue: Catalogue;
  readonly gameLog: GameLog;
  readonly now: () => number;
  /** The list of rooms is not what it was. */
  readonly onListing: () => void;
}

/** Rooms in a listing, at most: the liveliest. */
const LISTED = 50;

export class Rooms {
  private readonly settings: RoomsSettings;
  private readonly rooms = new Map<string, Room>();
  private readonly watchers = new Map<Room, Set<Connection>>();
  /** The last game of each room that is in the log. */
  private readonly logged = new Map<Room, string>();
  referee: Referee | undefined;

  constructor(settings: RoomsSettings) {
    this.settings = settings;
  }

  get size(): number {
    return this.rooms.size;
  }

  /** Throws Refusal('unknown-room'). */
  get(id: string): Room {
    const room = this.rooms.get(id);
    if (room === undefined) throw new Refusal('unknown-room', 'there is no such room; rooms that nobody uses are closed after a while');
    return room;
  }

  isWatched(room: Room): boolean {
    return (this.watchers.get(room)?.size ?? 0) > 0;
  }

  /** `tokens[player]`: of the creator's seats. Throws Refusal. */
  create(game: Game, seats: readonly SeatRequest[], setup: string | undefined): { room: Room; tokens: (string | null)[] } {
    if (seats.length !== game.seats) throw new Refusal('bad-message', `${game.name} has ${game.seats} seat${game.seats === 1 ? '' : 's'}, not ${seats.length}`);
    this.sweep();
    if (this.rooms.size >= this.settings.limits.rooms) throw new Refusal('limit', `all ${this.settings.limits.rooms} rooms are in use; try again later`);
    const tokens: (string | null)[] = [];
    const players = seats.map((seat, i): Player => {
      if (seat.kind === 'agent') {
        tokens.push(null);
        return { ...this.agentPlayer(game.id, seat.agent, seat.strength, seat.clock), present: 0 };
      }
      const token = seat.open === true ? null : newToken();
      tokens.push(token);
      const view = { kind: 'human' as const, name: seat.name ?? `Player ${i + 1}`, taken: token !== null, connected: false, forfeitAt: null, clock: seat.clock ?? null };
      return { view, present: 0, ...(token === null ? { person: i + 1 } : { tokenHash: hashToken(token), person: 0 }) };
    });
    const room = new Room({
      id: newRoomId(), epoch: this.settings.epoch, game, setup, players, eventsKept: this.settings.limits.eventsKept, now: this.settings.now,
      onEvents: (changed, events) => this.tell(changed, events),
    });
    this.rooms.set(room.id, room);
    this.watchers.set(room, new Set());
    return { room, tokens };
  }

  agentPlayer(game: string, agent: string, strength: Strength | undefined, clock?: ClockRule): Pick<Player, 'view' | 'spec'> {
    const entry = this.settings.catalogue.get(game, agent);
    const adjustable = entry.view.simulations !== null;
    const { simulations, millis } = this.settings.limits;
    const allowed = strength === undefined || !adjustable ? undefined
      : 'simulations' in strength ? { simulations: Math.min(strength.simulations, simulations) } : { millis: Math.min(strength.millis, millis) };
    const shown = allowed ?? (entry.view.simulations === null ? null : { simulations: entry.view.simulations.default });
    return { view: { kind: 'agent', agent, name: entry.view.name, strength: shown, clock: clock ?? null }, spec: entry.spec(allowed) };
  }

  /** Brings a socket into a room; with tokens it is present as those players. Throws Refusal. */
  enter(connection: Connection, room: Room, tokens: readonly string[]): void {
    const shown = tokens.map((token) => room.authorise(token).player);
    let players = connection.rooms.get(room);
    if (players === undefined) {
      if (connection.rooms.size >= this.settings.limits.roomsPerConnection) throw new Refusal('limit', `one connection may be in ${this.settings.limits.roomsPerConnection} rooms; leave one`);
      connection.rooms.set(room, (players = new Set<Seat>()));
      this.watchers.get(room)?.add(connection);
      this.settings.onListing();
    }
    for (const player of shown) {
      if (players.has(player)) continue;
      players.add(player);
      room.presence(player, 1);
    }
  }

  leave(connection: Connection, room: Room): void {
    const players = connection.rooms.get(room);
    if (players === undefined) return;
    connection.rooms.delete(room);
    this.watchers.get(room)?.delete(connection);
    room.touched = this.settings.now();
    for (const player of players) room.presence(player, -1);
    this.settings.onListing();
  }

  listing(): RoomListing[] {
    const rooms = [...this.rooms.values()].sort((a, b) => b.touched - a.touched).slice(0, LISTED);
    return rooms.map((room) => ({
      roomId: room.id, game: room.game.id, seats: room.snapshot.seats.map((seat) => seat.name), plies: room.snapshot.moves.length,
      over: room.snapshot.result !== null, open: room.snapshot.seats.some((seat) => seat.kind === 'human' && !seat.taken), watchers: this.watchers.get(room)?.size ?? 0,
    }));
  }

  /** Forgets rooms that nobody has watched for a while. */
  sweep(): void {
    const { finishedRoomMillis, idleRoomMillis } = this.settings.limits;
    for (const room of this.rooms.values()) {
      if (this.isWatched(room)) continue;
      const idle = this.settings.now() - room.touched;
      if (idle < (room.snapshot.result === null ? idleRoomMillis : finishedRoomMillis)) continue;
      this.referee?.stop(room);
      this.rooms.delete(room.id);
      this.watchers.delete(room);
      this.logged.delete(room);
      this.settings.onListing();
    }
  }

  private tell(room: Room, events: NumberedEvent[]): void {
    const watchers = this.watchers.get(room);
    if (watchers !== undefined && watchers.size > 0) {
      const bytes = encode({ type: 'room-events', roomId: room.id, events });
      for (const connection of watchers) connection.sendEvents(room, bytes);
    }
    const { result, gameNumber } = room.snapshot;
    if (result !== null && this.logged.get(room) !== `${gameNumber}`) {
      // A finished game may be taken back and finished again: the log keeps the first end.
      this.logged.set(room, `${gameNumber}`);
      this.settings.gameLog.append(room.snapshot);
    }
    if (this.rooms.has(room.id)) this.referee?.attend(room);
    this.settings.onListing();
  }
}
