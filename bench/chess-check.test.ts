import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createRng } from '#engine';
import { checkChess } from './chess-check.js';

test('chess: moves, SAN, FEN and endings are those of chess.js in 1,500 positions', () => {
  // Late positions of games reach the endings.
  const starts = readFileSync(new URL('../testdata/chess-tactics.csv', import.meta.url), 'utf8').trim().split('\n').slice(1).map((row) => row.split(',')[0]);
  const result = checkChess(1500, createRng('chess check'), starts);
  expect(result.differences).toEqual([]);
  expect(result.positions).toBe(1500);
});
