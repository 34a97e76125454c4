/** What a task's run and its one thread say to each other, and what the run tells whoever listens. */
import type { EvaluationResult, TrainingState } from '../events.js';
import type { Close, WorkerFailure } from '../messages.js';
import type { EpisodeFigures } from './episodes.js';
import type { LearnerMetrics } from './types.js';
import type { TaskRunConfig } from './run-config.js';

export interface TaskSetup {
  readonly config: TaskRunConfig;
  readonly runDir: string;
  /** Checkpoint to go on from. */
  readonly checkpoint?: string;
}

/** Where a call of `run` ends at the latest; counts are of the whole run. */
export interface TaskLimits {
  readonly frames?: number;
  readonly episodes?: number;
  readonly steps?: number;
}

export interface TaskCounts {
  readonly frames: number;
  readonly steps: number;
}

export type ToTask =
  | { readonly type: 'run'; readonly limits: TaskLimits }
  | { readonly type: 'pause' }
  | { readonly type: 'checkpoint'; readonly elapsedSeconds: number }
  | Close;

export type FromTask =
  /** `lightened`: the checkpoint to go on from no longer holds what was lived through. */
  | { readonly type: 'ready'; readonly counts: TaskCounts; readonly figures: EpisodeFigures; readonly lightened: boolean }
  /** Once a second or so while it runs, and when it rests. */
  | { readonly type: 'report'; readonly counts: TaskCounts; readonly figures: EpisodeFigures; readonly metrics: LearnerMetrics }
  /** A limit has been reached; nothing more is done. */
  | { readonly type: 'done' }
  | { readonly type: 'checkpoint'; readonly path: string; readonly step: number; readonly frames: number }
  | WorkerFailure;

/** Where a task's run stands; everything since its first sitting unless it says otherwise. */
export interface TaskProgress extends EpisodeFigures, TaskCounts {
  readonly game: string;
  readonly algorithm: string;
  /** Time spent in training, pauses not counted [s]. */
  readonly elapsedSeconds: number;
  /** Over the last second or so. */
  readonly framesPerSecond: number;
  readonly stepsPerSecond: number;
  readonly episodesPerSecond: number;
  /** Means by term since the last progress; empty when there was no update. */
  readonly losses: Readonly<Record<string, number>>;
  /** The learner's other figures by name: learningRate, epsilon, ... */
  readonly values: Readonly<Record<string, number>>;
  /** Resident memory of the process [bytes]. */
  readonly memory: number;
}

export interface TaskTrainingEvents {
  progress: TaskProgress;
  checkpoint: { readonly path: string; readonly step: number };
  evaluation: { readonly step: number; readonly checkpoint: string; readonly result: EvaluationResult };
  state: TrainingState;
  /** Something failed; the run has stopped, and what was saved is safe. */
  error: { readonly error: Error; readonly fatal: boolean };
}
