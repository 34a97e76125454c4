/**
 * Where a run's time goes. A run has `threads` threads' worth of time; what is not spent on one of the parts is idle, that is a
 * thread waited for work. Time is by the clock, so a busy thread that the machine gave no core to still counts as busy:
 * `processorSeconds` tells how much of the processor the process really had.
 */
import type { ActorCounters } from './actor.js';

/** Self-play: network, search (trees, rules, games, messages), weights (opening new ones). Learner: games (taking in new ones, messages), rows (sampling), training, publishing, checkpoints. */
export const threadParts = ['network', 'search', 'weights', 'games', 'rows', 'training', 'publishing', 'checkpoints'] as const;
export type ThreadPart = (typeof threadParts)[number];

/** Thread seconds by part, and those in which a thread of the run had nothing to do. */
export type ThreadSeconds = Readonly<Record<ThreadPart | 'idle', number>>;

/** What the learner's thread did between two of its messages [ms]. */
const learnerParts = ['games', 'rows', 'training', 'publishing', 'checkpoints'] as const;
export type LearnerMillis = Partial<Record<(typeof learnerParts)[number], number>>;

export class ThreadTime {
  private readonly threads: number;
  private readonly learnerThreads: number;
  private readonly learner: Record<keyof LearnerMillis, number> = { games: 0, rows: 0, training: 0, publishing: 0, checkpoints: 0 };
  private began: { readonly elapsed: number; readonly processor: NodeJS.CpuUsage } | undefined;

  /** `threads` of the run, and `learnerThreads` of one training step. */
  constructor(threads: number, learnerThreads: number) {
    this.threads = threads;
    this.learnerThreads = learnerThreads;
  }

  /** The sitting begins, after so much training time [s]. */
  begin(elapsed: number): void {
    this.began = { elapsed, processor: process.cpuUsage() };
  }

  learnt(millis: LearnerMillis): void {
    for (const part of learnerParts) this.learner[part] += millis[part] ?? 0;
  }

  /** Of this sitting so far; `actors` is the sum over them. Undefined before it began. */
  at(elapsed: number, actors: ActorCounters): { threadSeconds: ThreadSeconds; processorSeconds: number } | undefined {
    if (this.began === undefined) return undefined;
    const { games, rows, training, publishing, checkpoints } = this.learner;
    const parts = {
      network: actors.networkMillis / 1000, search: actors.searchMillis / 1000, weights: actors.weightsMillis / 1000, games: games / 1000, rows: rows / 1000,
      training: (training * this.learnerThreads) / 1000, publishing: publishing / 1000, checkpoints: checkpoints / 1000,
    };
    const busy = Object.values(parts).reduce((sum, seconds) => sum + seconds, 0);
    const { user, system } = process.cpuUsage(this.began.processor);
    // More threads than the run is to have can be busy for the moment in which one takes over from another.
    const idle = Math.max(0, this.threads * (elapsed - this.began.elapsed) - busy);
    return { threadSeconds: { ...parts, idle }, processorSeconds: (user + system) / 1e6 };
  }
}
