/** One episode as it is played, every step of which can be looked at again. Pure: no DOM, no clock. */
import { OVER, cloneState, createRng, type Action, type Game, type Rng, type State } from '#engine';

/** A position is kept this often, in steps; those between are played again from the one before. */
const KEEP_EVERY = 64;

export class Episode {
  readonly game: Game;
  readonly seed: string;
  readonly actions: Action[] = [];
  /** [steps]: reward of each step. */
  readonly rewards: number[] = [];
  /** [steps + 1]: sum of rewards before each step; the last entry is the return so far. */
  readonly returns: number[] = [0];
  private readonly rng: Rng;
  private readonly live: State;
  private readonly kept: State[];
  private readonly scratch: State;
  /** The step that `scratch` stands at. */
  private at = 0;

  constructor(game: Game, seed: string) {
    this.game = game;
    this.seed = seed;
    this.rng = createRng(seed);
    this.live = game.start(this.rng.fork('start'));
    this.kept = [this.copy(this.live)];
    this.scratch = this.copy(this.live);
  }

  get steps(): number {
    return this.actions.length;
  }

  get over(): boolean {
    return this.live.turn === OVER;
  }

  /** Cut by the time limit rather than truly ended. */
  get truncated(): boolean {
    return this.live.truncated === true;
  }

  /** One more step; the episode must not be over. Returns its reward. */
  step(action: Action): number {
    // Each step has its own stream, so that any of them can be played again.
    const reward = this.live.apply(action, this.rng.fork('step', this.steps));
    this.actions.push(action);
    this.rewards.push(reward);
    this.returns.push(this.returns[this.returns.length - 1] + reward);
    if (this.steps % KEEP_EVERY === 0) this.kept.push(this.copy(this.live));
    return reward;
  }

  /** The position after so many steps. Valid until the next call; not to be changed. */
  position(steps: number): State {
    if (steps === this.steps) return this.live;
    const base = Math.floor(steps / KEEP_EVERY);
    // Going on from where the scratch position stands is the usual case: a replay.
    if (this.at > steps || this.at < base * KEEP_EVERY) {
      this.scratch.copyFrom(this.kept[base]);
      this.at = base * KEEP_EVERY;
    }
    for (; this.at < steps; this.at++) this.scratch.apply(this.actions[this.at], this.rng.fork('step', this.at));
    return this.scratch;
  }

  private copy(state: State): State {
    return cloneState(this.game, state, this.rng);
  }
}
