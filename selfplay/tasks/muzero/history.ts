/**
 * What MuZero remembers: a ring of steps for each environment, every observation once. Rewards and values are kept for
 * seat 0 and turned to the view of whoever moves when a target is made. The slot of environment i at its step t is
 * i * length + t mod length.
 *
 * A step can be trained on once its targets are known: `lag` steps later, or at its episode's end. Its priority is 0 until
 * then and again once the ring begins to overwrite it.
 */
import { FrameStore, SumTree, type FrameKind } from '#engine/rl';

export const RUNNING = 0, TERMINATED = 1, TRUNCATED = 2;

export interface HistoryFacts {
  readonly environments: number;
  /** Steps kept of each environment. */
  readonly length: number;
  /** Numbers of an observation. */
  readonly planes: number;
  /** How observations are kept. */
  readonly frames: FrameKind;
  readonly actionCount: number;
  /** Steps after which a step's targets are known, its episode going on. */
  readonly lag: number;
}

export class History {
  readonly facts: HistoryFacts;
  /** [slots] what was seen. */
  readonly seen: FrameStore;
  /** [slots, actionCount] what the search recommends. */
  readonly policies: Float32Array;
  /** [slots, actionCount] 1 legal. */
  readonly legal: Uint8Array;
  /** [slots] */
  readonly actions: Int32Array;
  /** [slots] to seat 0, for the slot's action. */
  readonly rewards: Float32Array;
  /** [slots] the search's value of the slot's position, for seat 0. */
  readonly values: Float32Array;
  /** [slots] seat to move. */
  readonly turns: Uint8Array;
  /** [slots] 1 where the action was drawn at random, not the search's: returns of earlier steps do not reach across it. */
  readonly strayed: Uint8Array;
  /** [slots] what the slot's action led to: RUNNING, TERMINATED or TRUNCATED. */
  readonly ends: Uint8Array;
  /** [slots] where TRUNCATED: value of the position in which the episode was cut, for seat 0. */
  readonly finalValues: Float32Array;
  /** [slots] mass of the draw; 0 where the slot cannot be trained on. */
  readonly masses: SumTree;
  /** [environments] steps written since the beginning. */
  readonly written: Float64Array;
  /** [environments] steps that can be trained on or could be before they were overwritten. */
  private readonly ready: Float64Array;

  constructor(facts: HistoryFacts) {
    const slots = facts.environments * facts.length;
    this.facts = facts;
    this.seen = new FrameStore(facts.frames, slots, facts.planes);
    this.policies = new Float32Array(slots * facts.actionCount);
    this.legal = new Uint8Array(slots * facts.actionCount);
    this.actions = new Int32Array(slots);
    this.rewards = new Float32Array(slots);
    this.values = new Float32Array(slots);
    this.turns = new Uint8Array(slots);
    this.strayed = new Uint8Array(slots);
    this.ends = new Uint8Array(slots);
    this.finalValues = new Float32Array(slots);
    this.masses = new SumTree(slots);
    this.written = new Float64Array(facts.environments);
    this.ready = new Float64Array(facts.environments);
  }

  slot(environment: number, step: number): number {
    return environment * this.facts.length + (step % this.facts.length);
  }

  /** The slot of the step after, in the same environment. */
  next(slot: number, steps = 1): number {
    const { length } = this.facts;
    const base = slot - (slot % length);
    return base + ((slot - base + steps) % length);
  }

  /** The slot that environment's next step goes to; what lay there is no longer drawn. Fill it, then `commit`. */
  open(environment: number): number {
    const slot = this.slot(environment, this.written[environment]);
    this.masses.set(slot, 0);
    return slot;
  }

  /** The opened slot is filled, `ends` included. Calls `became` with each slot whose targets are now known. */
  commit(environment: number, became: (slot: number) => void): void {
    const t = this.written[environment]++;
    const { length, lag } = this.facts;
    const over = this.ends[this.slot(environment, t)] !== RUNNING;
    // The oldest steps may be overwritten before their episode ends.
    let from = Math.max(this.ready[environment], t + 1 - length);
    for (const upTo = over ? t : t - lag; from <= upTo; from++) became(this.slot(environment, from));
    this.ready[environment] = Math.max(from, this.ready[environment]);
  }

  /** Steps that can be drawn now. */
  get size(): number {
    let count = 0;
    const { environments, length } = this.facts;
    for (let i = 0; i < environments; i++) count += Math.max(0, this.ready[i] - Math.max(0, this.written[i] - length));
    return count;
  }

  /** Everything, by name, as it is: for a checkpoint. */
  arrays(): Record<string, Float32Array | Float64Array | Int32Array | Uint8Array> {
    const { seen, policies, legal, actions, rewards, values, turns, strayed, ends, finalValues, written, ready } = this;
    return { seen: seen.data, policies, legal, actions, rewards, values, turns, strayed, ends, finalValues, written, ready, masses: this.masses.masses() };
  }

  restore(saved: Readonly<Record<string, ArrayLike<number>>>): void {
    const { masses: _, ...own } = this.arrays();
    for (const [name, array] of Object.entries(own)) array.set(saved[name]);
    this.masses.restore(Float64Array.from(saved.masses));
  }
}
