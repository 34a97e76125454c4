/** What a host and its worker say to each other: plain data that `postMessage` clones. */
import type { Action, Unfolded, UserErrorKind } from '#engine';
import type { Analysis, Dream, ThinkOptions } from './agent.js';
import type { PlayerAnswer, PlayerRequest } from './player.js';
import type { AgentSpec } from './spec.js';

/** Given to the worker at its start. */
export interface HostData {
  /** Id of a game, or the path of its module. */
  readonly game: string;
  readonly spec: AgentSpec;
  readonly device: 'cpu' | 'webgpu' | 'cuda' | 'auto';
  readonly threads: number;
  readonly maxNodes?: number;
}

/** The worker knows itself what has been played since the position that it last thought about. */
export type HostThinkOptions = Omit<ThinkOptions, 'played'>;

export type ToWorker =
  | { readonly type: 'choose'; readonly id: number; readonly requests: readonly PlayerRequest[] }
  | { readonly type: 'analyse'; readonly id: number; readonly request: PlayerRequest; readonly progress: boolean; readonly think?: HostThinkOptions }
  /** The search tree of this position below `path`, at most `most` edges: of the last analysis, if it was of the same question, else of a new one. */
  | { readonly type: 'tree'; readonly id: number; readonly request: PlayerRequest; readonly path: readonly Action[]; readonly levels: number; readonly most: number }
  /** Of an agent with a learned model: these actions from the position on, imagined. */
  | { readonly type: 'dream'; readonly id: number; readonly position: PlayerRequest['position']; readonly actions: readonly Action[] }
  /** Exact scores by the game's solver, if it has one; `nodes` bounds the work. */
  | { readonly type: 'scores'; readonly id: number; readonly position: PlayerRequest['position']; readonly nodes: number | undefined }
  /** An analysis is to end with what it has found so far. */
  | { readonly type: 'stop'; readonly id: number }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'close' };

/** An error that survives the journey: `kind` of a UserError. */
export interface PlainError {
  readonly kind?: UserErrorKind;
  readonly message: string;
}

/** A tree, or as much of it as was asked for; `tree` is left out where it does not reach that far. */
export interface SearchedTree {
  readonly simulations: number;
  readonly tree?: Unfolded;
}

export type Scores = readonly (number | null)[];

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly error: PlainError }
  | { readonly type: 'progress'; readonly id: number; readonly analysis: Analysis }
  | { readonly type: 'done'; readonly id: number; readonly result: PlayerAnswer[] | Analysis | SearchedTree | Dream | Scores | undefined }
  | { readonly type: 'error'; readonly id: number; readonly error: PlainError };
