/** `ludus rate`: ratings of ledgers. */
import { writeFileSync } from 'node:fs';
import { rateLedgers } from '#arena';
import { count, printResult } from '../output.js';
import { finite } from './play.js';
import { ratingModelOf } from './program.js';
import { modelNames, ratingText } from './text.js';

interface RateCommand {
  readonly model: string;
  readonly anchor?: Readonly<Record<string, number>>;
  readonly virtualDraws?: number;
  readonly csv?: string;
  /** false by --no-advantage. */
  readonly advantage: boolean;
  readonly json?: boolean;
}

export async function rate(files: readonly string[], options: RateCommand): Promise<void> {
  finite({ 'virtual-draws': options.virtualDraws });
  const ratings = rateLedgers(files, {
    model: ratingModelOf(options.model),
    advantage: options.advantage,
    ...(options.anchor === undefined ? {} : { anchors: options.anchor }),
    ...(options.virtualDraws === undefined ? {} : { virtualDraws: options.virtualDraws }),
  });
  const cell = (value: number | null): string => (value === null ? '' : value.toFixed(2));
  if (options.csv !== undefined) {
    const rows = ratings.players.map((p) => [`"${p.name.replaceAll('"', '""')}"`, cell(p.elo), cell(p.error), cell(p.se), p.games, p.points].join(','));
    writeFileSync(options.csv, `name,elo,error95,se,games,points\n${rows.join('\n')}\n`);
  }
  const anchors = Object.entries(ratings.anchors);
  const unrated = ratings.players.filter((p) => p.elo === null).map((p) => p.name);
  printResult(options.json === true, ratings, () => [
    ratingText(ratings), '',
    `  ${ratings.game}: ${count(ratings.games)} games of ${ratings.ledgers.length} ${ratings.ledgers.length === 1 ? 'ledger' : 'ledgers'}; ${modelNames[ratings.model]}, ${anchors.length === 0 ? 'mean 0' : anchors.map(([name, elo]) => `${name} fixed at ${elo}`).join(', ')}, errors by pairs`,
    '  LOS: likelihood that a player is stronger than the one below',
    ...(ratings.advantage === null ? [] : [`  moving first is worth ${ratings.advantage.toFixed(0)} Elo`]),
    ...(ratings.groups > 1 && ratings.games > 0 ? [`  ${ratings.groups} groups that the games do not tie together: ratings compare within a group only`] : []),
    ...(unrated.length > 0 ? [`  no rating for ${unrated.join(', ')}: all won, all lost, or never met; --virtual-draws 1 gives one to those who met`] : []),
    ...(ratings.leftOut > 0 ? [`  ${ratings.leftOut} games left out: the other game of their pair is missing`] : []),
    ...ratings.ledgers.filter((ledger) => ledger.torn).map((ledger) => `  ${ledger.file}: the last line is torn and was skipped; resuming the tournament repairs it`),
  ].join('\n'));
}
