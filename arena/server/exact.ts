/** Exact solver's verdicts from a worker thread, which starts with the first question. */
import { Worker } from 'node:worker_threads';
import type { Action } from '#engine';
import { workerUrl } from '#selfplay';
import type { ExactScores } from './thinking.js';

export interface ExactQuestion {
  readonly id: number;
  readonly game: string;
  readonly setup: string | undefined;
  readonly actions: readonly Action[];
}

export interface ExactAnswer {
  readonly id: number;
  readonly scores: (number | undefined)[] | undefined;
}

type Scores = ExactAnswer['scores'];

/** `nodes`: positions that one answer may cost; dearer ones are answered by undefined. */
export function createExactScores(nodes: number): ExactScores {
  let worker: Worker | undefined;
  let questions = 0;
  let closed = false;
  const open = new Map<number, (scores: Scores) => void>();

  const start = (): Worker => {
    const started = new Worker(workerUrl(import.meta.url, 'exact-worker'), { workerData: { nodes } });
    started.unref();
    started.on('message', ({ id, scores }: ExactAnswer) => {
      open.get(id)?.(scores);
      open.delete(id);
    });
    // A worker that died takes its questions with it; the next question starts another.
    const lost = (): void => {
      if (worker === started) worker = undefined;
      for (const answer of open.values()) answer(undefined);
      open.clear();
    };
    started.on('error', lost);
    started.on('exit', lost);
    return started;
  };

  return {
    scores: (game, setup, actions) =>
      closed ? Promise.resolve(undefined) : new Promise<Scores>((resolve) => {
        const id = ++questions;
        open.set(id, resolve);
        (worker ??= start()).postMessage({ id, game, setup, actions } satisfies ExactQuestion);
      }),
    close: async () => {
      closed = true;
      await worker?.terminate();
    },
  };
}
