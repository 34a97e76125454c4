/** Asterix (rules.md 1): gather gold, avoid enemies, in eight lanes of at most one thing each. */
import type { Action, Rng } from '#engine';
import { CELLS, DOWN, MinAtarState, SIZE, UP, sideways } from './state.js';

export const ASTERIX_CHANNELS = ['player', 'enemy', 'trail', 'gold'] as const;
const LANES = 8;
const EMPTY = -1;

export class AsterixState extends MinAtarState {
  column = 5;
  /** 1 to 8; lane k is row k + 1. */
  row = 5;
  /** [LANES]: column of what is in each lane, or EMPTY. */
  readonly columns = new Int8Array(LANES).fill(EMPTY);
  /** [LANES]: +1 moves right, -1 left. */
  readonly directions = new Int8Array(LANES);
  /** [LANES]: 1 gold, 0 enemy. */
  readonly gold = new Uint8Array(LANES);
  /** Steps from one spawn to the next. */
  spawnSpeed = 10;
  spawnTimer = 10;
  /** Steps from one movement of everything to the next. */
  moveSpeed = 5;
  moveTimer = 5;
  rampTimer = 100;
  rampIndex = 0;

  protected reset(): void {
    this.column = 5;
    this.row = 5;
    this.columns.fill(EMPTY);
    this.directions.fill(0);
    this.gold.fill(0);
    this.spawnSpeed = 10;
    this.spawnTimer = 10;
    this.moveSpeed = 5;
    this.moveTimer = 5;
    this.rampTimer = 100;
    this.rampIndex = 0;
  }

  override get level(): number {
    return this.rampIndex;
  }

  protected advance(action: Action, rng: Rng): number {
    if (this.spawnTimer === 0) {
      this.spawn(rng);
      this.spawnTimer = this.spawnSpeed;
    }
    this.column = sideways(this.column, action);
    if (action === UP) this.row = Math.max(1, this.row - 1);
    else if (action === DOWN) this.row = Math.min(LANES, this.row + 1);
    // Only what is in the player's own lane can touch it.
    let reward = this.contact(this.row - 1);
    if (this.moveTimer === 0) {
      this.moveTimer = this.moveSpeed;
      for (let lane = 0; lane < LANES; lane++) {
        if (this.columns[lane] === EMPTY) continue;
        const column = this.columns[lane] + this.directions[lane];
        this.columns[lane] = column >= 0 && column < SIZE ? column : EMPTY;
        if (lane === this.row - 1) reward += this.contact(lane);
      }
    }
    this.spawnTimer--;
    this.moveTimer--;
    if (this.facts.ramping && (this.spawnSpeed > 1 || this.moveSpeed > 1)) this.ramp();
    return reward;
  }

  private spawn(rng: Rng): void {
    const fromLeft = rng.float() < 1 / 2;
    const gold = rng.float() < 1 / 3;
    let empty = 0;
    for (let lane = 0; lane < LANES; lane++) if (this.columns[lane] === EMPTY) empty++;
    if (empty === 0) return;
    let skip = rng.below(empty);
    let lane = 0;
    while (this.columns[lane] !== EMPTY || skip-- > 0) lane++;
    this.columns[lane] = fromLeft ? 0 : SIZE - 1;
    this.directions[lane] = fromLeft ? 1 : -1;
    this.gold[lane] = gold ? 1 : 0;
  }

  /** Takes the gold on the player's cell, or ends the episode by the enemy there, which stays. Returns the reward. */
  private contact(lane: number): number {
    if (this.columns[lane] !== this.column) return 0;
    if (this.gold[lane] === 0) {
      this.ended = true;
      return 0;
    }
    this.columns[lane] = EMPTY;
    return 1;
  }

  private ramp(): void {
    if (this.rampTimer >= 0) {
      this.rampTimer--;
      return;
    }
    if (this.moveSpeed > 1 && (this.rampIndex & 1) === 1) this.moveSpeed--;
    if (this.spawnSpeed > 1) this.spawnSpeed--;
    this.rampIndex++;
    this.rampTimer = 100;
  }

  override copyFrom(other: AsterixState): void {
    super.copyFrom(other);
    this.column = other.column;
    this.row = other.row;
    this.columns.set(other.columns);
    this.directions.set(other.directions);
    this.gold.set(other.gold);
    this.spawnSpeed = other.spawnSpeed;
    this.spawnTimer = other.spawnTimer;
    this.moveSpeed = other.moveSpeed;
    this.moveTimer = other.moveTimer;
    this.rampTimer = other.rampTimer;
    this.rampIndex = other.rampIndex;
  }

  observe(out: Float32Array): void {
    out.fill(0, 0, ASTERIX_CHANNELS.length * CELLS);
    out[this.row * SIZE + this.column] = 1;
    for (let lane = 0; lane < LANES; lane++) {
      const column = this.columns[lane];
      if (column === EMPTY) continue;
      const cell = (lane + 1) * SIZE;
      out[(this.gold[lane] === 1 ? 3 * CELLS : CELLS) + cell + column] = 1;
      const behind = column - this.directions[lane];
      if (behind >= 0 && behind < SIZE) out[2 * CELLS + cell + behind] = 1;
    }
  }
}
