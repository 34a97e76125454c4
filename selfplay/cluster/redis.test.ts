/** Where Redis is, and what its failures are in words; against a real server where one is needed. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { UserError } from '#engine';
import { freePort } from '../../testing/ports.js';
import { type TestRedis, hasRedis, startRedis } from '../../testing/redis.js';
import { connectRedis, isFull, redisAddress, redisMemory } from './redis.js';

test.each([
  ['redis://127.0.0.1:6379', 'redis://127.0.0.1:6379', { host: '127.0.0.1', port: 6379 }],
  ['redis://lab', 'redis://lab:6379', { host: 'lab', port: 6379 }],
  ['lab:7000', 'redis://lab:7000', { host: 'lab', port: 7000 }],
  ['redis://lab:7000/3', 'redis://lab:7000/3', { host: 'lab', port: 7000, db: 3 }],
  ['rediss://lab', 'rediss://lab:6379', { host: 'lab', port: 6379, tls: {} }],
  ['redis://[::1]:7000', 'redis://[::1]:7000', { host: '::1', port: 7000 }],
])('%s', (text, shown, options) => {
  expect(redisAddress(text, {})).toEqual({ shown, options });
});

test.each([
  ['redis://:hunter2@lab:6379', /password on the command line/],
  ['rediss://me:hunter2@lab', /LUDUS_REDIS_PASSWORD/],
  ['redis://me@lab', /LUDUS_REDIS_USERNAME/],
  ['http://lab:6379', /redis:\/\/HOST:PORT/],
  ['redis://lab:6379/first', /redis:\/\/HOST:PORT/],
  ['redis://lab:6379?password=x', /redis:\/\/HOST:PORT/],
  ['redis://', /redis:\/\/HOST:PORT/],
])('%s is refused, with what would be right', (text, words) => {
  let thrown: unknown;
  try {
    redisAddress(text, {});
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(UserError);
  expect((thrown as UserError).kind).toBe('usage');
  expect((thrown as UserError).message).toMatch(words);
  expect((thrown as UserError).message).not.toContain('hunter2');
});

test('secrets come from the environment, or from a file that it names', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ludus-secret-'));
  try {
    writeFileSync(join(folder, 'password'), 'from-a-file\n');
    expect(redisAddress('redis://lab', { LUDUS_REDIS_PASSWORD: 'a b', LUDUS_REDIS_USERNAME: 'me' }).options).toMatchObject({ password: 'a b', username: 'me' });
    expect(redisAddress('redis://lab', { LUDUS_REDIS_PASSWORD_FILE: join(folder, 'password') }).options).toMatchObject({ password: 'from-a-file' });
    expect(() => redisAddress('redis://lab', { LUDUS_REDIS_PASSWORD_FILE: join(folder, 'none') })).toThrow(/LUDUS_REDIS_PASSWORD_FILE names .* cannot be read/);
    expect(redisAddress('redis://lab', { LUDUS_REDIS_PASSWORD: 'secret' }).shown).not.toContain('secret');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

async function failure(url: string, environment: Record<string, string> = {}): Promise<UserError> {
  const result = await connectRedis(redisAddress(url, environment)).catch((error: unknown) => error);
  if (result instanceof UserError) return result;
  (result as { disconnect?: () => void }).disconnect?.();
  throw new Error(`it connected, or failed otherwise: ${String(result)}`);
}

test('no server: says how to start one', async () => {
  const error = await failure(`redis://127.0.0.1:${await freePort()}`);
  expect(error.kind).toBe('environment');
  expect(error.message).toMatch(/no Redis at .*connection refused.*redis-server --appendonly yes/);
});

describe.skipIf(!hasRedis)('with a redis-server', () => {
  let redis: TestRedis | undefined;
  afterEach(async () => {
    await redis?.close();
    redis = undefined;
  });

  test('a password: asked for, refused, taken', async () => {
    redis = await startRedis(['requirepass', 'right']);
    expect((await failure(redis.url)).message).toMatch(/wants a password: set LUDUS_REDIS_PASSWORD/);
    const wrong = await failure(redis.url, { LUDUS_REDIS_PASSWORD: 'wrong' });
    expect(wrong.message).toMatch(/refuses the password: check LUDUS_REDIS_PASSWORD/);
    expect(wrong.kind).toBe('environment');
    const client = await connectRedis(redisAddress(redis.url, { LUDUS_REDIS_PASSWORD: 'right' }));
    expect(await client.ping()).toBe('PONG');
    client.disconnect();
  });

  test('one that throws data away when it is full is refused; a full one says so', async () => {
    redis = await startRedis(['maxmemory', '4mb'], ['maxmemory-policy', 'allkeys-lru']);
    expect((await failure(redis.url)).message).toMatch(/allkeys-lru.*noeviction/);
    await redis.close();
    redis = await startRedis(['maxmemory', '4mb'], ['maxmemory-policy', 'noeviction']);
    const client = await connectRedis(redisAddress(redis.url, {}));
    expect(await redisMemory(client)).toMatchObject({ limit: 4 * 1024 * 1024, policy: 'noeviction' });
    const fills = await Promise.allSettled(Array.from({ length: 30 }, (_, i) => client.set(`filler-${i}`, Buffer.alloc(256 * 1024))));
    const refused = fills.flatMap((fill) => (fill.status === 'rejected' ? [fill.reason as unknown] : []));
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every(isFull)).toBe(true);
    client.disconnect();
  });

  test('it comes back after a restart, and what it held is there', async () => {
    redis = await startRedis();
    const heard: string[] = [];
    const client = await connectRedis(redisAddress(redis.url, {}), { lost: () => heard.push('lost'), back: () => heard.push('back') });
    await client.set('kept', 'yes');
    await redis.stop();
    const waiting = client.get('kept');
    await redis.start();
    expect(await waiting).toBe('yes');
    expect(heard).toEqual(['lost', 'back']);
    client.disconnect();
  });

  const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
  test.skipIf(!hasOpenssl)('TLS: an authority that is not known is refused, a known one is taken, plain talk is told apart (needs openssl)', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ludus-tls-'));
    try {
      const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
      const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', certificate, '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']);
      expect(made.status, made.stderr.toString()).toBe(0);
      const port = await freePort();
      redis = await startRedis(['tls-port', String(port)], ['tls-cert-file', certificate], ['tls-key-file', key], ['tls-ca-cert-file', certificate], ['tls-auth-clients', 'no']);
      const url = `rediss://127.0.0.1:${port}`;
      expect((await failure(url)).message).toMatch(/certificate .*not trusted.*LUDUS_REDIS_CA/);
      expect((await failure(url.replace('rediss:', 'redis:'))).message).toMatch(/does it want TLS\? Then write rediss:/);
      const client = await connectRedis(redisAddress(url, { LUDUS_REDIS_CA: certificate }));
      expect(await client.ping()).toBe('PONG');
      client.disconnect();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
