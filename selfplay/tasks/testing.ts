/** For tests and benchmarks: an algorithm run on a task without files, and its model played greedily. */
import { getAlgorithm } from './algorithms.js';
import { openTask } from './task.js';
import type { Environments, Task, TaskLearner } from './types.js';

export interface Started {
  readonly task: Task;
  readonly learner: TaskLearner;
  readonly environments: Environments;
  /** Returns of the episodes that have ended, in order. */
  readonly returns: number[];
}

export interface StartOptions {
  readonly seed?: number;
  readonly frames: number;
  /** Changes of the algorithm's defaults. */
  readonly config?: Record<string, unknown>;
}

export async function start(spec: string | Task, algo: string, { seed = 1, frames, config = {} }: StartOptions): Promise<Started> {
  const task = typeof spec === 'string' ? await openTask(spec) : spec;
  const algorithm = getAlgorithm(algo);
  const settings = algorithm.schema.parse({ ...algorithm.defaults(task), ...config }) as unknown as ReturnType<typeof algorithm.defaults>;
  const environments = await task.open(settings.environments);
  const returns = count(environments);
  await environments.reset(seed);
  const learner = await algorithm.create({ task, environments, config: settings, seed, frames, device: 'cpu', threads: 1 });
  return { task, learner, environments, returns };
}

/** Runs to the end of its frames. */
export async function train(spec: string | Task, algo: string, options: StartOptions): Promise<Started> {
  const started = await start(spec, algo, options);
  while (started.learner.frames < options.frames) await started.learner.advance();
  return started;
}

function count(environments: Environments): number[] {
  const returns: number[] = [];
  const sums = new Float64Array(environments.n);
  const step = environments.step.bind(environments);
  const reset = environments.reset.bind(environments);
  environments.reset = (seed) => {
    sums.fill(0);
    return reset(seed);
  };
  environments.step = async (actions) => {
    await step(actions);
    for (let i = 0; i < environments.n; i++) {
      sums[i] += environments.rewards[i];
      if (environments.terminated[i] === 0 && environments.truncated[i] === 0) continue;
      returns.push(sums[i]);
      sums[i] = 0;
    }
  };
  return returns;
}

/** The learner's model, ready to answer. The runtime is loaded only here: whoever lists algorithms does without. */
async function open(learner: TaskLearner) {
  const { openModel } = await import('#engine/node');
  return openModel((await learner.model()).bytes, { device: 'cpu', threads: 1 });
}

/** Outputs of the learner's ONNX model for rows of planes. */
export async function answers({ task, learner }: Started, planes: Float32Array): Promise<{ policy: Float32Array; value: Float32Array }> {
  const rows = planes.length / (task.planes[0] * task.planes[1] * task.planes[2]);
  const out = { policy: new Float32Array(rows * task.actionCount), value: new Float32Array(rows) };
  const model = await open(learner);
  await model.run(planes, rows, out);
  await model.close();
  return out;
}

/** Observations and return of episodes played by the model's best actions. */
export async function playGreedily({ task, learner }: Started, episodes: number, seed = 100): Promise<{ returns: number[]; seen: Float32Array[] }> {
  const model = await open(learner);
  const environments = await task.open(1);
  await environments.reset(seed);
  const policy = new Float32Array(task.actionCount);
  const action = new Int32Array(1);
  const returns: number[] = [];
  const seen: Float32Array[] = [];
  let sum = 0;
  while (returns.length < episodes) {
    seen.push(environments.planes.slice());
    await model.run(environments.planes, 1, { policy });
    action[0] = policy.indexOf(Math.max(...policy));
    await environments.step(action);
    sum += environments.rewards[0];
    if (environments.terminated[0] === 0 && environments.truncated[0] === 0) continue;
    returns.push(sum);
    sum = 0;
  }
  await model.close();
  await environments.close();
  return { returns, seen };
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * A corridor of five cells, entered in the middle: action 1 steps right, 0 left. The right end pays 1 and ends; at the
 * left end the episode is cut. So with γ .9 a cell at distance d from the right end is worth .9^(d-1), its left
 * action .9 of the value of the cell to the left, and the cut cell what the value of the cell itself is.
 */
export const CELLS = 5;
export function corridor(spoil: (environments: Environments, step: number) => void = () => undefined): Task {
  const facts = { id: 'corridor', name: 'Corridor', version: 1, actionCount: 2, planes: [CELLS, 1, 1] } as const;
  return {
    ...facts,
    spec: 'corridor',
    async open(n) {
      const cells = new Int32Array(n).fill(2);
      let steps = 0;
      const rows = (size: number) => new Float32Array(n * size);
      const environments = {
        task: facts, n, planes: rows(CELLS), legal: new Uint8Array(2 * n).fill(1), rewards: rows(1), terminated: new Uint8Array(n), truncated: new Uint8Array(n), finalPlanes: rows(CELLS),
        async reset() { cells.fill(2); look(); },
        async step(actions: Int32Array) {
          for (let i = 0; i < n; i++) {
            cells[i] += actions[i] === 1 ? 1 : -1;
            environments.rewards[i] = environments.terminated[i] = cells[i] === CELLS - 1 ? 1 : 0;
            environments.truncated[i] = cells[i] === 0 ? 1 : 0;
            if (cells[i] !== 0 && cells[i] !== CELLS - 1) continue;
            environments.finalPlanes.fill(0, i * CELLS, (i + 1) * CELLS)[i * CELLS + cells[i]] = 1;
            cells[i] = 2;
          }
          look();
          spoil(environments, ++steps);
        },
        save: () => Uint8Array.from(cells),
        async restore(saved: Uint8Array) { cells.set(saved); look(); },
        async close() {},
      } satisfies Environments;
      function look(): void {
        environments.planes.fill(0);
        for (let i = 0; i < n; i++) environments.planes[i * CELLS + cells[i]] = 1;
      }
      return environments;
    },
  };
}
