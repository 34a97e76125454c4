import { Chess } from 'chess.js';
import { describe, expect, test } from 'vitest';
import { UserError, createRng } from '#engine';
import { connect4 } from '#games';
import { ChessState, chess, makeFen } from '#games/chess';
import { valueOfCentipawns } from '../agents/uci/engine.js';
import { replay } from '../position.js';
import type { LedgerGame, LedgerHeader } from './ledger.js';
import { centipawnsOfValue, gamePgn } from './pgn.js';

const header: LedgerHeader = {
  ludusLedger: 1, version: '0', created: '2026-11-20T10:00:00.000Z', name: 'A cup', game: 'chess', hash: '',
  plan: { game: { id: 'chess', version: 1 }, format: 'round-robin', seed: 1, openings: {}, adjudication: {}, players: [] },
};

/** A record of random moves. */
function record(setup: string | undefined, plies: number, seed: number): LedgerGame {
  const rng = createRng(seed);
  const state = replay(chess, { ...(setup === undefined ? {} : { setup }), moves: [] });
  const legal = new Int32Array(chess.actionCount);
  const moves: number[] = [];
  while (moves.length < plies && state.turn >= 0) {
    const action = legal[rng.below(state.legal(legal))];
    state.apply(action, rng);
    moves.push(action);
  }
  return {
    pair: 2, leg: 1, a: 'ludus', b: 'stockfish', score: 1, end: 'adjudicated', reason: 'both players saw it won', opening: { ...(setup === undefined ? {} : { setup }), moves: moves.slice(0, 3) }, moves: moves.slice(3),
    notes: { values: moves.slice(3).map((_, i) => (i % 2 === 0 ? null : 0.5)), simulations: moves.slice(3).map((_, i) => i), millis: moves.slice(3).map(() => 20) },
  };
}

describe('PGN', () => {
  // A second implementation reads it: chess.js.
  test.each([[undefined, 80, 1], [undefined, 400, 2], ['r3k2r/pppppppp/8/8/8/8/PPPPPPPP/R3K2R b KQkq - 0 1', 100, 3], ['8/P6k/8/8/8/8/p6K/8 w - - 3 40', 60, 4]])('from %s, %i plies', (setup, plies, seed) => {
    const game = record(setup, plies, seed);
    const text = gamePgn(chess, header, game);
    const other = new Chess();
    other.loadPgn(text);
    const state = replay(chess, { ...game.opening, moves: [...game.opening.moves, ...game.moves] });
    expect(other.history().length).toBe(game.opening.moves.length + game.moves.length);
    expect(other.fen().split(' ').slice(0, 3)).toEqual(makeFen((state as ChessState).position).split(' ').slice(0, 3));
    const tags = other.getHeaders();
    // Leg 1: B has White.
    expect(tags).toMatchObject({ White: 'stockfish', Black: 'ludus', Result: '0-1', Round: '3.2', Date: '2026.11.20', Termination: 'adjudicated' });
    expect(text).toContain('{book}');
    expect(text.replaceAll('\n', ' ')).toContain('{+1.91 1n 0.020s}');
    for (const line of text.split('\n').slice(14)) expect(line.length).toBeLessThan(80);
  });

  test('of another game is refused', () => {
    expect(() => gamePgn(connect4, header, { ...record(undefined, 5, 1), opening: { moves: [] } })).toThrow(UserError);
  });

  test('evaluations go to centipawns and back', () => {
    for (const centipawns of [-800, -34, 0, 1, 250]) expect(centipawnsOfValue(valueOfCentipawns(centipawns))).toBeCloseTo(centipawns, 6);
    expect([1, -1].map(centipawnsOfValue)).toEqual([1000, -1000]);
  });
});
