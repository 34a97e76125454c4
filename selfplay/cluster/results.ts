/**
 * Results of a work: read from a stream, and taken out of it only once the caller has stored them. One that is not what it
 * should be goes into quarantine with the reason, and the rest goes on.
 *
 * They travel by a Redis stream and not as BullMQ's return values, which would lie in Redis twice (in the job and in the
 * queue's events), as text, until they are removed by age rather than by being stored.
 */
import type { Redis } from 'ioredis';
import { UserError } from '#engine';
import type { Keys } from './keys.js';
import { headSchema, parseMessage, type ResultHead } from './messages.js';

/** Results of a coordinator that never comes back vanish after this [s]. */
export const LIFE_SECONDS = 7 * 24 * 3600;
/** Most results that are kept to be looked at. */
export const QUARANTINE = 100;
/** Most bytes and messages that are read ahead of what is stored. */
const MOST_UNSETTLED = { bytes: 32 * 1024 * 1024, messages: 2000 };

export interface ResultsOptions {
  readonly redis: Redis;
  /** A connection of its own: it waits for messages. */
  readonly reader: Redis;
  readonly keys: Keys;
  readonly work: string;
  /** A message; `settled` is to be called once all of it is stored. Throws UserError('data') for one that is not right. */
  readonly onResult: (head: ResultHead, body: Buffer, settled: () => void) => void;
  /** All of a job has come. */
  readonly onLast: (job: string) => void;
  readonly onRefused: (reason: string) => void;
  readonly trouble: (error: unknown) => void;
  readonly fail: (error: Error) => void;
}

export class Results {
  quarantined = 0;
  private readonly options: ResultsOptions;
  private readonly stream: string;
  /** Read and not yet stored: stream id -> bytes. */
  private readonly unsettled = new Map<string, number>();
  private unsettledBytes = 0;
  private done: string[] = [];
  private wake: (() => void) | undefined;
  private rewind = false;
  private closed = false;
  private reading: Promise<void> = Promise.resolve();

  constructor(options: ResultsOptions) {
    this.options = options;
    this.stream = options.keys.results(options.work);
  }

  /** Messages that have come and are not stored. */
  get unstored(): number {
    return this.unsettled.size;
  }

  begin(): void {
    this.reading = this.read();
  }

  /** After a break everything that is not stored is looked at again. */
  again(): void {
    this.rewind = true;
  }

  /** Workers write only where there is a stream: nobody else makes one. */
  async announce(): Promise<void> {
    const { redis } = this.options;
    if ((await redis.exists(this.stream)) === 0) await redis.xdel(this.stream, (await redis.xadd(this.stream, '*', 'head', '', 'body', '')) ?? '0-1');
    await redis.expire(this.stream, LIFE_SECONDS);
  }

  /** Reads no more; resolves when nothing is under way, once `disconnect` is called. */
  end(): Promise<void> {
    this.closed = true;
    this.wake?.();
    return this.reading;
  }

  /** What was not stored stays for the next sitting. */
  async leave(): Promise<void> {
    const { redis } = this.options;
    await this.flush();
    if ((await redis.xlen(this.stream)) === 0) await redis.del(this.stream);
    else await redis.expire(this.stream, LIFE_SECONDS);
  }

  disconnect(): void {
    this.options.reader.disconnect();
  }

  /** Sets a result aside, with who sent it and what is wrong; the newest hundred are kept, without bodies that are long. */
  quarantine(reason: string, head: ResultHead | undefined, body: Uint8Array | undefined): void {
    this.quarantined++;
    const { redis, keys, work, onRefused, trouble } = this.options;
    const words = `${head === undefined ? '' : `worker ${head.worker}: `}${reason}`.slice(0, 500);
    onRefused(words);
    const kept = body === undefined || body.length > 65536 ? Buffer.alloc(0) : Buffer.from(body);
    redis.xadd(keys.quarantine(work), 'MAXLEN', QUARANTINE, '*', 'reason', words, 'head', JSON.stringify(head ?? null), 'body', kept).catch(trouble);
  }

  private async read(): Promise<void> {
    const { reader, trouble } = this.options;
    let last = '0';
    while (!this.closed) {
      while (!this.closed && (this.unsettledBytes > MOST_UNSETTLED.bytes || this.unsettled.size > MOST_UNSETTLED.messages)) await new Promise<void>((resolve) => (this.wake = resolve));
      let reply: [Buffer, [Buffer, Buffer[]][]][] | null;
      try {
        reply = (await reader.xreadBuffer('COUNT', 32, 'BLOCK', 1000, 'STREAMS', this.stream, last)) as [Buffer, [Buffer, Buffer[]][]][] | null;
      } catch (error) {
        if (this.closed) return;
        trouble(error);
        await new Promise((resolve) => setTimeout(resolve, 500));
        continue;
      }
      for (const [idBytes, fields] of reply?.[0]?.[1] ?? []) {
        last = idBytes.toString();
        if (!this.unsettled.has(last)) this.receive(last, fields);
      }
      if (this.rewind) {
        this.rewind = false;
        last = '0';
      }
    }
  }

  private receive(id: string, fields: readonly Buffer[]): void {
    if (this.closed) return;
    const { onResult, onLast, fail } = this.options;
    const bytes = fields.reduce((sum, field) => sum + field.length, 0);
    this.unsettled.set(id, bytes);
    this.unsettledBytes += bytes;
    const named = new Map<string, Buffer>();
    for (let i = 0; i + 1 < fields.length; i += 2) named.set(fields[i].toString(), fields[i + 1]);
    const head = parseMessage(headSchema, named.get('head')?.subarray(0, 4096).toString() ?? '');
    const body = named.get('body');
    try {
      if ('problem' in head) throw new UserError('data', `the head of a message is wrong: ${head.problem}`);
      if (body === undefined) throw new UserError('data', 'a message without a body');
      onResult(head.value, body, () => this.settle(id));
      if (head.value.last) onLast(head.value.job);
    } catch (error) {
      if (!(error instanceof UserError)) return fail(error instanceof Error ? error : new Error(String(error)));
      this.quarantine(error.message, 'value' in head ? head.value : undefined, body);
      if ('value' in head && head.value.last) onLast(head.value.job);
      this.settle(id);
    }
  }

  private settle(id: string): void {
    const bytes = this.unsettled.get(id);
    if (bytes === undefined) return;
    this.unsettled.delete(id);
    this.unsettledBytes -= bytes;
    if (this.done.push(id) === 1) setTimeout(() => void this.flush(), 20);
    this.wake?.();
  }

  /** Takes stored results out of the stream: one command for many. */
  private async flush(): Promise<void> {
    const ids = this.done.splice(0);
    if (ids.length === 0) return;
    // If this fails they come again, and the store knows them.
    await this.options.redis.xdel(this.stream, ...ids).catch(this.options.trouble);
  }
}
