/** Where a run's games come from: threads of this process, or workers on other machines (`cluster/`). */
import type { Game } from '#engine';
import type { ActorCounters } from './actor.js';
import { threadCount, workerCount } from './config.js';
import type { RunConfig } from './config-schema.js';
import type { FromActor, PlayedEpisode, RevisedEpisode, ToActor, Weights, WorkerFailure } from './messages.js';
import { startActor, type WorkerHandle } from './workers.js';

export interface GameSource {
  /** Weights for all that is searched from now on. */
  publish(weights: Weights): void;
  /** Whether games are wanted, and how many of the run's threads something else keeps busy meanwhile. */
  play(wanted: boolean, busyThreads: number): void;
  /** Resolves when exactly so many more games have ended: what the deterministic order needs, and no source elsewhere can promise. */
  playExactly?(games: number): Promise<void>;
  close(): Promise<void>;
}

/** What a source tells. */
export interface SourceEvents {
  /** Games that have ended; `stored` is called once they are acknowledged, whether or not they were new. */
  episodes(played: readonly PlayedEpisode[], stored?: () => void): void;
  /** Games told of before, with targets of newer weights. */
  revised(episodes: readonly RevisedEpisode[]): void;
  /** Of one of the source's actors, counted since it began. */
  counters(worker: number, counters: ActorCounters): void;
  board(board: { readonly actions: readonly number[]; readonly seed: number; readonly value: number }): void;
  /** Something went wrong that the run survives. */
  warning(error: Error): void;
  /** It can give no more games. */
  failure(error: Error): void;
}

export interface SourceSetup {
  readonly game: Game;
  readonly config: RunConfig;
  /** How often the run has been started. */
  readonly sitting: number;
  /** The run's own, the same in all its sittings. */
  readonly runId: string;
}

export type SourceOpener = (setup: SourceSetup, events: SourceEvents) => GameSource | Promise<GameSource>;

/** Actors in threads of this process. While something else works, as many rest as keep the busy threads at the config's `threads`. */
export class LocalActors implements GameSource {
  private readonly actors: { readonly handle: WorkerHandle<ToActor>; playing: boolean }[] = [];
  private readonly threads: number;
  private onDone: (() => void) | undefined;

  constructor({ config, sitting }: SourceSetup, events: SourceEvents) {
    this.threads = threadCount(config);
    for (let worker = 0; worker < workerCount(config); worker++) {
      const handle = startActor({ config, worker, sitting }, (message) => this.hear(worker, message, events), (error) => events.failure(error));
      this.actors.push({ handle, playing: false });
    }
  }

  publish(weights: Weights): void {
    for (const { handle } of this.actors) handle.post({ type: 'weights', ...weights });
  }

  play(wanted: boolean, busyThreads: number): void {
    const seats = busyThreads > 0 ? Math.max(0, this.threads - busyThreads) : this.actors.length;
    const allowed = wanted ? Math.min(this.actors.length, seats) : 0;
    this.actors.forEach((actor, worker) => {
      const playing = worker < allowed;
      if (playing === actor.playing) return;
      actor.playing = playing;
      actor.handle.post({ type: playing ? 'run' : 'pause' });
    });
  }

  playExactly(games: number): Promise<void> {
    return new Promise((resolve) => {
      this.onDone = resolve;
      this.actors[0].handle.post({ type: 'run', games });
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.actors.map(({ handle }) => handle.close()));
  }

  private hear(worker: number, message: Exclude<FromActor, WorkerFailure>, events: SourceEvents): void {
    switch (message.type) {
      case 'episodes':
        events.episodes(message.episodes);
        break;
      case 'revised':
        events.revised(message.episodes);
        break;
      case 'counters':
        events.counters(worker, message.counters);
        break;
      case 'board':
        events.board({ actions: Array.from(message.actions), seed: message.seed, value: message.value });
        break;
      case 'done':
        this.onDone?.();
        break;
      default:
        message satisfies never;
    }
  }
}

/** Nobody plays: a run that learns from records. */
export const noActors: GameSource = { publish: () => undefined, play: () => undefined, close: () => Promise.resolve() };
