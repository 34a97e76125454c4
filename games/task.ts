/**
 * What the tasks of one seat share: a count of steps, a time limit kept apart from a true end, all actions always legal,
 * and a key made of what is observed.
 */
import { OVER } from '#engine';
import type { Action, Game, Rng, State, Turn } from '#engine';
import { mixKey } from './key.js';

/** Static facts that a task's states need. */
export interface TaskFacts {
  readonly actionCount: number;
  /** Steps after which an episode is cut (`truncated`). */
  readonly limit: number;
  /** Numbers of an observation: channels * height * width. */
  readonly observationSize: number;
}

export abstract class TaskState<Facts extends TaskFacts = TaskFacts> implements State {
  turn: Turn = 0;
  /** The episode was cut by its time limit; false when it truly ended, also when both happened in the same step. */
  truncated = false;
  /** Steps of this episode so far. */
  steps = 0;
  /** A terminal condition has come about; `advance` sets it. */
  protected ended = false;
  protected readonly facts: Facts;

  constructor(facts: Facts) {
    this.facts = facts;
  }

  /** The episode truly ended: nothing follows, so its value is 0. */
  get terminated(): boolean {
    return this.turn === OVER && !this.truncated;
  }

  /** Writes the starting position, drawing from rng what is random in it. */
  protected abstract reset(rng: Rng): void;
  /** One step of the task; returns its reward and sets `ended` at a true end. */
  protected abstract advance(action: Action, rng: Rng): number;
  abstract observe(out: Float32Array): void;

  /** Begins another episode in place. */
  restart(rng: Rng): void {
    this.turn = 0;
    this.truncated = false;
    this.steps = 0;
    this.ended = false;
    this.reset(rng);
  }

  legal(out: Int32Array): number {
    if (this.turn === OVER) return 0;
    const count = this.facts.actionCount;
    for (let action = 0; action < count; action++) out[action] = action;
    return count;
  }

  /** Acting after the end changes nothing and gives 0. */
  apply(action: Action, rng: Rng): number {
    if (this.turn === OVER) return 0;
    const reward = this.advance(action, rng);
    this.steps++;
    if (this.ended) {
      this.turn = OVER;
    } else if (this.steps >= this.facts.limit) {
      this.turn = OVER;
      this.truncated = true;
    }
    return reward;
  }

  copyFrom(other: TaskState<Facts>): void {
    this.turn = other.turn;
    this.truncated = other.truncated;
    this.steps = other.steps;
    this.ended = other.ended;
  }

  /** Of the observation alone: what a learner cannot see (timers, steps) makes no difference to its key. */
  key(out: Uint32Array): void {
    const size = this.facts.observationSize;
    if (seen.length < size) {
      seen = new Float32Array(size);
      bits = new Uint32Array(seen.buffer);
    }
    this.observe(seen);
    let a = size;
    let b = 0x243f6a88;
    let c = 0x85a308d3;
    let d = 0x13198a2e;
    for (let i = 0; i < size; i++) {
      // Adding 0 turns -0 into 0, which nobody can tell apart.
      seen[i] += 0;
      const word = bits[i];
      // Four multiplicative hashes, each with its own rotation and multiplier.
      a = Math.imul((a << 5) | (a >>> 27), 0x9e3779b1) ^ word;
      b = Math.imul((b << 7) | (b >>> 25), 0x85ebca77) ^ word;
      c = Math.imul((c << 11) | (c >>> 21), 0xc2b2ae3d) ^ word;
      d = Math.imul((d << 13) | (d >>> 19), 0x27d4eb2f) ^ word;
    }
    out[0] = a;
    out[1] = b;
    out[2] = c;
    out[3] = d;
    mixKey(out);
  }
}

let seen = new Float32Array(0);
let bits = new Uint32Array(0);

/** What a simple task is, besides its states. */
export interface TaskRules<S extends TaskState> {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  /** 'none' when `advance` draws nothing. */
  readonly chance: 'none' | 'sampled';
  /** Names of the actions; all are always legal. */
  readonly actions: readonly string[];
  /** [channels, height, width]. */
  readonly planes: readonly [number, number, number];
  /** Steps after which an episode is cut. */
  readonly limit: number;
  readonly create: (facts: TaskFacts) => S;
  readonly render: (state: S) => string;
}

/** The game that the rules describe. */
export function taskGame<S extends TaskState>(rules: TaskRules<S>): Game<S> {
  const { id, name, version, chance, actions, planes, limit, create, render } = rules;
  const facts: TaskFacts = { actionCount: actions.length, limit, observationSize: planes[0] * planes[1] * planes[2] };
  return {
    id, name, version, chance, planes, render,
    seats: 1,
    actionCount: actions.length,
    maxPlies: limit,

    start(rng) {
      const state = create(facts);
      state.restart(rng);
      return state;
    },

    actionName: (_state, action) => actions[action],

    parseAction(state, text) {
      const action = actions.indexOf(text.trim().toLowerCase());
      return action < 0 || state.turn === OVER ? undefined : action;
    },
  };
}
