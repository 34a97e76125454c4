/** Seaquest (rules.md 4): shoot fish and submarines, gather divers, surface for air. */
import type { Action, Rng } from '#engine';
import { Movers } from './movers.js';
import { CELLS, DOWN, FIRE, LEFT, MinAtarState, RIGHT, SIZE, UP, sideways } from './state.js';

export const SEAQUEST_CHANNELS = [
  'sub_front', 'sub_back', 'friendly_bullet', 'trail', 'enemy_bullet', 'enemy_fish', 'enemy_sub', 'oxygen_gauge', 'diver_gauge', 'diver',
] as const;
const MAX_OXYGEN = 200;
const MAX_DIVERS = 6;
/** The player's lowest row. */
const FLOOR = 8;
const SHOT_COOLDOWN = 5;
const ENEMY_SHOT_INTERVAL = 10;
const DIVER_SPAWN_INTERVAL = 30;
const DIVER_MOVE_INTERVAL = 5;
const BOTTOM_ROW = (SIZE - 1) * SIZE;

export class SeaquestState extends MinAtarState {
  column = 5;
  row = 0;
  facingRight = false;
  oxygen = MAX_OXYGEN;
  /** Divers on board; below 0 after surfacing with six or fewer than none (a quirk kept from the original). */
  diverCount = 0;
  surfaced = true;
  /** Steps from one enemy to the next. */
  enemySpawnSpeed = 20;
  enemySpawnTimer = 20;
  diverSpawnTimer = DIVER_SPAWN_INTERVAL;
  /** What an enemy's move timer is set to. */
  moveSpeed = 5;
  rampIndex = 0;
  shotTimer = 0;
  readonly bullets = new Movers();
  readonly enemyBullets = new Movers();
  readonly fish = new Movers();
  readonly subs = new Movers();
  readonly divers = new Movers();

  protected reset(): void {
    this.column = 5;
    this.row = 0;
    this.facingRight = false;
    this.oxygen = MAX_OXYGEN;
    this.diverCount = 0;
    this.surfaced = true;
    this.enemySpawnSpeed = this.enemySpawnTimer = 20;
    this.diverSpawnTimer = DIVER_SPAWN_INTERVAL;
    this.moveSpeed = 5;
    this.rampIndex = 0;
    this.shotTimer = 0;
    this.bullets.clear();
    this.enemyBullets.clear();
    this.fish.clear();
    this.subs.clear();
    this.divers.clear();
  }

  override get level(): number {
    return this.rampIndex;
  }

  protected advance(action: Action, rng: Rng): number {
    if (this.enemySpawnTimer === 0) {
      this.spawnEnemy(rng);
      this.enemySpawnTimer = this.enemySpawnSpeed;
    }
    if (this.diverSpawnTimer === 0) {
      const fromLeft = rng.float() < 1 / 2;
      this.divers.add(fromLeft ? 0 : SIZE - 1, 1 + rng.below(FLOOR), fromLeft ? 1 : -1, DIVER_MOVE_INTERVAL);
      this.diverSpawnTimer = DIVER_SPAWN_INTERVAL;
    }
    this.player(action);
    let reward = this.moveBullets();
    this.moveDivers();
    reward += this.moveEnemies(this.subs, true);
    this.moveEnemyBullets();
    reward += this.moveEnemies(this.fish, false);
    if (this.enemySpawnTimer > 0) this.enemySpawnTimer--;
    if (this.diverSpawnTimer > 0) this.diverSpawnTimer--;
    if (this.shotTimer > 0) this.shotTimer--;
    return reward + this.breathe();
  }

  private spawnEnemy(rng: Rng): void {
    const fromLeft = rng.float() < 1 / 2;
    const sub = rng.float() < 1 / 3;
    const row = 1 + rng.below(FLOOR);
    const direction = fromLeft ? 1 : -1;
    if (this.fish.opposes(row, direction) || this.subs.opposes(row, direction)) return;
    const column = fromLeft ? 0 : SIZE - 1;
    if (sub) this.subs.add(column, row, direction, this.moveSpeed, ENEMY_SHOT_INTERVAL);
    else this.fish.add(column, row, direction, this.moveSpeed);
  }

  private player(action: Action): void {
    if (action === FIRE) {
      if (this.shotTimer > 0) return;
      this.bullets.add(this.column, this.row, this.facingRight ? 1 : -1);
      this.shotTimer = SHOT_COOLDOWN;
    } else if (action === UP) {
      this.row = Math.max(0, this.row - 1);
    } else if (action === DOWN) {
      this.row = Math.min(FLOOR, this.row + 1);
    } else if (action === LEFT || action === RIGHT) {
      this.column = sideways(this.column, action);
      this.facingRight = action === RIGHT;
    }
  }

  /** Returns the reward for what the player's bullets hit. */
  private moveBullets(): number {
    const { bullets } = this;
    let reward = 0;
    for (let i = bullets.count - 1; i >= 0; i--) {
      const column = (bullets.columns[i] += bullets.directions[i]);
      if (outside(column)) bullets.remove(i);
      else if (removeAt(this.fish, column, bullets.rows[i]) || removeAt(this.subs, column, bullets.rows[i])) {
        bullets.remove(i);
        reward++;
      }
    }
    return reward;
  }

  private moveDivers(): void {
    const { divers } = this;
    for (let i = divers.count - 1; i >= 0; i--) {
      if (this.pickUp(i)) continue;
      if (divers.moveTimers[i] > 0) {
        divers.moveTimers[i]--;
        continue;
      }
      divers.moveTimers[i] = DIVER_MOVE_INTERVAL;
      divers.columns[i] += divers.directions[i];
      if (outside(divers.columns[i])) divers.remove(i);
      else this.pickUp(i);
    }
  }

  /** Takes a diver on board, if it is on the player's cell and there is room. */
  private pickUp(diver: number): boolean {
    if (this.diverCount >= MAX_DIVERS || !this.touches(this.divers, diver)) return false;
    this.divers.remove(diver);
    this.diverCount++;
    return true;
  }

  /** Submarines and fish; only submarines fire. Returns the reward for those that moved into a bullet. */
  private moveEnemies(enemies: Movers, firing: boolean): number {
    let reward = 0;
    for (let i = enemies.count - 1; i >= 0; i--) {
      const row = enemies.rows[i];
      const direction = enemies.directions[i];
      const fireTimer = enemies.fireTimers[i];
      if (this.touches(enemies, i)) this.ended = true;
      let removed = false;
      if (enemies.moveTimers[i] > 0) {
        enemies.moveTimers[i]--;
      } else {
        enemies.moveTimers[i] = this.moveSpeed;
        enemies.columns[i] += direction;
        if (outside(enemies.columns[i])) {
          removed = true;
        } else if (this.touches(enemies, i)) {
          this.ended = true;
        } else if (removeAt(this.bullets, enemies.columns[i], row)) {
          removed = true;
          reward++;
        }
      }
      if (firing) {
        // Also by a submarine that is removed in this very step.
        if (fireTimer === 0) this.enemyBullets.add(enemies.columns[i], row, direction);
        enemies.fireTimers[i] = fireTimer === 0 ? ENEMY_SHOT_INTERVAL : fireTimer - 1;
      }
      if (removed) enemies.remove(i);
    }
    return reward;
  }

  private moveEnemyBullets(): void {
    const { enemyBullets } = this;
    for (let i = enemyBullets.count - 1; i >= 0; i--) {
      if (this.touches(enemyBullets, i)) this.ended = true;
      enemyBullets.columns[i] += enemyBullets.directions[i];
      if (outside(enemyBullets.columns[i])) enemyBullets.remove(i);
      else if (this.touches(enemyBullets, i)) this.ended = true;
    }
  }

  /** Oxygen and the surface; returns the reward for six divers. */
  private breathe(): number {
    if (this.oxygen <= 0) this.ended = true;
    if (this.row > 0) {
      this.oxygen--;
      this.surfaced = false;
      return 0;
    }
    if (this.surfaced) return 0;
    if (this.diverCount === 0) {
      this.ended = true;
      return 0;
    }
    return this.surface();
  }

  private surface(): number {
    let reward = 0;
    this.surfaced = true;
    if (this.diverCount === MAX_DIVERS) {
      reward = gauge(this.oxygen);
      this.diverCount = 0;
    }
    this.oxygen = MAX_OXYGEN;
    // After six divers too, so that the count is then -1.
    this.diverCount--;
    if (this.facts.ramping && (this.enemySpawnSpeed > 1 || this.moveSpeed > 2)) {
      if (this.moveSpeed > 2 && (this.rampIndex & 1) === 1) this.moveSpeed--;
      if (this.enemySpawnSpeed > 1) this.enemySpawnSpeed--;
      this.rampIndex++;
    }
    return reward;
  }

  private touches(movers: Movers, i: number): boolean {
    return movers.columns[i] === this.column && movers.rows[i] === this.row;
  }

  override copyFrom(other: SeaquestState): void {
    super.copyFrom(other);
    this.column = other.column;
    this.row = other.row;
    this.facingRight = other.facingRight;
    this.oxygen = other.oxygen;
    this.diverCount = other.diverCount;
    this.surfaced = other.surfaced;
    this.enemySpawnSpeed = other.enemySpawnSpeed;
    this.enemySpawnTimer = other.enemySpawnTimer;
    this.diverSpawnTimer = other.diverSpawnTimer;
    this.moveSpeed = other.moveSpeed;
    this.rampIndex = other.rampIndex;
    this.shotTimer = other.shotTimer;
    this.bullets.copyFrom(other.bullets);
    this.enemyBullets.copyFrom(other.enemyBullets);
    this.fish.copyFrom(other.fish);
    this.subs.copyFrom(other.subs);
    this.divers.copyFrom(other.divers);
  }

  observe(out: Float32Array): void {
    out.fill(0, 0, SEAQUEST_CHANNELS.length * CELLS);
    const front = this.row * SIZE + this.column;
    out[front] = 1;
    out[CELLS + front + (this.facingRight ? -1 : 1)] = 1;
    draw(this.bullets, out, 2 * CELLS);
    drawTrails(this.fish, out);
    drawTrails(this.subs, out);
    drawTrails(this.divers, out);
    draw(this.enemyBullets, out, 4 * CELLS);
    draw(this.fish, out, 5 * CELLS);
    draw(this.subs, out, 6 * CELLS);
    const air = gauge(this.oxygen);
    for (let column = 0; column < air; column++) out[7 * CELLS + BOTTOM_ROW + column] = 1;
    // Right-aligned at column 8; column 9 is never used.
    for (let column = SIZE - 1 - this.diverCount; column < SIZE - 1; column++) out[8 * CELLS + BOTTOM_ROW + column] = 1;
    draw(this.divers, out, 9 * CELLS);
  }
}

function outside(column: number): boolean {
  return column < 0 || column >= SIZE;
}

/** Removes the oldest on a cell; whether there was one. */
function removeAt(movers: Movers, column: number, row: number): boolean {
  const at = movers.find(column, row);
  if (at < 0) return false;
  movers.remove(at);
  return true;
}

/** Cells of the oxygen gauge. */
function gauge(oxygen: number): number {
  return oxygen <= 0 ? 0 : Math.floor((oxygen * SIZE) / MAX_OXYGEN);
}

function draw(movers: Movers, out: Float32Array, at: number): void {
  for (let i = 0; i < movers.count; i++) out[at + movers.rows[i] * SIZE + movers.columns[i]] = 1;
}

/** The cell behind each, where it is on the grid. */
function drawTrails(movers: Movers, out: Float32Array): void {
  for (let i = 0; i < movers.count; i++) {
    const behind = movers.columns[i] - movers.directions[i];
    if (!outside(behind)) out[3 * CELLS + movers.rows[i] * SIZE + behind] = 1;
  }
}
