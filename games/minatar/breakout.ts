/** Breakout (rules.md 2): one ball, a paddle of one cell, three rows of bricks that come back. */
import type { Action, Rng } from '#engine';
import { CELLS, MinAtarState, SIZE, sideways } from './state.js';

export const BREAKOUT_CHANNELS = ['paddle', 'ball', 'trail', 'brick'] as const;
/** Bricks fill rows 1 to 3. */
const TOP_BRICKS = SIZE;
const BRICKS = 30;
const ALL_BRICKS = 2 ** BRICKS - 1;

export class BreakoutState extends MinAtarState {
  paddle = 4;
  ballRow = 3;
  ballColumn = 0;
  /** +1 down, -1 up. */
  rowStep = 1;
  /** +1 right, -1 left. */
  columnStep = 1;
  trailRow = 3;
  trailColumn = 0;
  /** Bit i is the brick on cell 10 + i. */
  bricks = ALL_BRICKS;
  /** The ball has just removed a brick: until it is out of brick cells it flies through them. */
  strike = false;

  protected reset(rng: Rng): void {
    const right = rng.below(2) === 1;
    this.paddle = 4;
    this.ballRow = this.trailRow = 3;
    this.ballColumn = this.trailColumn = right ? SIZE - 1 : 0;
    this.rowStep = 1;
    this.columnStep = right ? -1 : 1;
    this.bricks = ALL_BRICKS;
    this.strike = false;
  }

  protected advance(action: Action): number {
    this.paddle = sideways(this.paddle, action);
    const oldRow = (this.trailRow = this.ballRow);
    const oldColumn = (this.trailColumn = this.ballColumn);
    let row = oldRow + this.rowStep;
    let column = oldColumn + this.columnStep;
    if (column < 0 || column >= SIZE) {
      column = oldColumn;
      this.columnStep = -this.columnStep;
    }
    let reward = 0;
    let inBrick = false;
    // Row 0 and the rows below the bricks give shifts outside 0..29, which no brick answers to.
    const brick = row * SIZE + column - TOP_BRICKS;
    if (row < 0) {
      row = 0;
      this.rowStep = 1;
    } else if (brick >= 0 && brick < BRICKS && ((this.bricks >> brick) & 1) === 1) {
      inBrick = true;
      if (!this.strike) {
        reward = 1;
        this.strike = true;
        this.bricks &= ~(1 << brick);
        row = oldRow;
        this.rowStep = -this.rowStep;
      }
    } else if (row === SIZE - 1) {
      if (this.bricks === 0) this.bricks = ALL_BRICKS;
      if (this.paddle === oldColumn) {
        this.rowStep = -1;
        row = oldRow;
      } else if (this.paddle === column) {
        this.rowStep = -1;
        this.columnStep = -this.columnStep;
        row = oldRow;
      } else {
        this.ended = true;
      }
    }
    if (!inBrick) this.strike = false;
    this.ballRow = row;
    this.ballColumn = column;
    return reward;
  }

  override copyFrom(other: BreakoutState): void {
    super.copyFrom(other);
    this.paddle = other.paddle;
    this.ballRow = other.ballRow;
    this.ballColumn = other.ballColumn;
    this.rowStep = other.rowStep;
    this.columnStep = other.columnStep;
    this.trailRow = other.trailRow;
    this.trailColumn = other.trailColumn;
    this.bricks = other.bricks;
    this.strike = other.strike;
  }

  observe(out: Float32Array): void {
    out.fill(0, 0, BREAKOUT_CHANNELS.length * CELLS);
    out[(SIZE - 1) * SIZE + this.paddle] = 1;
    out[CELLS + this.ballRow * SIZE + this.ballColumn] = 1;
    out[2 * CELLS + this.trailRow * SIZE + this.trailColumn] = 1;
    const { bricks } = this;
    for (let i = 0; i < BRICKS; i++) out[3 * CELLS + TOP_BRICKS + i] = (bricks >> i) & 1;
  }
}
