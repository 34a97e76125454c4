/** Search through a learned model (MuZero): it sees the position, and never asks the rules beyond what is legal there. */
import { type Action, type Game, Planner, UserError } from '#engine';
import { type OpenWorldModel, openWorldModel } from '#engine/node';
import { readMore } from '#selfplay/checkpoint';
import { z } from 'zod';
import { type Agent, type AgentRequest, type AnalyseOptions, type Analysis, type Choice, breathe } from './agent.js';
import { type ModelOptions, resolveModel } from './model.js';
import { type AgentSpec, printAgentSpec } from './spec.js';

export type MuZeroSpec = Extract<AgentSpec, { kind: 'mz' }>;

/** What a checkpoint says of how its model is searched. */
const plannerSchema = z.strictObject({
  considered: z.number().int().min(1),
  valueScale: z.number().positive(),
  exploration: z.number().positive(),
  discount: z.number().min(0).max(1),
});

/** Positions that are searched together. */
const ROWS = 64;

export class MuZeroAgent implements Agent {
  readonly name: string;
  readonly spec: MuZeroSpec;
  private readonly model: OpenWorldModel;
  private readonly planner: Planner;
  private readonly turns = new Uint8Array(ROWS);
  private readonly legal: Uint8Array;
  private readonly moves: Int32Array;
  private readonly rowSize: number;

  private constructor(spec: MuZeroSpec, game: Game, model: OpenWorldModel, settings: z.infer<typeof plannerSchema>) {
    const { sims, search } = spec.options;
    this.name = printAgentSpec(spec);
    this.spec = spec;
    this.model = model;
    this.rowSize = game.planes[0] * game.planes[1] * game.planes[2];
    this.legal = new Uint8Array(ROWS * game.actionCount);
    this.moves = new Int32Array(game.actionCount);
    const facts = { actionCount: game.actionCount, seats: game.seats, latentSize: model.latentSize, discount: settings.discount, measuredBounds: game.seats === 1 };
    this.planner = new Planner(
      facts,
      search === 'gumbel'
        ? { kind: 'gumbel', simulations: sims, maxConsidered: settings.considered, valueScale: settings.valueScale }
        : { kind: 'puct', simulations: sims, explorationInit: settings.exploration },
      this.rowSize, ROWS,
    );
  }

  /** Throws UserError: as `resolveModel`, and 'usage' when the checkpoint holds no learned model of the game. */
  static async open(spec: MuZeroSpec, game: Game, options: ModelOptions): Promise<MuZeroAgent> {
    const { path } = resolveModel(spec.model, game);
    const shown = spec.model.alias ?? spec.model.path;
    const [planner, representation, dynamics] = ['planner.json', 'model.onnx', 'dynamics.onnx'].map((name) => readMore(path, name));
    if (planner === undefined || representation === undefined || dynamics === undefined) {
      throw new UserError('usage', `'${shown}' holds no learned model: mz: plays what --algo muzero or gumbel-muzero trained; for others there are az: and policy:`);
    }
    const settings = plannerSchema.safeParse(JSON.parse(new TextDecoder().decode(planner)));
    if (!settings.success) throw new UserError('data', `'${shown}': planner.json: ${settings.error.issues[0].path.join('.')}: ${settings.error.issues[0].message}; use another checkpoint`);
    return new MuZeroAgent(spec, game, await openWorldModel(representation, dynamics, options), settings.data);
  }

  private async search(requests: readonly AgentRequest[]): Promise<void> {
    const { legal, moves, planner, turns } = this;
    legal.fill(0);
    for (const [row, { state }] of requests.entries()) {
      state.observe(planner.planes.subarray(row * this.rowSize, (row + 1) * this.rowSize));
      const count = state.legal(moves);
      for (let i = 0; i < count; i++) legal[row * moves.length + moves[i]] = 1;
      turns[row] = state.turn === 1 ? 1 : 0;
    }
    await planner.search(this.model, requests.length, turns, legal, (row) => requests[row].rng);
  }

  async choose(request: AgentRequest, signal?: AbortSignal): Promise<Action> {
    return (await this.chooseMany([request], signal))[0].action;
  }

  async chooseMany(requests: readonly AgentRequest[], signal?: AbortSignal): Promise<Choice[]> {
    const out: Choice[] = [];
    const target = new Float32Array(this.moves.length);
    const { temperature } = this.spec.options;
    for (let from = 0; from < requests.length; from += ROWS) {
      const some = requests.slice(from, from + ROWS);
      await this.search(some);
      for (const [row, { rng }] of some.entries()) {
        const search = this.planner.searches[row];
        out.push({ action: search.action(rng, temperature), value: search.policyTarget(target), simulations: this.spec.options.sims });
      }
      await breathe(signal);
    }
    return out;
  }

  async analyse(request: AgentRequest, options: AnalyseOptions = {}): Promise<Analysis> {
    const started = performance.now();
    await this.search([request]);
    options.signal?.throwIfAborted();
    const search = this.planner.searches[0];
    const { value, actions, principalVariation, simulations } = search.report();
    return {
      agent: this.name, action: search.action(request.rng, this.spec.options.temperature), millis: performance.now() - started, simulations,
      value, networkValue: this.planner.rootValue(0), actions, principalVariation,
    };
  }

  close(): Promise<void> {
    return this.model.close();
  }
}
