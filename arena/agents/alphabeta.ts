/** Alpha-beta as an agent: exact where its depth reaches the end of the game. */
import { type Action, type AlphaBeta, type AlphaBetaResult, type Game, OVER, type State, cloneState, createAlphaBeta } from '#engine';
import { type Agent, type AgentRequest, type AnalyseOptions, type Analysis, type Choice, breathe } from './agent.js';
import { type AgentSpec, printAgentSpec } from './spec.js';

export type AlphaBetaSpec = Extract<AgentSpec, { kind: 'alphabeta' }>;

/** When it is to be stopped it thinks this long at a time, then twice as long, and so on up to the second. */
const SLICE_MILLIS = 50;
const MOST_SLICE_MILLIS = 400;

export class AlphaBetaAgent implements Agent {
  readonly name: string;
  readonly spec: AlphaBetaSpec;
  private readonly game: Game;
  private readonly search: AlphaBeta<State>;

  constructor(spec: AlphaBetaSpec, game: Game) {
    this.name = printAgentSpec(spec);
    this.spec = spec;
    this.game = game;
    this.search = createAlphaBeta(game, spec.options.time > 0 ? {} : { depth: spec.options.depth });
  }

  private look(state: State, time: number = this.spec.options.time): AlphaBetaResult {
    if (time === 0) return this.search.search(state);
    const end = performance.now() + time;
    return this.search.search(state, () => performance.now() >= end);
  }

  async choose(request: AgentRequest, signal?: AbortSignal): Promise<Action> {
    return (await this.chooseMany([request], signal))[0].action;
  }

  async chooseMany(requests: readonly AgentRequest[], signal?: AbortSignal): Promise<Choice[]> {
    const out: Choice[] = [];
    for (const { state, millis } of requests) {
      await breathe(signal);
      // Entries of deeper searches would change a move by which games the agent happened to play before.
      this.search.forget();
      const { action, value } = this.look(state, millis);
      out.push({ action, value });
    }
    return out;
  }

  async analyse({ state, rng }: AgentRequest, options: AnalyseOptions = {}): Promise<Analysis> {
    await breathe(options.signal);
    const started = performance.now();
    const result = await (options.think === undefined ? this.look(state) : this.ponder(state, options.think.limits.millis ?? Infinity, options));
    const legal = new Int32Array(this.game.actionCount);
    const count = state.legal(legal);
    return {
      agent: this.name,
      action: result.action,
      millis: performance.now() - started,
      simulations: 0,
      value: result.value,
      ...(result.exact ? { proven: result.value } : {}),
      actions: Array.from(legal.subarray(0, count), (a) => ({
        action: a, prior: 1 / count, visits: 0, policy: a === result.action ? 1 : 0, ...(a === result.action ? { value: result.value } : {}),
      })),
      principalVariation: options.think === undefined ? this.line(state, rng, result) : [result.action],
    };
  }

  /** In slices, between which a stop is heard; its table makes up for beginning anew. */
  private async ponder(state: State, millis: number, { signal, stop }: AnalyseOptions): Promise<AlphaBetaResult> {
    const end = performance.now() + millis;
    for (let slice = SLICE_MILLIS; ; slice *= 2) {
      const left = end - performance.now();
      const result = this.look(state, Math.max(1, Math.min(slice, MOST_SLICE_MILLIS, left)));
      await breathe(signal);
      const deep = this.spec.options.time === 0 && result.depth >= this.spec.options.depth;
      if (deep || result.exact || stop?.aborted === true || performance.now() >= end) return result;
    }
  }

  /** The expected line, by searching each next position again: its table makes that quick. */
  private line(state: State, rng: AgentRequest['rng'], result: AlphaBetaResult): Action[] {
    const line = [result.action];
    if (this.spec.options.time > 0) return line;
    const copy = cloneState(this.game, state, rng);
    copy.apply(result.action, rng);
    while (copy.turn !== OVER && line.length < Math.min(4, this.spec.options.depth)) {
      const { action } = this.search.search(copy);
      line.push(action);
      copy.apply(action, rng);
    }
    return line;
  }

  async close(): Promise<void> {}
}
