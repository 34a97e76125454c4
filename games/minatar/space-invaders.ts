/**
 * Space Invaders (rules.md 5): shoot the aliens, dodge their bullets; nothing in it is random.
 * Aliens and bullets are bit maps: one number a row, bit c for column c.
 */
import type { Action } from '#engine';
import { CELLS, FIRE, MinAtarState, SIZE, sideways } from './state.js';

export const SPACE_INVADERS_CHANNELS = ['cannon', 'alien', 'alien_left', 'alien_right', 'friendly_bullet', 'enemy_bullet'] as const;
const BOTTOM = SIZE - 1;
/** Columns 2 to 7 of rows 0 to 3. */
const WAVE = 0b0011111100;
const WAVE_ROWS = 4;
const SHOT_COOLDOWN = 5;
const ALIEN_SHOT_INTERVAL = 10;

export class SpaceInvadersState extends MinAtarState {
  cannon = 5;
  /** [SIZE] rows of bits. */
  readonly aliens = new Int16Array(SIZE);
  /** [SIZE] rows of bits. */
  readonly friendly = new Int16Array(SIZE);
  /** [SIZE] rows of bits. */
  readonly enemy = new Int16Array(SIZE);
  /** All aliens: -1 left, +1 right. */
  direction = -1;
  /** Most steps between two movements of the aliens. */
  moveInterval = 12;
  alienMoveTimer = 12;
  alienShotTimer = ALIEN_SHOT_INTERVAL;
  shotTimer = 0;
  rampIndex = 0;

  protected reset(): void {
    this.cannon = 5;
    this.aliens.fill(0).fill(WAVE, 0, WAVE_ROWS);
    this.friendly.fill(0);
    this.enemy.fill(0);
    this.direction = -1;
    this.moveInterval = 12;
    this.alienMoveTimer = 12;
    this.alienShotTimer = ALIEN_SHOT_INTERVAL;
    this.shotTimer = 0;
    this.rampIndex = 0;
  }

  override get level(): number {
    return this.rampIndex;
  }

  protected advance(action: Action): number {
    const { aliens, friendly, enemy } = this;
    if (action === FIRE && this.shotTimer === 0) {
      friendly[BOTTOM] |= 1 << this.cannon;
      this.shotTimer = SHOT_COOLDOWN;
    }
    this.cannon = sideways(this.cannon, action);
    const cannonBit = 1 << this.cannon;
    for (let row = 0; row < BOTTOM; row++) friendly[row] = friendly[row + 1];
    friendly[BOTTOM] = 0;
    for (let row = BOTTOM; row > 0; row--) enemy[row] = enemy[row - 1];
    enemy[0] = 0;
    if ((enemy[BOTTOM] & cannonBit) !== 0 || (aliens[BOTTOM] & cannonBit) !== 0) this.ended = true;
    if (this.alienMoveTimer === 0) {
      this.moveAliens();
      if ((aliens[BOTTOM] & cannonBit) !== 0) this.ended = true;
    }
    if (this.alienShotTimer === 0) {
      this.alienShotTimer = ALIEN_SHOT_INTERVAL;
      this.alienShoots();
    }
    let reward = 0;
    let left = 0;
    for (let row = 0; row < SIZE; row++) {
      const hit = aliens[row] & friendly[row];
      if (hit !== 0) {
        reward += bitCount(hit);
        aliens[row] ^= hit;
        friendly[row] ^= hit;
      }
      left |= aliens[row];
    }
    if (this.shotTimer > 0) this.shotTimer--;
    this.alienMoveTimer--;
    this.alienShotTimer--;
    if (left === 0) this.nextWave();
    return reward;
  }

  private moveAliens(): void {
    const { aliens } = this;
    let count = 0;
    let columns = 0;
    for (let row = 0; row < SIZE; row++) {
      count += bitCount(aliens[row]);
      columns |= aliens[row];
    }
    this.alienMoveTimer = Math.min(count, this.moveInterval);
    if ((columns & (this.direction < 0 ? 1 : 1 << BOTTOM)) === 0) {
      for (let row = 0; row < SIZE; row++) aliens[row] = this.direction < 0 ? aliens[row] >> 1 : aliens[row] << 1;
      return;
    }
    this.direction = -this.direction;
    const lowest = aliens[BOTTOM];
    if (lowest !== 0) this.ended = true;
    for (let row = BOTTOM; row > 0; row--) aliens[row] = aliens[row - 1];
    // Only in the terminal case is there anything to come back at the top.
    aliens[0] = lowest;
  }

  /** The lowest alien of the column nearest to the cannon shoots; of two equally near columns, the left one's. */
  private alienShoots(): void {
    const { aliens } = this;
    let columns = 0;
    for (let row = 0; row < SIZE; row++) columns |= aliens[row];
    for (let distance = 0; distance < SIZE; distance++) {
      const near = columns & (bitAt(this.cannon - distance) | bitAt(this.cannon + distance));
      if (near === 0) continue;
      const shooter = near & -near;
      let row = BOTTOM;
      while ((aliens[row] & shooter) === 0) row--;
      this.enemy[row] |= shooter;
      return;
    }
  }

  private nextWave(): void {
    if (this.moveInterval > 6 && this.facts.ramping) {
      this.moveInterval--;
      this.rampIndex++;
    }
    this.aliens.fill(WAVE, 0, WAVE_ROWS);
  }

  override copyFrom(other: SpaceInvadersState): void {
    super.copyFrom(other);
    this.cannon = other.cannon;
    this.aliens.set(other.aliens);
    this.friendly.set(other.friendly);
    this.enemy.set(other.enemy);
    this.direction = other.direction;
    this.moveInterval = other.moveInterval;
    this.alienMoveTimer = other.alienMoveTimer;
    this.alienShotTimer = other.alienShotTimer;
    this.shotTimer = other.shotTimer;
    this.rampIndex = other.rampIndex;
  }

  observe(out: Float32Array): void {
    out.fill(0, 0, SPACE_INVADERS_CHANNELS.length * CELLS);
    out[BOTTOM * SIZE + this.cannon] = 1;
    drawBits(this.aliens, out, CELLS);
    drawBits(this.aliens, out, this.direction < 0 ? 2 * CELLS : 3 * CELLS);
    drawBits(this.friendly, out, 4 * CELLS);
    drawBits(this.enemy, out, 5 * CELLS);
  }
}

function drawBits(rows: Int16Array, out: Float32Array, at: number): void {
  for (let row = 0; row < SIZE; row++) {
    for (let bits = rows[row]; bits !== 0; bits &= bits - 1) out[at + row * SIZE + 31 - Math.clz32(bits & -bits)] = 1;
  }
}

/** The bit of a column, none outside the grid. */
function bitAt(column: number): number {
  return column >= 0 && column < SIZE ? 1 << column : 0;
}

function bitCount(bits: number): number {
  let count = 0;
  for (; bits !== 0; bits &= bits - 1) count++;
  return count;
}
