/**
 * Importing many games: `node dist/bench/import.js GAMES [FOLDER]` writes PGN of random games (80 plies at most, as
 * make-pgn.ts), imports it, and prints games a second and how the memory of the process went, as JSON.
 */
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { importPgn } from '#selfplay';
import { randomPgn } from './make-pgn.js';

export interface ImportBenchmark {
  games: number;
  pgnBytes: number;
  storeBytes: number;
  imported: number;
  gamesPerSecond: number;
  /** Processor time of the whole process [s]. */
  cpuSeconds: number;
  /** Anonymous resident memory [MiB] after each tenth of the file, and its peak; 0 where the system does not tell. */
  anonymousMiB: readonly number[];
  peakAnonymousMiB: number;
}

function anonymousMiB(): number {
  if (process.platform !== 'linux') return 0;
  return Math.round(Number(/^RssAnon:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1024);
}

export async function benchImport(games: number, parent: string = tmpdir()): Promise<ImportBenchmark> {
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'ludus-import-'));
  try {
    const file = join(folder, 'games.pgn');
    const handle = openSync(file, 'w');
    for (let from = 0; from < games; from += 1000) {
      writeSync(handle, Array.from({ length: Math.min(1000, games - from) }, (_, i) => randomPgn(1, from + i)).join(''));
    }
    closeSync(handle);
    const tenths: number[] = [];
    let peak = 0;
    const cpu = process.cpuUsage();
    const begin = performance.now();
    const result = await importPgn({
      files: [file], into: join(folder, 'store'), minPlies: 10,
      onProgress({ bytes, totalBytes }) {
        const now = anonymousMiB();
        peak = Math.max(peak, now);
        while (tenths.length < Math.floor((10 * bytes) / totalBytes)) tenths.push(now);
      },
    });
    const seconds = (performance.now() - begin) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    return {
      games: result.games, pgnBytes: statSync(file).size, storeBytes: statSync(join(folder, 'store', 'data.mdb')).size, imported: result.imported,
      gamesPerSecond: Math.round(result.games / seconds), cpuSeconds: (user + system) / 1e6, anonymousMiB: tenths, peakAnonymousMiB: peak,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.stdout.write(`${JSON.stringify(await benchImport(Number(process.argv[2] ?? 100_000), process.argv[3]))}\n`);
}
