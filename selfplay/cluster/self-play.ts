/**
 * A run's games on a worker: the same actor threads as on one machine, which play on from job to job. A job asks for a
 * number of games, not for certain ones: every game that ends belongs to the oldest job that lacks some.
 */
import { UserError, type Game } from '#engine';
import { noCounters, type ActorCounters } from '../actor.js';
import { checkConfig } from '../config.js';
import type { RunConfig } from '../config-schema.js';
import type { FromActor, ToActor, WorkerFailure } from '../messages.js';
import { startActor, type WorkerHandle } from '../workers.js';
import { fetchBlob } from './blobs.js';
import { Courier } from './deliver.js';
import { makeFrames } from './frames.js';
import { PoisonedJob, type Job, type OpenWork, type WorkKind, type WorkerHost, type WorkReport } from './kind.js';
import { SELF_PLAY, gamesJobSchema, parseData, parseMessage, selfPlayBuild, selfPlayDetailsSchema, weightsSchema, type WeightsNotice, type Work } from './messages.js';

/** Games go on their way when there are so many bytes of them, or after this time [ms]. */
const SEND_BYTES = 256 * 1024;
const SEND_MILLIS = 1000;

export function selfPlayKind(version: string): WorkKind {
  return {
    kind: SELF_PLAY,
    build: selfPlayBuild(version),
    open: (work, game, spec, host) => SelfPlay.open(work, game, spec, host),
  };
}

interface OpenJob {
  readonly id: string;
  /** Games that it lacks. */
  left: number;
  /** Games of it that are not sent. */
  games: Uint8Array[];
  bytes: number;
  readonly resolve: () => void;
}

class SelfPlay implements OpenWork {
  busy = 0;
  private readonly work: Work;
  private readonly host: WorkerHost;
  private readonly courier: Courier;
  private readonly actors: { readonly handle: WorkerHandle<ToActor>; playing: boolean; counters: ActorCounters | undefined }[] = [];
  private readonly jobs: OpenJob[] = [];
  /** Games that ended when no job lacked any. */
  private spare: Uint8Array[] = [];
  private allowed: number;
  private sent: ActorCounters = noCounters();
  private games = 0;
  private notice: WeightsNotice | undefined;
  private installed: WeightsNotice | undefined;
  private newerSince: number | undefined;
  private timer: NodeJS.Timeout;
  private closed = false;

  private constructor(work: Work, config: RunConfig, host: WorkerHost) {
    this.work = work;
    this.host = host;
    this.allowed = host.threads;
    this.courier = new Courier(host.redis, host.keys, work.id, (message) => host.note(`${work.title}: ${message}`));
    for (let worker = 0; worker < host.threads; worker++) {
      const handle = startActor({ config, worker, sitting: host.sitting }, (message) => this.hear(worker, message), (error) => host.broken(work.id, error));
      this.actors.push({ handle, playing: false, counters: undefined });
    }
    this.timer = setInterval(() => {
      const oldest = this.jobs[0];
      if (oldest !== undefined && oldest.games.length > 0) this.send(oldest, false);
    }, SEND_MILLIS);
  }

  static async open(work: Work, _game: Game, spec: string, host: WorkerHost): Promise<OpenWork> {
    const details = parseData(selfPlayDetailsSchema, work.details);
    if ('problem' in details) throw new UserError('data', `${work.title}: what it says of itself is wrong: ${details.problem}`);
    const config = checkConfig({ ...details.value.config, game: spec, device: host.device }, work.title);
    const self = new SelfPlay(work, config, host);
    await self.poll();
    return self;
  }

  run(job: Job): Promise<void> {
    const data = parseData(gamesJobSchema, job.data);
    if ('problem' in data) return Promise.reject(new PoisonedJob(`job ${job.id} asks for no number of games: ${data.problem}`));
    return new Promise((resolve) => {
      this.jobs.push({ id: job.id, left: data.value.games, games: [], bytes: 0, resolve });
      this.give(this.spare.splice(0));
      this.schedule();
    });
  }

  async poll(): Promise<void> {
    const text = await this.host.redis.get(this.host.keys.weights(this.work.id));
    if (text === null || this.closed) return;
    const notice = parseMessage(weightsSchema, text);
    if ('problem' in notice) throw new UserError('data', `${this.work.title}: its notice of weights is wrong: ${notice.problem}`);
    const { value } = notice;
    if (value.blob.sha256 === this.notice?.blob.sha256) return;
    this.newerSince ??= performance.now();
    const model = await fetchBlob(value.blob, { redis: this.host.redis, keys: this.host.keys, folder: this.host.blobFolder });
    // Newer ones have taken their place: the next look finds them.
    if (model === undefined || this.closed) return;
    this.notice = this.installed = value;
    this.newerSince = undefined;
    for (const { handle } of this.actors) handle.post({ type: 'weights', model, step: value.step, simulations: value.simulations });
    this.schedule();
  }

  allow(threads: number): void {
    this.allowed = threads;
    this.schedule();
  }

  report(): WorkReport {
    return {
      games: this.games,
      ...(this.installed === undefined ? {} : { step: this.installed.step }),
      ...(this.newerSince === undefined ? {} : { behindSeconds: (performance.now() - this.newerSince) / 1000 }),
    };
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    this.schedule();
    // What has ended is worth having; what has not is asked of another.
    for (const job of this.jobs.splice(0)) {
      job.left = 0;
      this.send(job, true);
    }
    await Promise.all([this.courier.close(), ...this.actors.map(({ handle }) => handle.close())]);
  }

  private schedule(): void {
    const wanted = !this.closed && this.installed !== undefined && this.jobs.some((job) => job.left > 0);
    this.actors.forEach((actor, i) => {
      const playing = wanted && i < this.allowed;
      if (playing === actor.playing) return;
      actor.playing = playing;
      actor.handle.post({ type: playing ? 'run' : 'pause' });
    });
    const busy = wanted ? this.host.threads : 0;
    if (busy === this.busy) return;
    this.busy = busy;
    this.host.changed();
  }

  private hear(worker: number, message: Exclude<FromActor, WorkerFailure>): void {
    switch (message.type) {
      case 'episodes':
        this.games += message.episodes.length;
        this.give(message.episodes.map(({ bytes }) => bytes));
        this.schedule();
        break;
      case 'counters':
        this.actors[worker].counters = message.counters;
        break;
      case 'board':
      case 'done':
      case 'revised':
        // The coordinator refuses runs that would have any.
        break;
      default:
        message satisfies never;
    }
  }

  private give(games: readonly Uint8Array[]): void {
    let at = 0;
    for (const job of this.jobs.slice()) {
      while (at < games.length && job.left > 0) {
        const bytes = games[at++];
        job.games.push(bytes);
        job.bytes += bytes.length;
        job.left--;
        if (job.bytes >= SEND_BYTES && job.left > 0) this.send(job, false);
      }
      if (job.left > 0) break;
      this.jobs.splice(this.jobs.indexOf(job), 1);
      this.send(job, true);
    }
    for (; at < games.length; at++) this.spare.push(games[at]);
  }

  private send(job: OpenJob, last: boolean): void {
    const body = makeFrames(job.games);
    job.games = [];
    job.bytes = 0;
    const delivered = this.courier.send({ worker: this.host.id, job: job.id, last, counters: this.countersSince() }, body);
    if (last) void delivered.then(job.resolve);
  }

  /** What the actors counted since the last message. */
  private countersSince(): ActorCounters {
    const now = noCounters();
    for (const { counters } of this.actors) {
      if (counters === undefined) continue;
      for (const name of names) now[name] += counters[name];
    }
    const since = noCounters();
    for (const name of names) since[name] = Math.max(0, now[name] - this.sent[name]);
    this.sent = now;
    return since;
  }
}

const names = Object.keys(noCounters()) as (keyof ActorCounters)[];
