/**
 * metrics.jsonl: one JSON object a line, appended as the run goes on, with `type` and `time` (ISO 8601):
 *   progress    the fields of `Progress`, every few seconds
 *   task        the same of a run that learns a task: the fields of `TaskProgress`
 *   checkpoint  `path` (relative to the run) and `step`
 *   evaluation  `step`, `checkpoint`, `summary`, `values` by name
 *   heldOut     `step`, and how the network foretells games that it does not learn from: the fields of `HeldOutResult`
 *   state       `state`: a sitting begins, pauses, ends
 * A line cut off by a killed process is dropped by the reader, and the next writer begins a new one.
 */
import { appendFileSync, closeSync, existsSync, openSync, readFileSync, readSync, fstatSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { EvaluationResult, Progress, TrainingState } from './events.js';
import { diskError } from './files.js';
import type { HeldOutResult } from './held-out.js';
import type { TaskProgress } from './tasks/messages.js';
import { TensorBoardWriter } from './tensorboard.js';

export type MetricsRow =
  | ({ readonly type: 'progress'; readonly time: string } & Progress)
  | ({ readonly type: 'task'; readonly time: string } & TaskProgress)
  | { readonly type: 'checkpoint'; readonly time: string; readonly path: string; readonly step: number }
  | { readonly type: 'evaluation'; readonly time: string; readonly step: number; readonly checkpoint: string; readonly summary: string; readonly values: Readonly<Record<string, number>> }
  | ({ readonly type: 'heldOut'; readonly time: string; readonly step: number } & HeldOutResult)
  | { readonly type: 'state'; readonly time: string; readonly state: TrainingState };

type NewRow = MetricsRow extends infer Row ? (Row extends MetricsRow ? Omit<Row, 'time'> : never) : never;

export class MetricsWriter {
  private readonly file: string;
  private readonly runDir: string;
  private readonly board: TensorBoardWriter;

  constructor(runDir: string) {
    this.runDir = runDir;
    this.file = join(runDir, 'metrics.jsonl');
    if (endsInMidLine(this.file)) appendFileSync(this.file, '\n');
    this.board = new TensorBoardWriter(join(runDir, 'tensorboard'), Date.now() / 1000);
  }

  progress(progress: Progress): void {
    this.append({ type: 'progress', ...progress });
    const { losses, games, positions, steps, elapsedSeconds, results, game: _, ...scalars } = progress;
    const named = Object.fromEntries(Object.entries(losses).map(([name, value]) => [`loss/${name}`, value]));
    const [first, draw, second] = results;
    this.scalars(steps, { ...prefixed('progress', { ...scalars, games, positions, elapsedSeconds }), ...named, 'results/first': first, 'results/draw': draw, 'results/second': second });
  }

  /** TensorBoard counts environment steps here. */
  task(progress: TaskProgress): void {
    this.append({ type: 'task', ...progress });
    const { losses, values, frames, game: _game, algorithm: _algorithm, ...scalars } = progress;
    this.scalars(frames, { ...prefixed('progress', scalars), ...prefixed('loss', losses), ...prefixed('learner', values) });
  }

  checkpoint(path: string, step: number): void {
    this.append({ type: 'checkpoint', path: relative(this.runDir, path), step });
  }

  evaluation(checkpoint: string, step: number, { summary, values }: EvaluationResult): void {
    this.append({ type: 'evaluation', step, checkpoint: relative(this.runDir, checkpoint), summary, values });
    this.scalars(step, prefixed('evaluation', values));
  }

  heldOut(step: number, result: HeldOutResult): void {
    this.append({ type: 'heldOut', step, ...result });
    this.scalars(step, prefixed('heldOut', result));
  }

  state(state: TrainingState): void {
    this.append({ type: 'state', state });
  }

  private scalars(step: number, values: Readonly<Record<string, number>>): void {
    try {
      this.board.write(Date.now() / 1000, step, values);
    } catch (error) {
      throw diskError(error, join(this.runDir, 'tensorboard'));
    }
  }

  private append(row: NewRow): void {
    try {
      appendFileSync(this.file, `${JSON.stringify({ ...row, time: new Date().toISOString() })}\n`);
    } catch (error) {
      throw diskError(error, this.file);
    }
  }
}

function prefixed(prefix: string, values: object): Record<string, number> {
  return Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (typeof value === 'number' ? [[`${prefix}/${name}`, value]] : [])));
}

function endsInMidLine(file: string): boolean {
  if (!existsSync(file)) return false;
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    const last = Buffer.alloc(1);
    return size > 0 && readSync(handle, last, 0, 1, size - 1) === 1 && last[0] !== 10;
  } finally {
    closeSync(handle);
  }
}

/** All rows of a run, oldest first; lines that a killed process left unfinished are skipped. */
export function readMetrics(runDir: string): MetricsRow[] {
  const file = join(runDir, 'metrics.jsonl');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as MetricsRow];
    } catch {
      return [];
    }
  });
}
