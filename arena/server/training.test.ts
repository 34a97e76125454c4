import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CheckpointView, ServerMessage, TrainingStatus } from '#arena/protocol';
import { decodeServerMessage, encode } from '#arena/protocol';
import type { Progress, TrainingEvents } from '#selfplay';
import { observeRun, type ObservedTraining } from './observe.js';
import { TrainingFeed } from './training-feed.js';
import type { TrainingNews, TrainingView } from './training-view.js';

const status: TrainingStatus = {
  run: 'r', game: 'connect4', state: 'running', reason: null, yielding: false, elapsed: 1, goal: null, games: 1, gamesPerSecond: 1, positions: 1, positionsPerSecond: 1,
  evaluationsPerSecond: 1, step: 1, stepsPerSecond: 1, learningRate: 1, losses: {}, window: 1, reuse: 1, checkpoint: null,
};
const sample = (elapsed: number, value: number) => ({ elapsed, games: elapsed, steps: elapsed, values: { 'loss.total': value } });

class FakeRun implements TrainingView {
  readonly game = 'connect4';
  readonly runDir = '/run';
  list: CheckpointView[] = [];
  private listener: (news: TrainingNews) => void = () => {};
  status = () => status;
  history = async () => [sample(1, 3), sample(2, 2)];
  checkpoints = async () => this.list;
  checkpointPath = (id: string) => `/run/${id}`;
  listen(listener: (news: TrainingNews) => void) {
    this.listener = listener;
    return () => (this.listener = () => {});
  }
  say(news: TrainingNews) {
    this.listener(news);
  }
  pause = () => {};
  resume = () => {};
  yieldTo = () => {};
}

describe('the feed of a run', () => {
  let dir: string;
  let sent: ServerMessage[];
  let run: FakeRun;
  let feed: TrainingFeed;
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    dir = await mkdtemp(join(tmpdir(), 'ludus-feed-'));
    sent = [];
    run = new FakeRun();
    feed = await TrainingFeed.start(run, (message) => sent.push(decodeServerMessage(encode(message))), () => {}, pino({ level: 'silent' }));
    sent.length = 0;
  });
  afterEach(async () => {
    feed.close();
    vi.useRealTimers();
    await rm(dir, { recursive: true });
  });

  it('opens with the whole history, whatever came before the watcher', () => {
    run.say({ kind: 'sample', sample: sample(3, 1) });
    const history = feed.opening().find((message) => message.type === 'training-history');
    expect(history).toEqual({ type: 'training-history', series: [{ name: 'loss.total', elapsed: [1, 2, 3], games: [1, 2, 3], steps: [1, 2, 3], values: [3, 2, 1] }] });
  });

  it('tells a thousand news a second five times, and loses no point', () => {
    for (let i = 0; i < 1000; i++) {
      run.say({ kind: 'sample', sample: sample(i, i) });
      run.say({ kind: 'board', board: { gameNumber: i, game: 'connect4', setup: null, actions: [], values: [], returns: null } });
      vi.advanceTimersByTime(1);
    }
    expect(sent.filter((m) => m.type === 'training-status')).toHaveLength(5);
    expect(sent.filter((m) => m.type === 'self-play')).toHaveLength(5);
    const points = sent.flatMap((m) => (m.type === 'training-append' ? m.series[0].values : []));
    expect(points).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    vi.advanceTimersByTime(5000);
    expect(sent).toHaveLength(15);
  });

  it('tells of a checkpoint as it appears', async () => {
    run.list = [{ id: 'step-00000001', agent: 'run:step-00000001', step: 1, games: 1, positions: 1, elapsed: 1, rating: null, outcome: 0.9, optimal: null, score: null }];
    run.say({ kind: 'checkpoints' });
    await vi.waitFor(() => expect(sent).toEqual([{ type: 'checkpoints', checkpoints: run.list }]), 30_000);
  });
});

const progress: Progress = {
  game: 'connect4', games: 10, positions: 300, steps: 20, elapsedSeconds: 60, gamesPerSecond: 2, positionsPerSecond: 60, evaluationsPerSecond: 9000, stepsPerSecond: 1,
  losses: { total: 2.5, policy: 1.9 }, learningRate: 0.01, valueMix: 0, simulations: 100, windowPositions: 300, windowGames: 10, reuse: 4, backlog: 0,
  cacheHitRate: 0.2, policyEntropy: 1.1, gameLength: 30, results: [0.5, 0.1, 0.4], sampleMillis: 1, memory: 1e8,
};

class FakeTraining implements ObservedTraining {
  readonly game = { id: 'connect4' };
  readonly state = 'running';
  readonly progress = progress;
  paused = false;
  private readonly listeners = new Map<string, (event: never) => void>();
  on<K extends keyof TrainingEvents>(type: K, listener: (event: TrainingEvents[K]) => void) {
    this.listeners.set(type, listener);
    return () => this.listeners.delete(type);
  }
  say<K extends keyof TrainingEvents>(type: K, event: TrainingEvents[K]) {
    (this.listeners.get(type) as ((event: TrainingEvents[K]) => void) | undefined)?.(event);
  }
  pause = () => void (this.paused = true);
  resume = () => void (this.paused = false);
  yieldTo = (work: Promise<unknown>) => work;
}

describe('a run observed', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'ludus-run-'));
    const checkpoint = join(dir, 'checkpoints', 'step-00000020');
    await mkdir(checkpoint, { recursive: true });
    await mkdir(join(dir, 'checkpoints', 'step-00000030')); // without a manifest: not shown
    await writeFile(join(checkpoint, 'checkpoint.json'), JSON.stringify({
      format: 1, game: { id: 'connect4', version: 1 }, network: { kind: 'mlp', hidden: [8], value: 'tanh' }, planes: [2, 6, 7], actions: 7, step: 20, games: 9, positions: 280, rows: 1,
      elapsedSeconds: 55, created: 'now', config: {}, files: {},
    }));
    const row = (type: string, fields: object) => `${JSON.stringify({ type, time: 'then', ...fields })}\n`;
    await writeFile(join(dir, 'metrics.jsonl'), row('progress', { ...progress, elapsedSeconds: 50 }) + row('evaluation', { step: 20, checkpoint: 'c', summary: '', values: { outcome: 0.9, elo: 120, eloError: 40, 'score/random': 1 } }) + '{"type":"prog');
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('reads its past: curves, and checkpoints with what was measured of them', async () => {
    const view = observeRun(dir, new FakeTraining());
    const past = await view.history();
    expect(past[0]).toMatchObject({ elapsed: 50, games: 10, steps: 20, values: { 'loss.total': 2.5, 'rate.games': 2, 'policy.entropy': 1.1 } });
    expect(past[1]).toMatchObject({ steps: 20, values: { 'evaluation.outcome': 0.9, 'evaluation.score.random': 1, rating: 120 }, errors: { rating: 40 } });
    const [checkpoint] = await view.checkpoints();
    expect(checkpoint).toMatchObject({ id: 'step-00000020', agent: 'run:step-00000020', games: 9, elapsed: 55, rating: { elo: 120, error: 40 }, outcome: 0.9, optimal: null, score: null });
    expect(past[1].elapsed).toBe(55);
    expect(encode({ type: 'checkpoints', checkpoints: [checkpoint] }).length).toBeGreaterThan(0);
  });

  it('follows what happens, in messages that the protocol takes', async () => {
    const training = new FakeTraining();
    const view = observeRun(dir, training, { goalSeconds: 1800 });
    const news: TrainingNews[] = [];
    view.listen((item) => news.push(item));
    training.say('progress', { ...progress, games: 11, losses: {} });
    training.say('state', 'yielding');
    expect(view.status()).toMatchObject({ game: 'connect4', state: 'running', yielding: true, games: 11, goal: 1800, losses: { total: 2.5, policy: 1.9 } });
    const sent: ServerMessage = { type: 'training-status', status: view.status() };
    expect(decodeServerMessage(encode(sent))).toEqual(sent);
    training.say('error', { error: new Error('disk full\nat line 1'), fatal: true });
    expect(view.status()).toMatchObject({ state: 'error', reason: 'disk full' });
    view.pause();
    expect(training.paused).toBe(true);
    expect(news.map((item) => item.kind)).toEqual(['sample', 'status', 'status']);
  });

  it('shows one game of self-play after another', () => {
    const training = new FakeTraining();
    const view = observeRun(dir, training);
    const boards: object[] = [];
    view.listen((item) => item.kind === 'board' && boards.push(item.board));
    training.say('board', { actions: [3], seed: 1, value: 0.25 });
    training.say('board', { actions: [3, 3, 2], seed: 1, value: 0.5 });
    training.say('game', { id: 'g', actions: [3, 3, 2, 1], seed: 1, result: -1, checkpoint: 0 });
    training.say('game', { id: 'h', actions: [0], seed: 9, result: 1, checkpoint: 0 });
    training.say('board', { actions: [], seed: 2, value: 0 });
    const base = { game: 'connect4', setup: null };
    expect(boards).toEqual([
      { ...base, gameNumber: 1, actions: [3], values: [0, 0.25], returns: null },
      { ...base, gameNumber: 1, actions: [3, 3, 2], values: [0, 0.25, 0.25, 0.5], returns: null },
      { ...base, gameNumber: 1, actions: [3, 3, 2, 1], values: [0, 0.25, 0.25, 0.5], returns: -1 },
      { ...base, gameNumber: 2, actions: [], values: [0], returns: null },
    ]);
  });
});
