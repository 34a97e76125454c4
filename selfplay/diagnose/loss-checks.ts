/** Whether the losses in metrics.jsonl are finite, and whether they still fall. */
import type { MetricsRow } from '../metrics.js';
import { fixed, question, whole, type Finding } from './finding.js';

/** Loss terms at one moment; null is what JSON makes of a number that is not finite. */
export interface LossRow {
  readonly steps: number;
  readonly losses: Readonly<Record<string, number | null>>;
}

/** Rows in which something was learnt, of a run of any algorithm. */
export function lossRows(metrics: readonly MetricsRow[]): LossRow[] {
  return metrics.flatMap((row) => ((row.type === 'progress' || row.type === 'task') && Object.keys(row.losses).length > 0 ? [{ steps: row.steps, losses: row.losses }] : []));
}

/** Equal parts of the run, over which losses are averaged. */
const PARTS = 10;
/** Steps under which a curve says nothing. */
const FEW_STEPS = 500;

/** Means of a term over equal parts of the run's steps; parts without rows are left out. */
export function partMeans(rows: readonly LossRow[], term: string): number[] {
  const known = rows.flatMap(({ steps, losses }) => (typeof losses[term] === 'number' ? [{ steps, loss: losses[term] }] : []));
  // A run that began from another one's checkpoint goes on with its count.
  const [start, end] = [known[0]?.steps ?? 0, (known.at(-1)?.steps ?? 0) + 1];
  return Array.from({ length: PARTS }, (_, part) => known.filter(({ steps }) => Math.floor(((steps - start) / (end - start)) * PARTS) === part)).flatMap((list) => (list.length === 0 ? [] : [list.reduce((sum, { loss }) => sum + loss, 0) / list.length]));
}

export function lossesFinite(rows: readonly LossRow[]): Finding {
  const answer = question('losses-finite', 'Are the losses finite?', 'no loss that is not a number');
  const bad = rows.find(({ losses }) => Object.values(losses).some((loss) => typeof loss !== 'number'));
  if (rows.length === 0) return answer('unknown', null, 'no step in metrics.jsonl', 'Nothing has been learnt yet.', 'Train a little longer.');
  if (bad === undefined) return answer('ok', 0, `${whole(rows.length)} rows, all finite`, 'No step went wrong numerically.');
  const names = Object.entries(bad.losses).filter(([, loss]) => typeof loss !== 'number').map(([name]) => name);
  return answer('problem', rows.length, `${names.join(', ')} not a number at step ${whole(bad.steps)}`, 'Training blew up: from that step on the weights are worth nothing.', 'Lower learner.learningRate, set learner.clipNorm to 1, and go on --from a checkpoint from before that step.');
}

/** `terms`: those that are to fall; others move with the targets. */
export function lossesFall(rows: readonly LossRow[], terms: readonly string[], improved: boolean | undefined): Finding {
  const answer = question('losses-fall', 'Do the losses diverge, or stand still?', 'the last tenth of the run at most 25 % above the lowest (problem: 60 %), and below the middle of the run by 1 %, or else measurements still rising');
  const curves = terms.map((term) => ({ term, means: partMeans(rows, term) })).filter(({ means }) => means.length >= 4);
  const steps = (rows.at(-1)?.steps ?? 0) - (rows[0]?.steps ?? 0);
  if (curves.length === 0 || steps < FEW_STEPS) return answer('unknown', null, `${whole(steps)} steps`, `Fewer than ${FEW_STEPS} steps show no course.`, 'Train a little longer.');
  const told = curves.map(({ term, means }) => `${term} ${fixed(means[0], 3)} → ${fixed(means[means.length >> 1], 3)} → ${fixed(means[means.length - 1], 3)}, lowest ${fixed(Math.min(...means), 3)}`).join('; ');
  const rises = curves.map(({ means }) => {
    const least = Math.min(...means);
    // Held against the size of the curve too: near its floor a loss can double without meaning anything.
    return (means[means.length - 1] - least) / Math.max(1e-9, Math.abs(least), 0.2 * Math.max(...means.map(Math.abs)));
  });
  const rise = Math.max(...rises);
  const { term } = curves[rises.indexOf(rise)];
  if (rise > 0.25) {
    return answer(rise > 0.6 ? 'problem' : 'warning', rise, told, `The ${term} loss has risen again, by ${Math.round(100 * rise)} % of its lowest.`, 'Lower learner.learningRate (a schedule such as 0:0.002,5000:0.0005), set learner.clipNorm to 1; if games have only become harder to foretell, measurements tell.');
  }
  const standing = curves.every(({ means }) => means[means.length - 1] > 0.99 * means[means.length >> 1]);
  if (standing && improved !== true) {
    return answer('warning', rise, told, `Learning stands still: the losses have not fallen since the middle of the run${improved === undefined ? '' : ', nor have measurements risen'}.`, 'Lower learner.learningRate, raise search.simulations, or begin a larger network; or it has learnt what it can.');
  }
  return answer('ok', rise, told, standing ? 'The losses stand still, but measurements still rise: the targets improve with the network.' : 'The losses still fall.');
}

/** Whether measurements of the second half of a run are better than those of the first; undefined where there are too few. */
export function measurementsImproved(metrics: readonly MetricsRow[]): boolean | undefined {
  for (const name of ['elo', 'outcome']) {
    const values = metrics.flatMap((row) => (row.type === 'evaluation' && Number.isFinite(row.values[name]) ? [row.values[name]] : []));
    if (values.length < 4) continue;
    const mean = (list: readonly number[]) => list.reduce((sum, v) => sum + v, 0) / list.length;
    const third = Math.floor(values.length / 3) || 1;
    return mean(values.slice(-third)) > mean(values.slice(third, 2 * third));
  }
  return undefined;
}
