/** `ludus tournament`: from a file or options to a ledger, a crosstable and ratings. */
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { UserError, rulesOf } from '#engine';
import { loadGame } from '#games';
import { checkTournament, crosstableCsv, ledgerPgn, readLedger, readTournament, type TournamentConfig } from '#arena';
import type { ClusterSettings } from '../cluster.js';
import { printResult } from '../output.js';
import { finite, playTournament, type RemoteOptions } from './play.js';
import { ratingModelOf } from './program.js';
import { crosstableText, remarks, standingTable } from './text.js';

interface TournamentCommand extends RemoteOptions, ClusterSettings {
  readonly game?: string;
  readonly agent?: readonly string[];
  readonly format?: string;
  readonly pairs?: number;
  readonly seed?: number;
  readonly plies?: number;
  readonly book?: string;
  readonly clock?: string;
  readonly moveMillis?: number;
  readonly run?: string;
  readonly last?: number;
  readonly sims?: number;
  readonly model?: string;
  readonly anchor?: Readonly<Record<string, number>>;
  readonly virtualDraws?: number;
  readonly ledger?: string;
  readonly csv?: string;
  readonly pgn?: string;
  readonly threads?: number;
  readonly device?: string;
  readonly json?: boolean;
}

const given = (entries: Readonly<Record<string, unknown>>): Record<string, unknown> => Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));

/** The file's settings with the options on top, checked as a whole. */
async function settings(file: string | undefined, options: TournamentCommand): Promise<TournamentConfig> {
  const base: Partial<TournamentConfig> = file === undefined ? {} : readTournament(file);
  finite({ 'virtual-draws': options.virtualDraws });
  const { run } = options;
  const game = options.game ?? base.game ?? (run === undefined ? undefined : (await import('#selfplay')).readRun(run).config.game);
  if (game === undefined) throw new UserError('usage', 'name the game: ludus tournament --game connect4 --agent … --agent …, or a tournament file; --help shows both');
  const ratings = given({ model: options.model === undefined ? undefined : ratingModelOf(options.model), anchors: options.anchor, virtualDraws: options.virtualDraws });
  // One clock replaces another kind of time.
  const time = options.clock !== undefined ? { clock: options.clock, moveMillis: undefined } : options.moveMillis !== undefined ? { moveMillis: options.moveMillis, clock: undefined } : {};
  const openings = options.plies !== undefined ? { plies: options.plies } : options.book !== undefined ? { book: options.book } : undefined;
  return checkTournament(given({
    ...base,
    ...given({
      game, run, openings, last: options.last, sims: options.sims, agents: options.agent, format: options.format ?? (run === undefined ? undefined : 'checkpoints'),
      pairs: options.pairs, seed: options.seed, threads: options.threads, device: options.device,
    }),
    ...time,
    ratings: { ...base.ratings, ...ratings },
  }), file ?? 'the options');
}

export async function tournament(file: string | undefined, options: TournamentCommand): Promise<void> {
  const config = await settings(file, options);
  const name = file === undefined ? undefined : basename(file).replace(/\.json$/, '');
  // Said before hours of play rather than after.
  if (options.pgn !== undefined && rulesOf(await loadGame(config.game)) !== 'chess') throw new UserError('usage', `--pgn is for chess; the ledger of ${config.game} is JSON lines, a game each`);
  const result = await playTournament({ config, ledger: options.ledger, name, json: options.json === true, remote: options, elsewhere: options });
  const { report } = result;
  if (options.csv !== undefined) writeFileSync(options.csv, crosstableCsv(report));
  if (options.pgn !== undefined) writeFileSync(options.pgn, await ledgerPgn(result.plan.game, readLedger(result.ledger)));
  printResult(options.json === true, { ...report, interrupted: result.interrupted, seconds: result.seconds, ledger: result.ledger }, () => [
    `${report.game}, ${report.format}, ${report.pairs} of ${report.pairsPlanned} pairs${result.interrupted ? ' (interrupted: the same command goes on)' : ''}`,
    '', standingTable(report), '', crosstableText(report), '',
    ...remarks(report).map((line) => `  ${line}`),
    `  ledger ${result.ledger}`,
  ].join('\n'));
}
