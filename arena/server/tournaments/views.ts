/** A ledger's games and figures in the words of the protocol. */
import { GAMES_A_PAGE, MAX_TOURNAMENT_PLAYERS, type TournamentGame, type TournamentGameRow, type TournamentView } from '#arena/protocol';
import type { LedgerGame } from '../../tournament/ledger.js';
import type { LedgerFile } from './ledger-file.js';

const NAME = 128;
const LINE = 1024;
export const nameOf = (text: unknown): string => (typeof text === 'string' ? text : '').slice(0, NAME);
export const lineOf = (text: unknown): string => (typeof text === 'string' ? text : '').slice(0, LINE);
const finite = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);

export interface Where { readonly id: string; readonly name: string; readonly run: string | null; readonly running: boolean; readonly changed: number }

/** Throws when the ledger has not been read. */
export function viewOf(ledger: LedgerFile, where: Where): TournamentView {
  const { header, standing } = ledger;
  if (header === undefined || standing === undefined) throw new Error('the ledger has not been read');
  const report = standing.report();
  const players = report.players.slice(0, MAX_TOURNAMENT_PLAYERS);
  const place = new Map(players.map((player, i) => [player.name, i]));
  const { sprt } = report;
  return {
    ...where,
    game: nameOf(report.game), format: nameOf(report.format), created: nameOf(header.created),
    decided: standing.decided,
    model: report.model, virtualDraws: report.virtualDraws,
    anchors: Object.entries(report.anchors).map(([name, elo]) => ({ name: lineOf(name), elo })),
    players: players.map(({ name, agent, elo, error, games, points, group, wins, draws, losses, faults }) =>
      ({ name: lineOf(name), agent: lineOf(agent), elo, error, games, points, group, wins, draws, losses, faults })),
    omitted: report.players.length - players.length,
    los: report.los.slice(0, players.length).map((row) => row.slice(0, players.length)),
    crosstable: report.crosstable.flatMap(({ a, b, wins, draws, losses, pairs, statistics: { elo, margin, nelo, los } }) => {
      const [i, j] = [place.get(a), place.get(b)];
      if (i === undefined || j === undefined || wins + draws + losses === 0) return [];
      return [{ a: i, b: j, wins, draws, losses, pairs: [...pairs] as [number, number, number, number, number, number], elo, margin, nelo, los }];
    }),
    firstPlayer: report.firstPlayer,
    pairs: report.pairs, games: report.games, unrated: ledger.games.size - report.games,
    distinctGames: report.distinctGames, distinctOpenings: report.distinctOpenings,
    ends: Object.entries(report.ends).map(([end, games]) => ({ end, games })),
    faults: report.faults.slice(0, 256).map(({ player, end, games, message }) => ({ player: lineOf(player), end: nameOf(end), games, message: lineOf(message) })),
    sprt: sprt === undefined ? null : {
      model: nameOf(sprt.model), elo0: sprt.elo0, elo1: sprt.elo1, alpha: sprt.alpha, beta: sprt.beta,
      llr: sprt.llr, lower: sprt.lower, upper: sprt.upper, state: sprt.state, pairs: sprt.pairs,
    },
    damaged: ledger.damaged,
  };
}

function rowOf(game: LedgerGame): TournamentGameRow {
  const { a, b, pair, leg, score, end, moves } = game;
  const [first, second] = leg === 0 ? [a, b] : [b, a];
  return { game: 2 * pair + leg, first: lineOf(first), second: lineOf(second), score: leg === 0 ? score : 1 - score, end, plies: moves.length };
}

/** Newest first. `players`: everybody's games, those of one, or those of two against each other. */
export function gamesOf(ledger: LedgerFile, players: readonly string[], offset: number): { total: number; games: TournamentGameRow[] } {
  const wanted = [...ledger.games.values()].filter(({ a, b }) => players.every((name) => name === a || name === b)).reverse();
  return { total: wanted.length, games: wanted.slice(offset, offset + GAMES_A_PAGE).map(rowOf) };
}

export function gameOf(ledger: LedgerFile, number: number): TournamentGame | undefined {
  const game = ledger.games.get(number);
  if (game === undefined) return undefined;
  const { opening, moves, fault, notes, leg, reason } = game;
  const values = Array.isArray(notes?.values) && notes.values.length === moves.length ? notes.values.map(finite) : [];
  return {
    ...rowOf(game),
    rules: nameOf(ledger.header?.plan.game.id),
    setup: typeof opening.setup === 'string' ? lineOf(opening.setup) : null,
    seed: finite(opening.seed),
    opening: [...opening.moves], moves: [...moves], values,
    faultBy: fault === undefined ? null : (fault.by === 'a') === (leg === 0) ? 'first' : 'second',
    message: fault !== undefined ? lineOf(fault.message) : reason !== undefined ? lineOf(reason) : null,
  };
}
