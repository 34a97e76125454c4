/** Means with their errors as a picture: a line for each variant, a colour for each measure, a faint dot for each run. */
import { escapeHtml } from '../plot/chart.js';

export interface DotRow {
  readonly name: string;
  /** One for each measure, in the order of the names; `mean` is null where nothing was measured. */
  readonly points: readonly { readonly mean: number | null; readonly error: number | null; readonly each: readonly number[] }[];
}

const COLOURS = ['#2b6cb0', '#c05621', '#2f855a', '#6b46c1'];
const [WIDTH, RIGHT, TOP, BOTTOM] = [720, 24, 76, 40];
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** A standalone SVG of shares in [0, 1], drawn as per cent; the axis spans what there is to see. */
export function dotPlot(title: string, measures: readonly string[], rows: readonly DotRow[], note: string): string {
  const values = rows.flatMap(({ points }) => points.flatMap(({ mean, error, each }) => [...each, ...(mean === null ? [] : [mean - (error ?? 0), mean + (error ?? 0)])]));
  const [least, most] = [values.reduce((a, b) => Math.min(a, b), Infinity), values.reduce((a, b) => Math.max(a, b), -Infinity)];
  const air = Math.max((most - least) * 0.05, 0.0005);
  // Air beside the dots, but no share beyond all or nothing; only an error can reach there.
  const [x0, x1] = values.length === 0 ? [0, 1] : [Math.min(least, Math.max(0, least - air)), Math.max(most, Math.min(1, most + air))];
  const left = 24 + 6.6 * Math.min(32, Math.max(0, ...rows.map(({ name }) => name.length)));
  const lane = 12 + 12 * measures.length;
  const height = TOP + lane * rows.length + BOTTOM;
  const x = (value: number): string => (left + ((value - x0) / (x1 - x0)) * (WIDTH - left - RIGHT)).toFixed(1);
  const bottom = height - BOTTOM;
  const grid = TICKS.map((t) => {
    const value = x0 + t * (x1 - x0);
    return `<line x1="${x(value)}" x2="${x(value)}" y1="${TOP - 6}" y2="${bottom}" stroke="#ddd"/><text x="${x(value)}" y="${bottom + 18}" text-anchor="middle">${(100 * value).toFixed(x1 - x0 < 0.02 ? 2 : 1)} %</text>`;
  });
  const drawn = rows.flatMap(({ name, points }, row) => {
    const top = TOP + lane * row;
    const label = `<text x="${left - 10}" y="${top + lane / 2}" text-anchor="end" dominant-baseline="middle">${escapeHtml(name.length > 32 ? `${name.slice(0, 31)}…` : name)}</text>`;
    const marks = points.flatMap(({ mean, error, each }, i) => {
      const [y, colour] = [top + 12 + 12 * i, COLOURS[i % COLOURS.length]];
      if (mean === null) return [];
      const bar = error === null ? [] : [`<path d="M${x(mean - error)} ${y}H${x(mean + error)}M${x(mean - error)} ${y - 3}v6M${x(mean + error)} ${y - 3}v6" fill="none" stroke="${colour}" stroke-width="1.5"/>`];
      return [...each.map((value) => `<circle cx="${x(value)}" cy="${y}" r="2" fill="${colour}" fill-opacity=".3"/>`), ...bar, `<circle cx="${x(mean)}" cy="${y}" r="3.5" fill="${colour}"/>`];
    });
    return [...(row === 0 ? [] : [`<line x1="12" x2="${WIDTH - RIGHT}" y1="${top}" y2="${top}" stroke="#eee"/>`]), label, ...marks];
  });
  let at = left;
  const legend = measures.map((name, i) => {
    const from = at;
    at += 24 + 6.6 * name.length;
    return `<circle cx="${from.toFixed(1)}" cy="56" r="3.5" fill="${COLOURS[i % COLOURS.length]}"/><text x="${(from + 8).toFixed(1)}" y="60">${escapeHtml(name)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12">
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
<text x="12" y="22" font-size="15">${escapeHtml(title)}</text>
<text x="12" y="40" fill="#555">${escapeHtml(note)}</text>
${[...legend, ...grid, ...drawn].join('\n')}
</svg>
`;
}
