/**
 * Gives a run's newest weights to all workers: as a blob, and a notice of it that they poll. Weights that come faster than
 * the network can carry them to everybody are skipped, and old blobs go.
 */
import type { Redis } from 'ioredis';
import type { Weights } from '../messages.js';
import type { BlobPlace } from './blobs.js';
import type { Keys } from './keys.js';
import type { WeightsNotice } from './messages.js';

/** Weights that stay: a worker may be fetching those before the newest. */
const KEPT = 3;
/** Least time between two publications [ms]: workers poll every two seconds. */
const LEAST_MILLIS = 1000;
/** What all workers together may fetch, on average [bytes/s]. */
const BYTES_PER_SECOND = 50e6;
const NOTICE_SECONDS = 7 * 24 * 3600;

/** Time between publications so that fetching them takes no more than its share of the network [ms]. */
export function publishMillis(workers: number, bytes: number): number {
  return Math.max(LEAST_MILLIS, (1000 * workers * bytes) / BYTES_PER_SECOND);
}

export class Publisher {
  /** Step of the weights that workers are told of. */
  step: number | undefined;
  private readonly redis: Redis;
  private readonly keys: Keys;
  private readonly work: string;
  private readonly place: BlobPlace;
  private readonly workers: () => number;
  private readonly trouble: (error: unknown) => void;
  private newest: Weights | undefined;
  private sent: Weights | undefined;
  private sentAt = -Infinity;
  private blobs: string[] = [];
  private timer: NodeJS.Timeout | undefined;
  private sending: Promise<void> | undefined;
  private closed = false;

  constructor(options: { redis: Redis; keys: Keys; work: string; place: BlobPlace; workers: () => number; trouble: (error: unknown) => void }) {
    this.redis = options.redis;
    this.keys = options.keys;
    this.work = options.work;
    this.place = options.place;
    this.workers = options.workers;
    this.trouble = options.trouble;
  }

  publish(weights: Weights): void {
    this.newest = weights;
    this.schedule();
  }

  /** Everything anew: the server may have come back empty. */
  again(): void {
    this.sent = undefined;
    this.schedule();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.sending;
    await this.redis.del(this.keys.weights(this.work));
    for (const blob of this.blobs) await this.place.remove(blob);
    await this.place.close();
  }

  private schedule(delay = 0): void {
    if (this.closed || this.sending !== undefined || this.newest === undefined || this.newest === this.sent) return;
    clearTimeout(this.timer);
    const wait = this.sent === undefined ? 0 : this.sentAt + publishMillis(this.workers(), this.newest.model.length) - performance.now();
    this.timer = setTimeout(() => {
      this.sending = this.send()
        .then(() => 0, (error: unknown) => {
          this.trouble(error);
          return 1000;
        })
        .then((pause) => {
          this.sending = undefined;
          this.schedule(pause);
        });
    }, Math.max(delay, wait));
  }

  private async send(): Promise<void> {
    const weights = this.newest as Weights;
    const blob = await this.place.put(weights.model);
    const notice: WeightsNotice = { blob, step: weights.step, simulations: weights.simulations };
    await this.redis.set(this.keys.weights(this.work), JSON.stringify(notice), 'EX', NOTICE_SECONDS);
    this.sent = weights;
    this.sentAt = performance.now();
    this.step = weights.step;
    this.blobs = [...this.blobs.filter((hash) => hash !== blob.sha256), blob.sha256];
    for (const old of this.blobs.splice(0, Math.max(0, this.blobs.length - KEPT))) await this.place.remove(old);
  }
}
