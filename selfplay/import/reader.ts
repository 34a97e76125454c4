/** PGN files as games, a piece at a time: plain or compressed by gzip, or what comes in by a pipe. */
import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';
import { UserError } from '#engine';
import { PgnSplitter, type PgnText } from '#games/chess';

const CHUNK = 1 << 18;

export interface PgnFile {
  readonly name: string;
  /** On the disk; undefined for a pipe. */
  readonly bytes?: number;
  /** Read so far, of those. */
  read: number;
  games(): AsyncGenerator<PgnText[]>;
}

/** `-` is stdin. Throws UserError('usage') for a file that is not there, or is none. */
export function openPgn(path: string, stdin: Readable = process.stdin): PgnFile {
  if (path === '-') return new PgnInput('stdin', undefined, () => stdin);
  let bytes: number;
  try {
    const stat = statSync(path);
    if (!stat.isFile()) throw new UserError('usage', `${path} is not a file; name PGN files (unpack archives first)`);
    bytes = stat.size;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError('usage', `cannot read ${path}: there is no such file`);
  }
  return new PgnInput(path, bytes, () => createReadStream(path, { highWaterMark: CHUNK }));
}

class PgnInput implements PgnFile {
  readonly name: string;
  readonly bytes?: number;
  read = 0;
  private readonly open: () => Readable;

  constructor(name: string, bytes: number | undefined, open: () => Readable) {
    this.name = name;
    if (bytes !== undefined) this.bytes = bytes;
    this.open = open;
  }

  async *games(): AsyncGenerator<PgnText[]> {
    const splitter = new PgnSplitter();
    const decoder = new StringDecoder('utf8');
    const source = this.open();
    source.on('data', (chunk: Buffer) => (this.read += chunk.length));
    source.pause();
    let stream: Readable = source;
    try {
      if (this.name.endsWith('.gz')) {
        stream = source.pipe(createGunzip({ chunkSize: CHUNK }));
        source.on('error', (error) => stream.destroy(error));
      }
      for await (const chunk of stream) {
        const games = splitter.push(decoder.write(chunk as Buffer));
        if (games.length > 0) yield games;
      }
      yield [...splitter.push(decoder.end()), ...splitter.end()];
    } catch (error) {
      if (error instanceof UserError) throw error;
      const code = (error as NodeJS.ErrnoException).code ?? '';
      if (code.startsWith('Z_')) throw new UserError('data', `${this.name} is not whole gzip data: ${(error as Error).message}; the games before are kept`);
      throw new UserError('environment', `cannot read ${this.name}: ${(error as Error).message}; the games before are kept`);
    } finally {
      source.destroy();
    }
  }
}
