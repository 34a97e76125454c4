/** Games of chess as PGN, with what the players told: evaluation/depth, nodes and time, as chess programs write it. */
import { type Game, type State, UserError, createRng } from '#engine';
import { ChessState, makeFen } from '#games/chess';
import { startState } from '../position.js';
import type { LedgerGame, LedgerHeader } from './ledger.js';

const WIDTH = 80;
/** Beyond it an evaluation says no more: ten pawns. */
const MOST_CENTIPAWNS = 1000;

/** The inverse of the scale on which engines' centipawns become values. */
export function centipawnsOfValue(value: number): number {
  const odds = (1 + value) / (1 - value);
  const centipawns = odds > 0 && Number.isFinite(odds) ? 400 * Math.log10(odds) : Math.sign(value) * MOST_CENTIPAWNS;
  return Math.max(-MOST_CENTIPAWNS, Math.min(MOST_CENTIPAWNS, centipawns));
}

function comment({ notes }: LedgerGame, ply: number): string | undefined {
  const value = notes?.values?.[ply];
  const depth = notes?.depths?.[ply];
  const nodes = notes?.simulations?.[ply];
  const millis = notes?.millis?.[ply];
  const pawns = value == null ? undefined : centipawnsOfValue(value) / 100;
  const parts = [
    ...(pawns === undefined ? [] : [`${pawns >= 0 ? '+' : ''}${pawns.toFixed(2)}${depth == null ? '' : `/${depth}`}`]),
    ...(nodes == null ? [] : [`${nodes}n`]),
    ...(millis == null ? [] : [`${(millis / 1000).toFixed(3)}s`]),
  ];
  return parts.length === 0 ? undefined : `{${parts.join(' ')}}`;
}

/** Throws UserError('usage') for another game than chess. */
export function gamePgn(game: Game, header: LedgerHeader, record: LedgerGame): string {
  const state: State = startState(game, record.opening);
  if (!(state instanceof ChessState)) throw new UserError('usage', `PGN is for chess; these are games of ${game.name} (the ledger itself is JSON lines)`);
  const { a, b, leg, score, end, fault, reason, pair } = record;
  const white = leg === 0 ? score : 1 - score;
  const result = white === 1 ? '1-0' : white === 0 ? '0-1' : '1/2-1/2';
  const first = makeFen(state.position);
  const usual = makeFen((game.start(createRng(0)) as ChessState).position);
  const tags: [string, string][] = [
    ['Event', header.name ?? 'Ludus tournament'], ['Site', '?'], ['Date', header.created.slice(0, 10).replaceAll('-', '.')], ['Round', `${pair + 1}.${leg + 1}`],
    ['White', leg === 0 ? a : b], ['Black', leg === 0 ? b : a], ['Result', result],
    ...(first === usual ? [] : [['SetUp', '1'], ['FEN', first]] satisfies [string, string][]),
    ['Termination', end], ...(fault === undefined ? [] : [['TerminationDetails', fault.message]] satisfies [string, string][]), ...(reason === undefined ? [] : [['TerminationDetails', reason]] satisfies [string, string][]),
  ];
  const words: string[] = [];
  for (const [i, action] of [...record.opening.moves, ...record.moves].entries()) {
    const { fullmove, side } = numbers(state);
    const own = i - record.opening.moves.length;
    const said = own < 0 ? (own === -1 ? '{book}' : undefined) : comment(record, own);
    words.push(...(side === 0 ? [`${fullmove}.`] : i === 0 ? [`${fullmove}...`] : []), game.actionName(state, action), ...(said === undefined ? [] : said.split(' ')));
    state.apply(action);
  }
  const head = tags.map(([name, value]) => `[${name} "${value.replaceAll(/[\r\n]+/g, ' ').replaceAll(/["\\]/g, '\\$&')}"]`);
  return `${head.join('\n')}\n\n${wrapped([...words, result])}\n`;
}

/** Of the FEN: the move's number, and whose it is. */
function numbers(state: ChessState): { fullmove: number; side: 0 | 1 } {
  const fields = makeFen(state.position).split(' ');
  return { fullmove: Number(fields[5]), side: fields[1] === 'w' ? 0 : 1 };
}

function wrapped(words: readonly string[]): string {
  const lines = [''];
  for (const word of words) {
    const last = lines[lines.length - 1];
    if (last !== '' && last.length + 1 + word.length >= WIDTH) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.join('\n');
}
