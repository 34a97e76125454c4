/**
 * The window of recent positions that a learner draws from, uniform over positions, and the making of training rows:
 * a position is rebuilt by playing its game up to there, since that is cheaper than to store or ship planes.
 */
import { CHANCE, OVER, UserError, type Game, type Rng, type State } from '#engine';
import { startEpisode, trainedCount, type Episode } from './episode.js';

/** Size of the window after `total` positions, as KataGo grows it (methods of Wu 2019): c (1 + b ((n/c)^a - 1) / a). */
export function windowSize(total: number, { window: c, alpha, beta, capacity }: { window: number; alpha: number; beta: number; capacity: number }): number {
  if (total <= c) return Math.min(c, capacity);
  return Math.min(capacity, Math.floor(c * (1 + (beta * ((total / c) ** alpha - 1)) / alpha)));
}

export class ReplayWindow {
  private episodes: Episode[] = [];
  /** ends[i]: trained positions of all episodes up to and including i, those already dropped counted. */
  private ends: number[] = [];
  /** Index of the oldest episode in use; the arrays are compacted when half of them is unused. */
  private first = 0;
  private dropped = 0;
  private added = 0;
  /** Episodes taken out of the arrays so far. */
  private removed = 0;
  /** Id -> index, counted from the first episode ever added. Made by the first revision: most runs have none. */
  private places: Map<string, number> | undefined;

  /** Trained positions in the window. */
  get positions(): number {
    return this.added - this.dropped;
  }

  get games(): number {
    return this.episodes.length - this.first;
  }

  /** Adds a game; returns its trained positions. */
  add(episode: Episode): number {
    const count = trainedCount(episode);
    if (count === 0) return 0;
    this.added += count;
    this.places?.set(episode.id, this.removed + this.episodes.length);
    this.episodes.push(episode);
    this.ends.push(this.added);
    return count;
  }

  /** Drops the oldest games as long as `size` positions remain without them. */
  shrink(size: number): void {
    while (this.games > 1 && this.added - this.ends[this.first] >= size) {
      this.places?.delete(this.episodes[this.first].id);
      this.dropped = this.ends[this.first++];
    }
    if (this.first < 1024 || this.first * 2 < this.episodes.length) return;
    this.removed += this.first;
    this.episodes = this.episodes.slice(this.first);
    this.ends = this.ends.slice(this.first);
    this.first = 0;
  }

  /**
   * Puts a game with newer targets in the place of the one with its id; one that is gone from the window is ignored.
   * Returns the positions whose targets were exchanged.
   */
  revise(episode: Episode): number {
    this.places ??= new Map(this.episodes.slice(this.first).map(({ id }, i) => [id, this.removed + this.first + i]));
    const place = this.places.get(episode.id);
    if (place === undefined) return 0;
    const index = place - this.removed;
    const count = trainedCount(episode);
    // `ends` counts on it: a revision changes what is said of positions, never which they are.
    if (count !== trainedCount(this.episodes[index])) throw new Error(`the revision of game ${episode.id} has other positions`);
    this.episodes[index] = episode;
    return count;
  }

  /** A game, uniform over all of them, however long they are. */
  drawGame(rng: Rng): Episode {
    return this.episodes[this.first + rng.below(this.games)];
  }

  /** A position, uniform over all trained ones. */
  draw(rng: Rng): { episode: Episode; ply: number } {
    const wanted = this.dropped + rng.below(this.positions);
    let low = this.first;
    let high = this.episodes.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.ends[middle] > wanted) high = middle;
      else low = middle + 1;
    }
    const episode = this.episodes[low];
    let left = wanted - (low === this.first ? this.dropped : this.ends[low - 1]);
    let ply = 0;
    while (episode.trained[ply] === 0 || left-- > 0) ply++;
    return { episode, ply };
  }
}

/** Arrays of a training step, by the names of the loss's targets; row i is one position, all for the seat to move. */
export type Rows = Record<string, Float32Array>;

export interface RowOptions {
  /** Share of the search's root value in the value target; the rest is the game's result. */
  readonly valueMix: number;
  /** Share of the uniform distribution over legal moves in the policy target. */
  readonly policySmoothing: number;
  /** Show every position in a random orientation. */
  readonly symmetries: boolean;
}

/** Values that a row needs per target, beyond [batch]. */
function targetSizes(game: Game): Record<string, number> {
  return { policy: game.actionCount, value: 1, wdl: 3, weight: 1, reply: game.actionCount, pliesLeft: 1 };
}

export class RowWriter<S extends State> {
  readonly rows: Rows = {};
  private readonly game: Game<S>;
  private readonly batch: number;
  private readonly planes: Float32Array;
  private readonly area: number;

  /** `targets` are the names that the loss asks for, besides planes. */
  constructor(game: Game<S>, batch: number, targets: readonly string[]) {
    const [channels, height, width] = game.planes;
    this.game = game;
    this.batch = batch;
    this.area = height * width;
    this.planes = new Float32Array(channels * height * width);
    this.rows.planes = new Float32Array(batch * this.planes.length);
    const sizes = targetSizes(game);
    for (const name of targets) {
      if (!(name in sizes)) throw new Error(`self-play makes no target '${name}'`);
      this.rows[name] = new Float32Array(batch * sizes[name]);
    }
  }

  /** Fills all rows with positions drawn from the window. The arrays are reused by the next call. */
  fill(window: ReplayWindow, rng: Rng, options: RowOptions): Rows {
    for (let row = 0; row < this.batch; row++) {
      const { episode, ply } = window.draw(rng);
      const turns = options.symmetries ? (this.game.symmetries?.length ?? 1) : 1;
      this.write(row, episode, ply, options, turns > 1 ? rng.below(turns) : 0, rng);
    }
    return this.rows;
  }

  /** Fills one row with the position before ply `ply`, shown in symmetry `orientation`. */
  write(row: number, episode: Episode, ply: number, options: Omit<RowOptions, 'symmetries'>, orientation: number, rng: Rng): void {
    const { game, planes, area } = this;
    const { policySmoothing } = options;
    const state = positionAt(game, episode, ply, rng);
    const sign = state.turn === 1 ? -1 : 1;
    const symmetry = orientation === 0 ? undefined : game.symmetries?.[orientation];
    state.observe(planes);
    const at = row * planes.length;
    const out = this.rows.planes;
    if (symmetry === undefined) out.set(planes, at);
    else {
      for (let from = 0; from < planes.length; from += area) {
        for (let i = 0; i < area; i++) out[at + from + i] = planes[from + symmetry.cells[i]];
      }
    }
    const { policy, value, wdl, weight, reply, pliesLeft } = this.rows;
    if (policy !== undefined) this.policy(policy, row, episode, ply, policySmoothing, symmetry?.actions);
    const result = sign * returnFrom(episode, ply);
    const searched = sign * episode.rootValues[ply];
    // A search says exactly 1 or -1 only where it proved it: that is the whole truth, whatever became of the game.
    const valueMix = Math.abs(searched) === 1 ? 1 : options.valueMix;
    if (value !== undefined) value[row] = (1 - valueMix) * result + valueMix * searched;
    if (wdl !== undefined) {
      // The search knows a value, not odds: its share is split between win and loss, which keeps the mean right.
      wdl[3 * row] = (1 - valueMix) * (result > 0.5 ? 1 : 0) + (valueMix * (1 + searched)) / 2;
      wdl[3 * row + 2] = (1 - valueMix) * (result < -0.5 ? 1 : 0) + (valueMix * (1 - searched)) / 2;
      wdl[3 * row + 1] = 1 - wdl[3 * row] - wdl[3 * row + 2];
    }
    if (weight !== undefined) weight[row] = 1;
    if (pliesLeft !== undefined) pliesLeft[row] = (episode.actions.length - ply) / game.maxPlies;
    if (reply !== undefined) this.reply(reply, row, episode, ply, state, rng, symmetry?.actions);
  }

  private policy(out: Float32Array, row: number, episode: Episode, ply: number, smoothing: number, turned: Int32Array | undefined): void {
    const { starts, actions, probabilities } = episode.policies;
    const at = row * this.game.actionCount;
    out.fill(0, at, at + this.game.actionCount);
    const even = smoothing / (starts[ply + 1] - starts[ply]);
    for (let i = starts[ply]; i < starts[ply + 1]; i++) out[at + (turned === undefined ? actions[i] : turned[actions[i]])] = (1 - smoothing) * probabilities[i] + even;
  }

  /** The opponent's next policy; none where the game ends, the same seat moves on, or the reply was not recorded. */
  private reply(out: Float32Array, row: number, episode: Episode, ply: number, state: S, rng: Rng, turned: Int32Array | undefined): void {
    const seat = state.turn;
    state.apply(episode.actions[ply], rng);
    const answers = ply + 1 < episode.actions.length && (state.turn === 0 || state.turn === 1) && state.turn !== seat;
    if (answers) this.policy(out, row, episode, ply + 1, 0, turned);
    else out.fill(0, row * this.game.actionCount, (row + 1) * this.game.actionCount);
  }
}

/** The position before ply `ply`, in which a seat is to move. Throws UserError('data') when the game does not fit the rules. */
export function positionAt<S extends State>(game: Game<S>, episode: Episode, ply: number, rng: Rng): S {
  const state = startOf(game, episode);
  for (let t = 0; t < ply; t++) state.apply(episode.actions[t], rng);
  if (state.turn === OVER || state.turn === CHANCE) throw new UserError('data', `game ${episode.id} in the replay store does not fit the rules of ${game.id}: nobody is to move at ply ${ply}`);
  return state;
}

/** Where the game began. Throws UserError('data') when its set-up is none of the game's. */
export function startOf<S extends State>(game: Game<S>, { id, seed, setup }: Episode): S {
  if (setup === undefined) return startEpisode(game, seed);
  const state = game.parseSetup?.(setup);
  if (state === undefined) throw new UserError('data', `game ${id} in the replay store begins at '${setup}', which is no position of ${game.id}`);
  return state;
}

/** Sum of the rewards to seat 0 from `ply` to the end; the last root value stands for what was cut off. */
function returnFrom(episode: Episode, ply: number): number {
  let sum = episode.end === 'truncated' ? episode.rootValues[episode.rootValues.length - 1] : 0;
  for (let t = ply; t < episode.rewards.length; t++) sum += episode.rewards[t];
  return sum;
}
