/**
 * Fair use of the few searches that the machine can run at once. What a person waits for goes first: moves, then hints,
 * then moves of games between agents, then analyses; within each, one owner after another, so that nobody's ten requests
 * delay somebody else's one. One search is always kept free for moves.
 */
import { Refusal } from './refusal.js';

export const thinkKinds = ['move', 'hint', 'exhibition', 'analysis'] as const;
export type ThinkKind = (typeof thinkKinds)[number];

export interface QueueLimits {
  /** At once. */
  readonly searches: number;
  /** Hints and analyses that may wait; of one owner. Moves always may: there is at most one a room. */
  readonly waitingAnalyses: number;
  readonly waitingPerOwner: number;
}

interface Job {
  readonly owner: string;
  readonly kind: ThinkKind;
  /** `done` is called before whoever asked hears the answer. */
  readonly run: (done: () => void) => void;
  readonly signal: AbortSignal;
  readonly reject: (error: unknown) => void;
  readonly since: number;
}

/** Owners whose turn is remembered. */
const REMEMBERED = 4096;

const bounded = (kind: ThinkKind): boolean => kind === 'hint' || kind === 'analysis';

export class ThinkQueue {
  private readonly limits: QueueLimits;
  private readonly onDone: (kind: ThinkKind, waited: number, ran: number) => void;
  private waiting: Job[] = [];
  private readonly lastServed = new Map<string, number>();
  private served = 0;
  private running = 0;
  private runningOthers = 0;

  /** `onDone` hears of every search that ended: milliseconds in the queue, and of searching. */
  constructor(limits: QueueLimits, onDone: (kind: ThinkKind, waited: number, ran: number) => void = () => undefined) {
    this.limits = limits;
    this.onDone = onDone;
  }

  get length(): number {
    return this.waiting.length;
  }

  get active(): number {
    return this.running;
  }

  /** Runs the task when its turn comes. Rejects with Refusal('limit') when too many wait, with the signal's reason when aborted. */
  run<T>(owner: string, kind: ThinkKind, signal: AbortSignal, task: () => Promise<T>): Promise<T> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (bounded(kind)) {
      const waiting = this.waiting.filter((job) => bounded(job.kind));
      if (waiting.length >= this.limits.waitingAnalyses) return Promise.reject(new Refusal('limit', 'too many analyses are waiting already; try again in a moment'));
      if (waiting.filter((job) => job.owner === owner).length >= this.limits.waitingPerOwner) return Promise.reject(new Refusal('limit', 'too many of your analyses are waiting already'));
    }
    return new Promise<T>((resolve, reject) => {
      const calledOff = (): void => this.drop(job);
      const job: Job = {
        owner, kind, signal, reject, since: performance.now(),
        run: (done) => {
          signal.removeEventListener('abort', calledOff);
          Promise.resolve().then(task).finally(done).then(resolve, reject);
        },
      };
      this.waiting.push(job);
      signal.addEventListener('abort', calledOff, { once: true });
      this.next();
    });
  }

  private drop(job: Job): void {
    const at = this.waiting.indexOf(job);
    if (at < 0) return;
    this.waiting.splice(at, 1);
    job.reject(job.signal.reason);
  }

  private next(): void {
    for (;;) {
      const job = this.running < this.limits.searches ? this.take() : undefined;
      if (job === undefined) return;
      const others = job.kind === 'move' ? 0 : 1;
      this.running++;
      this.runningOthers += others;
      this.remember(job.owner);
      const began = performance.now();
      job.run(() => {
        this.running--;
        this.runningOthers -= others;
        this.onDone(job.kind, began - job.since, performance.now() - began);
        this.next();
      });
    }
  }

  /** The next that may run: by kind, then whose owner has waited longest for a turn, then the oldest. */
  private take(): Job | undefined {
    const full = this.runningOthers >= Math.max(1, this.limits.searches - 1);
    const turn = (job: Job) => this.lastServed.get(job.owner) ?? 0;
    const before = (a: Job, b: Job) => thinkKinds.indexOf(a.kind) - thinkKinds.indexOf(b.kind) || turn(a) - turn(b);
    let best: Job | undefined;
    for (const job of this.waiting) if ((job.kind === 'move' || !full) && (best === undefined || before(job, best) < 0)) best = job;
    if (best !== undefined) this.waiting.splice(this.waiting.indexOf(best), 1);
    return best;
  }

  private remember(owner: string): void {
    this.lastServed.delete(owner);
    this.lastServed.set(owner, ++this.served);
    if (this.lastServed.size > REMEMBERED) this.lastServed.delete(this.lastServed.keys().next().value as string);
  }
}
