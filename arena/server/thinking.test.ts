/** The whole way: a socket, a room, and an agent that really searches, in its worker thread (built by `npm test` first). */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { PROTOCOL, decodeServerMessage, encode, type ClientMessage, type ServerMessage } from '#arena/protocol';
import { createServer } from './index.js';

it('an agent searches, and the solver judges', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'ludus-thinking-'));
  const server = await createServer({ port: 0, dataDir: dir, modelsDir: dir, webRoot: dir });
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/socket`);
  const messages: ServerMessage[] = [];
  let wake = () => {};
  socket.on('message', (data) => {
    messages.push(decodeServerMessage(new Uint8Array(data as Buffer)));
    wake();
  });
  const say = (message: ClientMessage) => socket.send(encode(message));
  /** The first thing of this kind among all messages, waiting for it if need be. */
  const hear = async <T>(pick: (message: ServerMessage) => T | undefined): Promise<T> => {
    for (;;) {
      for (const message of messages) {
        const found = pick(message);
        if (found !== undefined) return found;
      }
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  try {
    await new Promise((resolve) => socket.once('open', resolve));
    say({ type: 'hello', protocol: PROTOCOL });
    // The second player has three in a column: whoever moves must know column 1 (action 0).
    say({ type: 'create-room', game: 'connect4', setup: '3141517', seats: [{ kind: 'human' }, { kind: 'agent', agent: 'uct-1000' }] });
    const moved = await hear((m) => (m.type === 'room-events' ? m.events.find(({ event }) => event.type === 'moved') : undefined));
    expect(moved.event).toMatchObject({ type: 'moved', ply: 0, action: 0, name: '1', seat: 1, result: { winner: 1, returns: -1, reason: 'normal' } });
    const { roomId } = await hear((m) => (m.type === 'room-created' ? m : undefined));
    say({ type: 'analyse', roomId, ply: 0, agent: 'uct-100' });
    const { analysis } = await hear((m) => (m.type === 'analysis' ? m : undefined));
    expect(analysis).toMatchObject({ turn: 1, agent: 'uct-100', source: 'asked' });
    expect(analysis.simulations).toBeGreaterThan(0);
    expect(analysis.value).toBeGreaterThan(0);
    expect(analysis.exact).toBeGreaterThan(0);
    expect(analysis.actions.map((a) => Math.sign(a.exact ?? 0))).toEqual([1, ...analysis.actions.slice(1).map((a) => Math.sign(a.exact ?? 0))]);
    expect(Math.max(...analysis.actions.map((a) => a.exact ?? -99))).toBe(analysis.actions[0].exact);
  } finally {
    socket.terminate();
    await server.close();
    await rm(dir, { recursive: true });
  }
}, 30_000);
