import { Chess } from 'chess.js';
import { describe, expect, test } from 'vitest';
import { KEY_WORDS, OVER, UserError, cloneState, createRng } from '#engine';
import type { Game } from '#engine';
import { checkGame, describeReport } from '../contract.js';
import { loadGame } from '../load.js';
import { ACTIONS } from './actions.js';
import { chess, createChess } from './game.js';
import type { ChessState } from './state.js';

const legal = new Int32Array(ACTIONS);
const rng = createRng('chess history');

function planesOf(game: Game<ChessState>, state: ChessState): Float32Array {
  const planes = new Float32Array(game.planes[0] * 64).fill(9);
  state.observe(planes);
  return planes;
}

function keyOf(state: ChessState): string {
  const key = new Uint32Array(KEY_WORDS);
  state.key(key);
  return key.join(' ');
}

/** Twelve planes of what stands where on chess.js's board, as one side sees it. */
function placement(board: ReturnType<Chess['board']>, side: 'w' | 'b'): Float32Array {
  const planes = new Float32Array(12 * 64);
  for (const [row, cells] of board.entries()) {
    for (const [column, piece] of cells.entries()) {
      if (piece !== null) planes[64 * ('pnbrqk'.indexOf(piece.type) + (piece.color === side ? 0 : 6)) + 8 * (side === 'w' ? row : 7 - row) + column] = 1;
    }
  }
  return planes;
}

test('it keeps to the contract', () => {
  const game = createChess({ history: 2 });
  const report = checkGame(game, { seed: 5, episodes: 1 });
  expect(describeReport(report)).toContain('chess-history2 keeps to the contract');
  expect(report.clauses.filter(({ result }) => result !== 'pass').map(({ id }) => id)).toEqual(['chances', 'symmetries']);
});

test.each([2, 7])('of %d earlier positions, each shows what chess.js had on the board then, seen by who moves now', (history) => {
  const game = createChess({ history });
  for (let episode = 0; episode < 3; episode++) {
    const oracle = new Chess();
    const plain = chess.start(rng);
    let state = game.start(rng);
    const boards: ReturnType<Chess['board']>[] = [];
    const repeated: boolean[] = [];
    for (let ply = 0; state.turn !== OVER && ply < 80; ply++) {
      const planes = planesOf(game, state);
      expect(planes.subarray(0, 19 * 64)).toEqual(planesOf(chess, plain));
      repeated.push(plain.repeated);
      boards.push(oracle.board());
      for (let ago = 1; ago <= history; ago++) {
        const shown = planes.subarray(64 * (19 + 13 * (ago - 1)), 64 * (19 + 13 * ago));
        const was = ago <= ply;
        expect(shown.subarray(0, 12 * 64)).toEqual(was ? placement(boards[ply - ago], oracle.turn()) : new Float32Array(12 * 64));
        expect(shown.subarray(12 * 64)).toEqual(new Float32Array(64).fill(was && repeated[ply - ago] ? 1 : 0));
      }
      // Moves back and forth, so that positions come again; a capture or a pawn's move now and then.
      const names = [...legal.subarray(0, state.legal(legal))];
      const quiet = names.filter((action) => /^[NBR][a-h]\d$/.test(chess.actionName(plain, action)));
      const action = quiet.length > 0 && rng.below(5) > 0 ? quiet[rng.below(Math.min(2, quiet.length))] : names[rng.below(names.length)];
      oracle.move(chess.actionName(plain, action));
      plain.apply(action);
      // What is copied goes on like what it was copied from.
      if (ply % 3 === 0) state = cloneState(game, state, rng);
      state.apply(action);
    }
    expect(repeated).toContain(true);
  }
});

test('its key tells other pasts apart, as far as they are shown', () => {
  const after = (history: number, moves: string): string => keyOf(createChess({ history }).parseSetup!(moves)!);
  const [one, other] = ['Nf3 Nf6 Nc3 Nc6 e4 e5', 'Nc3 Nc6 Nf3 Nf6 e4 e5'];
  expect(after(0, one)).toBe(after(0, other));
  // Two moves back both are one position; the third earlier position is another.
  expect([1, 2, 3, 7].map((history) => after(history, one) === after(history, other))).toEqual([true, true, false, false]);
  const [start, fen] = ['', 'rnbqkbnr/pppppppp/8/8/4P3/8/PPPP1PPP/RNBQKBNR b KQkq - 0 1'];
  expect(after(1, `${start} e4`)).not.toBe(after(1, fen));
  expect(after(0, `${start} e4`)).toBe(after(0, fen));
});

test('a playout remembers as moves do', () => {
  const game = createChess({ history: 2 });
  const state = game.start(rng);
  state.playout(rng);
  const planes = planesOf(game, state);
  // The last two positions before the end: as many pieces as now, or one more for a capture.
  const pieces = (from: number): number => planes.subarray(from * 64, (from + 12) * 64).reduce((sum, value) => sum + value, 0);
  expect(pieces(19) - pieces(0)).toBeGreaterThanOrEqual(0);
  expect(pieces(32) - pieces(0)).toBeLessThanOrEqual(2);
  expect(planes.subarray(19 * 64, 31 * 64)).not.toEqual(planes.subarray(0, 12 * 64));
});

describe('by name', () => {
  test.each([['chess-history3', 'chess-history3', 58], ['Chess_History7', 'chess-history7', 110], ['chess', 'chess', 19]])('%s', async (name, id, channels) => {
    const game = await loadGame(name);
    expect([game.id, game.planes[0], game.version]).toEqual([id, channels, chess.version]);
    expect(await loadGame(name)).toBe(game);
  });

  test.each(['chess-history', 'chess-history0', 'chess-history8', 'chess-history12', 'chess+history=3', 'chess-history-x'])('%s is refused', async (name) => {
    const error: unknown = await loadGame(name).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toBe(`unknown game '${name}': chess with earlier positions is chess-history1 to chess-history7 (and chess without)`);
  });

  test.each([-1, 8, 1.5, Number.NaN])('history %d is refused', (history) => {
    expect(() => createChess({ history })).toThrow(/0 to 7 earlier positions/);
  });
});
