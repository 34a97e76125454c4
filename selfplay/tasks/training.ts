/**
 * A run in which one agent learns a task: the same folder, events and limits as self-play (`../loop.ts`), but one thread,
 * in which environments and learner take turns. This thread only coordinates.
 */
import { resolve } from 'node:path';
import { UserError } from '#engine';
import { isGamePath } from '#games';
import { CheckpointJudge } from '../checkpoint-judge.js';
import { latestCheckpoint, listCheckpoints, pruneCheckpoints } from '../checkpoint.js';
import { timeout, toError } from '../ending.js';
import { Emitter, type EvaluationResult, type TrainingState } from '../events.js';
import { readJson } from '../files.js';
import { MetricsWriter } from '../metrics.js';
import { RunClock } from '../run-clock.js';
import { claimFolder, readRunInfo, type ClaimedFolder } from '../run-dir.js';
import { startThread, type WorkerHandle } from '../workers.js';
import { algorithmFor, suitableAlgorithms } from './algorithms.js';
import { lightenCheckpoints } from './checkpoint.js';
import type { FromTask, TaskLimits, TaskProgress, TaskSetup, TaskTrainingEvents, ToTask } from './messages.js';
import { changeTaskConfig, defaultTaskConfig, storedTaskConfig, type TaskRunConfig } from './run-config.js';
import { openTask } from './task.js';
import type { Task } from './types.js';

export interface TaskTrainingOptions {
  /** Folder of the run; made when it does not exist. */
  readonly runDir: string;
  /** Id of a task, path of a module, or gym:ENV_ID. */
  readonly game: string;
  /** By default the one of the run that goes on, else the first that suits the task. */
  readonly algorithm?: string;
  /** `key=value` changes of the default settings, or of the stored ones when the run goes on. */
  readonly overrides?: readonly string[];
  /** Measures a checkpoint; called for one at a time, where the run's `evaluation.enabled` says so. */
  readonly evaluate?: (checkpoint: string, config: TaskRunConfig, signal: AbortSignal) => Promise<EvaluationResult>;
}

/** When `run` ends; whichever comes first. Without any, at the frames that the run is planned for. */
export interface TaskUntil extends TaskLimits {
  /** Training time of this call [min]. */
  readonly minutes?: number;
}

export interface TaskTraining {
  readonly runDir: string;
  readonly game: Pick<Task, 'id' | 'name' | 'seats'>;
  readonly config: TaskRunConfig;
  readonly resumed: boolean;
  readonly state: TrainingState;
  /** As last emitted. */
  readonly progress: TaskProgress;
  on<K extends keyof TaskTrainingEvents>(type: K, listener: (event: TaskTrainingEvents[K]) => void): () => void;
  /** Trains until a limit is reached, or `stop`; rejects when something fails. Call it once at a time. */
  run(until?: TaskUntil): Promise<void>;
  pause(): void;
  resume(): void;
  /** The run rests while the promise is under way. */
  yieldTo<T>(work: Promise<T>): Promise<T>;
  /** Saves everything and ends the thread. Safe to call twice. */
  stop(): Promise<void>;
}

/** Opens a run directory, new or old. Throws UserError; nothing runs before `run`. */
export async function createTaskTraining(options: TaskTrainingOptions): Promise<TaskTraining> {
  const dir = resolve(options.runDir);
  const { game: named } = options;
  // Threads and resumed runs find a module whatever their working directory.
  const task = await openTask(isGamePath(named) && !named.startsWith('gym:') && !named.startsWith('file:') ? resolve(named) : named);
  const algorithm = algorithmFor(options.algorithm ?? algorithmOf(dir) ?? suitableAlgorithms(task)[0]?.name ?? 'ppo', task);
  const folder = claimFolder(dir, { game: task, algorithm: algorithm.name }, (resumed) => {
    const file = `${dir}/config.json`;
    const base = resumed ? storedTaskConfig(algorithm, task, readJson(file), file) : defaultTaskConfig(algorithm, task);
    const config = changeTaskConfig(algorithm, { ...base, game: task.spec }, options.overrides ?? []);
    if (resumed && latestCheckpoint(dir) !== undefined) refuseOtherShape(dir, base, config);
    return config;
  });
  return new TaskLoop(folder, task, options.evaluate);
}

/** The algorithm of the run in a folder; undefined when there is none. */
function algorithmOf(dir: string): string | undefined {
  try {
    return readRunInfo(dir).algorithm;
  } catch {
    return undefined;
  }
}

/** What has been learnt only fits its own network and number of environments. */
function refuseOtherShape(dir: string, before: TaskRunConfig, after: TaskRunConfig): void {
  for (const key of ['network', 'model', 'environments']) {
    const [old, now] = [before, after].map((config) => JSON.stringify((config.learner as unknown as Record<string, unknown>)[key]));
    if (old !== now) throw new UserError('usage', `the run ${dir} has learner.${key} = ${old}; that can only be chosen when a run begins`);
  }
}

/** A row of metrics comes after so long [ms], or after this share of the run. */
const METRICS_MILLIS = 5000;
const METRICS_SHARE = 0.01;
const TICK_MILLIS = 500;

class TaskLoop implements TaskTraining {
  readonly runDir: string;
  readonly game: Pick<Task, 'id' | 'name' | 'seats'>;
  readonly config: TaskRunConfig;
  readonly resumed: boolean;
  state: TrainingState = 'starting';
  progress: TaskProgress;
  private readonly folder: ClaimedFolder<TaskRunConfig>;
  private readonly events = new Emitter<TaskTrainingEvents>();
  private readonly metrics: MetricsWriter;
  /** undefined where checkpoints are not measured. */
  private readonly judge: CheckpointJudge | undefined;
  private thread: WorkerHandle<ToTask> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private started: Promise<void> | undefined;
  private stopping: Promise<void> | undefined;
  private settle: { resolve: () => void; reject: (error: Error) => void } | undefined;
  private until: TaskUntil = {};
  private active = false;
  private paused = false;
  private yields = 0;
  private running = false;
  private readonly clock: RunClock;
  private callBegan = 0;
  private metricsAt = 0;
  private metricsFrames = 0;
  private savedAt = 0;
  private savedFrames = -1;
  private waiters: (() => void)[] = [];

  constructor(folder: ClaimedFolder<TaskRunConfig>, task: Task, evaluate: TaskTrainingOptions['evaluate']) {
    const { config, info } = folder;
    this.folder = folder;
    this.runDir = folder.dir;
    this.game = task;
    this.config = config;
    this.resumed = folder.resumed;
    this.metrics = new MetricsWriter(folder.dir);
    this.clock = new RunClock(info.elapsedSeconds);
    if (evaluate !== undefined && config.evaluation.enabled) {
      this.judge = new CheckpointJudge({
        evaluate: (checkpoint, signal) => evaluate(checkpoint, config, signal),
        done: ({ path, step }, result) => {
          this.metrics.evaluation(path, step, result);
          this.events.emit('evaluation', { step, checkpoint: path, result });
        },
        failed: (error) => this.events.emit('error', { error: toError(error), fatal: false }),
        exists: ({ step }) => listCheckpoints(folder.dir).some((checkpoint) => checkpoint.step === step),
      });
    }
    this.progress = {
      game: task.id, algorithm: config.algorithm, frames: info.positions, steps: info.steps, episodes: info.games, meanReturn: null, returnError: null, meanLength: null,
      elapsedSeconds: info.elapsedSeconds, framesPerSecond: 0, stepsPerSecond: 0, episodesPerSecond: 0, losses: {}, values: {}, memory: process.memoryUsage.rss(),
    };
  }

  on<K extends keyof TaskTrainingEvents>(type: K, listener: (event: TaskTrainingEvents[K]) => void): () => void {
    return this.events.on(type, listener);
  }

  async run(until: TaskUntil = {}): Promise<void> {
    if (this.stopping !== undefined) throw new Error('this training has been stopped');
    if (this.settle !== undefined) throw new Error('this training is running already');
    this.until = until;
    const ended = new Promise<void>((fulfil, reject) => (this.settle = { resolve: fulfil, reject }));
    ended.catch(() => undefined);
    if (this.started === undefined) {
      this.started = this.start();
      this.started.catch((error: unknown) => this.fail(toError(error)));
    }
    await Promise.race([this.started, ended]);
    if (this.settle !== undefined) {
      this.callBegan = this.clock.elapsed;
      this.active = true;
      this.schedule();
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

  private start(): Promise<void> {
    const setup: TaskSetup = { config: this.config, runDir: this.runDir, checkpoint: latestCheckpoint(this.runDir)?.path };
    return new Promise((resolveReady) => {
      this.thread = startThread<ToTask, FromTask>(import.meta.url, 'task-worker', setup, (message) => this.guard(() => this.hear(message, resolveReady)), (error) => this.fail(error));
      this.timer = setInterval(() => this.guard(() => this.tick()), TICK_MILLIS);
    });
  }

  private hear(message: Exclude<FromTask, { type: 'failure' }>, ready: () => void): void {
    switch (message.type) {
      case 'ready': {
        const { counts, figures, lightened } = message;
        if (lightened) {
          const error = new UserError('data', `the checkpoint of step ${counts.steps} is an older one, which no longer holds what was lived through: the run goes on from its weights, and gathers new experience before it learns on`);
          this.events.emit('error', { error, fatal: false });
        }
        this.progress = { ...this.progress, ...counts, ...figures };
        this.savedFrames = this.resumed && latestCheckpoint(this.runDir) !== undefined ? counts.frames : -1;
        this.savedAt = this.clock.elapsed;
        // The first checkpoint is the untrained agent: something to watch at once, and what a killed process goes back to.
        void (this.savedFrames < 0 ? this.save() : Promise.resolve()).then(ready);
        break;
      }
      case 'report': {
        const { counts, figures, metrics } = message;
        const elapsedSeconds = this.clock.elapsed;
        const { frames, steps, episodes, elapsedSeconds: before } = this.progress;
        const seconds = Math.max(1e-3, elapsedSeconds - before);
        this.progress = {
          // Nothing new has been learnt: the last losses stand.
          ...this.progress, ...counts, ...figures, ...(counts.steps === steps ? {} : metrics), elapsedSeconds, memory: process.memoryUsage.rss(),
          framesPerSecond: (counts.frames - frames) / seconds, stepsPerSecond: (counts.steps - steps) / seconds, episodesPerSecond: (figures.episodes - episodes) / seconds,
        };
        this.events.emit('progress', this.progress);
        if (Date.now() - this.metricsAt >= METRICS_MILLIS || counts.frames - this.metricsFrames >= METRICS_SHARE * this.config.frames) this.record();
        break;
      }
      case 'done':
        this.finish().catch((error: unknown) => this.fail(toError(error)));
        break;
      case 'checkpoint':
        pruneCheckpoints(this.runDir, this.config.checkpoint.keep);
        lightenCheckpoints(this.runDir);
        this.savedFrames = message.frames;
        this.metrics.checkpoint(message.path, message.step);
        this.saveInfo();
        this.events.emit('checkpoint', { path: message.path, step: message.step });
        this.waiters.shift()?.();
        if (this.stopping === undefined) this.judge?.add({ path: message.path, step: message.step });
        break;
      default:
        message satisfies never;
    }
  }

  private guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.fail(toError(error));
    }
  }

  private schedule(): void {
    if (this.stopping !== undefined) return;
    const works = this.active && !this.paused && this.yields === 0;
    this.setState(!this.active || this.paused ? 'paused' : this.yields > 0 ? 'yielding' : 'running');
    this.clock.count(this.active && !this.paused);
    if (works === this.running) return;
    this.running = works;
    const { minutes, frames, episodes, steps } = this.until;
    const open = minutes === undefined && frames === undefined && episodes === undefined && steps === undefined;
    this.thread?.post(works ? { type: 'run', limits: { frames: open ? this.config.frames : frames, episodes, steps } } : { type: 'pause' });
  }

  private tick(): void {
    if (!this.active) return;
    const { everyMinutes, everyFrames } = this.config.checkpoint;
    const { frames } = this.progress;
    const byTime = everyMinutes > 0 && this.clock.elapsed - this.savedAt >= everyMinutes * 60;
    const byFrames = everyFrames > 0 && frames - this.savedFrames >= everyFrames;
    if ((byTime || byFrames) && frames > this.savedFrames && this.waiters.length === 0) void this.save();
    if (this.clock.elapsed - this.callBegan >= (this.until.minutes ?? Infinity) * 60) this.finish().catch((error: unknown) => this.fail(toError(error)));
  }

  /** Ends this call of `run`: everything rests and is saved. */
  private async finish(): Promise<void> {
    if (!this.active) return;
    this.active = false;
    this.schedule();
    await this.saveIfNew();
    this.record();
    this.settle?.resolve();
    this.settle = undefined;
  }

  private record(): void {
    this.metricsAt = Date.now();
    this.metricsFrames = this.progress.frames;
    this.metrics.task(this.progress);
    this.saveInfo();
  }

  private saveInfo(): void {
    const { episodes: games, frames: positions, steps } = this.progress;
    this.folder.saveInfo({ elapsedSeconds: this.clock.elapsed, games, positions, steps });
  }

  private saveIfNew(): Promise<void> {
    return this.progress.frames > this.savedFrames || this.running ? this.save() : Promise.resolve();
  }

  private save(): Promise<void> {
    this.savedAt = this.clock.elapsed;
    return new Promise((done) => {
      this.waiters.push(done);
      this.thread?.post({ type: 'checkpoint', elapsedSeconds: this.clock.elapsed });
    });
  }

  private fail(error: Error): void {
    if (this.stopping !== undefined) return;
    this.active = false;
    this.events.emit('error', { error, fatal: true });
    const { settle } = this;
    this.settle = undefined;
    // The learner is what failed, so nothing more is asked of it: the last checkpoint remains.
    this.stopping = this.shutDown(false);
    void this.stopping.catch(() => undefined).then(() => settle?.reject(error));
  }

  private async shutDown(save: boolean): Promise<void> {
    const wasActive = this.active;
    this.setState('stopping');
    this.active = false;
    this.clock.count(false);
    clearInterval(this.timer);
    this.judge?.stop();
    this.thread?.post({ type: 'pause' });
    try {
      if (save && wasActive) {
        await Promise.race([this.save(), timeout(60_000, 'the learner did not save its checkpoint within a minute')]);
        this.record();
      } else this.saveInfo();
    } finally {
      await this.thread?.close();
      this.setState('stopped');
      this.folder.release();
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
