/** A redis-server and worker processes for the benchmarks of clusters. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface ClusterBenchmark {
  readonly game: string;
  readonly seconds: number;
  readonly rounds: number;
  readonly kills: number;
}

export interface BenchRedis {
  readonly url: string;
  readonly folder: string;
  restart(signal: NodeJS.Signals): Promise<void>;
  close(): Promise<void>;
}

const ended = (child: ChildProcess): Promise<void> => (child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : new Promise((resolve) => child.once('exit', () => resolve())));

export async function startRedis(): Promise<BenchRedis> {
  const port = await new Promise<number>((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port: free } = server.address() as AddressInfo;
      server.close(() => resolve(free));
    });
  });
  const folder = mkdtempSync(join(tmpdir(), 'ludus-bench-'));
  const start = async (): Promise<ChildProcess> => {
    const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--appendonly', 'yes', '--save', ''], { stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)));
      child.stdout.on('data', (text: Buffer) => /Ready to accept/.test(text.toString()) && resolve());
    });
    return child;
  };
  let child = await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    folder,
    async restart(signal) {
      child.kill(signal);
      await ended(child);
      child = await start();
    },
    async close() {
      child.kill('SIGKILL');
      await ended(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface WorkerProcess {
  readonly pid: number;
  kill(): Promise<void>;
}

/** `ludus worker` as people run it. */
export function startWorkerProcess(url: string, more: readonly string[] = []): WorkerProcess {
  const program = fileURLToPath(new URL('../../cli/main.js', import.meta.url));
  const child = spawn(process.execPath, [program, 'worker', '--redis', url, '--actors', '1', ...more], { stdio: 'ignore' });
  return {
    pid: child.pid ?? 0,
    async kill() {
      child.kill('SIGKILL');
      await ended(child);
    },
  };
}

/** Processor time that a process of this machine has used [s]; 0 where the system does not tell. */
export function cpuOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // utime and stime, in hundredths of a second.
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}

export const sleep = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));
