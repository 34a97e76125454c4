/** A run whose games are played by workers elsewhere: the training loop's source of games, over Redis. */
import { UserError } from '#engine';
import { isGamePath } from '#games';
import { noCounters, type ActorCounters } from '../actor.js';
import type { RunConfig } from '../config-schema.js';
import { decodeEpisode } from '../codec.js';
import type { PlayedEpisode, Weights } from '../messages.js';
import type { GameSource, SourceEvents, SourceOpener, SourceSetup } from '../source.js';
import { openPlace } from './blobs.js';
import { checkGame } from './check.js';
import { Coordinator } from './coordinator.js';
import { demand } from './demand.js';
import { parseFrames } from './frames.js';
import { Keys } from './keys.js';
import { SELF_PLAY, selfPlayBuild, type ResultHead, type Work } from './messages.js';
import { Publisher } from './publisher.js';
import type { RedisAddress } from './redis.js';

export interface ClusterOptions {
  readonly address: RedisAddress;
  /** Name of the cluster, where several share a server. */
  readonly cluster?: string;
  /** Of this program: workers of another are refused. */
  readonly version: string;
  /** Most games in the queue: asked for, being played, or waiting to be stored. */
  readonly queueGames?: number;
  /** Where networks lie: 'redis', a folder, or 'http:PORT'. */
  readonly blobs?: string;
  /** Something that people should know, and that the run survives. */
  readonly note?: (line: string) => void;
}

export const DEFAULT_QUEUE_GAMES = 20_000;
/** Time between two looks at whether more games should be asked for [ms]. */
const FILL_MILLIS = 250;
const BOARD_MILLIS = 1000;

/** For `createTraining`: games come from the workers of a cluster. */
export function remoteActors(options: ClusterOptions): SourceOpener {
  return (setup, events) => RemoteActors.open(setup, events, options);
}

class RemoteActors implements GameSource {
  private readonly setup: SourceSetup;
  private readonly events: SourceEvents;
  private readonly limit: number;
  private coordinator!: Coordinator;
  private publisher!: Publisher;
  private wanted = false;
  private filling = false;
  private closed = false;
  private nextJob = 0;
  private games = 0;
  private bytes = 0;
  /** Games that have come and are not stored. */
  private arriving = 0;
  private rate = 0;
  private rateGames = 0;
  private rateAt = performance.now();
  private boardAt = 0;
  private counters: ActorCounters = noCounters();
  private timer: NodeJS.Timeout | undefined;

  private constructor(setup: SourceSetup, events: SourceEvents, limit: number) {
    this.setup = setup;
    this.events = events;
    this.limit = limit;
  }

  static async open(setup: SourceSetup, events: SourceEvents, options: ClusterOptions): Promise<RemoteActors> {
    const { game, config, runId } = setup;
    if (config.deterministic) throw new UserError('usage', 'a deterministic run plays on one machine: leave out --deterministic, or --redis');
    if (config.replay.reanalyze > 0) throw new UserError('usage', `replay.reanalyze=${config.replay.reanalyze}: games that workers elsewhere play are not looked at again: set replay.reanalyze to 0, or leave out --redis`);
    const keys = new Keys(options.cluster);
    const self = new RemoteActors(setup, events, options.queueGames ?? DEFAULT_QUEUE_GAMES);
    const work: Work = {
      id: runId, kind: SELF_PLAY, build: selfPlayBuild(options.version), game: { id: game.id, version: game.version },
      title: `training of ${game.id}`, details: { config: travelling(config) },
    };
    self.coordinator = await Coordinator.open({
      address: options.address, keys, work,
      onResult: (head, body, settled) => self.receive(head, body, settled),
      onLost: () => undefined, // a job asks for any games, not for certain ones: others are asked for instead
      onBeat: () => self.measure(),
      onBack: () => self.publisher.again(),
      status: () => ({ games: self.games, gamesPerSecond: self.rate, limit: self.limit, resting: !self.wanted, ...(self.publisher?.step === undefined ? {} : { step: self.publisher.step }) }),
      warn: (error) => events.warning(error),
      fail: (error) => events.failure(error),
    });
    try {
      const place = await openPlace(options.blobs ?? 'redis', self.coordinator.redis, keys);
      self.publisher = new Publisher({
        redis: self.coordinator.redis, keys, work: work.id, place,
        workers: () => self.coordinator.workers.length, trouble: (error) => self.coordinator.warn(error instanceof Error ? error : new Error(String(error))),
      });
    } catch (error) {
      await self.coordinator.close();
      throw error;
    }
    self.timer = setInterval(() => void self.fill(), FILL_MILLIS);
    return self;
  }

  publish(weights: Weights): void {
    this.publisher.publish(weights);
  }

  /** Other machines have threads of their own: only the learner's lag holds them back. */
  play(wanted: boolean): void {
    this.wanted = wanted;
    if (wanted) void this.fill();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    const farewell = this.publisher.close().catch(() => undefined);
    await Promise.race([farewell, new Promise((resolve) => setTimeout(resolve, 2000).unref())]);
    await this.coordinator.close();
  }

  private receive(head: ResultHead, body: Buffer, settled: () => void): void {
    const { game } = this.setup;
    const played: PlayedEpisode[] = [];
    const frames = parseFrames(body);
    this.coordinator.received(head.job, frames.length);
    for (const frame of frames) {
      try {
        played.push(checkGame(frame, game));
      } catch (error) {
        // One bad game does not spoil those that came with it.
        if (!(error instanceof UserError)) throw error;
        this.coordinator.quarantine(error.message, head, frame);
      }
    }
    if (head.counters !== undefined) {
      const { counters } = this;
      for (const name of Object.keys(counters) as (keyof ActorCounters)[]) counters[name] += head.counters[name];
      this.events.counters(0, { ...counters });
    }
    if (played.length === 0) return settled();
    this.bytes += body.length;
    this.games += played.length;
    this.arriving += played.length;
    this.showBoard(played[played.length - 1]);
    this.events.episodes(played, () => {
      this.arriving -= played.length;
      settled();
      void this.fill();
    });
  }

  /** Something to watch: the end of a game that has just come. */
  private showBoard({ actions, seed, bytes }: PlayedEpisode): void {
    const now = performance.now();
    if (now - this.boardAt < BOARD_MILLIS) return;
    this.boardAt = now;
    this.events.board({ actions: Array.from(actions), seed, value: decodeEpisode(bytes).rootValues.at(-1) ?? 0 });
  }

  private measure(): void {
    const now = performance.now();
    const seconds = (now - this.rateAt) / 1000;
    const rate = (this.games - this.rateGames) / seconds;
    // While workers rest nothing is learnt about how fast they are.
    if (rate > 0 || this.wanted) this.rate = this.rate === 0 ? rate : 0.5 * this.rate + 0.5 * rate;
    this.rateGames = this.games;
    this.rateAt = now;
  }

  /** Asks for games, as far as the queue may hold more. */
  private async fill(): Promise<void> {
    if (!this.wanted || this.filling || this.closed) return;
    this.filling = true;
    try {
      const { workers } = this.coordinator;
      const threads = workers.reduce((sum, worker) => sum + worker.threads, 0);
      const { size, total } = demand({
        threads, workers: workers.length, gamesPerSecond: this.rate, firstSize: Math.max(1, this.setup.config.actors.games >> 1),
        limit: this.limit, bytesPerGame: this.games === 0 ? 0 : this.bytes / this.games,
      });
      let missing = total - this.coordinator.outstanding - this.arriving;
      // Waits for room for a whole job, or a fifth of all.
      if (missing < Math.min(size, total / 5)) return;
      const jobs: { id: string; data: { games: number }; size: number }[] = [];
      for (; missing > 0; missing -= size) {
        const games = Math.min(size, missing);
        jobs.push({ id: `g${this.setup.sitting}-${this.nextJob++}`, data: { games }, size: games });
      }
      await this.coordinator.add(jobs);
    } finally {
      this.filling = false;
    }
  }
}

/** Settings as they travel: without what only the coordinator's machine means. */
function travelling(config: RunConfig): Record<string, unknown> {
  return { ...config, game: isGamePath(config.game) ? 'own' : config.game };
}
