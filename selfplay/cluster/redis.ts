/**
 * The Redis or Valkey server that a cluster meets at: where it is, what it must be told to let one in, and what its
 * failures mean in words. A password never comes by the command line, where everybody on the machine can read it.
 */
import { readFileSync } from 'node:fs';
import type { Redis, RedisOptions } from 'ioredis';
import { UserError } from '#engine';

export const DEFAULT_REDIS = 'redis://127.0.0.1:6379';

export interface RedisAddress {
  /** For people: without secrets. */
  readonly shown: string;
  readonly options: RedisOptions;
}

type Environment = Readonly<Record<string, string | undefined>>;

function secretFile(environment: Environment, variable: string): string | undefined {
  const path = environment[variable];
  if (path === undefined || path === '') return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UserError('environment', `${variable} names ${path}, which cannot be read: ${(error as Error).message}`);
  }
}

/**
 * `redis://HOST:PORT/DB`, or `rediss://` for TLS; user, password and certificates come from LUDUS_REDIS_USERNAME,
 * LUDUS_REDIS_PASSWORD or LUDUS_REDIS_PASSWORD_FILE, LUDUS_REDIS_CA, LUDUS_REDIS_CERT and LUDUS_REDIS_KEY (files).
 * Throws UserError('usage') for anything else.
 */
export function redisAddress(text: string, environment: Environment = process.env): RedisAddress {
  const right = `write redis://HOST:PORT, or rediss://HOST:PORT for TLS, such as ${DEFAULT_REDIS}`;
  let url: URL;
  try {
    url = new URL(text.includes('://') ? text : `redis://${text}`);
  } catch {
    throw new UserError('usage', `'${text}' is not the address of a Redis server: ${right}`);
  }
  if (url.password !== '' || url.username !== '') {
    throw new UserError('usage', 'a password on the command line can be read by everybody on this machine: leave user and password out of the address, and set LUDUS_REDIS_PASSWORD (and LUDUS_REDIS_USERNAME) or LUDUS_REDIS_PASSWORD_FILE');
  }
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') throw new UserError('usage', `'${text}' is not the address of a Redis server: ${right}`);
  const database = url.pathname.replace(/^\//, '');
  if (url.hostname === '' || url.search !== '' || url.hash !== '' || !/^\d{0,5}$/.test(database)) throw new UserError('usage', `'${text}' is not the address of a Redis server: ${right}`);
  const port = url.port === '' ? 6379 : Number(url.port);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const password = environment.LUDUS_REDIS_PASSWORD ?? secretFile(environment, 'LUDUS_REDIS_PASSWORD_FILE')?.trim();
  const username = environment.LUDUS_REDIS_USERNAME;
  const [ca, cert, key] = ['LUDUS_REDIS_CA', 'LUDUS_REDIS_CERT', 'LUDUS_REDIS_KEY'].map((name) => secretFile(environment, name));
  return {
    shown: `${url.protocol}//${url.hostname}:${port}${database === '' ? '' : `/${database}`}`,
    options: {
      host, port,
      ...(database === '' ? {} : { db: Number(database) }),
      ...(username === undefined || username === '' ? {} : { username }),
      ...(password === undefined || password === '' ? {} : { password }),
      ...(url.protocol === 'rediss:' ? { tls: { ...(ca === undefined ? {} : { ca }), ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) } } : {}),
    },
  };
}

const START = 'start one (`redis-server --appendonly yes`, or `docker run -p 6379:6379 redis:7 --appendonly yes`), or name another with --redis';

/** What a failure of the connection means, and what to do about it. */
export function redisError(error: unknown, address: RedisAddress): UserError {
  const text = error instanceof Error ? error.message : String(error);
  const code = (error as { code?: unknown } | undefined)?.code;
  const { shown, options } = address;
  const environment = (words: string): UserError => new UserError('environment', words);
  if (error instanceof UserError) return error;
  if (/WRONGPASS|invalid password|invalid username-password/i.test(text)) return environment(`Redis at ${shown} refuses the password: check LUDUS_REDIS_PASSWORD (and LUDUS_REDIS_USERNAME)`);
  if (/NOAUTH/i.test(text)) return environment(`Redis at ${shown} wants a password: set LUDUS_REDIS_PASSWORD or LUDUS_REDIS_PASSWORD_FILE`);
  if (/NOPERM/i.test(text)) return environment(`Redis at ${shown} does not let this user do its work (${text}): allow it all commands on keys ludus:*`);
  if (/max number of clients/i.test(text)) return environment(`Redis at ${shown} has no place for another client: raise its maxclients (a worker takes 1 + 1 for each run or tournament, a coordinator 2)`);
  if (isFull(error)) return environment(`Redis at ${shown} is full: raise its maxmemory, or lower --queue-games; nothing that was stored is lost`);
  if (/certificate|self.signed|unable to verify|altnames/i.test(text)) return environment(`the certificate of ${shown} is not trusted (${text}): LUDUS_REDIS_CA names a file with its authority`);
  if (options.tls !== undefined && /SSL|TLS|wrong version|EPROTO|socket disconnected/i.test(`${text} ${String(code)}`)) return environment(`${shown} does not speak TLS (${text}): write redis:// for a plain connection`);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return environment(`no machine is called ${options.host ?? ''}: check --redis ${shown}`);
  if (code === 'ECONNREFUSED') return environment(`no Redis at ${shown} (connection refused): ${START}`);
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || /timed? ?out/i.test(text)) return environment(`${shown} does not answer${options.tls === undefined ? '' : ' by TLS (write redis:// for a plain connection)'}: check the address and the firewall, or ${START}`);
  const hint = options.tls === undefined && /closed|ECONNRESET/i.test(`${text} ${String(code)}`) ? ' (does it want TLS? Then write rediss://)' : '';
  return environment(`cannot use Redis at ${shown}: ${text}${hint}`);
}

/** The server refused a write because its memory is used up. */
export const isFull = (error: unknown): boolean => error instanceof Error && /\bOOM\b/.test(error.message);

export interface ConnectionListener {
  /** The connection is lost; it is tried again for as long as it takes. */
  readonly lost?: () => void;
  readonly back?: () => void;
}

/** Waits between tries to come back, of at most this [ms]: a server that restarts is found within that. */
const MOST_BACKOFF = 2000;

/**
 * Connects, or throws UserError('environment') saying what to do. Once connected it never gives up: commands wait while
 * the server is away.
 */
export async function connectRedis(address: RedisAddress, listener: ConnectionListener = {}): Promise<Redis> {
  const { Redis: Client } = await import('ioredis');
  let connected = false;
  let away = false;
  let first: unknown;
  const redis = new Client({
    ...address.options, lazyConnect: true, maxRetriesPerRequest: null, connectTimeout: 5000, keepAlive: 10_000,
    retryStrategy: (times) => (connected ? Math.min(MOST_BACKOFF, 50 * 2 ** Math.min(times, 10)) : null),
  });
  redis.on('error', (error) => (first ??= error));
  redis.on('close', () => {
    if (!connected || away || redis.status === 'end') return;
    away = true;
    listener.lost?.();
  });
  redis.on('ready', () => {
    if (away) listener.back?.();
    away = false;
  });
  try {
    await redis.connect();
    await redis.ping();
    connected = true;
    await checkServer(redis, address);
    return redis;
  } catch (error) {
    redis.disconnect();
    throw redisError(error instanceof UserError ? error : (first ?? error), address);
  }
}

/** Streams, and scripts that BullMQ relies on. */
const OLDEST = [6, 2];

async function checkServer(redis: Redis, { shown }: RedisAddress): Promise<void> {
  const version = /^redis_version:(\d+)\.(\d+)/m.exec(await redis.info('server'));
  if (version !== null) {
    const [major, minor] = [Number(version[1]), Number(version[2])];
    if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) throw new UserError('environment', `Redis at ${shown} is of version ${major}.${minor}; ${OLDEST.join('.')} or newer is needed`);
  }
  const { limit, policy } = await redisMemory(redis);
  if (limit > 0 && policy !== 'noeviction') {
    throw new UserError('environment', `Redis at ${shown} throws data away when it is full (maxmemory-policy ${policy}): games and jobs would vanish; set maxmemory-policy noeviction, or use another server`);
  }
}

export interface RedisMemory {
  /** Bytes. */
  readonly used: number;
  /** Bytes; 0: no limit but the machine's. */
  readonly limit: number;
  readonly policy: string;
}

export async function redisMemory(redis: Redis): Promise<RedisMemory> {
  const text = await redis.info('memory');
  const field = (name: string): string => new RegExp(`^${name}:(.*)$`, 'm').exec(text)?.[1].trim() ?? '';
  return { used: Number(field('used_memory')) || 0, limit: Number(field('maxmemory')) || 0, policy: field('maxmemory_policy') };
}
