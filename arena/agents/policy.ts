/** A network's policy alone: no search, one evaluation a move. */
import { type Action, type Batch, type Game, createBatch } from '#engine';
import { type Agent, type AgentRequest, type Analysis, type Choice, breathe } from './agent.js';
import type { OwnedEvaluator } from './searching.js';
import { type AgentSpec, printAgentSpec } from './spec.js';

export type PolicySpec = Extract<AgentSpec, { kind: 'policy' }>;

const ROWS = 64;

export class PolicyAgent implements Agent {
  readonly name: string;
  readonly spec: PolicySpec;
  private readonly evaluator: OwnedEvaluator;
  private readonly batch: Batch;
  private readonly legal: Int32Array;
  private readonly rowSize: number;

  constructor(spec: PolicySpec, game: Game, evaluator: OwnedEvaluator) {
    this.name = printAgentSpec(spec);
    this.spec = spec;
    this.evaluator = evaluator;
    this.batch = createBatch(game, ROWS);
    this.legal = new Int32Array(game.actionCount);
    this.rowSize = game.planes[0] * game.planes[1] * game.planes[2];
  }

  /** Softmax over the legal logits of a row; [action, probability], ascending by action. */
  private probabilities(request: AgentRequest, row: number): [Action, number][] {
    const count = request.state.legal(this.legal);
    const actions = Array.from(this.legal.subarray(0, count));
    const at = row * this.legal.length;
    const top = actions.reduce((most, a) => Math.max(most, this.batch.logits[at + a]), -Infinity);
    const weights = actions.map((a) => Math.exp(this.batch.logits[at + a] - top));
    const sum = weights.reduce((total, w) => total + w, 0);
    return actions.map((a, i) => [a, weights[i] / sum]);
  }

  private pick(request: AgentRequest, policy: readonly [Action, number][]): Action {
    const { temperature } = this.spec.options;
    const best = policy.reduce((a, b) => (b[1] > a[1] ? b : a));
    if (temperature === 0) return best[0];
    const weights = policy.map(([, p]) => (p / best[1]) ** (1 / temperature));
    let left = request.rng.float() * weights.reduce((sum, w) => sum + w, 0);
    for (const [i, w] of weights.entries()) if ((left -= w) < 0) return policy[i][0];
    return best[0];
  }

  private async evaluate(requests: readonly AgentRequest[]): Promise<void> {
    for (const [row, { state }] of requests.entries()) state.observe(this.batch.planes.subarray(row * this.rowSize, (row + 1) * this.rowSize));
    this.batch.size = requests.length;
    await this.evaluator.evaluate(this.batch);
  }

  async choose(request: AgentRequest, signal?: AbortSignal): Promise<Action> {
    return (await this.chooseMany([request], signal))[0].action;
  }

  async chooseMany(requests: readonly AgentRequest[], signal?: AbortSignal): Promise<Choice[]> {
    const out: Choice[] = [];
    for (let from = 0; from < requests.length; from += ROWS) {
      const some = requests.slice(from, from + ROWS);
      await this.evaluate(some);
      for (const [row, request] of some.entries()) out.push({ action: this.pick(request, this.probabilities(request, row)), value: this.batch.values[row] });
      await breathe(signal);
    }
    return out;
  }

  async analyse(request: AgentRequest): Promise<Analysis> {
    const started = performance.now();
    await this.evaluate([request]);
    const policy = this.probabilities(request, 0);
    const action = this.pick(request, policy);
    const value = this.batch.values[0];
    return {
      agent: this.name, action, millis: performance.now() - started, simulations: 0, value, networkValue: value,
      actions: policy.map(([a, p]) => ({ action: a, prior: p, visits: 0, policy: p })), principalVariation: [action],
    };
  }

  close(): Promise<void> {
    return this.evaluator.close();
  }
}
