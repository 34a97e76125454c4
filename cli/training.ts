/** What `train` and `start` share: opening a run from options, and telling how it goes. */
import { join, resolve } from 'node:path';
import { existsSync, readFileSync } from 'node:fs';
import { UserError, rulesOf, type Game } from '#engine';
import { createTraining, latestCheckpoint, type EvaluationResult, type Progress, type RunConfig, type Training } from '#selfplay';
import { packageVersion, type ClusterSettings } from './cluster.js';
import { count, duration, percent, StatusLine } from './output.js';

export interface RunSettings extends ClusterSettings {
  readonly run?: string;
  readonly set?: readonly string[];
  readonly config?: string;
  readonly seed?: number;
  readonly from?: string;
  readonly device?: string;
  readonly deterministic?: boolean;
  readonly evaluate?: boolean;
  /** Stores of games to learn from instead of self-play. */
  readonly records?: readonly string[];
}

export type Evaluate = (checkpoint: string, config: RunConfig, signal: AbortSignal) => Promise<EvaluationResult>;

/** Settings of a JSON file as `key=value` texts, in the notation of --set. */
export function fileOverrides(file: string): string[] {
  let data: unknown;
  try {
    data = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UserError('data', `cannot read settings from ${file}: ${(error as Error).message.split('\n')[0]}`);
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) throw new UserError('data', `${file} should hold one JSON object, like a run's config.json`);
  return overridesOf(data);
}

/** Settings as `key=value` texts, in the notation of --set; but the game, which is named on the command line. */
export function overridesOf(data: object): string[] {
  const texts: string[] = [];
  const walk = (value: unknown, key: string): void => {
    if (Array.isArray(value)) {
      const agents = value.some((entry) => typeof entry === 'string');
      texts.push(`${key}=${value.map((entry: unknown) => (Array.isArray(entry) ? entry.join(':') : String(entry))).join(agents ? ';' : ',')}`);
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) walk(inner, key === '' ? name : `${key}.${name}`);
    } else texts.push(`${key}=${String(value)}`);
  };
  walk(data, '');
  return texts.filter((text) => !text.startsWith('game='));
}

/** The checkpoint that --from means: itself, or a run's latest. */
function startingPoint(path: string): string {
  if (!existsSync(path)) throw new UserError('usage', `--from ${path}: there is nothing there; give a checkpoint folder or a run.`);
  if (existsSync(resolve(path, 'checkpoint.json'))) return resolve(path);
  const latest = latestCheckpoint(path);
  if (latest === undefined) throw new UserError('usage', `--from ${path}: neither a checkpoint nor a run that has one.`);
  return resolve(latest.path);
}

/** Where a run of a game lives unless told otherwise. */
export const defaultRunDir = (game: Game): string => `runs/${game.id}`;

/** Stores that --records means; PGN is imported into the run's folder first, which stores nothing twice. */
async function recordStores(game: Game, runDir: string, paths: readonly string[], json: boolean): Promise<string[]> {
  const isPgn = (path: string): boolean => path === '-' || /\.pgn(\.gz)?$/i.test(path);
  const files = paths.filter(isPgn);
  const stores = paths.filter((path) => !isPgn(path)).map((path) => resolve(path));
  if (files.length === 0) return stores;
  if (rulesOf(game) !== 'chess') throw new UserError('usage', `--records ${files[0]}: PGN records chess, not ${game.name}`);
  const { importFiles } = await import('./commands/import.js');
  const own = join(runDir, 'records');
  const { result } = await importFiles(files, { into: own, minPlies: 1, json });
  if (result.interrupted) throw new UserError('usage', 'interrupted; the same command goes on');
  return [...stores, own];
}

export async function openTraining(game: Game, spec: string, settings: RunSettings, evaluate: Evaluate | undefined, json = false): Promise<Training> {
  const overrides = [
    ...(settings.config === undefined ? [] : fileOverrides(settings.config)),
    ...(settings.seed === undefined ? [] : [`seed=${settings.seed}`]),
    ...(settings.device === undefined ? [] : [`device=${settings.device}`]),
    ...(settings.deterministic ? ['deterministic=true'] : []),
    ...(settings.set ?? []),
  ];
  if (settings.redis !== undefined && settings.records !== undefined) throw new UserError('usage', 'learning from records needs nobody to play: leave out --redis, or --records');
  if (settings.redis !== undefined && settings.deterministic) throw new UserError('usage', 'a deterministic run plays on one machine: leave out --deterministic, or --redis');
  const runDir = settings.run ?? defaultRunDir(game);
  const records = settings.records === undefined ? undefined : await recordStores(game, runDir, settings.records, json);
  return createTraining({
    ...(settings.redis === undefined ? {} : { source: await remoteSource(settings.redis, settings) }),
    runDir,
    game: spec,
    overrides,
    ...(records === undefined ? {} : { records }),
    ...(settings.from === undefined ? {} : { from: startingPoint(settings.from) }),
    ...(evaluate === undefined || settings.evaluate === false ? {} : { evaluate }),
  });
}

async function remoteSource(redis: string, { cluster, blobs, queueGames }: ClusterSettings): Promise<NonNullable<Parameters<typeof createTraining>[0]['source']>> {
  const { redisAddress, remoteActors } = await import('#selfplay/cluster');
  return remoteActors({ address: redisAddress(redis), version: packageVersion(), cluster, blobs, queueGames });
}

function status(p: Progress, goal: string, fromRecords: boolean): string {
  const losses = Object.entries(p.losses).map(([name, value]) => `${name} ${value.toFixed(3)}`).join(', ');
  return [
    `${duration(p.elapsedSeconds)}${goal}`,
    ...(fromRecords
      ? [`${count(p.windowPositions)} positions of ${count(p.windowGames)} recorded games`]
      : [`${count(p.games)} games (${count(p.gamesPerSecond)}/s)`, `${count(p.positions)} positions`, `${count(p.evaluationsPerSecond)} evaluations/s`]),
    `step ${count(p.steps)} (${count(p.stepsPerSecond)}/s)`,
    ...(losses === '' ? [] : [losses]),
  ].join(' · ');
}

/** Tells on stderr how a run goes, until the returned function is called. */
export function narrate(training: Training, quiet: boolean, goal: (progress: Progress) => string, fromRecords = false): () => void {
  const line = new StatusLine(quiet);
  const stops = [
    training.on('progress', (progress) => line.update(status(progress, goal(progress), fromRecords))),
    training.on('evaluation', ({ step, result }) => line.note(`checkpoint ${count(step)}: ${result.summary}`)),
    training.on('heldOut', ({ step, result: r }) => line.note(`step ${count(step)}: of ${count(r.positions)} positions held out, best move ${percent(r.policyAccuracy)}, policy ${r.policyLoss.toFixed(3)}, value ${r.valueLoss.toFixed(4)}`)),
    training.on('error', ({ error, fatal }) => line.note(`${fatal ? 'error' : 'warning'}: ${error.message.split('\n')[0]}`)),
  ];
  return () => {
    stops.forEach((stop) => stop());
    line.end();
  };
}
