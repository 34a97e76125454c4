import { describe, expect, test } from 'vitest';
import { valueOfCentipawns } from '../agents/uci/engine.js';
import { allot } from '../agents/allot.js';
import { UciBoard } from './board.js';
import { parseCommand } from './command.js';
import { centipawns, outcomes } from './info.js';

const go = { kind: 'go', infinite: false, ponder: false, searchmoves: [], ignored: [] };

// The first rows are examples of the protocol's own description (Meyer-Kahlen, 2006 text).
test.each([
  ['joho debug on', { kind: 'empty' }],
  ['setoption name Nalimov Path value c:\\chess\\tb\\4;c:\\chess\\tb\\5', { kind: 'setoption', name: 'Nalimov Path', value: 'c:\\chess\\tb\\4;c:\\chess\\tb\\5' }],
  ['setoption name Clear Hash', { kind: 'setoption', name: 'Clear Hash', value: undefined }],
  ['go infinite searchmoves e2e4 d2d4', { ...go, infinite: true, searchmoves: ['e2e4', 'd2d4'] }],
  ['position startpos moves e2e4 e7e5', { kind: 'position', fen: undefined, moves: ['e2e4', 'e7e5'] }],
  ['position fen 8/8/8/8/8/8/8/K1k5 w - - 0 1 moves a1a2', { kind: 'position', fen: '8/8/8/8/8/8/8/K1k5 w - - 0 1', moves: ['a1a2'] }],
  ['  go\twtime 1000 btime -20 winc 10 binc 10 movestogo 40  ', { ...go, wtime: 1000, btime: 0, winc: 10, binc: 10, movestogo: 40 }],
  ['go searchmoves a7a8q nodes 5 ponder', { ...go, searchmoves: ['a7a8q'], nodes: 5, ponder: true }],
  ['go nodes many depth 3 blind', { ...go, depth: 3, ignored: ['nodes', 'many', 'blind'] }],
  ['go', go],
  ['', { kind: 'empty' }],
  ['quit now', { kind: 'quit' }],
  ['constructor', { kind: 'unknown' }],
  ['position', { kind: 'wrong', message: expect.stringContaining('position startpos') }],
  ['position startpos e2e4', { kind: 'wrong', message: expect.any(String) }],
  ['setoption value 3', { kind: 'wrong', message: expect.any(String) }],
  ['x'.repeat(200_000), { kind: 'wrong', message: expect.stringContaining('200000 characters') }],
])('%s', (line, command) => {
  expect(parseCommand(line)).toEqual(command);
});

describe('the board', () => {
  const read = (fen: string | undefined, moves: string): UciBoard => {
    const board = UciBoard.read(fen, moves.split(' ').filter((m) => m !== ''));
    if (typeof board === 'string') throw new Error(board);
    return board;
  };

  test('goes on after a third repetition and a hundred quiet plies, which UCI leaves to be claimed', () => {
    const back = 'g1f3 g8f6 f3g1 f6g8 ';
    expect(read(undefined, back + back + 'e2e4')).toMatchObject({ dead: false, travelling: { setup: expect.stringContaining(' w '), moves: [expect.any(Number)] } });
    expect(read('4k3/8/8/8/8/8/4P3/R3K3 w - - 99 90', 'a1a2 e8d8 a2a1').travelling.moves).toHaveLength(2);
    expect(read('4k3/8/8/8/8/8/4P3/R3K3 w - - 100 90', '').travelling.setup).toBe('4k3/8/8/8/8/8/4P3/R3K3 w - - 0 90');
  });

  test('knows where there is nothing to think about', () => {
    expect(read('8/8/8/8/8/8/8/K1k5 w - - 0 1', 'a1a2')).toMatchObject({ dead: true });
    const mated = read(undefined, 'f2f3 e7e5 g2g4 d8h4');
    expect([mated.dead, mated.moves()]).toEqual([false, []]);
  });

  test('the starting position is the same, however it is named', () => {
    expect(read('rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1', 'e2e4').travelling).toEqual(read(undefined, 'e2e4').travelling);
  });

  test('speaks of castling by the squares of the king', () => {
    const board = read(undefined, 'e2e4 e7e5 g1f3 b8c6 f1c4 f8c5');
    expect(board.line(board.actions(['e1g1', 'e1a1']))).toEqual(['e1g1']);
    expect(read(undefined, 'e2e4 e7e5 g1f3 b8c6 f1c4 f8c5 e1h1').travelling).toEqual(read(undefined, 'e2e4 e7e5 g1f3 b8c6 f1c4 f8c5 e1g1').travelling);
  });

  test.each([['x', '', /'x' is no position: a FEN has six fields/], [undefined, 'e2e4 e7e5 e1e3', /move 3 of the position, 'e1e3', is illegal in rnbqkbnr/], [undefined, '0000', /move 1/]])('%j %j is refused', (fen, moves, message) => {
    expect(() => read(fen, moves)).toThrow(message);
  });
});

test('centipawns are what our own client reads back', () => {
  for (const value of [-0.99, -0.5, -0.01, 0, 0.2, 0.76, 0.999]) expect(valueOfCentipawns(centipawns(value))).toBeCloseTo(value, 2);
  expect([centipawns(1), centipawns(-1), centipawns(0)]).toEqual([1720, -1720, 0]);
});

test('win, draw and loss: a thousand in all, their difference the value, by the model named', () => {
  for (let value = -1; value <= 1; value += 0.01) {
    const [win, draw, loss] = outcomes(value);
    expect(win + draw + loss).toBe(1000);
    expect(Math.abs((win - loss) / 1000 - value)).toBeLessThanOrEqual(0.001_01);
    expect(Math.min(win, draw, loss)).toBeGreaterThanOrEqual(0);
  }
  // P(win) = 1 / (1 + 10^((200 - x) / 400)) at x = 0 and at x = 200.
  expect(outcomes(0)).toEqual([240, 520, 240]);
  expect(outcomes(0.5 - 1 / 11)).toEqual([500, 409, 91]);
});

test.each([
  [{ own: 60_000, opponent: 0, increment: 0 }, Infinity, 3000],
  [{ own: 60_000, opponent: 0, increment: 1000 }, Infinity, 3800],
  [{ own: 60_000, opponent: 0, increment: 0 }, 40, 3000],
  [{ own: 60_000, opponent: 0, increment: 0 }, 1, 30_000],
  [{ own: 100, opponent: 0, increment: 5000 }, Infinity, 50],
  [{ own: 10, opponent: 0, increment: 0 }, Infinity, 1],
])('the time for a move: %j, %d to go', (clock, movesToGo, millis) => {
  expect(allot(clock, movesToGo, 50)).toBe(millis);
});
