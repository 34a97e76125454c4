/** A tournament for spreadsheets and other programs. */
import type { Game } from '#engine';
import type { LedgerContent } from './ledger.js';
import { wholePairs } from './rate.js';
import type { CoupleStanding, TournamentReport } from './standing.js';

const cell = (value: string | number | null): string => {
  const text = value === null ? '' : String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
const rounded = (value: number | null): number | null => (value === null ? null : Math.round(100 * value) / 100);

/** A's record against B as the row's player sees it; undefined when they did not meet. */
export function recordAgainst(crosstable: readonly CoupleStanding[], row: string, column: string): { wins: number; draws: number; losses: number } | undefined {
  for (const { a, b, wins, draws, losses } of crosstable) {
    if (wins + draws + losses === 0) continue;
    if (a === row && b === column) return { wins, draws, losses };
    if (a === column && b === row) return { wins: losses, draws, losses: wins };
  }
  return undefined;
}

/** One row a player, best first: rating, totals, then wins-draws-losses against each of the others. */
export function crosstableCsv({ players, crosstable }: TournamentReport): string {
  const head = ['rank', 'name', 'agent', 'elo', 'error95', 'se', 'games', 'points', 'wins', 'draws', 'losses', 'faults', ...players.map((player) => player.name)];
  const rows = players.map((player, rank) => [
    rank + 1, player.name, player.agent, rounded(player.elo), rounded(player.error), rounded(player.se),
    player.games, player.points, player.wins, player.draws, player.losses, player.faults,
    ...players.map(({ name }) => {
      const record = recordAgainst(crosstable, player.name, name);
      return record === undefined ? '' : `${record.wins}-${record.draws}-${record.losses}`;
    }),
  ]);
  return `${[head, ...rows].map((row) => row.map(cell).join(',')).join('\n')}\n`;
}

/** All whole pairs of a chess ledger as PGN. Throws UserError('usage') for another game. */
export async function ledgerPgn(game: Game, { header, games }: LedgerContent): Promise<string> {
  // Chess is loaded by those who want it.
  const { gamePgn } = await import('./pgn.js');
  return wholePairs(games).flat().map((record) => gamePgn(game, header, record)).join('\n');
}
