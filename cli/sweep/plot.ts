/** Curves of several seeds: their mean and standard error on common points, in the terminal and as SVG. */
import { escapeHtml, lineChart, type ChartCurve } from '../plot/chart.js';

/** One run: frames and mean return of its last 100 episodes, ascending by frames. */
export type Curve = readonly (readonly [frames: number, value: number])[];

export interface MeanCurve {
  readonly frames: readonly number[];
  readonly mean: readonly number[];
  /** Standard error over the seeds; 0 where there is one. */
  readonly error: readonly number[];
}

/** The value of a curve at a point, joined by straight lines; undefined outside. */
function at(curve: Curve, frames: number): number | undefined {
  const after = curve.findIndex(([x]) => x >= frames);
  if (after < 0) return undefined;
  const [x1, y1] = curve[after];
  if (after === 0) return x1 === frames ? y1 : undefined;
  const [x0, y0] = curve[after - 1];
  return x1 === x0 ? y1 : y0 + ((y1 - y0) * (frames - x0)) / (x1 - x0);
}

/** Where all curves have a value. */
export function meanCurve(curves: readonly Curve[], points = 60): MeanCurve {
  const known = curves.filter((curve) => curve.length > 0);
  const frames: number[] = [];
  const mean: number[] = [];
  const error: number[] = [];
  if (known.length === 0) return { frames, mean, error };
  const from = Math.max(...known.map((curve) => curve[0][0]));
  const to = Math.min(...known.map((curve) => curve[curve.length - 1][0]));
  if (to <= from) return { frames, mean, error };
  for (let i = 0; i < points; i++) {
    const x = i === points - 1 ? to : from + ((to - from) * i) / (points - 1);
    const values = known.flatMap((curve) => at(curve, x) ?? []);
    if (values.length < known.length) continue;
    const m = values.reduce((sum, value) => sum + value, 0) / values.length;
    frames.push(x);
    mean.push(m);
    error.push(standardError(values));
  }
  return { frames, mean, error };
}

export function standardError(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1) / values.length);
}

/** Frames as people say them. */
const short = (frames: number): string => (frames >= 1e6 ? `${+(frames / 1e6).toFixed(1)} M` : frames >= 1e4 ? `${Math.round(frames / 1e3)} k` : String(Math.round(frames)));
const number = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 10 ? 1 : 2));

/** Lines of text: the mean as *, one standard error to each side as dots. */
export function textPlot({ frames, mean, error }: MeanCurve, height = 14): string {
  if (mean.length < 2) return '(too short a run for a curve)';
  const low = Math.min(...mean.map((m, i) => m - error[i]));
  const high = Math.max(...mean.map((m, i) => m + error[i]));
  const span = high - low || 1;
  const row = (value: number) => Math.round(((high - value) / span) * (height - 1));
  const cells = Array.from({ length: height }, () => Array<string>(mean.length).fill(' '));
  mean.forEach((m, x) => {
    for (let y = row(m + error[x]); y <= row(m - error[x]); y++) cells[y][x] = '·';
    cells[row(m)][x] = '*';
  });
  const labels = cells.map((_, y) => (y === 0 ? number(high) : y === height - 1 ? number(low) : y === (height >> 1) ? number(high - (span * y) / (height - 1)) : ''));
  const width = Math.max(...labels.map((label) => label.length));
  const last = short(frames[frames.length - 1]);
  return [
    ...cells.map((line, y) => `${labels[y].padStart(width)} │${line.join('')}`),
    `${' '.repeat(width)} └${'─'.repeat(mean.length)}`,
    `${' '.repeat(width + 2)}${short(frames[0]).padEnd(mean.length - last.length)}${last} frames`,
  ].join('\n');
}

/** A standalone picture: each seed thin, the mean strong, the standard error as a band. */
export function svgPlot(title: string, curves: readonly Curve[], average: MeanCurve): string {
  const { frames, mean, error } = average;
  const line = (curve: Curve): ChartCurve => ({ x: curve.map(([x]) => x), y: curve.map(([, y]) => y), look: 'stroke="#90a4b8" stroke-width="1"' });
  const chart = lineChart({
    curves: [...curves.filter((curve) => curve.length > 1).map(line), { x: frames, y: mean, errors: error, look: 'stroke="#2b6cb0" stroke-width="2.5"', shade: 'fill="#2b6cb0" fill-opacity=".2"', always: true }],
    zero: true, width: 720, height: 420, top: 40, formatX: short, formatY: number, nameX: 'frames', grid: 'stroke="#ddd"',
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 420" font-family="system-ui, sans-serif" font-size="12">
<rect width="720" height="420" fill="#fff"/>
<text x="64" y="24" font-size="15">${escapeHtml(title)}</text>
${chart}
</svg>
`;
}
