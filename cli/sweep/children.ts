/** Several `ludus train` at once, each a process of its own: what every sweep does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { UserError } from '#engine';
import { StatusLine } from '../output.js';

export interface TrainJob {
  /** For messages: 'seed 3'. */
  readonly name: string;
  /** Arguments of `ludus train`, asked for when its turn comes; undefined where nothing is left to train. */
  args(): readonly string[] | undefined;
  /** What follows in the same lane once it has trained; resolves early when the signal aborts. */
  after?(signal: AbortSignal): Promise<void>;
}

export interface LaneOptions {
  readonly parallel: number;
  /** Where the runs are, for messages. */
  readonly out: string;
  readonly quiet: boolean;
  /** How it goes, every two seconds; '' for nothing to tell. */
  status(): string;
}

/**
 * Works the jobs off in their order, so many at once. Ctrl-C saves what trains and throws UserError('environment'); a run that
 * fails stops the others, saved, and is named in the error.
 */
export async function trainAll(jobs: readonly TrainJob[], { parallel, out, quiet, status }: LaneOptions): Promise<void> {
  const line = new StatusLine(quiet);
  const children = new Set<ChildProcess>();
  const stopped = new AbortController();
  let interrupted = false;
  const stopAll = (): void => {
    stopped.abort();
    for (const child of children) child.kill('SIGINT');
  };
  const interrupt = (): void => {
    interrupted = true;
    stopAll();
  };
  const train = (name: string, args: readonly string[]): Promise<void> =>
    new Promise((resolve, reject) => {
      const main = fileURLToPath(new URL('../main.js', import.meta.url));
      // In a process group of its own, so that Ctrl-C reaches it once, from here.
      const child = spawn(process.execPath, [...process.execArgv, main, 'train', ...args], { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
      let words = '';
      child.stderr?.on('data', (text: Buffer) => (words = (words + text.toString()).slice(-2000)));
      children.add(child);
      child.on('error', reject);
      child.on('close', (code) => {
        children.delete(child);
        if (code === 0 || stopped.signal.aborted) resolve();
        else reject(new UserError(code === 2 ? 'usage' : code === 3 ? 'data' : 'environment', `${name} failed: ${words.trim().split('\n').at(-1)?.replace(/^ludus: /, '') ?? `code ${code}`}`));
      });
    });
  const waiting = [...jobs];
  const lane = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined && !stopped.signal.aborted; job = waiting.shift()) {
      const args = job.args();
      if (args !== undefined) await train(job.name, args);
      if (!stopped.signal.aborted) await job.after?.(stopped.signal);
    }
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const timer = setInterval(() => {
    const text = quiet ? '' : status();
    if (text !== '') line.update(text);
  }, 2000);
  try {
    const lanes = Array.from({ length: Math.min(jobs.length, parallel) }, () => lane().catch((error: unknown) => {
      stopAll();
      throw error;
    }));
    const failed = (await Promise.allSettled(lanes)).find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  } finally {
    clearInterval(timer);
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    line.end();
  }
  if (interrupted) throw new UserError('environment', `interrupted; the runs in ${out} are saved, and the same command goes on`);
}
