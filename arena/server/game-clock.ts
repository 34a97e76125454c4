/** Fischer's clocks of one game, as values: each function returns the clocks after something happened at server time `now`. */
import { millisLeft, type ClockRule, type ClockState, type Seat } from '#arena/protocol';

type Clock = ClockState | null;

/** Full, and standing; null when nobody plays by the clock. `rules` by seat. */
export function freshClock(rules: readonly (ClockRule | null)[], now: number): Clock {
  if (rules.every((rule) => rule === null)) return null;
  return { remaining: rules.map((rule) => rule?.initial ?? null), running: null, since: now };
}

/** Standing, with what has run taken off. */
export function stoppedClock(clock: Clock, now: number): Clock {
  if (clock === null) return null;
  return { remaining: clock.remaining.map((_, seat) => millisLeft(clock, seat as Seat, now)), running: null, since: now };
}

/** Running for `seat`, if that has a clock; standing for undefined. */
export function runningClock(clock: Clock, seat: Seat | undefined, now: number): Clock {
  const stopped = stoppedClock(clock, now);
  if (stopped === null || seat === undefined || stopped.remaining[seat] === null) return stopped;
  return { ...stopped, running: seat };
}

/** After a move of `mover`, who gets the increment if its clock was running, and with `next` to move on the clock. */
export function clockAfterMove(clock: Clock, mover: Seat, increment: number, next: Seat | undefined, now: number): Clock {
  const stopped = stoppedClock(clock, now);
  if (clock === null || stopped === null) return null;
  if (clock.running === mover) stopped.remaining[mover] = (stopped.remaining[mover] ?? 0) + increment;
  return runningClock(stopped, next, now);
}

/** When the running clock will be at 0; undefined when none runs. */
export function flagFalls(clock: Clock): number | undefined {
  if (clock === null || clock.running === null) return undefined;
  return clock.since + (clock.remaining[clock.running] ?? 0);
}
