import { expect, test } from 'vitest';
import { perftFile, perftPosition } from './perft.js';

const start = 'rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1';

test('the file: figures that differ are named with their line', () => {
  const report = perftFile(`# made by hand\nnodes,fen,depth,note\n8902,startpos,3,a\n\n401,${start},2,b\n`, 'x.csv');
  expect(report).toMatchObject({ positions: 2, wrong: [{ line: 5, fen: start, depth: 2, nodes: 400, expected: 401 }] });
});

test.each([
  ['', 'x.csv is empty: it takes a CSV file with the columns fen,depth,nodes'],
  ['fen,deph,nodes\n', "x.csv, line 1: no column 'depth' (there is 'deph')"],
  ['fen,depth,nodes\n', 'x.csv names its columns but holds no positions'],
  ['fen,depth,nodes\nx\n', "x.csv, line 2: 1 fields where the first line names 3: 'x'"],
  [`fen,depth,nodes\n${start},1,20\n8/8/8/8/8/8/8/8 w - - 0 1,1,0\n`, 'x.csv, line 3: White has 0 kings'],
  [`fen,depth,nodes\n${start},one,20\n`, "x.csv, line 2: depth is a whole number, not 'one'"],
  [`fen,depth,nodes\n${start},1,-20\n`, "x.csv, line 2: nodes is a whole number, not '-20'"],
])('%j is refused', (csv, message) => {
  expect(() => perftFile(csv, 'x.csv')).toThrow(message);
});

// Counts: https://www.chessprogramming.org/Perft_Results, positions 1 and 3; the moves' shares sum to them.
test('one position, divided by its moves', () => {
  const { nodes, moves } = perftPosition('startpos', 4);
  expect(nodes).toBe(197_281);
  expect(Object.keys(moves)).toHaveLength(20);
  expect(Object.values(moves).reduce((sum, n) => sum + n)).toBe(nodes);
  expect(moves.e2e4).toBe(13_160);
  expect(perftPosition('8/2p5/3p4/KP5r/1R3p1k/8/4P1P1/8 w - - 0 1', 3).nodes).toBe(2812);
  expect(perftPosition('startpos', 0)).toMatchObject({ nodes: 1, moves: {} });
  expect(() => perftPosition('8/8/8/8/8/8/8/8 w - - 0 1', 1)).toThrow('White has 0 kings');
});

// Chess960 position 1 of Stockfish's test list; castling is written as the king's move onto its rook.
test('Chess960, asked for', () => {
  const fen = 'bqnb1rkr/pp3ppp/3ppn2/2p5/5P2/P2P4/NPP1P1PP/BQ1BNRKR w HFhf - 2 9';
  expect(perftPosition(fen, 3, true).nodes).toBe(12_189);
  expect(() => perftPosition(fen, 1)).toThrow('Chess960 is not asked for');
});
