/** Error against training time: from a run's metrics, or from a table of such figures. */
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { UserError } from '#engine';
import { loadGame } from '#games';
import { examPositions } from '#arena';
import { type MetricsRow, readMetrics, readRun } from '#selfplay';

export interface StrengthPoint {
  /** Training time of the run. */
  readonly minutes: number;
  /** Share of positions in which the chosen move gives the exact result away, in [0, 1]. */
  readonly error: number;
  /** How many positions were judged. */
  readonly positions: number;
}

export interface StrengthCurve {
  readonly name: string;
  readonly game: string;
  /** Ascending by minutes. */
  readonly points: readonly StrengthPoint[];
}

/** Training time at an optimiser step, joined by straight lines between the rows of progress; undefined outside. */
function minutesAt(rows: readonly MetricsRow[]): (step: number) => number | undefined {
  const known = rows.flatMap((row) => (row.type === 'progress' ? [{ step: row.steps, minutes: row.elapsedSeconds / 60 }] : [])).sort((a, b) => a.step - b.step || a.minutes - b.minutes);
  return (step) => {
    if (step === 0) return 0;
    const after = known.findIndex((row) => row.step >= step);
    if (after < 0) return undefined;
    const [from, to] = [known[after - 1] ?? { step: 0, minutes: 0 }, known[after]];
    return to.step === from.step ? to.minutes : from.minutes + ((to.minutes - from.minutes) * (step - from.step)) / (to.step - from.step);
  };
}

/** Of measurements of checkpoints (`outcome`); those of games without exact positions are passed over. */
export function strengthPoints(rows: readonly MetricsRow[], positions: number): StrengthPoint[] {
  const at = minutesAt(rows);
  const points = rows.flatMap((row): StrengthPoint[] => {
    if (row.type !== 'evaluation' || row.values.outcome === undefined) return [];
    const minutes = at(row.step);
    return minutes === undefined ? [] : [{ minutes, error: 1 - row.values.outcome, positions }];
  });
  return points.sort((a, b) => a.minutes - b.minutes);
}

/** A run's folder, or a CSV file with the columns minutes,outcome,positions. Throws UserError naming what is wrong. */
export async function readStrengthCurve(path: string): Promise<StrengthCurve> {
  if (path.endsWith('.csv')) return { name: basename(path, '.csv'), game: '', points: parseStrengthTable(path, readTable(path)) };
  const { config } = readRun(path);
  const game = await loadGame(config.game);
  const points = strengthPoints(readMetrics(path), Math.min(config.evaluation.positions, examPositions(game).length));
  if (points.length < 2) throw new UserError('usage', `${path} has no curve: it takes two measured checkpoints of a game whose positions are solved (connect4, tic-tac-toe); ${points.length === 1 ? 'it has one' : 'it has none'}`);
  return { name: basename(resolve(path)), game: game.name, points };
}

function readTable(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UserError('usage', `cannot read ${path}: ${(error as Error).message.split(',')[0]}`);
  }
}

/** Lines that begin with # say where the figures come from. Throws UserError('data') naming the line. */
export function parseStrengthTable(path: string, text: string): StrengthPoint[] {
  const lines = text.split(/\r?\n/).map((line, i) => ({ line: line.trim(), at: i + 1 })).filter(({ line }) => line !== '' && !line.startsWith('#'));
  if (lines[0]?.line !== 'minutes,outcome,positions') throw new UserError('data', `${path}, line ${lines[0]?.at ?? 1}: the columns must be minutes,outcome,positions`);
  const points = lines.slice(1).map(({ line, at }) => {
    const [minutes, outcome, positions, ...more] = line.split(',').map(Number);
    if (!(minutes >= 0 && outcome >= 0 && outcome <= 1 && positions >= 1) || more.length > 0) throw new UserError('data', `${path}, line ${at}: '${line.slice(0, 60)}' is not minutes, a share in [0, 1] and a count`);
    return { minutes, error: 1 - outcome, positions };
  });
  if (points.length < 2) throw new UserError('data', `${path}: a curve takes two lines of figures`);
  return points.sort((a, b) => a.minutes - b.minutes);
}

/** 95 % interval of an error that was counted in so many positions, by Wilson: it has a width at 0 too. */
export function interval({ error, positions: n }: Pick<StrengthPoint, 'error' | 'positions'>): readonly [low: number, high: number] {
  const z2 = Z95 * Z95;
  const middle = (error + z2 / (2 * n)) / (1 + z2 / n);
  const half = (Z95 * Math.sqrt((error * (1 - error)) / n + z2 / (4 * n * n))) / (1 + z2 / n);
  return [Math.max(0, Math.min(error, middle - half)), Math.min(1, middle + half)];
}

const Z95 = 1.959964;
