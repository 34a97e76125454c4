/** How well an agent does in a task: whole episodes, many at once. */
import type { Task, TaskPolicy } from './types.js';

export interface TaskScore {
  /** Return of an episode, undiscounted: its mean, the standard error of that, and the extremes. */
  readonly mean: number;
  readonly standardError: number;
  readonly min: number;
  readonly max: number;
  /** Mean length of an episode [steps]. */
  readonly length: number;
  readonly episodes: number;
  /** How many of them a time limit cut. */
  readonly truncated: number;
  readonly steps: number;
}

export interface TaskEvaluation {
  readonly task: Task;
  readonly policy: TaskPolicy;
  readonly episodes: number;
  readonly seed: number;
  /** Episodes at once. */
  readonly parallel: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

/**
 * Every environment plays the same number of episodes (some one more), whatever their lengths: the first so many to end
 * would be the short ones. An environment that has had its share goes on unrecorded until all have.
 */
export async function evaluateTask({ task, policy, episodes, seed, parallel, signal, onProgress }: TaskEvaluation): Promise<TaskScore> {
  const n = Math.min(parallel, episodes);
  const environments = await task.open(n);
  try {
    await environments.reset(seed);
    const { planes, legal, rewards, terminated, truncated } = environments;
    const share = Int32Array.from({ length: n }, (_, i) => Math.floor(episodes / n) + (i < episodes % n ? 1 : 0));
    const totals = new Float64Array(n);
    const actions = new Int32Array(n);
    const returns = new Float64Array(episodes);
    const lengths = new Int32Array(n);
    let [done, cut, steps, length] = [0, 0, 0, 0];
    while (done < episodes) {
      await policy.act(planes, legal, n, actions);
      await environments.step(actions);
      for (let i = 0; i < n; i++) {
        if (share[i] === 0) continue;
        steps++;
        totals[i] += rewards[i];
        lengths[i]++;
        if ((terminated[i] | truncated[i]) === 0) continue;
        returns[done++] = totals[i];
        cut += truncated[i];
        length += lengths[i];
        totals[i] = lengths[i] = 0;
        share[i]--;
      }
      if (steps % 1024 < n) {
        signal?.throwIfAborted();
        onProgress?.(done);
        // Lets an interrupt arrive.
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    const mean = returns.reduce((sum, value) => sum + value, 0) / episodes;
    const squares = returns.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return {
      mean, standardError: episodes < 2 ? 0 : Math.sqrt(squares / (episodes - 1) / episodes),
      min: returns.reduce((a, b) => Math.min(a, b), Infinity), max: returns.reduce((a, b) => Math.max(a, b), -Infinity),
      length: length / episodes, episodes, truncated: cut, steps,
    };
  } finally {
    await environments.close();
  }
}
