/** Measures checkpoints as they come out, one at a time. */
import type { EvaluationResult } from './events.js';

export interface Judged {
  readonly path: string;
  readonly step: number;
}

export interface JudgeOptions {
  readonly evaluate: (checkpoint: string, signal: AbortSignal) => Promise<EvaluationResult>;
  readonly done: (checkpoint: Judged, result: EvaluationResult) => void;
  /** A measurement failed; the next checkpoint is measured all the same. */
  readonly failed: (error: unknown) => void;
  /** Whether a checkpoint is still on disk. */
  readonly exists: (checkpoint: Judged) => boolean;
}

export class CheckpointJudge {
  private readonly options: JudgeOptions;
  private readonly abort = new AbortController();
  private waiting: Judged | undefined;
  private busy = false;

  constructor(options: JudgeOptions) {
    this.options = options;
  }

  /** Measures the checkpoint at once, or after the one under way; only the newest of those that wait is measured. */
  add(checkpoint: Judged): void {
    this.waiting = checkpoint;
    void this.next();
  }

  /** Asks the measurement under way to end; nothing more is measured. */
  stop(): void {
    this.waiting = undefined;
    this.abort.abort();
  }

  private async next(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      while (this.waiting !== undefined && !this.abort.signal.aborted) {
        const checkpoint = this.waiting;
        this.waiting = undefined;
        if (this.options.exists(checkpoint)) await this.judge(checkpoint);
      }
    } finally {
      this.busy = false;
    }
  }

  private async judge(checkpoint: Judged): Promise<void> {
    try {
      this.options.done(checkpoint, await this.options.evaluate(checkpoint.path, this.abort.signal));
    } catch (error) {
      if (!this.abort.signal.aborted) this.options.failed(error);
    }
  }
}
