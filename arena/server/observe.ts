/** A run of selfplay as the server sees it: reads what is on disk, listens to what happens, keeps the present status. */
import { basename, join } from 'node:path';
import {
  listCheckpoints, readManifest, readMetrics, readRun, readRunInfo,
  type EvaluationResult, type MetricsRow, type Progress, type TrainingEvents, type TrainingState,
} from '#selfplay';
import type { CheckpointView, RunSettings, SelfPlayBoard, TrainingStatus } from '#arena/protocol';
import type { Sample } from './curves.js';
import { curveName, evaluationSample, measured } from './evaluation-sample.js';
import { observeTask } from './observe-task.js';
import { Refusal } from './refusal.js';
import { readSettings } from './run-settings.js';
import type { TrainingNews, TrainingView } from './training-view.js';
import { WindowAge } from './window-age.js';

/** What is needed of a running training: selfplay's `Training` is one. */
export interface ObservedTraining {
  readonly game: { readonly id: string };
  readonly state: TrainingState;
  readonly progress: Progress;
  on<K extends keyof TrainingEvents>(type: K, listener: (event: TrainingEvents[K]) => void): () => void;
  pause(): void;
  resume(): void;
  yieldTo(thinking: Promise<unknown>): unknown;
}

export interface ObserveOptions {
  /** Seconds after which the run ends by itself. */
  readonly goalSeconds?: number;
}

/** `age`: see `WindowAge`. */
function progressSample(p: Progress, age: number | undefined): Sample {
  const losses = Object.entries(p.losses).map(([name, value]) => [curveName(`loss.${name}`), value]);
  const [first, draw, second] = p.results;
  // Without an ended game its means are 0 and say nothing.
  const games = p.gameLength > 0 ? { 'game.length': p.gameLength, 'results.first': first, 'results.draw': draw, 'results.second': second, 'policy.entropy': p.policyEntropy } : {};
  return {
    elapsed: p.elapsedSeconds, games: p.games, steps: p.steps,
    values: {
      ...Object.fromEntries(losses), ...games,
      'rate.games': p.gamesPerSecond, 'rate.positions': p.positionsPerSecond, 'rate.evaluations': p.evaluationsPerSecond, 'rate.steps': p.stepsPerSecond,
      'learning.rate': p.learningRate, window: p.windowPositions, reuse: p.reuse, simulations: p.simulations, 'cache.hits': p.cacheHitRate,
      'value.correlation': p.valueCorrelation ?? Number.NaN, 'value.slope': p.valueSlope ?? Number.NaN,
      'replay.age': age ?? Number.NaN,
    },
  };
}

const count = (n: number | undefined): number => (n !== undefined && Number.isFinite(n) ? Math.max(0, Math.round(n)) : 0);
const rate = (n: number | undefined): number | null => (n !== undefined && Number.isFinite(n) ? n : null);

class ObservedRun implements TrainingView {
  readonly runDir: string;
  readonly game: string;
  private readonly training: ObservedTraining | undefined;
  private readonly options: ObserveOptions;
  private readonly listeners = new Set<(news: TrainingNews) => void>();
  private readonly evaluations = new Map<number, EvaluationResult['values']>();
  private readonly known = new Map<string, CheckpointView>();
  private readonly past: Sample[] = [];
  private readonly age = new WindowAge();
  private progress: Progress | undefined;
  private losses: Record<string, number> = {};
  private state: TrainingState;
  private failure: string | undefined;
  private latest: string | null = null;
  private board: SelfPlayBoard & { seed?: number } = { gameNumber: 0, game: '', setup: null, actions: [], values: [], returns: null };

  constructor(runDir: string, training: ObservedTraining | undefined, options: ObserveOptions) {
    this.runDir = runDir;
    this.training = training;
    this.options = options;
    this.state = training?.state ?? 'stopped';
    this.game = training?.game.id ?? readRun(runDir).info.game.id;
    for (const row of readMetrics(runDir)) this.remember(row);
    if (training === undefined) return;
    this.see(training.progress);
    training.on('progress', (progress) => {
      this.see(progress);
      this.tell({ kind: 'sample', sample: progressSample(progress, this.age.of(progress)) });
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
    training.on('board', ({ actions, seed, value }) => this.showBoard(actions, seed, value));
    training.on('game', ({ actions, seed, result }) => {
      if (seed !== this.board.seed || actions.length < this.board.actions.length) return;
      this.board = { ...this.board, actions: [...actions], values: filled(this.board.values, actions.length), returns: result };
      this.tellBoard();
    });
  }

  status(): TrainingStatus {
    const p = this.progress;
    const { state } = this;
    const running = state === 'running' || state === 'yielding';
    return {
      run: basename(this.runDir), game: this.game,
      state: this.failure !== undefined ? 'error' : state === 'yielding' ? 'running' : state === 'stopping' ? 'stopped' : state,
      reason: this.failure ?? (state === 'stopping' ? 'saving' : null),
      yielding: state === 'yielding',
      elapsed: p?.elapsedSeconds ?? 0, goal: this.options.goalSeconds ?? null,
      games: count(p?.games), positions: count(p?.positions), step: count(p?.steps),
      gamesPerSecond: running ? rate(p?.gamesPerSecond) : null, positionsPerSecond: running ? rate(p?.positionsPerSecond) : null,
      evaluationsPerSecond: running ? rate(p?.evaluationsPerSecond) : null, stepsPerSecond: running ? rate(p?.stepsPerSecond) : null,
      learningRate: rate(p?.learningRate), losses: this.losses, window: p === undefined ? null : count(p.windowPositions), reuse: rate(p?.reuse),
      checkpoint: this.latest,
    };
  }

  async history(): Promise<readonly Sample[]> {
    return this.past.splice(0);
  }

  async checkpoints(): Promise<readonly CheckpointView[]> {
    const entries = listCheckpoints(this.runDir);
    this.latest = entries.length === 0 ? null : basename(entries[entries.length - 1].path);
    return entries.flatMap(({ path, step }) => {
      const id = basename(path);
      const base = this.known.get(id) ?? this.readCheckpoint(path, id);
      if (base === undefined) return [];
      this.known.set(id, base);
      return [{ ...base, ...measured(this.evaluations.get(step)) }];
    });
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

  private get running(): ObservedTraining {
    if (this.training === undefined || this.state === 'stopped' || this.state === 'stopping') throw new Refusal('no-training', 'this run is not training now');
    return this.training;
  }

  private tell(news: TrainingNews): void {
    for (const listener of this.listeners) listener(news);
  }

  private remember(row: MetricsRow): void {
    if (row.type === 'progress') {
      this.see(row);
      this.past.push(progressSample(row, this.age.of(row)));
    } else if (row.type === 'evaluation') {
      this.evaluations.set(row.step, row.values);
      this.past.push(evaluationSample(row.values, this.momentOf(row.step)));
    }
  }

  private see(progress: Progress): void {
    this.progress = progress;
    for (const [name, value] of Object.entries(progress.losses)) if (Number.isFinite(value) && curveName(name) !== '') this.losses[curveName(name)] = value;
  }

  /** When a checkpoint was made, as its manifest says; a deleted one counts as made now. */
  private momentOf(step: number): Pick<Sample, 'elapsed' | 'games' | 'steps'> {
    const entry = listCheckpoints(this.runDir).find((checkpoint) => checkpoint.step === step);
    const view = entry && (this.known.get(basename(entry.path)) ?? this.readCheckpoint(entry.path, basename(entry.path)));
    return { elapsed: view?.elapsed ?? this.progress?.elapsedSeconds ?? 0, games: view?.games ?? this.progress?.games ?? 0, steps: step };
  }

  private readCheckpoint(path: string, id: string): CheckpointView | undefined {
    try {
      const { step, games, positions, elapsedSeconds } = readManifest(path);
      const view = { id, agent: `run:${id}`, step, games, positions, elapsed: elapsedSeconds, ...measured(undefined) };
      this.known.set(id, view);
      return view;
    } catch {
      // Not readable, or deleted meanwhile: not playable either, so not shown.
      return undefined;
    }
  }

  private showBoard(actions: readonly number[], seed: number, value: number): void {
    const same = seed === this.board.seed && this.board.actions.every((action, i) => actions[i] === action);
    const values = filled(same ? this.board.values : [], actions.length);
    values.push(Number.isFinite(value) ? value : 0);
    this.board = { gameNumber: this.board.gameNumber + (same ? 0 : 1), game: this.game, setup: null, actions: [...actions], values, returns: null, seed };
    this.tellBoard();
  }

  private tellBoard(): void {
    const { seed: _, ...board } = this.board;
    this.tell({ kind: 'board', board });
  }
}

/** The first `length` values; moves whose value nobody told keep the one before. */
function filled(values: readonly number[], length: number): number[] {
  const out = values.slice(0, length);
  while (out.length < length) out.push(out.at(-1) ?? 0);
  return out;
}

/**
 * A run for `createServer`: with `training`, live; without, as it was left. Throws UserError('data') when the folder
 * holds no run.
 */
export function observeRun(runDir: string, training?: ObservedTraining, options: ObserveOptions = {}): TrainingView {
  // As it was left, a run of any kind.
  if (training === undefined && readRunInfo(runDir).algorithm !== 'alphazero') return observeTask(runDir);
  return new ObservedRun(runDir, training, options);
}
