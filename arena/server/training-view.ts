/** A run as the server sees it: what it tells, and the two things that may be asked of it. */
import type { CheckpointView, RunSettings, SelfPlayBoard, TrainingStatus } from '#arena/protocol';
import type { Sample } from './curves.js';

export type TrainingNews =
  | { readonly kind: 'status' } // ask status() again
  | { readonly kind: 'sample'; readonly sample: Sample }
  | { readonly kind: 'checkpoints' } // ask checkpoints() again
  | { readonly kind: 'board'; readonly board: SelfPlayBoard };

export interface TrainingView {
  /** Id of the game. */
  readonly game: string;
  readonly runDir: string;
  status(): TrainingStatus;
  /** All measured before now, oldest first. */
  history(): Promise<readonly Sample[]>;
  /** Oldest first. */
  checkpoints(): Promise<readonly CheckpointView[]>;
  /** Folder of a checkpoint of that list. */
  checkpointPath(id: string): string;
  /** The settings that made the run, where they are known. */
  settings?(): RunSettings;
  /** Calls the listener on whatever is new, until the returned function is called. */
  listen(listener: (news: TrainingNews) => void): () => void;
  pause(): void;
  resume(): void;
  /** Actors wait until this is settled. */
  yieldTo(thinking: Promise<unknown>): void;
}
