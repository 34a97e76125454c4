/** Tic-tac-toe, solved whole: one table of all positions, filled by plain negamax at the first question. */
import type { Action, Rng } from '#engine';
import type { Outcome, Solver } from '../solver.js';
import { pickBest } from '../solver.js';
import { CELLS, TicTacToeState } from './state.js';

const POSITIONS = 3 ** 9;
const UNKNOWN = 2;

/** Scores are outcomes: 1 win, 0 draw, -1 loss. */
export class TicTacToeSolver implements Solver<TicTacToeState> {
  readonly convention = '1 win, 0 draw, -1 loss, for the seat to move';
  /** [POSITIONS]: outcome for the seat to move by `TicTacToeState.index`, or UNKNOWN. */
  private readonly table = new Int8Array(POSITIONS).fill(UNKNOWN);

  scores(state: TicTacToeState): (number | undefined)[] {
    const scores = Array.from<number | undefined>({ length: CELLS });
    const legal = new Int32Array(CELLS);
    const count = state.legal(legal);
    const child = new TicTacToeState();
    for (let i = 0; i < count; i++) {
      child.copyFrom(state);
      child.apply(legal[i]);
      scores[legal[i]] = 0 - this.value(child);
    }
    return scores;
  }

  value(state: TicTacToeState): Outcome {
    const index = state.index();
    if (this.table[index] === UNKNOWN) this.table[index] = this.negamax(state);
    return this.table[index] as Outcome;
  }

  best(state: TicTacToeState, rng: Rng): Action {
    return pickBest(this.scores(state), rng);
  }

  private negamax(state: TicTacToeState): number {
    // Only the seat that moved last can have won.
    if (state.turn < 0) return state.won() ? -1 : 0;
    return Math.max(...this.scores(state).filter((score) => score !== undefined));
  }
}
