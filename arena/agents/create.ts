/** From a spec to a playing agent. Networks block their thread while they answer: make these in worker threads (hosted.ts). */
import { type Game, UserError } from '#engine';
import type { Agent } from './agent.js';
import { AlphaBetaAgent } from './alphabeta.js';
import type { ModelEvaluator, ModelOptions } from './model.js';
import { PolicyAgent } from './policy.js';
import { SearchingAgent } from './searching.js';
import { RandomAgent, SolverAgent } from './simple.js';
import { type AgentSpec, type ModelReference, parseAgentSpec } from './spec.js';

/** Moves for the solver where it cannot solve. */
const OPENING_AGENT = 'uct:sims=50000';

export interface CreateAgentOptions extends Partial<ModelOptions> {
  /** Positions that a search tree holds at most; default the search's own. */
  readonly maxNodes?: number;
}

/**
 * Throws UserError: 'usage' when the agent cannot play this game or its model is not there, 'data' when the model is
 * damaged or made for another game, 'environment' when the device is missing.
 */
export async function createAgent(spec: AgentSpec | string, game: Game, options: CreateAgentOptions = {}): Promise<Agent> {
  const parsed = typeof spec === 'string' ? parseAgentSpec(spec, { trusted: true }) : spec;
  const model: ModelOptions = { device: options.device ?? 'cpu', threads: options.threads ?? 1 };
  switch (parsed.kind) {
    case 'random': return new RandomAgent(game);
    case 'solver': {
      const opening = parseAgentSpec(OPENING_AGENT);
      if (opening.kind !== 'uct') throw new Error(`${OPENING_AGENT} should be a search`);
      return new SolverAgent(parsed, game, new SearchingAgent(opening, game, undefined));
    }
    case 'uct': return new SearchingAgent(parsed, game, undefined, options.maxNodes);
    case 'alphabeta': return new AlphaBetaAgent(parsed, game);
    case 'az': return new SearchingAgent(parsed, game, await openEvaluator(parsed.model, game, model), options.maxNodes);
    case 'mz': {
      const { MuZeroAgent } = await import('./muzero.js');
      return MuZeroAgent.open(parsed, game, model);
    }
    case 'policy': return new PolicyAgent(parsed, game, await openEvaluator(parsed.model, game, model));
    case 'human': throw new UserError('usage', "agent 'human' cannot sit here: people play by 'ludus play' or in the browser");
    default: return parsed satisfies never;
  }
}

/** The runtime is loaded only by agents that need it: the others start several times sooner. */
async function openEvaluator(reference: ModelReference, game: Game, options: ModelOptions): Promise<ModelEvaluator> {
  const { ModelEvaluator: evaluator } = await import('./model.js');
  return evaluator.open(reference, game, options);
}
