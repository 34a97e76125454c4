/** Questions to the thinking thread, and their answers; the thread starts with the first question. */
import type { Action, AgentPlace, Analysis, Answers, FromWorker, Imagined, Loading, NetworkAnswer, Position, Question, SearchedTree, ToWorker } from './messages.js';

export interface AskOptions {
  readonly signal?: AbortSignal;
  /** Called while the runtime or a model is being fetched. */
  readonly onLoading?: (loading: Loading) => void;
}

/** Rejects with an Error whose message is for a person; with the signal's reason when called off. */
export interface Thinker {
  analyse(agent: AgentPlace, position: Position, seed: number, options?: AskOptions): Promise<Analysis>;
  /** At most `most` edges, `levels` deep, below `path`. */
  tree(agent: AgentPlace, position: Position, seed: number, below: { readonly path: readonly Action[]; readonly levels: number; readonly most: number }, options?: AskOptions): Promise<SearchedTree>;
  scores(game: string, position: Position, nodes: number, options?: AskOptions): Promise<(number | null)[] | undefined>;
  evaluate(game: string, model: string, planes: Float32Array, options?: AskOptions): Promise<NetworkAnswer>;
  /** `seen`: [actions + 1, planes]. */
  dream(game: string, model: string, dynamics: string, seen: Float32Array, actions: readonly Action[], options?: AskOptions): Promise<Imagined>;
  close(): void;
}

export type StartWorker = () => Pick<Worker, 'postMessage' | 'terminate' | 'addEventListener'>;

const startWorker: StartWorker = () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });

interface Asked {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: unknown) => void;
  readonly onLoading?: (loading: Loading) => void;
}

export function createThinker(start: StartWorker = startWorker): Thinker {
  let worker: ReturnType<StartWorker> | undefined;
  const waiting = new Map<number, Asked>();
  let next = 1;

  function failAll(message: string): void {
    for (const { reject } of waiting.values()) reject(new Error(message));
    waiting.clear();
    worker?.terminate();
    worker = undefined;
  }

  function thread(): ReturnType<StartWorker> {
    if (worker !== undefined) return worker;
    worker = start();
    worker.addEventListener('message', (event) => heard((event as MessageEvent<FromWorker>).data));
    worker.addEventListener('error', () => failAll('The thread that thinks could not start, or fell over. Reload the page.'));
    return worker;
  }

  function heard(message: FromWorker): void {
    const asked = waiting.get(message.id);
    if (asked === undefined) return;
    if (message.type === 'loading') return asked.onLoading?.(message.loading);
    waiting.delete(message.id);
    if (message.type === 'done') asked.resolve(message.answer as never);
    else asked.reject(new Error(message.message));
  }

  function ask<K extends keyof Answers>(question: Extract<Question, { type: K }>, { signal, onLoading }: AskOptions = {}): Promise<Answers[K]> {
    const id = next++;
    const post = (message: ToWorker) => thread().postMessage(message, []);
    return new Promise<Answers[K]>((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason);
      const stop = () => {
        if (waiting.delete(id)) post({ id, type: 'cancel' });
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', stop, { once: true });
      const done = <T>(settle: (value: T) => void) => (value: T) => {
        signal?.removeEventListener('abort', stop);
        settle(value);
      };
      waiting.set(id, { resolve: done(resolve) as (answer: never) => void, reject: done(reject), onLoading });
      post({ id, type: 'ask', question });
    });
  }

  return {
    analyse: (agent, position, seed, options) => ask({ type: 'analyse', agent, position, seed }, options),
    tree: (agent, position, seed, below, options) => ask({ type: 'tree', agent, position, seed, ...below }, options),
    scores: (game, position, nodes, options) => ask({ type: 'scores', game, position, nodes }, options),
    evaluate: (game, model, planes, options) => ask({ type: 'evaluate', game, model, planes }, options),
    dream: (game, model, dynamics, seen, actions, options) => ask({ type: 'dream', game, model, dynamics, seen, actions }, options),
    close: () => failAll('The page was left.'),
  };
}
