/** Who works in a cluster, by their own reports. */
import type { Redis } from 'ioredis';
import type { Keys } from './keys.js';
import { parseMessage, workerReportSchema, type WorkerReport } from './messages.js';

/** The reports of all workers that are alive; the names of those that are not are forgotten. */
export async function readWorkers(redis: Redis, keys: Keys): Promise<WorkerReport[]> {
  const ids = (await redis.smembers(keys.workers)).slice(0, 10_000);
  if (ids.length === 0) return [];
  const texts = await redis.mget(...ids.map((id) => keys.worker(id)));
  const gone = ids.filter((_, i) => texts[i] === null);
  if (gone.length > 0) await redis.srem(keys.workers, ...gone);
  return texts.flatMap((text) => {
    const report = text === null ? { problem: '' } : parseMessage(workerReportSchema, text);
    return 'value' in report ? [report.value] : [];
  });
}
