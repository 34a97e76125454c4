/** `ludus sprt`: a match that ends when it is decided, or the test of counts that one has. */
import { UserError } from '#engine';
import { checkTournament, sprt, type SprtModel } from '#arena';
import { printResult } from '../output.js';
import { finite, playTournament, type RemoteOptions } from './play.js';
import { gauge, remarks, sprtText, standingTable } from './text.js';

interface SprtCommand extends RemoteOptions {
  readonly elo0: number;
  readonly elo1: number;
  readonly alpha: number;
  readonly beta: number;
  readonly model: string;
  readonly games?: readonly number[];
  readonly pairs?: readonly number[];
  readonly game?: string;
  readonly a?: string;
  readonly b?: string;
  readonly maxPairs: number;
  readonly seed: number;
  readonly plies?: number;
  readonly book?: string;
  readonly clock?: string;
  readonly moveMillis?: number;
  readonly ledger?: string;
  readonly threads?: number;
  readonly device: string;
  readonly json?: boolean;
}

export async function sprtCommand(options: SprtCommand): Promise<void> {
  const { elo0, elo1, alpha, beta } = options;
  finite({ elo0, elo1, alpha, beta });
  const model: SprtModel = options.model === 'logistic' ? 'logistic' : options.model === 'bayesian' ? 'bayesian' : 'normalized';
  if (elo0 >= elo1) throw new UserError('usage', `--elo1 is to be above --elo0 (${elo0}), not ${elo1}`);
  for (const [name, value] of [['alpha', alpha], ['beta', beta]] as const) {
    if (!(value > 0 && value < 0.5)) throw new UserError('usage', `--${name} is a probability above 0 and below 0.5, not ${value}`);
  }
  if (options.games !== undefined || options.pairs !== undefined) return calculate(options, model);

  const { game, a, b } = options;
  if (game === undefined || a === undefined || b === undefined) throw new UserError('usage', 'say who plays (--game G --a A --b B), or give counts (--games W,D,L or --pairs LL,LD,WL,DD,WD,WW)');
  const openings = options.plies !== undefined ? { plies: options.plies } : options.book !== undefined ? { book: options.book } : {};
  const config = checkTournament({
    game, format: 'sprt', openings, pairs: options.maxPairs, seed: options.seed, sprt: { elo0, elo1, alpha, beta, model }, device: options.device,
    agents: a === b ? [{ agent: a, name: `${a} (A)` }, { agent: b, name: `${b} (B)` }] : [a, b],
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    ...(options.moveMillis === undefined ? {} : { moveMillis: options.moveMillis }),
    ...(options.threads === undefined ? {} : { threads: options.threads }),
  }, 'the options');
  const result = await playTournament({ config, ledger: options.ledger, name: undefined, json: options.json === true, remote: options });
  const { report } = result;
  const [{ wins, draws, losses, pairs, statistics }] = report.crosstable;
  const test = report.sprt!;
  printResult(options.json === true, {
    llr: test.llr, lower: test.lower, upper: test.upper, state: test.state, model, elo0, elo1, alpha, beta,
    a: report.crosstable[0].a, b: report.crosstable[0].b, games: report.games, wins, draws, losses, pairs,
    elo: statistics.elo, margin: statistics.margin, nelo: statistics.nelo, nelo_margin: statistics.neloMargin, los: statistics.los,
    distinctGames: report.distinctGames, faults: report.faults, interrupted: result.interrupted, seconds: result.seconds, ledger: result.ledger,
  }, () => [
    standingTable(report), '', sprtText(test), '',
    `  A against B +${wins} =${draws} −${losses}; pairs LL ${pairs[0]}, LD ${pairs[1]}, WL ${pairs[2]}, DD ${pairs[3]}, WD ${pairs[4]}, WW ${pairs[5]}`,
    `  Elo ${statistics.elo?.toFixed(1) ?? 'n/a'} ± ${statistics.margin?.toFixed(1) ?? 'n/a'}, nElo ${statistics.nelo?.toFixed(1) ?? 'n/a'} ± ${statistics.neloMargin?.toFixed(1) ?? 'n/a'} (95 %, by pairs)`,
    ...remarks(report).slice(1).map((line) => `  ${line}`),
    `  ledger ${result.ledger}`,
  ].join('\n'));
}

function calculate({ games, pairs, ...options }: SprtCommand, model: SprtModel): void {
  if (games !== undefined && pairs !== undefined) throw new UserError('usage', 'give --games or --pairs, not both: pairs say all that the games do, and more');
  if (games === undefined && model === 'bayesian') throw new UserError('usage', 'the Bayesian model knows single games only: give --games W,D,L, or take --model normalized for pairs');
  const result = sprt(games === undefined ? pairs! : { wins: games[0], draws: games[1], losses: games[2] }, { ...options, model });
  printResult(options.json === true, result, () => `${gauge(result.llr, result.lower, result.upper)}\n${result.state === 'continue' ? 'not decided: play on' : `${result.state} accepted`}`);
}
