/** What an exact solver of a game offers. Scores are the game's own; their sign is the outcome. */
import type { Action, Rng, State } from '#engine';

export interface SolverBudget {
  /** Positions that one call may visit. */
  readonly nodes: number;
}

export type Outcome = -1 | 0 | 1;

/** With a budget, each answer is undefined when the budget ran out before the position was solved. */
export interface Solver<S extends State = State> {
  /** How to read a score, one line for people. */
  readonly convention: string;
  /** [actionCount]: exact score of each action for the seat to move, positive = it wins; undefined where illegal. */
  scores(state: S): (number | undefined)[];
  scores(state: S, budget: SolverBudget): (number | undefined)[] | undefined;
  /** Outcome under best play by both, for the seat to move. A finished position speaks for the seat that would be next. */
  value(state: S): Outcome;
  value(state: S, budget: SolverBudget): Outcome | undefined;
  /** One of the actions with the best score, uniformly. The position must not be finished. */
  best(state: S, rng: Rng): Action;
  best(state: S, rng: Rng, budget: SolverBudget): Action | undefined;
}

/** One of the highest entries of `scores`, uniformly. */
export function pickBest(scores: readonly (number | undefined)[], rng: Rng): Action {
  let best = -Infinity;
  let ties: Action[] = [];
  for (const [action, score] of scores.entries()) {
    if (score === undefined || score < best) continue;
    if (score > best) ties = [];
    best = score;
    ties.push(action);
  }
  return ties[rng.below(ties.length)];
}
