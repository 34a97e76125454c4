/** A run's folder: config.json, run.json, a lock, checkpoints/, replay/, metrics.jsonl, tensorboard/. */
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { UserError, type Game } from '#engine';
import { games, isGamePath, loadGame } from '#games';
import { cleanCheckpoints, latestCheckpoint, readManifest } from './checkpoint.js';
import { applyOverrides, checkConfig, defaultConfig, fillMissing } from './config.js';
import type { RunConfig } from './config-schema.js';
import { makeFolder, readJson, replaceFile } from './files.js';
import { lockFile } from './lock.js';
import { describeMachine, programVersion } from './machine.js';

const runSchema = z.object({
  format: z.literal(1),
  game: z.object({ id: z.string(), version: z.number().int() }),
  algorithm: z.string().default('alphazero'),
  created: z.string(),
  /** The run's own, wherever its folder lies. */
  id: z.string().default(() => randomUUID()),
  /** How often the run has been started. */
  sittings: z.number().int().min(0),
  /** Time in training, of all sittings [s]. */
  elapsedSeconds: z.number().min(0),
  /** Checkpoint of another run that this one began from. */
  from: z.string().optional(),
  games: z.number().int().min(0),
  positions: z.number().int().min(0),
  steps: z.number().int().min(0),
  /** Of the last sitting: version of the program, and where it ran. */
  version: z.string().optional(),
  machine: z.string().optional(),
});
/** What run.json says. */
export type RunInfo = z.infer<typeof runSchema>;

export interface RunOptions {
  /** Folder of the run; made when it does not exist. */
  readonly runDir: string;
  /** Id of a game, or path of a module. */
  readonly game: string;
  /** `key=value` changes of the default config, or of the stored one when the run goes on. */
  readonly overrides?: readonly string[];
  /** A checkpoint folder of any run of the same game, to begin from. */
  readonly from?: string;
}

export interface OpenRun {
  readonly dir: string;
  readonly game: Game;
  readonly config: RunConfig;
  readonly info: RunInfo;
  /** It was there before. */
  readonly resumed: boolean;
  saveInfo(change: Partial<RunInfo>): void;
  /** Gives the folder free for another process. */
  release(): void;
}

/** A run of self-play, for those who only look. Throws UserError('data') when the folder holds no run. */
export function readRun(runDir: string): { info: RunInfo; config: RunConfig } {
  const info = readRunInfo(runDir);
  const file = join(runDir, 'config.json');
  if (info.algorithm !== 'alphazero') throw new UserError('data', `${runDir} is a run of ${info.algorithm}, not of self-play`);
  // A game of one's own is not loaded only to look: what its config may lack is filled in as for any other game.
  const known = games.find((game) => game.id === info.game.id) ?? games[0];
  return { info, config: checkConfig(fillMissing(readJson(file), defaultConfig(known)), file) };
}

/** What run.json says, of a run of any algorithm. Throws UserError('data') when the folder holds none. */
export function readRunInfo(runDir: string): RunInfo {
  const info = readInfo(runDir);
  if (info === undefined) throw new UserError('data', `${runDir} is not a run directory: it has no run.json`);
  return info;
}

function readInfo(runDir: string): RunInfo | undefined {
  const file = join(runDir, 'run.json');
  const json = readJson(file);
  if (json === undefined) return undefined;
  const result = runSchema.safeParse(json);
  if (result.success) return result.data;
  throw new UserError('data', `${file} is not valid: ${result.error.issues[0].path.join('.')}: ${result.error.issues[0].message}; choose another run directory`);
}

/** Opens or begins a run and takes its lock. Throws UserError: of another game or version, in use, or not a run. */
export async function openRun(options: RunOptions): Promise<OpenRun> {
  const dir = resolve(options.runDir);
  const game = await loadGame(options.game);
  if (game.seats !== 2 || game.chance === 'sampled') {
    const { gameTask, suitableAlgorithms } = await import('./tasks/index.js');
    const others = game.seats === 1 ? `. These learn it: ${suitableAlgorithms(gameTask(game)).map(({ name }) => name).join(', ')} (--algo)` : '';
    throw new UserError('usage', `${game.name} cannot be learnt by AlphaZero's self-play: it takes games for two whose chance, if any, has known odds${others}`);
  }
  const spec = isGamePath(options.game) && !options.game.startsWith('file:') ? resolve(options.game) : isGamePath(options.game) ? options.game : game.id;
  const from = options.from === undefined ? undefined : resolve(options.from);
  const subject = { game, algorithm: 'alphazero', from };
  const folder = claimFolder(dir, subject, (resumed) => resolveConfig(dir, game, spec, options, resumed, from));
  return { ...folder, game, get info() { return folder.info; } };
}

export interface ClaimedFolder<Config> extends Omit<OpenRun, 'game' | 'config'> {
  readonly config: Config;
}

/** What a run is about: it can only go on with the same. */
export interface RunSubject {
  readonly game: { readonly id: string; readonly version: number };
  readonly algorithm: string;
  /** The checkpoint that it is to begin from. */
  readonly from?: string;
}

/**
 * Takes the lock of a run's folder, new or old, and writes its config.json and run.json; `configure` is called under the lock.
 * Throws UserError: of another game, version or algorithm, in use, or not a run.
 */
export function claimFolder<Config>(dir: string, { game, algorithm, from }: RunSubject, configure: (resumed: boolean) => Config): ClaimedFolder<Config> {
  const before = readInfo(dir);
  if (before === undefined && existsSync(dir) && readdirSync(dir).some((name) => !['lock', 'config.json', 'records', 'rooms', 'games.jsonl', 'server.log', 'admin-token'].includes(name) && !name.endsWith('.tmp'))) {
    throw new UserError('data', `${dir} holds something else than a run; choose an empty or new folder`);
  }
  if (before !== undefined && (before.game.id !== game.id || before.game.version !== game.version)) {
    throw new UserError('data', `${dir} is a run of ${before.game.id} version ${before.game.version}, not of ${game.id} version ${game.version}; choose another run directory`);
  }
  if (before !== undefined && before.algorithm !== algorithm) {
    throw new UserError('data', `${dir} is a run of ${before.algorithm}, not of ${algorithm}; go on with --algo ${before.algorithm}, or choose another run directory`);
  }
  if (before !== undefined && from !== undefined && before.from !== from) {
    throw new UserError('usage', `${dir} has begun${before.from === undefined ? '' : ` from ${before.from}`} already; --from only begins a new run`);
  }
  makeFolder(dir);
  const release = lockFile(join(dir, 'lock'), (holder) => `${dir} is being trained by ${holder}; stop that first, or choose another run directory`);
  try {
    const config = configure(before !== undefined);
    cleanCheckpoints(dir);
    let info: RunInfo = before ?? {
      format: 1, game: { id: game.id, version: game.version }, algorithm, created: new Date().toISOString(), id: randomUUID(), sittings: 0, elapsedSeconds: 0, from, games: 0, positions: 0, steps: 0,
    };
    // config.json first: a folder with a run.json always has both.
    replaceFile(join(dir, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
    const saveInfo = (change: Partial<RunInfo>) => {
      info = { ...info, ...change };
      replaceFile(join(dir, 'run.json'), `${JSON.stringify(info, null, 2)}\n`);
    };
    saveInfo({ sittings: info.sittings + 1, version: programVersion(), machine: describeMachine() });
    return { dir, config, get info() { return info; }, resumed: before !== undefined, saveInfo, release };
  } catch (error) {
    release();
    throw error;
  }
}

function resolveConfig(dir: string, game: Game, spec: string, { overrides = [] }: RunOptions, resumed: boolean, from: string | undefined): RunConfig {
  const file = join(dir, 'config.json');
  const stored = resumed ? checkConfig(fillMissing(readJson(file), defaultConfig(game, spec)), file) : undefined;
  let base = stored ?? defaultConfig(game, spec);
  if (from !== undefined && stored === undefined) {
    const manifest = readManifest(from);
    if (manifest.game.id !== game.id || manifest.game.version !== game.version) {
      throw new UserError('data', `${from} is a checkpoint of ${manifest.game.id} version ${manifest.game.version}, not of ${game.id} version ${game.version}`);
    }
    const { network } = manifest;
    if (network === undefined) throw new UserError('data', `${from} is a checkpoint of ${manifest.algorithm}; begin from one of alphazero`);
    // The weights only fit their own network, auxiliary heads included; all else is up to the new run.
    const { learner } = checkConfig(fillMissing(manifest.config, defaultConfig(game, spec)), join(from, 'checkpoint.json'));
    const { replyWeight, softPolicyWeight, pliesLeftWeight, optimizer } = learner;
    base = { ...base, network, learner: { ...base.learner, replyWeight, softPolicyWeight, pliesLeftWeight, optimizer } };
  }
  const config = applyOverrides({ ...base, game: spec }, overrides);
  if ((stored !== undefined || from !== undefined) && JSON.stringify(config.network) !== JSON.stringify(base.network)) {
    const whose = stored === undefined ? `the checkpoint ${from}` : `the run ${dir}`;
    throw new UserError('usage', `${whose} has another network (${JSON.stringify(base.network)}); network settings can only be chosen when a run begins from nothing`);
  }
  return config;
}

/** Where training goes on: the run's latest checkpoint, else the one it began from. */
export function startingCheckpoint(run: OpenRun): { path: string; foreign: boolean } | undefined {
  const own = latestCheckpoint(run.dir);
  if (own !== undefined) return { path: own.path, foreign: false };
  return run.info.from === undefined ? undefined : { path: run.info.from, foreign: true };
}
