/**
 * What the learners of single-seat tasks are written against: environments that step together, a learner, and an
 * algorithm by name. A learner never sees a game, a file or a clock: it draws experience from its environments and learns.
 */
import type { z } from 'zod';
import { UserError, type Game } from '#engine';
import type { DeviceChoice } from '#engine/node';

/** Static facts of a task: a one-seat game, or an environment of another program. */
export interface TaskFacts {
  /** 2: a game for two, played against itself; only algorithms that say so (`Algorithm.seats`) learn it. Default 1. */
  readonly seats?: 1 | 2;
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** As of a game: data of another version is refused. */
  readonly version: number;
  readonly actionCount: number;
  /** [channels, height, width] of an observation; a vector of k numbers is [k, 1, 1]. */
  readonly planes: readonly [channels: number, height: number, width: number];
}

/**
 * What is known of the numbers of an observation: exactly one of them is 1 and the others are 0, or they lie between
 * bounds [channels * height * width]. Tables need the first, tile coding the second.
 */
export type ObservationSpace = { readonly kind: 'one-hot' } | { readonly kind: 'box'; readonly low: readonly number[]; readonly high: readonly number[] };

export interface Task extends TaskFacts {
  /** Undefined where nothing is known. */
  readonly observation?: ObservationSpace;
  /** The rules, where the task is one of our games; undefined for an external environment. Tables and planners need them. */
  readonly game?: Game;
  /** How others (threads, a resumed run) open the same task: an id, a path, or `gym:ENV_ID,...`. */
  readonly spec: string;
  /** `n` fresh environments, not yet reset. Throws UserError('environment') when the other program is not there. */
  open(n: number): Promise<Environments>;
}

/**
 * n independent episodes of one task, stepped together. All arrays belong to the environments, keep their identity, and
 * are overwritten by the next `step`: copy what is to be kept. Row i is environment i.
 *
 * Autoreset: an environment whose episode ends in a step has begun the next one when the step is over. So after `step`,
 *   `rewards`, `terminated`, `truncated`   tell of the action just taken;
 *   `planes`, `legal`                      show where the next action is to be taken (a new episode's start after an end);
 *   `finalPlanes`                          where terminated or truncated: the observation in which that episode ended.
 * Only `terminated` zeroes a bootstrap. A truncated episode was merely cut: the value of what followed is V(finalPlanes),
 * never V(planes), which is already the next episode. At most one of the two flags is set.
 */
export interface Environments {
  readonly task: TaskFacts;
  readonly n: number;
  /** [n, channels * height * width], channel-major. (Frames as bytes can become a second form of this array.) */
  readonly planes: Float32Array;
  /** [n, actionCount]: 1 legal, 0 not. */
  readonly legal: Uint8Array;
  /** [n] the seat to move where `planes` shows a position, for games of two seats; left out by tasks of one. */
  readonly turns?: Uint8Array;
  /** [n] to seat 0, as the task gives them: clipping and scaling are the learner's. */
  readonly rewards: Float32Array;
  /** [n]: 1 where the episode truly ended. */
  readonly terminated: Uint8Array;
  /** [n]: 1 where a time limit cut it. */
  readonly truncated: Uint8Array;
  /** [n, channels * height * width]; rows of environments whose episode did not end in this step are stale. */
  readonly finalPlanes: Float32Array;
  /** Begins n episodes; randomness is derived from (seed, index of the environment) alone. */
  reset(seed: number): Promise<void>;
  /** actions [n], legal ones. Throws UserError when an environment answers nonsense (NaN), dies or hangs. */
  step(actions: Int32Array): Promise<void>;
  /** Everything that the next steps depend on; undefined when the environments cannot be saved (another program's). */
  save(): Uint8Array | undefined;
  /** Goes on from `save` in place of `reset`; the arrays then hold what they held. */
  restore(saved: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** Numbers that a state is made of: float32 for weights and replay, bytes for packed observations. */
export type StateArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;

/** All that a learner needs to go on exactly where it stopped (its environments are saved beside it). */
export interface LearnerState {
  readonly arrays: Readonly<Record<string, StateArray>>;
  /**
   * What was lived through and is learnt from: heavy, and kept beside the newest checkpoints alone. A learner that has some
   * can also go on without, and then first gathers new.
   */
  readonly experience?: Readonly<Record<string, StateArray>>;
  /** The rest, as JSON: counters, states of random streams. Finite numbers only. */
  readonly json: unknown;
}

/** What a learner has to show for itself. */
export interface LearnerMetrics {
  /** Means by term since the last call, e.g. { policy, value, entropy }; empty when nothing was learnt. */
  readonly losses: Readonly<Record<string, number>>;
  /** Further figures by name, e.g. { learningRate, epsilon, clipFraction, explainedVariance }. */
  readonly values: Readonly<Record<string, number>>;
}

/** For playing: an ONNX model as `exportModel` writes it (input `planes`, outputs `policy` logits and `value`), or a table. */
export interface TaskModel {
  /** 'onnx': greedy is the argmax of `policy` over legal actions; of a value-based learner `policy` holds the action values. */
  readonly format: 'onnx' | 'table';
  readonly bytes: Uint8Array;
  /** Further files of a checkpoint, by name: a learned model's dynamics. */
  readonly more?: Readonly<Record<string, Uint8Array>>;
}

/**
 * One algorithm at work on one `Environments`. It owns its policy, its memory and its optimiser, and drives the
 * environments itself; nobody else steps them. One call at a time.
 */
export interface TaskLearner {
  /** Environment steps since the run began, all environments together. */
  readonly frames: number;
  /** Updates since the run began: optimiser steps, or changes of a table. */
  readonly steps: number;
  /** Frames that `advance` takes, where that is known: a run then ends before it would go beyond its frames. */
  readonly slice?: number;
  /**
   * Collects and learns a slice: at least one environment step, and little enough (tens to hundreds of milliseconds) that
   * a pause or an interrupt between two slices feels immediate. The state is whole between two calls.
   * Throws UserError('data') by `checkLosses` when a loss is not finite.
   */
  advance(): Promise<void>;
  /** Since the last call of this. */
  metrics(): LearnerMetrics;
  /** A copy. */
  state(): Promise<LearnerState>;
  /** Of the same algorithm and settings, else UserError('data'). The environments have been restored (or reset) before. */
  restore(state: LearnerState): Promise<void>;
  model(): Promise<TaskModel>;
  close(): Promise<void>;
}

/** What a learner is given. The environments have been opened, and are reset or restored before the first `advance`. */
export interface LearnerOptions<Config> {
  readonly task: Task;
  readonly environments: Environments;
  readonly config: Config;
  /** Of the run. Derive every stream: createRng(seed).fork(purpose, index). */
  readonly seed: number;
  /** Frames that the whole run is planned for: learning rates and exploration anneal over them. */
  readonly frames: number;
  readonly device: DeviceChoice;
  /** Threads of the networks' own pools. */
  readonly threads: number;
}

export const algorithmFamilies = ['policy-gradient', 'dqn', 'muzero', 'classical'] as const;
export type AlgorithmFamily = (typeof algorithmFamilies)[number];

/** Every algorithm has at least this setting. */
export interface LearnerConfig {
  /** How many environments step together. */
  readonly environments: number;
}

/**
 * An algorithm by name. Objects of this type are light: what is heavy (TensorFlow.js, a runtime) is imported inside
 * `create`, because the command line loads all of them only to list them.
 */
export interface Algorithm<Config extends LearnerConfig = LearnerConfig> {
  /** As after --algo: 'ppo'. */
  readonly name: string;
  readonly family: AlgorithmFamily;
  /** For people: 'Proximal policy optimisation'. */
  readonly title: string;
  /** One line: what it is and when to take it. */
  readonly summary: string;
  /** The kinds of task that it learns, by their number of seats. Default: one. */
  readonly seats?: readonly (1 | 2)[];
  /** Why it cannot learn this task, and what would ('tables need ...; use dqn or ppo'); undefined when it can. */
  refuses(task: Task): string | undefined;
  /** A strict object; every leaf is described as 'meaning [unit]', which is its documentation and --help. */
  readonly schema: z.ZodObject;
  /** Settings that work for the task, valid by the schema. */
  defaults(task: Task): Config;
  /** The frames that a run of it takes unless told otherwise. */
  frames(task: Task): number;
  create(options: LearnerOptions<Config>): Promise<TaskLearner>;
  /** Opens a model of format 'table' for playing; left out by algorithms whose models are ONNX. */
  openTable?(task: Task, bytes: Uint8Array): TaskPolicy;
}

/** Something that acts, for evaluation and play. */
export interface TaskPolicy {
  /** Writes an action for each of the first n rows; planes [>= n, C*H*W], legal [>= n, actionCount], actions [>= n]. */
  act(planes: Float32Array, legal: Uint8Array, n: number, actions: Int32Array): Promise<void>;
  close(): Promise<void>;
}

/** Throws UserError('data') that names the first term which is not a finite number, and the step. */
export function checkLosses(losses: Readonly<Record<string, number>>, step: number): void {
  // The parts first: `total` is only where a part's trouble shows.
  const terms = Object.entries(losses).sort(([a], [b]) => Number(a === 'total') - Number(b === 'total'));
  for (const [term, value] of terms) {
    if (!Number.isFinite(value)) {
      throw new UserError('data', `the loss '${term}' became ${value} at step ${step}: training has stopped, and the last checkpoint is kept; lower the learning rate, or clip gradients and rewards`);
    }
  }
}
