/** An ordered list of things that move sideways, oldest first, in typed arrays. */

/**
 * No list can come near it: at most one object a step is appended to one, and crosses ten columns in at most 3 steps
 * each once spawning is that frequent (MinAtar's Seaquest, the only user: rules.md 4).
 */
const CAPACITY = 64;

export class Movers {
  count = 0;
  /** [CAPACITY]; from -1 to 10. */
  readonly columns = new Int8Array(CAPACITY);
  readonly rows = new Int8Array(CAPACITY);
  /** [CAPACITY]: +1 right, -1 left. */
  readonly directions = new Int8Array(CAPACITY);
  /** [CAPACITY]: steps until the next movement. */
  readonly moveTimers = new Int8Array(CAPACITY);
  /** [CAPACITY]: steps until the next shot. */
  readonly fireTimers = new Int8Array(CAPACITY);

  clear(): void {
    this.count = 0;
  }

  add(column: number, row: number, direction: number, moveTimer = 0, fireTimer = 0): void {
    const i = this.count++;
    this.columns[i] = column;
    this.rows[i] = row;
    this.directions[i] = direction;
    this.moveTimers[i] = moveTimer;
    this.fireTimers[i] = fireTimer;
  }

  /** The others keep their order. */
  remove(at: number): void {
    const last = --this.count;
    for (let i = at; i < last; i++) {
      this.columns[i] = this.columns[i + 1];
      this.rows[i] = this.rows[i + 1];
      this.directions[i] = this.directions[i + 1];
      this.moveTimers[i] = this.moveTimers[i + 1];
      this.fireTimers[i] = this.fireTimers[i + 1];
    }
  }

  /** The oldest one on a cell, or -1. */
  find(column: number, row: number): number {
    for (let i = 0; i < this.count; i++) if (this.columns[i] === column && this.rows[i] === row) return i;
    return -1;
  }

  /** Whether anything in the row moves the other way. */
  opposes(row: number, direction: number): boolean {
    for (let i = 0; i < this.count; i++) if (this.rows[i] === row && this.directions[i] !== direction) return true;
    return false;
  }

  copyFrom(other: Movers): void {
    this.count = other.count;
    for (let i = 0; i < other.count; i++) {
      this.columns[i] = other.columns[i];
      this.rows[i] = other.rows[i];
      this.directions[i] = other.directions[i];
      this.moveTimers[i] = other.moveTimers[i];
      this.fireTimers[i] = other.fireTimers[i];
    }
  }
}
