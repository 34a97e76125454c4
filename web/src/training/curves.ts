/** Which curves go on which plot, and their columns as the plot wants them. */
import type { CheckpointView, Series } from '#arena/protocol';
import { compact, duration, percent, signed, span } from '../ui/format.js';

export const axes = ['elapsed', 'games', 'steps'] as const;
/** What runs along the bottom of every plot. */
export type Axis = (typeof axes)[number];
export const axisNames: Record<Axis, string> = { elapsed: 'Time', games: 'Games', steps: 'Steps' };

export interface Curve {
  readonly label: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** 95 % half-widths of y. */
  readonly errors?: readonly number[];
}

export interface PlotSpec {
  readonly id: string;
  readonly title: string;
  /** One line on how to read it. */
  readonly note: string;
  readonly curves: readonly Curve[];
  readonly format: (value: number | undefined) => string;
  /** For the ticks of the y axis, where there is little room; `format` otherwise. */
  readonly ticks?: (value: number | undefined) => string;
  /** Fixed ends of the y axis. */
  readonly range?: readonly [number, number];
}

const plain = (value: number | undefined) => (value === undefined ? percent(undefined) : Math.abs(value) >= 1000 ? compact(value) : value.toPrecision(3));
const share = (value: number | undefined) => percent(value, 1);
const rate = (value: number | undefined) => compact(value);
const elo = (value: number | undefined) => signed(value, 0);

interface Template { readonly id: string; readonly title: string; readonly note: string; readonly names: readonly (readonly [series: string, label: string])[]; readonly format: PlotSpec['format']; readonly ticks?: PlotSpec['ticks']; readonly range?: readonly [number, number] }

/** Most steps of an unrolled model that are drawn. */
const MOST_UNROLLED = 10;

/** MuZero's loss of one kind after 0, 1, 2 … steps of its model. */
function unrolled(kind: 'policy' | 'value' | 'reward'): Template {
  const first = kind === 'reward' ? 1 : 0;
  return {
    id: `unrolled.${kind}`, title: `${kind[0].toUpperCase()}${kind.slice(1)} loss, step by step`,
    note: `After so many steps of the learned model without looking again${first === 0 ? '; 0 is the position as it was seen' : ''}. The more it grows with the steps, the more is lost along the way.`,
    names: Array.from({ length: MOST_UNROLLED + 1 - first }, (_, i) => [`loss.${kind}${i + first}`, i + first === 1 ? '1 step' : `${i + first} steps`] as const), format: plain,
  };
}

const templates: readonly Template[] = [
  { id: 'return', title: 'Return', note: 'Mean return of the last 100 training episodes, exploration included, with its 95 % interval. Higher is better.', names: [['return', 'return']], format: plain },
  { id: 'score', title: 'Return by checkpoint', note: 'Mean return of whole episodes without exploration, from the same beginnings for each checkpoint, with its 95 % interval. Higher is better.', names: [['evaluation.return', 'return']], format: plain },
  { id: 'evaluation', title: 'Moves that keep the result', note: 'On test positions with a known exact result: the share of moves that keep it, and that are among the best. Higher is better.', names: [['evaluation.outcome', 'keeps the result'], ['evaluation.optimal', 'best move']], format: share },
  { id: 'losses', title: 'Losses', note: 'How far the network is from what it is taught. Lower is better, but the targets move as the agent improves.', names: [['loss.policy', 'policy'], ['loss.value', 'value'], ['loss.reward', 'reward']], format: plain },
  ...(['policy', 'value', 'reward'] as const).map(unrolled),
  { id: 'entropy', title: 'Policy entropy', note: 'How undecided the network is, in nats. It falls as the agent makes up its mind.', names: [['policy.entropy', 'entropy']], format: plain },
  { id: 'calibration', title: 'Value calibration', note: 'The search’s values held against how games ended. Correlation: how much they know. Slope of the results over the values: 1 is honest, less promises too much.', names: [['value.correlation', 'correlation'], ['value.slope', 'slope']], format: plain },
  { id: 'reuse', title: 'Replay reuse', note: 'How often each position has been trained on, on average.', names: [['reuse', 'times']], format: plain },
  { id: 'age', title: 'Replay age', note: 'Half of the positions that training draws from are older than this.', names: [['replay.age', 'median age']], format: (value) => duration(value), ticks: (value) => span(value) },
  { id: 'window', title: 'Replay window', note: 'Positions that training draws from.', names: [['window', 'positions']], format: rate },
  { id: 'frames', title: 'Frames a second', note: 'Steps of the environments, learning included.', names: [['rate.frames', 'frames a second']], format: rate },
  { id: 'games', title: 'Games a second', note: 'Speed of self-play.', names: [['rate.games', 'games a second']], format: rate },
  { id: 'evaluations', title: 'Network evaluations a second', note: 'Positions that the network judged for self-play.', names: [['rate.evaluations', 'evaluations a second']], format: rate },
];

function columns(series: Series, axis: Axis, label: string): Curve {
  return { label, x: series[axis], y: series.values, errors: series.errors };
}

/** Ratings by checkpoint, which know their errors; else the curve of that name. */
function ratingCurve(series: ReadonlyMap<string, Series>, checkpoints: readonly CheckpointView[], axis: Axis): { curve: Curve; against: string | undefined } | undefined {
  const rated = checkpoints.flatMap((c) => (c.rating === null ? [] : [{ x: axis === 'elapsed' ? c.elapsed : axis === 'games' ? c.games : c.step, ...c.rating }]));
  if (rated.length > 0) return { curve: { label: 'rating', x: rated.map((r) => r.x), y: rated.map((r) => r.elo), errors: rated.map((r) => r.error) }, against: rated[0].against };
  const curve = series.get('rating');
  return curve === undefined ? undefined : { curve: columns(curve, axis, 'rating'), against: undefined };
}

/** Another run, laid over this one. */
export interface ComparedRun { readonly id: string; readonly name: string; readonly series: ReadonlyMap<string, Series> }

/** In a game for two the return of self-play tells who wins, not how well. */
const returnOfTwo = { title: 'Result for who begins', note: 'Mean result of the last 100 games of self-play, random moves included: +1 if whoever begins won them all, −1 if it lost them all.' };

/** Every plot that has something to show, the telling ones first. Curves without a place of their own get one each. */
export function plotsOf(series: ReadonlyMap<string, Series>, checkpoints: readonly CheckpointView[], axis: Axis, others: readonly ComparedRun[] = [], seats: 1 | 2 = 1): { main: PlotSpec[]; more: PlotSpec[] } {
  const over = (names: readonly (readonly [series: string, label: string])[]): Curve[] => others.flatMap((run) => names.flatMap(([name, label]) => {
    const found = run.series.get(name);
    return found === undefined || found.values.length === 0 ? [] : [columns(found, axis, names.length === 1 ? run.name : `${run.name}: ${label}`)];
  }));
  const main: PlotSpec[] = [];
  const placed = new Set(['rating']);
  const rating = ratingCurve(series, checkpoints, axis);
  for (const { names, ...template } of templates) {
    const curves = names.flatMap(([name, label]) => {
      placed.add(name);
      const found = series.get(name);
      return found === undefined || found.values.length === 0 ? [] : [columns(found, axis, label)];
    });
    if (curves.length > 0 || over(names).length > 0) main.push({ ...template, ...(template.id === 'return' && seats === 2 ? returnOfTwo : {}), curves: [...curves, ...over(names)] });
    if (template.id === 'evaluation' && rating !== undefined) {
      const zero = rating.against === undefined ? '' : ` Measured against ${rating.against}.`;
      main.push({ id: 'rating', title: 'Rating by checkpoint', note: `Elo with its 95 % interval.${zero} Higher is better.`, curves: [rating.curve, ...over([['rating', 'rating']])], format: elo });
    }
  }
  const more = [...series.values()]
    .filter((s) => !placed.has(s.name) && s.values.length > 0)
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((s): PlotSpec => ({ id: s.name, title: s.name, note: '', curves: [columns(s, axis, s.name), ...over([[s.name, s.name]])], format: plain }));
  // What checkpoints are worth comes first.
  if (seats === 2) main.sort((a, b) => Number(a.id === 'return') - Number(b.id === 'return'));
  return { main, more };
}

/** The lowest and highest value of a plot with a little air; error bars included. */
export function rangeOf(curves: readonly Curve[]): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const { y, errors } of curves) {
    y.forEach((value, i) => {
      const half = errors?.[i] ?? 0;
      low = Math.min(low, value - half);
      high = Math.max(high, value + half);
    });
  }
  if (!(low <= high)) return [0, 1];
  const air = (high - low) * 0.08 || Math.abs(high) * 0.1 || 1;
  // A quantity that is never negative keeps its axis above zero.
  return [low >= 0 ? Math.max(0, low - air) : low - air, high + air];
}
