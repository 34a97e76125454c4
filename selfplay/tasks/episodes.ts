/** What becomes of the episodes that a learner plays: returns, lengths, and the last hundred of them. */
import { UserError } from '#engine';
import type { Environments } from './types.js';

/** The training return is the mean of so many episodes. */
export const RECENT = 100;

/** Of the last RECENT episodes of training, exploration included; nulls before the first has ended. */
export interface EpisodeFigures {
  /** Episodes that have ended, of the whole run. */
  readonly episodes: number;
  readonly meanReturn: number | null;
  /** Standard error of that mean. */
  readonly returnError: number | null;
  readonly meanLength: number | null;
}

interface Saved {
  readonly returns: number[];
  readonly lengths: number[];
  readonly recent: [total: number, length: number][];
  readonly episodes: number;
}

/** Environments that count, and look at what they are told: a reward that is no number ends the run with a word. */
export class CountedEnvironments implements Environments {
  readonly task: Environments['task'];
  readonly n: number;
  readonly planes: Float32Array;
  readonly legal: Uint8Array;
  readonly rewards: Float32Array;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  readonly finalPlanes: Float32Array;
  readonly turns?: Uint8Array;
  private readonly inner: Environments;
  private readonly returns: Float64Array;
  private readonly lengths: Int32Array;
  /** The last RECENT, oldest first. */
  private recent: [total: number, length: number][] = [];
  private episodes = 0;

  constructor(inner: Environments) {
    this.inner = inner;
    this.task = inner.task;
    this.n = inner.n;
    this.planes = inner.planes;
    this.legal = inner.legal;
    this.rewards = inner.rewards;
    this.terminated = inner.terminated;
    this.truncated = inner.truncated;
    this.finalPlanes = inner.finalPlanes;
    this.turns = inner.turns;
    this.returns = new Float64Array(inner.n);
    this.lengths = new Int32Array(inner.n);
  }

  async reset(seed: number): Promise<void> {
    this.returns.fill(0);
    this.lengths.fill(0);
    await this.inner.reset(seed);
  }

  async step(actions: Int32Array): Promise<void> {
    await this.inner.step(actions);
    const { n, rewards, returns, lengths, terminated, truncated } = this;
    for (let i = 0; i < n; i++) {
      if (!Number.isFinite(rewards[i])) {
        throw new UserError('data', `environment ${i} of ${this.task.id} gave the reward ${rewards[i]} after ${lengths[i] + 1} steps of an episode; training has stopped, and the last checkpoint is kept`);
      }
      returns[i] += rewards[i];
      lengths[i]++;
      if ((terminated[i] | truncated[i]) === 0) continue;
      this.episodes++;
      this.recent.push([returns[i], lengths[i]]);
      if (this.recent.length > RECENT) this.recent.shift();
      returns[i] = lengths[i] = 0;
    }
  }

  figures(): EpisodeFigures {
    const { episodes, recent } = this;
    if (recent.length === 0) return { episodes, meanReturn: null, returnError: null, meanLength: null };
    const count = recent.length;
    const meanReturn = recent.reduce((sum, [total]) => sum + total, 0) / count;
    const squares = recent.reduce((sum, [total]) => sum + (total - meanReturn) ** 2, 0);
    return {
      episodes, meanReturn,
      returnError: count < 2 ? null : Math.sqrt(squares / (count - 1) / count),
      meanLength: recent.reduce((sum, [, length]) => sum + length, 0) / count,
    };
  }

  save(): Uint8Array | undefined {
    return this.inner.save();
  }

  restore(saved: Uint8Array): Promise<void> {
    return this.inner.restore(saved);
  }

  /** The counts, as JSON. */
  saveCounts(): Saved {
    return { returns: [...this.returns], lengths: [...this.lengths], recent: this.recent, episodes: this.episodes };
  }

  /** `whole`: the environments themselves were restored too; else their episodes have begun anew. */
  restoreCounts(saved: unknown, whole: boolean): void {
    const { returns, lengths, recent, episodes } = saved as Saved;
    this.recent = recent.map(([total, length]) => [total, length]);
    this.episodes = episodes;
    if (!whole || returns.length !== this.n) return;
    this.returns.set(returns);
    this.lengths.set(lengths);
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}
