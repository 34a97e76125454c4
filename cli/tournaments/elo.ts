/** `ludus elo`: what counts alone say. */
import { UserError } from '#engine';
import { matchStatistics, sampleOfGames, sampleOfPairs } from '#arena';
import { percent, printResult } from '../output.js';

interface EloCommand {
  /** Wins, draws, losses. */
  readonly games?: readonly number[];
  readonly pairs?: readonly number[];
  readonly json?: boolean;
}

export async function elo(options: EloCommand): Promise<void> {
  const { games, pairs } = options;
  if ((games === undefined) === (pairs === undefined)) throw new UserError('usage', 'give either --games W,D,L or --pairs LL,LD,WL,DD,WD,WW');
  const sample = games === undefined ? sampleOfPairs(pairs!) : sampleOfGames({ wins: games[0], draws: games[1], losses: games[2] });
  const s = matchStatistics(sample);
  const figure = (value: number | null, error: number | null): string => (value === null ? 'n/a' : `${value.toFixed(2)} ± ${error === null ? 'n/a' : error.toFixed(2)}`);
  printResult(options.json === true, { elo: s.elo, margin: s.margin, nelo: s.nelo, nelo_margin: s.neloMargin, los: s.los, score: s.score, [sample.unit]: s.units }, () => [
    `Elo ${figure(s.elo, s.margin)}   nElo ${figure(s.nelo, s.neloMargin)}   (95 %, by ${sample.unit})`,
    `likelihood of superiority ${percent(s.los)}   score ${percent(s.score)} of ${s.units} ${sample.unit}`,
  ].join('\n'));
}
