/**
 * Agents in worker threads, so that a search never runs on the thread that serves people or referees games. A host
 * starts its worker when needed, cancels and times out questions, and starts anew after a crash.
 */
import { Worker } from 'node:worker_threads';
import { UserError, type Action } from '#engine';
import { workerExecArgv, workerUrl } from '#selfplay/system';
import type { Position } from '../position.js';
import type { Analysis, Dream } from './agent.js';
import type { FromWorker, HostData, HostThinkOptions, PlainError, Scores, SearchedTree, ToWorker } from './host-messages.js';
import { AgentFailure, type Player, type PlayerAnswer, type PlayerRequest } from './player.js';
import { type AgentSpec, parseAgentSpec, printAgentSpec } from './spec.js';

export interface HostOptions {
  /** Id of a game, or the path of its module. */
  readonly game: string;
  /** A string is trusted: text from a socket goes through parseAgentSpec first. */
  readonly agent: AgentSpec | string;
  readonly device?: HostData['device'];
  /** Threads that one network evaluation may use; default 1. */
  readonly threads?: number;
  /** Positions that a search tree holds at most; default the search's own. */
  readonly maxNodes?: number;
}

export interface AskOptions {
  readonly signal?: AbortSignal;
  /** Beyond it the question is cancelled and, if that does not help, the thread is ended; default none. */
  readonly timeoutMillis?: number;
}

export interface HostAnalyseOptions extends AskOptions {
  readonly onProgress?: (analysis: Analysis) => void;
  /** When aborted, the answer is what has been found so far. */
  readonly stop?: AbortSignal;
  readonly think?: HostThinkOptions;
}

/** After a cancel an agent has this long to notice before its thread is ended. */
const GRACE_MILLIS = 2000;

type Result = Extract<FromWorker, { type: 'done' }>['result'];
interface Pending {
  /** Which was asked. */
  readonly worker: Worker;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress?: (analysis: Analysis) => void;
}

const send = (worker: Worker, message: ToWorker): void => worker.postMessage(message, []);

const revive = (error: PlainError): Error => (error.kind === undefined ? new AgentFailure('error', error.message) : new UserError(error.kind, error.message));

export class AgentHost implements Player {
  readonly name: string;
  readonly spec: AgentSpec;
  private readonly data: HostData;
  private readonly pending = new Map<number, Pending>();
  private worker: Worker | undefined;
  private starting: Promise<Worker> | undefined;
  private nextId = 1;
  private closed = false;

  private constructor(options: HostOptions) {
    this.spec = typeof options.agent === 'string' ? parseAgentSpec(options.agent, { trusted: true }) : options.agent;
    this.name = printAgentSpec(this.spec);
    this.data = { game: options.game, spec: this.spec, device: options.device ?? 'cpu', threads: options.threads ?? 1, ...(options.maxNodes === undefined ? {} : { maxNodes: options.maxNodes }) };
  }

  /** Ready to play, or UserError for everything that createAgent and loadGame refuse. */
  static async start(options: HostOptions): Promise<AgentHost> {
    const host = new AgentHost(options);
    await host.ready();
    return host;
  }

  /** Questions that wait or are being answered. */
  get busy(): number {
    return this.pending.size;
  }

  async chooseMany(requests: readonly PlayerRequest[], options: AskOptions = {}): Promise<PlayerAnswer[]> {
    if (requests.length === 0) return [];
    return (await this.ask({ type: 'choose', requests }, options)) as PlayerAnswer[];
  }

  async analyse(request: PlayerRequest, options: HostAnalyseOptions = {}): Promise<Analysis> {
    return (await this.ask({ type: 'analyse', request, progress: options.onProgress !== undefined, think: options.think }, options, options.onProgress)) as Analysis;
  }

  /** The search tree of a position, as far as `path`, `levels` and `most` say. Throws UserError('usage') for agents without one. */
  async tree(request: PlayerRequest, path: readonly Action[], levels: number, most: number, options: AskOptions = {}): Promise<SearchedTree> {
    return (await this.ask({ type: 'tree', request, path, levels, most }, options)) as SearchedTree;
  }

  /** A learned model's imagination from a position along actions. Throws UserError('usage') for agents without one. */
  async dream(position: Position, actions: readonly Action[], options: AskOptions = {}): Promise<Dream> {
    return (await this.ask({ type: 'dream', position, actions }, options)) as Dream;
  }

  /** Exact scores per action by the game's solver; undefined without one, or when `nodes` positions were not enough. */
  async scores(position: Position, options: AskOptions & { readonly nodes?: number } = {}): Promise<Scores | undefined> {
    return (await this.ask({ type: 'scores', position, nodes: options.nodes }, options)) as Scores | undefined;
  }

  async close(): Promise<void> {
    this.closed = true;
    const worker = this.worker ?? (await this.starting?.catch(() => undefined));
    if (worker === undefined) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => void worker.terminate(), GRACE_MILLIS);
      worker.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      send(worker, { type: 'close' });
    });
  }

  private ready(): Promise<Worker> {
    if (this.closed) return Promise.reject(new AgentFailure('error', `${this.name} has been closed`));
    if (this.worker !== undefined) return Promise.resolve(this.worker);
    this.starting ??= this.launch().finally(() => (this.starting = undefined));
    return this.starting;
  }

  private launch(): Promise<Worker> {
    return new Promise<Worker>((resolve, reject) => {
      const worker = new Worker(workerUrl(import.meta.url, 'host-worker'), { workerData: this.data, execArgv: workerExecArgv });
      worker.on('message', (message: FromWorker) => {
        if (message.type === 'ready') resolve((this.worker = worker));
        else if (message.type === 'failed') reject(revive(message.error));
        else this.hear(message);
      });
      const gone = (why: string): void => {
        if (this.worker === worker) this.worker = undefined;
        const failure = new AgentFailure('crash', `${this.name}: ${why}`);
        reject(failure);
        // Those that another thread was asked are its own.
        for (const [id, pending] of this.pending) if (pending.worker === worker && this.pending.delete(id)) pending.reject(failure);
      };
      worker.on('error', (error) => gone(error instanceof Error ? error.message.split('\n')[0] : String(error)));
      worker.on('exit', (code) => gone(`its thread ended (${code})`));
    });
  }

  /** From now on another one is asked: this one would take the question with it. */
  private endThread(worker: Worker): void {
    if (this.worker === worker) this.worker = undefined;
    void worker.terminate();
  }

  private hear(message: Exclude<FromWorker, { type: 'ready' | 'failed' }>): void {
    const pending = this.pending.get(message.id);
    if (message.type === 'progress') {
      pending?.onProgress?.(message.analysis);
      return;
    }
    this.pending.delete(message.id);
    if (message.type === 'done') pending?.resolve(message.result);
    else pending?.reject(revive(message.error));
  }

  private async ask(
    question:
      | { type: 'choose'; requests: readonly PlayerRequest[] }
      | { type: 'analyse'; request: PlayerRequest; progress: boolean; think: HostThinkOptions | undefined }
      | { type: 'tree'; request: PlayerRequest; path: readonly Action[]; levels: number; most: number }
      | { type: 'dream'; position: Position; actions: readonly Action[] }
      | { type: 'scores'; position: Position; nodes: number | undefined },
    options: AskOptions & { readonly stop?: AbortSignal },
    onProgress?: (analysis: Analysis) => void,
  ): Promise<Result> {
    const { signal, stop, timeoutMillis } = options;
    signal?.throwIfAborted();
    const worker = await this.ready();
    signal?.throwIfAborted();
    const id = this.nextId++;
    let timer: NodeJS.Timeout | undefined;
    let ending: NodeJS.Timeout | undefined;
    let cancelled: unknown;
    const cancel = (reason: unknown): void => {
      cancelled ??= reason;
      send(worker, { type: 'cancel', id });
      // An answer that came while this process was held up is heard first.
      ending ??= setTimeout(() => setImmediate(() => this.pending.has(id) && this.endThread(worker)), GRACE_MILLIS);
    };
    const aborted = (): void => cancel(signal?.reason);
    const stopped = (): void => send(worker, { type: 'stop', id });
    signal?.addEventListener('abort', aborted, { once: true });
    stop?.addEventListener('abort', stopped, { once: true });
    if (timeoutMillis !== undefined) timer = setTimeout(() => cancel(new AgentFailure('stall', `${this.name} gave no answer in ${timeoutMillis} ms`)), timeoutMillis);
    try {
      return await new Promise<Result>((resolve, reject) => {
        this.pending.set(id, { worker, resolve, reject, onProgress });
        send(worker, { ...question, id });
        if (stop?.aborted === true) stopped();
      });
    } catch (error) {
      throw cancelled ?? error;
    } finally {
      clearTimeout(timer);
      clearTimeout(ending);
      signal?.removeEventListener('abort', aborted);
      stop?.removeEventListener('abort', stopped);
    }
  }
}
