/** Agents without a search: random moves and perfect play. */
import { type Action, type Game, UserError } from '#engine';
import { type Solver, type SolverBudget, solverFor } from '#games';
import { type Agent, type AgentRequest, type AnalyseOptions, type Analysis, type Choice, breathe } from './agent.js';
import { type AgentSpec, printAgentSpec } from './spec.js';

type SolverSpec = Extract<AgentSpec, { kind: 'solver' }>;

export class RandomAgent implements Agent {
  readonly name = 'random';
  readonly spec: AgentSpec = { kind: 'random', options: {} };
  private readonly legal: Int32Array;

  constructor(game: Game) {
    this.legal = new Int32Array(game.actionCount);
  }

  private pick({ state, rng }: AgentRequest): Action {
    return this.legal[rng.below(state.legal(this.legal))];
  }

  async choose(request: AgentRequest): Promise<Action> {
    return this.pick(request);
  }

  async chooseMany(requests: readonly AgentRequest[]): Promise<Choice[]> {
    return requests.map((request) => ({ action: this.pick(request) }));
  }

  async analyse(request: AgentRequest): Promise<Analysis> {
    const action = this.pick(request);
    const count = request.state.legal(this.legal);
    const actions = Array.from(this.legal.subarray(0, count), (a) => ({ action: a, prior: 1 / count, visits: 0, policy: 1 / count }));
    return { agent: this.name, action, millis: 0, simulations: 0, actions, principalVariation: [action] };
  }

  async close(): Promise<void> {}
}

/**
 * Perfect play, uniform among the moves with the best exact score. A position that the solver's budget does not suffice
 * for (Connect Four before about the eighth ply) is left to `opening`, an agent that searches.
 */
export class SolverAgent implements Agent {
  readonly name: string;
  readonly spec: SolverSpec;
  private readonly solver: Solver;
  private readonly opening: Agent;
  private readonly budget: SolverBudget;

  constructor(spec: SolverSpec, game: Game, opening: Agent) {
    const solver = solverFor(game);
    if (solver === undefined) throw new UserError('usage', `agent 'solver' does not play ${game.name}: there is no exact solver for it; try uct:sims=10000`);
    this.solver = solver;
    this.opening = opening;
    this.spec = spec;
    this.name = printAgentSpec(spec);
    this.budget = { nodes: spec.options.nodes === 0 ? Infinity : spec.options.nodes };
  }

  async choose(request: AgentRequest, signal?: AbortSignal): Promise<Action> {
    return this.solver.best(request.state, request.rng, this.budget) ?? this.opening.choose(request, signal);
  }

  async chooseMany(requests: readonly AgentRequest[], signal?: AbortSignal): Promise<Choice[]> {
    const out: Choice[] = [];
    for (const request of requests) {
      await breathe(signal);
      out.push({ action: await this.choose(request, signal) });
    }
    return out;
  }

  async analyse(request: AgentRequest, options?: AnalyseOptions): Promise<Analysis> {
    const started = performance.now();
    const scores = this.solver.scores(request.state, this.budget);
    if (scores === undefined) return { ...(await this.opening.analyse(request, options)), agent: this.name };
    const best = scores.reduce<number>((most, score) => Math.max(most, score ?? most), -Infinity);
    const ties = scores.filter((score) => score === best).length;
    let skip = request.rng.below(ties);
    const action = scores.findIndex((score) => score === best && skip-- === 0);
    return {
      agent: this.name,
      action,
      millis: performance.now() - started,
      simulations: 0,
      value: Math.sign(best),
      proven: Math.sign(best),
      actions: scores.flatMap((score, a) =>
        score === undefined
          ? []
          : [{ action: a, prior: score === best ? 1 / ties : 0, visits: 0, value: Math.sign(score), policy: score === best ? 1 / ties : 0, proven: Math.sign(score) }],
      ),
      principalVariation: [action],
      scores: scores.map((score) => score ?? null),
    };
  }

  async close(): Promise<void> {
    await this.opening.close();
  }
}
