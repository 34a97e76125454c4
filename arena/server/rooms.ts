/** All rooms: opening them, storing and telling what happens in them, who is there, and forgetting them. */
import type { Logger } from 'pino';
import type { Game } from '#engine';
import { encode, type ClockRule, type NumberedEvent, type RoomListing, type RoomSnapshot, type Seat, type SeatRequest, type SeatView, type Strength } from '#arena/protocol';
import type { Catalogue } from './catalogue.js';
import type { Connection } from './connection.js';
import { gameRecord, type GameLog } from './game-log.js';
import type { Limits } from './limits.js';
import type { Referee } from './referee.js';
import { Refusal } from './refusal.js';
import type { RoomStore, StoredRoom } from './room-store.js';
import { Room, type Player, type RoomSettings } from './room.js';
import { hashToken, newRoomId, newToken } from './tokens.js';

export interface RoomsSettings {
  readonly limits: Limits;
  readonly catalogue: Catalogue;
  readonly store: RoomStore;
  readonly gameLog: GameLog;
  readonly log: Logger;
  readonly now: () => number;
  /** The list of rooms is not what it was. */
  readonly onListing: () => void;
  readonly onMove: () => void;
}

/** What is kept beside a room. */
interface Keeping {
  readonly watchers: Set<Connection>;
  /** [player]: the socket that plays for it. */
  readonly holders: (Connection | undefined)[];
  /** Number of the last game that was logged. */
  logged: number;
  /** Events since the last whole record. */
  unrecorded: number;
  deadline?: { readonly at: number; readonly timer: NodeJS.Timeout };
  /** The message of the event that is being told. */
  bytes: Uint8Array;
  /** How many watch, as was told last. */
  told: number;
}

/** Rooms in a listing, at most: the liveliest. */
const LISTED = 50;
/** Events between whole records of a room: what a restart must read again. */
const RECORD_EVERY = 32;
/** A room that nobody has used for this long gives way to a new one when all are in use. */
const YIELDS_AFTER = 10 * 60_000;

export class Rooms {
  private readonly settings: RoomsSettings;
  private readonly rooms = new Map<string, Room>();
  private readonly kept = new Map<Room, Keeping>();
  private closed = false;
  referee: Referee | undefined;

  constructor(settings: RoomsSettings) {
    this.settings = settings;
  }

  get size(): number {
    return this.rooms.size;
  }

  count(): { running: number; finished: number } {
    const finished = [...this.rooms.values()].filter((room) => room.snapshot.result !== null).length;
    return { running: this.rooms.size - finished, finished };
  }

  /** Throws Refusal('unknown-room'). */
  get(id: string): Room {
    const room = this.rooms.get(id);
    if (room === undefined) throw new Refusal('unknown-room', 'there is no such room; rooms that nobody uses are closed after a while');
    return room;
  }

  isWatched(room: Room): boolean {
    return (this.kept.get(room)?.watchers.size ?? 0) > 0;
  }

  /** `tokens[player]`: of the creator's seats; `owner`: for whom its agents think. Throws Refusal. */
  create(game: Game, seats: readonly SeatRequest[], owner: string, options: { readonly setup?: string; readonly hints?: boolean }): { room: Room; tokens: (string | null)[] } {
    const { limits, store } = this.settings;
    if (this.closed) throw new Refusal('closing', 'the server is about to close; try again in a moment');
    if (seats.length !== game.seats) throw new Refusal('bad-message', `${game.name} has ${game.seats} seat${game.seats === 1 ? '' : 's'}, not ${seats.length}`);
    const own = [...this.rooms.values()].filter((room) => room.owner === owner);
    if (own.length >= limits.roomsPerAddress) this.makePlace(own, `${limits.roomsPerAddress} rooms of one address are in use; leave one`, 0);
    if (this.rooms.size >= limits.rooms) this.makePlace([...this.rooms.values()], `all ${limits.rooms} rooms are in use; try again later`, YIELDS_AFTER);
    const tokens: (string | null)[] = [];
    const views: SeatView[] = [];
    const players = seats.map((seat, i): Player => {
      if (seat.kind === 'agent') {
        tokens.push(null);
        const { view, spec } = this.agentPlayer(game.id, seat.agent, seat.strength, seat.clock);
        views.push(view);
        return { spec, present: false };
      }
      const token = seat.open === true ? null : newToken();
      tokens.push(token);
      views.push({ kind: 'human', name: seat.name ?? `Player ${i + 1}`, taken: token !== null, connected: false, forfeitAt: null, clock: seat.clock ?? null });
      return { present: false, ...(token === null ? { person: i + 1 } : { tokenHash: hashToken(token), person: 0 }) };
    });
    const betweenPersons = new Set(players.map((player) => player.person).filter((person) => person !== undefined)).size > 1;
    const room = new Room(this.roomSettings(newRoomId(), game, players, owner), { setup: options.setup, seats: views, hintsAllowed: options.hints ?? !betweenPersons });
    const keeping = this.keep(room, 0);
    store.save(room.id, this.recordOf(room, keeping, room.snapshot));
    this.rooms.set(room.id, room);
    return { room, tokens };
  }

  /** Brings back the stored rooms, as they were. */
  resume(games: ReadonlyMap<string, Game>): void {
    const { store, log, limits, catalogue } = this.settings;
    const stored = [...store.load((id, why) => log.warn({ room: id, why }, 'a stored room cannot be read and stays closed'))];
    stored.sort((a, b) => b[1].touched - a[1].touched);
    for (const [id, from] of stored) {
      const game = games.get(from.snapshot.game.id);
      if (game === undefined || game.version !== from.snapshot.game.version) continue;
      if (this.rooms.size >= limits.rooms) {
        store.remove(id);
        continue;
      }
      try {
        const players = from.players.map(({ tokenHash, person }): Player => ({ present: false, ...(tokenHash === null ? {} : { tokenHash: Buffer.from(tokenHash, 'base64') }), ...(person === null ? {} : { person }) }));
        const room = new Room(this.roomSettings(id, game, players, 'before the restart'), from);
        for (const [seat, view] of room.snapshot.seats.entries()) {
          if (view.kind === 'agent') room.playerAt(seat as Seat).spec = catalogue.find(game.id, view.agent)?.spec(view.strength ?? undefined);
        }
        this.keep(room, from.logged);
        this.rooms.set(id, room);
        room.wake();
        this.referee?.attend(room);
        this.watchTime(room);
      } catch (error) {
        log.warn({ room: id, err: error }, 'a stored room cannot be brought back and stays closed');
      }
    }
    log.info({ rooms: this.rooms.size }, 'rooms resumed');
  }

  agentPlayer(game: string, agent: string, strength: Strength | undefined, clock?: ClockRule): { view: SeatView; spec: string } {
    const entry = this.settings.catalogue.get(game, agent);
    const adjustable = entry.view.simulations !== null;
    const { simulations, millis } = this.settings.limits;
    const allowed = strength === undefined || !adjustable ? undefined
      : 'simulations' in strength ? { simulations: Math.min(strength.simulations, simulations) } : { millis: Math.min(strength.millis, millis) };
    const shown = allowed ?? (entry.view.simulations === null ? null : { simulations: entry.view.simulations.default });
    return { view: { kind: 'agent', agent, name: entry.view.name, strength: shown, clock: clock ?? null }, spec: entry.spec(allowed) };
  }

  /** Brings a socket into a room; with tokens it plays for those players from now on. Throws Refusal. */
  enter(connection: Connection, room: Room, tokens: readonly string[]): void {
    const shown = tokens.map((token) => room.authorise(token).player);
    const { watchers, holders } = this.keeping(room);
    let players = connection.rooms.get(room);
    if (players === undefined) {
      if (connection.rooms.size >= this.settings.limits.roomsPerConnection) throw new Refusal('limit', `one connection may be in ${this.settings.limits.roomsPerConnection} rooms; leave one`);
      connection.rooms.set(room, (players = new Set<Seat>()));
      watchers.add(connection);
      this.settings.onListing();
    }
    for (const player of shown) {
      const before = holders[player];
      if (before === connection) continue;
      holders[player] = connection;
      players.add(player);
      // The newest socket of a seat wins.
      if (before?.rooms.get(room)?.delete(player) === true) before.send({ type: 'seat-elsewhere', roomId: room.id, player });
      room.presence(player, true);
    }
    connection.send({ type: 'room-watchers', roomId: room.id, watchers: this.watching(room) });
  }

  leave(connection: Connection, room: Room): void {
    const players = connection.rooms.get(room);
    const keeping = this.kept.get(room);
    if (players === undefined || keeping === undefined) return;
    connection.rooms.delete(room);
    keeping.watchers.delete(connection);
    for (const player of players) {
      keeping.holders[player] = undefined;
      if (!this.closed) room.presence(player, false);
    }
    room.touched = this.settings.now();
    this.settings.onListing();
  }

  /** The room, for a command with this token from this socket. Throws Refusal: unknown-room, not-your-seat, elsewhere. */
  commanded(connection: Connection, roomId: string, token: string): Room {
    const room = this.get(roomId);
    const { player } = room.authorise(token);
    const holder = this.keeping(room).holders[player];
    if (holder !== undefined && holder !== connection) throw new Refusal('elsewhere', 'this seat is played from another window; join again to play from here');
    return room;
  }

  listing(): RoomListing[] {
    const rooms = [...this.rooms.values()].sort((a, b) => b.touched - a.touched).slice(0, LISTED);
    return rooms.map((room) => ({
      roomId: room.id, game: room.game.id, seats: room.snapshot.seats.map((seat) => seat.name), plies: room.snapshot.moves.length,
      over: room.snapshot.result !== null, open: room.snapshot.seats.some((seat) => seat.kind === 'human' && !seat.taken), watchers: this.keeping(room).watchers.size,
    }));
  }

  /** Once a second: forgets rooms that nobody has watched for a while, and tells how many watch. */
  sweep(): void {
    const { finishedRoomMillis, idleRoomMillis } = this.settings.limits;
    for (const room of this.rooms.values()) {
      const keeping = this.keeping(room);
      const watching = this.watching(room);
      if (watching !== keeping.told) {
        keeping.told = watching;
        const bytes = encode({ type: 'room-watchers', roomId: room.id, watchers: watching });
        for (const connection of keeping.watchers) connection.sendNews(bytes);
      }
      if (keeping.watchers.size > 0) continue;
      const idle = this.settings.now() - room.touched;
      if (idle >= (room.snapshot.result === null ? idleRoomMillis : finishedRoomMillis)) this.forget(room);
    }
  }

  /** No new rooms, no time runs out; everything is in the store already. */
  close(): void {
    this.closed = true;
    for (const { deadline } of this.kept.values()) clearTimeout(deadline?.timer);
  }

  private keep(room: Room, logged: number): Keeping {
    const keeping: Keeping = { watchers: new Set(), holders: room.players.map(() => undefined), logged, unrecorded: 0, bytes: new Uint8Array(0), told: 0 };
    this.kept.set(room, keeping);
    return keeping;
  }

  private keeping(room: Room): Keeping {
    const keeping = this.kept.get(room);
    if (keeping === undefined) throw new Refusal('unknown-room', 'this room has been closed');
    return keeping;
  }

  /** How many are here without a seat. */
  private watching(room: Room): number {
    const { watchers, holders } = this.keeping(room);
    return watchers.size - new Set(holders.filter((holder) => holder !== undefined)).size;
  }

  private roomSettings(id: string, game: Game, players: Player[], owner: string): RoomSettings {
    const { limits, store, now } = this.settings;
    return {
      id, epoch: store.epoch, game, players, owner, now, eventsKept: limits.eventsKept, graceMillis: limits.graceMillis,
      onStore: (room, event, after) => this.store(room, event, after),
      onEvent: (room) => this.tell(room),
    };
  }

  private recordOf(room: Room, keeping: Keeping, snapshot: RoomSnapshot): Omit<StoredRoom, 'events'> {
    const players = room.players.map(({ tokenHash, person }) => ({ tokenHash: tokenHash?.toString('base64') ?? null, person: person ?? null }));
    return { players, logged: keeping.logged, touched: this.settings.now(), snapshot };
  }

  private store(room: Room, numbered: NumberedEvent, after: RoomSnapshot): void {
    const keeping = this.keeping(room);
    const { type } = numbered.event;
    const bytes = encode({ type: 'room-events', roomId: room.id, events: [numbered] });
    // A finished game may be taken back and finished again: the log keeps the first end.
    const ended = after.result !== null && keeping.logged < after.gameNumber;
    const before = keeping.logged;
    if (ended) keeping.logged = after.gameNumber;
    const due = ended || type === 'seat' || type === 'new-game' || keeping.unrecorded + 1 >= RECORD_EVERY;
    const forget = after.seq - this.settings.limits.eventsKept;
    try {
      this.settings.store.append(room.id, {
        seq: numbered.seq, bytes,
        ...(due ? { record: this.recordOf(room, keeping, after), ...(forget > 0 ? { forget } : {}) } : {}),
        ...(ended ? { finished: gameRecord(after) } : {}),
      });
    } catch (error) {
      keeping.logged = before;
      throw error;
    }
    keeping.unrecorded = due ? 0 : keeping.unrecorded + 1;
    keeping.bytes = bytes;
    if (ended) this.settings.gameLog.append(gameRecord(after), (id) => this.settings.store.written(id));
    if (type === 'moved') this.settings.onMove();
  }

  private tell(room: Room): void {
    const { watchers, bytes } = this.keeping(room);
    for (const connection of watchers) connection.sendEvents(room, bytes);
    if (this.rooms.has(room.id)) this.referee?.attend(room);
    this.watchTime(room);
    this.settings.onListing();
  }

  /** Sees to it that the game ends when somebody's time is up. */
  private watchTime(room: Room): void {
    const keeping = this.keeping(room);
    const at = this.closed ? undefined : room.deadline;
    if (keeping.deadline?.at === at) return;
    clearTimeout(keeping.deadline?.timer);
    keeping.deadline = at === undefined ? undefined : { at, timer: setTimeout(() => this.timeUp(room), Math.max(0, at - this.settings.now()) + 1) };
  }

  private timeUp(room: Room): void {
    const keeping = this.kept.get(room);
    if (keeping === undefined || this.closed) return;
    keeping.deadline = undefined;
    try {
      room.expire();
    } catch (error) {
      this.settings.log.error({ room: room.id, err: error }, 'a game whose time is up could not be ended');
    }
    this.watchTime(room);
  }

  /** Of these, the one that nobody has watched for longest gives way, a finished one first; unfinished ones only after a while. Throws Refusal. */
  private makePlace(among: readonly Room[], otherwise: string, after: number): void {
    const now = this.settings.now();
    const running = (room: Room) => room.snapshot.result === null;
    const idle = among.filter((room) => !this.isWatched(room) && (!running(room) || now - room.touched > after));
    const [first] = idle.sort((a, b) => Number(running(a)) - Number(running(b)) || a.touched - b.touched);
    if (first === undefined) throw new Refusal('limit', otherwise);
    this.forget(first);
  }

  private forget(room: Room): void {
    this.referee?.stop(room);
    clearTimeout(this.kept.get(room)?.deadline?.timer);
    this.settings.store.remove(room.id);
    this.rooms.delete(room.id);
    this.kept.delete(room);
    this.settings.onListing();
  }
}
