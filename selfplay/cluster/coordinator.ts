/**
 * What every coordinator does, whatever it wants played: announces the work, holds its lease, puts jobs into BullMQ's
 * queue, hears of their results (`results.ts`), and sees which of them will not come back.
 */
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { UserError } from '#engine';
import type { Keys } from './keys.js';
import { Lease } from './lease.js';
import type { ResultHead, Work, WorkerReport, WorkStatus } from './messages.js';
import { connectRedis, isFull, redisError, redisMemory, type RedisAddress } from './redis.js';
import { QUARANTINE, Results } from './results.js';
import { readWorkers } from './workers.js';

/** Time between two reports, and two looks at the workers' [ms]. */
const BEAT_MILLIS = 2000;
/** A job that fails is tried this often before it is set aside. */
const ATTEMPTS = 3;

export interface CoordinatorOptions {
  readonly address: RedisAddress;
  readonly keys: Keys;
  readonly work: Work;
  /** A message; `settled` is to be called once all of it is stored. Throws UserError('data') for one that is not right. */
  readonly onResult: (head: ResultHead, body: Buffer, settled: () => void) => void;
  /** A job that will not come back: it failed again and again, or vanished with the server's memory. */
  readonly onLost: (job: string, data: unknown, reason: string) => void;
  /** Once every two seconds, when the workers' reports are known. */
  readonly onBeat?: () => void;
  /** The server has come back, perhaps without what was in it. */
  readonly onBack?: () => void;
  readonly status: () => Pick<WorkStatus, 'games' | 'gamesPerSecond' | 'limit' | 'step'> & { readonly resting: boolean };
  readonly warn: (error: Error) => void;
  readonly fail: (error: Error) => void;
}

interface PendingJob {
  readonly data: unknown;
  /** Games or pairs still to come. */
  left: number;
  /** Looked for twice and not found. */
  missing: boolean;
}

export class Coordinator {
  readonly redis: Redis;
  /** Reports of the workers that take part in this work. */
  workers: readonly WorkerReport[] = [];
  private readonly options: CoordinatorOptions;
  private readonly results: Results;
  private readonly queue: Queue;
  private readonly lease: Lease;
  private readonly jobs = new Map<string, PendingJob>();
  private closed = false;
  private away = false;
  private full = false;
  private failed = 0;
  private lastFailure: string | undefined;
  private beats = 0;
  private timer: NodeJS.Timeout | undefined;
  private beating: Promise<void> = Promise.resolve();
  private warned = { text: '', at: -Infinity };

  private constructor(options: CoordinatorOptions, redis: Redis, reader: Redis, queue: Queue, lease: Lease) {
    this.options = options;
    this.redis = redis;
    this.results = new Results({
      redis, reader, keys: options.keys, work: options.work.id, onResult: options.onResult,
      onLast: (job) => this.jobs.delete(job),
      onRefused: (reason) => {
        this.lastFailure = reason;
        this.warn(new UserError('data', `a result is refused and set aside (${reason})`));
      },
      trouble: (error) => this.trouble(error), fail: options.fail,
    });
    this.queue = queue;
    this.lease = lease;
  }

  /** Throws UserError('environment') when there is no server, or another coordinator has this work. */
  static async open(options: CoordinatorOptions): Promise<Coordinator> {
    const { address, keys, work } = options;
    let self: Coordinator | undefined;
    const redis = await connectRedis(address, {
      lost: () => {
        if (self === undefined || self.closed) return;
        self.away = true;
        self.warn(new UserError('environment', `lost Redis at ${address.shown}; trying again until it is back; what is stored is safe, and workers wait`));
      },
      back: () => {
        if (self === undefined || self.closed) return;
        self.away = false;
        self.results.again();
        self.warn(new UserError('environment', `Redis at ${address.shown} is back`));
        self.options.onBack?.();
      },
    });
    let reader: Redis | undefined;
    try {
      const lease = await Lease.take(redis, keys.lease(work.id), work.title, (holder) => options.warn(new UserError('environment', `${work.title} was coordinated by ${holder}: waiting for it to end`)));
      reader = await connectRedis(address);
      const { Queue: BullQueue } = await import('bullmq');
      const queue = new BullQueue(keys.queue(work.id), {
        connection: redis, prefix: keys.prefix, streams: { events: { maxLen: 1000 } },
        defaultJobOptions: { attempts: ATTEMPTS, backoff: { type: 'exponential', delay: 500 }, removeOnComplete: true, removeOnFail: { count: QUARANTINE }, stackTraceLimit: 0 },
      });
      self = new Coordinator(options, redis, reader, queue, lease);
      queue.on('error', (error) => self?.trouble(error));
      // What an earlier sitting asked for and nobody has begun is asked for anew; what somebody plays still counts when it comes.
      await queue.drain(true);
      self.failed = await queue.getFailedCount();
      await self.announce();
      self.results.begin();
      self.timer = setInterval(() => self?.beat(), BEAT_MILLIS);
      self.beat();
      return self;
    } catch (error) {
      reader?.disconnect();
      redis.disconnect();
      throw redisError(error, address);
    }
  }

  /** Games (or pairs) that are asked for and have not come back. */
  get outstanding(): number {
    let sum = 0;
    for (const { left } of this.jobs.values()) sum += left;
    return sum;
  }

  /** Messages that have come back and are not stored. */
  get unstored(): number {
    return this.results.unstored;
  }

  /** False while the server is full: nothing was asked for then, and the caller asks again later. */
  async add(jobs: readonly { readonly id: string; readonly data: object; readonly size: number }[]): Promise<boolean> {
    for (const { id, data, size } of jobs) this.jobs.set(id, { data, left: size, missing: false });
    try {
      await this.queue.addBulk(jobs.map(({ id, data }) => ({ name: this.options.work.kind, data, opts: { jobId: id } })));
      this.full = false;
      return true;
    } catch (error) {
      for (const { id } of jobs) this.jobs.delete(id);
      this.trouble(error);
      return false;
    }
  }

  /** So much of a job has come. */
  received(job: string, count: number): void {
    const pending = this.jobs.get(job);
    if (pending !== undefined) pending.left = Math.max(0, pending.left - count);
  }

  /** Sets a result aside, with who sent it and what is wrong. */
  quarantine(reason: string, head: ResultHead | undefined, body: Uint8Array | undefined): void {
    this.results.quarantine(reason, head, body);
  }

  /** At most one line of a kind in ten seconds. */
  warn(error: Error): void {
    const now = performance.now();
    if (error.message === this.warned.text && now - this.warned.at < 10_000) return;
    this.warned = { text: error.message, at: now };
    this.options.warn(error);
  }

  /** Ends the work: no worker takes its jobs any more. Results that were not stored stay in Redis for the next sitting. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearInterval(this.timer);
    const reading = this.results.end();
    const { keys, work } = this.options;
    const farewell = async (): Promise<void> => {
      await this.beating;
      await this.results.leave();
      await this.redis.multi().hdel(keys.works, work.id).del(keys.status(work.id)).exec();
      await this.queue.obliterate({ force: true, count: 5000 });
      await this.lease.release();
    };
    // A server that is away must not keep the process: the lease runs out by itself.
    let late: NodeJS.Timeout | undefined;
    await Promise.race([farewell().catch(() => undefined), new Promise((resolve) => (late = setTimeout(resolve, this.away ? 500 : 5000)))]);
    clearTimeout(late);
    this.results.disconnect();
    await reading;
    await Promise.race([this.queue.close(), new Promise((resolve) => setTimeout(resolve, 500).unref())]);
    this.redis.disconnect();
  }

  // ---- the beat

  /** (Re)writes what workers look for: also after a server came back empty. */
  private async announce(): Promise<void> {
    const { keys, work } = this.options;
    await this.results.announce();
    await this.redis.multi().persist(`${keys.prefix}:${keys.queue(work.id)}:meta`).hset(keys.works, work.id, JSON.stringify(work)).exec();
  }

  private beat(): void {
    if (this.away || this.closed) return;
    this.beating = this.beating.then(() => this.work()).catch((error: unknown) => this.trouble(error));
  }

  private async work(): Promise<void> {
    if (this.closed) return;
    const { keys, work, onBeat, fail } = this.options;
    if (!(await this.lease.renew())) return fail(new UserError('environment', `${work.title} is coordinated by another process now: this one has been away too long`));
    await this.announce();
    this.workers = (await readWorkers(this.redis, keys)).filter((worker) => worker.works.some((entry) => entry.work === work.id));
    if (this.beats % 5 === 2) await this.watchMemory();
    if (this.beats % 5 === 4) await this.reconcile();
    this.beats++;
    this.full = false;
    onBeat?.();
    await this.redis.set(keys.status(work.id), JSON.stringify(this.report()), 'EX', 15);
  }

  private report(): WorkStatus {
    const { resting, ...status } = this.options.status();
    const state = this.full ? 'Redis is full' : resting ? 'waiting for the learner' : this.workers.length === 0 ? 'waiting for workers' : 'playing';
    return {
      ...status, outstanding: this.outstanding, unstored: this.unstored, quarantined: this.results.quarantined, failed: this.failed, state,
      ...(this.lastFailure === undefined ? {} : { lastFailure: this.lastFailure }),
    };
  }

  private async watchMemory(): Promise<void> {
    const { used, limit } = await redisMemory(this.redis);
    if (limit > 0 && used > 0.8 * limit) this.warn(new UserError('environment', `Redis at ${this.options.address.shown} has used ${Math.round((100 * used) / limit)} % of its maxmemory: raise it, or lower --queue-games`));
  }

  /** Jobs that failed for good are told; those that vanished (looked for twice, with nothing left to read) are given up. */
  private async reconcile(): Promise<void> {
    for (const job of await this.queue.getFailed(0, QUARANTINE)) {
      const id = job.id ?? '';
      const pending = this.jobs.get(id);
      if (pending === undefined) continue;
      this.jobs.delete(id);
      this.failed++;
      this.lastFailure = `job ${id}: ${job.failedReason}`.slice(0, 500);
      this.warn(new UserError('data', `a job is set aside: ${job.failedReason}`));
      this.options.onLost(id, pending.data, job.failedReason);
    }
    if (this.jobs.size === 0 || this.unstored > 0) return;
    const known = new Set(await this.queue.getRanges(['wait', 'active', 'delayed', 'prioritized']));
    for (const [id, pending] of this.jobs) {
      if (known.has(id)) pending.missing = false;
      else if (pending.missing) {
        this.jobs.delete(id);
        this.options.onLost(id, pending.data, 'it vanished from Redis');
      } else pending.missing = true;
    }
  }

  private trouble(error: unknown): void {
    // While the server is away, that is all there is to say.
    if (this.closed || this.away || /Connection is closed|ECONNREFUSED|ECONNRESET|LOADING/.test(String(error))) return;
    if (isFull(error)) this.full = true;
    this.warn(redisError(error, this.options.address));
  }
}
