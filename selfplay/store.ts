/**
 * The replay store: every finished game of a run, in LMDB (crash-safe, one writer, many readers).
 * A game is acknowledged when its transaction is committed, and then outlives a killed process; a power cut may take
 * what was not yet `flushed`. Totals are kept in the same transactions, so that they never disagree with the games.
 */
import { closeSync, existsSync, openSync, readSync, statSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { open, type Database, type RootDatabase, type TransactionFlags } from 'lmdb';
import { UserError } from '#engine';
import { EPISODE_FORMAT } from './codec.js';
import { makeFolder } from './files.js';

export interface StoreOptions {
  /** To read, games of what it is a variant of will do. */
  readonly game: { readonly id: string; readonly version: number; readonly variantOf?: string };
  /** Most trained positions kept; the oldest games go first. */
  readonly capacity: number;
  /** Only to read, while another process may write; it must be there. */
  readonly readOnly?: boolean;
}

/** What the store must know of a game besides its bytes. */
export interface StoredEpisode {
  readonly id: string;
  /** Trained positions. */
  readonly positions: number;
  /** `encodeEpisode` of it. */
  readonly bytes: Uint8Array;
}

export interface StoreTotals {
  /** Games ever acknowledged. */
  readonly games: number;
  /** Trained positions ever acknowledged. */
  readonly positions: number;
  readonly storedGames: number;
  readonly storedPositions: number;
}

interface Head {
  readonly format: number;
  readonly game: string;
  readonly version: number;
}

interface Counters {
  games: number;
  positions: number;
  storedPositions: number;
  /** Sequence number of the oldest game kept. */
  first: number;
  /** Sequence number of the next game. */
  next: number;
}

const PAGE = 8192;
/** Abortable, committed when it returns, flushed to the disk soon after. */
const COMMIT: TransactionFlags = 1 | 2 | 0x10000;

export class ReplayStore {
  private readonly root: RootDatabase;
  /** Sequence number -> bytes. */
  private readonly episodes: Database<Uint8Array, number>;
  /** Episode id -> sequence number; makes appending idempotent. */
  private readonly ids: Database<number, string>;
  /** Sequence number -> [id, positions]. */
  private readonly index: Database<[string, number], number>;
  private readonly meta: Database<Head | Counters, string>;
  private readonly capacity: number;
  private readonly path: string;
  private readonly readOnly: boolean;
  private counters: Counters;

  /** Opens or creates the store in folder `path`. Throws UserError('data') when it is damaged or of another game. */
  constructor(path: string, options: StoreOptions) {
    this.path = path;
    this.capacity = options.capacity;
    const { readOnly = false } = options;
    this.readOnly = readOnly;
    if (readOnly && !existsSync(join(path, 'data.mdb'))) throw new UserError('data', `there is no store of games in ${path}`);
    checkStoreFile(path);
    try {
      if (!readOnly) makeFolder(path);
      // LMDB's own readOnly is not used: one process cannot open a store in both ways.
      this.root = open({ path, encoding: 'msgpack', maxDbs: 8, cache: false, pageSize: PAGE });
      this.episodes = this.root.openDB({ name: 'episodes', encoding: 'binary', keyEncoding: 'uint32' });
      this.ids = this.root.openDB({ name: 'ids', encoding: 'msgpack' });
      this.index = this.root.openDB({ name: 'index', encoding: 'msgpack', keyEncoding: 'uint32' });
      this.meta = this.root.openDB({ name: 'meta', encoding: 'msgpack' });
      const head = this.meta.get('head') as Head | undefined;
      if (head === undefined && readOnly) {
        throw new UserError('data', `the store in ${path} is empty`);
      } else if (head === undefined) {
        const { id, version } = options.game;
        this.meta.putSync('head', { format: EPISODE_FORMAT, game: id, version });
      } else {
        checkHead(head, options, path);
      }
      this.counters = (this.meta.get('counters') as Counters | undefined) ?? { games: 0, positions: 0, storedPositions: 0, first: 0, next: 0 };
    } catch (error) {
      throw storeError(error, path);
    }
  }

  get totals(): StoreTotals {
    this.refresh();
    const { games, positions, storedPositions, first, next } = this.counters;
    return { games, positions, storedPositions, storedGames: next - first };
  }

  /**
   * Appends games in one transaction; one that is already there, by id, changes nothing. In the same transaction `revised`
   * games, of the same positions with newer targets, take the places of those with their ids; one that is not there (any
   * more) is ignored. Returns, once committed, which of the appended games were new. Throws UserError('environment') when the disk is full: then none of them was stored, and nothing
   * stored before is lost. Synchronous (well under a millisecond: the flush to disk follows in another thread), since
   * lmdb's queued transactions end the process when a commit fails.
   */
  append(episodes: readonly StoredEpisode[], revised: readonly StoredEpisode[] = []): boolean[] {
    const next = { ...this.counters };
    try {
      const fresh = this.root.transactionSync(() => {
        const flags = episodes.map((episode) => this.add(episode, next));
        for (const episode of revised) this.replace(episode);
        this.evict(next);
        this.meta.put('counters', next);
        return flags;
      }, COMMIT);
      this.counters = next;
      return fresh;
    } catch (error) {
      throw storeError(error, this.path);
    }
  }

  private add({ id, positions, bytes }: StoredEpisode, counters: Counters): boolean {
    if (this.ids.doesExist(id)) return false;
    const sequence = counters.next++;
    this.episodes.put(sequence, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    this.ids.put(id, sequence);
    this.index.put(sequence, [id, positions]);
    counters.games++;
    counters.positions += positions;
    counters.storedPositions += positions;
    return true;
  }

  private replace({ id, bytes }: StoredEpisode): void {
    const sequence = this.ids.get(id);
    if (sequence !== undefined) this.episodes.put(sequence, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }

  private evict(counters: Counters): void {
    while (counters.storedPositions > this.capacity && counters.first < counters.next - 1) {
      const sequence = counters.first++;
      const entry = this.index.get(sequence);
      this.episodes.remove(sequence);
      this.index.remove(sequence);
      if (entry === undefined) continue;
      this.ids.remove(entry[0]);
      counters.storedPositions -= entry[1];
    }
  }

  /** Bytes of the newest games that together hold at least `positions` trained positions, oldest first. */
  *latest(positions: number): Generator<Uint8Array> {
    let from = this.counters.next;
    for (let held = 0; from > this.counters.first && held < positions; ) held += this.index.get(--from)?.[1] ?? 0;
    for (; from < this.counters.next; from++) {
      const bytes = this.episodes.get(from);
      if (bytes !== undefined) yield bytes;
    }
  }

  /** Games from a sequence number on, in the order in which they came: those that were there when it was called. */
  *since(sequence: number): Generator<[sequence: number, bytes: Uint8Array]> {
    this.refresh();
    const { first, next } = this.counters;
    for (let at = Math.max(first, sequence); at < next; at++) {
      const bytes = this.episodes.get(at);
      if (bytes !== undefined) yield [at, bytes];
    }
  }

  /** Another process may have written. */
  private refresh(): void {
    if (!this.readOnly) return;
    // Else it goes on to show what was there at the last look.
    this.root.resetReadTxn();
    this.counters = (this.meta.get('counters') as Counters | undefined) ?? this.counters;
  }

  has(id: string): boolean {
    return this.ids.doesExist(id);
  }

  /** Resolves when all that was acknowledged also outlives a power cut. */
  async flushed(): Promise<void> {
    await this.root.flushed;
  }

  async close(): Promise<void> {
    await this.root.flushed;
    await this.root.close();
  }
}

/**
 * Refuses a truncated or foreign file before LMDB maps it, since reading a page beyond the file's end kills the process
 * by a signal. Both meta pages say how many pages the file has: the newer one counts.
 */
export function checkStoreFile(path: string): void {
  const file = join(path, 'data.mdb');
  if (!existsSync(file)) return;
  const { size } = statSync(file);
  const head = Buffer.alloc(160);
  const handle = openSync(file, 'r');
  try {
    let pageSize = PAGE;
    let lastPage = -1;
    let newest = -1;
    for (const page of [0, 1]) {
      if (readSync(handle, head, 0, head.length, page * pageSize) < head.length) throw damaged(path, `it ends after ${size} bytes`);
      if (head.readUInt32LE(24) !== 0xbeefc0de) throw damaged(path, 'its header is not that of a store');
      pageSize = head.readUInt32LE(48);
      const transaction = Number(head.readBigUInt64LE(152));
      if (transaction <= newest) continue;
      newest = transaction;
      lastPage = Number(head.readBigUInt64LE(144));
    }
    const expected = (lastPage + 1) * pageSize;
    if (size < expected) throw damaged(path, `it has ${size} of ${expected} bytes: it was cut off`);
  } finally {
    closeSync(handle);
  }
}

function checkHead(head: Head, options: StoreOptions, path: string): void {
  const { id, version } = options.game;
  // Only to read: the games of a store are all of one kind.
  const same = head.game === id || (options.readOnly === true && head.game === options.game.variantOf);
  if (!same || head.version !== version) {
    throw new UserError('data', `${path} holds games of ${head.game} version ${head.version}, not of ${id} version ${version}; choose another run directory`);
  }
  if (head.format !== EPISODE_FORMAT) throw new UserError('data', `${path} has replay format ${head.format}; this program reads ${EPISODE_FORMAT}; choose another run directory`);
}

function damaged(path: string, why: string): UserError {
  return new UserError('data', `the store ${join(path, 'data.mdb')} is damaged: ${why}; move the folder ${path} away to go on without its games`);
}

/** What LMDB threw, in words for a person. */
export function storeError(error: unknown, path: string): Error {
  if (error instanceof UserError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const code = (error as { code?: unknown }).code;
  // LMDB takes a write that was cut short by a full disk for an input/output error.
  if (code === 'ENOSPC' || code === 28 || (code === 5 && freeBytes(path) < 1 << 20) || /no space left|disk quota/i.test(text)) {
    return new UserError('environment', `no space left for the store ${path}: free some, then run the same command; games already stored are kept`);
  }
  if (code === 'EACCES' || code === 13 || code === 'EROFS' || code === 30 || /permission denied|read-only/i.test(text)) return new UserError('environment', `cannot write the store ${path}: ${text}`);
  if (code === 5) return new UserError('environment', `the disk of the store ${path} fails: ${text}; games already stored are kept`);
  if (/MDB_(CORRUPTED|INVALID|VERSION_MISMATCH|PAGE_NOTFOUND|BAD)/.test(text)) return damaged(path, text);
  return error instanceof Error ? error : new Error(text);
}

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}
