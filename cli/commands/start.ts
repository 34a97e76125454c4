/** `ludus start`: a run that trains, and the server on which to watch and play. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '#engine';
import { createLog, createServer, observeRun, observeTask } from '#arena/server';
import { latestCheckpoint, type Training } from '#selfplay';
import { makeFolder } from '#selfplay/system';
import type { TaskTraining } from '#selfplay/tasks';
import { adminToken } from '../admin-token.js';
import { checkpointEvaluator, taskCheckpointEvaluator } from '../evaluator.js';
import { onInterrupt } from '../interrupt.js';
import { count, duration, printResult } from '../output.js';
import { gameOf } from '../setup.js';
import { learnsTask, narrateTask, openTaskTraining, taskRunDir } from '../tasks.js';
import { defaultRunDir, narrate, openTraining } from '../training.js';
import type { StatusReader } from '#selfplay/cluster';
import type { ClusterSettings } from '../cluster.js';
import { clusterView } from '../cluster-view.js';

interface StartCommand extends ClusterSettings {
  readonly game: string;
  readonly algo?: string;
  readonly run?: string;
  readonly port: number;
  readonly host: string;
  readonly name?: readonly string[];
  readonly trustProxy?: boolean;
  readonly adminTokenFile?: string;
  readonly set?: readonly string[];
  readonly seed?: number;
  readonly train: boolean;
  readonly open: boolean;
  readonly json?: boolean;
}

const packageRoot = new URL('../../../', import.meta.url);

/** Opens the page where there is someone to see it; a machine without a browser is no error. */
function openBrowser(url: string): void {
  const [program, args] = process.platform === 'darwin' ? ['open', [url]] : process.platform === 'win32' ? ['cmd', ['/c', 'start', '', url]] : ['xdg-open', [url]];
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return;
  const child = spawn(program as string, args as string[], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

async function clusterStatus(redis: string, cluster: string | undefined): Promise<StatusReader> {
  const { openStatus, redisAddress } = await import('#selfplay/cluster');
  return openStatus(redisAddress(redis), cluster);
}

export async function start(options: StartCommand): Promise<void> {
  const { game, spec } = await gameOf(options.game);
  const webRoot = fileURLToPath(new URL('dist/web', packageRoot));
  if (!existsSync(`${webRoot}/index.html`)) throw new UserError('environment', `the web application is not built (${webRoot}); run \`npm run build\`.`);
  // A task of one is learnt from its rewards, everything else by self-play.
  const isTask = await learnsTask(options.game, options);
  const task: TaskTraining | undefined = isTask && options.train ? await openTaskTraining(options.game, options, taskCheckpointEvaluator) : undefined;
  const runDir = options.run ?? task?.runDir ?? (isTask ? taskRunDir(game, options.algo ?? 'ppo') : defaultRunDir(game));
  const selfPlay: Training | undefined = !isTask && options.train ? await openTraining(game, spec, options, checkpointEvaluator) : undefined;
  const training = task ?? selfPlay;
  const watched = training !== undefined || latestCheckpoint(runDir) !== undefined;
  makeFolder(runDir);
  const exposed = !['127.0.0.1', 'localhost', '::1'].includes(options.host) || options.name !== undefined || options.trustProxy === true;
  const admin = adminToken(exposed, runDir, options.adminTokenFile);
  let server: Awaited<ReturnType<typeof createServer>>;
  const cluster = options.redis === undefined ? undefined : await clusterStatus(options.redis, options.cluster);
  try {
    server = await createServer({
      port: options.port,
      host: options.host,
      ...(options.name === undefined ? {} : { names: options.name }),
      trustProxy: options.trustProxy,
      adminToken: admin?.token,
      log: createLog(join(runDir, 'server.log')),
      dataDir: runDir,
      modelsDir: fileURLToPath(new URL('models', packageRoot)),
      webRoot,
      version: (JSON.parse(readFileSync(new URL('package.json', packageRoot), 'utf8')) as { version: string }).version,
      ...(watched ? { training: task === undefined ? observeRun(runDir, selfPlay) : observeTask(runDir, task) } : {}),
      ...(cluster === undefined ? {} : { cluster: async () => clusterView(await cluster.read()) }),
      ...(spec === game.id ? {} : { ownGames: [{ game, path: spec }] }),
    });
  } catch (error) {
    await training?.stop();
    throw error;
  }
  if (!options.json) {
    process.stderr.write(`\n  Ludus is at ${server.url}\n\n`);
    if (admin?.madeIn !== undefined) process.stderr.write(`  Admin token (kept in ${admin.madeIn}, not shown again): ${admin.token}\n\n`);
    if (training) process.stderr.write(`  ${training.resumed ? 'Going on with' : 'New run'} ${training.runDir} · ${game.name}. Ctrl-C saves and ends.\n\n`);
  } else printResult(true, { url: server.url, run: training?.runDir ?? null, resumed: training?.resumed ?? false }, () => '');
  if (options.open && !options.json && process.stdout.isTTY) openBrowser(server.url);

  const quiet = options.json === true;
  const stopNarrating = task !== undefined ? narrateTask(task, quiet, task.config.frames) : selfPlay !== undefined ? narrate(selfPlay, quiet, () => '') : () => undefined;
  let failure: unknown;
  await new Promise<void>((resolve) => {
    onInterrupt(() => {
      if (!options.json) process.stderr.write('\nsaving …\n');
      resolve();
    });
    // The run of a task ends by itself; the server stays.
    training?.run().catch((error: unknown) => {
      failure = error;
      resolve();
    });
  });
  // Players first: their games are stored already, and come back with the server.
  await Promise.all([server.close(), training?.stop(), cluster?.close()]);
  stopNarrating();
  if (failure !== undefined) throw failure;
  if (training && !options.json) {
    const p = training.progress;
    const done = 'frames' in p ? `${count(p.frames)} frames, ${count(p.episodes)} episodes` : `${count(p.games)} games, ${count(p.positions)} positions`;
    process.stderr.write(
      `Saved: ${done}, step ${count(p.steps)}, ${duration(p.elapsedSeconds)} in all.\nGo on with the same command: npm start${options.game === 'connect4' && options.run === undefined ? '' : ` -- --game ${options.game}${options.run === undefined ? '' : ` --run ${options.run}`}`}\n`,
    );
  }
}
