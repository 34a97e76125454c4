/** A run and its workers on a real Redis: dummy runs of tic-tac-toe, with everything that can go wrong. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { UserError } from '#engine';
import { ticTacToe } from '#games';
import { type TestRedis, hasRedis, startRedis } from '../../testing/redis.js';
import { decodeEpisode } from '../codec.js';
import { createTraining, type Training } from '../loop.js';
import { ReplayStore } from '../store.js';
import { Coordinator } from './coordinator.js';
import { Keys } from './keys.js';
import { selfPlayBuild, type Work } from './messages.js';
import { redisAddress } from './redis.js';
import { type ClusterOptions, remoteActors } from './remote-actors.js';
import { selfPlayKind } from './self-play.js';
import { openStatus } from './status.js';
import { type ClusterWorker, type WorkerOptions, startWorker } from './worker.js';

const tiny = [
  'network.hidden=16', 'search.simulations=4', 'actors.games=8', 'threads=2', 'learner.batch=32', 'learner.minimum=64', 'learner.publishEvery=5', 'learner.lead=400',
  'replay.window=500', 'replay.capacity=100000', 'checkpoint.everySteps=400', 'checkpoint.everyMinutes=0', 'device=cpu', 'evaluation.enabled=false',
];
const VERSION = '0.0.0-test';

/** Waits for what comes sooner or later, on a busy machine later. */
const until = async (what: string, condition: () => boolean | Promise<boolean>): Promise<void> => {
  const last = performance.now() + 150_000;
  while (!(await condition())) {
    if (performance.now() > last) throw new Error(`it did not come about: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
};

describe.skipIf(!hasRedis)('a cluster (needs redis-server)', () => {
  let folder = '';
  let redis: TestRedis;
  let client: Redis;
  const ending: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ludus-cluster-'));
    redis = await startRedis();
    client = new Redis(redis.port, { maxRetriesPerRequest: null });
    client.on('error', () => undefined);
  });
  afterEach(async () => {
    for (const end of ending.splice(0).reverse()) await end();
    await client.flushall();
  });
  afterAll(async () => {
    client.disconnect();
    await redis.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function coordinator(name: string, options: Partial<ClusterOptions> = {}, set: readonly string[] = []): Promise<Training & { warnings: string[] }> {
    const training = await createTraining({
      game: 'tic-tac-toe', runDir: join(folder, name), overrides: [...tiny, ...set],
      source: remoteActors({ address: redisAddress(redis.url, {}), version: VERSION, ...options }),
    });
    const warnings: string[] = [];
    training.on('error', ({ error, fatal }) => warnings.push(`${fatal ? 'fatal: ' : ''}${error.message}`));
    ending.push(() => training.stop());
    return Object.assign(training, { warnings });
  }

  async function worker(options: Partial<WorkerOptions> = {}): Promise<ClusterWorker & { notes: string[] }> {
    const notes: string[] = [];
    const running = await startWorker({
      address: redisAddress(redis.url, {}), version: VERSION, kinds: [selfPlayKind(options.version ?? VERSION)], threads: 1, device: 'cpu',
      note: (line) => notes.push(line), ...options,
    });
    ending.push(() => running.stop());
    return Object.assign(running, { notes });
  }

  /** Everything that the run has stored: ids, and whether any came twice. */
  async function stored(name: string): Promise<Set<string>> {
    const store = new ReplayStore(join(folder, name, 'replay'), { game: ticTacToe, capacity: 1e6 });
    const ids = [...store.latest(1e9)].map((bytes) => decodeEpisode(bytes).id);
    await store.close();
    expect(new Set(ids).size).toBe(ids.length);
    return new Set(ids);
  }

  test('a run whose games come from a worker: stored once, learnt from, with newer and newer weights; then it goes on', async () => {
    const training = await coordinator('whole');
    const acknowledged = new Set<string>();
    const steps = new Set<number>();
    training.on('game', ({ id, checkpoint }) => {
      expect(acknowledged.has(id)).toBe(false);
      acknowledged.add(id);
      steps.add(checkpoint);
    });
    const helper = await worker();
    await training.run({ games: 600 });
    await until('the worker reports', () => helper.report.works[0]?.games > 0);
    await training.stop();
    expect(training.progress.steps).toBeGreaterThan(10);
    expect(training.progress.evaluationsPerSecond).toBeGreaterThanOrEqual(0);
    expect(await stored('whole')).toEqual(acknowledged);
    expect(acknowledged.size).toBeGreaterThanOrEqual(600);
    expect(steps.has(0)).toBe(true);
    // What is left of a run that has ended: nothing but what was set aside. The worker leaves it a moment after it says so.
    await until('the worker hears that the run is over', () => helper.report.works.length === 0);
    await expect.poll(async () => {
      const left = (await client.keys('ludus:*')).filter((key) => !key.includes(':worker'));
      const lives = await Promise.all(left.map((key) => client.pttl(key)));
      return left.filter((_, i) => lives[i] === -1);
    }).toEqual([]);

    const again = await coordinator('whole');
    expect(again.resumed).toBe(true);
    const newer = new Set<number>();
    again.on('game', ({ checkpoint }) => newer.add(checkpoint));
    const going = again.run({ games: 1e9 });
    going.catch(() => undefined);
    // The worker takes part again, with the weights that the run had come to; games that were left in the stream come first.
    await until('games with the weights of the last checkpoint', () => again.progress.games >= acknowledged.size + 100 && [...newer].some((step) => step >= training.progress.steps));
    await again.stop();
    await going;
    expect([...acknowledged].every((id) => id.length > 0)).toBe(true);
    expect((await stored('whole')).size).toBeGreaterThanOrEqual(acknowledged.size + 100);
  });

  test('workers killed with -9 and a Redis that restarts: no acknowledged game is lost, none is stored twice, the run ends as planned', async () => {
    const program = resolve('dist/cli/main.js');
    // The command line's own version: its workers take part only where all agrees.
    const { version } = JSON.parse((await import('node:fs')).readFileSync('package.json', 'utf8')) as { version: string };
    const training = await coordinator('survival', { version }, ['search.simulations=48', 'replay.capacity=1000000']);
    const acknowledged: string[] = [];
    training.on('game', ({ id }) => acknowledged.push(id));
    const children: ChildProcess[] = [];
    const start = (): ChildProcess => {
      const child = spawn(process.execPath, [program, 'worker', '--redis', redis.url, '--actors', '1', '--nice', '0', '--lock-seconds', '2'], { stdio: 'ignore' });
      children.push(child);
      return child;
    };
    ending.push(() => Promise.resolve(children.map((child) => child.kill('SIGKILL'))));
    const pair = [start(), start()];
    const players = (): number => new Set(acknowledged.map((id) => id.split('-')[0])).size;
    // The goal is set when all the kills are done: a run that has reached it no longer asks for games.
    const goal = { games: 1e9 };
    const running = training.run(goal);
    for (let kill = 0; kill < 6; kill++) {
      // At moments that depend on nothing but how far the run is: every process so far has played.
      await until(`kill ${kill}`, () => players() >= kill + 2);
      if (kill === 3) {
        await redis.kill();
        await redis.start();
      }
      // A worker that begins needs a Redis that is there.
      pair[kill % 2].kill('SIGKILL');
      pair[kill % 2] = start();
    }
    goal.games = acknowledged.length + 1000;
    await running;
    await training.stop();
    const kept = await stored('survival');
    expect(new Set(acknowledged).size).toBe(acknowledged.length);
    const lost = acknowledged.filter((id) => !kept.has(id));
    expect(lost, `lost of ${acknowledged.length} acknowledged games, with ${kept.size} kept`).toEqual([]);
    expect(kept.size).toBe(acknowledged.length);
    expect(kept.size).toBeGreaterThanOrEqual(goal.games);
    expect(training.warnings.some((line) => /lost Redis/.test(line))).toBe(true);
    expect(training.warnings.filter((line) => /fatal/.test(line))).toEqual([]);
    expect(players()).toBeGreaterThanOrEqual(7);
  });

  test('poisoned jobs and forged games are set aside with the reason; the rest goes on', async () => {
    const training = await coordinator('poison');
    const running = training.run({ games: 300 });
    const { id } = await work(client);
    const keys = new Keys();
    const queue = new Queue(keys.queue(id), { connection: client, prefix: keys.prefix });
    ending.push(() => queue.close());
    const helper = await worker();
    await queue.add('self-play', { games: -1 }, { jobId: 'poison-1', attempts: 3 });
    await queue.add('self-play', { moves: 'all' }, { jobId: 'poison-2', attempts: 3 });
    await until('games come', () => training.progress.games > 50);
    const real = (await client.xrange(keys.results(id), '-', '+', 'COUNT', 1))[0]?.[1];
    expect(real === undefined || real.includes('body')).toBe(true);
    for (const body of [Buffer.from('not a frame at all'), Buffer.from([3, 0, 0, 0, 1, 2, 3]), Buffer.from([255, 255, 255, 255])]) {
      await client.xadd(keys.results(id), '*', 'head', JSON.stringify({ worker: 'evil', job: 'none', last: false }), 'body', body);
    }
    await client.xadd(keys.results(id), '*', 'head', '{"worker":"evil","more":1}', 'body', '');
    await client.xadd(keys.results(id), '*', 'anything', 'else');
    await running;
    await until('the forgeries are set aside', async () => (await client.xlen(keys.quarantine(id))) >= 5);
    const reader = await openStatus(redisAddress(redis.url, {}));
    ending.push(() => reader.close());
    await until('the status tells of both', async () => {
      const { works } = await reader.read();
      return works[0].queue.failed === 2 && works[0].queue.quarantined >= 5;
    });
    const { failures } = (await reader.read()).works[0];
    expect(failures.filter((line) => /job poison-[12]: .*asks for no number of games/.test(line)).length).toBe(2);
    expect(failures.some((line) => /evil|message/.test(line))).toBe(true);
    expect(helper.report.failures).toBe(2);
    await training.stop();
    expect((await stored('poison')).size).toBeGreaterThanOrEqual(300);
  });

  test('the queue never holds more than its limit, and a coordinator that is gone leaves workers waiting', async () => {
    const limit = 60;
    const training = await coordinator('bounded', { queueGames: limit });
    // What was asked for and has not come back, each time that more is asked for.
    let asked = 0;
    let back = 0;
    let most = 0;
    training.on('game', () => back++);
    const { add } = Coordinator.prototype;
    const spy = vi.spyOn(Coordinator.prototype, 'add').mockImplementation(function (this: Coordinator, jobs) {
      asked += jobs.reduce((sum, { data }) => sum + (data as { games: number }).games, 0);
      // Games that are stored just now make room for these, and are told of next.
      queueMicrotask(() => (most = Math.max(most, asked - back)));
      return add.call(this, jobs);
    });
    ending.push(() => Promise.resolve(spy.mockRestore()));
    const running = training.run({ games: 400 });
    const { id } = await work(client);
    const keys = new Keys();
    const queue = new Queue(keys.queue(id), { connection: client, prefix: keys.prefix });
    ending.push(() => queue.close());
    await until('jobs wait for a worker', async () => (await queue.getWaitingCount()) > 0);
    await worker({ threads: 2 });
    await running;
    expect(asked).toBeGreaterThanOrEqual(400);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(limit);
    // A learner that is behind: nothing more is asked for, and what was asked for comes back.
    training.pause();
    await until('the queue empties', async () => (await queue.getJobs(['wait', 'active', 'delayed'])).length === 0);
  });

  test('a worker of another build, or of a game that it does not have in that version, is refused with what to do', async () => {
    const training = await coordinator('versions', { version: '9.9.9' });
    const running = training.run({ games: 1_000_000 }).catch(() => undefined);
    const { details } = await work(client);
    const other = await worker().catch((error: unknown) => error);
    expect(other).toBeInstanceOf(UserError);
    expect((other as UserError).kind).toBe('environment');
    expect((other as UserError).message).toMatch(/this worker is Ludus 0\.0\.0-test\+[0-9a-f]{8}, and the training of tic-tac-toe is coordinated by Ludus 9\.9\.9\+[0-9a-f]{8}: install the same version on both/);
    const future: Work = { id: 'future', kind: 'self-play', build: selfPlayBuild(VERSION), game: { id: 'tic-tac-toe', version: 99 }, title: 'training of tomorrow', details };
    const foreign: Work = { ...future, id: 'foreign', game: { id: 'no-such-game', version: 1 } };
    // Each in a cluster of its own: this one's coordinator lists its work again and again.
    const refusal = async (cluster: string, listed: string): Promise<string> => {
      await client.hset(new Keys(cluster).works, { [cluster]: listed });
      return ((await worker({ cluster }).catch((error: unknown) => error)) as Error).message;
    };
    expect(await refusal('future', JSON.stringify(future))).toMatch(/has version \d+ of tic-tac-toe, and the training of tomorrow is of version 99/);
    expect(await refusal('foreign', JSON.stringify(foreign))).toMatch(/does not know the game 'no-such-game'.*--game PATH/);
    expect(await refusal('broken', '{')).toMatch(/an entry in the list of works is wrong/);
    await training.stop();
    await running;
  });

  test('one coordinator at a time', async () => {
    const training = await coordinator('single');
    const running = training.run({ games: 1e9 }).catch(() => undefined);
    const { id } = await work(client);
    // The same run from a copied folder, say: the run directory's own lock cannot know.
    const second = Coordinator.open({
      address: redisAddress(redis.url, {}), keys: new Keys(), work: { ...(await work(client)), id },
      onResult: () => undefined, onLost: () => undefined, status: () => ({ games: 0, gamesPerSecond: 0, limit: 1, resting: false }), warn: () => undefined, fail: () => undefined,
    }).then(() => undefined, (error: unknown) => error);
    expect(((await second) as Error).message).toMatch(/is coordinated by .*process \d+ already: stop that first/);
    await training.stop();
    await running;
  });

  test('a full Redis: it is said, workers keep their games, and once there is room all goes on', async () => {
    const training = await coordinator('full');
    const helper = await worker();
    const running = training.run({ games: 1500 });
    await until('games come', () => training.progress.games > 50);
    await client.config('SET', 'maxmemory', '1mb');
    await until('both say that Redis is full', () => training.warnings.some((line) => /is full: raise its maxmemory/.test(line)) || helper.notes.some((line) => /is full/.test(line)));
    await client.config('SET', 'maxmemory', '0');
    await running;
    await training.stop();
    expect(training.warnings.filter((line) => /fatal/.test(line))).toEqual([]);
    expect((await stored('full')).size).toBeGreaterThanOrEqual(1500);
  });

  test.each(['folder', 'http'] as const)('networks by %s', async (kind) => {
    const training = await coordinator(`blobs-${kind}`, { blobs: kind === 'folder' ? join(folder, 'shared') : 'http:127.0.0.1:0' });
    await worker();
    await training.run({ games: 200 });
    expect(training.progress.games).toBeGreaterThanOrEqual(200);
    expect((await client.keys('ludus:*:blob:*')).length).toBe(0);
  });
});

/** The one work that is listed, once it is. */
async function work(client: Redis): Promise<Work> {
  let found: Work | undefined;
  // Runs open their source when they start.
  await until('the run is listed', async () => {
    const [text] = Object.values(await client.hgetall(new Keys().works));
    if (text !== undefined) found = JSON.parse(text) as Work;
    return found !== undefined;
  });
  return found as Work;
}
