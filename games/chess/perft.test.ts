import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { makeFen, parseFen } from './fen.js';
import { MAX_MOVES, countMoves, generateMoves, hasMoves } from './moves.js';
import { perft } from './perft.js';
import { UNDO_WORDS } from './position.js';
import type { Position } from './position.js';

function positionOf(fen: string, chess960 = false): Position {
  const parsed = parseFen(fen, { chess960 });
  if (!parsed.ok) throw new Error(`${fen}: ${parsed.error}`);
  return parsed.value;
}

const rows = readFileSync(new URL('../../testdata/chess-perft.csv', import.meta.url), 'utf8').trim().split('\n').slice(1).map((row) => row.split(','));
const fens = [...new Set(rows.map(([fen]) => fen))];

test('leaves as counted by two other programs, up to 1 million a row; the position comes back', () => {
  expect(rows.length).toBe(208);
  for (const [fen, depth, nodes] of rows) {
    if (Number(nodes) > 1_000_000) continue;
    const position = positionOf(fen);
    const before = describePosition(position);
    expect(`${fen} ${depth}: ${perft(position, Number(depth))}`).toBe(`${fen} ${depth}: ${nodes}`);
    expect(describePosition(position)).toBe(before);
  }
});

// The first lines of the usual Chess960 suite (Reinhard Scharnagl's positions, "fischer.epd").
test.each([
  ['bqnb1rkr/pp3ppp/3ppn2/2p5/5P2/P2P4/NPP1P1PP/BQ1BNRKR w HFhf - 2 9', [21, 528, 12189, 326672]],
  ['2nnrbkr/p1qppppp/8/1ppb4/6PP/3PP3/PPP2P2/BQNNRBKR w HEhe - 1 9', [21, 807, 18002, 667366]],
  ['b1q1rrkb/pppppppp/3nn3/8/P7/1PPP4/4PPPP/BQNNRKRB w GE - 1 9', [20, 479, 10471, 273318]],
])('Chess960: %s', (fen, counts) => {
  const position = positionOf(fen, true);
  expect(counts.map((_, i) => perft(position, i + 1))).toEqual(counts);
});

/** All there is to a position. */
function describePosition(position: Position): string {
  return [makeFen(position), position.hashLow, position.hashHigh, ...position.bits].join(' ');
}

describe('what is kept up to date move by move', () => {
  test('boards and hashes equal those of the position read from its FEN, two plies deep', () => {
    const undo = new Int32Array(2 * UNDO_WORDS);
    const visit = (position: Position, depth: number) => {
      expect(describePosition(position)).toBe(describePosition(positionOf(makeFen(position))));
      if (depth === 0) return;
      const moves = new Int32Array(MAX_MOVES);
      const count = generateMoves(position, moves);
      expect(countMoves(position)).toBe(count);
      expect(hasMoves(position)).toBe(count > 0);
      for (let i = 0; i < count; i++) {
        // Every move at the first ply, some at the second.
        if (depth === 1 && i % 7 !== 0) continue;
        position.make(moves[i], undo, (depth - 1) * UNDO_WORDS);
        visit(position, depth - 1);
        position.unmake(moves[i], undo, (depth - 1) * UNDO_WORDS);
      }
    };
    for (const fen of fens.slice(0, 20)) visit(positionOf(fen), 2);
  });
});
