/** What a check of a run says. */

/** From best to worst; `unknown`: there is too little to tell by. */
export const levels = ['ok', 'unknown', 'warning', 'problem'] as const;
export type Level = (typeof levels)[number];

export interface Finding {
  /** Name of the check, the same in every version: `value-sign`. */
  readonly check: string;
  /** For people: "Do values have the right sign?" */
  readonly title: string;
  readonly level: Level;
  /** The figure by which it was judged; null where there is none. */
  readonly value: number | null;
  /** The figures in words. */
  readonly measured: string;
  /** What they were held against. */
  readonly threshold: string;
  /** One sentence. */
  readonly meaning: string;
  /** What to do, by the names of settings; left out where nothing need be done. */
  readonly change?: string;
}

/** A check's name and question, to be completed by its answers. */
export const question = (check: string, title: string, threshold: string) =>
  (level: Level, value: number | null, measured: string, meaning: string, change?: string): Finding =>
    ({ check, title, threshold, level, value: value === null || !Number.isFinite(value) ? null : value, measured, meaning, ...(change === undefined || level === 'ok' ? {} : { change }) });

/** The first level whose bound the figure does not exceed: ok up to `fine`, warning up to `bad`. */
export const graded = (value: number, fine: number, bad: number): Level => (value <= fine ? 'ok' : value <= bad ? 'warning' : 'problem');

/** "12 %". */
export const percent = (share: number): string => (Number.isFinite(share) ? `${(100 * share).toFixed(Math.abs(share) < 0.0995 ? 1 : 0)} %` : 'n/a');
export const fixed = (value: number, digits = 2): string => (Number.isFinite(value) ? value.toFixed(digits) : 'n/a');
export const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
