import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createRng } from '#engine';
import { parseFen } from './fen.js';
import { MAX_MOVES, generateMoves } from './moves.js';
import type { Position } from './position.js';
import { NO_MOVE, makeSan, makeUci, parseSan, parseUci } from './san.js';

function positionOf(fen: string, chess960 = false): Position {
  const parsed = parseFen(fen, { chess960 });
  if (!parsed.ok) throw new Error(`${fen}: ${parsed.error}`);
  return parsed.value;
}

function legalMoves(position: Position): number[] {
  const moves = new Int32Array(MAX_MOVES);
  return [...moves.subarray(0, generateMoves(position, moves))];
}

const tactics = readFileSync(new URL('../../testdata/chess-tactics.csv', import.meta.url), 'utf8').trim().split('\n').slice(1).map((row) => row.split(','));

test('the best moves of 400 positions, named by another program', () => {
  for (const [fen, uci, san] of tactics) {
    const position = positionOf(fen);
    const move = parseUci(position, uci);
    expect(`${makeUci(position, move)} ${makeSan(position, move)}`).toBe(`${uci} ${san}`);
    expect(parseSan(position, san)).toBe(move);
  }
});

test('every legal move of those positions has a name of its own, and is found by both', () => {
  for (const [fen] of tactics) {
    const position = positionOf(fen);
    const names = new Set<string>();
    for (const move of legalMoves(position)) {
      const san = makeSan(position, move);
      names.add(san);
      expect([parseSan(position, san), parseUci(position, makeUci(position, move))]).toEqual([move, move]);
    }
    expect(names.size).toBe(legalMoves(position).length);
  }
});

describe('worked by hand', () => {
  const CASTLES = 'r3k2r/8/8/8/8/8/8/R3K2R w KQkq - 0 1';
  test.each([
    // position, UCI, SAN
    [CASTLES, 'e1g1', 'O-O'],
    [CASTLES, 'e1c1', 'O-O-O'],
    [CASTLES, 'a1a8', 'Rxa8+'],
    // Files tell the knights apart; then ranks; then only both do.
    ['4k3/8/8/8/8/8/8/N1N1K3 w - - 0 1', 'a1b3', 'Nab3'],
    ['4k3/8/N7/8/N7/8/8/4K3 w - - 0 1', 'a4c5', 'N4c5'],
    ['8/8/k7/8/4Q2Q/8/8/K6Q w - - 0 1', 'h4e1', 'Qh4e1'],
    // The other knight is pinned.
    ['4k3/4r3/8/8/8/2N5/4N3/4K3 w - - 0 1', 'c3d5', 'Nd5'],
    ['4k3/4r3/8/8/2N5/8/4N3/4K3 w - - 0 1', 'c4d2', 'Nd2'],
    ['4k3/8/8/3pP3/8/8/8/4K3 w - d6 0 1', 'e5d6', 'exd6'],
    ['3rk3/2P5/8/8/8/8/8/4K3 w - - 0 1', 'c7d8n', 'cxd8=N'],
    ['4k3/2P5/8/8/8/8/8/4K3 w - - 0 1', 'c7c8q', 'c8=Q+'],
    ['6k1/5ppp/8/8/8/8/8/R3K3 w - - 0 1', 'a1a8', 'Ra8#'],
  ])('%s: %s is %s', (fen, uci, san) => {
    const position = positionOf(fen);
    const move = parseUci(position, uci);
    expect(makeSan(position, move)).toBe(san);
    expect(parseSan(position, san)).toBe(move);
  });

  test.each([
    // position, as some write it, SAN
    [CASTLES, '0-0', 'O-O'],
    [CASTLES, 'O-O-O!?', 'O-O-O'],
    [CASTLES, 'Rxa8', 'Rxa8+'],
    [CASTLES, 'Ra1xa8', 'Rxa8+'],
    [CASTLES, 'Ra1-b1', 'Rb1'],
    [CASTLES, 'Ra8', 'Rxa8+'],
    ['4k3/2P5/8/8/8/8/8/4K3 w - - 0 1', 'c8Q', 'c8=Q+'],
    ['4k3/2P5/8/8/8/8/8/4K3 w - - 0 1', 'c8=q', 'c8=Q+'],
    ['4k3/8/8/8/8/8/4P3/4K3 w - - 0 1', 'Pe4', 'e4'],
    ['4k3/8/8/8/8/8/4P3/4K3 w - - 0 1', 'e2-e4', 'e4'],
  ])('%s: %s is read as %s', (fen, text, san) => {
    const position = positionOf(fen);
    const move = parseSan(position, text);
    expect(move).not.toBe(NO_MOVE);
    expect(makeSan(position, move)).toBe(san);
  });

  test.each([
    [CASTLES, 'Rxb1'],
    [CASTLES, 'Kxe2'],
    [CASTLES, 'Nf3'],
    [CASTLES, 'O-O-O-O'],
    [CASTLES, 'O-'],
    [CASTLES, 'e9'],
    [CASTLES, ''],
    [CASTLES, '+'],
    [CASTLES, 'e2g1'],
    // Two rooks reach it.
    ['4k3/8/8/8/8/8/8/R4RK1 w - - 0 1', 'Rd1'],
    // Through, and out of, check.
    ['4k3/8/8/8/8/8/5r2/R3K2R w KQ - 0 1', 'O-O'],
    ['4k3/8/8/8/8/8/4r3/R3K2R w KQ - 0 1', 'O-O-O'],
    ['4k3/2P5/8/8/8/8/8/4K3 w - - 0 1', 'c8'],
    ['4k3/2P5/8/8/8/8/8/4K3 w - - 0 1', 'c8=K'],
    ['4k3/8/2P5/8/8/8/8/4K3 w - - 0 1', 'c7=Q'],
    ['4k3/4r3/8/8/8/8/4N3/4K3 w - - 0 1', 'Nd4'],
  ])('%s: %j is no legal move', (fen, text) => {
    expect(parseSan(positionOf(fen), text)).toBe(NO_MOVE);
  });

  test.each([
    [CASTLES, 'e1h1', 'O-O'],
    [CASTLES, 'e1a1', 'O-O-O'],
  ])('%s: UCI also takes the king onto its rook, %s', (fen, uci, san) => {
    const position = positionOf(fen);
    expect(makeSan(position, parseUci(position, uci))).toBe(san);
  });

  test.each(['e1g1q', 'e1e2q', 'a1i1', 'e1', '0000', 'e1e1', 'h8h7', 'e1f1 ', 'E1F1'])('UCI %j is no legal move', (uci) => {
    expect(parseUci(positionOf(CASTLES), uci)).toBe(NO_MOVE);
  });

  test('Chess960: the king castles one step, onto its rook', () => {
    const position = positionOf('4k3/8/8/8/8/8/8/5KR1 w G - 0 1', true);
    const move = parseUci(position, 'f1g1');
    expect([makeSan(position, move), makeUci(position, move, true)]).toEqual(['O-O', 'f1g1']);
  });
});

test('50,000 damaged names: each is a legal move or none', () => {
  const rng = createRng('damaged SAN');
  const letters = 'NBRQKPabcdefgh12345678x-=+#O0!? \u00e9';
  for (let i = 0; i < 50_000; ) {
    const [fen] = tactics[rng.below(tactics.length)];
    const position = positionOf(fen);
    const moves = legalMoves(position);
    for (let n = 0; n < 50; n++, i++) {
      const text = [...makeSan(position, moves[rng.below(moves.length)])];
      for (let k = rng.below(3); k >= 0; k--) text.splice(rng.below(text.length + 1), rng.below(2), letters[rng.below(letters.length)]);
      for (const move of [parseSan(position, text.join('')), parseUci(position, text.join(''))]) {
        if (move !== NO_MOVE && !moves.includes(move)) expect.fail(`'${text.join('')}' in ${fen}: ${move}`);
      }
    }
  }
});
