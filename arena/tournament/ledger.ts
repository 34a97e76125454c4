/**
 * A tournament on disk: JSON lines, only ever appended. The first says what is played (and its hash), each further one
 * is a finished game. What the plan asks for and the ledger lacks is what is left to play.
 *
 * Each record is one write, so a killed process loses at most the record it was writing: a torn last line, which
 * readers skip and a resume cuts off. The file is synced to disk about once a second and at the end: a power cut costs
 * at most the last second's games, which are then played again.
 */
import { closeSync, existsSync, fdatasync, fdatasyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '#engine';
import { diskError, lockFile, makeFolder } from '#selfplay/system';
import { type GameEnd, type GameRecord, gameEnds } from '../referee.js';
import { type PlanIdentity, difference } from './plan.js';

const FORMAT = 1;

export interface LedgerHeader {
  readonly ludusLedger: number;
  /** Of the program that began it. */
  readonly version: string;
  readonly created: string;
  readonly name?: string;
  /** By which the game can be loaded: an id, or a path. */
  readonly game: string;
  readonly hash: string;
  readonly plan: PlanIdentity;
}

/** A game, with the players by name. */
export interface LedgerGame extends GameRecord {
  readonly a: string;
  readonly b: string;
}

export interface LedgerContent {
  readonly header: LedgerHeader;
  readonly games: readonly LedgerGame[];
  /** The last line was cut off in the middle of being written. */
  readonly torn: boolean;
}

const SYNC_MILLIS = 1000;
const ends: ReadonlySet<string> = new Set<GameEnd>(gameEnds);

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isIndex = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isActions = (value: unknown): boolean => Array.isArray(value) && value.every(isIndex);

/** undefined, or what is wrong with a line that claims to be a game. Checked by hand: a schema would take longer than the ratings. */
function fault(value: unknown, players: ReadonlySet<string>): string | undefined {
  if (!isObject(value)) return 'is not a game';
  if (!isIndex(value.pair) || (value.leg !== 0 && value.leg !== 1)) return 'has no pair and leg';
  if (typeof value.a !== 'string' || typeof value.b !== 'string') return 'does not name its players';
  for (const name of [value.a, value.b]) if (!players.has(name)) return `has a player '${name.slice(0, 60)}' who does not take part`;
  if (value.score !== 0 && value.score !== 0.5 && value.score !== 1) return 'has a score that is not 0, 0.5 or 1';
  if (typeof value.end !== 'string' || !ends.has(value.end)) return 'has an unknown end';
  if (!isObject(value.opening) || !isActions(value.opening.moves) || !isActions(value.moves)) return 'has no moves';
  return undefined;
}

function parseHeader(line: string, file: string): LedgerHeader {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = undefined;
  }
  if (!isObject(value) || typeof value.ludusLedger !== 'number') throw new UserError('data', `${file} is not a tournament's ledger: its first line does not say what was played`);
  if (value.ludusLedger !== FORMAT) throw new UserError('data', `${file} is a ledger of format ${value.ludusLedger}; this program reads format ${FORMAT}`);
  if (typeof value.hash !== 'string' || typeof value.game !== 'string' || !isObject(value.plan) || !Array.isArray(value.plan.players)) throw new UserError('data', `${file}, line 1: the plan is damaged`);
  return value as unknown as LedgerHeader;
}

interface Parsed extends LedgerContent {
  /** Bytes up to the end of the last whole line. */
  readonly whole: number;
}

function parse(bytes: Buffer, file: string): Parsed | undefined {
  const whole = bytes.lastIndexOf(10) + 1;
  if (whole === 0) return undefined;
  const lines = bytes.toString('utf8', 0, whole).split('\n');
  lines.pop();
  const header = parseHeader(lines[0], file);
  const players = new Set(header.plan.players.map((player) => player.name));
  const games: LedgerGame[] = [];
  for (let i = 1; i < lines.length; i++) {
    let value: unknown;
    let wrong: string | undefined;
    try {
      value = JSON.parse(lines[i]);
      wrong = fault(value, players);
    } catch {
      wrong = 'is not valid JSON';
    }
    if (wrong !== undefined) throw new UserError('data', `${file}, line ${i + 1} ${wrong}: the file was damaged or edited; remove that line to play its game again`);
    games.push(value as LedgerGame);
  }
  return { header, games, torn: whole < bytes.length, whole };
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new UserError('usage', `cannot read the ledger ${file}${code === 'ENOENT' ? ': there is no such file' : code === 'EISDIR' ? ': it is a folder' : ''}`);
  }
}

/** Reads a ledger without changing it. Throws UserError('data') naming the line that is wrong; a torn last line is skipped. */
export function readLedger(file: string): LedgerContent {
  const parsed = parse(read(file), file);
  if (parsed === undefined) throw new UserError('data', `${file} is empty or was cut off in its first line: it holds no tournament`);
  return parsed;
}

/** A ledger that is being written. */
export class Ledger {
  readonly file: string;
  readonly header: LedgerHeader;
  /** What was in it when it was opened. */
  readonly before: readonly LedgerGame[];
  /** A torn last line was cut off. */
  readonly repaired: boolean;
  private readonly handle: number;
  private readonly release: () => void;
  private dirty = false;
  private syncing = false;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  private constructor(file: string, header: LedgerHeader, before: readonly LedgerGame[], repaired: boolean, handle: number, release: () => void) {
    this.file = file;
    this.header = header;
    this.before = before;
    this.repaired = repaired;
    this.handle = handle;
    this.release = release;
  }

  /**
   * Begins a ledger, or goes on with one of the same plan. Throws UserError: 'data' for another tournament's (saying
   * where they differ) or a damaged one, 'environment' when another process writes it or the disk refuses.
   */
  static open(file: string, fresh: Omit<LedgerHeader, 'ludusLedger' | 'created'>): Ledger {
    makeFolder(dirname(file));
    const release = lockFile(`${file}.lock`, (holder) => `${file} is being written by ${holder}: wait for it, or choose another with --ledger`);
    let handle: number | undefined;
    try {
      const bytes = existsSync(file) ? read(file) : Buffer.alloc(0);
      const parsed = parse(bytes, file);
      // Some other file that happens to have one line or none must not be overwritten.
      if (parsed === undefined && bytes.length > 0 && !bytes.toString('utf8').startsWith('{"ludusLedger":'.slice(0, bytes.length))) {
        throw new UserError('data', `${file} is not a tournament's ledger; choose another with --ledger`);
      }
      const header: LedgerHeader = parsed?.header ?? { ludusLedger: FORMAT, created: new Date().toISOString(), ...fresh };
      if (header.hash !== fresh.hash) {
        const what = difference(header.plan, fresh.plan);
        throw new UserError('data', `${file} is the ledger of another tournament${what === undefined ? '' : `: ${what}`}; choose another with --ledger`);
      }
      handle = openSync(file, 'a');
      ftruncateSync(handle, parsed?.whole ?? 0);
      const ledger = new Ledger(file, header, parsed?.games ?? [], parsed?.torn ?? bytes.length > 0, handle, release);
      if (parsed === undefined) ledger.write(header);
      ledger.sync();
      return ledger;
    } catch (error) {
      if (handle !== undefined) closeSync(handle);
      release();
      throw error instanceof UserError ? error : diskError(error, file);
    }
  }

  append(game: LedgerGame): void {
    this.write(game);
  }

  /** On disk before it returns. */
  sync(): void {
    fdatasyncSync(this.handle);
    this.dirty = false;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.timer);
    try {
      this.sync();
    } finally {
      closeSync(this.handle);
      this.release();
    }
  }

  private write(line: LedgerHeader | LedgerGame): void {
    try {
      const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
      for (let at = 0; at < bytes.length; ) at += writeSync(this.handle, bytes, at);
    } catch (error) {
      throw diskError(error, this.file);
    }
    this.dirty = true;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.syncLater();
    }, SYNC_MILLIS).unref();
  }

  /** Without holding up the referee. */
  private syncLater(): void {
    if (this.closed || this.syncing || !this.dirty) return;
    this.dirty = false;
    this.syncing = true;
    fdatasync(this.handle, () => (this.syncing = false));
  }
}
