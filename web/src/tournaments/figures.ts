/** A tournament's figures as they are shown: scales, records, sentences. Pure, and tested by themselves. */
import type { TournamentCouple, TournamentSprt, TournamentView } from '#arena/protocol';
import { NONE, count, percent, plural, signed } from '../ui/format.js';

/** "+123 ± 45"; a dash where there is no rating; "(fixed)" for an anchor. */
export function eloText(elo: number | null, error: number | null): string {
  if (elo === null) return NONE;
  if (error === 0) return `${signed(elo, 0)} fixed`;
  return `${signed(elo, 0)} ± ${error === null ? NONE : count(error)}`;
}

/** "12½". */
export function points(value: number): string {
  const whole = Math.floor(value);
  return value === whole ? count(whole) : `${whole === 0 ? '' : count(whole)}½`;
}

export function scoreText(score: number): string {
  return score === 1 ? '1–0' : score === 0 ? '0–1' : '½–½';
}

export interface Meeting { readonly wins: number; readonly draws: number; readonly losses: number; readonly pairs: readonly number[]; readonly elo: number | null; readonly margin: number | null; readonly nelo: number | null; readonly los: number | null }

/** What `row` did against `column`, as `row` sees it; undefined when they have not met. */
export function meeting(crosstable: readonly TournamentCouple[], row: number, column: number): Meeting | undefined {
  for (const couple of crosstable) {
    if (couple.a === row && couple.b === column) return couple;
    if (couple.a !== column || couple.b !== row) continue;
    const { wins, draws, losses, pairs: [ll, ld, wl, dd, wd, ww], elo, margin, nelo, los } = couple;
    const minus = (value: number | null) => (value === null ? null : -value);
    return { wins: losses, draws, losses: wins, pairs: [ww, wd, wl, dd, ld, ll], elo: minus(elo), margin, nelo: minus(nelo), los: los === null ? null : 1 - los };
  }
  return undefined;
}

/** Share of the points, in [0, 1]. */
export const shareOf = ({ wins, draws, losses }: Pick<Meeting, 'wins' | 'draws' | 'losses'>): number => (wins + draws / 2) / (wins + draws + losses);

export const pairCells = [
  { name: 'LL', words: 'both lost' }, { name: 'LD', words: 'lost, drew' }, { name: 'WL', words: 'one each' },
  { name: 'DD', words: 'both drawn' }, { name: 'WD', words: 'won, drew' }, { name: 'WW', words: 'both won' },
] as const;

export interface Scale { readonly low: number; readonly high: number; readonly ticks: readonly number[] }

/** A scale with round ticks that holds every interval; undefined when nothing is rated. */
export function ratingScale(players: readonly { readonly elo: number | null; readonly error: number | null }[]): Scale | undefined {
  const rated = players.flatMap(({ elo, error }) => (elo === null ? [] : [{ elo, error: error ?? 0 }]));
  if (rated.length === 0) return undefined;
  const least = Math.min(...rated.map(({ elo, error }) => elo - error));
  const most = Math.max(...rated.map(({ elo, error }) => elo + error));
  const span = Math.max(20, most - least);
  const step = [5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000].find((size) => span / size <= 6) ?? 10 ** Math.ceil(Math.log10(span / 6));
  const middle = (least + most) / 2;
  const low = Math.floor(Math.min(least, middle - 10) / step) * step;
  const high = Math.ceil(Math.max(most, middle + 10) / step) * step;
  return { low, high, ticks: Array.from({ length: Math.round((high - low) / step) + 1 }, (_, i) => low + i * step) };
}

/** Place on a scale, in percent. */
export const placeOn = ({ low, high }: Pick<Scale, 'low' | 'high'>, value: number): number => (100 * (Math.max(low, Math.min(high, value)) - low)) / (high - low);

/** What the test says, in a sentence. */
export function verdict({ state, elo0, elo1, model }: TournamentSprt, a: string, b: string): string {
  const unit = model === 'normalized' ? 'normalised Elo' : 'Elo';
  if (state === 'H1') return `H1 accepted: ${a} is stronger than ${b}, by ${elo1} ${unit} or so at least`;
  if (state === 'H0') return `H0 accepted: ${a} is not stronger than ${b} by more than ${elo0} ${unit} or so`;
  return 'Not decided yet: the test goes on until the ratio leaves its bounds';
}

export const formatWords: Record<string, string> = { 'round-robin': 'Round robin', gauntlet: 'Gauntlet', checkpoints: 'Checkpoints of a run', sprt: 'SPRT' };
export const modelWords: Record<string, string> = { bt: 'Bradley–Terry', davidson: 'Davidson', raokupper: 'Rao–Kupper' };
const endWords: Record<string, string> = {
  normal: 'by the rules', truncated: 'at the longest length', adjudicated: 'adjudicated', illegal: 'illegal move', error: 'error', crash: 'crash', stall: 'stalled', timeout: 'out of time', disconnect: 'left',
};
export const endText = (end: string): string => endWords[end] ?? end;

/** How the ratings were made, and what else one must know to read them. */
export function remarks(view: TournamentView): string[] {
  const { firstPlayer, anchors, players, model, virtualDraws } = view;
  const groups = new Set(players.filter((player) => player.elo !== null).map((player) => player.group)).size;
  const unrated = players.filter((player) => player.elo === null && player.games > 0).map((player) => player.name);
  return [
    `Ratings by ${modelWords[model] ?? model}${virtualDraws > 0 ? ` with ${plural(virtualDraws, 'virtual draw')} a couple` : ''}, errors (95 %) by pairs, ${anchors.length === 0 ? 'mean 0' : `${anchors.map(({ name, elo }) => `${name} held at ${elo}`).join(', ')}`}.`,
    ...(groups > 1 ? [`${groups} groups have not taken points off each other: ratings compare within a group only.`] : []),
    ...(unrated.length > 0 ? [`No rating for ${unrated.join(', ')}: all won, all lost, or tied to nobody.`] : []),
    ...(firstPlayer.games > 0 ? [`Who moves first scores ${percent(firstPlayer.points / firstPlayer.games, 1)}${firstPlayer.elo === null ? '' : `, an advantage of ${signed(firstPlayer.elo, 0)} Elo`}.`] : []),
    ...(view.unrated > 0 ? [`${plural(view.unrated, 'game')} on record ${view.unrated === 1 ? 'is' : 'are'} not counted: half a pair, or after the decision.`] : []),
    ...(view.damaged > 0 ? [`${plural(view.damaged, 'line')} of the ledger cannot be read and ${view.damaged === 1 ? 'was' : 'were'} passed over.`] : []),
    ...(view.omitted > 0 ? [`${plural(view.omitted, 'weaker player')} not shown; \`ludus rate\` lists all.`] : []),
  ];
}

/** Games a minute between two looks; undefined when nothing came in between. */
export function pace(from: Pick<TournamentView, 'games' | 'changed'>, to: Pick<TournamentView, 'games' | 'changed'>): number | undefined {
  const minutes = (to.changed - from.changed) / 60_000;
  return minutes > 0 && to.games > from.games ? (to.games - from.games) / minutes : undefined;
}
