/** Sends results into a work's stream, one after the other, for as long as it takes; nothing is given up but on closing. */
import type { Redis } from 'ioredis';
import type { Keys } from './keys.js';
import type { ResultHead } from './messages.js';
import { isFull } from './redis.js';

/** Waits while the server is full, or has not heard of the work since it came back empty [ms]. */
const RETRY_MILLIS = 1000;
const CLOSE_MILLIS = 3000;

export class Courier {
  private readonly redis: Redis;
  private readonly stream: string;
  private readonly warn: (message: string) => void;
  private tail: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(redis: Redis, keys: Keys, work: string, warn: (message: string) => void) {
    this.redis = redis;
    this.stream = keys.results(work);
    this.warn = warn;
  }

  /** Resolves once the message is in the stream, or the work is over. */
  send(head: ResultHead, body: Buffer): Promise<void> {
    this.tail = this.tail.then(() => this.deliver(JSON.stringify(head), body));
    return this.tail;
  }

  /** Nobody waits for the results any more: each message is tried once. */
  abandon(): void {
    this.closed = true;
  }

  /** Waits for what is under way, but not for a server that is away. */
  async close(): Promise<void> {
    this.abandon();
    let late: NodeJS.Timeout | undefined;
    await Promise.race([this.tail, new Promise((resolve) => (late = setTimeout(resolve, CLOSE_MILLIS)))]);
    clearTimeout(late);
  }

  private async deliver(head: string, body: Buffer): Promise<void> {
    // At least once even when the work has ended meanwhile: its last games are worth a try.
    for (let tries = 1; ; tries++) {
      let why: string;
      try {
        if ((await this.redis.xadd(this.stream, 'NOMKSTREAM', '*', 'head', head, 'body', body)) !== null) return;
        why = 'the coordinator has gone; its games wait here for it';
      } catch (error) {
        if (!isFull(error) && !this.closed) why = (error as Error).message;
        else why = 'Redis is full: raise its maxmemory; games wait here until there is room';
      }
      if (this.closed) return;
      // A work that ends takes its stream away a moment before it is heard of.
      if (tries > 2) this.warn(why);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MILLIS));
    }
  }
}
