/**
 * A tournament's ledger as somebody else is writing it: each `refresh` reads only what was appended since the last one. A
 * torn last line is left alone until it is whole; lines that are no games of the tournament are counted and passed over.
 */
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { parseAgentSpec } from '../../agents/spec.js';
import { gameEnds } from '../../referee.js';
import type { LedgerGame, LedgerHeader } from '../../tournament/ledger.js';
import type { Plan } from '../../tournament/plan.js';
import { Standing } from '../../tournament/standing.js';

/** Bytes read at once, and of the longest line. */
const CHUNK = 1 << 20;
const LONGEST_LINE = 16 << 20;
const NEWLINE = 10;

const ends: ReadonlySet<string> = new Set(gameEnds);
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isIndex = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isActions = (value: unknown): value is number[] => Array.isArray(value) && value.every(isIndex);

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The head of a ledger; undefined when the line is none that this program reads. */
export function headerOf(text: string): LedgerHeader | undefined {
  const value = parsed(text);
  if (!isObject(value) || value.ludusLedger !== 1 || !isObject(value.plan)) return undefined;
  const { game, players, format } = value.plan;
  const fit = isObject(game) && typeof game.id === 'string' && typeof format === 'string' && Array.isArray(players) && players.length >= 2
    && players.every((player) => isObject(player) && typeof player.name === 'string' && typeof player.agent === 'string');
  return fit ? (value as unknown as LedgerHeader) : undefined;
}

/** Whether a living process of this machine holds the ledger's lock; of another machine's, nothing is known, and the lock believed. */
export function isBeingWritten(file: string): boolean {
  let text: string;
  try {
    text = readFileSync(`${file}.lock`, 'utf8');
  } catch {
    return false;
  }
  const holder = parsed(text);
  if (!isObject(holder) || typeof holder.pid !== 'number') return false;
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whole lines of a file from `offset` on, without their ends; returns the offset behind the last of them. */
export function readLines(file: string, offset: number, onLine: (line: string) => void): number {
  const handle = openSync(file, 'r');
  try {
    const chunk = Buffer.allocUnsafe(CHUNK);
    let carried: Buffer = Buffer.alloc(0);
    let done = offset;
    for (;;) {
      const length = readSync(handle, chunk, 0, CHUNK, done + carried.length);
      if (length === 0) return done;
      const bytes = Buffer.concat([carried, chunk.subarray(0, length)]);
      let from = 0;
      for (let to = bytes.indexOf(NEWLINE); to >= 0; to = bytes.indexOf(NEWLINE, from)) {
        onLine(bytes.toString('utf8', from, to));
        from = to + 1;
      }
      done += from;
      carried = bytes.subarray(from);
      if (carried.length > LONGEST_LINE) throw new Error('a line of the ledger is too long');
    }
  } finally {
    closeSync(handle);
  }
}

/** Who meets whom, as the plan's format says; see `Plan.couples`. */
function couplesOf({ plan }: LedgerHeader): [number, number][] {
  const players = plan.players.length;
  const challengers = plan.format === 'checkpoints' ? 1 : plan.format === 'gauntlet' ? (plan.challengers ?? 1) : players;
  const couples: [number, number][] = [];
  for (let a = 0; a < Math.min(challengers, players); a++) for (let b = challengers >= players ? a + 1 : challengers; b < players; b++) couples.push([a, b]);
  return couples;
}

/**
 * The plan as far as a standing needs it. The ledger does not say how many pairs are wanted (that may grow), nor how the
 * ratings are to be made: Bradley–Terry, on the game's measured scale where an anchor of it takes part.
 */
function planOf(header: LedgerHeader, couples: readonly (readonly [number, number])[], distinctOpenings: () => number): Plan {
  const { plan } = header;
  const specs = plan.players.flatMap(({ agent }) => {
    try {
      return [parseAgentSpec(agent, { trusted: true })];
    } catch {
      return []; // a remote agent or an engine
    }
  });
  return {
    identity: plan, hash: header.hash, source: header.game, specs, couples, distinctOpenings,
    rounds: Math.floor(Number.MAX_SAFE_INTEGER / couples.length / 4),
    config: { ...(header.name === undefined ? {} : { name: header.name }), sprt: plan.sprt, ratings: { model: 'bt', virtualDraws: 0 } },
    game: { id: plan.game.id },
  } as unknown as Plan; // a standing asks the game for its id alone, and for no opening
}

export class LedgerFile {
  readonly file: string;
  header: LedgerHeader | undefined;
  standing: Standing | undefined;
  /** By 2 × pair + leg, in the order in which they were written last. */
  readonly games = new Map<number, LedgerGame>();
  damaged = 0;
  private readonly openings = new Set<string>();
  private couples: readonly (readonly [number, number])[] = [];
  private offset = 0;
  private inode = -1;

  constructor(file: string) {
    this.file = file;
  }

  /** Reads what is new. Throws when the file is gone or is no ledger. */
  refresh(): void {
    const { size, ino } = statSync(this.file);
    if (ino !== this.inode || size < this.offset) this.forget(ino);
    if (size > this.offset) this.offset = readLines(this.file, this.offset, (line) => this.take(line));
    if (this.header === undefined) throw new Error('it is empty or not a ledger of this version');
  }

  private forget(inode: number): void {
    this.inode = inode;
    this.offset = 0;
    this.header = undefined;
    this.standing = undefined;
    this.games.clear();
    this.openings.clear();
    this.damaged = 0;
  }

  private take(line: string): void {
    if (this.header === undefined) {
      this.header = headerOf(line);
      if (this.header === undefined) throw new Error('its first line does not say what is played');
      this.couples = couplesOf(this.header);
      this.standing = new Standing(planOf(this.header, this.couples, () => this.openings.size));
      return;
    }
    const game = this.gameOf(parsed(line));
    if (game === undefined) {
      this.damaged++;
      return;
    }
    const number = 2 * game.pair + game.leg;
    this.games.delete(number);
    this.games.set(number, game);
    this.openings.add(`${game.opening.setup ?? ''} ${game.opening.seed ?? ''} ${game.opening.moves.join()}`);
    this.standing?.add(game);
  }

  private gameOf(value: unknown): LedgerGame | undefined {
    if (!isObject(value) || !isIndex(value.pair) || (value.leg !== 0 && value.leg !== 1) || value.pair > Number.MAX_SAFE_INTEGER / 8) return undefined;
    if (value.score !== 0 && value.score !== 0.5 && value.score !== 1) return undefined;
    if (typeof value.end !== 'string' || !ends.has(value.end)) return undefined;
    if (!isObject(value.opening) || !isActions(value.opening.moves) || !isActions(value.moves)) return undefined;
    if (value.fault !== undefined && !(isObject(value.fault) && (value.fault.by === 'a' || value.fault.by === 'b') && typeof value.fault.message === 'string')) return undefined;
    const [a, b] = this.couples[value.pair % this.couples.length];
    const players = this.header?.plan.players ?? [];
    return value.a === players[a].name && value.b === players[b].name ? (value as unknown as LedgerGame) : undefined;
  }
}
