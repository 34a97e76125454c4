/**
 * Our rules of chess against chess.js, position by position: `node dist/bench/chess-check.js POSITIONS [SEED]` plays
 * random games from the starting position and from the openings in testdata, exit code 1 on any difference.
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { Chess } from 'chess.js';
import { OVER, createRng } from '#engine';
import type { Rng } from '#engine';
import { ChessState, chess, makeFen, makeUci, moveOf, parseFen, parseSan, parseUci } from '#games/chess';

export interface ChessCheck {
  positions: number;
  games: number;
  /** Games by how they ended; 'unfinished' when the positions were enough. */
  endings: Record<string, number>;
  /** The first few differences, in words. */
  differences: string[];
}

const legal = new Int32Array(chess.actionCount);

/** The FEN, whether the game goes on, and the legal moves in SAN. */
function ours(state: ChessState): string[] {
  const actions = [...legal.subarray(0, state.legal(legal))];
  const moves = actions.map((action) => chess.actionName(state, action));
  for (const [i, action] of actions.entries()) {
    const uci = makeUci(state.position, moveOf(action, state.position));
    if (chess.parseAction(state, moves[i]) !== action || chess.parseAction(state, uci) !== action) moves.push(`not read back: ${uci} ${moves[i]}`);
  }
  return [makeFen(state.position), state.ending === undefined ? 'goes on' : 'is over', ...moves.sort()];
}

function theirs(game: Chess): string[] {
  // chess.js lists moves of games that a draw has ended, too. (Its verbose list is many times slower.)
  return [game.fen(), game.isGameOver() ? 'is over' : 'goes on', ...(game.isGameOver() ? [] : game.moves().sort())];
}

/** Whether chess.js agrees on the reason why the game has ended. */
function agrees(state: ChessState, game: Chess): boolean {
  switch (state.ending) {
    case undefined: return true;
    case 'checkmate': return game.isCheckmate();
    case 'stalemate': return game.isStalemate();
    case 'fifty-move rule': return game.isDrawByFiftyMoves();
    case 'threefold repetition': return game.isThreefoldRepetition();
    case 'insufficient material': return game.isInsufficientMaterial();
    case 'length': return false;
  }
  return state.ending satisfies never;
}

/** Half of the games begin from a position of `starts` (FEN), the others from the starting position. */
export function checkChess(positions: number, rng: Rng, starts: readonly string[] = []): ChessCheck {
  const result: ChessCheck = { positions: 0, games: 0, endings: {}, differences: [] };
  while (result.positions < positions && result.differences.length < 10) {
    const start = starts.length > 0 && result.games % 2 === 1 ? starts[rng.below(starts.length)] : undefined;
    const game = start === undefined ? new Chess() : new Chess(start);
    const parsed = start === undefined ? undefined : parseFen(start);
    if (parsed !== undefined && !parsed.ok) throw new Error(`${start}: ${parsed.error}`);
    const state = new ChessState(parsed?.value);
    result.games++;
    for (;;) {
      const mine = ours(state);
      const reference = theirs(game);
      result.positions++;
      if (mine.join() !== reference.join()) {
        const only = (a: string[], b: string[]) => a.filter((line) => !b.includes(line)).join(', ');
        result.differences.push(`after ${game.history().join(' ')} from ${start ?? 'the start'}: ours only: ${only(mine, reference)}; theirs only: ${only(reference, mine)}`);
        break;
      }
      if (!agrees(state, game)) result.differences.push(`${mine[0]} ends otherwise than by ${state.ending}`);
      if (state.turn === OVER || result.positions >= positions) break;
      // Played by squares here and by SAN there: the next position shows whether both mean the same move.
      const san = mine[2 + rng.below(mine.length - 2)];
      state.play(parseUci(state.position, makeUci(state.position, parseSan(state.position, san))));
      game.move(san);
    }
    const ending = state.ending ?? 'unfinished';
    result.endings[ending] = (result.endings[ending] ?? 0) + 1;
  }
  return result;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [positions = '10000', seed = '1'] = process.argv.slice(2);
  const openings = readFileSync('testdata/chess-openings.epd', 'utf8').trim().split('\n').map((line) => `${line.split(' ').slice(0, 4).join(' ')} 0 5`);
  const tactics = readFileSync('testdata/chess-tactics.csv', 'utf8').trim().split('\n').slice(1).map((line) => line.split(',')[0]);
  const began = performance.now();
  const result = checkChess(Number(positions), createRng(`chess check ${seed}`), [...openings, ...tactics]);
  console.log(JSON.stringify({ ...result, seconds: Math.round((performance.now() - began) / 100) / 10 }));
  process.exitCode = result.differences.length === 0 ? 0 : 1;
}
