/**
 * Moves that are drawn at random in place of the search's, so that what is remembered shows more than the policy's own
 * ways: random openings, and single moves (or held ones) anywhere. Targets do not reach across them, see `targets.ts`.
 */
import type { Rng } from '#engine';
import type { MuZeroSettings } from './config.js';

export class Strays {
  private readonly settings: MuZeroSettings['search'];
  private readonly rng: Rng;
  /** [environments] random moves that are left of the episode's opening. */
  private readonly opening: Int32Array;
  /** [environments] steps for which the last random move is still held, and that move. */
  private readonly left: Int32Array;
  private readonly held: Int32Array;
  private readonly choices: Int32Array;

  constructor(settings: MuZeroSettings['search'], environments: number, actionCount: number, rng: Rng) {
    this.settings = settings;
    this.rng = rng;
    this.opening = new Int32Array(environments);
    this.left = new Int32Array(environments);
    this.held = new Int32Array(environments);
    this.choices = new Int32Array(actionCount);
    for (let i = 0; i < environments; i++) this.begin(i);
  }

  /** Environment i is at the start of an episode. */
  begin(i: number): void {
    const { openingShare, openingPlies } = this.settings;
    this.left[i] = 0;
    this.opening[i] = openingPlies > 0 && this.rng.float() < openingShare ? 1 + this.rng.below(openingPlies) : 0;
  }

  /** Environment i's next move if it is a random one, else -1. legal [environments, actionCount]; `share`: of random moves. */
  next(i: number, legal: Uint8Array, share: number): number {
    const { rng, held, left, opening, choices } = this;
    const { randomHold } = this.settings;
    const from = i * choices.length;
    if (left[i] > 0) {
      left[i]--;
      if (legal[from + held[i]] === 1) return held[i];
    }
    // Held for (1 + randomHold) / 2 steps in the mean.
    const strays = opening[i] > 0 || (share > 0 && rng.float() < (2 * share) / (1 + randomHold));
    if (!strays) return -1;
    let count = 0;
    for (let a = 0; a < choices.length; a++) if (legal[from + a] === 1) choices[count++] = a;
    held[i] = choices[rng.below(count)];
    if (opening[i] > 0) opening[i]--;
    else if (randomHold > 1) left[i] = rng.below(randomHold);
    return held[i];
  }

  /** For a checkpoint, as JSON. */
  state(): object {
    return { opening: [...this.opening], left: [...this.left], held: [...this.held], rng: { ...this.rng } };
  }

  restore(saved: object): void {
    const { opening, left, held, rng } = saved as { opening: number[]; left: number[]; held: number[]; rng: object };
    this.opening.set(opening);
    this.left.set(left);
    this.held.set(held);
    Object.assign(this.rng, rng);
  }
}
