/** What the page is told of a cluster, at GET /cluster.json: null where this server coordinates none. Plain JSON. */

export interface ClusterView {
  readonly redis: string;
  /** Bytes; `limit` 0: none. */
  readonly memory: { readonly used: number; readonly limit: number };
  readonly works: readonly {
    readonly id: string;
    readonly title: string;
    /** In words; null: its coordinator gives no sign of life. */
    readonly state: string | null;
    readonly games: number;
    readonly gamesPerSecond: number;
    readonly outstanding: number;
    readonly limit: number;
    /** Jobs. */
    readonly waiting: number;
    readonly active: number;
    readonly failed: number;
    readonly quarantined: number;
    /** Of the newest weights; null for a tournament. */
    readonly step: number | null;
    readonly lagSteps: number;
    readonly lagSeconds: number;
    readonly failures: readonly string[];
  }[];
  readonly workers: readonly {
    readonly id: string;
    readonly threads: number;
    readonly device: string;
    /** Seconds. */
    readonly uptime: number;
    readonly gamesPerSecond: number;
    readonly step: number | null;
    readonly failures: number;
    readonly lastFailure: string | null;
  }[];
}

export const CLUSTER_PATH = '/cluster.json';
