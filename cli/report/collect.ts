/** What a report tells of a run: read from its folder, which nothing changes. */
import { basename, join } from 'node:path';
import { readFileSync } from 'node:fs';
import { UserError, type Game } from '#engine';
import { Curves, observeRun } from '#arena/server';
import type { CheckpointView, Series } from '#arena/protocol';
import { loadGame } from '#games';
import { checkConfig, defaultConfig, listCheckpoints, readManifest, readMetrics, readRun, readRunInfo, type RunInfo } from '#selfplay';
import { timeSpent, type Diagnosis, type TimeSpent } from '#selfplay/diagnose';
import { overridesOf } from '../training.js';
import { reportedGames, type ReportedGames } from './games.js';

export interface ReportedCheckpoint extends CheckpointView {
  /** SHA-256 of what plays: model.onnx, or a table. */
  readonly file: string;
  readonly sha256: string;
}

export interface Report {
  readonly name: string;
  /** For people. */
  readonly game: string;
  readonly info: RunInfo;
  /** As --set takes it; `changed`: not the default of this version. */
  readonly settings: readonly { readonly name: string; readonly value: string; readonly changed: boolean }[];
  /** Makes another run with these settings. */
  readonly command: string;
  readonly series: ReadonlyMap<string, Series>;
  readonly checkpoints: readonly ReportedCheckpoint[];
  readonly time: TimeSpent | undefined;
  readonly games: ReportedGames;
  readonly diagnosis: Diagnosis | undefined;
  /** ISO 8601. */
  readonly made: string;
  readonly version: string;
}

/** Points kept of each curve. */
const POINTS = 240;

/** Throws UserError('data'): not a run, empty, damaged. */
export async function collectReport(runDir: string, version: string, diagnosis: Diagnosis | undefined): Promise<Report> {
  const info = readRunInfo(runDir);
  const view = observeRun(runDir);
  const curves = new Curves(POINTS);
  for (const sample of await view.history()) curves.add(sample);
  const hashes = new Map(listCheckpoints(runDir).map(({ path }) => [basename(path), playingFile(path)]));
  const checkpoints = (await view.checkpoints()).flatMap((checkpoint) => {
    const played = hashes.get(checkpoint.id);
    return played === undefined ? [] : [{ ...checkpoint, ...played }];
  });
  const series = new Map(curves.all().map((one) => [one.name, one]));
  if (checkpoints.length === 0 && series.size === 0) throw new UserError('data', `${runDir} has neither a checkpoint nor a figure yet: there is nothing to report; train it for a minute first`);
  const stored = JSON.parse(readFileSync(join(runDir, 'config.json'), 'utf8')) as Record<string, unknown>;
  const spec = typeof stored.game === 'string' ? stored.game : info.game.id;
  const { name, defaults, games } = info.algorithm === 'alphazero' ? await selfPlay(runDir, spec) : await task(spec, info.algorithm);
  const settings = settingsOf(stored, defaults);
  return {
    name: basename(runDir), game: name, info, settings, series, checkpoints, games, diagnosis, version, made: new Date().toISOString(),
    command: commandOf(spec, info, settings), time: timeSpent(readMetrics(runDir)),
  };
}

function playingFile(path: string): { file: string; sha256: string } | undefined {
  try {
    const { files } = readManifest(path);
    const file = ['model.onnx', 'table.bin'].find((one) => files[one] !== undefined);
    return file === undefined ? undefined : { file, sha256: files[file].sha256 };
  } catch {
    // Deleted meanwhile, or not readable: `ludus diagnose` says which.
    return undefined;
  }
}

async function selfPlay(runDir: string, spec: string): Promise<{ name: string; defaults: object; games: ReportedGames }> {
  const { info, config } = readRun(runDir);
  const game: Game = await loadGame(spec);
  if (game.id !== info.game.id || game.version !== info.game.version) throw new UserError('data', `${runDir} is a run of ${info.game.id} version ${info.game.version}, but '${spec}' is ${game.id} version ${game.version}`);
  return { name: game.name, defaults: checkConfig(defaultConfig(game, spec), 'defaults'), games: await reportedGames(runDir, game, config.replay.capacity) };
}

async function task(spec: string, algorithm: string): Promise<{ name: string; defaults: object | undefined; games: ReportedGames }> {
  const { algorithmFor, defaultTaskConfig, openTask } = await import('#selfplay/tasks');
  const games: ReportedGames = { grid: null, games: [] };
  try {
    const opened = await openTask(spec);
    return { name: opened.name, defaults: defaultTaskConfig(algorithmFor(algorithm, opened), opened), games };
  } catch (error) {
    // An environment of another program need not be on the machine on which the report is made.
    if (!(error instanceof UserError)) throw error;
    return { name: spec, defaults: undefined, games };
  }
}

function settingsOf(stored: object, defaults: object | undefined): Report['settings'] {
  const usual = new Set(defaults === undefined ? [] : overridesOf(defaults));
  return overridesOf(stored).map((text) => {
    const equals = text.indexOf('=');
    return { name: text.slice(0, equals), value: text.slice(equals + 1), changed: defaults !== undefined && !usual.has(text) };
  });
}

function commandOf(spec: string, { algorithm, from }: RunInfo, settings: Report['settings']): string {
  const quoted = (text: string): string => (/^[\w.,:=/@+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);
  const changed = settings.filter((setting) => setting.changed && setting.name !== 'algorithm');
  return ['ludus train', quoted(spec), ...(algorithm === 'alphazero' ? [] : ['--algo', algorithm]), ...(from === undefined ? [] : ['--from', quoted(from)]), ...changed.flatMap(({ name, value }) => ['--set', quoted(`${name}=${value}`)])].join(' ');
}
