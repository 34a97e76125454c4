/**
 * What coordinators and workers write to each other, parsed at the border into these shapes and nothing else. A work's
 * `build` is the program's version and a hash of the shapes themselves: programs that would misread each other never try.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { EPISODE_FORMAT } from '../codec.js';

const id = z.string().regex(/^[\w.-]{1,80}$/);
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const millis = z.number().min(0).max(Number.MAX_SAFE_INTEGER);
const rate = z.number().min(0).max(1e12);
const line = z.string().max(500);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Most bytes of a network that a worker takes: Redis holds no longer strings. */
export const MOST_BLOB_BYTES = 512 * 1024 * 1024;

/** Where a blob lies: in Redis, in a folder that both sides mount, or behind the coordinator's HTTP. */
export const placeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('redis') }),
  z.strictObject({ kind: z.literal('folder'), folder: z.string().min(1).max(4096) }),
  z.strictObject({ kind: z.literal('http'), url: z.url({ protocol: /^https?$/ }).max(2048), token: z.string().min(16).max(200) }),
]);

export const blobSchema = z.strictObject({ sha256, bytes: z.number().int().min(1).max(MOST_BLOB_BYTES), place: placeSchema });
export type BlobReference = z.infer<typeof blobSchema>;

/** A run or a tournament that wants games. `details` are its kind's own, parsed by it. */
export const workSchema = z.strictObject({
  id, kind: z.string().max(40), build: z.string().max(80),
  game: z.strictObject({ id: z.string().min(1).max(80), version: z.number().int().min(0) }),
  /** For people. */
  title: z.string().max(200),
  details: z.record(z.string(), z.unknown()),
});
export type Work = z.infer<typeof workSchema>;

/** Newest weights of a run: a model for playing. */
export const weightsSchema = z.strictObject({ blob: blobSchema, step: count, simulations: z.number().int().min(1).max(1e6) });
export type WeightsNotice = z.infer<typeof weightsSchema>;

/** "Play this many games with the newest weights." */
export const gamesJobSchema = z.strictObject({ games: z.number().int().min(1).max(1_000_000) });
export type GamesJob = z.infer<typeof gamesJobSchema>;

/** Of a message in the stream of results: who, for which job, and whether the job asks for nothing more. */
export const headSchema = z.strictObject({
  worker: id, job: id, last: z.boolean(),
  /** Of self-play: what the actors counted since the worker's last message. */
  counters: z.strictObject({
    evaluations: count, batches: count, moves: count, entropy: z.number().min(0), games: count, cacheHits: count, cacheMisses: count,
    networkMillis: millis, searchMillis: millis, weightsMillis: millis,
  }).optional(),
});
export type ResultHead = z.infer<typeof headSchema>;

export const workerReportSchema = z.strictObject({
  id, host: line, pid: count, version: z.string().max(80), threads: z.number().int().min(1).max(4096), device: z.string().max(20),
  /** Seconds since it began. */
  uptime: rate,
  memory: count,
  works: z.array(z.strictObject({
    work: id, games: count, gamesPerSecond: rate, jobs: count,
    /** Step of the weights in use, and how long newer ones have been known [s]. */
    step: count.optional(), behindSeconds: rate.optional(),
  })).max(1000),
  refused: z.array(z.strictObject({ work: id, reason: line })).max(1000),
  failures: count,
  lastFailure: line.optional(),
});
export type WorkerReport = z.infer<typeof workerReportSchema>;

export const workStatusSchema = z.strictObject({
  games: count, gamesPerSecond: rate,
  /** Games (or pairs) asked for and not yet back, and those back but not yet stored. */
  outstanding: count, unstored: count,
  limit: count,
  /** Step of the newest weights given to workers. */
  step: count.optional(),
  quarantined: count,
  /** Jobs that failed for good. */
  failed: count,
  state: z.enum(['playing', 'waiting for the learner', 'waiting for workers', 'Redis is full']),
  lastFailure: line.optional(),
});
export type WorkStatus = z.infer<typeof workStatusSchema>;

/** The program's version and a hash of all that this kind of work sends. */
export function buildOf(version: string, ...schemas: readonly z.ZodType[]): string {
  const shapes = [...schemas, blobSchema, workSchema, headSchema].map((schema) => z.toJSONSchema(schema, { unrepresentable: 'any' }));
  return `${version}+${createHash('sha256').update(JSON.stringify([EPISODE_FORMAT, shapes])).digest('hex').slice(0, 8)}`;
}

/** Self-play as a kind of work. */
export const SELF_PLAY = 'self-play';

/** What a worker must know to play a run's games. */
export const selfPlayDetailsSchema = z.strictObject({ config: z.record(z.string(), z.unknown()) });

export const selfPlayBuild = (version: string): string => buildOf(version, selfPlayDetailsSchema, gamesJobSchema, weightsSchema);

/** What a text from Redis says, or what is wrong with it. */
export function parseMessage<T>(schema: z.ZodType<T>, text: string): { readonly value: T } | { readonly problem: string } {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return { problem: 'it is not JSON' };
  }
  return parseData(schema, data);
}

export function parseData<T>(schema: z.ZodType<T>, data: unknown): { readonly value: T } | { readonly problem: string } {
  const result = schema.safeParse(data);
  if (result.success) return { value: result.data };
  const [issue] = result.error.issues;
  return { problem: `${issue.path.join('.') || 'the whole'}: ${issue.message}`.replaceAll('\n', ' ').slice(0, 300) };
}
