/** Finished games, as actors write them, the store keeps them and learners replay them. */
import { createRng, type Action, type Game, type State } from '#engine';

/** Per ply: the legal actions and their probabilities under the search's policy; plies that are not trained have none. */
export interface SparsePolicies {
  /** [plies + 1]: entries of ply t are starts[t] <= i < starts[t + 1]. */
  readonly starts: Uint32Array;
  /** [entries], ascending within a ply. */
  readonly actions: Uint16Array;
  /** [entries], summing to 1 within a ply. */
  readonly probabilities: Float32Array;
}

/** A finished game, enough to replay it exactly; planes are never stored. */
export interface Episode {
  /** Unique within a run: sitting, worker and index of the game. */
  readonly id: string;
  readonly gameId: string;
  readonly gameVersion: number;
  /** Makes the starting position: `startEpisode(game, seed)`. */
  readonly seed: number;
  /** Text of the starting position, where it was not the game's own. */
  readonly setup?: string;
  /** Optimiser step of the weights that began the game. */
  readonly checkpoint: number;
  /** 'truncated': cut off before its end, so the last root value stands for the rest. */
  readonly end: 'terminated' | 'truncated';
  /** [plies]: 1 where the search's policy is worth learning; 0 for opening moves, chance, and fast moves. */
  readonly trained: Uint8Array;
  /** [plies]. */
  readonly actions: Uint16Array;
  /** [plies], to seat 0. */
  readonly rewards: Float32Array;
  /** [plies], seat-0 view, from the search; 0 where none was made. */
  readonly rootValues: Float32Array;
  readonly policies: SparsePolicies;
}

/** The starting position of an episode, given its seed. */
export function startEpisode<S extends State>(game: Game<S>, seed: number): S {
  return game.start(createRng(seed));
}

/** Positions of an episode that are trained on. */
export function trainedCount(episode: Episode): number {
  let count = 0;
  for (const flag of episode.trained) count += flag;
  return count;
}

/** Sum of the rewards to seat 0. */
export function episodeReturn(episode: Episode): number {
  let sum = 0;
  for (const reward of episode.rewards) sum += reward;
  return sum;
}

/** Collects one game's plies, then makes the episode. Reused from game to game: its buffers grow, and are never given out. */
export class EpisodeRecorder {
  private plies = 0;
  private entries = 0;
  private trained = new Uint8Array(64);
  private actions = new Uint16Array(64);
  private rewards = new Float32Array(64);
  private rootValues = new Float32Array(64);
  private starts = new Uint32Array(65);
  private policyActions = new Uint16Array(512);
  private probabilities = new Float32Array(512);

  get length(): number {
    return this.plies;
  }

  /** Actions so far, a view that the next ply may replace. */
  get played(): Uint16Array {
    return this.actions.subarray(0, this.plies);
  }

  clear(): void {
    this.plies = this.entries = 0;
  }

  /** One more ply. `rootValue` in seat-0 view. Follow with `policy` for a trained ply, before the next `ply`. */
  ply(action: Action, reward: number, rootValue: number, trained: boolean): void {
    if (this.plies === this.actions.length) this.growPlies();
    const t = this.plies++;
    this.actions[t] = action;
    this.rewards[t] = reward;
    this.rootValues[t] = rootValue;
    this.trained[t] = trained ? 1 : 0;
    this.starts[t] = this.starts[t + 1] = this.entries;
  }

  /** Policy of the last ply: probabilities [actionCount] of the `count` legal actions. */
  policy(legal: Int32Array, count: number, probabilities: Float32Array): void {
    if (this.entries + count > this.policyActions.length) this.growEntries(this.entries + count);
    for (let i = 0; i < count; i++) {
      this.policyActions[this.entries] = legal[i];
      this.probabilities[this.entries++] = probabilities[legal[i]];
    }
    this.starts[this.plies] = this.entries;
  }

  finish(head: Pick<Episode, 'id' | 'gameId' | 'gameVersion' | 'seed' | 'setup' | 'checkpoint' | 'end'>): Episode {
    const n = this.plies;
    const m = this.entries;
    this.starts[n] = m;
    return {
      ...head,
      trained: this.trained.slice(0, n),
      actions: this.actions.slice(0, n),
      rewards: this.rewards.slice(0, n),
      rootValues: this.rootValues.slice(0, n),
      policies: { starts: this.starts.slice(0, n + 1), actions: this.policyActions.slice(0, m), probabilities: this.probabilities.slice(0, m) },
    };
  }

  private growPlies(): void {
    const size = this.actions.length * 2;
    this.trained = grown(this.trained, new Uint8Array(size));
    this.actions = grown(this.actions, new Uint16Array(size));
    this.rewards = grown(this.rewards, new Float32Array(size));
    this.rootValues = grown(this.rootValues, new Float32Array(size));
    this.starts = grown(this.starts, new Uint32Array(size + 1));
  }

  private growEntries(needed: number): void {
    const size = Math.max(this.policyActions.length * 2, needed);
    this.policyActions = grown(this.policyActions, new Uint16Array(size));
    this.probabilities = grown(this.probabilities, new Float32Array(size));
  }
}

function grown<T extends Uint8Array | Uint16Array | Uint32Array | Float32Array>(old: T, bigger: T): T {
  bigger.set(old);
  return bigger;
}
