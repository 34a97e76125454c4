/** The runs on this machine, by ids of this list, with their curves: to be laid over each other. Reads files: not for the thread that serves. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { RunListing, RunSettings, Series } from '#arena/protocol';
import { Curves } from './curves.js';
import { observeRun } from './observe.js';
import { readSettings } from './run-settings.js';
import { NotThere, type LibraryPlaces } from './tournaments/library.js';

const MAX_RUNS = 500;

export class RunLibrary {
  private readonly places: LibraryPlaces;

  constructor(places: LibraryPlaces) {
    this.places = { runDir: resolve(places.runDir), workDir: resolve(places.workDir) };
  }

  /** The run that the server shows first, then those that wrote last. */
  list(): RunListing[] {
    return this.found().map(([, listing]) => listing).sort((a, b) => Number(b.live) - Number(a.live) || b.changed - a.changed);
  }

  /** Throws NotThere. */
  async history(id: string): Promise<{ run: RunListing; series: Series[]; settings: RunSettings }> {
    const entry = this.found().find(([, listing]) => listing.id === id);
    if (entry === undefined) throw new NotThere('there is no such run; reload for the present list');
    const [dir, run] = entry;
    const curves = new Curves();
    try {
      for (const sample of await observeRun(dir).history()) curves.add(sample);
    } catch (error) {
      throw new NotThere(`this run cannot be read: ${error instanceof Error ? error.message.split('\n')[0] : 'unknown'}`);
    }
    return { run, series: curves.all(), settings: readSettings(dir) };
  }

  private found(): [dir: string, listing: RunListing][] {
    const folder = join(this.places.workDir, 'runs');
    const dirs = new Set([this.places.runDir, ...namesIn(folder).slice(0, MAX_RUNS).map((name) => join(folder, name))]);
    return [...dirs].flatMap((dir) => {
      const listing = listingOf(dir, dir === this.places.runDir);
      return listing === undefined ? [] : [[dir, listing] as [string, RunListing]];
    });
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** What run.json says; undefined for a folder without one that can be read. */
function listingOf(dir: string, live: boolean): RunListing | undefined {
  try {
    const file = join(dir, 'run.json');
    const { game, elapsedSeconds, games, steps } = JSON.parse(readFileSync(file, 'utf8')) as { game?: { id?: unknown }; elapsedSeconds?: unknown; games?: unknown; steps?: unknown };
    if (typeof game?.id !== 'string') return undefined;
    const number = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0);
    const id = `${basename(dir).replaceAll(/[^A-Za-z0-9_-]/g, '-').slice(0, 64)}-${createHash('sha256').update(dir).digest('hex').slice(0, 12)}`;
    const metrics = statSync(join(dir, 'metrics.jsonl'), { throwIfNoEntry: false });
    return { id, name: basename(dir).slice(0, 128), game: game.id.slice(0, 64), live, elapsed: number(elapsedSeconds), games: Math.round(number(games)), steps: Math.round(number(steps)), changed: (metrics ?? statSync(file)).mtimeMs };
  } catch {
    return undefined;
  }
}
