/**
 * Games that an actor played, to be looked at again: its part of the window that the learner draws from. Beyond that a
 * revision would come too late; within it the oldest targets gain most, so no smaller part would do.
 */
import type { Rng } from '#engine';
import type { RunConfig } from './config-schema.js';
import type { Episode } from './episode.js';
import { ReplayWindow, windowSize } from './sampler.js';

export class RememberedGames {
  private readonly window = new ReplayWindow();
  /** The window of one of the run's actors. */
  private readonly part: Pick<RunConfig['replay'], 'window' | 'alpha' | 'beta' | 'capacity'>;
  /** Trained positions ever added. */
  private positions = 0;

  /** `workers`: actors of the run, which are taken to play equally much. */
  constructor(replay: RunConfig['replay'], workers: number) {
    this.part = { ...replay, window: replay.window / workers, capacity: replay.capacity / workers };
  }

  add(episode: Episode): void {
    this.positions += this.window.add(episode);
    this.window.shrink(windowSize(this.positions, this.part));
  }

  /** A game, uniform over all, so that each position has the same chance; none when weights of optimiser step `step` began it. */
  older(step: number, rng: Rng): Episode | undefined {
    if (this.window.games === 0) return undefined;
    const episode = this.window.drawGame(rng);
    return episode.checkpoint < step ? episode : undefined;
  }
}
