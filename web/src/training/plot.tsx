/** One plot: uPlot for the lines, our own words around it. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { compact, duration } from '../ui/format.js';
import { rangeOf, type Axis, type PlotSpec } from './curves.js';

const HEIGHT = 176;

/** Curve by curve: a colour of the page, and a dash of its own, so that none is told apart by colour alone. */
const strokes = [
  { ink: '--accent', dash: [] }, { ink: '--ink', dash: [7, 5] }, { ink: '--seat0-deep', dash: [2, 4] }, { ink: '--seat1', dash: [10, 4, 2, 4] }, { ink: '--danger', dash: [4, 3] }, { ink: '--muted', dash: [14, 5] },
] as const;
const strokeOf = (curve: number) => strokes[curve % strokes.length];

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Rebuilt when the colours of the system change. */
function useColourScheme(): boolean {
  const query = useMemo(() => matchMedia('(prefers-color-scheme: dark)'), []);
  const [dark, set] = useState(query.matches);
  useEffect(() => {
    const changed = () => set(query.matches);
    query.addEventListener('change', changed);
    return () => query.removeEventListener('change', changed);
  }, [query]);
  return dark;
}

function columnsOf(spec: PlotSpec): uPlot.AlignedData {
  const tables = spec.curves.map((curve) => [[...curve.x], [...curve.y]] as uPlot.AlignedData);
  return tables.length === 1 ? tables[0] : uPlot.join(tables, tables.map((table) => table.map(() => 2)));
}

/** Beyond so many points whiskers would run into each other: a band is drawn. */
const MOST_WHISKERS = 40;

/** The 95 % interval of every curve that has one: whiskers, or a band. */
function drawErrors(plot: uPlot, spec: PlotSpec, colour: string): void {
  const { ctx } = plot;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colour;
  for (const { x, y, errors } of spec.curves) {
    if (errors === undefined) continue;
    const at = x.map((value) => plot.valToPos(value, 'x', true));
    const [top, bottom] = [1, -1].map((side) => y.map((value, i) => plot.valToPos(value + side * errors[i], 'y', true)));
    ctx.beginPath();
    if (x.length > MOST_WHISKERS) {
      ctx.globalAlpha = 0.25;
      at.forEach((left, i) => ctx.lineTo(left, top[i]));
      for (let i = at.length - 1; i >= 0; i--) ctx.lineTo(at[i], bottom[i]);
      ctx.fill();
      continue;
    }
    ctx.globalAlpha = 1;
    ctx.lineWidth = 1.25 * devicePixelRatio;
    const foot = 3 * devicePixelRatio;
    at.forEach((left, i) => {
      ctx.moveTo(left, top[i]);
      ctx.lineTo(left, bottom[i]);
      for (const end of [top[i], bottom[i]]) {
        ctx.moveTo(left - foot, end);
        ctx.lineTo(left + foot, end);
      }
    });
    ctx.stroke();
  }
  ctx.restore();
}

const shortTime = (seconds: number) => (seconds < 120 ? `${Math.round(seconds)}s` : seconds < 7200 ? `${+(seconds / 60).toFixed(1)}m` : `${+(seconds / 3600).toFixed(1)}h`);
/** Steps of a time axis that people read well, in seconds. */
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 172800, 604800];

export function Plot({ spec, axis }: { spec: PlotSpec; axis: Axis }) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>();
  const newest = useRef(spec);
  newest.current = spec;
  const dark = useColourScheme();
  const [cursor, setCursor] = useState<number>();
  const shape = `${axis} ${spec.curves.map((c) => c.label).join()} ${dark}`;

  useEffect(() => {
    const target = box.current;
    if (target === null) return;
    const [accent, muted, line] = ['--accent', '--muted', '--line'].map(token);
    const font = '12px system-ui, sans-serif';
    const axisLook = { stroke: muted, font, grid: { stroke: line, width: 1 }, ticks: { show: false } };
    const made = new uPlot({
      width: target.clientWidth, height: HEIGHT, legend: { show: false }, padding: [10, 12, 0, 0],
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
      scales: { x: { time: false }, y: { range: () => [...(newest.current.range ?? rangeOf(newest.current.curves))] as [number, number] } },
      axes: [
        { ...axisLook, size: 30, ...(axis === 'elapsed' ? { incrs: TIME_STEPS } : {}), values: (_u, ticks) => ticks.map((t) => (axis === 'elapsed' ? shortTime(t) : compact(t))) },
        { ...axisLook, size: 56, values: (_u, ticks) => ticks.map((t) => (newest.current.ticks ?? newest.current.format)(t)) },
      ],
      series: [
        {},
        ...spec.curves.map((curve, i): uPlot.Series => ({
          label: curve.label, spanGaps: true, width: 2, stroke: token(strokeOf(i).ink), dash: [...strokeOf(i).dash],
          fill: i === 0 && spec.curves.length === 1 && curve.errors === undefined ? `color-mix(in srgb, ${accent} 12%, transparent)` : undefined,
          points: { show: curve.x.length < 30, size: 6, fill: token(strokeOf(i).ink) },
        })),
      ],
      hooks: { setCursor: [(u) => setCursor(u.cursor.idx ?? undefined)], draw: [(u) => drawErrors(u, newest.current, muted)] },
    }, columnsOf(spec), target);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: target.clientWidth, height: HEIGHT }));
    observer.observe(target);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [shape]);

  const data = useMemo(() => columnsOf(spec), [spec]);
  useEffect(() => plot.current?.setData(data), [data]);

  const at = cursor !== undefined && cursor < data[0].length ? cursor : undefined;
  const when = at === undefined ? undefined : axis === 'elapsed' ? duration(data[0][at]) : `${compact(data[0][at])} ${axis}`;
  const latest = spec.curves.map((c) => `${c.label} ${spec.format(c.y.at(-1))}`).join(', ');
  return (
    <figure class="card plot">
      <figcaption>
        <div class="spread"><h3 class="plot-title">{spec.title}</h3><span class="small muted number">{when ?? ''}</span></div>
        <div class="plot-values number">
          {spec.curves.map((curve, i) => (
            <span key={curve.label} class={`curve-${i % strokes.length}`}>
              <svg viewBox="0 0 22 6" width="22" height="6" aria-hidden="true"><path d="M1 3H21" /></svg>
              {spec.curves.length > 1 && `${curve.label} `}<strong>{spec.format(at === undefined ? curve.y.at(-1) : (data[i + 1][at] ?? undefined))}</strong>
              {at === undefined && curve.errors !== undefined && <span class="muted"> ± {spec.format(curve.errors.at(-1)).replace('+', '')}</span>}
            </span>
          ))}
        </div>
      </figcaption>
      <div ref={box} class="plot-box" role="img" aria-label={`${spec.title}: latest ${latest}`} />
      {spec.note !== '' && <p class="small muted">{spec.note}</p>}
    </figure>
  );
}
