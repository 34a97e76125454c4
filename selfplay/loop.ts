/**
 * The training loop. This thread only coordinates, so that a web server can live in it: actors and the learner are worker
 * threads, and games are acknowledged here, by the store's commit.
 *
 * The learner works by credit (a fixed number of training rows for every new position). While it works, as many actors
 * rest as keep the number of busy threads at `threads`; when it is more than `lead` steps behind, all do. So two cores
 * are shared without three threads fighting for them, and neither side runs away from the other.
 */
import { join } from 'node:path';
import { UserError, type Game } from '#engine';
import { listCheckpoints, pruneCheckpoints } from './checkpoint.js';
import { CheckpointJudge } from './checkpoint-judge.js';
import { threadCount } from './config.js';
import type { RunConfig } from './config-schema.js';
import { decodeEpisode } from './codec.js';
import { timeout, toError } from './ending.js';
import { Emitter, type EvaluationResult, type Progress, type TrainingEvents, type TrainingState } from './events.js';
import { MetricsWriter } from './metrics.js';
import type { FromLearner, LearnerStatus, PlayedEpisode, RevisedEpisode, ToLearner, Weights, WorkerFailure } from './messages.js';
import { ProgressTracker } from './progress.js';
import { RunClock } from './run-clock.js';
import { ThreadTime } from './thread-time.js';
import { openRun, startingCheckpoint, type OpenRun, type RunOptions } from './run-dir.js';
import { windowSize } from './sampler.js';
import { LocalActors, noActors, type GameSource, type SourceEvents, type SourceOpener } from './source.js';
import { StoreClient } from './store-client.js';
import { startLearner, type WorkerHandle } from './workers.js';

export interface TrainingOptions extends RunOptions {
  /** Measures a checkpoint; never two at a time, and training does not wait. `signal` aborts when the run stops. */
  readonly evaluate?: (checkpoint: string, config: RunConfig, signal: AbortSignal) => Promise<EvaluationResult>;
  /** Who plays: threads of this process unless given. */
  readonly source?: SourceOpener;
  /**
   * Stores of games (folders, or runs) to learn from. Nobody plays then: the learner alone works, until a limit of `run`,
   * and reads on as others add games there.
   */
  readonly records?: readonly string[];
}

/** When `run` ends; whichever comes first, and never with none of them. */
export interface Until {
  /** Training time of this call [min]. */
  readonly minutes?: number;
  /** Processor time of the whole process during this call, all its threads together [min]. */
  readonly processorMinutes?: number;
  /** Games of the whole run. */
  readonly games?: number;
  /** Optimiser steps of the whole run. */
  readonly steps?: number;
}

/** Time between two progress events, and between two rows of metrics [ms]. */
const PROGRESS_MILLIS = 1000;
const METRICS_MILLIS = 5000;

export interface Training {
  readonly runDir: string;
  readonly game: Game;
  readonly config: RunConfig;
  readonly resumed: boolean;
  readonly state: TrainingState;
  /** As last emitted. */
  readonly progress: Progress;
  on<K extends keyof TrainingEvents>(type: K, listener: (event: TrainingEvents[K]) => void): () => void;
  /** Trains until a limit is reached, or `stop`; rejects when something fails. Call it once at a time. */
  run(until?: Until): Promise<void>;
  pause(): void;
  resume(): void;
  /** All threads of the run rest while the promise is under way: a person's move is being searched. */
  yieldTo<T>(work: Promise<T>): Promise<T>;
  /** Saves everything and ends all threads. Safe to call twice. */
  stop(): Promise<void>;
}

/** Opens a run directory, new or old. Throws UserError; nothing runs before `run`. */
export async function createTraining(options: TrainingOptions): Promise<Training> {
  const run = await openRun(options);
  try {
    const { game, config } = run;
    const { id, version } = game;
    const store = await StoreClient.open({ path: join(run.dir, 'replay'), game: { id, version }, capacity: config.replay.capacity });
    return new Loop(run, store, options);
  } catch (error) {
    run.release();
    throw error;
  }
}

class Loop implements Training {
  readonly runDir: string;
  readonly game: Game;
  readonly config: RunConfig;
  readonly resumed: boolean;
  state: TrainingState = 'starting';
  progress: Progress;
  private readonly openRun: OpenRun;
  private readonly store: StoreClient;
  private readonly events = new Emitter<TrainingEvents>();
  private readonly metrics: MetricsWriter;
  private readonly tracker: ProgressTracker;
  private readonly openSource: SourceOpener;
  private readonly records: TrainingOptions['records'];
  /** Self-play and learning take turns by counts. */
  private readonly exact: boolean;
  private source: GameSource | undefined;
  private learner: WorkerHandle<ToLearner> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private until: Until = {};
  private settle: { resolve: () => void; reject: (error: Error) => void } | undefined;
  private started: Promise<void> | undefined;
  private stopping: Promise<void> | undefined;
  // Why threads rest.
  private active = false;
  private paused = false;
  private yields = 0;
  private learnerWorking = false;
  private learnerRunning = false;
  private lagging = false;
  /** Positions on their way into the store. */
  private arriving = 0;
  // Training time.
  private readonly clock: RunClock;
  private callBegan = 0;
  private processorBegan = process.cpuUsage();
  private metricsAt = 0;
  // Checkpoints and their measurement.
  private checkpointAt = 0;
  private checkpointStep = -1;
  private checkpointWaiters: ((path: string) => void)[] = [];
  /** undefined where checkpoints are not measured. */
  private readonly judge: CheckpointJudge | undefined;
  /** Waits of the deterministic order. */
  private onIdle: (() => void) | undefined;
  private onWork: (() => void) | undefined;

  constructor(run: OpenRun, store: StoreClient, options: TrainingOptions) {
    this.openRun = run;
    this.runDir = run.dir;
    this.game = run.game;
    this.config = run.config;
    this.resumed = run.resumed;
    this.store = store;
    const { evaluate } = options;
    if (evaluate !== undefined && run.config.evaluation.enabled) {
      this.judge = new CheckpointJudge({
        evaluate: (checkpoint, signal) => evaluate(checkpoint, run.config, signal),
        done: ({ path, step }, result) => {
          this.metrics.evaluation(path, step, result);
          this.events.emit('evaluation', { step, checkpoint: path, result });
        },
        failed: (error) => this.events.emit('error', { error: toError(error), fatal: false }),
        exists: ({ step }) => listCheckpoints(run.dir).some((checkpoint) => checkpoint.step === step),
      });
    }
    this.records = options.records;
    this.openSource = options.records === undefined ? (options.source ?? ((setup, events) => new LocalActors(setup, events))) : () => noActors;
    this.exact = run.config.deterministic && options.records === undefined;
    this.metrics = new MetricsWriter(run.dir);
    store.onFailure = (error) => this.fail(error);
    // Whose threads are elsewhere, of them nothing is known.
    const time = options.source !== undefined ? undefined : new ThreadTime(options.records === undefined ? threadCount(run.config) : run.config.learner.threads, run.config.learner.threads);
    this.tracker = new ProgressTracker(run.game.id, run.config.actors.games, time);
    this.clock = new RunClock(run.info.elapsedSeconds);
    this.progress = this.tracker.make(store.totals, this.clock.elapsed);
  }

  on<K extends keyof TrainingEvents>(type: K, listener: (event: TrainingEvents[K]) => void): () => void {
    return this.events.on(type, listener);
  }

  async run(until: Until = {}): Promise<void> {
    if (this.stopping !== undefined) throw new Error('this training has been stopped');
    if (this.settle !== undefined) throw new Error('this training is running already');
    this.until = until;
    const ended = new Promise<void>((resolve, reject) => (this.settle = { resolve, reject }));
    // A failure while starting rejects `ended`, which is awaited below.
    ended.catch(() => undefined);
    if (this.started === undefined) {
      this.started = this.startThreads();
      this.started.catch((error: unknown) => this.fail(toError(error)));
    }
    await Promise.race([this.started, ended]);
    if (this.settle !== undefined) {
      this.callBegan = this.clock.elapsed;
      this.processorBegan = process.cpuUsage();
      this.active = true;
      this.schedule();
      if (this.exact) this.alternate().catch((error: unknown) => this.fail(toError(error)));
      else this.checkLimits();
    }
    await ended;
  }

  pause(): void {
    this.paused = true;
    this.schedule();
  }

  resume(): void {
    this.paused = false;
    this.schedule();
  }

  async yieldTo<T>(work: Promise<T>): Promise<T> {
    this.yields++;
    this.schedule();
    try {
      return await work;
    } finally {
      this.yields--;
      this.schedule();
    }
  }

  stop(): Promise<void> {
    this.stopping ??= this.shutDown(true);
    return this.stopping;
  }

  // ---- threads

  private async startThreads(): Promise<void> {
    const { config, store } = this;
    const from = startingCheckpoint(this.openRun);
    const { sittings: sitting, id: runId } = this.openRun.info;
    this.source = await this.openSource({ game: this.game, config, sitting, runId }, this.sourceEvents());
    if (this.stopping !== undefined) return this.source.close();
    if (this.exact && this.source.playExactly === undefined) throw new UserError('usage', 'a deterministic run plays on one machine: leave out --deterministic, or --redis');
    const ready = new Promise<void>((resolve) => {
      this.learner = startLearner(
        { config, runDir: this.runDir, checkpoint: from?.path, foreign: from?.foreign ?? false, positions: store.totals.positions, ...(this.records === undefined ? {} : { records: this.records }) },
        (message) => {
          this.fromLearner(message);
          if (message.type === 'ready') resolve();
        },
        (error) => this.fail(error),
      );
    });
    if (this.records === undefined) await store.latest(windowSize(store.totals.positions, config.replay), (episodes) => this.learner?.post({ type: 'episodes', episodes, fresh: false }));
    await ready;
    this.checkpointStep = from?.foreign === false ? this.tracker.status.step : -1;
    // The first checkpoint is the untrained network: something to play at once, and where the curve begins.
    if (this.checkpointStep < 0) await this.checkpoint();
    this.checkpointAt = this.clock.elapsed;
    this.timer = setInterval(() => this.guard(() => this.tick()), PROGRESS_MILLIS);
  }

  private guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.fail(toError(error));
    }
  }

  private sourceEvents(): SourceEvents {
    return {
      episodes: (played, stored) => this.acknowledge(played, stored),
      revised: (episodes) => this.revise(episodes),
      counters: (worker, counters) => this.tracker.actor(worker, counters),
      board: (board) => this.events.emit('board', board),
      warning: (error) => this.events.emit('error', { error, fatal: false }),
      failure: (error) => this.fail(error),
    };
  }

  /** The learner sees a game only once it is stored. */
  private acknowledge(played: readonly PlayedEpisode[], stored?: () => void): void {
    if (this.stopping !== undefined) return;
    const arriving = played.reduce((sum, { positions }) => sum + positions, 0);
    this.arriving += arriving;
    this.measureLag();
    this.store.append(played, (flags) => {
      this.arriving -= arriving;
      this.measureLag();
      stored?.();
      const fresh = played.filter((_, i) => flags[i]);
      for (const { bytes } of fresh) if (this.tracker.judging) this.tracker.judge(decodeEpisode(bytes));
      this.learner?.post({ type: 'episodes', episodes: fresh.map(({ bytes }) => bytes), fresh: true }, fresh.map(({ bytes }) => bytes.buffer));
      for (const { id, actions, seed, result, checkpoint } of fresh) {
        this.tracker.ended(actions.length, result);
        this.events.emit('game', { id, actions: Array.from(actions), seed, result, checkpoint });
      }
      if (!this.exact) this.checkLimits();
    });
  }

  /**
   * The store keeps newer targets too, so that a run that goes on has them. What it evicted meanwhile goes to the learner all
   * the same: whether it was still there depends on how commits fell, and what the learner gets must not.
   */
  private revise(episodes: readonly RevisedEpisode[]): void {
    if (this.stopping !== undefined) return;
    this.store.revise(episodes, () => {
      this.learner?.post({ type: 'revised', episodes: episodes.map(({ bytes }) => bytes) }, episodes.map(({ bytes }) => bytes.buffer));
    });
  }

  private fromLearner(message: Exclude<FromLearner, WorkerFailure>): void {
    switch (message.type) {
      case 'ready':
        this.tracker.begin(message.status, this.store.totals, this.clock.elapsed);
        this.publish(message.weights);
        break;
      case 'weights':
        this.publish(message);
        break;
      case 'step':
        this.tracker.step(message);
        this.learnt(message.status);
        break;
      case 'working':
        this.learnerWorking = message.working;
        this.learnt(message.status);
        if (!message.working) this.onIdle?.();
        break;
      case 'checkpoint':
        this.tracker.saved(message.millis);
        this.guard(() => this.checkpointWritten(message.path, message.step));
        break;
      case 'heldOut':
        this.guard(() => this.metrics.heldOut(message.step, message.result));
        this.events.emit('heldOut', { step: message.step, result: message.result });
        break;
      default:
        message satisfies never;
    }
  }

  private publish({ model, step, simulations }: Weights): void {
    this.tracker.simulations = simulations;
    this.source?.publish({ model, step, simulations });
  }

  private learnt(status: LearnerStatus): void {
    this.tracker.learned(status);
    this.measureLag();
    this.schedule();
    if (!this.exact) this.checkLimits();
  }

  /** Counts what has come and not only what the learner has seen: it may be long silent, compiling its first step for instance. */
  private measureLag(): void {
    const { reuse, batch, minimum, lead } = this.config.learner;
    const positions = this.store.totals.positions + this.arriving;
    const due = positions < minimum ? 0 : (reuse * positions - this.tracker.status.rows) / batch;
    const before = this.lagging;
    if (due > lead) this.lagging = true;
    else if (due <= lead / 2) this.lagging = false;
    if (this.lagging === before) return;
    this.tracker.lagging(this.lagging, this.clock.elapsed);
    this.schedule();
  }

  // ---- who works

  private schedule(): void {
    if (this.stopping !== undefined) return;
    const works = this.active && !this.paused && this.yields === 0;
    this.setState(!this.active ? 'paused' : this.paused ? 'paused' : this.yields > 0 ? 'yielding' : 'running');
    this.clock.count(this.active && !this.paused);
    // The deterministic order starts and stops threads itself, and looks here between two phases.
    if (this.exact) {
      if (works) this.onWork?.();
      return;
    }
    if (works !== this.learnerRunning) {
      this.learnerRunning = works;
      this.learner?.post(works ? { type: 'run', ...(this.until.steps === undefined ? {} : { steps: this.until.steps }) } : { type: 'pause' });
    }
    this.source?.play(works && !this.lagging, this.learnerWorking ? this.config.learner.threads : 0);
  }

  /** The deterministic order: some games, then all steps that they earned, then the next games with the new weights. */
  private async alternate(): Promise<void> {
    const games = Math.max(1, this.config.actors.games >> 2);
    while (this.active && !this.limitReached()) {
      if (this.paused || this.yields > 0) {
        await new Promise<void>((resolve) => (this.onWork = resolve));
        continue;
      }
      const left = (this.until.games ?? Infinity) - this.store.totals.games;
      await this.source?.playExactly?.(Math.min(games, left));
      await this.store.drain();
      await new Promise<void>((resolve) => {
        this.onIdle = resolve;
        this.learner?.post({ type: 'run' });
      });
      this.learner?.post({ type: 'pause' });
    }
    if (this.active) await this.finish();
  }

  // ---- limits and saving

  private limitReached(): boolean {
    const { minutes = Infinity, processorMinutes, games = Infinity, steps = Infinity } = this.until;
    if (this.store.totals.games >= games || this.tracker.status.step >= steps || this.clock.elapsed - this.callBegan >= minutes * 60) return true;
    if (processorMinutes === undefined) return false;
    const { user, system } = process.cpuUsage(this.processorBegan);
    return user + system >= processorMinutes * 60e6;
  }

  private checkLimits(): void {
    if (this.active && this.limitReached()) this.finish().catch((error: unknown) => this.fail(toError(error)));
  }

  /** Ends this call of `run`: all rest, and everything is saved. */
  private async finish(): Promise<void> {
    this.active = false;
    this.schedule();
    await this.checkpointIfNew();
    this.guard(() => this.report(true));
    this.settle?.resolve();
    this.settle = undefined;
  }

  private tick(): void {
    if (!this.active) return;
    const { everyMinutes, everySteps } = this.config.checkpoint;
    const { step } = this.tracker.status;
    const byTime = !this.exact && everyMinutes > 0 && this.clock.elapsed - this.checkpointAt >= everyMinutes * 60;
    const bySteps = everySteps > 0 && step - this.checkpointStep >= everySteps;
    if ((byTime || bySteps) && step > this.checkpointStep && this.checkpointWaiters.length === 0) void this.checkpoint();
    this.report(false);
    if (!this.exact) this.checkLimits();
  }

  private report(last: boolean): void {
    this.progress = this.tracker.make(this.store.totals, this.clock.elapsed);
    this.events.emit('progress', this.progress);
    if (!last && Date.now() - this.metricsAt < METRICS_MILLIS) return;
    this.metricsAt = Date.now();
    this.metrics.progress(this.progress);
    this.saveInfo();
  }

  private saveInfo(): void {
    const { games, positions } = this.store.totals;
    this.openRun.saveInfo({ elapsedSeconds: this.clock.elapsed, games, positions, steps: this.tracker.status.step });
  }

  private checkpointIfNew(): Promise<unknown> {
    return this.tracker.status.step > this.checkpointStep ? this.checkpoint() : Promise.resolve();
  }

  private checkpoint(): Promise<string> {
    const { games, positions } = this.store.totals;
    this.checkpointAt = this.clock.elapsed;
    return new Promise((resolve) => {
      this.checkpointWaiters.push(resolve);
      this.learner?.post({ type: 'checkpoint', games, positions, elapsedSeconds: this.clock.elapsed });
    });
  }

  private checkpointWritten(path: string, step: number): void {
    this.checkpointStep = Math.max(this.checkpointStep, step);
    pruneCheckpoints(this.runDir, this.config.checkpoint.keep);
    this.metrics.checkpoint(path, step);
    this.saveInfo();
    this.events.emit('checkpoint', { path, step });
    this.checkpointWaiters.shift()?.(path);
    if (this.stopping === undefined) this.judge?.add({ path, step });
  }

  // ---- the end

  private fail(error: Error): void {
    if (this.stopping !== undefined) return;
    this.active = false;
    this.events.emit('error', { error, fatal: true });
    const { settle } = this;
    this.settle = undefined;
    // The learner may be what failed, so nothing more is asked of it: the last checkpoint and all stored games remain.
    this.stopping = this.shutDown(false);
    void this.stopping.catch(() => undefined).then(() => settle?.reject(error));
  }

  private async shutDown(save: boolean): Promise<void> {
    this.setState('stopping');
    this.active = false;
    this.clock.count(false);
    clearInterval(this.timer);
    this.judge?.stop();
    this.source?.play(false, 0);
    this.learner?.post({ type: 'pause' });
    try {
      if (save && this.timer !== undefined) await Promise.race([this.checkpointIfNew(), timeout(60_000, 'the learner did not save its checkpoint within a minute')]);
      this.saveInfo();
    } finally {
      if (save) await this.store.drain();
      await Promise.all([this.source?.close(), this.learner?.close()]);
      await (save ? this.store.close() : this.store.terminate());
      this.setState('stopped');
      this.openRun.release();
      this.settle?.resolve();
      this.settle = undefined;
    }
  }

  private setState(state: TrainingState): void {
    if (state === this.state) return;
    this.state = state;
    if (state !== 'yielding' && state !== 'stopping') {
      try {
        this.metrics.state(state);
      } catch {
        // A full disk is reported by what must be saved, not by this note.
      }
    }
    this.events.emit('state', state);
  }
}
