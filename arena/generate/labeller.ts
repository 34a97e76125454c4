/**
 * What is learnt from a stronger player about a position: a policy and a value. A UCI engine is asked for several lines at
 * once; any other agent names one move.
 */
import { type Action, type Game, type Rng, type State, UserError, rulesOf } from '#engine';
import { ChessState, type Evaluation, NO_MOVE, actionOf, makeFen, parseUci, valueOfEvaluation } from '#games/chess';
import { parseAgentSpec } from '../agents/spec.js';
import { type ExternalSpec, type UciSpec, parseExternalAgent } from '../agents/external.js';
import { AgentFailure, type Player } from '../agents/player.js';
import { startPlayer } from '../agents/start.js';
import { type EngineLine, type UciEngine } from '../agents/uci/engine.js';
import { startEngine } from '../agents/uci/player.js';
import type { Position } from '../position.js';

/** Milliseconds after which a search has stalled. */
const PATIENCE = 30_000;
/** A mate in n moves counts as so many centipawns, less so many for each move, when it is weighed against other lines. */
const MATE_CENTIPAWNS = 10_000;
const MATE_STEP = 100;

export interface Label {
  /** Distinct legal actions, best first, and their probabilities, which sum to 1. */
  readonly actions: readonly Action[];
  readonly policy: readonly number[];
  /** In [-1, 1], view of the side to move; undefined when the player does not say. */
  readonly value?: number;
  /** As the engine has it, view of the side to move. */
  readonly score?: Evaluation;
}

export interface Labeller {
  /** Called before each game: what it learnt in others must not matter. */
  newGame(): Promise<void>;
  /** Throws AgentFailure, after which the labeller is of no more use. */
  label(position: Position, state: State, rng: Rng): Promise<Label>;
  close(): Promise<void>;
}

export interface LabellerOptions {
  /** An agent's string. */
  readonly engine: string;
  readonly game: Game;
  /** What other threads load the game by. */
  readonly source: string;
  /** Of a UCI engine, for each position; default: as its string says, else 2000. */
  readonly nodes?: number;
  /** Lines asked of a UCI engine. */
  readonly multipv: number;
  /** Of the policy over those lines [centipawns]. */
  readonly temperature: number;
}

/** Throws UserError when there is no such agent, or it does not start. */
export async function startLabeller(options: LabellerOptions): Promise<Labeller> {
  const external: ExternalSpec | undefined = parseExternalAgent(options.engine);
  if (external?.kind === 'uci') {
    if (rulesOf(options.game) !== 'chess') throw new UserError('usage', `'${options.engine}' plays chess, not ${options.game.name}`);
    return EngineLabeller.start(external, options);
  }
  if (options.nodes !== undefined) throw new UserError('usage', `--nodes is for UCI engines; '${options.engine}' takes its own options`);
  return new PlayerLabeller(await startPlayer(external ?? parseAgentSpec(options.engine), { game: options.source }), options.engine);
}

class EngineLabeller implements Labeller {
  private readonly engine: UciEngine;
  private readonly limits: { readonly nodes?: number; readonly depth?: number; readonly movetime?: number };
  private readonly temperature: number;

  private constructor(engine: UciEngine, limits: EngineLabeller['limits'], temperature: number) {
    this.engine = engine;
    this.limits = limits;
    this.temperature = temperature;
  }

  static async start(spec: UciSpec, { nodes, multipv, temperature }: LabellerOptions): Promise<EngineLabeller> {
    const { engine } = await startEngine(spec);
    if (multipv > 1) engine.set('MultiPV', String(multipv));
    const own = nodes === undefined && Object.keys(spec.limits).length > 0;
    return new EngineLabeller(engine, own ? spec.limits : { nodes: nodes ?? 2000 }, temperature);
  }

  newGame(): Promise<void> {
    return this.engine.newGame();
  }

  async label(_position: Position, state: State): Promise<Label> {
    if (!(state instanceof ChessState)) throw new Error('UCI is spoken about chess alone');
    // The position alone, without the moves before it: then it says the same of equal positions, as the network must.
    const lines = await this.engine.analyse(`position fen ${makeFen(state.position)}`, this.limits, PATIENCE);
    return labelOf(lines, state, this.temperature);
  }

  close(): Promise<void> {
    return this.engine.close();
  }
}

/** A label from an engine's lines. Throws AgentFailure when one begins with an illegal move. */
export function labelOf(lines: readonly EngineLine[], { position }: ChessState, temperature: number): Label {
  const best = centipawnsOf(lines[0].score);
  const actions: Action[] = [];
  const weights: number[] = [];
  for (const { move, score } of lines) {
    const found = parseUci(position, move);
    if (found === NO_MOVE) throw new AgentFailure('error', `'${move.slice(0, 20)}' is not legal in ${makeFen(position)}`);
    const action = actionOf(found, position.side);
    if (actions.includes(action)) continue;
    actions.push(action);
    weights.push(Math.exp((Math.min(best, centipawnsOf(score)) - best) / temperature));
  }
  const sum = weights.reduce((a, b) => a + b, 0);
  return { actions, policy: weights.map((weight) => weight / sum), value: valueOfEvaluation(lines[0].score), score: lines[0].score };
}

const centipawnsOf = (score: Evaluation): number =>
  'centipawns' in score ? score.centipawns : Math.sign(score.mate || -1) * Math.max(MATE_CENTIPAWNS / 2, MATE_CENTIPAWNS - MATE_STEP * Math.abs(score.mate));

class PlayerLabeller implements Labeller {
  private readonly player: Player;
  private readonly name: string;

  constructor(player: Player, name: string) {
    this.player = player;
    this.name = name;
  }

  newGame(): Promise<void> {
    return Promise.resolve();
  }

  async label(position: Position, state: State, rng: Rng): Promise<Label> {
    const [answer] = await this.player.chooseMany([{ position, seed: rng.uint32() }], { timeoutMillis: 2 * PATIENCE });
    if ('reason' in answer) throw new AgentFailure(answer.reason, answer.message);
    const { action, value } = answer;
    const legal = new Int32Array(1 << 12);
    if (!legal.subarray(0, state.legal(legal)).includes(action)) throw new AgentFailure('error', `${this.name} chose an illegal move`);
    return { actions: [action], policy: [1], ...(value === undefined ? {} : { value }) };
  }

  close(): Promise<void> {
    return this.player.close();
  }
}
