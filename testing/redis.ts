/** A real redis-server for tests: on a free port, in a folder of its own, gone afterwards. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ports.js';

/** Without it, tests that need it are skipped, by name. */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

export interface TestRedis {
  readonly port: number;
  readonly url: string;
  /** Ends it in an orderly way, its append-only file written. */
  stop(): Promise<void>;
  /** As a power cut would. */
  kill(): Promise<void>;
  /** Again, on the same port, with what the append-only file holds. */
  start(): Promise<void>;
  /** For afterwards: ends it and takes its folder away. */
  close(): Promise<void>;
}

/** `options` are redis.conf's: ['maxmemory', '8mb']. */
export async function startRedis(...options: readonly string[][]): Promise<TestRedis> {
  // Somebody else may take the port between the look and the start.
  for (let tries = 1; ; tries++) {
    try {
      return await startAt(await freePort(), options);
    } catch (error) {
      if (tries === 5) throw error;
    }
  }
}

async function startAt(port: number, options: readonly (readonly string[])[]): Promise<TestRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'ludus-redis-'));
  let child: ChildProcess | undefined;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = child;
    child = undefined;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const ended = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill(signal);
    await ended;
  };
  const redis: TestRedis = {
    port,
    url: `redis://127.0.0.1:${port}`,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    async start() {
      const given = options.flatMap(([name, ...values]) => [`--${name}`, ...values]);
      const started = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--appendonly', 'yes', '--save', '', ...given], { stdio: ['ignore', 'pipe', 'ignore'] });
      child = started;
      await new Promise<void>((resolve, reject) => {
        let said = '';
        started.stdout.on('data', (text: Buffer) => {
          said = (said + text.toString()).slice(-10_000);
          if (/Ready to accept connections/.test(said)) resolve();
        });
        started.once('close', (code) => reject(new Error(`redis-server ended with ${code}: ${said}`)));
      });
    },
    async close() {
      await end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await redis.start();
  } catch (error) {
    await redis.close();
    throw error;
  }
  return redis;
}
