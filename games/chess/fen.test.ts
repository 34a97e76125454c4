import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createRng } from '#engine';
import { INITIAL_FEN, initialPosition, makeFen, parseFen } from './fen.js';

const data = (name: string) => readFileSync(new URL(`../../testdata/${name}`, import.meta.url), 'utf8').trim().split('\n');
const tactics = data('chess-tactics.csv').slice(1).map((row) => row.split(',')[0]);
const openings = data('chess-openings.epd').map((row) => row.split(' ').slice(0, 4).join(' '));

function again(fen: string, chess960 = false): string {
  const parsed = parseFen(fen, { chess960 });
  return parsed.ok ? makeFen(parsed.value) : `refused: ${parsed.error}`;
}

test('the starting position', () => {
  expect(makeFen(initialPosition())).toBe(INITIAL_FEN);
});

test('400 positions of games round trip', () => {
  for (const fen of tactics) expect(again(fen)).toBe(fen);
});

test('500 openings, of four fields, round trip', () => {
  for (const fen of openings) expect(again(fen)).toBe(`${fen} 0 1`);
});

describe('is read leniently, written strictly', () => {
  test.each([
    // what, as read, as written
    ['spaces', '  4k3/8/8/8/8/8/8/4K3   w - -  3 9 ', '4k3/8/8/8/8/8/8/4K3 w - - 3 9'],
    ['moves from 0', '4k3/8/8/8/8/8/8/4K3 w - - 0 0', '4k3/8/8/8/8/8/8/4K3 w - - 0 1'],
    ['castling in any order', 'r3k2r/8/8/8/8/8/8/R3K2R w qkQK - 0 1', 'r3k2r/8/8/8/8/8/8/R3K2R w KQkq - 0 1'],
    ['castling by files', 'r3k2r/8/8/8/8/8/8/R3K2R w HAha - 0 1', 'r3k2r/8/8/8/8/8/8/R3K2R w KQkq - 0 1'],
    ['en passant where a capture is legal', '4k3/8/8/8/3pP3/8/8/4K3 b - e3 0 1', '4k3/8/8/8/3pP3/8/8/4K3 b - e3 0 1'],
    ['en passant next to nothing', '4k3/8/8/8/4P3/8/8/4K3 b - e3 0 1', '4k3/8/8/8/4P3/8/8/4K3 b - - 0 1'],
    ['en passant along a rank that it would open', '8/8/8/8/k2pP2Q/8/8/4K3 b - e3 0 1', '8/8/8/8/k2pP2Q/8/8/4K3 b - - 0 1'],
    ['en passant that takes a checking pawn', '8/8/8/5k2/3pP3/8/8/4K3 b - e3 0 1', '8/8/8/5k2/3pP3/8/8/4K3 b - e3 0 1'],
  ])('%s', (_what, fen, written) => {
    expect(again(fen)).toBe(written);
  });

  test.each([
    ['bqnb1rkr/pp3ppp/3ppn2/2p5/5P2/P2P4/NPP1P1PP/BQ1BNRKR w HFhf - 2 9', 'bqnb1rkr/pp3ppp/3ppn2/2p5/5P2/P2P4/NPP1P1PP/BQ1BNRKR w KQkq - 2 9'],
    // An inner rook has the right: only its file says which.
    ['4k3/8/8/8/8/8/8/RR2K3 w B - 0 1', '4k3/8/8/8/8/8/8/RR2K3 w B - 0 1'],
  ])('Chess960: %s', (fen, written) => {
    expect(again(fen, true)).toBe(written);
    expect(again(written, true)).toBe(written);
    expect(again(fen)).toMatch(/refused: castling right '[HB]' without king and rook on their first squares/);
  });
});

test.each([
  ['', /six fields.*this has 0/],
  ['4k3/8/8/8/8/8/8/4K3 w - - 0', /six fields.*this has 5/],
  ['4k3/8/8/8/8/8/4K3 w - - 0 1', /8 ranks.*have 7/],
  ['4k3/8/8/8/8/8/8/4K3/8 w - - 0 1', /8 ranks.*have 9/],
  ['4k3/8/8/9/8/8/8/4K3 w - - 0 1', /'9' in rank 5 is no piece/],
  ['4k3/8/8/x7/8/8/8/4K3 w - - 0 1', /'x' in rank 5 is no piece/],
  ['4k3/8/8/7/8/8/8/4K3 w - - 0 1', /rank 5, '7', has fewer than 8 squares/],
  ['4k3/8/8/8P/8/8/8/4K3 w - - 0 1', /rank 5, '8P', has more than 8 squares/],
  ['4k3/8/8/44P/8/8/8/4K3 w - - 0 1', /has more than 8/],
  ['8/8/8/8/8/8/8/4K3 w - - 0 1', /Black has 0 kings/],
  ['4k3/8/8/8/8/8/8/3KK3 w - - 0 1', /White has 2 kings/],
  ['4k2P/8/8/8/8/8/8/4K3 w - - 0 1', /pawn stands on h8/],
  ['4k3/8/8/8/8/8/8/p3K3 w - - 0 1', /pawn stands on a1/],
  ['4k3/8/8/7P/8/8/PPPPPPPP/4K3 w - - 0 1', /White has 9 pawns/],
  ['4k3/8/8/8/8/8/PPPPPPPP/QQ2K3 w - - 0 1', /8 pawns and 1 promoted/],
  ['4k3/8/8/8/8/8/8/4K3 x - - 0 1', /'w' or 'b', not 'x'/],
  ['4k3/8/8/8/8/8/8/4K2r b - - 0 1', /White, not to move, is in check/],
  ['4k3/8/8/8/8/8/8/4K3 w X - 0 1', /castling rights.*not 'X'/],
  ['r3k2r/8/8/8/8/8/8/R3K2R w KQkqK - 0 1', /castling rights/],
  ['r3k2r/8/8/8/8/8/8/R3K2R w KK - 0 1', /named twice/],
  ['r3k2r/8/8/8/8/8/8/4K2R w KQkq - 0 1', /castling right 'Q' without king and rook/],
  ['4k3/8/8/8/8/8/4K3/R6R w KQ - 0 1', /castling right 'K' without king and rook/],
  ['4k3/8/8/8/8/8/8/4K3 w - e4 0 1', /no pawn has just passed.*e4/],
  ['4k3/8/8/8/4P3/8/8/4K3 w - e3 0 1', /no pawn has just passed/],
  ['4k3/8/8/8/4P3/4N3/8/4K3 b - e3 0 1', /no pawn has just passed/],
  ['4k3/8/8/8/4P3/8/4N3/4K3 b - e3 0 1', /no pawn has just passed/],
  ['4k3/8/8/8/8/8/8/4K3 w - z9 0 1', /not 'z9'/],
  ['4k3/8/8/8/8/8/8/4K3 w - - -1 1', /not '-1'/],
  ['4k3/8/8/8/8/8/8/4K3 w - - 0 1.5', /not '1.5'/],
])('refuses %j', (fen, says) => {
  const parsed = parseFen(fen);
  expect(parsed.ok).toBe(false);
  if (!parsed.ok) {
    expect(parsed.error).toMatch(says);
    expect(parsed.error).not.toContain('\n');
  }
});

test('20,000 damaged FENs: read or refused, and what is read is written so that it reads the same', () => {
  const rng = createRng('damaged FENs');
  const letters = 'pnbrqkPNBRQK12345678/ wb-KQkqabcdefgh0369HAha.\u00e9';
  let read = 0;
  for (let i = 0; i < 20_000; i++) {
    const fen = [...tactics[rng.below(tactics.length)]];
    for (let n = rng.below(3); n >= 0; n--) fen.splice(rng.below(fen.length), rng.below(2), ...(rng.below(2) === 0 ? [letters[rng.below(letters.length)]] : []));
    const parsed = parseFen(fen.join(''), { chess960: i % 2 === 0 });
    if (!parsed.ok) continue;
    read++;
    const written = makeFen(parsed.value);
    expect(again(written, i % 2 === 0)).toBe(written);
  }
  expect(read).toBeGreaterThan(1000);
});
