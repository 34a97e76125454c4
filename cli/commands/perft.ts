/** `ludus perft`: leaves of the tree of legal chess moves, the usual check of a move generator. */
import { readFileSync } from 'node:fs';
import { UserError } from '#engine';
import { perftFile, perftPosition } from '#arena';
import { Progress, count, printResult, table } from '../output.js';

interface PerftCommand {
  readonly file?: string;
  readonly chess960?: boolean;
  readonly json?: boolean;
}

export function perft(fen: string | undefined, depth: string | undefined, options: PerftCommand): void {
  if (options.file !== undefined) {
    if (fen !== undefined || options.chess960) throw new UserError('usage', 'with --file the positions and depths are those of the file: leave FEN, DEPTH and --chess960 out');
    ofFile(options.file, options.json === true);
    return;
  }
  if (fen === undefined || depth === undefined) throw new UserError('usage', 'perft takes a position and a depth, such as: ludus perft startpos 5, or a file: ludus perft --file FILE.csv');
  if (!/^\d{1,2}$/.test(depth)) throw new UserError('usage', `the depth of perft is a whole number from 0 to 99, not '${depth.slice(0, 40)}' (a FEN stands in quotes)`);
  ofPosition(fen, Number(depth), options);
}

function ofPosition(fen: string, depth: number, options: PerftCommand): void {
  let progress: Progress | undefined;
  const result = perftPosition(fen, depth, options.chess960, (done, total, nodes) => (progress ??= new Progress('perft', total, 'moves', options.json)).update(done, `${count(nodes)} nodes`));
  progress?.end();
  printResult(options.json === true, result, () =>
    [
      ...(depth > 1 ? [table(Object.entries(result.moves).map(([move, nodes]) => [move, count(nodes)]), [false, true])] : []),
      `${count(result.nodes)} nodes at depth ${depth}, ${count(result.nodesPerSecond)}/s`,
    ].join('\n'),
  );
}

function ofFile(file: string, json: boolean): void {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError('usage', `cannot read ${file}: ${(error as Error).message.split(',')[0]}`);
  }
  let progress: Progress | undefined;
  const report = perftFile(text, file, (done, total) => (progress ??= new Progress('perft', total, 'positions', json)).update(done));
  progress?.end();
  printResult(json, report, () =>
    [
      ...report.wrong.map((w) => `line ${w.line}: ${count(w.nodes)} nodes at depth ${w.depth} where the file says ${count(w.expected)}: ${w.fen}`),
      `${count(report.positions)} positions, ${report.wrong.length === 0 ? 'all as the file says' : `${report.wrong.length} wrong`}, ${count(report.nodesPerSecond)} nodes/s`,
    ].join('\n'),
  );
  if (report.wrong.length > 0) process.exitCode = 1;
}
