/** Freeway (rules.md 3): lead the chicken across eight lanes, as often as 2501 steps allow. */
import type { Action, Rng } from '#engine';
import { CELLS, DOWN, MinAtarState, SIZE, UP } from './state.js';

export const FREEWAY_CHANNELS = ['chicken', 'car', 'speed1', 'speed2', 'speed3', 'speed4', 'speed5'] as const;
/** Every episode lasts just so long. */
export const FREEWAY_STEPS = 2501;
const CARS = 8;
const CHICKEN_COLUMN = 4;
const BOTTOM = SIZE - 1;

export class FreewayState extends MinAtarState {
  chickenRow = BOTTOM;
  /** The chicken moves only when this is 0. */
  moveTimer = 3;
  timeLeft = FREEWAY_STEPS - 1;
  /** [CARS]: car i drives in row i + 1. */
  readonly columns = new Int8Array(CARS);
  /** [CARS]: 1 to 5; a car of speed s moves every s + 1 steps. */
  readonly speeds = new Int8Array(CARS);
  /** [CARS]: +1 right, -1 left. */
  readonly directions = new Int8Array(CARS);
  /** [CARS]: steps until the next movement. */
  readonly timers = new Int8Array(CARS);

  protected reset(rng: Rng): void {
    this.chickenRow = BOTTOM;
    this.moveTimer = 3;
    this.timeLeft = FREEWAY_STEPS - 1;
    this.columns.fill(0);
    this.shuffle(rng);
  }

  /** New speeds and directions; the cars stay where they are. */
  private shuffle(rng: Rng): void {
    for (let car = 0; car < CARS; car++) this.timers[car] = this.speeds[car] = 1 + rng.below(5);
    for (let car = 0; car < CARS; car++) this.directions[car] = rng.below(2) === 0 ? -1 : 1;
  }

  protected advance(action: Action, rng: Rng): number {
    let reward = 0;
    if (this.moveTimer === 0 && (action === UP || action === DOWN)) {
      this.moveTimer = 3;
      this.chickenRow = action === UP ? Math.max(0, this.chickenRow - 1) : Math.min(BOTTOM, this.chickenRow + 1);
    }
    if (this.chickenRow === 0) {
      reward = 1;
      this.shuffle(rng);
      this.chickenRow = BOTTOM;
    }
    for (let car = 0; car < CARS; car++) {
      if (this.columns[car] === CHICKEN_COLUMN && this.chickenRow === car + 1) this.chickenRow = BOTTOM;
      if (this.timers[car] > 0) {
        this.timers[car]--;
        continue;
      }
      this.timers[car] = this.speeds[car];
      const column = wrap(this.columns[car] + this.directions[car]);
      this.columns[car] = column;
      if (column === CHICKEN_COLUMN && this.chickenRow === car + 1) this.chickenRow = BOTTOM;
    }
    if (this.moveTimer > 0) this.moveTimer--;
    this.timeLeft--;
    if (this.timeLeft < 0) this.ended = true;
    return reward;
  }

  override copyFrom(other: FreewayState): void {
    super.copyFrom(other);
    this.chickenRow = other.chickenRow;
    this.moveTimer = other.moveTimer;
    this.timeLeft = other.timeLeft;
    this.columns.set(other.columns);
    this.speeds.set(other.speeds);
    this.directions.set(other.directions);
    this.timers.set(other.timers);
  }

  observe(out: Float32Array): void {
    out.fill(0, 0, FREEWAY_CHANNELS.length * CELLS);
    out[this.chickenRow * SIZE + CHICKEN_COLUMN] = 1;
    for (let car = 0; car < CARS; car++) {
      const row = (car + 1) * SIZE;
      out[CELLS + row + this.columns[car]] = 1;
      out[(1 + this.speeds[car]) * CELLS + row + wrap(this.columns[car] - this.directions[car])] = 1;
    }
  }
}

function wrap(column: number): number {
  return column < 0 ? SIZE - 1 : column === SIZE ? 0 : column;
}
