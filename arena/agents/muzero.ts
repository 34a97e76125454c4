/** Search through a learned model (MuZero): it sees the position, and never asks the rules beyond what is legal there. */
import { type Action, type Game, OVER, type Planner, type State, cloneState, createLatentBatch, createRng } from '#engine';
import type { OpenWorldModel } from '#engine/node';
import { type Agent, type AgentRequest, type AnalyseOptions, type Analysis, type Choice, type Dream, type DreamStep, breathe } from './agent.js';
import { type PlannerSettings, createPlanner, openLearnedModel } from './learned-model.js';
import type { ModelOptions } from './model.js';
import { type AgentSpec, printAgentSpec } from './spec.js';

export type MuZeroSpec = Extract<AgentSpec, { kind: 'mz' }>;

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
  private readonly game: Game;

  private constructor(spec: MuZeroSpec, game: Game, model: OpenWorldModel, settings: PlannerSettings) {
    const { sims, search } = spec.options;
    this.name = printAgentSpec(spec);
    this.spec = spec;
    this.model = model;
    this.game = game;
    this.rowSize = game.planes[0] * game.planes[1] * game.planes[2];
    this.legal = new Uint8Array(ROWS * game.actionCount);
    this.moves = new Int32Array(game.actionCount);
    this.planner = createPlanner(game, model, settings, { sims, search }, ROWS);
  }

  /** Throws as `openLearnedModel`. */
  static async open(spec: MuZeroSpec, game: Game, options: ModelOptions): Promise<MuZeroAgent> {
    const { model, settings } = await openLearnedModel(spec.model, game, options);
    return new MuZeroAgent(spec, game, model, settings);
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
      value, networkValue: this.planner.rootValue(0), actions, principalVariation: this.allowed(request.state, principalVariation),
    };
  }

  /** As much of a line as the rules allow: the model does not know what is legal below the root, nor where a game ends. */
  private allowed(from: State, line: readonly Action[]): Action[] {
    const rng = createRng(0);
    const state = cloneState(this.game, from, rng);
    const end = line.findIndex((action) => {
      if (state.turn === OVER || !this.moves.subarray(0, state.legal(this.moves)).includes(action)) return true;
      state.apply(action, rng);
      return false;
    });
    return line.slice(0, end < 0 ? line.length : end);
  }

  async dream(from: State, actions: readonly Action[]): Promise<Dream> {
    const { game, model, planner, rowSize } = this;
    const rng = createRng(0);
    const state = cloneState(game, from, rng);
    const batch = createLatentBatch(game.actionCount, model.latentSize, 1);
    batch.size = 1;
    // Seats alternate; the model speaks for whoever moves.
    const sign = (ply: number) => (game.seats === 2 && ply % 2 === 1 ? -1 : 1);
    const look = async (): Promise<void> => {
      state.observe(planner.planes.subarray(0, rowSize));
      await model.represent(planner.planes, batch);
    };
    await look();
    const value = batch.values[0];
    let latent = batch.latents.slice();
    const steps: DreamStep[] = [];
    for (const [k, action] of actions.entries()) {
      if (state.turn === OVER) break;
      const toSeat0 = state.apply(action, rng);
      batch.parents.set(latent);
      batch.actions[0] = action;
      await model.step(batch);
      latent = batch.latents.slice();
      const imagined = { reward: sign(k) * batch.rewards[0], value: sign(k + 1) * batch.values[0] };
      const over = (state.turn as State['turn']) === OVER;
      if (!over) await look();
      steps.push({ action, ...imagined, realReward: from.turn === 1 ? -toSeat0 : toSeat0, seenValue: over ? 0 : sign(k + 1) * batch.values[0] });
    }
    return { value, steps };
  }

  close(): Promise<void> {
    return this.model.close();
  }
}
