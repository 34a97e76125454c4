/** Thinking on one game, as chess programs ask for it: limits, stops, lines, and the tree that is kept. With the shipped Connect Four network. */
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import type { Analysis } from './agent.js';
import { AgentHost } from './hosted.js';

const model = fileURLToPath(new URL('../../models/connect4', import.meta.url));
const hosts: AgentHost[] = [];
afterAll(() => Promise.all(hosts.map((host) => host.close())));

async function host(options = ''): Promise<AgentHost> {
  const started = await AgentHost.start({ game: 'connect4', agent: `az:"${model}"${options}` });
  hosts.push(started);
  return started;
}
const at = (moves: readonly number[]) => ({ position: { moves }, seed: 1 });
const visits = ({ lines = [] }: Analysis): number => lines.reduce((sum, line) => sum + line.visits, 0);

describe.each(['', ',search=gumbel'])('az%s', (options) => {
  test('heeds simulations, time and depth', async () => {
    const agent = await host(options);
    const counted = await agent.analyse(at([]), { think: { limits: { simulations: 150 }, lines: 3 } });
    expect(counted).toMatchObject({ simulations: 150, depth: { mean: expect.any(Number), most: expect.any(Number) } });
    expect(counted.lines).toHaveLength(3);
    expect(counted.lines?.[0].actions[0]).toBe(counted.action);
    const timed = await agent.analyse(at([3]), { think: { limits: { millis: 60 }, lines: 1 } });
    // That it answers is what the clock does; how much was searched by then is the machine's affair.
    expect(timed.lines?.map((line) => line.actions[0])).toEqual([timed.action]);
    const deep = await agent.analyse(at([3, 3]), { think: { limits: { depth: 3 }, lines: 1 } });
    expect(deep.depth?.mean).toBeGreaterThanOrEqual(3);
  });

  test('goes on until it is stopped, telling meanwhile', async () => {
    const agent = await host(options);
    const stop = new AbortController();
    let told = 0;
    const answer = agent.analyse(at([]), { stop: stop.signal, think: { limits: {}, lines: 1 }, onProgress: () => {
      if (++told === 3) stop.abort();
    } });
    expect((await answer).simulations).toBeGreaterThan(0);
    expect(told).toBeGreaterThanOrEqual(3);
    // Stopped before it began: still a move.
    expect(await agent.analyse(at([]), { stop: AbortSignal.abort(), think: { limits: {}, lines: 1 } })).toMatchObject({ action: expect.any(Number) });
  });

  test('keeps the tree of a game that goes on, and no other', async () => {
    const agent = await host(options);
    const think = { limits: { simulations: 300 }, lines: 7 };
    const first = await agent.analyse(at([]), { think });
    const line = first.lines![0].actions;
    const next = { limits: { simulations: 8 }, lines: 7 };
    const kept = await agent.analyse(at(line.slice(0, 2)), { think: next });
    expect(kept.simulations).toBe(8);
    expect(visits(kept)).toBeGreaterThan(8);
    expect(visits(await agent.analyse(at([6]), { think: next }))).toBeLessThanOrEqual(8);
    // A question in between uses the same tree for itself.
    await agent.chooseMany([at([0])]);
    expect(visits(await agent.analyse(at([6]), { think: next }))).toBeLessThanOrEqual(8);
  });

  test('searches only what it is told to', async () => {
    const agent = await host(options);
    const { action, lines } = await agent.analyse(at([]), { think: { limits: { simulations: 60 }, lines: 7, only: [0, 6] } });
    expect([0, 6]).toContain(action);
    expect(lines?.map((line) => line.actions[0]).sort()).toEqual([0, 6]);
  });
});
