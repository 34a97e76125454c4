/** A run that learns a task as the server sees it: the same page as self-play, with the return where that has ratings. */
import { basename, join } from 'node:path';
import { checkpointName, listCheckpoints, readManifest, readMetrics, readRunInfo, type EvaluationResult, type TrainingState } from '#selfplay';
import type { TaskProgress, TaskTrainingEvents } from '#selfplay/tasks';
import type { CheckpointView, RunSettings, TrainingStatus } from '#arena/protocol';
import type { Sample } from './curves.js';
import { HALF_WIDTH, evaluationSample, measured } from './evaluation-sample.js';
import { Refusal } from './refusal.js';
import { readSettings } from './run-settings.js';
import type { TrainingNews, TrainingView } from './training-view.js';

/** What is needed of a running training: `TaskTraining` is one. */
export interface ObservedTask {
  readonly game: { readonly id: string };
  readonly config: { readonly frames: number };
  readonly state: TrainingState;
  readonly progress: TaskProgress;
  on<K extends keyof TaskTrainingEvents>(type: K, listener: (event: TaskTrainingEvents[K]) => void): () => void;
  pause(): void;
  resume(): void;
  yieldTo(thinking: Promise<unknown>): unknown;
}

/** Curves of a task: `return` with its interval, and what its learner tells. Games are episodes. */
export function taskSample(p: TaskProgress): Sample {
  const { entropy, ...losses } = p.losses;
  const { learningRate, ...values } = p.values;
  const named = (prefix: string, all: Readonly<Record<string, number>>) => Object.fromEntries(Object.entries(all).map(([name, value]) => [`${prefix}.${name.replaceAll(/[^A-Za-z0-9]+/g, '.')}`.slice(0, 64), value]));
  return {
    elapsed: p.elapsedSeconds, games: p.episodes, steps: p.steps,
    values: {
      ...(p.meanReturn === null ? {} : { return: p.meanReturn }), ...(p.meanLength === null ? {} : { 'game.length': p.meanLength }),
      ...named('loss', losses), ...(entropy === undefined ? {} : { 'policy.entropy': entropy }), ...named('learner', values),
      ...(learningRate === undefined ? {} : { 'learning.rate': learningRate }), frames: p.frames, 'rate.frames': p.framesPerSecond, 'rate.steps': p.stepsPerSecond,
    },
    ...(p.returnError === null ? {} : { errors: { return: HALF_WIDTH * p.returnError } }),
  };
}

class ObservedTaskRun implements TrainingView {
  readonly runDir: string;
  readonly game: string;
  private readonly training: ObservedTask | undefined;
  private readonly listeners = new Set<(news: TrainingNews) => void>();
  private readonly past: Sample[] = [];
  private readonly evaluations = new Map<number, EvaluationResult['values']>();
  private progress: TaskProgress | undefined;
  private state: TrainingState;
  private failure: string | undefined;

  constructor(runDir: string, training: ObservedTask | undefined) {
    this.runDir = runDir;
    this.training = training;
    this.state = training?.state ?? 'stopped';
    this.game = training?.game.id ?? readRunInfo(runDir).game.id;
    for (const row of readMetrics(runDir)) {
      if (row.type === 'evaluation') {
        this.evaluations.set(row.step, row.values);
        this.past.push(evaluationSample(row.values, this.momentOf(row.step)));
      }
      if (row.type !== 'task') continue;
      this.progress = row;
      this.past.push(taskSample(row));
    }
    if (training === undefined) return;
    this.progress = training.progress;
    training.on('progress', (progress) => {
      this.progress = progress;
      this.tell({ kind: 'sample', sample: taskSample(progress) });
    });
    training.on('state', (state) => {
      this.state = state;
      this.tell({ kind: 'status' });
    });
    training.on('error', ({ error, fatal }) => {
      if (!fatal) return;
      this.failure = error.message.split('\n')[0].slice(0, 500);
      this.tell({ kind: 'status' });
    });
    training.on('checkpoint', () => this.tell({ kind: 'checkpoints' }));
    training.on('evaluation', ({ step, result }) => {
      this.evaluations.set(step, result.values);
      this.tell({ kind: 'sample', sample: evaluationSample(result.values, this.momentOf(step)) });
      this.tell({ kind: 'checkpoints' });
    });
  }

  status(): TrainingStatus {
    const { progress: p, state } = this;
    const running = state === 'running' || state === 'yielding';
    const rate = (value: number | undefined) => (running && value !== undefined && Number.isFinite(value) ? value : null);
    const latest = listCheckpoints(this.runDir).at(-1);
    return {
      run: basename(this.runDir), game: this.game,
      state: this.failure !== undefined ? 'error' : state === 'yielding' ? 'running' : state === 'stopping' ? 'stopped' : state,
      reason: this.failure ?? (state === 'stopping' ? 'saving' : null),
      yielding: state === 'yielding',
      elapsed: p?.elapsedSeconds ?? 0, goal: null,
      games: p?.episodes ?? 0, positions: p?.frames ?? 0, step: p?.steps ?? 0,
      gamesPerSecond: rate(p?.episodesPerSecond), positionsPerSecond: rate(p?.framesPerSecond), evaluationsPerSecond: null, stepsPerSecond: rate(p?.stepsPerSecond),
      learningRate: p?.values.learningRate ?? null, losses: p?.losses ?? {}, window: null, reuse: null,
      checkpoint: latest === undefined ? null : basename(latest.path),
    };
  }

  async history(): Promise<readonly Sample[]> {
    return this.past.splice(0);
  }

  async checkpoints(): Promise<readonly CheckpointView[]> {
    return listCheckpoints(this.runDir).flatMap(({ path }) => {
      try {
        const { step, games, positions, elapsedSeconds, files } = readManifest(path);
        const id = basename(path);
        // A table plays only in `ludus eval`.
        return [{ id, agent: files['model.onnx'] === undefined ? null : `run:${id}`, step, games, positions, elapsed: elapsedSeconds, ...measured(this.evaluations.get(step)) }];
      } catch {
        // Not readable, or deleted meanwhile.
        return [];
      }
    });
  }

  /** When a checkpoint was made, as its manifest says; a deleted one counts as made now. */
  private momentOf(step: number): Pick<Sample, 'elapsed' | 'games' | 'steps'> {
    try {
      const { games, elapsedSeconds } = readManifest(join(this.runDir, 'checkpoints', checkpointName(step)));
      return { elapsed: elapsedSeconds, games, steps: step };
    } catch {
      return { elapsed: this.progress?.elapsedSeconds ?? 0, games: this.progress?.episodes ?? 0, steps: step };
    }
  }

  settings(): RunSettings {
    return readSettings(this.runDir);
  }

  checkpointPath(id: string): string {
    return join(this.runDir, 'checkpoints', id);
  }

  listen(listener: (news: TrainingNews) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  pause(): void {
    this.running.pause();
  }

  resume(): void {
    this.running.resume();
  }

  yieldTo(thinking: Promise<unknown>): void {
    this.training?.yieldTo(thinking);
  }

  private get running(): ObservedTask {
    if (this.training === undefined || this.state === 'stopped' || this.state === 'stopping') throw new Refusal('no-training', 'this run is not training now');
    return this.training;
  }

  private tell(news: TrainingNews): void {
    for (const listener of this.listeners) listener(news);
  }
}

/** As `observeRun`, of a run that learns a task. */
export function observeTask(runDir: string, training?: ObservedTask): TrainingView {
  return new ObservedTaskRun(runDir, training);
}
