/**
 * A memory of transitions from several environments. Every observation is stored once: what follows a step is the next
 * step's observation. Each environment writes a ring of its own, so that its steps lie in order; an episode that was cut
 * is followed by one slot more, which holds the observation it was cut in and no action.
 *
 * A draw is a window of n steps: reward r1 + γ r2 + ... + γ^(k-1) rk over its k <= n steps, γ^k, and the observation
 * after them. A window ends with its episode: k is smaller there, γ^k becomes 0 after a true end (nothing follows), and
 * stays after a cut (something would have). A step can be drawn once its window is complete.
 *
 * Prioritised (Schaul et al. 2016, section 3): step i is drawn with probability P(i) = p_i / Σ p, where p_i is
 * (priority + ε)^α, and counts (N P(i))^-β, divided by the greatest such weight of the batch. New steps get the greatest
 * priority seen. Uniform is the same with all p_i = 1.
 */
import { UserError, type Rng } from '#engine';
import { FrameStore, type FrameKind } from './frames.js';
import { SumTree } from './sum-tree.js';

export interface ReplayOptions {
  readonly environments: number;
  /** Steps kept, all environments together. */
  readonly capacity: number;
  /** Numbers of an observation. */
  readonly frameSize: number;
  readonly frames: FrameKind;
  readonly actions: number;
  /** Steps of a window, n. */
  readonly steps: number;
  /** γ. */
  readonly discount: number;
  /** Exponent of priorities, α; undefined draws uniformly. */
  readonly alpha?: number;
}

/** A batch of windows; rows in order of drawing. */
export interface ReplayBatch {
  readonly size: number;
  /** [size]: for `update`. */
  readonly slots: Int32Array;
  /** [size, frameSize]: where the first action was taken, and after the window. */
  readonly planes: Float32Array;
  readonly nextPlanes: Float32Array;
  readonly actions: Int32Array;
  /** [size]: discounted sum of the window's rewards. */
  readonly returns: Float32Array;
  /** [size]: γ^k, or 0 after a true end. */
  readonly discounts: Float32Array;
  /** [size]: importance weights, the greatest is 1. */
  readonly weights: Float32Array;
  /** [size, actions]: what is legal after the window. */
  readonly nextLegal: Uint8Array;
}

/** What lies in a slot. */
const EMPTY = 0, STEP = 1, TERMINATED = 2, TRUNCATED = 3, FINAL = 4;

/** Added to priorities, so that none is never drawn again. */
const PRIORITY_FLOOR = 1e-6;

export class ReplayMemory {
  readonly options: ReplayOptions;
  /** Slots of one environment's ring. */
  private readonly length: number;
  private readonly store: FrameStore;
  private readonly kinds: Uint8Array;
  private readonly actions: Uint16Array;
  private readonly rewards: Float32Array;
  private readonly legal: Uint8Array;
  private readonly tree: SumTree;
  /** [environments]: slot of the ring to be written next. */
  private readonly heads: Int32Array;
  /** [environments]: first slot of the ring whose step cannot be drawn yet, in the order of writing. */
  private readonly pending: Int32Array;
  /** [greatest priority (with the exponent applied), steps that can be drawn]. */
  private readonly figures = Float64Array.of(1, 0);

  constructor(options: ReplayOptions) {
    const { environments, capacity, frameSize, frames, steps, actions } = options;
    this.options = options;
    this.length = Math.floor(capacity / environments);
    if (this.length < steps + 3) throw new UserError('usage', `a replay memory of ${capacity} steps for ${environments} environments is too small for windows of ${steps}: at least ${(steps + 3) * environments} are needed`);
    const slots = this.length * environments;
    this.store = new FrameStore(frames, slots, frameSize);
    this.kinds = new Uint8Array(slots);
    this.actions = new Uint16Array(slots);
    this.rewards = new Float32Array(slots);
    this.legal = new Uint8Array(slots * actions);
    this.tree = new SumTree(slots);
    this.heads = new Int32Array(environments);
    this.pending = new Int32Array(environments);
  }

  /** Steps that can be drawn. */
  get size(): number {
    return this.figures[1];
  }

  /** Where environment e is to act: planes from [at * frameSize), legal from [at * actions). Then `act`, once. */
  observe(e: number, planes: Float32Array, legal: Uint8Array, at: number): void {
    const { frameSize, actions } = this.options;
    const slot = this.claim(e);
    this.store.write(slot, planes, at * frameSize);
    this.legal.set(legal.subarray(at * actions, (at + 1) * actions), slot * actions);
  }

  /**
   * What came of the action taken there. `finalPlanes` (from [at * frameSize)) is kept where the episode was cut; every
   * action counts as legal in it, since nobody acts there.
   */
  act(e: number, action: number, reward: number, end: 'none' | 'terminated' | 'truncated', finalPlanes: Float32Array, at: number): void {
    if (!Number.isFinite(reward)) throw new UserError('data', `environment ${e} gave the reward ${reward}; it must be a finite number`);
    const slot = e * this.length + this.heads[e];
    this.actions[slot] = action;
    this.rewards[slot] = reward;
    this.kinds[slot] = end === 'none' ? STEP : end === 'terminated' ? TERMINATED : TRUNCATED;
    this.advance(e);
    if (end === 'truncated') {
      const { frameSize, actions } = this.options;
      const last = this.claim(e);
      this.store.write(last, finalPlanes, at * frameSize);
      this.legal.fill(1, last * actions, (last + 1) * actions);
      this.kinds[last] = FINAL;
      this.advance(e);
    }
    this.settle(e, end !== 'none');
  }

  /** A batch to be filled by `draw` again and again. */
  batch(size: number): ReplayBatch {
    const { frameSize, actions } = this.options;
    return {
      size, slots: new Int32Array(size), planes: new Float32Array(size * frameSize), nextPlanes: new Float32Array(size * frameSize), actions: new Int32Array(size),
      returns: new Float32Array(size), discounts: new Float32Array(size), weights: new Float32Array(size), nextLegal: new Uint8Array(size * actions),
    };
  }

  /** One draw from each of `size` equal stretches of the total mass. `beta`: how far the weights make up for the priorities. */
  draw(out: ReplayBatch, rng: Rng, beta: number): void {
    const { tree } = this;
    const count = this.size;
    if (count === 0) throw new UserError('usage', 'nothing can be drawn from an empty replay memory');
    let greatest = 0;
    for (let row = 0; row < out.size; row++) {
      const slot = tree.find(((row + rng.float()) / out.size) * tree.total);
      out.slots[row] = slot;
      this.window(slot, out, row);
      const weight = ((count * tree.get(slot)) / tree.total) ** -beta;
      out.weights[row] = weight;
      greatest = Math.max(greatest, weight);
    }
    for (let row = 0; row < out.size; row++) out.weights[row] /= greatest;
  }

  /** New priorities [size] of the batch drawn last: sizes of errors, exponent not applied. */
  update(batch: ReplayBatch, priorities: Float32Array): void {
    const { alpha } = this.options;
    if (alpha === undefined) return;
    for (let row = 0; row < batch.size; row++) {
      const mass = (priorities[row] + PRIORITY_FLOOR) ** alpha;
      this.tree.set(batch.slots[row], mass);
      if (mass > this.figures[0]) this.figures[0] = mass;
    }
  }

  /** The mass p_i of a slot, (priority + ε)^α; 0 where there is nothing to draw. */
  mass(slot: number): number {
    return this.tree.get(slot);
  }

  /** Everything, as arrays by name; the arrays are the memory's own, so copy what is to be kept. */
  arrays(): Record<string, Uint8Array | Uint16Array | Int32Array | Float32Array | Float64Array> {
    const { store, kinds, actions, rewards, legal, heads, pending, figures } = this;
    return { frames: store.data, kinds, actions, rewards, legal, heads, pending, figures, masses: this.tree.masses() };
  }

  /** Goes on from what `arrays` gave. Throws UserError('data') when that was a memory of another shape. */
  restore(saved: Readonly<Record<string, ArrayLike<number> | undefined>>): void {
    for (const [name, array] of Object.entries(this.arrays())) {
      const from = saved[name];
      if (from === undefined || from.length !== array.length) throw new UserError('data', `the saved replay memory's '${name}' has ${from?.length ?? 0} entries; expected ${array.length}: it was saved with other settings`);
      if (name !== 'masses') array.set(from);
    }
    this.tree.restore(Float64Array.from(saved.masses as ArrayLike<number>));
  }

  /** The slot to be written next, emptied of what it held. */
  private claim(e: number): number {
    const slot = e * this.length + this.heads[e];
    if (this.tree.get(slot) > 0) {
      this.tree.set(slot, 0);
      this.figures[1]--;
    }
    this.kinds[slot] = EMPTY;
    return slot;
  }

  private advance(e: number): void {
    this.heads[e] = (this.heads[e] + 1) % this.length;
  }

  /** Lets those steps be drawn whose windows are complete: all at an episode's end, else all but the latest n. */
  private settle(e: number, ended: boolean): void {
    const { length, heads, pending } = this;
    const keep = ended ? 0 : this.options.steps;
    while ((heads[e] - pending[e] + length) % length > keep) {
      const slot = e * length + pending[e];
      if (this.kinds[slot] !== FINAL) {
        this.tree.set(slot, this.options.alpha === undefined ? 1 : this.figures[0]);
        this.figures[1]++;
      }
      pending[e] = (pending[e] + 1) % length;
    }
  }

  private window(first: number, out: ReplayBatch, row: number): void {
    const { steps, discount, frameSize, actions } = this.options;
    const base = first - (first % this.length);
    let slot = first;
    let sum = 0;
    let factor = 1;
    for (let k = 0; k < steps; k++) {
      sum += factor * this.rewards[slot];
      factor *= discount;
      const kind = this.kinds[slot];
      if (kind === TERMINATED) {
        factor = 0;
        break;
      }
      slot = base + ((slot + 1 - base) % this.length);
      if (kind === TRUNCATED) break;
    }
    out.actions[row] = this.actions[first];
    out.returns[row] = sum;
    out.discounts[row] = factor;
    this.store.read(first, out.planes, row * frameSize);
    // After a true end any frame will do: its value is multiplied by 0.
    this.store.read(slot, out.nextPlanes, row * frameSize);
    out.nextLegal.set(this.legal.subarray(slot * actions, (slot + 1) * actions), row * actions);
  }
}
