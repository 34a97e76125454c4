/** The threads of a run: typed messages there and back, and an end that cannot hang. */
import { Worker } from 'node:worker_threads';
import { failureError, type ActorSetup, type Close, type FromActor, type FromLearner, type FromStore, type LearnerSetup, type StoreSetup, type ToActor, type ToLearner, type ToStore, type WorkerFailure } from './messages.js';
import { workerExecArgv, workerUrl } from './worker-url.js';

export interface WorkerHandle<To> {
  post(message: To, transfer?: ArrayBuffer[]): void;
  /** Asks the thread to end, and ends it by force if it does not. */
  close(): Promise<void>;
}

/** How long a thread may take to end by itself: a training step on a slow machine, and then some [ms]. */
const CLOSE_MILLIS = 20_000;

/** A thread of any entry beside `base`, the caller's import.meta.url. */
export function startThread<To, From extends { readonly type: string }>(
  base: string, entry: string, setup: unknown, onMessage: (message: Exclude<From, WorkerFailure>) => void, onFailure: (error: Error) => void,
): WorkerHandle<To> {
  const worker = new Worker(workerUrl(base, entry), { workerData: setup, execArgv: workerExecArgv });
  let closing = false;
  const fail = (error: Error) => {
    if (!closing) onFailure(error);
  };
  worker.on('message', (message: From | WorkerFailure) => {
    if (closing) return;
    if (message.type === 'failure') fail(failureError(message as WorkerFailure));
    else onMessage(message as Exclude<From, WorkerFailure>);
  });
  worker.on('error', fail);
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.on('exit', (code) => fail(new Error(`the ${entry} thread ended by itself (code ${code})`)));
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    async close() {
      closing = true;
      worker.postMessage({ type: 'close' } satisfies Close, []);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_MILLIS)));
      await Promise.race([ended, late]);
      clearTimeout(timer);
      await worker.terminate();
    },
  };
}

export function startActor(setup: ActorSetup, onMessage: (message: Exclude<FromActor, WorkerFailure>) => void, onFailure: (error: Error) => void): WorkerHandle<ToActor> {
  return startThread<ToActor, FromActor>(import.meta.url, 'actor-worker', setup, onMessage, onFailure);
}

export function startLearner(setup: LearnerSetup, onMessage: (message: Exclude<FromLearner, WorkerFailure>) => void, onFailure: (error: Error) => void): WorkerHandle<ToLearner> {
  return startThread<ToLearner, FromLearner>(import.meta.url, 'learner-worker', setup, onMessage, onFailure);
}

export function startStore(setup: StoreSetup, onMessage: (message: Exclude<FromStore, WorkerFailure>) => void, onFailure: (error: Error) => void): WorkerHandle<ToStore> {
  return startThread<ToStore, FromStore>(import.meta.url, 'store-worker', setup, onMessage, onFailure);
}
