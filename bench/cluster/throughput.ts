/** Games a second of worker processes: against the one-process loop, and from one to eight. */
import { join } from 'node:path';
import { createTraining } from '#selfplay';
import { connectRedis, redisAddress, remoteActors } from '#selfplay/cluster';
import { median } from '../network.js';
import { type BenchRedis, type ClusterBenchmark, type WorkerProcess, cpuOf, sleep, startRedis, startWorkerProcess } from './tools.js';

interface Measured {
  /** After the first seconds, in which threads and processes start. */
  readonly gamesPerSecond: number;
  readonly stepsPerSecond: number;
  readonly positionsPerGame: number;
  /** Of all processes together, Redis's too: what does not depend on who else uses the machine. */
  readonly gamesPerCpuSecond: number;
  /** Through Redis, both ways together [bytes/game]; 0 without it. */
  readonly bytesPerGame: number;
}

/** The same settings for both; the learner works as in any run, and nothing is evaluated. */
async function measure(game: string, runDir: string, seconds: number, redis: BenchRedis | undefined, set: readonly string[], workers: readonly WorkerProcess[] = []): Promise<Measured> {
  const address = redis === undefined ? undefined : redisAddress(redis.url, {});
  const training = await createTraining({
    runDir, game, overrides: ['evaluation.enabled=false', 'checkpoint.everyMinutes=0', ...set],
    ...(address === undefined ? {} : { source: remoteActors({ address, version: '0.1.0' }) }),
  });
  const client = address === undefined ? undefined : await connectRedis(address);
  const read = (text: string, name: string): number => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(text)?.[1] ?? 0);
  const cpu = async (): Promise<number> => {
    const { user, system } = process.cpuUsage();
    const server = (await client?.info('cpu')) ?? '';
    return (user + system) / 1e6 + read(server, 'used_cpu_user') + read(server, 'used_cpu_sys') + workers.reduce((sum, worker) => sum + cpuOf(worker.pid), 0);
  };
  const traffic = async (): Promise<number> => {
    const text = (await client?.info('stats')) ?? '';
    return ['total_net_input_bytes', 'total_net_output_bytes'].reduce((sum, name) => sum + read(text, name), 0);
  };
  try {
    const running = training.run({});
    running.catch(() => undefined);
    // Until games come steadily: the demand has found its size, and the first steps are made.
    while (training.progress.steps < 20) await sleep(200);
    await sleep(5000);
    const [before, bytes, used, began] = [training.progress, await traffic(), await cpu(), performance.now()];
    await sleep(1000 * seconds);
    const [after, later, usedLater] = [training.progress, await traffic(), await cpu()];
    const wall = (performance.now() - began) / 1000;
    const games = after.games - before.games;
    return { gamesPerSecond: games / wall, gamesPerCpuSecond: games / (usedLater - used), stepsPerSecond: (after.steps - before.steps) / wall, positionsPerGame: (after.positions - before.positions) / games, bytesPerGame: (later - bytes) / games };
  } finally {
    await training.stop();
    client?.disconnect();
  }
}

export async function benchLoop({ game, seconds, rounds }: ClusterBenchmark): Promise<object> {
  const redis = await startRedis();
  const alone: Measured[] = [];
  const cluster: Measured[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const one = async (): Promise<void> => void alone.push(await measure(game, join(redis.folder, `alone-${round}`), seconds, undefined, ['threads=2']));
      const two = async (): Promise<void> => {
        const workers = [startWorkerProcess(redis.url), startWorkerProcess(redis.url)];
        cluster.push(await measure(game, join(redis.folder, `cluster-${round}`), seconds, redis, ['threads=2'], workers));
        await Promise.all(workers.map((worker) => worker.kill()));
      };
      // Each goes first every other time.
      for (const part of round % 2 === 0 ? [one, two] : [two, one]) await part();
    }
  } finally {
    await redis.close();
  }
  const ratios = alone.map((one, i) => cluster[i].gamesPerSecond / one.gamesPerSecond);
  const perCpu = alone.map((one, i) => cluster[i].gamesPerCpuSecond / one.gamesPerCpuSecond);
  return { game, seconds, rounds, medianRatio: median(ratios), ratios, medianRatioPerCpuSecond: median(perCpu), perCpu, alone, cluster };
}

export async function benchScaling({ game, seconds, rounds }: ClusterBenchmark): Promise<object> {
  const redis = await startRedis();
  const rows: { workers: number; round: number; measured: Measured }[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      for (const workers of [1, 2, 4, 8]) {
        const processes = Array.from({ length: workers }, () => startWorkerProcess(redis.url));
        rows.push({ workers, round, measured: await measure(game, join(redis.folder, `scaling-${workers}-${round}`), seconds, redis, [], processes) });
        await Promise.all(processes.map((one) => one.kill()));
      }
    }
  } finally {
    await redis.close();
  }
  return { game, seconds, rounds, rows: [1, 2, 4, 8].map((workers) => ({ workers, gamesPerSecond: median(rows.filter((row) => row.workers === workers).map((row) => row.measured.gamesPerSecond)), gamesPerCpuSecond: median(rows.filter((row) => row.workers === workers).map((row) => row.measured.gamesPerCpuSecond)) })), all: rows };
}
