/** How a cluster fares: what `ludus cluster status` and the page show. Needs no coordinator; ages are told by Redis alone. */
import { z } from 'zod';
import type { Redis } from 'ioredis';
import { Keys } from './keys.js';
import { parseMessage, workSchema, workStatusSchema, workerReportSchema } from './messages.js';
import { connectRedis, redisError, redisMemory, type RedisAddress } from './redis.js';
import { readWorkers } from './workers.js';

const count = z.number().int().min(0);

export const clusterStatusSchema = z.strictObject({
  cluster: z.string(), redis: z.string(),
  memory: z.strictObject({ used: count, limit: count }),
  clients: count,
  works: z.array(z.strictObject({
    id: z.string(), kind: z.string(), title: z.string(), build: z.string(), game: z.string(),
    /** null: its coordinator gives no sign of life. */
    status: workStatusSchema.nullable(),
    queue: z.strictObject({ waiting: count, active: count, failed: count, results: count, quarantined: count }),
    workers: count, gamesPerSecond: z.number(),
    /** Of the workers that play: how far the one furthest behind is, in steps and seconds. */
    lagSteps: count, lagSeconds: z.number(),
    failures: z.array(z.string()),
  })),
  workers: z.array(workerReportSchema),
});
export type ClusterStatus = z.infer<typeof clusterStatusSchema>;

/** Failures that are shown of a work. */
const SHOWN = 5;

export interface StatusReader {
  read(): Promise<ClusterStatus>;
  close(): Promise<void>;
}

/** Throws UserError('environment') when there is no server. */
export async function openStatus(address: RedisAddress, cluster?: string): Promise<StatusReader> {
  const keys = new Keys(cluster);
  const redis = await connectRedis(address);
  return {
    read: () => readStatus(redis, keys, address).catch((error: unknown) => Promise.reject(redisError(error, address))),
    close: () => Promise.resolve(redis.disconnect()),
  };
}

async function readStatus(redis: Redis, keys: Keys, address: RedisAddress): Promise<ClusterStatus> {
  const { Queue } = await import('bullmq');
  const [workers, listed, memory, info] = await Promise.all([readWorkers(redis, keys), redis.hgetall(keys.works), redisMemory(redis), redis.info('clients')]);
  const works: ClusterStatus['works'] = [];
  for (const text of Object.values(listed)) {
    const parsed = parseMessage(workSchema, text);
    if ('problem' in parsed) continue;
    const { id, kind, title, build, game } = parsed.value;
    const queue = new Queue(keys.queue(id), { connection: redis, prefix: keys.prefix });
    queue.on('error', () => undefined);
    const [counts, failed, statusText, results, quarantined, refused] = await Promise.all([
      queue.getJobCounts('wait', 'active', 'delayed', 'failed'), queue.getFailed(0, SHOWN - 1), redis.get(keys.status(id)),
      redis.xlen(keys.results(id)), redis.xlen(keys.quarantine(id)), redis.xrevrange(keys.quarantine(id), '+', '-', 'COUNT', SHOWN),
    ]);
    const parsedStatus = statusText === null ? { problem: '' } : parseMessage(workStatusSchema, statusText);
    const status = 'value' in parsedStatus ? parsedStatus.value : null;
    const parts = workers.flatMap((worker) => worker.works.filter((entry) => entry.work === id));
    const newest = status?.step;
    works.push({
      id, kind, title, build, game: `${game.id} version ${game.version}`, status,
      queue: { waiting: (counts.wait ?? 0) + (counts.delayed ?? 0), active: counts.active ?? 0, failed: counts.failed ?? 0, results, quarantined },
      workers: parts.length, gamesPerSecond: parts.reduce((sum, part) => sum + part.gamesPerSecond, 0),
      lagSteps: newest === undefined ? 0 : Math.max(0, ...parts.map((part) => newest - (part.step ?? newest))),
      lagSeconds: Math.max(0, ...parts.map((part) => part.behindSeconds ?? 0)),
      failures: [
        ...failed.map((job) => `job ${job.id ?? ''}: ${job.failedReason}`),
        ...refused.map(([, fields]) => fields[fields.indexOf('reason') + 1] ?? ''),
        ...workers.flatMap((worker) => worker.refused.filter((entry) => entry.work === id).map((entry) => `worker ${worker.id} on ${worker.host} does not take part: ${entry.reason}`)),
      ].slice(0, 2 * SHOWN),
    });
  }
  return {
    cluster: keys.prefix.slice('ludus:'.length), redis: address.shown, memory: { used: memory.used, limit: memory.limit },
    clients: Number(/^connected_clients:(\d+)/m.exec(info)?.[1] ?? 0), works, workers,
  };
}
