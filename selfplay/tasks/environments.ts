/** Any game as environments that step together; where two seats take turns, each row is seen by the one to move. */
import { CHANCE, KEY_WORDS, OVER, createRng, type Game, type Rng, type State } from '#engine';
import { applySnapshot, takeSnapshot } from './snapshot.js';
import type { Environments } from './types.js';

/**
 * Environment i draws from the stream (seed, 'environment', i) alone, over all its episodes, so what it does depends on
 * its own actions only. A step allocates nothing where the game's states can `restart`.
 */
export class GameEnvironments implements Environments {
  readonly task: Game;
  readonly n: number;
  readonly planes: Float32Array;
  readonly legal: Uint8Array;
  readonly turns: Uint8Array;
  readonly rewards: Float32Array;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  readonly finalPlanes: Float32Array;
  private readonly states: State[] = [];
  private readonly rngs: Rng[] = [];
  private readonly rows: Float32Array[];
  private readonly finalRows: Float32Array[];
  private readonly actions: Int32Array;
  private readonly odds: Float32Array;

  constructor(game: Game, n: number) {
    const size = game.planes[0] * game.planes[1] * game.planes[2];
    const row = (all: Float32Array) => Array.from({ length: n }, (_, i) => all.subarray(i * size, (i + 1) * size));
    this.task = game;
    this.n = n;
    this.planes = new Float32Array(n * size);
    this.finalPlanes = new Float32Array(n * size);
    this.rows = row(this.planes);
    this.finalRows = row(this.finalPlanes);
    this.legal = new Uint8Array(n * game.actionCount);
    this.turns = new Uint8Array(n);
    this.rewards = new Float32Array(n);
    this.terminated = new Uint8Array(n);
    this.truncated = new Uint8Array(n);
    this.actions = new Int32Array(game.actionCount);
    this.odds = new Float32Array(game.actionCount);
  }

  async reset(seed: number): Promise<void> {
    const root = createRng(seed);
    for (let i = 0; i < this.n; i++) {
      this.rngs[i] = root.fork('environment', i);
      this.states[i] = this.task.start(this.rngs[i]);
      this.chance(i);
      this.look(i);
    }
    this.rewards.fill(0);
    this.terminated.fill(0);
    this.truncated.fill(0);
  }

  async step(actions: Int32Array): Promise<void> {
    for (let i = 0; i < this.n; i++) {
      const state = this.states[i];
      this.rewards[i] = state.apply(actions[i], this.rngs[i]) + this.chance(i);
      const over = state.turn === OVER;
      const cut = over && state.truncated === true;
      this.truncated[i] = cut ? 1 : 0;
      this.terminated[i] = over && !cut ? 1 : 0;
      if (over) {
        state.observe(this.finalRows[i]);
        this.begin(i);
      }
      this.look(i);
    }
  }

  /** A game whose states keep something outside their own fields cannot be saved: a restored copy would differ. */
  save(): Uint8Array | undefined {
    try {
      const saved = takeSnapshot([...this.states, ...this.rngs, { rewards: this.rewards, terminated: this.terminated, truncated: this.truncated, final: this.finalPlanes }]);
      const copy = new GameEnvironments(this.task, this.n);
      copy.load(saved);
      return this.same(copy) ? saved : undefined;
    } catch {
      return undefined;
    }
  }

  async restore(saved: Uint8Array): Promise<void> {
    this.load(saved);
  }

  async close(): Promise<void> {}

  private load(saved: Uint8Array): void {
    for (let i = 0; i < this.n; i++) {
      this.rngs[i] = createRng(0);
      this.states[i] = this.task.start(this.rngs[i]);
    }
    applySnapshot([...this.states, ...this.rngs, { rewards: this.rewards, terminated: this.terminated, truncated: this.truncated, final: this.finalPlanes }], saved);
    for (let i = 0; i < this.n; i++) this.look(i);
  }

  private same(other: GameEnvironments): boolean {
    const [a, b] = [new Uint32Array(KEY_WORDS), new Uint32Array(KEY_WORDS)];
    return this.states.every((state, i) => {
      state.key(a);
      other.states[i].key(b);
      return a.every((word, k) => word === b[k]) && state.turn === other.states[i].turn;
    }) && this.planes.every((value, i) => Object.is(value, other.planes[i]));
  }

  private begin(i: number): void {
    const state = this.states[i];
    if (state.restart !== undefined) state.restart(this.rngs[i]);
    else this.states[i] = this.task.start(this.rngs[i]);
    this.chance(i);
  }

  private look(i: number): void {
    const state = this.states[i];
    const { actionCount } = this.task;
    state.observe(this.rows[i]);
    this.turns[i] = state.turn === 1 ? 1 : 0;
    const from = i * actionCount;
    const count = state.legal(this.actions);
    if (count === actionCount) {
      this.legal.fill(1, from, from + count);
      return;
    }
    this.legal.fill(0, from, from + actionCount);
    for (let k = 0; k < count; k++) this.legal[from + this.actions[k]] = 1;
  }

  /** Plays explicit chance until somebody is to act; returns what it paid. */
  private chance(i: number): number {
    const state = this.states[i];
    let reward = 0;
    while (state.turn === CHANCE) {
      const count = state.legal(this.actions);
      state.chances?.(this.odds);
      let left = this.rngs[i].float();
      let k = 0;
      while (k < count - 1 && (left -= this.odds[k]) >= 0) k++;
      reward += state.apply(this.actions[k], this.rngs[i]);
    }
    return reward;
  }
}
