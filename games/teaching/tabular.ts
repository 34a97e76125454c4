/**
 * Tasks with few enough positions to list. Their rules are a model, from which both the game is played and exact answers
 * (value iteration) are computed, so that the two cannot disagree.
 */
import type { Action, Game, Rng } from '#engine';
import type { FiniteModel, FiniteOutcome } from '#engine/tabular';
import { TaskState, taskGame } from '../task.js';
import type { TaskFacts, TaskRules } from '../task.js';

export type { FiniteModel as TabularModel, FiniteOutcome as TabularOutcome };

export class TabularState extends TaskState {
  /** Index of the position in the model. */
  index = 0;
  private readonly model: FiniteModel;

  constructor(facts: TaskFacts, model: FiniteModel) {
    super(facts);
    this.model = model;
  }

  protected reset(): void {
    this.index = this.model.start;
  }

  protected advance(action: Action, rng: Rng): number {
    const outcomes = this.model.outcomes[this.index * this.model.actions + action];
    let chosen = 0;
    if (outcomes.length > 1) {
      let left = rng.float() - outcomes[0].probability;
      // The last outcome takes what rounding leaves over.
      while (left >= 0 && chosen < outcomes.length - 1) left -= outcomes[++chosen].probability;
    }
    const { next, reward, terminated } = outcomes[chosen];
    this.index = next;
    this.ended = terminated;
    return reward;
  }

  override copyFrom(other: TabularState): void {
    super.copyFrom(other);
    this.index = other.index;
  }

  /** One-hot: 1 at the position's cell. */
  observe(out: Float32Array): void {
    out.fill(0, 0, this.model.states);
    out[this.index] = 1;
  }
}

/** A game whose model is known; `state.index` is what a table is indexed by. */
export interface TabularGame extends Game<TabularState> {
  readonly model: FiniteModel;
}

type TabularRules = Omit<TaskRules<TabularState>, 'planes' | 'create' | 'chance'> & {
  readonly model: FiniteModel;
  /** height * width = states: the one plane marks the position's cell. */
  readonly size: readonly [height: number, width: number];
};

export function tabularGame({ model, size, ...rules }: TabularRules): TabularGame {
  const chance = model.outcomes.some((outcomes) => outcomes.length > 1) ? 'sampled' : 'none';
  const game = taskGame({ ...rules, chance, planes: [1, size[0], size[1]], create: (facts) => new TabularState(facts, model) });
  return { ...game, model };
}

/** Whether a game says its model: what dynamic programming and tables need. */
export function isTabular(game: Game): game is Game & TabularGame {
  return 'model' in game;
}
