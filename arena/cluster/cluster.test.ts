/** The same tournament on one machine and on workers: one crosstable. With workers that die, leave and lie. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '#engine';
import { Keys, redisAddress, startWorker, type ClusterWorker, type WorkerOptions } from '#selfplay/cluster';
import { type TestRedis, hasRedis, startRedis } from '../../testing/redis.js';
import { type TournamentInput, type TournamentResult, checkTournament, readLedger, runTournament } from '../tournament/index.js';
import { pairsKind, remotePairs } from './index.js';

const { version: VERSION } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

describe.skipIf(!hasRedis)('a tournament on workers (needs redis-server)', () => {
  let folder = '';
  let redis: TestRedis;
  let client: Redis;
  const ending: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ludus-pairs-'));
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

  const worker = async (options: Partial<WorkerOptions> = {}): Promise<ClusterWorker> => {
    const running = await startWorker({ address: redisAddress(redis.url, {}), version: VERSION, kinds: [pairsKind(VERSION)], threads: 2, device: 'cpu', lockMillis: 2000, ...options });
    ending.push(() => running.stop());
    return running;
  };
  const alone = (input: TournamentInput, name: string): Promise<TournamentResult> => runTournament({ config: checkTournament(input, 'here'), ledger: join(folder, `${name}-alone.jsonl`), version: VERSION });
  const notes: string[] = [];
  const together = (input: TournamentInput, name: string, onGame?: () => void): Promise<TournamentResult> => runTournament({
    config: checkTournament(input, 'here'), ledger: join(folder, `${name}.jsonl`), version: VERSION,
    elsewhere: remotePairs({ address: redisAddress(redis.url, {}), version: VERSION, note: (line) => notes.push(line) }),
    ...(onGame === undefined ? {} : { onGame }),
  });

  test('the identical crosstable and the same games, though one worker dies, another leaves and one lies', async () => {
    const input: TournamentInput = { game: 'tic-tac-toe', agents: ['random', 'uct:sims=60', 'alphabeta:depth=3'], pairs: 60, seed: 5, openings: { plies: [1, 3] }, adjudication: { solver: { after: 6 } } };
    const expected = await alone(input, 'kinds');
    const children: ChildProcess[] = [];
    const start = (): ChildProcess => {
      const child = spawn(process.execPath, [resolve('dist/cli/main.js'), 'worker', '--redis', redis.url, '--actors', '1', '--nice', '0', '--lock-seconds', '2'], { stdio: 'ignore' });
      children.push(child);
      return child;
    };
    ending.push(() => Promise.resolve(children.map((child) => child.kill('SIGKILL'))));
    let leaver: ClusterWorker | undefined;
    let games = 0;
    const lie = async (): Promise<void> => {
      const keys = new Keys();
      const [id] = Object.keys(await client.hgetall(keys.works));
      const frame = (value: unknown): Buffer => {
        const text = Buffer.from(JSON.stringify(value));
        const length = Buffer.alloc(4);
        length.writeUInt32LE(text.length);
        return Buffer.concat([length, text]);
      };
      const game = { pair: 0, leg: 0, opening: { moves: [0] }, moves: [1, 2], score: 1, end: 'normal' };
      for (const value of [{ pair: 0, games: [game, { ...game, leg: 1 }] }, { pair: 1e7, games: [game, { ...game, leg: 1 }] }, { pair: 3, games: [game] }, { pair: 2, void: 'just so' }, 'nonsense']) {
        await client.xadd(keys.results(id), 'NOMKSTREAM', '*', 'head', JSON.stringify({ worker: 'liar', job: 'none', last: false }), 'body', frame(value));
      }
    };
    const playing = together(input, 'kinds', () => {
      games++;
      if (games === 60) {
        children[0].kill('SIGKILL');
        start();
      }
      if (games === 120) void leaver?.stop();
    });
    // The lies come first, so that they are heard however quickly the others play.
    await expect.poll(async () => Object.keys(await client.hgetall(new Keys().works)).length).toBe(1);
    await lie();
    await expect.poll(() => notes.filter((line) => /set aside.*liar/.test(line)).length).toBeGreaterThan(0);
    start();
    leaver = await worker({ threads: 1 });
    const result = await playing;
    expect(result.interrupted).toBe(false);
    expect(result.report.crosstable).toEqual(expected.report.crosstable);
    expect(result.report.players).toEqual(expected.report.players);
    expect(result.plan.hash).toBe(expected.plan.hash);
    const played = (path: string): unknown[] => [...readLedger(path).games].sort((a, b) => a.pair - b.pair || a.leg - b.leg).map(({ pair, leg, moves, score, end }) => [pair, leg, moves, score, end]);
    // Each game once: what was redone is not written again.
    expect(played(result.ledger)).toEqual(played(expected.ledger));
  });

  test('networks travel as blobs; a tournament goes on where it stopped', async () => {
    const input: TournamentInput = { game: 'tic-tac-toe', agents: ['az:models/tic-tac-toe,sims=8', 'policy:models/tic-tac-toe,temperature=1', 'uct:sims=20'], pairs: 3, seed: 2 };
    const expected = await alone(input, 'networks');
    await worker();
    const stop = new AbortController();
    const first = await runTournament({
      config: checkTournament(input, 'here'), ledger: join(folder, 'networks.jsonl'), version: VERSION, signal: stop.signal,
      elsewhere: remotePairs({ address: redisAddress(redis.url, {}), version: VERSION }),
      onGame: () => stop.abort(new UserError('usage', 'interrupted')),
    });
    expect(first.interrupted).toBe(true);
    const result = await together(input, 'networks');
    expect(result.interrupted).toBe(false);
    expect(result.report.crosstable).toEqual(expected.report.crosstable);
    expect((await client.keys('ludus:*:blob:*')).length).toBe(0);
  });

  test.each([
    ['uci:stockfish', /run a program of this machine/],
    ['remote:bob', /joins this machine/],
    ['uct:sims=90000000', /asks for more than a worker does for others/],
  ])('%s is not sent to workers', async (agent, words) => {
    const error = await together({ game: 'connect4', agents: ['random', agent], pairs: 1 }, `refused-${agent.slice(0, 3)}`).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).kind).toBe('usage');
    expect((error as UserError).message).toMatch(words);
  });
});
