/** Time as a referee keeps it: on the wall clock, from the question's leaving to the answer's arrival. */
import { UserError } from '#engine';
import type { ClockReading } from './agents/player.js';

/** Fischer's clock: a base, and an increment after every move. Milliseconds. */
export interface ClockRule {
  readonly base: number;
  readonly increment: number;
}

/** Time for one player's moves. Without a rule a player thinks as long as its own settings say. */
export interface TimeRule {
  readonly clock?: ClockRule;
  /** Milliseconds for each move. */
  readonly moveMillis?: number;
}

/** "10+0.1": seconds for the game, and seconds added a move. Throws UserError('usage'). */
export function parseClock(text: string): ClockRule {
  const match = /^(\d+(?:\.\d+)?)(?:\+(\d+(?:\.\d+)?))?$/.exec(text.trim());
  const clock = { base: Math.round(1000 * Number(match?.[1])), increment: Math.round(1000 * Number(match?.[2] ?? 0)) };
  if (match === null || clock.base < 1 || clock.base > 86_400_000 || clock.increment > 3_600_000) {
    throw new UserError('usage', `'${text.slice(0, 40)}' is no clock: write SECONDS+INCREMENT, such as 10+0.1 for ten seconds a game and a tenth a move`);
  }
  return clock;
}

export function printClock(clock: ClockRule): string {
  return `${clock.base / 1000}+${clock.increment / 1000}`;
}

/** One game's two clocks. */
export class Clocks {
  private readonly rules: readonly [TimeRule, TimeRule];
  private readonly left: number[];

  constructor(rules: readonly [TimeRule, TimeRule]) {
    this.rules = rules;
    this.left = rules.map((rule) => rule.clock?.base ?? Infinity);
  }

  /** What is told to the player who is asked. */
  reading(who: 0 | 1): { clock?: ClockReading; millis?: number } {
    const { clock, moveMillis } = this.rules[who];
    if (clock !== undefined) {
      const opponent = this.left[1 - who];
      return { clock: { own: this.left[who], opponent: Number.isFinite(opponent) ? opponent : 0, increment: clock.increment } };
    }
    return moveMillis === undefined ? {} : { millis: moveMillis };
  }

  /** Milliseconds that this move may take; Infinity without a rule. */
  allowance(who: 0 | 1): number {
    return Math.min(this.left[who], this.rules[who].moveMillis ?? Infinity);
  }

  /** Takes a move's time off the clock and adds the increment. */
  spend(who: 0 | 1, millis: number): void {
    this.left[who] = Math.max(0, this.left[who] - millis) + (this.rules[who].clock?.increment ?? 0);
  }
}
