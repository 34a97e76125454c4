import { describe, expect, it } from 'vitest';
import type { TournamentGame } from '#arena/protocol';
import { connect4, ticTacToe } from '#games';
import { replayGame, setupMoves, valuePoints } from './replay.js';

const record: TournamentGame = {
  game: 0, first: 'ann', second: 'bob', score: 1, end: 'normal', plies: 3, rules: 'tic-tac-toe', setup: null, seed: null,
  opening: [0, 3], moves: [1, 4, 2], values: [0.5, -0.25, 1], faultBy: null, message: null,
};

describe('a replayed game', () => {
  it('has the opening, then the moves, each with its name and side', () => {
    const replayed = replayGame(ticTacToe, record);
    expect(replayed).toMatchObject({ opening: 2, fromStart: true, broken: undefined });
    // Cell 0 is the top left one: a3.
    expect(replayed.moves.map(({ name, seat }) => `${seat} ${name}`)).toEqual(['0 a3', '1 a2', '0 b3', '1 b2', '0 c3']);
    expect(replayed.texts).toHaveLength(6);
    expect(replayed.texts[5]).toContain('X X X');
    // What the mover thought, from the first player's view, before its move.
    expect(valuePoints(replayed, record.values)).toEqual([{ ply: 2, value: 0.5 }, { ply: 3, value: 0.25 }, { ply: 4, value: 1 }]);
    expect(valuePoints(replayed, [null, 0.5, null])).toEqual([{ ply: 3, value: -0.5 }]);
  });

  it('begins with the moves of a book’s line, where the game writes positions as moves', () => {
    expect(setupMoves(connect4, '4435')).toEqual([3, 3, 2, 4]);
    expect(setupMoves(ticTacToe, 'b2 a1')).toEqual([4, 6]);
    expect(setupMoves(connect4, '4x')).toBeUndefined();
    const replayed = replayGame(connect4, { ...record, rules: 'connect4', setup: '44', opening: [], moves: [0] });
    expect(replayed).toMatchObject({ opening: 2, fromStart: true, broken: undefined });
    expect(replayed.moves.map((move) => move.action)).toEqual([3, 3, 0]);
  });

  it('says where a record stops being legal, and shows what came before', () => {
    const replayed = replayGame(ticTacToe, { ...record, moves: [1, 1, 2] });
    expect(replayed.broken).toBe('move 4 is not legal in this version of Tic-tac-toe');
    expect(replayed.moves).toHaveLength(3);
    expect(replayGame(connect4, { ...record, setup: 'nonsense' }).broken).toContain('is no position of Connect Four');
  });
});
