/** Counts what workers report and makes `Progress` of it. Rates are over the time since the last one made. */
import { readFileSync } from 'node:fs';
import { noCounters, type ActorCounters } from './actor.js';
import type { Progress } from './events.js';
import type { LearnerStatus } from './messages.js';
import { episodeReturn, type Episode } from './episode.js';
import type { StoreTotals } from './store.js';
import { Agreement } from './agreement.js';
import type { LearnerMillis, ThreadTime } from './thread-time.js';

const NO_COUNTERS = noCounters();

/** Games whose values are held against their results between two progresses: enough for a steady figure, few enough to cost nothing. */
const JUDGED_GAMES = 64;

const counterNames = Object.keys(NO_COUNTERS) as (keyof ActorCounters)[];

export interface StepReport {
  readonly losses: Record<string, number>;
  readonly learningRate: number;
  readonly valueMix: number;
  readonly millis: LearnerMillis;
}

export class ProgressTracker {
  private readonly game: string;
  private readonly counters: ActorCounters[] = [];
  private before: ActorCounters = NO_COUNTERS;
  private learner: LearnerStatus = { step: 0, rows: 0, due: 0, windowPositions: 0, windowGames: 0, revised: 0 };
  private last: StepReport = { losses: {}, learningRate: 0, valueMix: 0, millis: {} };
  private firstRows = -1;
  private firstPositions = 0;
  private stepsBefore = 0;
  private gamesBefore = 0;
  private positionsBefore = 0;
  private secondsBefore = 0;
  // Since the last progress.
  private lossSums: Record<string, number> = {};
  private sampleSum = 0;
  private steps = 0;
  private plies = 0;
  private results: [number, number, number] = [0, 0, 0];
  private agreement = new Agreement();
  private judged = 0;
  simulations = 0;
  private readonly time: ThreadTime | undefined;
  /** Rows that a network call of self-play has at most. */
  private readonly batch: number;
  private laggingSince: number | undefined;
  private laggingBefore = 0;

  /** `time` where the run's threads are all of this process. */
  constructor(game: string, batch: number, time?: ThreadTime) {
    this.game = game;
    this.batch = batch;
    this.time = time;
  }

  get status(): LearnerStatus {
    return this.learner;
  }

  /** Where this sitting begins. */
  begin(status: LearnerStatus, totals: StoreTotals, seconds: number): void {
    this.learner = status;
    this.firstRows = status.rows;
    this.firstPositions = this.positionsBefore = totals.positions;
    this.gamesBefore = totals.games;
    this.stepsBefore = status.step;
    this.secondsBefore = seconds;
    this.time?.begin(seconds);
  }

  /** The actors rest from now on because the learner is behind, or play again; at `seconds` of training. */
  lagging(behind: boolean, seconds: number): void {
    if (this.laggingSince !== undefined) this.laggingBefore += seconds - this.laggingSince;
    this.laggingSince = behind ? seconds : undefined;
  }

  /** A checkpoint took so long to write. */
  saved(millis: number): void {
    this.time?.learnt({ checkpoints: millis });
  }

  actor(worker: number, counters: ActorCounters): void {
    while (this.counters.length <= worker) this.counters.push(NO_COUNTERS);
    this.counters[worker] = counters;
  }

  ended(plies: number, result: number): void {
    this.plies += plies;
    this.results[result > 0 ? 0 : result === 0 ? 1 : 2]++;
  }

  /** Whether another game's values are wanted before the next progress. */
  get judging(): boolean {
    return this.judged < JUDGED_GAMES;
  }

  /** Holds what the search thought of each position against how the game ended. */
  judge(episode: Episode): void {
    this.judged++;
    if (episode.end !== 'terminated') return;
    const result = episodeReturn(episode);
    for (let ply = 0; ply < episode.trained.length; ply++) if (episode.trained[ply] === 1) this.agreement.add(episode.rootValues[ply], result);
  }

  learned(status: LearnerStatus): void {
    this.learner = status;
  }

  step(report: StepReport): void {
    this.last = report;
    this.steps++;
    this.sampleSum += report.millis.rows ?? 0;
    this.time?.learnt(report.millis);
    for (const [name, loss] of Object.entries(report.losses)) this.lossSums[name] = (this.lossSums[name] ?? 0) + loss;
  }

  /** `elapsedSeconds` of training, of all sittings. */
  make(totals: StoreTotals, elapsedSeconds: number): Progress {
    const now = noCounters();
    for (const counters of this.counters) for (const name of counterNames) now[name] += counters[name];
    const { before, learner, last, steps } = this;
    const seconds = Math.max(1e-3, elapsedSeconds - this.secondsBefore);
    const hits = now.cacheHits - before.cacheHits;
    const asked = hits + now.cacheMisses - before.cacheMisses;
    const moves = now.moves - before.moves;
    const ended = this.results[0] + this.results[1] + this.results[2];
    const batches = now.batches - before.batches;
    const fresh = totals.positions - this.firstPositions;
    const progress: Progress = {
      game: this.game,
      games: totals.games,
      positions: totals.positions,
      steps: learner.step,
      elapsedSeconds,
      gamesPerSecond: (totals.games - this.gamesBefore) / seconds,
      positionsPerSecond: (totals.positions - this.positionsBefore) / seconds,
      evaluationsPerSecond: (now.evaluations - before.evaluations) / seconds,
      stepsPerSecond: (learner.step - this.stepsBefore) / seconds,
      losses: Object.fromEntries(Object.entries(this.lossSums).map(([name, sum]) => [name, sum / steps])),
      learningRate: last.learningRate,
      valueMix: last.valueMix,
      simulations: this.simulations,
      windowPositions: learner.windowPositions,
      windowGames: learner.windowGames,
      ...(learner.revised > 0 ? { revisedPositions: learner.revised } : {}),
      reuse: fresh > 0 ? (learner.rows - this.firstRows) / fresh : 0,
      backlog: learner.due,
      cacheHitRate: asked > 0 ? hits / asked : 0,
      policyEntropy: moves > 0 ? (now.entropy - before.entropy) / moves : 0,
      gameLength: ended > 0 ? this.plies / ended : 0,
      results: ended > 0 ? [this.results[0] / ended, this.results[1] / ended, this.results[2] / ended] : [0, 0, 0],
      sampleMillis: steps > 0 ? this.sampleSum / steps : 0,
      ...this.time?.at(elapsedSeconds, now),
      laggingSeconds: this.laggingBefore + (this.laggingSince === undefined ? 0 : elapsedSeconds - this.laggingSince),
      batchFill: batches > 0 ? (now.evaluations - before.evaluations) / (batches * this.batch) : 0,
      memory: ownMemory(),
      valueCorrelation: this.agreement.correlation,
      valueSlope: this.agreement.slope,
    };
    this.agreement = new Agreement();
    this.judged = 0;
    this.before = now;
    this.stepsBefore = learner.step;
    this.gamesBefore = totals.games;
    this.positionsBefore = totals.positions;
    this.secondsBefore = elapsedSeconds;
    this.lossSums = {};
    this.sampleSum = this.steps = this.plies = 0;
    this.results = [0, 0, 0];
    return progress;
  }
}

/** Resident memory without files that are merely mapped, such as the replay store's pages, where the system tells [bytes]. */
function ownMemory(): number {
  if (process.platform === 'linux') {
    const match = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'));
    if (match !== null) return 1024 * Number(match[1]);
  }
  return process.memoryUsage.rss();
}
