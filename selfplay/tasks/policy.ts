/** Who acts in a task when nothing is learnt: chance, or a checkpoint's model. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError, createRng, type Rng } from '#engine';
import { listCheckpoints } from '../checkpoint.js';
import { algorithmFor } from './algorithms.js';
import { readTaskModel } from './checkpoint.js';
import type { Task, TaskPolicy } from './types.js';

/** Uniform over the legal actions. */
export function randomPolicy(task: Pick<Task, 'actionCount'>, rng: Rng): TaskPolicy {
  const { actionCount } = task;
  return {
    async act(_planes, legal, n, actions) {
      for (let i = 0; i < n; i++) {
        const from = i * actionCount;
        let count = 0;
        for (let a = 0; a < actionCount; a++) count += legal[from + a];
        let left = rng.below(count);
        for (let a = 0; a < actionCount; a++) {
          if (legal[from + a] === 1 && left-- === 0) {
            actions[i] = a;
            break;
          }
        }
      }
    },
    close: async () => undefined,
  };
}

export interface PolicyOptions {
  /** 0 takes the best legal action, 1 draws from the softmax of the outputs. Tables play their own way. */
  readonly temperature: number;
  readonly rng: Rng;
  /** Most rows asked at once. */
  readonly rows: number;
  readonly device: 'auto' | 'cpu' | 'webgpu' | 'cuda';
  readonly threads: number;
}

/**
 * The agent of a checkpoint folder, or of a run's newest checkpoint (or that of `step`). Throws UserError: 'usage' when
 * there is none, 'data' when it was made for another task.
 */
export async function openPolicy(task: Task, path: string, step: number | undefined, options: PolicyOptions): Promise<TaskPolicy> {
  const folder = checkpointFolder(path, step);
  const { manifest, model } = readTaskModel(folder);
  const { id, version } = manifest.game;
  if (id !== task.id || version !== task.version) throw new UserError('data', `${path} has learnt ${id} version ${version}, not ${task.id} version ${task.version}`);
  if (model.format === 'table') {
    const open = algorithmFor(manifest.algorithm, task).openTable;
    if (open === undefined) throw new UserError('data', `${path} holds a table, but ${manifest.algorithm} plays from none`);
    return open(task, model.bytes);
  }
  const { openModel } = await import('#engine/node');
  const inference = await openModel(model.bytes, options);
  const { actionCount } = task;
  const outputs = { policy: new Float32Array(options.rows * actionCount) };
  return {
    async act(planes, legal, n, actions) {
      await inference.run(planes, n, outputs);
      for (let i = 0; i < n; i++) actions[i] = choose(outputs.policy, legal, i * actionCount, actionCount, options);
    },
    close: () => inference.close(),
  };
}

/** The legal action with the largest output, or a draw from the softmax of outputs / temperature. */
function choose(outputs: Float32Array, legal: Uint8Array, from: number, count: number, { temperature, rng }: PolicyOptions): number {
  let best = -1;
  for (let a = 0; a < count; a++) if (legal[from + a] === 1 && (best < 0 || outputs[from + a] > outputs[from + best])) best = a;
  if (temperature === 0) return best;
  const weight = (a: number) => (legal[from + a] === 1 ? Math.exp((outputs[from + a] - outputs[from + best]) / temperature) : 0);
  let sum = 0;
  for (let a = 0; a < count; a++) sum += weight(a);
  let left = rng.float() * sum;
  for (let a = 0; a < count; a++) if ((left -= weight(a)) < 0) return a;
  return best;
}

function checkpointFolder(path: string, step: number | undefined): string {
  if (existsSync(join(path, 'checkpoint.json'))) return path;
  const list = listCheckpoints(path);
  const entry = step === undefined ? list.at(-1) : list.find((candidate) => candidate.step === step);
  if (entry !== undefined) return entry.path;
  if (list.length > 0) throw new UserError('usage', `the run ${path} has no checkpoint of step ${step}; it has ${list.map((candidate) => candidate.step).join(', ')}`);
  throw new UserError('usage', `there is no checkpoint at ${path}: give a run or a checkpoint folder of ludus train`);
}

/** A stream for what an agent draws, apart from the environments'. */
export const actingRng = (seed: number): Rng => createRng(seed).fork('acting');
