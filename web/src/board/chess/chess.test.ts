import { describe, expect, it } from 'vitest';
import { INITIAL_FEN, chess, makeFen, parseFen, parsePgn } from '#games/chess';
import { readBrought, roomPgn, setupAfter } from './record.js';
import { cellOfSquare, makePlacement, pieceWords, placement, squareName, squareOfCell } from './squares.js';
import { chessState, movesOf, pathOf, viewOf } from './view.js';

const actionsOf = (setup: string | null, text: string): number[] => {
  const state = chess.parseSetup!(setup ?? '')!;
  return text.split(' ').map((name) => {
    const action = chess.parseAction(state, name);
    if (action === undefined) throw new Error(`${name} is illegal`);
    state.apply(action);
    return action;
  });
};
const legalOf = (setup: string | null, actions: readonly number[]) => {
  const { state } = chessState(setup, actions);
  const out = new Int32Array(chess.actionCount);
  return Array.from(out.subarray(0, state.legal(out)), (action) => ({ action, name: chess.actionName(state, action) }));
};

describe('squares', () => {
  it('are named and lie where they should, from either side', () => {
    expect([squareName(0), squareName(7), squareName(28), squareName(63)]).toEqual(['a1', 'h1', 'e4', 'h8']);
    expect([cellOfSquare(0, false), cellOfSquare(63, false), cellOfSquare(0, true), cellOfSquare(63, true)]).toEqual([56, 7, 7, 56]);
    for (let square = 0; square < 64; square++) for (const flipped of [false, true]) expect(squareOfCell(cellOfSquare(square, flipped), flipped)).toBe(square);
  });

  it.each([INITIAL_FEN, '4kb1r/p2n1ppp/4q3/4p1B1/4P3/1Q6/PPP2PPP/2KR4 w k - 0 1', '8/8/8/8/8/8/8/K1k5 b - - 0 1'])('placement there and back: %s', (fen) => {
    expect(makePlacement(placement(fen))).toBe(fen.split(' ')[0]);
  });

  it('names pieces', () => expect([pieceWords('N'), pieceWords('k')]).toEqual(['white knight', 'black king']));
});

describe('the view', () => {
  it('shows the last move, a check and the end', () => {
    const mate = viewOf(chessState(null, actionsOf(null, 'f3 e5 g4 Qh4#')));
    expect(mate).toMatchObject({ turn: 0, check: 4, last: { from: 59, to: 31 }, ending: 'checkmate' });
    expect(mate.squares[31]).toBe('q');
  });

  it('points at the king\'s own squares for castling, and tells promotions apart', () => {
    const castle = movesOf(chessState('r3k2r/8/8/8/8/8/8/R3K2R b KQkq - 0 1', []).state, legalOf('r3k2r/8/8/8/8/8/8/R3K2R b KQkq - 0 1', []));
    expect(castle.filter((move) => move.name.startsWith('O')).map(({ name, from, to }) => [name, squareName(from), squareName(to)])).toEqual(expect.arrayContaining([['O-O', 'e8', 'g8'], ['O-O-O', 'e8', 'c8']]));
    const pawn = '6k1/P7/8/8/8/8/8/6K1 w - - 0 1';
    const promotions = movesOf(chessState(pawn, []).state, legalOf(pawn, [])).filter((move) => move.from === 48);
    expect(promotions.map((move) => move.promotion).sort()).toEqual(['b', 'n', 'q', 'r']);
  });

  it('follows a line for its arrows, as far as it is legal', () => {
    const [e4, e5] = actionsOf(null, 'e4 e5');
    expect(pathOf(chessState(null, []).state, [e4, e5, e4])).toEqual([{ from: 12, to: 28 }, { from: 52, to: 36 }]);
  });
});

describe('what people bring', () => {
  it('a FEN, a game, or neither', () => {
    expect(readBrought(` ${INITIAL_FEN} `)).toEqual({ kind: 'position', fen: INITIAL_FEN });
    expect(readBrought('1. e4 e5 2. Nf3 *')).toMatchObject({ kind: 'game', more: 0 });
    expect(readBrought('[White "A"]\n\n1. d4 1-0\n\n[White "B"]\n\n1. c4 0-1\n')).toMatchObject({ kind: 'game', more: 1 });
    expect(readBrought('8/8/8/8/8/8/8/8 w - - 0 1')).toEqual({ kind: 'wrong', message: expect.stringMatching(/White has 0 kings/) });
    expect(readBrought('1. e4 e5 2. Ke3')).toEqual({ kind: 'wrong', message: expect.stringMatching(/line 1.*Ke3/) });
    expect(readBrought('hello there')).toMatchObject({ kind: 'wrong' });
  });

  it('a set-up after any ply of it plays on from just there', () => {
    const parsed = parsePgn('[FEN "6k1/P4ppp/8/8/8/8/5PPP/6K1 w - - 0 40"]\n\n1. a8=Q# 1-0');
    const plain = parsePgn('1. e4 e5 2. Nf3 Nc6 3. Bb5 a6 *');
    if (!parsed.ok || !plain.ok) throw new Error('the PGN of this test is bad');
    expect(setupAfter(parsed.value, 0)).toBe('6k1/P4ppp/8/8/8/8/5PPP/6K1 w - - 0 40');
    expect(setupAfter(plain.value, 0)).toBeUndefined();
    expect(setupAfter(plain.value, 3)).toBe('e4 e5 Nf3');
    for (let ply = 1; ply <= 6; ply++) {
      const state = chess.parseSetup!(setupAfter(plain.value, ply)!)!;
      expect(makeFen(state.position)).toBe(viewOf(chessState(null, plain.value.actions.slice(0, ply))).fen);
    }
  });
});

describe('PGN of a room', () => {
  const seats = [{ kind: 'agent' as const, agent: 'uct', name: 'Tree "search"', strength: null, clock: null }, { kind: 'human' as const, name: 'A person', taken: true, connected: true, forfeitAt: null, clock: null }];
  const room = (setup: string | null, text: string, result: Parameters<typeof roomPgn>[0]['result']) =>
    roomPgn({ setup, seats, result, moves: actionsOf(setup, text).map((action, i) => ({ action, name: '', seat: (i % 2) as 0 | 1, millis: 1 })) }, ['Tree "search"', 'A person'], new Date(2026, 0, 9));

  it('is read back as the same game', () => {
    const pgn = room(null, 'f3 e5 g4 Qh4#', { returns: -1, winner: 1, reason: 'normal' });
    expect(pgn).toContain('[Date "2026.01.09"]');
    expect(pgn).toContain('1. f3 e5 2. g4 Qh4# 0-1');
    const parsed = parsePgn(pgn);
    expect(parsed).toMatchObject({ ok: true, value: { fen: INITIAL_FEN, actions: actionsOf(null, 'f3 e5 g4 Qh4#'), result: '0-1' } });
  });

  it.each([['e4 e5 Nf3', 'Nc6 Bb5'], ['1. e4 e5', 'd4'], ['4k3/8/8/8/8/8/4P3/4K3 w - - 0 1', 'e4 Kd7'], ['4k3/8/8/8/8/8/4P3/4K3 w - - 0 1 moves e2e4', 'Kd7']])('a room that began with %s keeps what came before', (setup, text) => {
    const parsed = parsePgn(room(setup, text, null));
    if (!parsed.ok) throw new Error(parsed.error);
    const end = chessState(parsed.value.fen, parsed.value.actions).state;
    expect(makeFen(end.position)).toBe(viewOf(chessState(setup, actionsOf(setup, text))).fen);
    expect(parseFen(parsed.value.fen).ok).toBe(true);
  });
});
