/** `ludus chart`: time to strength, as a picture. */
import { UserError } from '#engine';
import { replaceFile } from '#selfplay/system';
import { printResult, table } from '../output.js';
import { escapeHtml, lineChart, type ChartCurve } from '../plot/chart.js';
import { interval, readStrengthCurve, type StrengthCurve } from '../strength/curve.js';
import { meanCurve, type Curve } from '../sweep/plot.js';

interface ChartCommand {
  readonly out: string;
  readonly title?: string;
  readonly json?: boolean;
}

const percent = (share: number): number => 100 * share;

/** One run with what its positions allow to say as whiskers; several with their mean and its standard error as a band. */
export function strengthChart(curves: readonly StrengthCurve[], title: string): string {
  const lines = curves.map(({ points }): Curve => points.map(({ minutes, error }) => [minutes, percent(error)]));
  const several = curves.length > 1;
  const average = meanCurve(several ? lines : []);
  const chart = lineChart({
    curves: [
      ...curves.map(({ points }, i): ChartCurve => ({
        x: lines[i].map(([x]) => x), y: lines[i].map(([, y]) => y), dots: true, look: several ? 'stroke="#90a4b8" stroke-width="1"' : 'stroke="#2b6cb0" stroke-width="2"',
        ...(several ? {} : { errors: points.map((p) => percent(interval(p)[1] - p.error)), below: points.map((p) => percent(p.error - interval(p)[0])) }),
      })),
      ...(several ? [{ x: average.frames, y: average.mean, errors: average.error, look: 'stroke="#2b6cb0" stroke-width="2.5"', shade: 'fill="#2b6cb0" fill-opacity=".2"' }] : []),
    ],
    zero: true, width: 720, height: 420, top: 58, formatX: (minutes) => String(+minutes.toFixed(1)), formatY: (y) => `${y.toFixed(1)} %`, nameX: 'minutes of training', grid: 'stroke="#ddd"',
  });
  const what = `moves that give the exact result away${several ? '; mean and standard error of the runs' : `, of ${curves[0].points[0].positions} positions; whiskers: 95 %`}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 420" font-family="system-ui, sans-serif" font-size="12">
<rect width="720" height="420" fill="#fff"/>
<text x="64" y="24" font-size="15">${escapeHtml(title)}</text>
<text x="64" y="42" fill="#555">${what}</text>
${chart}
</svg>
`;
}

export async function chart(sources: readonly string[], options: ChartCommand): Promise<void> {
  const curves = await Promise.all(sources.map(readStrengthCurve));
  const games = [...new Set(curves.map(({ game }) => game).filter((game) => game !== ''))];
  if (games.length > 1) throw new UserError('usage', `these runs learn different games: ${games.join(', ')}; a chart takes those of one`);
  const title = options.title ?? `${games[0] ?? 'Time to strength'}: ${curves.map(({ name }) => name).join(', ')}`;
  replaceFile(options.out, strengthChart(curves, title));
  printResult(options.json === true, { out: options.out, curves }, () => [
    ...curves.map(({ name, points }) => `${name}\n${table([
      ['minutes', 'error', '95 % interval'],
      ...points.map((p) => [p.minutes.toFixed(1), `${percent(p.error).toFixed(2)} %`, interval(p).map((end) => percent(end).toFixed(2)).join(' – ')]),
    ], [true, true, true])}`),
    `Written: ${options.out}`,
  ].join('\n'));
}
