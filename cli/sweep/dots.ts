/** Means with their errors as a picture: a line for each variant, a panel and a colour for each measure, a faint dot for each run. */
import { escapeHtml } from '../plot/chart.js';

export interface DotRow {
  readonly name: string;
  /** One for each measure, in the order of the names; `mean` is null where nothing was measured. */
  readonly points: readonly { readonly mean: number | null; readonly error: number | null; readonly each: readonly number[] }[];
}

const COLOURS = ['#2b6cb0', '#c05621', '#2f855a', '#6b46c1'];
const [WIDTH, RIGHT, TOP, BOTTOM] = [720, 24, 76, 40];
/** Height of a row, and width between two panels. */
const [LANE, GAP] = [24, 36];
const TICKS = [0, 0.5, 1];

/** A standalone SVG of shares in [0, 1], drawn as per cent; the axis of each panel spans what there is to see in it. */
export function dotPlot(title: string, measures: readonly string[], rows: readonly DotRow[], note: string): string {
  const left = 24 + 6.6 * Math.min(32, Math.max(0, ...rows.map(({ name }) => name.length)));
  const height = TOP + LANE * rows.length + BOTTOM;
  const bottom = height - BOTTOM;
  const width = (WIDTH - left - RIGHT - GAP * (measures.length - 1)) / Math.max(1, measures.length);
  const lines = rows.slice(1).map((_, row) => `<line x1="12" x2="${WIDTH - RIGHT}" y1="${TOP + LANE * (row + 1)}" y2="${TOP + LANE * (row + 1)}" stroke="#eee"/>`);
  const labels = rows.map(({ name }, row) =>
    `<text x="${left - 10}" y="${TOP + LANE * (row + 0.5)}" text-anchor="end" dominant-baseline="middle">${escapeHtml(name.length > 32 ? `${name.slice(0, 31)}…` : name)}</text>`);
  const panels = measures.flatMap((measure, i) => panel(measure, rows.map(({ points }) => points[i]), { from: left + i * (width + GAP), width, bottom, colour: COLOURS[i % COLOURS.length] }));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12">
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
<text x="12" y="22" font-size="15">${escapeHtml(title)}</text>
<text x="12" y="40" fill="#555">${escapeHtml(note)}</text>
${[...lines, ...labels, ...panels].join('\n')}
</svg>
`;
}

interface Place { readonly from: number; readonly width: number; readonly bottom: number; readonly colour: string }

function panel(measure: string, points: readonly DotRow['points'][number][], { from, width, bottom, colour }: Place): string[] {
  const values = points.flatMap(({ mean, error, each }) => [...each, ...(mean === null ? [] : [mean - (error ?? 0), mean + (error ?? 0)])]);
  const [least, most] = [values.reduce((a, b) => Math.min(a, b), Infinity), values.reduce((a, b) => Math.max(a, b), -Infinity)];
  const air = Math.max((most - least) * 0.05, 0.0005);
  // Air beside the dots, but no share beyond all or nothing; only an error can reach there.
  const [x0, x1] = values.length === 0 ? [0, 1] : [Math.min(least, Math.max(0, least - air)), Math.max(most, Math.min(1, most + air))];
  const x = (value: number): string => (from + ((value - x0) / (x1 - x0)) * width).toFixed(1);
  const name = `<circle cx="${(from + 4).toFixed(1)}" cy="56" r="3.5" fill="${colour}"/><text x="${(from + 12).toFixed(1)}" y="60" font-size="${Math.min(12, (width + GAP / 2) / (0.58 * measure.length)).toFixed(1)}">${escapeHtml(measure)}</text>`;
  const grid = TICKS.map((t) => {
    const value = x0 + t * (x1 - x0);
    return `<line x1="${x(value)}" x2="${x(value)}" y1="${TOP - 6}" y2="${bottom}" stroke="#ddd"/><text x="${x(value)}" y="${bottom + 18}" text-anchor="${t === 0 ? 'start' : t === 1 ? 'end' : 'middle'}">${(100 * value).toFixed(x1 - x0 < 0.02 ? 2 : 1)} %</text>`;
  });
  const marks = points.flatMap(({ mean, error, each }, row) => {
    const y = TOP + LANE * (row + 0.5);
    if (mean === null) return [];
    const bar = error === null ? [] : [`<path d="M${x(mean - error)} ${y}H${x(mean + error)}M${x(mean - error)} ${y - 3}v6M${x(mean + error)} ${y - 3}v6" fill="none" stroke="${colour}" stroke-width="1.5"/>`];
    return [...each.map((value) => `<circle cx="${x(value)}" cy="${y}" r="2" fill="${colour}" fill-opacity=".3"/>`), ...bar, `<circle cx="${x(mean)}" cy="${y}" r="3.5" fill="${colour}"/>`];
  });
  return [name, ...grid, ...marks];
}
