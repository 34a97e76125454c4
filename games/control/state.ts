/** Tasks whose position is a few real numbers. */
import type { Rng } from '#engine';
import { TaskState } from '../task.js';
import type { TaskFacts } from '../task.js';

export abstract class ControlState extends TaskState {
  /** The physical quantities, each task's own, in double precision. */
  readonly variables: Float64Array;

  constructor(facts: TaskFacts, variables: number) {
    super(facts);
    this.variables = new Float64Array(variables);
  }

  override copyFrom(other: ControlState): void {
    super.copyFrom(other);
    this.variables.set(other.variables);
  }

  /** The variables themselves; a task may show them another way. */
  observe(out: Float32Array): void {
    for (let i = 0; i < this.variables.length; i++) out[i] = this.variables[i];
  }
}

/** Uniform in [low, high). */
export function uniform(rng: Rng, low: number, high: number): number {
  return low + (high - low) * rng.float();
}

export function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}

/** Names and values, for a terminal. */
export function describe(names: readonly string[], values: ArrayLike<number>): string {
  return names.map((name, i) => `${name.padEnd(17)} ${values[i].toFixed(4).padStart(8)}`).join('\n');
}
