/** What a worker can do: each kind of work (self-play here, tournaments' pairs in the arena) opens what plays its jobs. */
import type { Redis } from 'ioredis';
import type { Game } from '#engine';
import type { Keys } from './keys.js';
import type { ResultHead, Work } from './messages.js';

/** What a worker lends to the works it takes part in. */
export interface WorkerHost {
  readonly id: string;
  /** Drawn anew by every process: games of different workers never share a random stream or an id. */
  readonly sitting: number;
  readonly redis: Redis;
  readonly keys: Keys;
  readonly threads: number;
  readonly device: 'auto' | 'cpu' | 'webgpu' | 'cuda';
  /** Where a shared folder of networks lies on this machine. */
  readonly blobFolder: string | undefined;
  /** For files that live as long as the process. */
  readonly scratch: () => string;
  note(line: string): void;
  /** The work cannot go on here. */
  broken(work: string, error: Error): void;
  /** Another number of threads is busy than before: the worker shares them out anew. */
  changed(): void;
}

export interface Job {
  readonly id: string;
  readonly data: unknown;
}

/** A job that no try can do: BullMQ sets it aside at once. */
export class PoisonedJob extends Error {
  override readonly name = 'PoisonedJob';
}

export interface WorkReport {
  readonly games: number;
  readonly step?: number;
  readonly behindSeconds?: number;
}

export interface OpenWork {
  /** Resolves when all results of the job are in Redis. Rejects with PoisonedJob for what can never be done. */
  run(job: Job): Promise<void>;
  /** Called about every two seconds: newer weights, for instance. */
  poll(): Promise<void>;
  /** Threads that this work wants and that others should leave to it; those of tournaments come first. */
  readonly busy: number;
  /** How many threads it may use. */
  allow(threads: number): void;
  report(): WorkReport;
  /** Ends jobs under way with what there is of them. `abandon`: nobody waits for it any more. */
  close(abandon: boolean): Promise<void>;
}

export interface WorkKind {
  readonly kind: string;
  /** Of this program: work of another is not touched. */
  readonly build: string;
  open(work: Work, game: Game, gameSpec: string, host: WorkerHost): Promise<OpenWork>;
}

export type { ResultHead };
