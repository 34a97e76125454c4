/**
 * A worker: takes jobs of every run and tournament of its build and its games, while searches run in threads, so that
 * BullMQ renews the jobs' locks on this one. It joins and leaves as it likes: a job that it does not finish goes to another.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { hostname } from 'node:os';
import type { Worker as BullWorker } from 'bullmq';
import type { Redis } from 'ioredis';
import { UserError } from '#engine';
import { games as builtIn, loadGame } from '#games';
import { AHEAD } from './demand.js';
import { Keys } from './keys.js';
import { PoisonedJob, type OpenWork, type WorkKind, type WorkerHost } from './kind.js';
import { SELF_PLAY, parseMessage, workSchema, type Work, type WorkerReport } from './messages.js';
import { connectRedis, redisError, type RedisAddress } from './redis.js';
import { clearScratch, openScratch } from './scratch.js';

export interface WorkerOptions {
  readonly address: RedisAddress;
  readonly cluster?: string;
  /** Of this program. */
  readonly version: string;
  readonly kinds: readonly WorkKind[];
  /** Searching threads. */
  readonly threads: number;
  readonly device: WorkerHost['device'];
  /** Modules of games of one's own: none is ever loaded because a message names it. */
  readonly games?: readonly string[];
  readonly blobFolder?: string;
  readonly note?: (line: string) => void;
  /** How long a job's lock lasts without renewal: a worker that dies is noticed after about that [ms]. */
  readonly lockMillis?: number;
}

const POLL_MILLIS = 2000;
/** A worker that has not reported for so long is gone [s]. */
const REPORT_SECONDS = 10;
const LOCK_MILLIS = 15_000;
const META_SECONDS = 7 * 24 * 3600;
/** A job that its worker's death gave back this often is what kills them. */
const MOST_STALLS = 10;

interface Attached {
  readonly work: Work;
  /** As it is listed. */
  readonly text: string;
  readonly open: OpenWork;
  readonly bull: BullWorker;
  jobs: number;
  rate: number;
  gamesBefore: number;
}

export interface ClusterWorker {
  readonly id: string;
  readonly report: WorkerReport;
  /** Ends with what has been played; rejects when it cannot go on. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** Throws UserError('environment') when there is no server, or when all that is to be done is for another version. */
export async function startWorker(options: WorkerOptions): Promise<ClusterWorker> {
  const note = options.note ?? (() => undefined);
  let leaving = false;
  const redis = await connectRedis(options.address, {
    lost: () => leaving || note(`lost Redis at ${options.address.shown}; trying again until it is back`),
    back: () => leaving || note('Redis is back'),
  });
  const worker = new Worker(options, redis, note);
  try {
    await worker.begin();
  } catch (error) {
    leaving = true;
    await worker.stop();
    throw redisError(error, options.address);
  }
  return { id: worker.id, get report() { return worker.report(); }, ended: worker.ended, stop: () => ((leaving = true), worker.stop()) };
}

class Worker {
  readonly id = randomBytes(5).toString('hex');
  readonly ended: Promise<void>;
  private readonly options: WorkerOptions;
  private readonly redis: Redis;
  private readonly keys: Keys;
  private readonly note: (line: string) => void;
  private readonly attached = new Map<string, Attached>();
  private readonly refused = new Map<string, string>();
  private readonly own = new Map<string, string>();
  private readonly began = performance.now();
  private readonly sitting = randomInt(2 ** 47);
  private scratch: ReturnType<typeof openScratch> | undefined;
  private failures = 0;
  private lastFailure: string | undefined;
  private said = { text: '', at: -Infinity };
  private timer: NodeJS.Timeout | undefined;
  private polling: Promise<void> = Promise.resolve();
  private polled = 0;
  private stopping: Promise<void> | undefined;
  private finish!: { resolve: () => void; reject: (error: Error) => void };

  constructor(options: WorkerOptions, redis: Redis, note: (line: string) => void) {
    this.options = options;
    this.redis = redis;
    this.keys = new Keys(options.cluster);
    this.note = note;
    this.ended = new Promise((resolve, reject) => (this.finish = { resolve, reject }));
    this.ended.catch(() => undefined);
  }

  async begin(): Promise<void> {
    clearScratch();
    for (const path of this.options.games ?? []) this.own.set((await loadGame(path)).id, path);
    await this.poll();
    if (this.attached.size === 0 && this.refused.size > 0) throw new UserError('environment', [...this.refused.values()][0]);
    this.timer = setInterval(() => {
      // One look at a time: a server that is away answers none of them.
      const mine = ++this.polled;
      this.polling = this.polling.then(() => (mine === this.polled ? this.poll() : undefined)).catch((error: unknown) => this.trouble(error));
    }, POLL_MILLIS);
  }

  report(): WorkerReport {
    return {
      id: this.id, host: hostname().slice(0, 500), pid: process.pid, version: this.options.version, threads: this.options.threads, device: this.options.device,
      uptime: (performance.now() - this.began) / 1000, memory: process.memoryUsage.rss(),
      works: [...this.attached.values()].map(({ work, open, jobs, rate }) => ({ work: work.id, jobs, gamesPerSecond: rate, ...open.report() })),
      refused: [...this.refused].map(([work, reason]) => ({ work, reason: reason.slice(0, 500) })),
      failures: this.failures,
      ...(this.lastFailure === undefined ? {} : { lastFailure: this.lastFailure.slice(0, 500) }),
    };
  }

  stop(): Promise<void> {
    this.stopping ??= this.leave();
    return this.stopping;
  }

  private async leave(): Promise<void> {
    clearInterval(this.timer);
    await Promise.race([this.polling, new Promise((resolve) => setTimeout(resolve, 2000).unref())]);
    await Promise.all([...this.attached.values()].map((entry) => this.detach(entry, false)));
    const farewell = this.redis.multi().del(this.keys.worker(this.id)).srem(this.keys.workers, this.id).exec().catch(() => undefined);
    await Promise.race([farewell, new Promise((resolve) => setTimeout(resolve, 1000).unref())]);
    this.redis.disconnect();
    this.scratch?.remove();
    this.finish.resolve();
  }

  /** What there is to do, what is new, and a sign of life. */
  private async poll(): Promise<void> {
    const listed = await this.redis.hgetall(this.keys.works);
    // One whose settings have changed is begun anew.
    for (const entry of this.attached.values()) if (listed[entry.work.id] !== entry.text) await this.detach(entry, true);
    for (const id of this.refused.keys()) if (!(id in listed)) this.refused.delete(id);
    for (const [id, text] of Object.entries(listed)) if (!this.attached.has(id) && this.stopping === undefined) await this.attach(id, text);
    for (const entry of this.attached.values()) {
      const { games } = entry.open.report();
      const rate = (1000 * (games - entry.gamesBefore)) / POLL_MILLIS;
      entry.rate = entry.rate === 0 ? rate : 0.8 * entry.rate + 0.2 * rate;
      entry.gamesBefore = games;
      try {
        await entry.open.poll();
      } catch (error) {
        this.failed(error);
      }
    }
    await this.redis.multi().set(this.keys.worker(this.id), JSON.stringify(this.report()), 'EX', REPORT_SECONDS).sadd(this.keys.workers, this.id).exec();
  }

  private async attach(id: string, text: string): Promise<void> {
    try {
      const work = parseMessage(workSchema, text);
      if ('problem' in work) throw new UserError('data', `an entry in the list of works is wrong: ${work.problem}`);
      const { kind, game, spec } = await this.suits(work.value);
      const open = await kind.open(work.value, game, spec, this.host());
      const { Worker: Bull } = await import('bullmq');
      const lock = this.options.lockMillis ?? LOCK_MILLIS;
      const { threads } = this.options;
      const entry: Attached = { work: work.value, text, open, jobs: 0, rate: 0, gamesBefore: 0, bull: new Bull(this.keys.queue(id), (job) => this.play(id, job.id ?? '', job.data), {
        connection: this.redis, prefix: this.keys.prefix, name: this.id, concurrency: threads + AHEAD,
        lockDuration: lock, stalledInterval: lock / 2, maxStalledCount: MOST_STALLS, runRetryDelay: 1000, autorun: false,
      }) };
      this.attached.set(id, entry);
      this.refused.delete(id);
      entry.bull.on('error', (error) => this.trouble(error));
      entry.bull.run().catch((error: unknown) => this.trouble(error));
      this.note(`takes part in the ${work.value.title}`);
      this.share();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (this.refused.get(id) !== reason) this.note(`does not take part: ${reason}`);
      this.refused.set(id, reason);
    }
  }

  /** Throws UserError saying what to do when this worker cannot do that work. */
  private async suits({ kind, build, game, title }: Work): Promise<{ kind: WorkKind; game: Awaited<ReturnType<typeof loadGame>>; spec: string }> {
    const known = this.options.kinds.find((one) => one.kind === kind);
    if (known === undefined || known.build !== build) {
      throw new UserError('environment', `this worker is Ludus ${known?.build ?? this.options.version}, and the ${title.slice(0, 80)} is coordinated by Ludus ${build}: install the same version on both`);
    }
    const spec = this.own.get(game.id) ?? builtIn.find((one) => one.id === game.id)?.id;
    if (spec === undefined) throw new UserError('environment', `this worker does not know the game '${game.id}' of the ${title.slice(0, 80)}: give its module, ludus worker --game PATH`);
    const loaded = await loadGame(spec);
    if (loaded.version !== game.version) throw new UserError('environment', `this worker has version ${loaded.version} of ${game.id}, and the ${title.slice(0, 80)} is of version ${game.version}: install the same on both`);
    return { kind: known, game: loaded, spec };
  }

  private async play(workId: string, id: string, data: unknown): Promise<void> {
    const entry = this.attached.get(workId);
    if (entry === undefined) throw new Error('this worker is leaving');
    entry.jobs++;
    try {
      await entry.open.run({ id, data });
    } catch (error) {
      this.failed(error);
      if (!(error instanceof PoisonedJob)) throw error;
      const { UnrecoverableError } = await import('bullmq');
      throw new UnrecoverableError(error.message);
    } finally {
      entry.jobs--;
    }
  }

  private async detach(entry: Attached, over: boolean): Promise<void> {
    if (!this.attached.delete(entry.work.id)) return;
    if (over) this.note(`the ${entry.work.title} is over`);
    // No new jobs; those under way end with what there is of them.
    const resting = entry.bull.pause(true).catch(() => undefined);
    await Promise.race([resting, new Promise((resolve) => setTimeout(resolve, 1000).unref())]);
    await entry.open.close(over);
    // What BullMQ's workers write after the queue is gone should not stay for ever.
    if (over) await this.redis.expire(`${this.keys.prefix}:${this.keys.queue(entry.work.id)}:meta`, META_SECONDS).catch(() => undefined);
    await Promise.race([entry.bull.close().catch(() => undefined), new Promise((resolve) => setTimeout(resolve, 3000).unref())]);
    if (this.stopping === undefined) this.share();
  }

  /** Tournaments' threads first; self-play shares what is left, at least one thread for each run. */
  private share(): void {
    const works = [...this.attached.values()];
    const pairs = works.filter(({ work }) => work.kind !== SELF_PLAY).reduce((sum, { open }) => sum + open.busy, 0);
    const playing = works.filter(({ work, open }) => work.kind === SELF_PLAY && open.busy > 0);
    const left = Math.max(1, this.options.threads - pairs);
    for (const { open } of playing) open.allow(Math.max(1, Math.floor(left / playing.length)));
  }

  private host(): WorkerHost {
    return {
      id: this.id, sitting: this.sitting, redis: this.redis, keys: this.keys, threads: this.options.threads, device: this.options.device,
      blobFolder: this.options.blobFolder, note: (line) => this.say(line), changed: () => this.share(),
      scratch: () => (this.scratch ??= openScratch()).folder,
      broken: (work, error) => {
        this.failed(error);
        const entry = this.attached.get(work);
        // A thread that died cannot be trusted to be the only one: the worker ends, and its jobs go to others.
        if (entry !== undefined && this.stopping === undefined) this.finish.reject(error);
      },
    };
  }

  private failed(error: unknown): void {
    this.failures++;
    this.lastFailure = error instanceof Error ? error.message : String(error);
    this.say(this.lastFailure);
  }

  private trouble(error: unknown): void {
    const text = String(error);
    if (this.stopping !== undefined || /Connection is closed|ECONNREFUSED|ECONNRESET|LOADING|Missing (lock|key) for job|Missing key/.test(text)) return;
    this.say(redisError(error, this.options.address).message);
  }

  /** The same line at most every ten seconds. */
  private say(line: string): void {
    const now = performance.now();
    if (line === this.said.text && now - this.said.at < 10_000) return;
    this.said = { text: line, at: now };
    this.note(line);
  }
}
