/** Where generated games go: a replay store, or a file of PGN. Either knows what it holds, so that the work can go on. */
import { appendFileSync, closeSync, existsSync, openSync, readSync, truncateSync } from 'node:fs';
import { dirname, extname } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { type Game, UserError, rulesOf } from '#engine';
import { INITIAL_FEN, PgnSplitter, RESULTS, makePgn, type Result } from '#games/chess';
import { type OpenRecords, encodeEpisode, episodeReturn, openRecords, trainedCount } from '#selfplay';
import { diskError, lockFile, makeFolder } from '#selfplay/system';
import type { GeneratedGame } from './game.js';

export interface Sink {
  has(id: string): boolean;
  /** Returns once the games are written. Throws UserError('environment') when they cannot be. */
  add(games: readonly GeneratedGame[]): void;
  close(): Promise<void>;
}

/** By its name: FILE.pgn is PGN, anything else the folder of a store, or of a run, which has its store in replay/. */
export function openSink(path: string, game: Game, player: string): Sink {
  if (extname(path).toLowerCase() === '.pgn') {
    if (rulesOf(game) !== 'chess') throw new UserError('usage', `--out ${path}: PGN is for chess; name a folder for the games of ${game.name}`);
    return new PgnSink(path, player);
  }
  return new StoreSink(path, game);
}

class StoreSink implements Sink {
  private readonly records: OpenRecords;

  constructor(path: string, game: Game) {
    this.records = openRecords(path, game);
  }

  has(id: string): boolean {
    return this.records.store.has(id);
  }

  add(games: readonly GeneratedGame[]): void {
    this.records.store.append(games.map(({ episode }) => ({ id: episode.id, positions: trainedCount(episode), bytes: encodeEpisode(episode) })));
  }

  close(): Promise<void> {
    return this.records.close();
  }
}

class PgnSink implements Sink {
  private readonly file: string;
  private readonly player: string;
  private readonly ids: Set<string>;
  private readonly unlock: () => void;

  constructor(file: string, player: string) {
    this.file = file;
    this.player = player;
    makeFolder(dirname(file));
    this.unlock = lockFile(`${file}.lock`, (holder) => `${holder} is writing ${file}`);
    this.ids = existsSync(file) ? idsOf(file) : new Set();
  }

  has(id: string): boolean {
    return this.ids.has(id);
  }

  add(games: readonly GeneratedGame[]): void {
    try {
      appendFileSync(this.file, games.map((game) => `${this.pgn(game)}\n`).join(''));
    } catch (error) {
      throw diskError(error, this.file);
    }
    for (const { episode } of games) this.ids.add(episode.id);
  }

  close(): Promise<void> {
    this.unlock();
    return Promise.resolve();
  }

  private pgn({ episode, index, scores, end }: GeneratedGame): string {
    const result: Result = (['0-1', '1/2-1/2', '1-0'] as const)[Math.sign(episodeReturn(episode)) + 1];
    const tags = [['Event', 'ludus generate'], ['Round', String(index + 1)], ['White', this.player], ['Black', this.player], ['GameId', episode.id], ['Termination', end]] as const;
    // A comment tells of the position after its move: of the one that the next label was made for.
    return makePgn({ tags, fen: INITIAL_FEN, actions: [...episode.actions], result, evaluations: scores.slice(1) });
  }
}

/** Games that a file holds. One that a killed process left unfinished is cut off. */
function idsOf(file: string): Set<string> {
  const ids = new Set<string>();
  const splitter = new PgnSplitter();
  const decoder = new StringDecoder('latin1');
  const handle = openSync(file, 'r');
  const chunk = Buffer.alloc(1 << 16);
  let size = 0;
  const take = ({ text }: { readonly text: string }): boolean => {
    const id = /^\[GameId "([^"]*)"\]/m.exec(text)?.[1];
    const whole = RESULTS.some((result) => text.trimEnd().endsWith(result));
    if (id !== undefined && whole) ids.add(id);
    return whole;
  };
  try {
    for (let read = readSync(handle, chunk); read > 0; read = readSync(handle, chunk)) {
      size += read;
      for (const game of splitter.push(decoder.write(chunk.subarray(0, read)))) take(game);
    }
  } finally {
    closeSync(handle);
  }
  for (const game of splitter.end()) if (!take(game)) truncateSync(file, size - Buffer.byteLength(game.text, 'latin1'));
  return ids;
}
