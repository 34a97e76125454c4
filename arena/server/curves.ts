/** The curves of a run, thinned out so that a run of any length fits into one message. */
import type { Series } from '#arena/protocol';

/** What was measured at one moment of a run. */
export interface Sample {
  /** Seconds of training, games and optimiser steps by then. */
  readonly elapsed: number;
  readonly games: number;
  readonly steps: number;
  /** By the names that the protocol lists; what is not a finite number is passed over. */
  readonly values: Readonly<Record<string, number>>;
  /** 95 % half-widths of some of the values. */
  readonly errors?: Readonly<Record<string, number>>;
}

type Columns = { -readonly [K in keyof Series]: Series[K] };

const SERIES_NAME = /^[a-z][A-Za-z0-9.]{0,63}$/;
/** Two kinds of points each: more names than this come from a defect, and are not kept. */
const MAX_SERIES = 64;

export class Curves {
  private readonly columns = new Map<string, Columns>();
  private readonly capacity: number;

  /** `capacity`: points kept of each curve, at most; when it is full every other one goes. */
  constructor(capacity = 600) {
    this.capacity = capacity;
  }

  add(sample: Sample): void {
    for (const series of toSeries(sample)) {
      const kept = this.columns.get(series.name);
      if (kept === undefined) {
        if (this.columns.size < MAX_SERIES) this.columns.set(series.name, series);
        continue;
      }
      append(kept, series);
      if (kept.values.length > this.capacity) thin(kept);
    }
  }

  all(): Series[] {
    return [...this.columns.values()].map((c) => ({ ...c, elapsed: [...c.elapsed], games: [...c.games], steps: [...c.steps], values: [...c.values], ...(c.errors && { errors: [...c.errors] }) }));
  }
}

/** One point a curve. */
export function toSeries({ elapsed, games, steps, values, errors }: Sample): Series[] {
  if (!Number.isFinite(elapsed)) return [];
  return Object.entries(values)
    .filter(([name, value]) => SERIES_NAME.test(name) && Number.isFinite(value))
    .map(([name, value]) => {
      const error = errors?.[name];
      return {
        name, elapsed: [elapsed], games: [Math.max(0, Math.round(games))], steps: [Math.max(0, Math.round(steps))], values: [value],
        ...(error !== undefined && Number.isFinite(error) ? { errors: [error] } : {}),
      };
    });
}

/** Adds the points of `more` behind those of `to`. */
export function append(to: Columns, more: Series): void {
  if (to.errors !== undefined || more.errors !== undefined) {
    to.errors = [...(to.errors ?? to.values.map(() => 0)), ...(more.errors ?? more.values.map(() => 0))];
  }
  to.elapsed.push(...more.elapsed);
  to.games.push(...more.games);
  to.steps.push(...more.steps);
  to.values.push(...more.values);
}

/** Drops every other point, never the last. */
function thin(c: Columns): void {
  const last = c.values.length - 1;
  const keep = (_: number, i: number) => (last - i) % 2 === 0;
  c.elapsed = c.elapsed.filter(keep);
  c.games = c.games.filter(keep);
  c.steps = c.steps.filter(keep);
  c.values = c.values.filter(keep);
  c.errors = c.errors?.filter(keep);
}
