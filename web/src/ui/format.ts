/** Numbers and times as people read them. Nothing here knows the page. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const MINUS = '\u2212';
export const NONE = '\u2013';

/** "12,345"; a dash when unknown. */
export function count(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? NONE : whole.format(value);
}

/** Three significant digits with k, M or G: 950 -> "950", 12345 -> "12.3k". */
export function compact(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return NONE;
  const units = ['', 'k', 'M', 'G'];
  let scaled = Math.abs(value);
  let unit = 0;
  while (scaled >= 999.5 && unit < units.length - 1) {
    scaled /= 1000;
    unit++;
  }
  const digits = unit === 0 && Number.isInteger(value) ? 0 : scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2;
  return `${value < 0 ? MINUS : ''}${scaled.toFixed(digits)}${units[unit]}`;
}

/** A share of 1 as a percentage: 0.954 -> "95.4 %", or "95 %" with digits 0. */
export function percent(share: number | undefined, digits = 0): string {
  return share === undefined || !Number.isFinite(share) ? NONE : `${(share * 100).toFixed(digits)}\u00a0%`;
}

/** With its sign always shown: 0.31 -> "+0.31". */
export function signed(value: number | undefined, digits = 2): string {
  if (value === undefined || !Number.isFinite(value)) return NONE;
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return (0).toFixed(digits);
  return `${value < 0 ? MINUS : '+'}${text}`;
}

/** "42 s", "3 min 05 s", "2 h 07 min". */
export function duration(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return NONE;
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s}\u00a0s`;
  if (s < 3600) return `${Math.floor(s / 60)}\u00a0min ${String(s % 60).padStart(2, '0')}\u00a0s`;
  return `${Math.floor(s / 3600)}\u00a0h ${String(Math.floor((s % 3600) / 60)).padStart(2, '0')}\u00a0min`;
}

/** A span of time for the edge of a plot, short: "40 s", "2.5 min", "1.2 h". */
export function span(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return NONE;
  const [value, unit] = seconds < 60 ? [seconds, 's'] : seconds < 3600 ? [seconds / 60, 'min'] : [seconds / 3600, 'h'];
  return `${Number(value.toFixed(1))}\u00a0${unit}`;
}

/** Time that one search took: "480 ms", "2.4 s". */
export function millis(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return NONE;
  return value < 1000 ? `${Math.round(value)}\u00a0ms` : `${(value / 1000).toFixed(1)}\u00a0s`;
}

/** "1 game", "2 games". */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}
