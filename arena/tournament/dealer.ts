/** Hands out the pairs that are still to be played. */
import { type Plan, pairCount } from './plan.js';
import type { Standing } from './standing.js';

/** A lane stays with a couple for so many pairs, or so long if they are quick, before it looks for one that is further behind. */
const BLOCK_PAIRS = 16;
const BLOCK_MILLIS = 3000;

export class Dealer {
  private readonly plan: Plan;
  private readonly standing: Standing;
  /** Of each couple: the next round to look at, and pairs to be played again. */
  private readonly rounds: number[];
  private readonly again: number[][];

  constructor(plan: Plan, standing: Standing) {
    this.plan = plan;
    this.standing = standing;
    this.rounds = plan.couples.map(() => 0);
    this.again = plan.couples.map(() => []);
  }

  /** The next pair of a couple; undefined when it has none left or the tournament is decided. */
  private next(couple: number): number | undefined {
    if (this.standing.decided) return undefined;
    const again = this.again[couple].shift();
    if (again !== undefined) return again;
    this.skip(couple);
    return this.rounds[couple] < this.plan.rounds ? this.rounds[couple]++ * this.plan.couples.length + couple : undefined;
  }

  /** The couple that is furthest behind; `next` deals its pairs until it is another's turn. */
  pick(): { couple: number; next: () => number | undefined } | undefined {
    if (this.standing.decided) return undefined;
    let best: number | undefined;
    let left = 0;
    for (const couple of this.rounds.keys()) {
      this.skip(couple);
      if (this.rounds[couple] >= this.plan.rounds && this.again[couple].length === 0) continue;
      left++;
      if (best === undefined || this.rounds[couple] < this.rounds[best]) best = couple;
    }
    if (best === undefined) return undefined;
    const couple = best;
    const alone = left === 1;
    const began = performance.now();
    let dealt = 0;
    return { couple, next: () => (alone || dealt++ < BLOCK_PAIRS || performance.now() - began < BLOCK_MILLIS ? this.next(couple) : undefined) };
  }

  /** A void pair is played again. */
  requeue(pair: number): void {
    this.again[pair % this.plan.couples.length].push(pair);
  }

  /** Pairs that were not whole when the tournament (re)started. */
  remaining(): number {
    return pairCount(this.plan) - this.standing.pairs;
  }

  /** Pairs of an earlier sitting are not dealt again. */
  private skip(couple: number): void {
    const { rounds, couples } = this.plan;
    while (this.rounds[couple] < rounds && this.standing.isWhole(this.rounds[couple] * couples.length + couple)) this.rounds[couple]++;
  }
}
