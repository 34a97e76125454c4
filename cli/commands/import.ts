/** `ludus import`: recorded games into a replay store. */
import { UserError } from '#engine';
import { importPgn, type ImportProgress } from '#selfplay';
import { onInterrupt } from '../interrupt.js';
import { StatusLine, count, duration, percent, printResult } from '../output.js';

interface ImportCommand {
  readonly into: string;
  readonly game: string;
  readonly minElo?: number;
  readonly minPlies: number;
  readonly json?: boolean;
}

/** Bad games that are named one by one; more are only counted. */
const NAMED = 20;

export async function importGames(files: readonly string[], options: ImportCommand): Promise<void> {
  if (options.game !== 'chess') throw new UserError('usage', `PGN records chess, not '${options.game}'`);
  const { result, bad, seconds } = await importFiles(files, options);
  const { imported, positions, duplicates, games, interrupted, filtered } = result;
  const left = Object.entries(filtered).filter(([, n]) => n > 0).map(([why, n]) => `${count(n)} ${why}`);
  printResult(options.json === true, { into: options.into, ...result, badGames: bad, seconds, gamesPerSecond: games / seconds }, () =>
    [
      `${interrupted ? 'Interrupted' : 'Done'}: ${count(imported)} games with ${count(positions)} positions stored in ${options.into}, of ${count(games)} read in ${duration(seconds)} (${count(games / seconds)}/s)`,
      `  ${count(duplicates)} were there already, ${count(result.bad)} could not be read${left.length === 0 ? '' : `, left out: ${left.join(', ')}`}`,
      ...(interrupted ? ['  the same command goes on: what is stored is not stored twice'] : imported + duplicates === 0 ? [] : [`  learn from them: ludus train chess --records ${options.into}`]),
    ].join('\n'),
  );
  if (interrupted) process.exitCode = 130;
  // Files in which there is no game at all are no PGN.
  else if (result.bad > 0 && result.bad === games) process.exitCode = 3;
}

/** With progress and warnings on stderr; also for `train --records FILE.pgn`. */
export async function importFiles(files: readonly string[], { into, minElo, minPlies, json }: Omit<ImportCommand, 'game'>): Promise<{ result: ImportProgress & { interrupted: boolean }; bad: string[]; seconds: number }> {
  const line = new StatusLine(json === true);
  const controller = new AbortController();
  const release = onInterrupt(() => controller.abort());
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  const bad: string[] = [];
  let unnamed = 0;
  try {
    const result = await importPgn({
      files, into, minPlies, signal: controller.signal, ...(minElo === undefined ? {} : { minElo }),
      onProgress: (p) => {
        const share = p.totalBytes > 0 ? `${percent(Math.min(1, p.bytes / p.totalBytes))} · ${duration((seconds() * (p.totalBytes - p.bytes)) / Math.max(1, p.bytes))} left · ` : '';
        line.update(`${share}${count(p.games)} games (${count(p.games / seconds())}/s) · ${count(p.imported)} new, ${count(p.duplicates)} known, ${count(p.bad)} bad`);
      },
      onBad: (file, reason) => {
        if (bad.length >= NAMED) return void unnamed++;
        bad.push(`${file}, ${reason}`);
        line.note(`skipped: ${file}, ${reason}`);
      },
    });
    if (unnamed > 0) line.note(`skipped: ${count(unnamed)} more games that cannot be read`);
    return { result, bad, seconds: seconds() };
  } finally {
    release();
    line.end();
  }
}
