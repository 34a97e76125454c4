/** Hosts by game and agent, started when first asked and closed when others need their place: what a server thinks with. */
import type { Action, SearchReport } from '#engine';
import type { Analysis, Dream } from './agent.js';
import { AgentHost, type AskOptions } from './hosted.js';
import type { HostData, SearchedTree } from './host-messages.js';

export interface PoolOptions {
  /** Worker threads kept at most; default 4. */
  readonly hosts?: number;
  readonly device?: HostData['device'];
  /** Threads that one network evaluation may use; default 1. */
  readonly threads?: number;
  /** Longest time for one answer; default 60 s. */
  readonly timeoutMillis?: number;
  /** Positions that the exact solver may visit for one question; default 3 million, about a second. */
  readonly solverNodes?: number;
}

export interface PoolRequest {
  readonly game: string;
  readonly setup?: string;
  readonly actions: readonly Action[];
  /** A trusted string: the server's catalogue made it. */
  readonly agent: string;
  readonly seed: number;
  /** Milliseconds to think instead of the agent's own count or time. */
  readonly millis?: number;
  /** Questions of different lanes never wait for each other: each has a thread of its own. */
  readonly lane?: string;
}

const positionOf = ({ setup, actions }: PoolRequest) => ({ setup, moves: actions });

interface Entry {
  readonly host: Promise<AgentHost>;
  users: number;
  used: number;
}

export class AgentPool {
  private readonly entries = new Map<string, Entry>();
  private readonly options: PoolOptions;
  private clock = 0;

  constructor(options: PoolOptions = {}) {
    this.options = options;
  }

  /** The agent's move and, of agents that have an opinion, its report. Rejects as AgentHost does. */
  async think(request: PoolRequest, signal?: AbortSignal): Promise<{ action: Action; report?: SearchReport; analysis: Analysis }> {
    const analysis = await this.analyse(request, { signal });
    const { action, value } = analysis;
    return value === undefined ? { action, analysis } : { action, report: { ...analysis, value }, analysis };
  }

  analyse(request: PoolRequest, options: AskOptions & { readonly onProgress?: (analysis: Analysis) => void } = {}): Promise<Analysis> {
    const { seed, millis } = request;
    return this.with(request, (host) => host.analyse({ position: positionOf(request), seed, ...(millis === undefined ? {} : { millis }) }, { timeoutMillis: this.timeout, ...options }));
  }

  /** The search tree of the position, below `path`. Throws UserError('usage') for agents that search none. */
  tree(request: PoolRequest, path: readonly Action[], levels: number, most: number, signal?: AbortSignal): Promise<SearchedTree> {
    return this.with(request, (host) => host.tree({ position: positionOf(request), seed: request.seed }, path, levels, most, { timeoutMillis: this.timeout, signal }));
  }

  /** What the agent's learned model imagines from the position on, along these actions. Throws UserError('usage') for agents without one. */
  dream(request: PoolRequest, actions: readonly Action[], signal?: AbortSignal): Promise<Dream> {
    return this.with(request, (host) => host.dream(positionOf(request), actions, { timeoutMillis: this.timeout, signal }));
  }

  /** Starts the agent's thread, so that its first answer is as quick as the others. */
  async warm(game: string, agent: string, lane?: string): Promise<void> {
    await this.with({ game, agent, lane }, () => Promise.resolve());
  }

  /** Exact scores [actionCount], or undefined when the game has no solver or the position is too hard for the budget. */
  async scores(game: string, setup: string | undefined, actions: readonly Action[]): Promise<(number | undefined)[] | undefined> {
    const nodes = this.options.solverNodes ?? 3_000_000;
    // Any agent's thread can ask the solver; the solver's own has nothing else to do.
    const scores = await this.with({ game, agent: 'random' }, (host) => host.scores({ setup, moves: actions }, { nodes, timeoutMillis: this.timeout }));
    return scores?.map((score) => score ?? undefined);
  }

  async close(): Promise<void> {
    const entries = [...this.entries.values()];
    this.entries.clear();
    await Promise.all(entries.map((entry) => entry.host.then((host) => host.close(), () => undefined)));
  }

  private get timeout(): number {
    return this.options.timeoutMillis ?? 60_000;
  }

  private async with<T>({ game, agent, lane = '' }: Pick<PoolRequest, 'game' | 'agent' | 'lane'>, task: (host: AgentHost) => Promise<T>): Promise<T> {
    const key = `${game}\n${agent}\n${lane}`;
    let entry = this.entries.get(key);
    if (entry === undefined) {
      this.makeRoom();
      const host = AgentHost.start({ game, agent, device: this.options.device, threads: this.options.threads });
      this.entries.set(key, (entry = { host, users: 0, used: 0 }));
      // An agent that cannot start is forgotten, so that the next request tries again.
      host.catch(() => this.entries.delete(key));
    }
    entry.users++;
    entry.used = ++this.clock;
    try {
      return await task(await entry.host);
    } finally {
      entry.users--;
    }
  }

  /** Closes the host that was idle longest when all places are taken. */
  private makeRoom(): void {
    if (this.entries.size < (this.options.hosts ?? 4)) return;
    const idle = [...this.entries].filter(([, entry]) => entry.users === 0).sort((a, b) => a[1].used - b[1].used);
    if (idle.length === 0) return;
    const [key, entry] = idle[0];
    this.entries.delete(key);
    void entry.host.then((host) => host.close(), () => undefined);
  }
}
