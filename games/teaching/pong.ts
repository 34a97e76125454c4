/**
 * Pong on ten by ten cells, of our own making. The player's paddle guards column 9, the opponent's column 0; both are
 * three cells tall. The ball always flies slanting; where on the paddle it arrives decides how it comes back: from the
 * upper cell upwards, from the lower one downwards, from the middle as it came. (A ball that could fly straight would
 * make rallies that nobody ends.)
 */
import type { Action, Game, Rng } from '#engine';
import { TaskState, taskGame } from '../task.js';

const SIZE = 10;
const CELLS = SIZE * SIZE;
/** Points of either side that end the episode. */
const POINTS = 5;
/** How often the opponent follows the ball. */
const ATTENTION = 3 / 4;
const OWN_COLUMN = SIZE - 1;

export class PongState extends TaskState {
  /** Row of the middle cell, 1 to 8. */
  own = 4;
  opponent = 4;
  row = 0;
  column = 0;
  /** -1 up, +1 down. */
  rowStep = 1;
  /** +1 towards the player, -1 away. */
  columnStep = 1;
  trailRow = 0;
  trailColumn = 0;
  won = 0;
  lost = 0;

  protected reset(rng: Rng): void {
    this.own = this.opponent = 4;
    this.won = this.lost = 0;
    this.serve(rng);
  }

  /** From the middle, slanting, towards either side. */
  private serve(rng: Rng): void {
    this.columnStep = rng.below(2) === 0 ? -1 : 1;
    this.rowStep = rng.below(2) === 0 ? -1 : 1;
    this.trailRow = this.row = 2 + rng.below(6);
    this.trailColumn = this.column = this.columnStep < 0 ? 5 : 4;
  }

  protected advance(action: Action, rng: Rng): number {
    this.own = movePaddle(this.own, action === 1 ? -1 : action === 2 ? 1 : 0);
    if (rng.float() < ATTENTION) this.opponent = movePaddle(this.opponent, Math.sign(this.row - this.opponent));
    this.trailRow = this.row;
    this.trailColumn = this.column;
    let row = this.row + this.rowStep;
    if (row < 0 || row >= SIZE) {
      this.rowStep = -this.rowStep;
      row = this.row + this.rowStep;
    }
    const column = this.column + this.columnStep;
    if (column > 0 && column < OWN_COLUMN) {
      this.row = row;
      this.column = column;
      return 0;
    }
    const offset = row - (column === 0 ? this.opponent : this.own);
    if (Math.abs(offset) <= 1) {
      // Back from the paddle: the ball stays in the column before it.
      this.row = row;
      if (offset !== 0) this.rowStep = offset;
      this.columnStep = -this.columnStep;
      return 0;
    }
    const reward = column === 0 ? 1 : -1;
    if (reward > 0) this.won++;
    else this.lost++;
    if (this.won === POINTS || this.lost === POINTS) {
      this.row = row;
      this.column = column;
      this.ended = true;
    } else {
      this.serve(rng);
    }
    return reward;
  }

  override copyFrom(other: PongState): void {
    super.copyFrom(other);
    this.own = other.own;
    this.opponent = other.opponent;
    this.row = other.row;
    this.column = other.column;
    this.rowStep = other.rowStep;
    this.columnStep = other.columnStep;
    this.trailRow = other.trailRow;
    this.trailColumn = other.trailColumn;
    this.won = other.won;
    this.lost = other.lost;
  }

  observe(out: Float32Array): void {
    out.fill(0, 0, 4 * CELLS);
    for (let row = this.own - 1; row <= this.own + 1; row++) out[row * SIZE + OWN_COLUMN] = 1;
    for (let row = this.opponent - 1; row <= this.opponent + 1; row++) out[CELLS + row * SIZE] = 1;
    out[2 * CELLS + this.row * SIZE + this.column] = 1;
    out[3 * CELLS + this.trailRow * SIZE + this.trailColumn] = 1;
  }
}

/** The whole paddle stays on the field. */
function movePaddle(middle: number, step: number): number {
  return Math.min(SIZE - 2, Math.max(1, middle + step));
}

function draw(state: PongState): string {
  const lines = Array.from({ length: SIZE }, (_row, row) =>
    Array.from({ length: SIZE }, (_column, column) => {
      if (row === state.row && column === state.column) return 'o';
      if (column === 0 && Math.abs(row - state.opponent) <= 1) return '[';
      return column === OWN_COLUMN && Math.abs(row - state.own) <= 1 ? ']' : '.';
    }).join(' '),
  );
  return [...lines, `${state.lost} : ${state.won}`].join('\n');
}

/** Planes: [4, 10, 10], own paddle, opponent's, ball, and where the ball was before. */
export const pong: Game<PongState> = taskGame({
  id: 'pong',
  name: 'Pong',
  version: 1,
  chance: 'sampled',
  actions: ['stay', 'up', 'down'],
  planes: [4, SIZE, SIZE],
  limit: 1000,
  create: (facts) => new PongState(facts),
  render: draw,
});
