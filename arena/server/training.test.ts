import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CheckpointView, ServerMessage, TrainingStatus } from '#arena/protocol';
import { decodeServerMessage, encode } from '#arena/protocol';
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
    run.list = [{ id: 'step-00000001', agent: 'run:step-00000001', step: 1, games: 1, positions: 1, elapsed: 1, rating: null, outcome: 0.9, optimal: null }];
    run.say({ kind: 'checkpoints' });
    await vi.waitFor(() => expect(sent).toEqual([{ type: 'checkpoints', checkpoints: run.list }]));
  });
});
