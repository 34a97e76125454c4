/**
 * What a cluster asks of Redis, without the searching: real BullMQ workers that sleep instead, the messages, heartbeats and
 * polls of 10, 100 and 1,000 workers; and how many jobs a second a Redis carries at most. Its one thread is what saturates:
 * its processor time is read from the server itself, since here clients and server share the cores.
 */
import { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { connectRedis, redisAddress } from '#selfplay/cluster';
import { type ClusterBenchmark, sleep, startRedis } from './tools.js';

/** Of each simulated worker. */
const THREADS = 4;
/** As `selfplay/cluster/demand.ts` makes jobs. */
const JOB_SECONDS = 4;
const MOST_JOBS_PER_SECOND = 500;
/** Games of Connect Four that a job of some seconds gives, packed. */
const BODY = Buffer.alloc(24 * 1024, 7);

interface Load {
  readonly workers: number;
  readonly jobsPerSecond: number;
  /** Share of Redis's one thread. */
  readonly redisCpu: number;
  readonly redisCpuMicrosPerJob: number;
  readonly megabytesPerSecond: number;
  readonly usedMegabytes: number;
  readonly connections: number;
}

const field = (text: string, name: string): number => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(text)?.[1] ?? 0);

async function figures(redis: Redis): Promise<{ cpu: number; bytes: number; memory: number; clients: number }> {
  const text = await redis.info('all');
  return {
    cpu: field(text, 'used_cpu_user') + field(text, 'used_cpu_sys'), bytes: field(text, 'total_net_input_bytes') + field(text, 'total_net_output_bytes'),
    memory: field(text, 'used_memory'), clients: field(text, 'connected_clients'),
  };
}

async function load(url: string, workers: number, jobSeconds: number, seconds: number): Promise<Load> {
  const address = redisAddress(url, {});
  const [redis, reader] = await Promise.all([connectRedis(address), connectRedis(address)]);
  await redis.flushall();
  const prefix = 'ludus:bench';
  const queue = new Queue('jobs-bench', { connection: redis, prefix, streams: { events: { maxLen: 1000 } }, defaultJobOptions: { removeOnComplete: true } });
  const stop = new AbortController();
  let jobs = 0;
  let asked = 0;
  const held = Math.ceil(1.5 * workers * (THREADS + 1)) + 2;
  const stream = `${prefix}:results`;
  const fill = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const missing = held - asked;
      asked += missing;
      if (missing > 0) await queue.addBulk(Array.from({ length: missing }, () => ({ name: 'self-play', data: { games: 64 } })));
      await sleep(jobSeconds > 0 ? 250 : 5);
    }
  };
  const read = async (): Promise<void> => {
    for (let last = '0'; !stop.signal.aborted; ) {
      const reply = (await reader.xreadBuffer('COUNT', 32, 'BLOCK', 1000, 'STREAMS', stream, last).catch(() => null)) as [Buffer, [Buffer, Buffer[]][]][] | null;
      const ids = (reply?.[0]?.[1] ?? []).map(([id]) => id.toString());
      if (ids.length === 0) continue;
      last = ids[ids.length - 1];
      await redis.xdel(stream, ...ids);
    }
  };
  const players = Array.from({ length: workers }, () => new Worker('jobs-bench', async () => {
    if (jobSeconds > 0) await sleep(1000 * jobSeconds * (0.5 + Math.random()));
    await redis.xadd(stream, '*', 'head', '{"worker":"0123456789","job":"g1-1","last":true}', 'body', BODY);
    jobs++;
    asked--;
  }, { connection: redis, prefix, concurrency: THREADS + 1, lockDuration: 15_000, stalledInterval: 7500 }));
  for (const player of players) player.on('error', () => undefined);
  const report = JSON.stringify({ id: '0123456789', host: 'machine-0000', pid: 1, works: [{ work: 'w', games: 1, gamesPerSecond: 1, jobs: 5, step: 1 }], filler: 'x'.repeat(200) });
  const beats = players.map((_, i) => setInterval(() => {
    void redis.pipeline().hgetall(`${prefix}:works`).get(`${prefix}:weights`).set(`${prefix}:worker:${i}`, report, 'EX', 10).sadd(`${prefix}:workers`, String(i)).exec().catch(() => undefined);
  }, 2000));
  const watching = setInterval(() => void redis.mget(...players.map((_, i) => `${prefix}:worker:${i}`)).catch(() => undefined), 2000);
  const loops = [fill(), read()];
  // Until every worker is there and the first jobs have come back.
  await sleep(1000 * Math.max(3, 1.5 * jobSeconds));
  const [before, jobsBefore, began] = [await figures(redis), jobs, performance.now()];
  await sleep(1000 * seconds);
  const [after, wall] = [await figures(redis), (performance.now() - began) / 1000];
  const done = jobs - jobsBefore;
  stop.abort();
  for (const beat of [...beats, watching]) clearInterval(beat);
  await Promise.all(players.map((player) => player.close(true).catch(() => undefined)));
  await Promise.all(loops.map((loop) => loop.catch(() => undefined)));
  await queue.close();
  reader.disconnect();
  redis.disconnect();
  return {
    workers, jobsPerSecond: done / wall, redisCpu: (after.cpu - before.cpu) / wall, redisCpuMicrosPerJob: (1e6 * (after.cpu - before.cpu)) / Math.max(1, done),
    megabytesPerSecond: (after.bytes - before.bytes) / wall / 1e6, usedMegabytes: after.memory / 1e6, connections: after.clients,
  };
}

export async function benchMessages({ seconds }: ClusterBenchmark): Promise<object> {
  const redis = await startRedis();
  try {
    // Nobody sleeps: as many jobs as go through.
    const saturated = await load(redis.url, 50, 0, seconds);
    const simulated: Load[] = [];
    for (const workers of [10, 100, 1000]) simulated.push(await load(redis.url, workers, Math.max(JOB_SECONDS, (workers * THREADS) / MOST_JOBS_PER_SECOND), seconds));
    const capacity = saturated.jobsPerSecond / saturated.redisCpu;
    return { seconds, threads: THREADS, bodyBytes: BODY.length, saturated, capacityJobsPerSecond: capacity, shareAtThousand: Math.max(simulated[2].redisCpu, simulated[2].jobsPerSecond / capacity), simulated };
  } finally {
    await redis.close();
  }
}
