/** Agents that search a tree: UCT by random playouts, and AlphaZero's searches with a network. */
import {
  type Action, type Batch, type Evaluator, type Game, type PositionCache, type SearchConfig, type State, type TreeSearch, type Unfolded,
  MAX_GUMBEL_SIMULATIONS, createBatch, createPositionCache, createSearch,
} from '#engine';
import { type Agent, type AgentRequest, type AnalyseOptions, type Analysis, type Choice, type ThinkOptions, breathe } from './agent.js';
import { type AgentSpec, printAgentSpec } from './spec.js';

export type SearchingSpec = Extract<AgentSpec, { kind: 'uct' | 'az' }>;

/** An evaluator that holds something to give back. */
export interface OwnedEvaluator extends Evaluator {
  close(): Promise<void>;
}

/** Games searched in lock-step through one batch: enough for the processor's vector units, few enough to stay in its cache. */
const LANES = 64;
/** Remembered network answers: 52 bytes each for seven actions. */
const CACHE_ROWS = 1 << 16;
/** A search without a network breathes, and so can be cancelled, this often. */
const BREATH_MILLIS = 30;

function searchConfig(spec: SearchingSpec, simulations: number, maxNodes: number | undefined): SearchConfig {
  if (spec.kind === 'uct') return { kind: 'uct', simulations, maxNodes, exploration: spec.options.c };
  return spec.options.search === 'gumbel' ? { kind: 'gumbel', simulations, maxNodes } : { kind: 'puct', simulations, maxNodes, explorationInit: spec.options.c };
}

export class SearchingAgent implements Agent {
  readonly name: string;
  readonly spec: SearchingSpec;
  private readonly game: Game;
  private readonly evaluator: OwnedEvaluator | undefined;
  private readonly maxNodes: number | undefined;
  private readonly cache: PositionCache | undefined;
  private readonly searches: TreeSearch<State>[] = [];
  private batch: Batch;

  /** `evaluator`: undefined for UCT. `maxNodes`: positions that a tree holds at most; default the search's own. */
  constructor(spec: SearchingSpec, game: Game, evaluator: OwnedEvaluator | undefined, maxNodes?: number) {
    this.name = printAgentSpec(spec);
    this.spec = spec;
    this.game = game;
    this.evaluator = evaluator;
    this.maxNodes = maxNodes;
    this.cache = evaluator && createPositionCache(game.actionCount, CACHE_ROWS);
    this.batch = createBatch(game, spec.kind === 'az' ? Math.max(1, spec.options.leaves) : 1);
    this.search(0);
  }

  private get temperature(): number {
    return this.spec.kind === 'az' ? this.spec.options.temperature : 0;
  }

  private search(index: number): TreeSearch<State> {
    return (this.searches[index] ??= createSearch(this.game, searchConfig(this.spec, this.budget, this.maxNodes), {
      cache: this.cache,
      symmetry: this.spec.kind === 'az' && this.spec.options.symmetry ? 'key' : 'none',
    }));
  }

  /** Simulations a move; by the clock, as many as a tree may take. */
  private get budget(): number {
    return this.spec.options.time === 0 ? this.spec.options.sims : this.unlimited;
  }

  private get unlimited(): number {
    return this.spec.kind === 'az' && this.spec.options.search === 'gumbel' ? MAX_GUMBEL_SIMULATIONS : 1e9;
  }

  async choose(request: AgentRequest, signal?: AbortSignal): Promise<Action> {
    const search = await this.think(request, signal);
    return search.action(request.rng.fork('choice'), this.temperature);
  }

  async chooseMany(requests: readonly AgentRequest[], signal?: AbortSignal): Promise<Choice[]> {
    const byCount = this.spec.options.time === 0 && requests.every((request) => request.millis === undefined);
    if (this.evaluator !== undefined && byCount && requests.length > 1) return this.lockStep(requests, this.evaluator, signal);
    const out: Choice[] = [];
    for (const request of requests) out.push(this.choice(await this.think(request, signal), request));
    return out;
  }

  private choice(search: TreeSearch<State>, request: AgentRequest): Choice {
    const { value, simulations } = search.report();
    return { action: search.action(request.rng.fork('choice'), this.temperature), value, simulations };
  }

  /** One leaf a game and batch, so that every game is searched exactly as if alone; a finished lane takes the next game. */
  private async lockStep(requests: readonly AgentRequest[], evaluator: Evaluator, signal?: AbortSignal): Promise<Choice[]> {
    const lanes = Math.min(LANES, requests.length);
    if (this.batch.capacity < lanes) this.batch = createBatch(this.game, LANES);
    const { batch } = this;
    const out: Choice[] = [];
    const at: number[] = [];
    let next = 0;
    const take = (lane: number): void => {
      at[lane] = next < requests.length ? next++ : -1;
      if (at[lane] >= 0) this.search(lane).restart(requests[at[lane]].state, requests[at[lane]].rng.fork('search'));
    };
    for (let lane = 0; lane < lanes; lane++) take(lane);
    for (let open = lanes; open > 0; ) {
      batch.size = 0;
      for (let lane = 0; lane < lanes; lane++) if (at[lane] >= 0) this.searches[lane].collect(batch, 1);
      if (batch.size > 0) await evaluator.evaluate(batch);
      await breathe(signal);
      for (let lane = 0; lane < lanes; lane++) {
        if (at[lane] < 0) continue;
        const search = this.searches[lane];
        search.absorb(batch);
        if (search.remaining > 0) continue;
        out[at[lane]] = this.choice(search, requests[at[lane]]);
        take(lane);
        if (at[lane] < 0) open--;
      }
    }
    return out;
  }

  /** Searches one position to the end of its budget; `look` is called now and then. */
  private async think({ state, rng, millis }: AgentRequest, signal?: AbortSignal, look?: (search: TreeSearch<State>) => void): Promise<TreeSearch<State>> {
    const { batch, evaluator } = this;
    const time = millis ?? this.spec.options.time;
    const leaves = this.spec.kind === 'az' ? this.spec.options.leaves : 1;
    const search = this.search(0);
    const started = performance.now();
    let breath = started;
    search.restart(state, rng.fork('search'));
    if (millis !== undefined && this.spec.kind === 'uct') return this.playOut(search, millis, signal);
    if (millis !== undefined) search.setSimulations(this.unlimited);
    if (this.spec.kind === 'az' && this.spec.options.search === 'gumbel' && time > 0) await this.planGumbel(search, { state, rng }, time, signal);
    while (search.remaining > 0) {
      batch.size = 0;
      search.collect(batch, leaves);
      if (batch.size > 0) await evaluator!.evaluate(batch);
      search.absorb(batch);
      const now = performance.now();
      if (time > 0 && now - started >= time) break;
      if (now - breath >= BREATH_MILLIS) {
        await breathe(signal);
        look?.(search);
        breath = performance.now();
      }
    }
    signal?.throwIfAborted();
    batch.size = 0;
    return search;
  }

  /**
   * Playouts against a clock, looked at every few milliseconds: a thousand at once, as `collect` would make, can take longer
   * than a move may (in chess, half a second).
   */
  private async playOut(search: TreeSearch<State>, millis: number, signal?: AbortSignal): Promise<TreeSearch<State>> {
    const started = performance.now();
    let breath = started;
    for (let planned = 0, portion = 16; ; ) {
      planned += portion;
      search.setSimulations(planned);
      const before = performance.now();
      search.collect(this.batch, 1);
      const now = performance.now();
      if (search.remaining > 0 || now - started >= millis || this.settled(search, planned)) break;
      if (now - before < 4) portion = Math.min(512, 2 * portion);
      if (now - breath >= BREATH_MILLIS) {
        await breathe(signal);
        breath = performance.now();
      }
    }
    signal?.throwIfAborted();
    return search;
  }

  /** Whether more simulations would change nothing: the root is proven, or has one move. */
  private settled(search: TreeSearch<State>, planned: number): boolean {
    search.setSimulations(planned + 1);
    return search.remaining === 0;
  }

  /**
   * Sequential halving needs its budget beforehand: a tenth of the time is spent on finding the rate, and the rest is
   * planned with it (the clock still ends the search).
   */
  private async planGumbel(search: TreeSearch<State>, { state, rng }: AgentRequest, time: number, signal?: AbortSignal, only?: readonly Action[]): Promise<void> {
    const started = performance.now();
    const { batch, evaluator } = this;
    const leaves = this.spec.kind === 'az' ? this.spec.options.leaves : 1;
    let rows = 0;
    while (search.remaining > 0 && performance.now() - started < time / 10) {
      batch.size = 0;
      rows += search.collect(batch, leaves);
      if (batch.size > 0) await evaluator!.evaluate(batch);
      search.absorb(batch);
      await breathe(signal);
    }
    const rate = rows / Math.max(1, performance.now() - started);
    // The tree found so far is kept: no action since the last root.
    search.restart(state, rng.fork('planned'), [], only);
    search.setSimulations(Math.max(1, Math.min(MAX_GUMBEL_SIMULATIONS, Math.floor(rate * time * 0.9))));
  }

  async analyse(request: AgentRequest, options: AnalyseOptions = {}): Promise<Analysis> {
    const started = performance.now();
    const { signal, onProgress, think } = options;
    const networkValue = think === undefined ? await this.networkValue(request.state) : undefined;
    const make = (search: TreeSearch<State>): Analysis => {
      const action = search.action(request.rng.fork('choice'), this.temperature);
      return {
        agent: this.name,
        action,
        millis: performance.now() - started,
        ...search.report(),
        ...(networkValue === undefined ? {} : { networkValue }),
        ...(think === undefined ? {} : { lines: search.lines(think.lines, action), depth: search.depth }),
      };
    };
    const look = onProgress && ((search: TreeSearch<State>) => onProgress(make(search)));
    return make(await (think === undefined ? this.think(request, signal, look) : this.ponder(request, think, options, look)));
  }

  /** Searches one position as `think` says, from the tree that the last search of this game left. */
  private async ponder({ state, rng }: AgentRequest, { limits, played, only }: ThinkOptions, { signal, stop }: AnalyseOptions, look?: (search: TreeSearch<State>) => void): Promise<TreeSearch<State>> {
    const { batch, evaluator } = this;
    const { millis = Infinity, depth = Infinity } = limits;
    const leaves = this.spec.kind === 'az' ? this.spec.options.leaves : 1;
    const most = Math.min(limits.simulations ?? Infinity, this.unlimited);
    const playsOut = this.spec.kind === 'uct';
    const search = this.search(0);
    const started = performance.now();
    let breath = started;
    search.restart(state, rng.fork('search'), played, only);
    const isGumbel = this.spec.kind === 'az' && this.spec.options.search === 'gumbel';
    if (isGumbel && millis < Infinity && limits.simulations === undefined) await this.planGumbel(search, { state, rng }, millis, signal, only);
    else search.setSimulations(most);
    // Playouts in small portions, since `collect` would make a thousand before it returns.
    let planned = 0;
    for (let portion = 16, over = false; !over; ) {
      const before = performance.now();
      if (playsOut) search.setSimulations((planned = Math.min(most, planned + portion)));
      batch.size = 0;
      search.collect(batch, leaves);
      if (batch.size > 0) await evaluator!.evaluate(batch);
      search.absorb(batch);
      const now = performance.now();
      if (now - before < 4) portion = Math.min(512, 2 * portion);
      if (now - breath >= BREATH_MILLIS) {
        await breathe(signal);
        look?.(search);
        breath = performance.now();
      }
      const spent = search.remaining === 0 && (!playsOut || planned === most || this.settled(search, planned));
      over = spent || stop?.aborted === true || now - started >= millis || search.depth.mean >= depth;
    }
    signal?.throwIfAborted();
    batch.size = 0;
    return search;
  }

  unfold(path: readonly Action[], levels: number, most: number): Unfolded | undefined {
    return this.search(0).unfold(path, levels, most);
  }

  private async networkValue(state: State): Promise<number | undefined> {
    if (this.evaluator === undefined) return undefined;
    const { batch } = this;
    batch.size = 1;
    state.observe(batch.planes);
    await this.evaluator.evaluate(batch);
    batch.size = 0;
    return batch.values[0];
  }

  async close(): Promise<void> {
    await this.evaluator?.close();
  }
}
