/** Plays a tournament with its live table: what `ludus tournament` and `ludus sprt` share. */
import { resolve } from 'node:path';
import { UserError } from '#engine';
import { isGamePath, loadGame } from '#games';
import { openHub, remoteNames, runTournament, writeRatingList, type LedgerGame, type PairSource, type Plan, type Standing, type TournamentConfig, type TournamentResult } from '#arena';
import { packageVersion, type ClusterSettings } from '../cluster.js';
import { interruptible } from '../interrupt.js';
import { count, duration } from '../output.js';
import { LiveLines } from './live.js';
import { sprtText, standingTable } from './text.js';

export interface PlayOptions {
  readonly config: TournamentConfig;
  readonly ledger: string | undefined;
  /** Name of the ledger's file where none is given. */
  readonly name: string | undefined;
  readonly json: boolean;
  readonly remote: RemoteOptions;
  /** Whose workers play, if not this process. */
  readonly elsewhere?: ClusterSettings;
}

/** Where remote agents join. */
export interface RemoteOptions {
  readonly listen?: number;
  readonly listenHost?: string;
  readonly token?: string;
}

/** Where a tournament is kept that was given no place: named by what is played, so that the same command goes on. */
function ledgerFor(plan: Plan, name: string | undefined): string {
  const folder = plan.config.run === undefined ? 'tournaments' : `${plan.config.run}/tournaments`;
  return `${folder}/${name ?? `${plan.game.id}-${plan.config.format}-${plan.hash.slice(0, 8)}`}.jsonl`;
}

export async function playTournament(options: PlayOptions): Promise<TournamentResult> {
  const { json, config } = options;
  const live = new LiveLines(json);
  const started = performance.now();
  let before = 0;
  let games = 0;
  let draw: () => void = () => undefined;
  // Games of strong players end seldom: the table lives on in between.
  const ticking = setInterval(() => draw(), 1000);
  const source = isGamePath(config.game) && !config.game.startsWith('file:') ? resolve(config.game) : config.game;
  const remote = await remotes(config, source, options.remote, live);
  const elsewhere = await workers(options.elsewhere, live);
  const result = await interruptible((signal) => runTournament({
    config: { ...config, game: source },
    ledger: options.ledger ?? ((plan) => ledgerFor(plan, options.name)),
    version: packageVersion(),
    ...(elsewhere === undefined ? {} : { elsewhere }),
    signal,
    ...(remote === undefined ? {} : { start: remote.start }),
    onStart: (standing, { file, resumed, repaired }) => {
      before = standing.pairs;
      if (repaired) live.note(`${file}: the last line was torn; it was cut off, and its game will be played again`);
      if (resumed) live.note(`going on with ${file}: ${count(standing.pairs)} of ${count(standing.plan.rounds * standing.plan.couples.length)} pairs are there`);
      else live.note(`writing ${file}`);
      draw = () => live.update(() => progress(standing, games, before, started), () => {
        const report = standing.report();
        return [...standingTable(report).split('\n'), ...(report.sprt === undefined ? [] : sprtText(report.sprt).split('\n'))];
      });
    },
    onGame: (game: LedgerGame) => {
      games++;
      if (game.fault !== undefined) live.note(`${game.fault.by === 'a' ? game.a : game.b} lost by ${game.end}: ${game.fault.message}`);
      draw();
    },
    onVoid: (pair, message) => live.note(`pair ${pair} is void and will be played again: ${message}`),
  })).finally(() => {
    clearInterval(ticking);
    return remote?.hub.close();
  });
  live.clear();
  const list = writeRatingList(result.ledger);
  if (list !== undefined) live.note(`wrote ${list.file}`);
  // What was played is saved, and the same command goes on.
  if (result.interrupted && result.report.games === 0) process.exitCode = 130;
  return result;
}

/** The workers of a cluster, where `--redis` names one. */
async function workers(settings: ClusterSettings | undefined, live: LiveLines): Promise<PairSource | undefined> {
  if (settings?.redis === undefined) return undefined;
  const [{ redisAddress }, { remotePairs }] = await Promise.all([import('#selfplay/cluster'), import('#arena/cluster')]);
  const { redis, cluster, blobs, queueGames } = settings;
  return remotePairs({ address: redisAddress(redis), version: packageVersion(), cluster, blobs, queueGames, note: (line) => live.note(line) });
}

/** Opens the place where remote agents join, if there are any, and says how. */
async function remotes(config: TournamentConfig, source: string, options: RemoteOptions, live: LiveLines): Promise<Awaited<ReturnType<typeof openHub>> | undefined> {
  const names = remoteNames(config.agents.map((entry) => (typeof entry === 'string' ? entry : entry.agent)));
  if (names.length === 0) {
    if (options.listen !== undefined) throw new UserError('usage', '--listen is for remote agents, and none takes part: --agent remote:NAME');
    return undefined;
  }
  const token = options.token ?? process.env.LUDUS_REMOTE_TOKEN;
  const open = await openHub(await loadGame(source), names, {
    ...(options.listen === undefined ? {} : { port: options.listen }),
    ...(options.listenHost === undefined ? {} : { host: options.listenHost }),
    ...(token === undefined ? {} : { token }),
    onJoin: (name) => live.note(`remote:${name} has joined`),
    onLeave: (name) => live.note(`remote:${name} has left`),
  });
  // Without it nobody could join: it is said even where progress is not.
  process.stderr.write(`waiting for ${names.map((name) => `remote:${name}`).join(', ')} at ${open.hub.url}${token === undefined ? `, token ${open.hub.token}` : ''}\n`);
  return open;
}

function progress(standing: Standing, games: number, before: number, started: number): string {
  const { plan, pairs } = standing;
  const total = plan.rounds * plan.couples.length;
  const seconds = (performance.now() - started) / 1000;
  const left = ((total - pairs) * seconds) / Math.max(1, pairs - before);
  const rate = `${count(games / seconds)} games/s`;
  return plan.config.sprt === undefined ? `${count(pairs)}/${count(total)} pairs, ${rate}, ${duration(left)} left` : `${count(pairs)} pairs, ${rate}`;
}

/** Numbers that options parsed to NaN are said by name. */
export function finite(values: Readonly<Record<string, number | undefined>>): void {
  for (const [name, value] of Object.entries(values)) if (value !== undefined && !Number.isFinite(value)) throw new UserError('usage', `--${name} takes a number`);
}
