/** Lines over axes, as the inside of an SVG picture: for the pictures of sweeps and the pages about runs. */

export interface ChartCurve {
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Half-widths of y: a band where `shade` is given, else whiskers. */
  readonly errors?: readonly number[];
  /** Half-widths downwards, where they differ from those upwards. */
  readonly below?: readonly number[];
  /** Attributes of the line, and of its band. */
  readonly look: string;
  readonly shade?: string;
  /** Drawn even without points, so that it keeps its place. */
  readonly always?: boolean;
  /** A dot for every point. */
  readonly dots?: boolean;
}

export interface Chart {
  readonly curves: readonly ChartCurve[];
  /** The y axis begins at 0 unless something lies below. */
  readonly zero?: boolean;
  /** Of the view box; the axes lie inside. */
  readonly width: number;
  readonly height: number;
  readonly top?: number;
  readonly formatX: (value: number) => string;
  readonly formatY: (value: number) => string;
  readonly nameX?: string;
  /** Attributes of the grid's lines. */
  readonly grid: string;
}

export const escapeHtml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const [LEFT, RIGHT, BOTTOM] = [64, 16, 44];
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** SVG elements, without the <svg> around them. Numbers that are not finite are left out. */
export function lineChart({ curves, zero = false, width, height, top = 12, formatX, formatY, nameX, grid }: Chart): string {
  const known = curves.map((curve) => finite(curve));
  const bounds = known.flatMap(({ y, errors, below = errors }) => y.flatMap((value, i) => [value - (below?.[i] ?? 0), value + (errors?.[i] ?? 0)]));
  const xs = known.flatMap(({ x }) => x);
  const least = bounds.reduce((a, b) => Math.min(a, b), Infinity);
  const most = bounds.reduce((a, b) => Math.max(a, b), -Infinity);
  const air = most > least ? 0 : Math.abs(most) * 0.1 || 1;
  const [y0, y1] = bounds.length === 0 ? [0, 1] : [zero ? Math.min(0, least) : least - air, most + (zero && most > 0 ? 0 : air)];
  const [x0, x1] = [0, xs.reduce((a, b) => Math.max(a, b), 0) || 1];
  const bottom = nameX === undefined ? BOTTOM - 16 : BOTTOM;
  const x = (value: number): string => (LEFT + ((value - x0) / (x1 - x0)) * (width - LEFT - RIGHT)).toFixed(1);
  const y = (value: number): string => (height - bottom - ((value - y0) / (y1 - y0 || 1)) * (height - top - bottom)).toFixed(1);
  const path = (px: readonly number[], py: readonly number[]): string => px.map((value, i) => `${i === 0 ? 'M' : 'L'}${x(value)} ${y(py[i])}`).join('');
  const ticks = TICKS.map((t) => {
    const [value, at] = [y0 + t * (y1 - y0), x0 + t * (x1 - x0)];
    return `<line x1="${LEFT}" x2="${width - RIGHT}" y1="${y(value)}" y2="${y(value)}" ${grid}/><text x="${LEFT - 8}" y="${y(value)}" text-anchor="end" dominant-baseline="middle">${formatY(value)}</text><text x="${x(at)}" y="${height - bottom + 18}" text-anchor="${t === 1 ? 'end' : 'middle'}">${formatX(at)}</text>`;
  });
  const drawn = known.filter((curve) => curve.x.length > 0 || curve.always === true).flatMap((curve) => {
    const { x: px, y: py, errors, below = errors } = curve;
    const band = errors !== undefined && curve.shade !== undefined && px.length > 1
      ? [`<path d="${path([...px, ...[...px].reverse()], [...py.map((v, i) => v + errors[i]), ...py.map((v, i) => v - below![i]).reverse()])}Z" ${curve.shade}/>`] : [];
    const whiskers = errors !== undefined && curve.shade === undefined ? px.map((v, i) => `<line x1="${x(v)}" x2="${x(v)}" y1="${y(py[i] - below![i])}" y2="${y(py[i] + errors[i])}" ${curve.look}/>`) : [];
    const dots = curve.dots === true || px.length === 1 ? px.map((v, i) => `<circle cx="${x(v)}" cy="${y(py[i])}" r="2.5" fill="none" ${curve.look}/>`) : [];
    return [...band, ...whiskers, `<path d="${path(px, py)}" fill="none" ${curve.look}/>`, ...dots];
  });
  return [...ticks, ...(nameX === undefined ? [] : [`<text x="${(width + LEFT) / 2}" y="${height - 6}" text-anchor="middle">${escapeHtml(nameX)}</text>`]), ...drawn].join('\n');
}

function finite(curve: ChartCurve): ChartCurve {
  const keep = curve.x.map((_, i) => i).filter((i) => [curve.x[i], curve.y[i], curve.errors?.[i] ?? 0].every(Number.isFinite));
  return { ...curve, x: keep.map((i) => curve.x[i]), y: keep.map((i) => curve.y[i]), ...(curve.errors === undefined ? {} : { errors: keep.map((i) => curve.errors![i]) }), ...(curve.below === undefined ? {} : { below: keep.map((i) => curve.below![i]) }) };
}
