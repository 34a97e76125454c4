/**
 * Checks the Connect Four solver against files of exact scores, with times: `node dist/bench/connect4-check.js
 * FILE.csv [from ply] [to ply]`; exit code 1 on any mismatch. Plies below 10 take seconds a position.
 */
import { readFileSync } from 'node:fs';
import { Connect4Solver, connect4 } from '#games';

const [file = 'testdata/connect4-positions.csv', from = '8', to = '42'] = process.argv.slice(2);
const byPly = new Map<number, [moves: string, scores: string][]>();
for (const line of readFileSync(file, 'utf8').trim().split('\n').slice(1)) {
  const [moves, ply, scores] = line.split(',');
  if (Number(ply) < Number(from) || Number(ply) > Number(to)) continue;
  byPly.set(Number(ply), [...(byPly.get(Number(ply)) ?? []), [moves, scores]]);
}
const solver = new Connect4Solver();
let mismatches = 0;
for (const [ply, rows] of [...byPly].sort(([a], [b]) => b - a)) {
  const times: number[] = [];
  for (const [moves, scores] of rows) {
    const state = connect4.parseSetup?.(moves);
    if (state === undefined) throw new Error(`not a position: '${moves}'`);
    const start = performance.now();
    const found = solver.scores(state).map((score) => score ?? '').join(';');
    times.push(performance.now() - start);
    if (found === scores) continue;
    mismatches++;
    console.log(`MISMATCH ${moves}: ${found}, not ${scores}`);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))].toFixed(1);
  console.log(`ply ${ply}: ${rows.length} positions, all moves: median ${at(0.5)} ms, 90 % under ${at(0.9)} ms, most ${at(1)} ms`);
}
console.log(`${mismatches} mismatches`);
process.exitCode = mismatches === 0 ? 0 : 1;
