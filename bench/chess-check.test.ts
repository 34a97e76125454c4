import { readFileSync } from 'node:fs';
import { Chess } from 'chess.js';
import { expect, test } from 'vitest';
import { createRng } from '#engine';
import { ChessState, makeFen, parsePgn } from '#games/chess';
import { checkChess } from './chess-check.js';

test('chess: moves, SAN, FEN and endings are those of chess.js in 1,500 positions', () => {
  // Late positions of games reach the endings.
  const starts = readFileSync(new URL('../testdata/chess-tactics.csv', import.meta.url), 'utf8').trim().split('\n').slice(1).map((row) => row.split(',')[0]);
  const result = checkChess(1500, createRng('chess check'), starts);
  expect(result.differences).toEqual([]);
  expect(result.positions).toBe(1500);
});

test.each([
  ['Morphy, Opera house 1858', '1. e4 e5 2. Nf3 d6 3. d4 Bg4 4. dxe5 Bxf3 5. Qxf3 dxe5 6. Bc4 Nf6 7. Qb3 Qe7 8. Nc3 c6 9. Bg5 b5 10. Nxb5 cxb5 11. Bxb5+ Nbd7 12. O-O-O Rd8 13. Rxd7 Rxd7 14. Rd1 Qe6 15. Bxd7+ Nxd7 16. Qb8+ Nxb8 17. Rd8# 1-0'],
  ['Anderssen - Kieseritzky, London 1851', '1. e4 e5 2. f4 exf4 3. Bc4 Qh4+ 4. Kf1 b5 5. Bxb5 Nf6 6. Nf3 Qh6 7. d3 Nh5 8. Nh4 Qg5 9. Nf5 c6 10. g4 Nf6 11. Rg1 cxb5 12. h4 Qg6 13. h5 Qg5 14. Qf3 Ng8 15. Bxf4 Qf6 16. Nc3 Bc5 17. Nd5 Qxb2 18. Bd6 Bxg1 19. e5 Qxa1+ 20. Ke2 Na6 21. Nxg7+ Kd8 22. Qf6+ Nxf6 23. Be7# 1-0'],
  ['Anderssen - Dufresne, Berlin 1852', '1. e4 e5 2. Nf3 Nc6 3. Bc4 Bc5 4. b4 Bxb4 5. c3 Ba5 6. d4 exd4 7. O-O d3 8. Qb3 Qf6 9. e5 Qg6 10. Re1 Nge7 11. Ba3 b5 12. Qxb5 Rb8 13. Qa4 Bb6 14. Nbd2 Bb7 15. Ne4 Qf5 16. Bxd3 Qh5 17. Nf6+ gxf6 18. exf6 Rg8 19. Rad1 Qxf3 20. Rxe7+ Nxe7 21. Qxd7+ Kxd7 22. Bf5+ Ke8 23. Bd7+ Kf8 24. Bxe7# 1-0'],
])('%s: read as by chess.js, to the mate', (_name, pgn) => {
  const parsed = parsePgn(pgn);
  if (!parsed.ok) throw new Error(parsed.error);
  const state = new ChessState();
  for (const action of parsed.value.actions) state.apply(action);
  const reference = new Chess();
  reference.loadPgn(pgn);
  expect([makeFen(state.position), state.ending]).toEqual([reference.fen(), 'checkmate']);
});
