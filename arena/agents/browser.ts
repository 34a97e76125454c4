/** The agents that also think in a browser: the same classes as on the server, with a network that the page opens. */
import { type Game, UserError } from '#engine';
import type { Agent } from './agent.js';
import { AlphaBetaAgent } from './alphabeta.js';
import { PolicyAgent } from './policy.js';
import { type OwnedEvaluator, SearchingAgent } from './searching.js';
import { RandomAgent, SolverAgent } from './simple.js';
import { parseAgentSpec } from './spec.js';

export type { Agent, AgentRequest, AnalyseOptions, Analysis } from './agent.js';
export type { OwnedEvaluator } from './searching.js';
export { parseAgentSpec, printAgentSpec, type AgentSpec } from './spec.js';
export { type Position, replay } from '../position.js';
export { makeAnalysis } from '../server/analysis.js';
export { Insight } from '../server/insight.js';
export { Refusal } from '../server/refusal.js';
export type { Looked, Question } from '../server/thinker.js';

/** Moves for the solver where it cannot solve: fewer than on a server, since one thread thinks. */
const OPENING_AGENT = 'uct:sims=10000';

/**
 * An agent from its string. `open` gives the network that a string's PATH means. Throws UserError('usage') for kinds that
 * need more than a page has, and whatever `open` throws.
 */
export async function createBrowserAgent(text: string, game: Game, open: (path: string) => Promise<OwnedEvaluator>): Promise<Agent> {
  const spec = parseAgentSpec(text, { trusted: true });
  switch (spec.kind) {
    case 'random': return new RandomAgent(game);
    case 'uct': return new SearchingAgent(spec, game, undefined);
    case 'alphabeta': return new AlphaBetaAgent(spec, game);
    case 'az': return new SearchingAgent(spec, game, await open(spec.model.path));
    case 'policy': return new PolicyAgent(spec, game, await open(spec.model.path));
    case 'solver': {
      const opening = parseAgentSpec(OPENING_AGENT, { trusted: true });
      if (opening.kind !== 'uct') throw new Error(`${OPENING_AGENT} should be a search`);
      return new SolverAgent(spec, game, new SearchingAgent(opening, game, undefined));
    }
    default: throw new UserError('usage', `agent '${text}' does not play in a browser`);
  }
}
