/** What the main thread and its workers say to each other. Every message is a plain object of a closed union. */
import { UserError, type UserErrorKind } from '#engine';
import type { ActorCounters } from './actor.js';
import type { RunConfig } from './config-schema.js';
import type { HeldOutResult } from './held-out.js';
import type { LearnerMillis } from './thread-time.js';
import type { StoredEpisode, StoreOptions, StoreTotals } from './store.js';

/** `workerData` of every worker. */
export interface WorkerSetup {
  readonly config: RunConfig;
}

export interface ActorSetup extends WorkerSetup {
  readonly worker: number;
  /** How often the run has been started: no two sittings play the same games. */
  readonly sitting: number;
}

export interface LearnerSetup extends WorkerSetup {
  readonly runDir: string;
  /** Checkpoint to go on from. */
  readonly checkpoint?: string;
  /** It is another run's: take its weights and optimiser, but count from zero. */
  readonly foreign: boolean;
  /** Trained positions acknowledged so far. */
  readonly positions: number;
  /** Stores of games to learn from, without credit and until told to stop; else it learns from the run's own. */
  readonly records?: readonly string[];
}

/** Weights for actors. */
export interface Weights {
  /** Inference model, ONNX. */
  readonly model: Uint8Array;
  readonly step: number;
  readonly simulations: number;
}

/** End the thread, in an orderly way: one that is cut off in the middle of native code can take the process with it. */
export interface Close {
  readonly type: 'close';
}

export type ToActor =
  | ({ readonly type: 'weights' } & Weights)
  /** Play; with `games`, stop by itself once that many more have ended. */
  | { readonly type: 'run'; readonly games?: number }
  | { readonly type: 'pause' }
  | Close;

/** A finished game, encoded, with what the main thread tells of it. */
export interface PlayedEpisode extends StoredEpisode {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly actions: Uint16Array;
  readonly seed: number;
  /** Sum of rewards to seat 0. */
  readonly result: number;
  readonly checkpoint: number;
}

/** A game told of before, encoded with newer targets: all else is as it was. */
export interface RevisedEpisode extends StoredEpisode {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export type FromActor =
  /** Games that have ended, in order. */
  | { readonly type: 'episodes'; readonly episodes: readonly PlayedEpisode[] }
  /** Earlier games of this actor with targets of newer weights. */
  | { readonly type: 'revised'; readonly episodes: readonly RevisedEpisode[] }
  | { readonly type: 'counters'; readonly counters: ActorCounters }
  | { readonly type: 'board'; readonly actions: Uint16Array; readonly seed: number; readonly value: number }
  /** The games asked for have ended. */
  | { readonly type: 'done' }
  | WorkerFailure;

export type ToLearner =
  | { readonly type: 'episodes'; readonly episodes: readonly Uint8Array[]; readonly fresh: boolean }
  /** Games that it may have, with newer targets. */
  | { readonly type: 'revised'; readonly episodes: readonly Uint8Array[] }
  /** Train whenever steps are due; from records, up to that many of the run. */
  | { readonly type: 'run'; readonly steps?: number }
  | { readonly type: 'pause' }
  | { readonly type: 'checkpoint'; readonly games: number; readonly positions: number; readonly elapsedSeconds: number }
  | Close;

export interface LearnerStatus {
  readonly step: number;
  readonly rows: number;
  /** Steps due. */
  readonly due: number;
  readonly windowPositions: number;
  readonly windowGames: number;
  /** Positions whose targets were exchanged for newer ones, this sitting. */
  readonly revised: number;
}

export type FromLearner =
  | { readonly type: 'ready'; readonly status: LearnerStatus; readonly weights: Weights }
  | ({ readonly type: 'weights' } & Weights)
  | { readonly type: 'step'; readonly status: LearnerStatus; readonly losses: Record<string, number>; readonly learningRate: number; readonly valueMix: number; readonly millis: LearnerMillis }
  /** Working: a step is under way or due. Sent when it changes, and once after each 'run' and 'episodes'. */
  | { readonly type: 'working'; readonly working: boolean; readonly status: LearnerStatus }
  /** `millis`: what it took to write. */
  | { readonly type: 'checkpoint'; readonly path: string; readonly step: number; readonly millis: number }
  /** How it foretells games that it does not learn from. */
  | { readonly type: 'heldOut'; readonly step: number; readonly result: HeldOutResult }
  | WorkerFailure;

export interface StoreSetup extends StoreOptions {
  readonly path: string;
}

export type ToStore =
  | { readonly type: 'append'; readonly episodes: readonly StoredEpisode[] }
  /** These take the places of the games with their ids, as far as those are there. */
  | { readonly type: 'revise'; readonly episodes: readonly StoredEpisode[] }
  /** The newest games that hold this many positions, oldest first. */
  | { readonly type: 'latest'; readonly positions: number }
  /** Append what is queued and flush it to the disk first. */
  | Close;

export type FromStore =
  | { readonly type: 'opened'; readonly totals: StoreTotals }
  /** Committed, in the order in which they were sent; not fresh: it had been stored before. `revised`: so many games to revise were in it. */
  | { readonly type: 'appended'; readonly fresh: readonly boolean[]; readonly revised: number; readonly totals: StoreTotals }
  | { readonly type: 'latest'; readonly episodes: readonly Uint8Array[]; readonly last: boolean }
  | { readonly type: 'closed' }
  | WorkerFailure;

export interface WorkerFailure {
  readonly type: 'failure';
  readonly kind?: UserErrorKind;
  readonly message: string;
  readonly stack?: string;
}

export function failure(error: unknown): WorkerFailure {
  if (error instanceof UserError) return { type: 'failure', kind: error.kind, message: error.message };
  return error instanceof Error ? { type: 'failure', message: error.message, stack: error.stack } : { type: 'failure', message: String(error) };
}

export function failureError({ kind, message, stack }: WorkerFailure): Error {
  if (kind !== undefined) return new UserError(kind, message);
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
