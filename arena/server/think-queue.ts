/**
 * Fair use of the few searches that the machine can run at once: moves before analyses, and among analyses one
 * connection after another, so that nobody's ten requests delay somebody else's one.
 */
import { Refusal } from './refusal.js';

interface Job<T = unknown> {
  /** Who asked: requests of one owner stand behind each other. */
  readonly owner: object;
  readonly move: boolean;
  readonly signal: AbortSignal;
  readonly run: () => Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

export class ThinkQueue {
  private readonly waiting: Job[] = [];
  private readonly lastServed = new WeakMap<object, number>();
  private served = 0;
  private running = 0;
  private readonly searches: number;
  private readonly waitingAnalyses: number;

  constructor(searches: number, waitingAnalyses: number) {
    this.searches = searches;
    this.waitingAnalyses = waitingAnalyses;
  }

  get length(): number {
    return this.waiting.length;
  }

  /** Runs the task when its turn comes. Rejects with Refusal('limit') when too many analyses wait, with the signal's reason when aborted. */
  run<T>(owner: object, kind: 'move' | 'analysis', signal: AbortSignal, task: () => Promise<T>): Promise<T> {
    const move = kind === 'move';
    if (!move && this.waiting.reduce((n, job) => n + (job.move ? 0 : 1), 0) >= this.waitingAnalyses) {
      return Promise.reject(new Refusal('limit', 'too many analyses are waiting already; try again in a moment'));
    }
    return new Promise<T>((resolve, reject) => {
      const job: Job<T> = { owner, move, signal, run: task, resolve, reject };
      this.waiting.push(job as unknown as Job);
      this.next();
    });
  }

  private next(): void {
    while (this.running < this.searches && this.waiting.length > 0) {
      const job = this.take();
      if (job.signal.aborted) {
        job.reject(job.signal.reason);
        continue;
      }
      this.running++;
      this.lastServed.set(job.owner, ++this.served);
      void job.run().then(job.resolve, job.reject).finally(() => {
        this.running--;
        this.next();
      });
    }
  }

  private take(): Job {
    let best = 0;
    const rank = (job: Job) => (job.move ? -1 : (this.lastServed.get(job.owner) ?? 0));
    for (let i = 1; i < this.waiting.length; i++) if (rank(this.waiting[i]) < rank(this.waiting[best])) best = i;
    return this.waiting.splice(best, 1)[0];
  }
}
