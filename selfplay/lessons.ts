/** Learning from records: when the window is fed, and when the network is measured on what was held out. */
import type { Game } from '#engine';
import { UserError } from '#engine';
import type { RunConfig } from './config-schema.js';
import { HeldOut, type HeldOutResult } from './held-out.js';
import type { Learner } from './learner.js';
import type { RecordFeed } from './record-feed.js';

/** Steps between two measurements, and between two looks for new games. */
const MEASURE_STEPS = 500;
const LOOK_STEPS = 100;

export class Lessons {
  private readonly feed: RecordFeed;
  private readonly learner: Learner;
  private readonly config: RunConfig;
  private readonly heldOut: HeldOut;

  /** Fills the learner's window. Throws UserError('data') when there is nothing to learn from. */
  constructor(feed: RecordFeed, learner: Learner, game: Game, config: RunConfig) {
    this.feed = feed;
    this.learner = learner;
    this.config = config;
    learner.feed(feed.read(config.replay.capacity));
    if (learner.window.positions === 0) throw new UserError('data', 'the records hold no position to learn from');
    this.heldOut = new HeldOut(game, feed.heldOut, config.device);
  }

  /** After a training step. */
  next(): void {
    const { batch } = this.config.learner;
    // What does not fit passes by at the pace of learning: each position is learnt from about once while it is here.
    if (this.feed.positions > this.config.replay.capacity) this.learner.feed(this.feed.read(batch));
    else if (!this.config.deterministic && this.learner.step % LOOK_STEPS === 0) this.learner.feed(this.feed.read(Infinity));
  }

  get measures(): boolean {
    return this.heldOut.positions > 0 && this.learner.step % MEASURE_STEPS === 0;
  }

  measure(model: Uint8Array): Promise<HeldOutResult> {
    return this.heldOut.measure(model);
  }
}
