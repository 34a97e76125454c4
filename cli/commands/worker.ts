/** `ludus worker`: this machine's threads for a cluster's runs and tournaments. */
import { availableParallelism, setPriority } from 'node:os';
import { DEFAULT_REDIS, redisAddress, selfPlayKind, startWorker, type WorkerOptions } from '#selfplay/cluster';
import { packageVersion } from '../cluster.js';
import { onInterrupt } from '../interrupt.js';
import { count, duration, printResult, StatusLine } from '../output.js';

interface WorkerCommand {
  readonly redis?: string;
  readonly cluster: string;
  readonly actors?: number;
  readonly device: WorkerOptions['device'];
  readonly game?: readonly string[];
  readonly blobs?: string;
  readonly nice: number;
  readonly lockSeconds: number;
  readonly json?: boolean;
}

export async function worker(options: WorkerCommand): Promise<void> {
  const address = redisAddress(options.redis ?? process.env.LUDUS_REDIS ?? DEFAULT_REDIS);
  const line = new StatusLine(options.json === true, 30);
  const version = packageVersion();
  if (options.nice > 0) setPriority(options.nice);
  const { pairsKind } = await import('#arena/cluster');
  const running = await startWorker({
    address, cluster: options.cluster, version, kinds: [selfPlayKind(version), pairsKind(version)],
    threads: options.actors ?? availableParallelism(), device: options.device, lockMillis: 1000 * options.lockSeconds,
    ...(options.game === undefined ? {} : { games: options.game }),
    ...(options.blobs === undefined ? {} : { blobFolder: options.blobs }),
    note: (text) => line.note(text),
  });
  if (!options.json) process.stderr.write(`Worker ${running.id} at ${address.shown}, ${running.report.threads} thread${running.report.threads === 1 ? '' : 's'} on ${running.report.device} · Ctrl-C leaves\n`);
  const ticking = setInterval(() => {
    const { works, uptime } = running.report;
    line.update(works.length === 0 ? `${duration(uptime)} · waiting for a run or a tournament` : `${duration(uptime)} · ${works.map((one) => `${count(one.games)} games (${count(one.gamesPerSecond)}/s)${one.step === undefined ? '' : `, weights of step ${count(one.step)}`}`).join(' · ')}`);
  }, 1000);
  let games = 0;
  const release = onInterrupt(() => {
    if (!options.json) process.stderr.write('\nleaving …\n');
    games = running.report.works.reduce((sum, one) => sum + one.games, 0);
    void running.stop();
  });
  try {
    await running.ended;
  } finally {
    clearInterval(ticking);
    line.end();
    const { uptime, failures } = running.report;
    await running.stop();
    release();
    printResult(options.json === true, { worker: running.id, games, failures, seconds: uptime }, () => `Left after ${duration(uptime)}${failures > 0 ? `, with ${failures} failures` : ''}.`);
  }
}
