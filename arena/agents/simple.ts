/** Agents without a search: random moves and perfect play. */
import { type Action, type Game, UserError } from '#engine';
import { type Solver, solverFor } from '#games';
import { type Agent, type AgentRequest, type Analysis, breathe } from './agent.js';
import { type AgentSpec, printAgentSpec } from './spec.js';

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

  async chooseMany(requests: readonly AgentRequest[]): Promise<Action[]> {
    return requests.map((request) => this.pick(request));
  }

  async analyse(request: AgentRequest): Promise<Analysis> {
    const action = this.pick(request);
    const count = request.state.legal(this.legal);
    const actions = Array.from(this.legal.subarray(0, count), (a) => ({ action: a, prior: 1 / count, visits: 0, policy: 1 / count }));
    return { agent: this.name, action, millis: 0, simulations: 0, actions, principalVariation: [action] };
  }

  async close(): Promise<void> {}
}

/** Perfect play, uniform among the moves with the best exact score. */
export class SolverAgent implements Agent {
  readonly name: string;
  readonly spec: AgentSpec = { kind: 'solver', options: {} };
  private readonly solver: Solver;

  constructor(game: Game) {
    const solver = solverFor(game);
    if (solver === undefined) throw new UserError('usage', `agent 'solver' does not play ${game.name}: there is no exact solver for it; try uct:sims=10000`);
    this.solver = solver;
    this.name = printAgentSpec(this.spec);
  }

  async choose(request: AgentRequest): Promise<Action> {
    return this.solver.best(request.state, request.rng);
  }

  async chooseMany(requests: readonly AgentRequest[], signal?: AbortSignal): Promise<Action[]> {
    const out: Action[] = [];
    for (const request of requests) {
      await breathe(signal);
      out.push(this.solver.best(request.state, request.rng));
    }
    return out;
  }

  async analyse({ state, rng }: AgentRequest): Promise<Analysis> {
    const started = performance.now();
    const scores = this.solver.scores(state);
    const best = scores.reduce<number>((most, score) => Math.max(most, score ?? most), -Infinity);
    const ties = scores.filter((score) => score === best).length;
    let skip = rng.below(ties);
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

  async close(): Promise<void> {}
}
