/** What the five MinAtar games share: the grid, sticky actions, and the switches (rules.md 0.1 to 0.3). */
import type { Action, Rng } from '#engine';
import { TaskState } from '../task.js';
import type { TaskFacts } from '../task.js';

export const SIZE = 10;
export const CELLS = SIZE * SIZE;

/** The six actions of the full set: 0 nothing, 1 left, 2 up, 3 right, 4 down, 5 fire. */
export const NOTHING = 0;
export const LEFT = 1;
export const UP = 2;
export const RIGHT = 3;
export const DOWN = 4;
export const FIRE = 5;

export interface MinAtarSettings extends TaskFacts {
  /** Probability that the last executed action is executed once more instead of the requested one. */
  readonly sticky: number;
  /** Whether the difficulty grows. */
  readonly ramping: boolean;
  /** [actionCount]: the action of the full set that each action of this game stands for. */
  readonly actions: Int32Array;
}

export abstract class MinAtarState extends TaskState<MinAtarSettings> {
  /** Of the full set; a new episode begun by `restart` keeps it, as in the original. */
  lastExecuted = NOTHING;

  /** How often the difficulty has grown; undefined in games where it cannot. */
  get level(): number | undefined {
    return undefined;
  }

  override apply(action: Action, rng: Rng): number {
    const { sticky, actions } = this.facts;
    // It is the executed action that is remembered, so one action can stick several times.
    if (sticky === 0 || rng.float() >= sticky) this.lastExecuted = actions[action];
    return super.apply(this.lastExecuted, rng);
  }

  override copyFrom(other: MinAtarState): void {
    super.copyFrom(other);
    this.lastExecuted = other.lastExecuted;
  }
}

/** One step left or right within the grid. */
export function sideways(column: number, action: Action): number {
  if (action === LEFT) return column > 0 ? column - 1 : 0;
  if (action === RIGHT) return column < SIZE - 1 ? column + 1 : SIZE - 1;
  return column;
}
