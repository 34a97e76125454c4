/** The main thread's view of the replay store, which lives in a thread of its own. */
import type { FromStore, StoreSetup, ToStore, WorkerFailure } from './messages.js';
import type { StoredEpisode, StoreTotals } from './store.js';
import { startStore, type WorkerHandle } from './workers.js';

export class StoreClient {
  totals: StoreTotals = { games: 0, positions: 0, storedGames: 0, storedPositions: 0 };
  /** A failure after opening. */
  onFailure: (error: Error) => void = () => undefined;
  private readonly handle: WorkerHandle<ToStore>;
  private readonly pending: { count: number; acknowledged: (fresh: readonly boolean[]) => void }[] = [];
  private readonly revising: { count: number; committed: () => void }[] = [];
  private drained: (() => void)[] = [];
  private read: { chunk: (episodes: readonly Uint8Array[]) => void; resolve: () => void } | undefined;
  private opened: { resolve: () => void; reject: (error: Error) => void } | undefined;
  private closed: (() => void) | undefined;

  private constructor(setup: StoreSetup, opened: { resolve: () => void; reject: (error: Error) => void }) {
    this.opened = opened;
    this.handle = startStore(setup, (message) => this.receive(message), (error) => {
      if (this.opened !== undefined) this.opened.reject(error);
      else this.onFailure(error);
      this.closed?.();
    });
  }

  /** Throws UserError('data') when the store is damaged or of another game. */
  static async open(setup: StoreSetup): Promise<StoreClient> {
    let client: StoreClient | undefined;
    try {
      await new Promise<void>((resolve, reject) => (client = new StoreClient(setup, { resolve, reject })));
    } catch (error) {
      await client?.handle.close();
      throw error;
    }
    return client as StoreClient;
  }

  /** `acknowledged` is called once the games are committed, in the order of the calls. The bytes are copied. */
  append(episodes: readonly StoredEpisode[], acknowledged: (fresh: readonly boolean[]) => void): void {
    this.pending.push({ count: episodes.length, acknowledged });
    this.handle.post({ type: 'append', episodes: episodes.map(({ id, positions, bytes }) => ({ id, positions, bytes })) });
  }

  /** Games with newer targets, for those with their ids; `committed` is called in the order of the calls. The bytes are copied. */
  revise(episodes: readonly StoredEpisode[], committed: () => void): void {
    this.revising.push({ count: episodes.length, committed });
    this.handle.post({ type: 'revise', episodes: episodes.map(({ id, positions, bytes }) => ({ id, positions, bytes })) });
  }

  /** Resolves when all that was appended or revised is acknowledged. */
  drain(): Promise<void> {
    if (this.pending.length === 0 && this.revising.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.drained.push(resolve));
  }

  /** Hands over the newest games that hold `positions`, oldest first, in chunks. */
  latest(positions: number, chunk: (episodes: readonly Uint8Array[]) => void): Promise<void> {
    return new Promise((resolve) => {
      this.read = { chunk, resolve };
      this.handle.post({ type: 'latest', positions });
    });
  }

  /** Everything appended is on the disk afterwards. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.closed = resolve;
      this.handle.post({ type: 'close' });
    });
    await this.handle.close();
  }

  /** Ends the thread after a failure, whether or not it can still write. What was acknowledged is safe. */
  terminate(): Promise<void> {
    return this.handle.close();
  }

  private receive(message: Exclude<FromStore, WorkerFailure>): void {
    switch (message.type) {
      case 'opened':
        this.totals = message.totals;
        this.opened?.resolve();
        this.opened = undefined;
        break;
      case 'appended':
        this.totals = message.totals;
        for (let at = 0; at < message.fresh.length; ) {
          const call = this.pending.shift();
          if (call === undefined) break;
          call.acknowledged(message.fresh.slice(at, (at += call.count)));
        }
        for (let left = message.revised; left > 0; ) {
          const call = this.revising.shift();
          if (call === undefined) break;
          left -= call.count;
          call.committed();
        }
        if (this.pending.length === 0 && this.revising.length === 0) for (const resolve of this.drained.splice(0)) resolve();
        break;
      case 'latest':
        this.read?.chunk(message.episodes);
        if (message.last) this.read?.resolve();
        break;
      case 'closed':
        this.closed?.();
        break;
      default:
        message satisfies never;
    }
  }
}
