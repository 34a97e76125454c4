/** What the server asks of agents. It never searches on its own thread: whoever implements this has worker threads. */
import type { Action, SearchReport, Unfolded } from '#engine';
import type { Dream } from '../agents/agent.js';

export interface ThinkRequest {
  /** Id of the game, or the path of its module for a game of one's own. */
  readonly game: string;
  readonly setup?: string;
  /** Since the setup. The game is not over after them. */
  readonly actions: readonly Action[];
  /** Agent string, made by the server's catalogue and nobody else. */
  readonly agent: string;
  /** Two requests with the same seed and the same everything are answered alike. */
  readonly seed: number;
  /** Milliseconds to think, instead of what the agent's string says. */
  readonly millis?: number;
  /** A move must not wait for an opinion, even of the same agent. */
  readonly lane: 'moves' | 'opinions';
}

export interface Thought {
  readonly action: Action;
  /** Left out by agents that do not search. */
  readonly report?: SearchReport;
}

export interface ThinkingAgents {
  /** Rejects with UserError when the agent cannot play (a missing model), with the signal's reason when aborted. */
  think(request: ThinkRequest, signal: AbortSignal): Promise<Thought>;
  /** Exact scores [actionCount] of a position's actions, or undefined when that would take too long or nobody knows. */
  scores(game: string, setup: string | undefined, actions: readonly Action[]): Promise<(number | undefined)[] | undefined>;
  /** The search tree of a position below `path`, without `tree` where it does not reach that far. Rejects as `think` does, and for agents without a tree. */
  tree?(request: ThinkRequest, path: readonly Action[], levels: number, most: number, signal: AbortSignal): Promise<{ readonly simulations: number; readonly tree?: Unfolded }>;
  /** What the agent's learned model imagines from a position on, along `actions`. Rejects as `think` does, and for agents without such a model. */
  dream?(request: ThinkRequest, actions: readonly Action[], signal: AbortSignal): Promise<Dream>;
  /** The agent will be asked soon. */
  warm?(game: string, agent: string, lane: ThinkRequest['lane']): Promise<void>;
  close(): Promise<void>;
}
