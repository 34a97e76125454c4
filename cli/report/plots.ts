/** The report's plots: which curves, how they are read, and each with a table of the same numbers. */
import type { Series } from '#arena/protocol';
import { escapeHtml, lineChart } from '../plot/chart.js';
import type { Report } from './collect.js';

interface Template {
  readonly title: string;
  readonly note: string;
  readonly names: readonly (readonly [series: string, label: string])[];
  readonly format: (value: number) => string;
  readonly zero?: boolean;
  /** The mean says more than the last value, which may fall into the end of the run. */
  readonly mean?: boolean;
}

const plain = (value: number): string => (Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en-US') : String(+value.toPrecision(3)));
const share = (value: number): string => `${+(100 * value).toFixed(1)} %`;
/** "40 s", "12 min", "1.5 h": of a time axis. */
export const clock = (seconds: number): string => (seconds < 120 ? `${Math.round(seconds)} s` : seconds < 7200 ? `${+(seconds / 60).toFixed(1)} min` : `${+(seconds / 3600).toFixed(1)} h`);

const templates: readonly Template[] = [
  { title: 'Return', note: 'Mean return of the last 100 training episodes, exploration included, with its 95 % interval.', names: [['return', 'return']], format: plain },
  { title: 'Rating by checkpoint', note: 'Elo with its 95 % interval, random play = 0. Higher is better.', names: [['rating', 'Elo']], format: plain },
  { title: 'Moves that keep the result', note: 'On test positions with a known exact result: the share of moves that keep it, and of those that are best.', names: [['evaluation.outcome', 'keeps the result'], ['evaluation.optimal', 'best move']], format: share },
  { title: 'Losses', note: 'How far the network is from what it is taught. The targets move as the agent improves.', names: [['loss.policy', 'policy'], ['loss.value', 'value']], format: plain, zero: true },
  { title: 'Policy entropy', note: 'How undecided the search (in tasks: the policy) is, in nats.', names: [['policy.entropy', 'entropy']], format: plain, zero: true },
  { title: 'Value calibration', note: 'The search\'s values against how games ended. Correlation: how much they know. Slope of the results over the values: 1 is honest.', names: [['value.correlation', 'correlation'], ['value.slope', 'slope']], format: plain, zero: true },
  { title: 'Games a second', note: 'Speed of self-play.', names: [['rate.games', 'games a second, mean']], format: plain, zero: true, mean: true },
  { title: 'Frames a second', note: 'Steps of the environments, learning included.', names: [['rate.frames', 'frames a second, mean']], format: plain, zero: true, mean: true },
  { title: 'Replay age', note: 'Half of the positions that training draws from are older than this.', names: [['replay.age', 'median age']], format: clock, zero: true },
  { title: 'Replay reuse', note: 'How often each position has been trained on, on average.', names: [['reuse', 'times']], format: plain, zero: true },
];

const WIDTH = 480;
const HEIGHT = 230;
/** Rows of the table beside a plot. */
const ROWS = 16;

/** Terms of the loss that have no plot of their own: each algorithm has others. */
function furtherLosses(series: Report['series']): Template[] {
  // The total says nothing that its parts do not, where there are any.
  const shown = ['loss.policy', 'loss.value', 'loss.policyKl', ...(series.has('loss.policy') ? ['loss.total'] : [])];
  const names = [...series.keys()].filter((name) => name.startsWith('loss.') && !shown.includes(name)).slice(0, 4);
  return names.length === 0 ? [] : [{ title: series.has('loss.policy') ? 'Further losses' : 'Losses', note: 'Terms that this run learns by.', names: names.map((name) => [name, name.slice('loss.'.length)] as const), format: plain, zero: true }];
}

export function plots({ series }: Pick<Report, 'series'>): string {
  return [...templates, ...furtherLosses(series)].flatMap((template, i) => {
    const found = template.names.flatMap(([name, label]) => {
      const one = series.get(name);
      return one === undefined || one.values.length === 0 ? [] : [{ label, one }];
    });
    return found.length === 0 ? [] : [figure(`plot${i}`, template, found)];
  }).join('\n');
}

function figure(id: string, { title, note, format, zero, mean = false }: Template, curves: readonly { readonly label: string; readonly one: Series }[]): string {
  const chart = lineChart({
    curves: curves.map(({ one }, i) => ({ x: one.elapsed, y: one.values, errors: one.errors, look: `class="curve${i}"`, ...(one.errors !== undefined && one.values.length > 40 ? { shade: 'class="band"' } : {}), dots: one.values.length < 40 })),
    zero, width: WIDTH, height: HEIGHT, formatX: clock, formatY: format, grid: 'class="grid"',
  });
  const told = curves.map(({ label, one }) => `${label} from ${format(one.values[0])} to ${format(one.values[one.values.length - 1])}${one.errors === undefined ? '' : ` ± ${format(one.errors[one.errors.length - 1])}`}`).join('; ');
  const legend = curves.map(({ label, one }, i) => `<span><svg viewBox="0 0 22 6" width="22" height="6" aria-hidden="true"><path d="M1 3H21" class="curve${i}"/></svg> ${escapeHtml(label)} <b>${escapeHtml(format(mean ? one.values.reduce((a, b) => a + b, 0) / one.values.length : one.values[one.values.length - 1]))}</b></span>`).join(' ');
  return `<figure class="card">
<figcaption><h3 id="${id}">${escapeHtml(title)}</h3><p class="legend">${legend}</p></figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id} ${id}d"><desc id="${id}d">Over training time: ${escapeHtml(told)}.</desc>
${chart}
</svg>
<p class="note">${escapeHtml(note)}</p>
<details><summary>As a table</summary>${table(curves, format)}</details>
</figure>`;
}

function table(curves: readonly { readonly label: string; readonly one: Series }[], format: (value: number) => string): string {
  const { one: first } = curves[0];
  const every = Math.max(1, Math.ceil(first.elapsed.length / ROWS));
  const rows = first.elapsed.map((_, i) => i).filter((i) => i % every === 0 || i === first.elapsed.length - 1);
  const cell = ({ values, errors, elapsed }: Series, at: number): string => {
    const i = elapsed.indexOf(at);
    return i < 0 ? '' : `${format(values[i])}${errors?.[i] === undefined ? '' : ` ± ${format(errors[i])}`}`;
  };
  return `<div class="scroll" tabindex="0" role="region" aria-label="Table"><table><thead><tr><th scope="col">time</th>${curves.map(({ label }) => `<th scope="col">${escapeHtml(label)}</th>`).join('')}</tr></thead><tbody>${
    rows.map((i) => `<tr><th scope="row">${clock(first.elapsed[i])}</th>${curves.map(({ one }) => `<td>${escapeHtml(cell(one, first.elapsed[i]))}</td>`).join('')}</tr>`).join('')}</tbody></table></div>`;
}
