/** One coordinator for a work: a key in Redis that its holder renews and that runs out when the holder dies. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Redis } from 'ioredis';
import { UserError } from '#engine';

export const LEASE_MILLIS = 6000;

/** Renews the lease if it is still ours, or takes it where it has vanished with the server's memory. 1: it is ours. */
const RENEW = `
local held = redis.call('GET', KEYS[1])
if held == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
if held then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;
const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

export class Lease {
  private readonly redis: Redis;
  private readonly key: string;
  private readonly value = `${hostname()}, process ${process.pid}, ${randomBytes(6).toString('hex')}`;

  private constructor(redis: Redis, key: string) {
    this.redis = redis;
    this.key = key;
  }

  /**
   * Waits for a dead predecessor's lease to run out; `onWait` tells people. Throws UserError('environment') when its holder
   * lives, that is, renews it.
   */
  static async take(redis: Redis, key: string, what: string, onWait: (holder: string) => void): Promise<Lease> {
    const lease = new Lease(redis, key);
    for (let before = Infinity; !(await lease.renew()); ) {
      const [value, left] = await Promise.all([redis.get(key), redis.pttl(key)]);
      const holder = (value ?? '').replace(/, [0-9a-f]{12}$/, '');
      if (left > before) throw new UserError('environment', `${what} is coordinated by ${holder} already: stop that first`);
      if (before === Infinity && holder !== '') onWait(holder);
      before = left;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    return lease;
  }

  /** False when another holds it. */
  async renew(): Promise<boolean> {
    return (await this.redis.eval(RENEW, 1, this.key, this.value, LEASE_MILLIS)) === 1;
  }

  async release(): Promise<void> {
    await this.redis.eval(RELEASE, 1, this.key, this.value);
  }
}
