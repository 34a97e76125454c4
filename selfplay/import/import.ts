/** Recorded games into a store: streamed, so that files of any size take little memory; duplicates and bad games are left out. */
import type { Readable } from 'node:stream';
import { chess } from '#games/chess';
import { encodeEpisode } from '../codec.js';
import { trainedCount } from '../episode.js';
import { openRecords } from '../records.js';
import type { StoredEpisode } from '../store.js';
import { GameImporter, type ImportFilter } from './game.js';
import { openPgn } from './reader.js';

export interface ImportOptions extends ImportFilter {
  /** PGN, .gz of it, or - for stdin. */
  readonly files: readonly string[];
  /** A store's folder, or a run. */
  readonly into: string;
  readonly stdin?: Readable;
  readonly signal?: AbortSignal;
  onProgress?(progress: ImportProgress): void;
  /** A game that cannot be read: file, line and reason. */
  onBad?(file: string, reason: string): void;
}

export interface ImportProgress {
  /** Games seen. */
  readonly games: number;
  /** Newly stored, and their positions. */
  readonly imported: number;
  readonly positions: number;
  /** Stored before, or seen twice. */
  readonly duplicates: number;
  readonly bad: number;
  /** Sound games that were not wanted. */
  readonly filtered: { readonly rating: number; readonly short: number; readonly unfinished: number; readonly variant: number };
  /** Bytes read, and of how many; 0 where nobody knows. */
  readonly bytes: number;
  readonly totalBytes: number;
}

/** Games of one commit. */
const COMMIT = 1000;

/**
 * Imports; an abort ends it early, with every game seen so far stored. Running it again stores nothing twice. Throws
 * UserError for files that cannot be read, when the games before them are stored.
 */
export async function importPgn(options: ImportOptions): Promise<ImportProgress & { readonly interrupted: boolean }> {
  // All are looked for before anything is written.
  const files = options.files.map((path) => openPgn(path, options.stdin));
  const { store, close } = openRecords(options.into, chess);
  const importer = new GameImporter(options);
  const counts = { games: 0, imported: 0, positions: 0, duplicates: 0, bad: 0 };
  const filtered = { rating: 0, short: 0, unfinished: 0, variant: 0 };
  let waiting: StoredEpisode[] = [];
  const progress = (): ImportProgress => ({
    ...counts, filtered: { ...filtered }, bytes: files.reduce((sum, file) => sum + file.read, 0), totalBytes: files.reduce((sum, file) => sum + (file.bytes ?? 0), 0),
  });
  const commit = (): void => {
    const fresh = store.append(waiting);
    fresh.forEach((flag, i) => {
      if (flag) {
        counts.imported++;
        counts.positions += waiting[i].positions;
      } else counts.duplicates++;
    });
    waiting = [];
    options.onProgress?.(progress());
  };
  try {
    for (const file of files) {
      for await (const games of file.games()) {
        for (const { text, line } of games) {
          counts.games++;
          const found = importer.take(text, line);
          if (found.kind === 'episode') waiting.push({ id: found.episode.id, positions: trainedCount(found.episode), bytes: encodeEpisode(found.episode) });
          else if (found.kind === 'filtered') filtered[found.reason]++;
          else {
            counts.bad++;
            options.onBad?.(file.name, found.reason);
          }
          if (waiting.length >= COMMIT) commit();
        }
        if (options.signal?.aborted) break;
      }
      if (options.signal?.aborted) break;
    }
  } finally {
    try {
      commit();
    } finally {
      await close();
    }
  }
  return { ...progress(), interrupted: options.signal?.aborted === true };
}
