import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { OVER, createRng } from '#engine';
import type { Rng } from '#engine';
import { moveOf } from './actions.js';
import { INITIAL_FEN, makeFen, parseFen } from './fen.js';
import { chess } from './game.js';
import { makePgn, parsePgn } from './pgn.js';
import type { PgnGame } from './pgn.js';
import { PgnSplitter } from './pgn-stream.js';
import { makeUci } from './san.js';
import { ChessState } from './state.js';

const tactics = readFileSync(new URL('../../testdata/chess-tactics.csv', import.meta.url), 'utf8').trim().split('\n').slice(1).map((row) => row.split(',')[0]);

function read(text: string): PgnGame {
  const parsed = parsePgn(text);
  if (!parsed.ok) throw new Error(`${parsed.error}\n${text}`);
  return parsed.value;
}

/** The moves in UCI's coordinates, and the last position. */
function replay({ fen, actions }: PgnGame): { moves: string; end: string } {
  const parsed = parseFen(fen, { chess960: true });
  if (!parsed.ok) throw new Error(parsed.error);
  const state = new ChessState(parsed.value);
  const moves = actions.map((action) => {
    const uci = makeUci(state.position, moveOf(action, state.position));
    state.apply(action);
    return uci;
  });
  return { moves: moves.join(' '), end: makeFen(state.position) };
}

function randomGame(rng: Rng): PgnGame {
  const setup = rng.below(2) === 0 ? undefined : parseFen(tactics[rng.below(tactics.length)]);
  const state = new ChessState(setup?.ok === true ? setup.value : undefined);
  const fen = makeFen(state.position);
  const legal = new Int32Array(chess.actionCount);
  const actions: number[] = [];
  for (const plies = rng.below(120); state.turn !== OVER && actions.length < plies; ) {
    actions.push(legal[rng.below(state.legal(legal))]);
    state.apply(actions[actions.length - 1]);
  }
  const values = ['?', 'Öffentliche Partie', 'a "b" c', 'back\\slash', 'C:\\', '[x] {y} ;z', '2026.11.20', ''];
  const names = ['Event', 'Site', 'Date', 'Round', 'White', 'Black'];
  const tags = [...names, ...['Annotator', 'WhiteElo'].slice(rng.below(3))].map((name) => [name, values[rng.below(values.length)]] as const);
  return { tags, fen, actions, result: (['1-0', '0-1', '1/2-1/2', '*'] as const)[rng.below(4)] };
}

test('a game with everything in it that is to be skipped', () => {
  const game = read(`\ufeff% an escaped line
[Event "Casual \\"game\\""]
[White "A"]
[Black "B"]
[Result "1-0"]

{before} 1.e4 e5 $1 2. Bc4!? {a comment, 3. Qh5 [%clk 1:00]
over lines} Nc6 (2... Nf6 3. d3 (3. Nc3 {) } ) c6) 3.Qh5 ; to the line's end 3... g6
% escaped too
3... Nf6?? 4. Qxf7# 1-0 {after}
`);
  expect(game.tags).toEqual([['Event', 'Casual "game"'], ['White', 'A'], ['Black', 'B']]);
  expect(game.result).toBe('1-0');
  expect(replay(game)).toEqual({ moves: 'e2e4 e7e5 f1c4 b8c6 d1h5 g8f6 h5f7', end: 'r1bqkb1r/pppp1Qpp/2n2n2/4p3/2B1P3/8/PPPP1PPP/RNB1K1NR b KQkq - 0 4' });
});

test('is written in the export format', () => {
  const moves = 'e4 e5 Nf3 Nc6 Bb5 a6 Ba4 Nf6 O-O Be7 Re1 b5 Bb3 d6 c3 O-O'.split(' ');
  const state = new ChessState();
  const actions = moves.map((move) => {
    const action = chess.parseAction(state, move) ?? -1;
    state.apply(action);
    return action;
  });
  expect(makePgn({ tags: [['Black', 'B "b"'], ['ECO', 'C90'], ['White', 'A\nA']], fen: INITIAL_FEN, actions, result: '1/2-1/2' })).toBe(`[Event "?"]
[Site "?"]
[Date "????.??.??"]
[Round "?"]
[White "A A"]
[Black "B \\"b\\""]
[Result "1/2-1/2"]
[ECO "C90"]

1. e4 e5 2. Nf3 Nc6 3. Bb5 a6 4. Ba4 Nf6 5. O-O Be7 6. Re1 b5 7. Bb3 d6 8. c3
O-O 1/2-1/2
`);
});

test('a game from a position begins with its number and side', () => {
  const text = `[Event "?"]
[Site "?"]
[Date "????.??.??"]
[Round "?"]
[White "?"]
[Black "?"]
[Result "*"]
[SetUp "1"]
[FEN "r3k3/8/8/8/8/8/8/4K2R b Kq - 3 17"]

17... O-O-O 18. O-O *
`;
  expect(makePgn(read(text))).toBe(text);
});

test('Chess960 by its Variant tag', () => {
  const text = '[Variant "Chess960"]\n[FEN "5k1r/8/8/8/8/8/8/5KR1 w Gh - 0 1"]\n\n1. O-O Ke7 *\n';
  expect(read(text).fen).toBe('5k1r/8/8/8/8/8/8/5KR1 w Kk - 0 1');
  expect(read(makePgn(read(text)))).toMatchObject({ actions: read(text).actions });
});

describe('what may be missing', () => {
  test.each([
    ['tags', '1. e4 e5 *', 'e2e4 e7e5', '*'],
    ['numbers', 'e4 e5 Nf3 1-0', 'e2e4 e7e5 g1f3', '1-0'],
    ['the result after the moves', '[Result "0-1"]\n\n1. e4', 'e2e4', '0-1'],
    ['a result of either place', '[Result "0-1"]\n\n1. e4 *', 'e2e4', '0-1'],
    ['moves', '[Event "x"]\n\n1-0', '', '1-0'],
    ['spaces', '1.e4e5 *'.replace('e4e5', 'e4 e5'), 'e2e4 e7e5', '*'],
    ['letters for castling', '1. Nf3 Nf6 2. g3 g6 3. Bg2 Bg7 4. 0-0 0-0 1/2-1/2', 'g1f3 g8f6 g2g3 g7g6 f1g2 f8g7 e1g1 e8g8', '1/2-1/2'],
    ['unix line ends', '[Event "x"]\r\n\r\n1. e4 {a\r\nb} e5\r\n2. Nf3 *\r\n', 'e2e4 e7e5 g1f3', '*'],
  ])('%s', (_what, text, moves, result) => {
    const game = read(text);
    expect([replay(game).moves, game.result]).toEqual([moves, result]);
  });
});

test.each([
  ['', 'line 10: there is no game'],
  ['[Event "x"]\n[Site y]\n\n1. e4 *', `line 11: '[Site y]' is no tag: [Name "value"]`],
  ['[Event "x"]\n\n1. e4 e5\n2. Nf3 Nf3 *', "line 13: 'Nf3' is not a legal move at 2..."],
  ['1. e4 e5 2. Ke3 *', "line 10: 'Ke3' is not a legal move at 2."],
  ['1. e4 e5\n\n2. {no end', 'line 12: a comment has no closing }'],
  ['1. e4 (1. d4 {)', 'line 10: a variation has no closing )'],
  ['1. e4 ) e5 *', "line 10: ')' where a move should be"],
  ['1. e4 -- *', "line 10: '--' is not a legal move at 1..."],
  ['1. e4 1-0 e5', "line 10: text after the game's end: 'e5'"],
  ['[Event "a"]\n\n1. e4 *\n\n[Event "b"]\n\n1. d4 *', `line 14: text after the game's end: '[Event "b"]'`],
  ['[Result "2-0"]\n\n1. e4 *', "line 12: the result '2-0' is none of 1-0 0-1 1/2-1/2 *"],
  ['[Variant "Atomic"]\n\n1. e4 *', "line 12: the variant 'atomic' is not played here"],
  ['[FEN "8/8/8/8/8/8/8/8 w - - 0 1"]\n\n1. e4 *', 'line 12: FEN: White has 0 kings, not one'],
])('%j is refused by line and reason', (text, error) => {
  expect(parsePgn(text, 10)).toEqual({ ok: false, error });
});

test('100 random games round trip exactly', () => {
  const rng = createRng('PGN round trip');
  for (let i = 0; i < 100; i++) {
    const game = randomGame(rng);
    const text = makePgn(game);
    expect(read(text)).toEqual(game);
    expect(makePgn(read(text))).toBe(text);
    const lines = text.split('\n').slice(9);
    expect(lines.every((line) => line.length < 80 || !line.includes(' ') || line.startsWith('['))).toBe(true);
  }
});

test('3,000 damaged games: read or refused in one line, and what is read is legal and round trips', () => {
  const rng = createRng('damaged PGN');
  const bits = ['{', '}', '(', ')', ';', '"', '[', ']', '\\', '\n', ' ', '1-0', '*', '$5', 'x', 'O-O', '0-0', '12.', '...', '%', 'Qh5', 'é', '\u0000'];
  const texts = Array.from({ length: 50 }, () => makePgn(randomGame(rng)));
  let games = 0;
  for (let i = 0; i < 3000; i++) {
    const text = [...texts[rng.below(texts.length)]];
    for (let n = rng.below(3); n >= 0; n--) text.splice(rng.below(text.length), rng.below(3), ...(rng.below(3) > 0 ? [bits[rng.below(bits.length)]] : []));
    const parsed = parsePgn(text.join(''));
    if (!parsed.ok) {
      expect(parsed.error).toMatch(/^line \d+: [^\n]+$/);
      continue;
    }
    games++;
    const again = read(makePgn(parsed.value));
    expect([again.fen, again.actions, again.result]).toEqual([parsed.value.fen, parsed.value.actions, parsed.value.result]);
  }
  expect(games).toBeGreaterThan(300);
});

describe('cutting a stream into games', () => {
  const GAMES = [
    '[Event "a"]\n[Site "?"]\n\n1. e4 {a comment\n[not a tag] over lines} e5 *\n',
    '[Event "b"]\n\n1. d4 ; a { that opens nothing\nd5 1-0\n',
    '[Event "c"]\n\n0-1\n',
    '[Event "d"]\n\n1. c4 {never closed\n',
    '[Event "e"]\n\n1. f4 *\n',
  ];
  const stream = `\ufeff\n${GAMES.join('\n')}`;
  const lines = [2, 8, 13, 17, 21];

  test('wherever it is cut', () => {
    for (let size = 1; size <= stream.length; size += size < 20 ? 1 : 17) {
      const splitter = new PgnSplitter();
      const found = [];
      for (let at = 0; at < stream.length; at += size) found.push(...splitter.push(stream.slice(at, at + size)));
      found.push(...splitter.end());
      expect(found.map(({ text }) => text.trim())).toEqual(GAMES.map((text) => text.trim()));
      expect(found.map(({ line }) => line)).toEqual(lines);
    }
  });

  test('a bad game does not spoil the next', () => {
    const splitter = new PgnSplitter();
    const found = [...splitter.push(stream), ...splitter.end()].map(({ text, line }) => parsePgn(text, line));
    expect(found.map((parsed) => (parsed.ok ? parsed.value.actions.length : parsed.error))).toEqual([2, 2, 0, 'line 19: a comment has no closing }', 1]);
  });

  test('begins anew after the end', () => {
    const splitter = new PgnSplitter();
    splitter.push('1. e4 *');
    expect(splitter.end()).toEqual([{ text: '1. e4 *', line: 1 }]);
    expect(splitter.end()).toEqual([]);
    expect(new PgnSplitter().push('\ufeff[Event "a"]\n[Site "b"]\n\n1. e4 *\n[Event "b"]\n')).toMatchObject([{ line: 1 }]);
    expect([...splitter.push('\n1. d4 *\n'), ...splitter.end()]).toEqual([{ text: '1. d4 *', line: 2 }]);
  });
});
