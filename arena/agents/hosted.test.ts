import { afterAll, describe, expect, test, vi } from 'vitest';
import { UserError } from '#engine';
import { AgentFailure } from './player.js';
import { AgentHost } from './hosted.js';
import { AgentPool } from './pool.js';

const at = (setup: string, seed = 1) => ({ position: { setup, moves: [] }, seed });

describe('a host', () => {
  const hosts: AgentHost[] = [];
  const start = async (agent: string, game = 'connect4'): Promise<AgentHost> => {
    const host = await AgentHost.start({ game, agent });
    hosts.push(host);
    return host;
  };
  afterAll(() => Promise.all(hosts.map((host) => host.close())));

  test('answers many positions, repeatably, and says which position was bad', async () => {
    const host = await start('uct:sims=200');
    const requests = [at('63766312651517'), at('9'), at('45226575426126'), { position: { moves: [3, 3, 3, 3, 3, 3, 3] }, seed: 1 }];
    const answers = await host.chooseMany(requests);
    expect(answers).toEqual([
      { action: 0, value: expect.any(Number), simulations: expect.any(Number) },
      { reason: 'error', message: expect.stringContaining("'9' is not a position") },
      { action: 4, value: expect.any(Number), simulations: expect.any(Number) },
      { reason: 'error', message: expect.stringContaining('move 7 (action 3) is illegal') },
    ]);
    expect(await host.chooseMany(requests)).toEqual(answers);
    expect(await host.chooseMany([])).toEqual([]);
  });

  test('analyses with progress, and answers for the exact scores', async () => {
    const host = await start('uct:sims=300000');
    let progress = 0;
    const analysis = await host.analyse(at('44'), { onProgress: () => progress++ });
    expect(analysis.simulations).toBe(300_000);
    expect(progress).toBeGreaterThan(0);
    // From testdata/connect4-positions.csv.
    expect(await host.scores({ setup: '45226575426126', moves: [] })).toEqual([-14, -14, -14, -14, -5, -14, -14]);
    expect(await host.scores({ moves: [] }, { nodes: 10 })).toBeUndefined();
  });

  test('hears a cancel in the middle of a search and goes on', async () => {
    const host = await start('uct:sims=100000000');
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 100);
    await expect(host.chooseMany([at('')], { signal: controller.signal })).rejects.toThrow('enough');
    await expect(host.chooseMany([at('')], { timeoutMillis: 100 })).rejects.toMatchObject({ name: 'AgentFailure', reason: 'stall' });
    expect((await host.scores({ setup: '63766312651517', moves: [] }))?.[0]).toBe(14);
    expect(host.busy).toBe(0);
  });

  test('a thread that hears nothing is ended, and the next question starts another', async () => {
    // From the empty board the exact solver calculates for minutes, and does not breathe.
    const host = await start('solver');
    await expect(host.chooseMany([at('')], { timeoutMillis: 100 })).rejects.toBeInstanceOf(AgentFailure);
    expect(await host.chooseMany([at('63766312651517')])).toEqual([{ action: 0 }]);
  });

  test('a question that is asked while such a thread is being ended is answered by the next one', async () => {
    const host = await start('solver');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const deaf = expect(host.chooseMany([at('')], { timeoutMillis: 100 })).rejects.toBeInstanceOf(AgentFailure);
      // Asked, cancelled, and past all patience, in a moment.
      await new Promise((resolve) => setImmediate(resolve));
      vi.advanceTimersByTime(60_000);
      await new Promise((resolve) => setImmediate(resolve));
      expect(await host.chooseMany([at('63766312651517')])).toEqual([{ action: 0 }]);
      await deaf;
    } finally {
      vi.useRealTimers();
    }
  });

  test.each([
    ['az:/nowhere', 'connect4', "no model at '/nowhere'"],
    ['human', 'connect4', 'ludus play'],
    ['uct', 'conect4', "did you mean 'connect4'"],
    ['utc', 'connect4', "did you mean 'uct'"],
  ])('refuses to start %s on %s', async (agent, game, message) => {
    await expect(AgentHost.start({ game, agent })).rejects.toThrow(message);
    await expect(AgentHost.start({ game, agent })).rejects.toThrow(UserError);
  });
});

test('a pool keeps hosts by agent, makes room, and thinks', async () => {
  const pool = new AgentPool({ hosts: 2 });
  const ask = (agent: string) => pool.think({ game: 'connect4', setup: '63766312651517', actions: [], agent, seed: 1 });
  expect((await ask('solver')).report).toMatchObject({ value: 1, proven: 1 });
  expect((await ask('uct:sims=100')).action).toBe(0);
  expect((await ask('random')).report).toBeUndefined();
  await expect(ask('az:/nowhere')).rejects.toThrow('no model at');
  expect((await ask('alphabeta:depth=4')).action).toBe(0);
  expect(await pool.scores('connect4', '63766312651517', [])).toEqual([14, -14, -14, -14, -14, -14, -14]);
  await pool.close();
});
