/** What the page and its thinking thread say to each other. Numbers and plain objects only: they are cloned on the way. */
import type { Action, Unfolded } from '#engine';
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

/** What a learned model imagines along actions, and what it makes of the positions that really came. */
export interface Imagined {
  /** Of the first position, as it was seen. */
  readonly value: number;
  /** [actions] the action's reward and the value after it, imagined; the value of the real position when it is looked at. */
  readonly steps: readonly { readonly reward: number; readonly value: number; readonly seenValue: number }[];
}

export interface Loading {
  readonly what: 'runtime' | 'model';
  /** Bytes; `total` is 0 where the host does not say. */
  readonly loaded: number;
  readonly total: number;
}

export type Question =
  | { readonly type: 'analyse'; readonly agent: AgentPlace; readonly position: Position; readonly seed: number }
  /** Of the agent's last analysis, if it was of the same question, else of a new one. */
  | { readonly type: 'tree'; readonly agent: AgentPlace; readonly position: Position; readonly seed: number; readonly path: readonly Action[]; readonly levels: number; readonly most: number }
  | { readonly type: 'scores'; readonly game: string; readonly position: Position; readonly nodes: number }
  /** `seen`: [actions + 1, planes], the positions before, between and after the actions. */
  | { readonly type: 'dream'; readonly game: string; readonly model: string; readonly dynamics: string; readonly seen: Float32Array; readonly actions: readonly Action[] }
  | { readonly type: 'evaluate'; readonly game: string; readonly model: string; readonly planes: Float32Array };

/** `tree` is left out where the search did not come that far. */
export interface SearchedTree { readonly simulations: number; readonly tree?: Unfolded }

export interface Answers {
  analyse: Analysis;
  tree: SearchedTree;
  /** [actionCount]; null where an action is illegal. undefined: too hard, or nobody knows. */
  scores: (number | null)[] | undefined;
  evaluate: NetworkAnswer;
  dream: Imagined;
}

export type ToWorker = { readonly id: number } & ({ readonly type: 'ask'; readonly question: Question } | { readonly type: 'cancel' });

export type FromWorker = { readonly id: number } & (
  | { readonly type: 'loading'; readonly loading: Loading }
  | { readonly type: 'done'; readonly answer: Answers[keyof Answers] }
  /** `message` is for a person. */
  | { readonly type: 'failed'; readonly message: string }
);

export type { Action, Analysis, Position };
