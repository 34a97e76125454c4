/** What a sweep of a game for two has found, for people and as a picture. */
import { count, duration, table } from '../output.js';
import { dotPlot } from './dots.js';
import { DEFAULT, type difference, type Summary } from './variants.js';

export interface RunResult {
  readonly seed: number;
  readonly run: string;
  /** Shares in [0, 1] by measure; what the search and the network keep, points against anchors. */
  readonly verdicts: Readonly<Record<string, number>>;
  /** Training time, and the processor time that it had [min]. */
  readonly minutes: number;
  readonly processorMinutes: number;
  readonly games: number;
  readonly positions: number;
  readonly steps: number;
  /** Share of its threads' time in which they waited for work. */
  readonly idle: number | null;
}

export interface VariantResult {
  readonly name: string;
  readonly settings: readonly string[];
  /** By measure: over the seeds, and less the default. */
  readonly measures: Readonly<Record<string, Summary & { readonly difference: ReturnType<typeof difference> }>>;
  /** Means over the seeds. */
  readonly minutes: number;
  readonly processorMinutes: number;
  readonly positions: number;
  readonly steps: number;
  readonly runs: readonly RunResult[];
}

interface Measure {
  readonly key: string;
  readonly name: string;
}

/** "97.31 ± 0.21 %" of shares; '–' where nothing is known. */
export function shares({ mean, standardError }: { readonly mean: number | null; readonly standardError: number | null }, signed = false): string {
  if (mean === null) return '–';
  const sign = signed && mean > 0 ? '+' : '';
  return `${sign}${(100 * mean).toFixed(2)}${standardError === null ? '' : ` ± ${(100 * standardError).toFixed(2)}`}${signed ? '' : ' %'}`;
}

export function sweepTable(variants: readonly VariantResult[], measures: readonly Measure[]): string {
  const rows = variants.map((v) => [
    v.name, String(v.runs.length), ...measures.map(({ key }) => shares(v.measures[key])), ...(v.name === DEFAULT ? [''] : [shares(v.measures[measures[0].key].difference, true)]),
    duration(60 * v.minutes), duration(60 * v.processorMinutes), count(v.positions), count(v.steps),
  ]);
  return table([['variant', 'seeds', ...measures.map(({ name }) => name), 'difference', 'time', 'processor', 'positions', 'steps'], ...rows], [false, ...Array.from({ length: measures.length + 6 }, () => true)]);
}

export function sweepPicture(title: string, note: string, variants: readonly VariantResult[], measures: readonly Measure[]): string {
  const rows = variants.map(({ name, measures: of, runs }) => ({
    name: `${name} (${runs.length})`,
    points: measures.map(({ key }) => ({ mean: of[key].mean, error: of[key].standardError, each: runs.flatMap(({ verdicts }) => verdicts[key] ?? []) })),
  }));
  return dotPlot(title, measures.map(({ name }) => name), rows, note);
}
