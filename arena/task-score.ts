/** How well an agent does in a task of one seat, measured in a thread of its own: the thread that serves or coordinates goes on. */
import { Worker } from 'node:worker_threads';
import { UserError } from '#engine';
import { workerExecArgv, workerUrl } from '#selfplay/system';
import type { TaskScore } from '#selfplay/tasks';
import type { PlainError } from './agents/host-messages.js';
import type { TaskAgentOptions } from './agents/task-agent.js';

export interface TaskScoreSetup extends TaskAgentOptions {
  /** As `openTask` takes it. */
  readonly game: string;
  /** As `openTaskAgent` takes it. */
  readonly agent: string;
  readonly episodes: number;
}

export type FromTaskScore = { readonly score: TaskScore } | { readonly error: PlainError };

/** Throws what `openTask`, `openTaskAgent` and `evaluateTask` throw, and the signal's reason when it is aborted: the thread is ended then. */
export async function scoreTask(setup: TaskScoreSetup, signal?: AbortSignal): Promise<TaskScore> {
  signal?.throwIfAborted();
  const worker = new Worker(workerUrl(import.meta.url, 'task-score-worker'), { workerData: setup, execArgv: workerExecArgv });
  const aborted = () => void worker.terminate();
  signal?.addEventListener('abort', aborted, { once: true });
  try {
    return await new Promise<TaskScore>((resolve, reject) => {
      worker.once('message', (message: FromTaskScore) => {
        if ('score' in message) resolve(message.score);
        else reject(message.error.kind === undefined ? new Error(message.error.message) : new UserError(message.error.kind, message.error.message));
      });
      worker.once('error', reject);
      worker.once('exit', () => reject((signal?.reason as Error | undefined) ?? new Error(`the measurement of ${setup.agent} ended without a result`)));
    });
  } finally {
    signal?.removeEventListener('abort', aborted);
  }
}
