import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { evaluateBestMoves, parseBestMoves } from './best-moves.js';

// Mates in one, written down by hand.
const easy = `name,best,fen
back rank,e1e8,6k1/5ppp/8/8/8/8/5PPP/4R1K1 w - - 0 1
two ways,a7a8q;a7a8r,6k1/P4ppp/8/8/8/8/5PPP/6K1 w - - 0 40
castling mates,e1c1;a1d1,2rkr3/2p1p3/8/8/8/8/8/R3K3 w Q - 0 1
`;
const fake = fileURLToPath(new URL('../agents/uci/fake-engine.mjs', import.meta.url));

describe('reading', () => {
  test('columns in any order, several moves, either way of castling', () => {
    const positions = parseBestMoves(easy.replace('e1c1', 'e1a1'));
    expect(positions.map(({ line, ply, best }) => [line, ply, best.length])).toEqual([[2, 0, 1], [3, 78, 2], [4, 0, 2]]);
    expect(positions).toEqual(parseBestMoves(easy));
  });

  test('the test data: 400 positions, every best move legal', () => {
    expect(parseBestMoves(readFileSync(new URL('../../testdata/chess-tactics.csv', import.meta.url), 'utf8'))).toHaveLength(400);
  });

  test.each([
    ['fen,bestmove\nstartpos,e2e4', "line 1: no column 'best'"],
    ['fen,best\nstartpos,e2e5', "line 2: 'e2e5' is no legal move in rnbqkbnr/"],
    ['fen,best\nstartpos,e4', "line 2: 'e4' is not in UCI's coordinates: write e2e4"],
    ['fen,best\nstartpos,', "line 2: the column 'best' is empty"],
    ['fen,best\nstartpos,e2e4;', "line 2: the column 'best' is empty"],
    ['fen,best\n\nrnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBN w KQkq - 0 1,e2e4', 'line 3: rank 1'],
    ['fen,best\n8/8/8/8/8/8/8/K1k5 w - - 0 1,a1a2', 'line 2: the game is over here (insufficient material)'],
  ])('%j is refused', (text, message) => {
    expect(() => parseBestMoves(text, 'x.csv')).toThrow(`x.csv, ${message}`);
  });
});

test('a search finds the mates, and --plies and limits choose', async () => {
  let last: readonly number[] = [];
  const result = await evaluateBestMoves({ agent: 'uct:sims=3000', positions: parseBestMoves(easy).slice(0, 2), onProgress: (...figures) => (last = figures) });
  expect(result).toMatchObject({ agent: 'uct:sims=3000', positions: 2, optimal: 1, failures: 0, missed: [], interrupted: false });
  expect(last).toEqual([2, 2, 2]);
  expect(await evaluateBestMoves({ agent: 'random', positions: parseBestMoves(easy), plies: [70, 80] })).toMatchObject({ positions: 1 });
  await expect(evaluateBestMoves({ agent: 'random', positions: parseBestMoves(easy), plies: [5, 6] })).rejects.toThrow('no position has 5 to 6 plies');
});

test('an engine is judged too; what is no move counts as wrong and is said', async () => {
  const positions = parseBestMoves('fen,best\nstartpos,e2e4\nstartpos,d2d4\n4k3/8/8/8/8/8/8/R3K3 w - - 0 1,a1a8\n');
  const result = await evaluateBestMoves({ agent: `uci:${fake},nodes=1`, positions });
  expect(result).toMatchObject({ positions: 3, optimal: 1 / 3, failures: 1, failure: 'it gave a move that is not legal', missed: [{ line: 3, chosen: 'e2e4' }, { line: 4, chosen: null }] });
  await expect(evaluateBestMoves({ agent: 'uci:no-such-engine', positions })).rejects.toThrow('no program');
});

test.skipIf(!existsSync('/usr/games/stockfish'))('Stockfish at depth 8 finds all of the easy ones', async () => {
  expect(await evaluateBestMoves({ agent: 'uci:stockfish,depth=8', positions: parseBestMoves(easy), threads: 1 })).toMatchObject({ optimal: 1, missed: [] });
});
