/** Workers killed with -9 at random moments, and a Redis killed twice, while a run goes on: what was acknowledged is kept, once. */
import { join } from 'node:path';
import { UserError, createRng } from '#engine';
import { ticTacToe } from '#games';
import { ReplayStore, createTraining, decodeEpisode } from '#selfplay';
import { redisAddress, remoteActors } from '#selfplay/cluster';
import { type ClusterBenchmark, sleep, startRedis, startWorkerProcess } from './tools.js';

const SETTINGS = ['network.hidden=32', 'search.simulations=8', 'actors.games=16', 'learner.lead=400', 'replay.capacity=10000000', 'evaluation.enabled=false', 'checkpoint.everyMinutes=0'];

export async function benchSurvival({ kills, seconds }: ClusterBenchmark): Promise<object> {
  const redis = await startRedis();
  const rng = createRng(Date.now());
  const runDir = join(redis.folder, 'run');
  const acknowledged: string[] = [];
  const warnings = new Map<string, number>();
  let killed = 0;
  try {
    const training = await createTraining({ runDir, game: 'tic-tac-toe', overrides: SETTINGS, source: remoteActors({ address: redisAddress(redis.url, {}), version: '0.1.0' }) });
    training.on('game', ({ id }) => acknowledged.push(id));
    training.on('error', ({ error, fatal }) => {
      const key = fatal ? `fatal: ${error.message}` : error.message.replace(/127\.0\.0\.1:\d+/, 'HOST');
      warnings.set(key, (warnings.get(key) ?? 0) + 1);
    });
    const more = ['--lock-seconds', '3', '--nice', '0'];
    const workers = [startWorkerProcess(redis.url, more), startWorkerProcess(redis.url, more), startWorkerProcess(redis.url, more)];
    let finished = false;
    const running = training.run({ minutes: seconds / 60 }).then(() => (finished = true));
    running.catch(() => undefined);
    while (acknowledged.length < 100) await sleep(100);
    const began = performance.now();
    const moments = Array.from({ length: kills }, () => 850 * seconds * rng.float()).sort((x, y) => x - y);
    const restarts = new Set([Math.floor(kills / 3), Math.floor((2 * kills) / 3)]);
    for (const moment of moments) {
      await sleep(moment - (performance.now() - began));
      if (finished) break;
      const victim = rng.below(workers.length);
      await workers[victim].kill();
      workers[victim] = startWorkerProcess(redis.url, more);
      // Once killed, once asked to end.
      if (restarts.has(killed)) await redis.restart(killed < kills / 2 ? 'SIGKILL' : 'SIGTERM');
      killed++;
    }
    // Rejects if the run does not end as planned.
    await running;
    await training.stop();
    await Promise.all(workers.map((worker) => worker.kill()));
    const store = new ReplayStore(join(runDir, 'replay'), { game: ticTacToe, capacity: 1e7 });
    const stored = [...store.latest(1e12)].map((bytes) => decodeEpisode(bytes).id);
    await store.close();
    const kept = new Set(stored);
    const result = {
      kills: killed, restarts: restarts.size, endedAsPlanned: finished, acknowledged: acknowledged.length, stored: stored.length,
      lost: acknowledged.filter((id) => !kept.has(id)).length, storedTwice: stored.length - kept.size, acknowledgedTwice: acknowledged.length - new Set(acknowledged).size,
      processes: new Set(stored.map((id) => id.split('-')[0])).size, warnings: Object.fromEntries(warnings),
    };
    if (result.lost > 0 || result.storedTwice > 0) throw new UserError('data', `games were lost or stored twice: ${JSON.stringify(result)}`);
    return result;
  } finally {
    await redis.close();
  }
}
