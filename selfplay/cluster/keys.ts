/** Names of what a cluster keeps in Redis. Several clusters can share a server, each under a name of its own. */
import { UserError } from '#engine';

export const DEFAULT_CLUSTER = 'ludus';

export class Keys {
  /** BullMQ's prefix, and ours. */
  readonly prefix: string;

  constructor(cluster: string = DEFAULT_CLUSTER) {
    if (!/^[\w.-]{1,64}$/.test(cluster)) throw new UserError('usage', `'${cluster}' cannot be a cluster's name: letters, digits, '.', '_' and '-', at most 64`);
    this.prefix = `ludus:${cluster}`;
  }

  /** Hash: work's id -> what it is. */
  get works(): string {
    return `${this.prefix}:works`;
  }

  /** Name of a work's BullMQ queue, under `prefix`. */
  queue(work: string): string {
    return `jobs-${work}`;
  }

  /** Stream of finished games that are not acknowledged yet. */
  results(work: string): string {
    return `${this.prefix}:results:${work}`;
  }

  /** Stream of what a coordinator refused, with the reason; the newest hundred. */
  quarantine(work: string): string {
    return `${this.prefix}:quarantine:${work}`;
  }

  /** The newest weights of a run. */
  weights(work: string): string {
    return `${this.prefix}:weights:${work}`;
  }

  blob(sha256: string): string {
    return `${this.prefix}:blob:${sha256}`;
  }

  /** Set of the ids of workers. */
  get workers(): string {
    return `${this.prefix}:workers`;
  }

  /** A worker's last report; gone some seconds after the worker. */
  worker(id: string): string {
    return `${this.prefix}:worker:${id}`;
  }

  /** A coordinator's last report. */
  status(work: string): string {
    return `${this.prefix}:status:${work}`;
  }

  /** Who coordinates a work. */
  lease(work: string): string {
    return `${this.prefix}:lease:${work}`;
  }
}
