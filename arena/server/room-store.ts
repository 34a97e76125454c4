/**
 * Rooms on disk (LMDB): every event is committed before anybody is told of it, so a killed server goes on where it was,
 * under the same epoch and the same numbers. A power cut may take the last moments. A room is its last whole record, and
 * the events since; a finished game waits here until it is a line of games.jsonl.
 */
import { randomBytes } from 'node:crypto';
import { open, type Database, type RootDatabase, type TransactionFlags } from 'lmdb';
import { decode, pack, parseServerMessage, type NumberedEvent, type RoomSnapshot } from '#arena/protocol';
import { checkStoreFile, lockFile, makeFolder, storeError } from '#selfplay/system';

/** A player's private part, in a form that can be packed. */
export interface StoredPlayer {
  /** base64 of the token's hash; null for agents and open seats. */
  readonly tokenHash: string | null;
  readonly person: number | null;
}

export interface StoredRoom {
  readonly players: readonly StoredPlayer[];
  /** Number of the last game that games.jsonl has, or will have. */
  readonly logged: number;
  /** Server time of the last thing that happened there. */
  readonly touched: number;
  readonly snapshot: RoomSnapshot;
  /** Those that are kept, oldest first; some may be newer than the snapshot. */
  readonly events: readonly NumberedEvent[];
}

export interface Entry {
  readonly seq: number;
  /** Of the `room-events` message that tells it. */
  readonly bytes: Uint8Array;
  /** The whole room as it is after the event, where it is worth writing. */
  readonly record?: Omit<StoredRoom, 'events'>;
  /** Events up to this number are not kept any more. */
  readonly forget?: number;
  /** A game that ended: its id and its line. */
  readonly finished?: { readonly id: string; readonly line: string };
}

/** Raised when what is written changes its form: rooms of another form are forgotten. */
const FORMAT = 1;
/** Abortable, committed when it returns, flushed to the disk soon after: well under a millisecond. */
const COMMIT: TransactionFlags = 1 | 2 | 0x10000;

const buffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export class RoomStore {
  /** Names this store's numbering of events. */
  readonly epoch: string;
  private readonly path: string;
  private readonly root: RootDatabase;
  private readonly records: Database<Buffer, string>;
  private readonly events: Database<Buffer, [string, number]>;
  private readonly finished: Database<string, string>;
  private readonly release: () => void;

  /** Throws UserError: 'environment' when another server has it open or it cannot be written, 'data' when it is damaged. */
  constructor(path: string) {
    this.path = path;
    checkStoreFile(path);
    try {
      makeFolder(path);
      this.release = lockFile(`${path}/server.lock`, (holder) => `${path} is in use by ${holder}: a server is running there already; open its page, stop it, or choose another run directory with --run`);
    } catch (error) {
      throw storeError(error, path);
    }
    try {
      this.root = open({ path, encoding: 'msgpack', maxDbs: 8, cache: false, pageSize: 8192 });
      this.records = this.root.openDB({ name: 'rooms', encoding: 'binary' });
      this.events = this.root.openDB({ name: 'events', encoding: 'binary' });
      this.finished = this.root.openDB({ name: 'finished', encoding: 'string' });
      const meta: Database<string, string> = this.root.openDB({ name: 'meta', encoding: 'string' });
      const head = `${FORMAT}`;
      if (meta.get('format') !== head) {
        for (const part of [this.records, this.events, this.finished]) part.clearSync();
        meta.putSync('format', head);
      }
      const epoch = meta.get('epoch') ?? randomBytes(6).toString('hex');
      meta.putSync('epoch', epoch);
      this.epoch = epoch;
    } catch (error) {
      this.release();
      throw storeError(error, path);
    }
  }

  /** Commits the first record of a room, or a new one. Throws UserError when it cannot: then nothing has changed. */
  save(id: string, record: Omit<StoredRoom, 'events'>): void {
    this.commit(() => this.put(id, record));
  }

  /** Commits an event and what goes with it, all or nothing. Throws UserError when it cannot. */
  append(id: string, { seq, bytes, record, forget, finished }: Entry): void {
    this.commit(() => {
      this.events.put([id, seq], buffer(bytes));
      if (record !== undefined) this.put(id, record);
      if (finished !== undefined) this.finished.put(finished.id, finished.line);
      if (forget === undefined) return;
      for (const key of this.events.getKeys({ start: [id, 0], end: [id, forget + 1] })) this.events.remove(key);
    });
  }

  remove(id: string): void {
    this.commit(() => {
      this.records.remove(id);
      for (const key of this.events.getKeys({ start: [id, 0], end: [id, Number.MAX_SAFE_INTEGER] })) this.events.remove(key);
    });
  }

  /** All rooms that can be read; `broken` is told of the others. */
  *load(broken: (id: string, why: string) => void): Generator<[id: string, room: StoredRoom]> {
    for (const { key, value } of this.records.getRange()) {
      const room = this.read(key, value);
      if (typeof room === 'string') broken(key, room);
      else yield [key, room];
    }
  }

  /** Games that ended and are perhaps not yet in games.jsonl, by id. */
  waiting(): [id: string, line: string][] {
    return Array.from(this.finished.getRange(), ({ key, value }): [string, string] => [key, value]);
  }

  /** The game is in games.jsonl. */
  written(id: string): void {
    this.commit(() => void this.finished.remove(id));
  }

  async close(): Promise<void> {
    await this.root.flushed;
    await this.root.close();
    this.release();
  }

  private put(id: string, record: Omit<StoredRoom, 'events'>): void {
    this.records.put(id, buffer(pack(record)));
  }

  private commit(change: () => void): void {
    try {
      this.root.transactionSync(change, COMMIT);
    } catch (error) {
      throw storeError(error, this.path);
    }
  }

  /** The room, or why it is none. Everything is parsed as strictly as if it came from a socket. */
  private read(id: string, bytes: Uint8Array): StoredRoom | string {
    try {
      const { players, logged, touched, snapshot } = decode(bytes) as Partial<StoredRoom>;
      if (!Array.isArray(players) || !players.every(isPlayer) || typeof logged !== 'number' || typeof touched !== 'number') return 'its record is damaged';
      const room = parseServerMessage({ type: 'room-snapshot', room: snapshot });
      if (typeof room === 'string') return room;
      if (room.type !== 'room-snapshot' || room.room.roomId !== id) return 'its record is of another room';
      const events: NumberedEvent[] = [];
      for (const { value } of this.events.getRange({ start: [id, 0], end: [id, Number.MAX_SAFE_INTEGER] })) {
        const message = parseServerMessage(decode(value));
        if (typeof message === 'string') return message;
        if (message.type !== 'room-events') return 'an event is none';
        for (const event of message.events) {
          const after = events.length > 0 ? events[events.length - 1].seq : undefined;
          if (after === undefined ? event.seq > room.room.seq + 1 : event.seq !== after + 1) return 'an event is missing';
          events.push(event);
        }
      }
      return { players, logged, touched, snapshot: room.room, events };
    } catch (error) {
      return error instanceof Error ? error.message : 'unreadable';
    }
  }
}

function isPlayer(value: unknown): value is StoredPlayer {
  if (typeof value !== 'object' || value === null || !('tokenHash' in value) || !('person' in value)) return false;
  return (value.tokenHash === null || typeof value.tokenHash === 'string') && (value.person === null || typeof value.person === 'number');
}
