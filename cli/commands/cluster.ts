/** `ludus cluster`: how the machines of a cluster fare. */
import { DEFAULT_REDIS, openStatus, redisAddress, type ClusterStatus } from '#selfplay/cluster';
import { interruptible } from '../interrupt.js';
import { count, duration, percent, printResult, table } from '../output.js';

interface StatusCommand {
  readonly redis?: string;
  readonly cluster: string;
  readonly watch?: boolean;
  readonly json?: boolean;
}

const WATCH_MILLIS = 2000;

export async function status(options: StatusCommand): Promise<void> {
  const reader = await openStatus(redisAddress(options.redis ?? process.env.LUDUS_REDIS ?? DEFAULT_REDIS), options.cluster);
  try {
    if (options.watch !== true) {
      const found = await reader.read();
      return printResult(options.json === true, found, () => statusText(found));
    }
    const release = await interruptible(async (signal) => {
      while (!signal.aborted) {
        const found = await reader.read();
        if (process.stdout.isTTY && options.json !== true) process.stdout.write('\x1b[2J\x1b[H');
        printResult(options.json === true, found, () => statusText(found));
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, WATCH_MILLIS);
          signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
        });
      }
    });
    return release;
  } finally {
    await reader.close();
  }
}

const megabytes = (bytes: number): string => `${count(bytes / 1e6)} MB`;

export function statusText(status: ClusterStatus): string {
  const { works, workers, memory } = status;
  const lines = [`${status.redis}, cluster ${status.cluster}: ${megabytes(memory.used)} used${memory.limit > 0 ? ` (${percent(memory.used / memory.limit)} of its maxmemory)` : ', no maxmemory'}, ${count(status.clients)} connections`, ''];
  if (works.length === 0) lines.push('nothing to play: start `ludus train GAME --redis URL` or `ludus tournament … --redis URL`');
  for (const work of works) {
    const { status: now, queue } = work;
    lines.push(`${work.title} (${work.id}), Ludus ${work.build}`);
    lines.push(now === null ? '  its coordinator gives no sign of life: start it again, and it goes on' : `  ${now.state}: ${count(now.gamesPerSecond)} games/s, ${count(now.games)} games this sitting, ${count(now.outstanding)} of at most ${count(now.limit)} asked for${now.unstored > 0 ? `, ${count(now.unstored)} messages unstored` : ''}`);
    lines.push(`  jobs: ${count(queue.waiting)} waiting, ${count(queue.active)} in work, ${count(queue.failed)} failed; ${count(queue.results)} results waiting, ${count(queue.quarantined)} set aside`);
    if (now?.step !== undefined) lines.push(`  weights of step ${count(now.step)}; lag ${count(work.lagSteps)} steps, ${duration(work.lagSeconds)}`);
    for (const failure of work.failures) lines.push(`  ! ${failure}`);
    lines.push('');
  }
  if (workers.length === 0) lines.push('no workers: start `ludus worker --redis URL` on as many machines as you like');
  else {
    lines.push(table([
      ['worker', 'machine', 'threads', 'device', 'up', 'memory', 'games/s', 'weights', 'failures'],
      ...workers.map((worker) => [
        worker.id, `${worker.host} (${worker.pid})`, String(worker.threads), worker.device, duration(worker.uptime), megabytes(worker.memory),
        count(worker.works.reduce((sum, one) => sum + one.gamesPerSecond, 0)), worker.works.flatMap((one) => (one.step === undefined ? [] : [count(one.step)])).join(' ') || '–', count(worker.failures),
      ]),
    ], [false, false, true, false, true, true, true, true, true]));
    for (const worker of workers) if (worker.lastFailure !== undefined) lines.push(`  ! worker ${worker.id}: ${worker.lastFailure}`);
  }
  return lines.join('\n').trimEnd();
}
