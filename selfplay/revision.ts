/**
 * A finished game looked at again (Reanalyze; Schrittwieser et al. 2021, "Online and Offline Reinforcement Learning by
 * Planning with a Learned Model"): every trained position is searched once more, by weights newer than those that played
 * it, and gets the new search's policy and value. What was played, and how it ended, stays.
 */
import type { Action, Game, Rng, State } from '#engine';
import type { Episode } from './episode.js';
import { startOf } from './sampler.js';

export class Revision<S extends State> {
  /** The position to be searched next. */
  readonly state: S;
  /** Plies before it. */
  ply = 0;
  private readonly old: Episode;
  private readonly rng: Rng;
  /** [plies], seat-0 view; of plies that are not trained the old ones. */
  private readonly rootValues: Float32Array;
  /** [entries], as in `SparsePolicies`. */
  private readonly probabilities: Float32Array;

  /** `episode` has a trained position. */
  constructor(game: Game<S>, episode: Episode, rng: Rng) {
    this.old = episode;
    this.rng = rng;
    this.state = startOf(game, episode);
    this.rootValues = episode.rootValues.slice();
    this.probabilities = episode.policies.probabilities.slice();
    this.seek();
  }

  /** All positions have been searched. */
  get over(): boolean {
    return this.ply === this.old.actions.length;
  }

  /**
   * Takes what a search says of the position: its value for the seat to move, and its policy [actionCount]. Goes on to the
   * next trained position, and returns the actions played up to there.
   */
  record(value: number, policy: Float32Array): Action[] {
    const { actions, policies } = this.old;
    const from = this.ply;
    this.rootValues[from] = this.state.turn === 1 ? -value : value;
    for (let i = policies.starts[from]; i < policies.starts[from + 1]; i++) this.probabilities[i] = policy[policies.actions[i]];
    this.play();
    this.seek();
    return Array.from(actions.subarray(from, this.ply));
  }

  /** The game with its new targets. */
  get episode(): Episode {
    const { old, rootValues, probabilities } = this;
    return { ...old, rootValues, policies: { ...old.policies, probabilities } };
  }

  private seek(): void {
    while (!this.over && this.old.trained[this.ply] === 0) this.play();
  }

  private play(): void {
    this.state.apply(this.old.actions[this.ply++], this.rng);
  }
}
