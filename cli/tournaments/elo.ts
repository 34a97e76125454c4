/** `ludus elo`: what counts alone say. */
import { UserError, createRng } from '#engine';
import { bootstrapElo, matchStatistics, sampleOfGames, sampleOfPairs } from '#arena';
import { percent, printResult } from '../output.js';

interface EloCommand {
  /** Wins, draws, losses. */
  readonly games?: readonly number[];
  readonly pairs?: readonly number[];
  /** Resamples. */
  readonly bootstrap?: number;
  readonly json?: boolean;
}

export async function elo(options: EloCommand): Promise<void> {
  const { games, pairs } = options;
  if ((games === undefined) === (pairs === undefined)) throw new UserError('usage', 'give either --games W,D,L or --pairs LL,LD,WL,DD,WD,WW');
  const sample = games === undefined ? sampleOfPairs(pairs!) : sampleOfGames({ wins: games[0], draws: games[1], losses: games[2] });
  const s = matchStatistics(sample);
  const interval = options.bootstrap === undefined ? undefined : bootstrapElo(sample, createRng(1), options.bootstrap);
  const figure = (value: number | null, error: number | null): string => (value === null ? 'n/a' : `${value.toFixed(2)} ± ${error === null ? 'n/a' : error.toFixed(2)}`);
  printResult(options.json === true, { elo: s.elo, margin: s.margin, nelo: s.nelo, nelo_margin: s.neloMargin, los: s.los, score: s.score, [sample.unit]: s.units, ...(interval === undefined ? {} : { bootstrap: interval }) }, () => [
    `Elo ${figure(s.elo, s.margin)}   nElo ${figure(s.nelo, s.neloMargin)}   (95 %, by ${sample.unit})`,
    `likelihood of superiority ${percent(s.los)}   score ${percent(s.score)} of ${s.units} ${sample.unit}`,
    ...(interval === undefined ? [] : [interval === null ? 'bootstrap: n/a' : `bootstrap: Elo from ${interval.low.toFixed(2)} to ${interval.high.toFixed(2)}, half-width ${interval.margin.toFixed(2)}`]),
  ].join('\n'));
}
