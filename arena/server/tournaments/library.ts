/**
 * The tournaments on this machine, found in the folders where the command line keeps them: `tournaments/` of the working
 * directory, of the run that is shown, and of the runs in `runs/`. Whoever asks names one by an id of this list; paths
 * stay here. Reading and rating take the time they take: this runs on a thread of its own.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, type Stats } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { RatingList, TournamentGame, TournamentGameRow, TournamentListing, TournamentView } from '#arena/protocol';
import type { LedgerHeader } from '../../tournament/ledger.js';
import { LedgerFile, headerOf, isBeingWritten, parsed, readLines } from './ledger-file.js';
import { gameOf, gamesOf, lineOf, nameOf, viewOf } from './views.js';

export interface LibraryPlaces {
  /** Folder of the run that the server shows. */
  readonly runDir: string;
  /** Whose tournaments/ and runs/ are searched. */
  readonly workDir: string;
}

/** An id that is not in the list, or a ledger that cannot be shown: the message is for whoever asked. */
export class NotThere extends Error {
  override readonly name = 'NotThere';
}

/** More than these are not listed; a larger ledger is not opened, since its games are kept in memory. */
const MAX_LEDGERS = 1000;
const MAX_RUNS = 500;
const MAX_BYTES = 256 << 20;
const MAX_OPEN = 6;
const MAX_RATINGS_BYTES = 4 << 20;
/** A standing that took t to calculate is calculated anew after this many t, so that it never takes more than a share of the thread. */
const REST = 4;

interface Entry {
  readonly id: string;
  readonly file: string;
  readonly run: string | null;
  /** Up to where `lines` counts, and what the head says. */
  offset: number;
  lines: number;
  inode: number;
  header: LedgerHeader | undefined;
}

interface Opened { readonly ledger: LedgerFile; version: string; view: TournamentView; restUntil: number }

const stats = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false });
const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
};

export class TournamentLibrary {
  private readonly places: LibraryPlaces;
  private readonly entries = new Map<string, Entry>();
  private readonly open = new Map<string, Opened>();

  constructor(places: LibraryPlaces) {
    this.places = { runDir: resolve(places.runDir), workDir: resolve(places.workDir) };
  }

  /** Those that changed last first. */
  list(): TournamentListing[] {
    const found = this.find();
    for (const id of this.entries.keys()) if (!found.has(id)) this.entries.delete(id);
    for (const [id, file] of found) if (!this.entries.has(id)) this.entries.set(id, { id, file, run: runOf(file), offset: 0, lines: 0, inode: -1, header: undefined });
    return [...this.entries.values()].map((entry) => listingOf(entry)).filter((listing) => listing !== undefined).sort((a, b) => Number(b.running) - Number(a.running) || b.changed - a.changed);
  }

  /** What stands on record now; unchanged (by `version`) for a moment after a calculation that took long. */
  view(id: string): { readonly version: string; readonly view: TournamentView } {
    const entry = this.entry(id);
    const info = stats(entry.file);
    if (info === undefined) throw new NotThere('the ledger of this tournament is gone');
    if (info.size > MAX_BYTES) throw new NotThere(`its ledger has ${Math.round(info.size / 2 ** 20)} MB; at most ${MAX_BYTES / 2 ** 20} are opened here. \`ludus rate\` reads it`);
    const running = isBeingWritten(entry.file);
    const version = `${info.ino} ${info.size} ${info.mtimeMs} ${running}`;
    let opened = this.open.get(id);
    const now = performance.now();
    if (opened !== undefined && (opened.version === version || now < opened.restUntil)) return opened;
    const ledger = opened?.ledger ?? new LedgerFile(entry.file);
    try {
      ledger.refresh();
    } catch (error) {
      throw new NotThere(`its ledger cannot be read: ${error instanceof Error ? error.message : 'unknown'}`);
    }
    const view = viewOf(ledger, { id, name: lineOf(ledger.header?.name) || basename(entry.file, '.jsonl').slice(0, 200), run: entry.run, running, changed: info.mtimeMs });
    const end = performance.now();
    opened = { ledger, version, view, restUntil: end + REST * (end - now) };
    this.open.delete(id);
    this.open.set(id, opened);
    for (const oldest of this.open.keys()) {
      if (this.open.size <= MAX_OPEN) break;
      this.open.delete(oldest);
    }
    return opened;
  }

  games(id: string, players: readonly string[], offset: number): { total: number; games: TournamentGameRow[] } {
    return gamesOf(this.ledger(id), players, offset);
  }

  game(id: string, number: number): TournamentGame {
    const game = gameOf(this.ledger(id), number);
    if (game === undefined) throw new NotThere('this tournament has no such game');
    return game;
  }

  /** ratings.json of the run; undefined while there is none that can be read. `version` changes with it. */
  ratings(): { readonly version: string; readonly list: RatingList } | undefined {
    const file = join(this.places.runDir, 'ratings.json');
    const info = stats(file);
    if (info === undefined || !info.isFile() || info.size > MAX_RATINGS_BYTES) return undefined;
    const list = ratingListOf(parsed(readFileSync(file, 'utf8')), (ledger) => this.listed(join(this.places.runDir, 'tournaments', basename(ledger))));
    return list === undefined ? undefined : { version: `${info.mtimeMs} ${info.size}`, list };
  }

  private listed(file: string): string | undefined {
    return existsSync(file) ? idOf(file) : undefined;
  }

  private ledger(id: string): LedgerFile {
    this.view(id);
    return this.open.get(id)!.ledger;
  }

  private entry(id: string): Entry {
    if (!this.entries.has(id)) this.list();
    const entry = this.entries.get(id);
    if (entry === undefined) throw new NotThere('there is no such tournament here');
    return entry;
  }

  /** Files by id. */
  private find(): Map<string, string> {
    const { runDir, workDir } = this.places;
    const runs = namesIn(join(workDir, 'runs')).slice(0, MAX_RUNS).map((name) => join(workDir, 'runs', name));
    const found = new Map<string, string>();
    for (const folder of new Set([runDir, workDir, ...runs].map((place) => join(place, 'tournaments')))) {
      for (const name of namesIn(folder)) {
        if (name.endsWith('.jsonl') && found.size < MAX_LEDGERS) found.set(idOf(join(folder, name)), join(folder, name));
      }
    }
    return found;
  }
}

function idOf(file: string): string {
  const hash = createHash('sha256').update(file).digest('hex').slice(0, 8);
  return `${basename(file, '.jsonl').replaceAll(/[^A-Za-z0-9_-]+/g, '-').slice(0, 60)}-${hash}`;
}

/** The run that a ledger belongs to, by its folder's name. */
function runOf(file: string): string | null {
  const run = dirname(dirname(file));
  return existsSync(join(run, 'run.json')) ? basename(run).slice(0, 128) : null;
}

/** undefined for a file that is no ledger at all. */
function listingOf(entry: Entry): TournamentListing | undefined {
  const info = stats(entry.file);
  if (info === undefined || !info.isFile()) return undefined;
  const fallback = { id: entry.id, name: basename(entry.file, '.jsonl').slice(0, 200), run: entry.run, changed: info.mtimeMs };
  const empty = { ...fallback, game: '', format: '', players: 0, names: [], games: 0, running: false, created: '' };
  try {
    if (info.ino !== entry.inode || info.size < entry.offset) Object.assign(entry, { inode: info.ino, offset: 0, lines: 0, header: undefined });
    if (info.size > entry.offset) {
      entry.offset = readLines(entry.file, entry.offset, (line) => {
        if (entry.lines++ === 0) entry.header = headerOf(line);
      });
    }
  } catch (error) {
    return { ...empty, fault: lineOf(error instanceof Error ? error.message : 'it cannot be read') };
  }
  const { header } = entry;
  if (header === undefined) return { ...empty, fault: entry.lines === 0 ? 'it is empty' : 'its first line does not say what is played' };
  const { plan } = header;
  return {
    ...fallback, name: lineOf(header.name) || fallback.name,
    game: nameOf(plan.game.id), format: nameOf(plan.format), players: plan.players.length, names: plan.players.slice(0, 8).map((player) => lineOf(player.name)),
    games: entry.lines - 1, running: isBeingWritten(entry.file), created: nameOf(header.created), fault: null,
  };
}

type Loose = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Loose => typeof value === 'object' && value !== null && !Array.isArray(value);
const objects = (value: unknown): Loose[] => (Array.isArray(value) ? value.filter(isObject) : []);
const real = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);
const whole = (value: unknown): number => Math.max(0, Math.floor(real(value) ?? 0));

/** What `writeRatingList` wrote; undefined when it is something else. */
function ratingListOf(value: unknown, idOfLedger: (file: string) => string | undefined): RatingList | undefined {
  if (!isObject(value) || value.format !== 1 || !Array.isArray(value.players)) return undefined;
  return {
    updated: nameOf(value.updated), model: nameOf(value.model), virtualDraws: real(value.virtualDraws) ?? 0,
    anchors: Object.entries(isObject(value.anchors) ? value.anchors : {}).flatMap(([name, elo]) => (real(elo) === null ? [] : [{ name: lineOf(name), elo: real(elo) ?? 0 }])),
    players: objects(value.players).slice(0, 512).map((player) => ({
      name: lineOf(player.name), agent: lineOf(player.agent), elo: real(player.elo), error: real(player.error), games: whole(player.games), points: real(player.points) ?? 0,
      group: Math.floor(real(player.group) ?? -1),
    })),
    groups: whole(value.groups), advantage: real(value.advantage), games: whole(value.games),
    tournaments: objects(value.ledgers).slice(0, 512).flatMap((ledger) => {
      const file = typeof ledger.file === 'string' ? ledger.file : '';
      const id = idOfLedger(file);
      return id === undefined ? [] : [{ id, name: basename(file, '.jsonl').slice(0, 200), games: whole(ledger.games) }];
    }),
  };
}
