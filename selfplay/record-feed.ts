/**
 * Games of record stores as a learner without actors reads them, while others may still write there: what fits is held
 * whole, and grows with the stores; larger stores pass by, again and again. Some games are held out, to measure by.
 */
import { createRng, type Game } from '#engine';
import { decodeEpisode } from './codec.js';
import { trainedCount, type Episode } from './episode.js';
import { storeFolder } from './records.js';
import { ReplayStore } from './store.js';

/** One game in so many is held out, by its id: the same ones in every sitting. */
const HELD_OUT = 50;
/** Games that are kept to measure by. */
const MOST_HELD_OUT = 200;

export class RecordFeed {
  readonly heldOut: Episode[] = [];
  private readonly stores: readonly ReplayStore[];
  /** Sequence number of the next game, by store. */
  private readonly next: number[];
  private current = 0;
  private readonly capacity: number;

  /** `capacity`: positions that a window holds. Throws UserError('data') for a folder without a store of this game. */
  constructor(paths: readonly string[], game: Game, capacity: number) {
    this.capacity = capacity;
    this.stores = paths.map((path) => new ReplayStore(storeFolder(path), { game, capacity, readOnly: true }));
    this.next = paths.map(() => 0);
  }

  /** Positions that are there now. */
  get positions(): number {
    return this.stores.reduce((sum, store) => sum + store.totals.storedPositions, 0);
  }

  /** Games with at least `positions` positions, or all that are new where everything fits a window; none when there are none. */
  read(positions: number): Episode[] {
    const episodes: Episode[] = [];
    let count = 0;
    const passing = this.positions > this.capacity;
    // Once around at most, so that this ends where all games are held out.
    for (let visited = 0; visited <= this.stores.length && count < positions; ) {
      for (const [sequence, bytes] of this.stores[this.current].since(this.next[this.current])) {
        this.next[this.current] = sequence + 1;
        const episode = decodeEpisode(bytes);
        if (createRng(episode.id).uint32() % HELD_OUT === 0) {
          if (this.heldOut.length < MOST_HELD_OUT && !this.heldOut.some(({ id }) => id === episode.id)) this.heldOut.push(episode);
          continue;
        }
        episodes.push(episode);
        count += trainedCount(episode);
        if (count >= positions) return episodes;
      }
      visited++;
      if (passing) this.next[this.current] = 0;
      this.current = (this.current + 1) % this.stores.length;
    }
    return episodes;
  }

  async close(): Promise<void> {
    await Promise.all(this.stores.map((store) => store.close()));
  }
}
