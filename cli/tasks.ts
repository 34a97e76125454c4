/** What the commands that learn a task share: which algorithm is meant, settings, and telling how it goes. */
import { resolve } from 'node:path';
import { UserError } from '#engine';
import { isGamePath, loadGame } from '#games';
import { readRunInfo } from '#selfplay';
import { algorithmFor, createTaskTraining, openTask, suitableAlgorithms, type Task, type TaskProgress, type TaskTraining, type TaskTrainingOptions } from '#selfplay/tasks';
import { count, duration, StatusLine } from './output.js';
import { fileOverrides, type RunSettings } from './training.js';

export interface TaskSettings extends RunSettings {
  readonly algo?: string;
  readonly frames?: number;
}

/** How checkpoints of tasks for one, or of games for two, are measured. */
export type EvaluateTask = (seats: 1 | 2) => NonNullable<TaskTrainingOptions['evaluate']>;

/** Text that names a task for this and other threads: module paths become absolute. */
export function taskSpec(name: string): string {
  return isGamePath(name) && !/^(gym|file):/.test(name) ? resolve(name) : name;
}

/** Whether `train` and `start` mean a task's learner: by --algo, by the run that goes on, or because the game has one seat. */
export async function learnsTask(name: string, { algo, run }: { readonly algo?: string; readonly run?: string }): Promise<boolean> {
  const word = algo?.toLowerCase() ?? (run === undefined ? undefined : algorithmOfRun(run));
  if (word !== undefined) return word !== 'alphazero';
  if (name.startsWith('gym:')) return true;
  return (await loadGame(taskSpec(name))).seats === 1;
}

function algorithmOfRun(run: string): string | undefined {
  try {
    return readRunInfo(run).algorithm;
  } catch {
    return undefined;
  }
}

/** Where a run lives unless told otherwise. */
export const taskRunDir = (task: Pick<Task, 'id'>, algorithm: string): string => `runs/${task.id.replaceAll(/[^\w.-]+/g, '-')}-${algorithm}`;

export async function openTaskTraining(name: string, settings: TaskSettings, evaluate: EvaluateTask | undefined): Promise<TaskTraining> {
  const foreign = [['from', settings.from], ['records', settings.records], ['redis', settings.redis]].find(([, value]) => value !== undefined);
  if (foreign !== undefined) throw new UserError('usage', `--${String(foreign[0])} is for self-play; a task is learnt from nothing, in one process`);
  const task = await openTask(taskSpec(name));
  const algorithm = settings.algo ?? (settings.run === undefined ? undefined : algorithmOfRun(settings.run)) ?? suitableAlgorithms(task)[0]?.name ?? 'ppo';
  return createTaskTraining({
    runDir: settings.run ?? taskRunDir(task, algorithmFor(algorithm, task).name),
    game: task.spec,
    algorithm,
    ...(evaluate === undefined || settings.evaluate === false ? {} : { evaluate: evaluate(task.seats ?? 1) }),
    overrides: [
      ...(settings.config === undefined ? [] : fileOverrides(settings.config).filter((text) => !text.startsWith('algorithm='))),
      ...(settings.seed === undefined ? [] : [`seed=${settings.seed}`]),
      ...(settings.device === undefined ? [] : [`device=${settings.device}`]),
      ...(settings.frames === undefined ? [] : [`frames=${settings.frames}`]),
      ...(settings.set ?? []),
    ],
  });
}

/** "12.3 ± 0.4". */
export function plusMinus(mean: number | null, error: number | null): string {
  if (mean === null) return '–';
  const digits = Math.abs(mean) < 1 ? 3 : Math.abs(mean) < 100 ? 2 : 1;
  return error === null ? mean.toFixed(digits) : `${mean.toFixed(digits)} ± ${error.toFixed(digits)}`;
}

export function taskStatus(p: TaskProgress, frames: number): string {
  const losses = Object.entries(p.losses).filter(([name]) => name !== 'total').map(([name, value]) => `${name} ${value.toPrecision(3)}`).join(', ');
  const left = p.framesPerSecond > 0 && p.frames < frames ? `, ${duration((frames - p.frames) / p.framesPerSecond)} left` : '';
  return [
    `${duration(p.elapsedSeconds)}${left}`,
    `${count(p.frames)} of ${count(frames)} frames (${count(p.framesPerSecond)}/s)`,
    `${count(p.episodes)} episodes`,
    `return ${plusMinus(p.meanReturn, p.returnError)}`,
    ...(losses === '' ? [] : [losses]),
  ].join(' · ');
}

/** Tells on stderr how a run goes, until the returned function is called. */
export function narrateTask(training: TaskTraining, quiet: boolean, frames: number): () => void {
  const line = new StatusLine(quiet);
  const stops = [
    training.on('progress', (progress) => line.update(taskStatus(progress, frames))),
    training.on('evaluation', ({ step, result }) => line.note(`checkpoint ${count(step)}: ${result.summary}`)),
    training.on('error', ({ error, fatal }) => line.note(`${fatal ? 'error' : 'warning'}: ${error.message.split('\n')[0]}`)),
  ];
  return () => {
    stops.forEach((stop) => stop());
    line.end();
  };
}
