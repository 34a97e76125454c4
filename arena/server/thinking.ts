/** What the server asks of agents. It never searches on its own thread: whoever implements this has worker threads. */
import type { Action, SearchReport } from '#engine';

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
  close(): Promise<void>;
}
