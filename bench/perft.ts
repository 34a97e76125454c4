/**
 * Perft of a whole file, against its figures: `node dist/bench/perft.js FILE.csv`, columns fen,depth,nodes; exit code 1
 * when a figure differs.
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { UserError } from '#engine';
import { parseFen, perft } from '#games/chess';

export interface PerftReport {
  positions: number;
  wrong: { fen: string; depth: number; nodes: number; expected: number }[];
  /** Leaves, the last ply counted in bulk; one thread. */
  nodesPerSecond: number;
}

/** Throws UserError('data') naming the line of what cannot be read. */
export function perftFile(csv: string): PerftReport {
  const lines = csv.split(/\r?\n/);
  if (lines[0].trim() !== 'fen,depth,nodes') throw new UserError('data', `line 1: the columns should be fen,depth,nodes, not '${lines[0].slice(0, 60)}'`);
  const report: PerftReport = { positions: 0, wrong: [], nodesPerSecond: 0 };
  let total = 0;
  const start = performance.now();
  for (const [i, line] of lines.entries()) {
    if (i === 0 || line.trim() === '') continue;
    const match = /^([^,]+),(\d+),(\d+)\s*$/.exec(line);
    if (match === null) throw new UserError('data', `line ${i + 1}: '${line.slice(0, 60)}' is not fen,depth,nodes`);
    const [, fen, depth, expected] = match;
    const parsed = parseFen(fen);
    if (!parsed.ok) throw new UserError('data', `line ${i + 1}: ${parsed.error}`);
    const nodes = perft(parsed.value, Number(depth));
    report.positions++;
    total += nodes;
    if (nodes !== Number(expected)) report.wrong.push({ fen, depth: Number(depth), nodes, expected: Number(expected) });
  }
  report.nodesPerSecond = Math.round((1000 * total) / (performance.now() - start));
  return report;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const report = perftFile(readFileSync(process.argv[2] ?? 'testdata/chess-perft.csv', 'utf8'));
  console.log(JSON.stringify(report));
  process.exitCode = report.wrong.length === 0 ? 0 : 1;
}
