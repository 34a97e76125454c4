import { expect, it } from 'vitest';
import { allGames } from '#games';
import type { TournamentGame } from '#arena/protocol';
import { changedSquares, chessSquares } from './chess.js';
import { replayGame } from './replay.js';

it('reads the board that the game draws as text, and sees what a move changed', async () => {
  const chess = (await allGames()).find((game) => game.id === 'chess')!;
  // Kings and a rook; White castles long: four squares change.
  const record: TournamentGame = {
    game: 0, first: 'a', second: 'b', score: 1, end: 'normal', plies: 1, rules: 'chess', setup: '4k3/8/8/8/8/8/8/R3K3 w Q - 0 1', seed: null,
    opening: [], moves: [], values: [], faultBy: null, message: null,
  };
  const state = chess.parseSetup!(record.setup!)!;
  const replayed = replayGame(chess, { ...record, moves: [chess.parseAction(state, 'O-O-O')!] });
  expect(replayed).toMatchObject({ fromStart: false, broken: undefined, moves: [{ name: 'O-O-O', seat: 0 }] });
  const [before, after] = replayed.texts.map((text) => chessSquares(text)!);
  expect(before.join('')).toBe(`....k...${'.'.repeat(48)}R...K...`);
  expect(changedSquares(before, after)).toEqual([56, 58, 59, 60]);
  expect(chessSquares('X O .')).toBeUndefined();
});
