/** An episode being played or watched: who acts, where one looks, what was thought. No DOM and no clock: the page says when to step. */
import { createRng, type Action, type Game } from '#engine';
import { Episode } from './episode.js';
import type { TaskInfo } from './list.js';
import { distributionOf, draw, greatest, uniform, type Distribution } from './policy.js';

/** A network that can be watched. */
export interface Watched {
  readonly name: string;
  /** What its `policy` output means. */
  readonly answers: 'policy' | 'q';
  ask(planes: Float32Array): Promise<{ readonly policy: Float32Array; readonly value: number }>;
}

export type Driver = { readonly kind: 'you' } | { readonly kind: 'random' } | { readonly kind: 'network'; readonly network: Watched; readonly greedy: boolean };

export class Session {
  readonly game: Game;
  readonly task: TaskInfo;
  episode: Episode;
  /** [steps]: what led to each action; undefined where a person chose. */
  thoughts: (Distribution | undefined)[] = [];
  /** Steps before the position that is shown. */
  cursor = 0;
  playing = false;
  driver: Driver = { kind: 'you' };
  /** Best return of an episode that a person finished in this session. */
  best: number | undefined;
  finished = 0;
  /** Why the agent could not go on, in words. */
  problem: string | undefined;
  private readonly changed: () => void;
  private readonly planes: Float32Array;
  private held: Action[] = [];
  /** Pressed since the last step, however briefly. */
  private tapped: Action | undefined;
  private busy = false;

  constructor(game: Game, task: TaskInfo, seed: string, changed: () => void) {
    this.game = game;
    this.task = task;
    this.changed = changed;
    this.episode = new Episode(game, seed);
    this.planes = new Float32Array(game.planes[0] * game.planes[1] * game.planes[2]);
  }

  /** At the newest position, where steps are new ones. */
  get live(): boolean {
    return this.cursor === this.episode.steps;
  }

  get over(): boolean {
    return this.live && this.episode.over;
  }

  actionOf(name: string): Action {
    return this.game.parseAction(this.episode.position(0), name) ?? 0;
  }

  nameOf(action: Action): string {
    return this.game.actionName(this.episode.position(this.episode.steps), action);
  }

  restart(seed: string): void {
    this.episode = new Episode(this.game, seed);
    this.thoughts = [];
    this.cursor = 0;
    this.held = [];
    this.tapped = undefined;
    this.playing = this.driver.kind !== 'you';
    this.changed();
  }

  drive(driver: Driver): void {
    this.driver = driver;
    this.problem = undefined;
    this.changed();
  }

  seek(step: number): void {
    this.cursor = Math.max(0, Math.min(this.episode.steps, step));
    this.playing = false;
    this.changed();
  }

  play(playing: boolean): void {
    this.playing = playing && !this.over;
    this.changed();
  }

  /** A key or button went down. The first one starts the clock; where time stands still, each is a step. */
  press(action: Action): void {
    if (this.driver.kind !== 'you' || this.over) return;
    if (!this.live) this.cursor = this.episode.steps;
    this.held = [...this.held.filter((a) => a !== action), action];
    this.tapped = action;
    this.playing = true;
    if (this.task.idle === undefined) void this.step();
    else this.changed();
  }

  release(action: Action): void {
    this.held = this.held.filter((a) => a !== action);
  }

  /** One step onwards, if there is anything to do: of the record, or a new one. */
  async step(): Promise<void> {
    if (this.busy || this.over) return;
    if (!this.live) {
      this.cursor++;
      if (this.over) this.playing = false;
      return this.changed();
    }
    const { episode } = this;
    this.busy = true;
    try {
      const chosen = await this.choose();
      // While a network thought, another episode may have begun, or the person looked elsewhere.
      if (chosen === undefined || this.episode !== episode || !this.live) return;
      this.thoughts.push(chosen.thought);
      episode.step(chosen.action);
      this.cursor = episode.steps;
      if (episode.over) this.finish();
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
      this.playing = false;
    } finally {
      this.busy = false;
    }
    this.changed();
  }

  private finish(): void {
    this.playing = false;
    this.finished++;
    this.held = [];
    const total = this.episode.returns[this.episode.steps];
    if (this.driver.kind === 'you') this.best = Math.max(this.best ?? -Infinity, total);
  }

  private async choose(): Promise<{ action: Action; thought?: Distribution } | undefined> {
    const { driver, episode } = this;
    switch (driver.kind) {
      case 'you': {
        const action = this.tapped ?? this.held.at(-1) ?? (this.task.idle === undefined ? undefined : this.actionOf(this.task.idle));
        this.tapped = undefined;
        return action === undefined ? undefined : { action };
      }
      case 'random': {
        const thought = uniform(this.game.actionCount);
        return { action: draw(thought, createRng(`${episode.seed} random`).fork('step', episode.steps)), thought };
      }
      case 'network': {
        episode.position(episode.steps).observe(this.planes);
        const { policy, value } = await driver.network.ask(this.planes.slice());
        const thought = distributionOf(policy, value, driver.network.answers, driver.greedy);
        const action = thought.q !== undefined ? greatest(thought.q) : draw(thought, createRng(`${episode.seed} network`).fork('step', episode.steps));
        return { action, thought };
      }
      default: return driver satisfies never;
    }
  }
}
