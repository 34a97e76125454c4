/** What the page and its thinking thread say to each other. Numbers and plain objects only: they are cloned on the way. */
import type { Action } from '#engine';
import type { Analysis, Position } from '#arena/browser';

/** An agent, and where its network is. */
export interface AgentPlace {
  readonly game: string;
  /** Agent string; a network's PATH in it is only a name. */
  readonly spec: string;
  /** Absolute address of its model.onnx, for agents with a network. */
  readonly model?: string;
}

/** What a network says of planes that the page has observed itself: for tasks whose chance cannot be replayed. */
export interface NetworkAnswer {
  /** [actions]. */
  readonly policy: Float32Array;
  readonly value: number;
}

export interface Loading {
  readonly what: 'runtime' | 'model';
  /** Bytes; `total` is 0 where the host does not say. */
  readonly loaded: number;
  readonly total: number;
}

/** An analysis with the tree's view from the seat to move. */
export type Question =
  | { readonly type: 'analyse'; readonly agent: AgentPlace; readonly position: Position; readonly seed: number }
  | { readonly type: 'scores'; readonly game: string; readonly position: Position; readonly nodes: number }
  | { readonly type: 'evaluate'; readonly game: string; readonly model: string; readonly planes: Float32Array };

export interface Answers {
  analyse: Analysis;
  /** [actionCount]; null where an action is illegal. undefined: too hard, or nobody knows. */
  scores: (number | null)[] | undefined;
  evaluate: NetworkAnswer;
}

export type ToWorker = { readonly id: number } & ({ readonly type: 'ask'; readonly question: Question } | { readonly type: 'cancel' });

export type FromWorker = { readonly id: number } & (
  | { readonly type: 'loading'; readonly loading: Loading }
  | { readonly type: 'done'; readonly answer: Answers[keyof Answers] }
  /** `message` is for a person. */
  | { readonly type: 'failed'; readonly message: string }
);

export type { Action, Analysis, Position };
