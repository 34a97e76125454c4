/** Tournaments as text: the table that a person reads while it runs and when it is over. */
import { recordAgainst, type LedgerRatings, type TournamentReport } from '#arena';
import { count, percent, table } from '../output.js';

export const modelNames = { bt: 'Bradley–Terry', davidson: 'Davidson', raokupper: 'Rao–Kupper' } as const;

const signed = (value: number): string => `${value >= 0 ? '+' : ''}${value.toFixed(1)}`;
export const eloText = (elo: number | null, error: number | null): string =>
  elo === null ? 'n/a' : error === 0 ? `${signed(elo)} (fixed)` : `${signed(elo)} ± ${error === null ? 'n/a' : error.toFixed(1)}`;

const points = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(1));

/** A name short enough for a column. */
const brief = (name: string, width = 32): string => (name.length <= width ? name : `…${name.slice(1 - width)}`);

export function standingTable(report: Pick<TournamentReport, 'players'>): string {
  return table(
    [
      ['#', 'player', 'Elo (95 %)', 'games', 'points', 'score', '+', '=', '−', 'faults'],
      ...report.players.map((p, i) => [
        String(i + 1), brief(p.name), eloText(p.elo, p.error), count(p.games), points(p.points), p.games === 0 ? 'n/a' : percent(p.points / p.games),
        String(p.wins), String(p.draws), String(p.losses), p.faults === 0 ? '' : String(p.faults),
      ]),
    ],
    [true, false, true, true, true, true, true, true, true, true],
  );
}

/** Everyone against everyone, as wins-draws-losses of the row. */
export function crosstableText({ players, crosstable }: TournamentReport): string {
  const rows = players.map(({ name }, i) => [
    String(i + 1), brief(name),
    ...players.map((other) => {
      const record = recordAgainst(crosstable, name, other.name);
      return record === undefined ? (other.name === name ? '·' : '') : `${record.wins}-${record.draws}-${record.losses}`;
    }),
  ]);
  return table([['#', 'wins-draws-losses of the row', ...players.map((_, i) => String(i + 1))], ...rows], [true, false, ...players.map(() => true)]);
}

/** LLR between its bounds: "−2.94 [····|··●······] 2.94". */
export function gauge(llr: number | null, lower: number, upper: number, width = 31): string {
  const at = llr === null ? 0 : Math.max(lower, Math.min(upper, llr));
  const cell = (x: number): number => Math.round(((x - lower) / (upper - lower)) * (width - 1));
  const cells = Array.from({ length: width }, (_, i) => (i === cell(at) ? '●' : i === cell(0) ? '|' : '·'));
  return `H0 ${lower.toFixed(2)} [${cells.join('')}] ${upper.toFixed(2)} H1   LLR ${llr === null ? 'n/a' : llr.toFixed(2)}`;
}

export function sprtText(sprt: NonNullable<TournamentReport['sprt']>): string {
  const { elo0, elo1, model, pairs, state } = sprt;
  const verdict = state === 'H1' ? `H1 accepted: A is stronger, by ${elo1} or so at least` : state === 'H0' ? `H0 accepted: A is not stronger by more than ${elo0} or so` : 'not decided yet';
  return `${gauge(sprt.llr, sprt.lower, sprt.upper)}\nSPRT [${elo0}, ${elo1}] ${model}, alpha ${sprt.alpha}, beta ${sprt.beta}, after ${count(pairs)} pairs: ${verdict}`;
}

/** What matters beside the tables, a line each. */
export function remarks(report: TournamentReport): string[] {
  const { firstPlayer, faults, ends } = report;
  const anchors = Object.entries(report.anchors);
  const groups = new Set(report.players.filter((p) => p.elo !== null).map((p) => p.group)).size;
  const unrated = report.players.filter((p) => p.elo === null && p.games > 0).map((p) => p.name);
  return [
    `ratings: ${modelNames[report.model]}${report.virtualDraws > 0 ? `, ${report.virtualDraws} virtual draws a couple` : ''}, errors by pairs, ${anchors.length > 0 ? `${anchors.map(([name, elo]) => `${name} fixed at ${elo}`).join(', ')}` : 'mean 0'}`,
    ...(groups > 1 ? [`${groups} groups never took points off each other: ratings compare within a group only`] : []),
    ...(unrated.length > 0 ? [`no rating for ${unrated.join(', ')}: all won, all lost, or tied to nobody (--virtual-draws 1 gives one)`] : []),
    ...(firstPlayer.games > 0 ? [`first player ${percent(firstPlayer.points / firstPlayer.games)} of the points${firstPlayer.elo === null ? '' : `, an advantage of ${firstPlayer.elo.toFixed(0)} Elo`}`] : []),
    `${count(report.games)} games in ${count(report.pairs)} pairs, ${count(report.distinctGames)} distinct, from ${count(report.distinctOpenings)} distinct openings; ends: ${Object.entries(ends).map(([end, n]) => `${end} ${n}`).join(', ') || 'none yet'}`,
    ...faults.map((fault) => `${fault.player} lost ${fault.games} by ${fault.end}: ${fault.message}`),
  ];
}

/** One group of the list after the other. */
export function ratingText(ratings: LedgerRatings): string {
  const rows = ratings.players.map((p, i) => [
    String(i + 1), brief(p.name, 48), eloText(p.elo, p.error), count(p.games), points(p.points), p.games === 0 ? 'n/a' : percent(p.points / p.games),
    ratings.groups > 1 && p.group >= 0 ? String(p.group + 1) : '',
    i + 1 < ratings.players.length ? percent(ratings.los[i][i + 1]) : '',
  ]);
  return table([['#', 'player', 'Elo (95 %)', 'games', 'points', 'score', ratings.groups > 1 ? 'group' : '', 'LOS'], ...rows], [true, false, true, true, true, true, true, true]);
}
