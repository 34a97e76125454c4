import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Packr } from 'msgpackr';
import { WebSocket } from 'ws';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError, createRng } from '#engine';
import { connect4, ticTacToe } from '#games';
import { type Answer, type Question, join } from '../../docs/clients/ludus-agent.js';
import { createAgent } from '../agents/create.js';
import { AgentFailure } from '../agents/player.js';
import type { PlayerStarter } from '../agents/start.js';
import { replay } from '../position.js';
import { type TournamentInput, checkTournament } from '../tournament/config.js';
import { runTournament } from '../tournament/run.js';
import { type HubOptions, RemoteHub } from './hub.js';
import { openHub, remoteNames } from './start.js';

const TOKEN = 'not-a-secret';
let hub: RemoteHub;
let starter: PlayerStarter;
let sockets: WebSocket[];
beforeEach(() => (sockets = []));
afterEach(async () => {
  for (const socket of sockets) socket.terminate();
  await hub.close();
});

async function open(names: string[], options: Partial<HubOptions> = {}): Promise<void> {
  // The agents of these tests say hello, and answer pings, as soon as a busy machine lets them.
  ({ hub, start: starter } = await openHub(options.game ?? ticTacToe, names, { token: TOKEN, port: 0, helloMillis: 150_000, heartbeatMillis: 150_000, ...options }));
}

/** The remote ones from the hub, the others in this thread. */
const start: PlayerStarter = async (spec, options) => {
  if (!('options' in spec)) return starter(spec, options);
  const agent = await createAgent(spec, ticTacToe);
  return {
    name: agent.name,
    chooseMany: (requests) => agent.chooseMany(requests.map((r) => ({ state: replay(ticTacToe, r.position), rng: createRng(r.seed) }))),
    close: () => agent.close(),
  };
};

const folder = () => mkdtempSync(path(tmpdir(), 'ludus-remote-'));
async function play(config: Partial<TournamentInput>) {
  const work = folder();
  try {
    return (await runTournament({ config: checkTournament({ game: 'tic-tac-toe', agents: ['remote:bob', 'random'], pairs: 3, ...config }, 'test'), ledger: path(work, 'l.jsonl'), version: 'test', start })).report;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** A socket that says hello and then does as `act` says with each message. */
function rough(name: string, act: (message: { type: string } & Question, socket: WebSocket) => void, hello: object = {}): WebSocket {
  const socket = new WebSocket(hub.url);
  sockets.push(socket);
  socket.on('open', () => socket.send(JSON.stringify({ type: 'hello', protocol: 1, name, token: TOKEN, ...hello })));
  socket.on('error', () => undefined);
  socket.on('message', (data) => act(JSON.parse(String(data)) as { type: string } & Question, socket));
  return socket;
}
const closing = (socket: WebSocket): Promise<number> => new Promise((resolve) => socket.on('close', (code) => resolve(code)));
const first = ({ legal }: Question): Answer => ({ action: legal[0].action, value: 0.25 });

test('the TypeScript client plays a tournament to its end', async () => {
  await open(['bob']);
  const client = join({ url: hub.url, name: 'bob', token: TOKEN, choose: first });
  const report = await play({ agents: ['remote:bob', 'uct:sims=20'] });
  expect(report).toMatchObject({ games: 6, faults: [], state: 'finished' });
  await hub.close();
  await client;
});

test('a question tells all that an agent needs', async () => {
  await open(['bob'], { game: connect4 });
  const questions: Question[] = [];
  void join({ url: hub.url, name: 'bob', token: TOKEN, choose: (question) => { questions.push(question); return first(question); } }).catch(() => undefined);
  const player = await hub.player('bob');
  const answers = await player.chooseMany([
    { position: { setup: '44', moves: [3, 0] }, seed: 'x/1' },
    { position: { setup: '111111', moves: [] }, seed: 2, clock: { own: 5000, opponent: 4000, increment: 100 } },
  ], { timeoutMillis: 200_000 });
  expect(answers).toEqual([{ action: 0, value: 0.25 }, { action: 1, value: 0.25 }]);
  expect(questions[0]).toMatchObject({ type: 'ask', setup: '44', actions: [3, 0], moves: ['4', '1'], seat: 0, timeout: 100_000, seed: 'x/1' });
  expect(questions[0].legal).toEqual(Array.from({ length: 7 }, (_, action) => ({ action, move: String(action + 1) })));
  expect(questions[0].board).toContain('\n');
  expect(questions[1]).toMatchObject({ clock: { own: 5000, opponent: 4000, increment: 100 }, seed: '2' });
  expect(questions[1].legal.map((l) => l.action)).toEqual([1, 2, 3, 4, 5, 6]);
});

test('the same seed, the same tournament: an agent that draws from the seed repeats itself', async () => {
  await open(['bob']);
  const choose = ({ legal, seed }: Question): Answer => ({ action: legal[createRng(seed).below(legal.length)].action });
  void join({ url: hub.url, name: 'bob', token: TOKEN, choose, parallel: 4 }).catch(() => undefined);
  expect(await play({ seed: 5, threads: 1 })).toEqual(await play({ seed: 5, threads: 2 }));
});

const python = spawnSync('python3', ['--version']).status === 0;
test.skipIf(!python)('the Python client plays a tournament to its end (needs python3)', async () => {
  await open(['bob']);
  const file = fileURLToPath(new URL('../../docs/clients/ludus_agent.py', import.meta.url));
  const child = spawn('python3', [file, hub.url, 'bob', TOKEN], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  try {
    const report = await play({ agents: ['remote:bob', 'solver'], pairs: 10 });
    expect(report).toMatchObject({ games: 20, faults: [] });
    await hub.close();
    expect([await ended, errors]).toEqual([0, '']);
  } finally {
    child.kill('SIGKILL');
  }
});

test.skipIf(!python)('the Python client says why it is refused (needs python3)', async () => {
  await open(['bob']);
  const file = fileURLToPath(new URL('../../docs/clients/ludus_agent.py', import.meta.url));
  const child = spawn('python3', [file, hub.url, 'bob', 'wrong'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(1);
  expect(errors).toMatch(/the token is wrong/);
});

describe('a remote agent that misbehaves loses by the rules, and the tournament goes on', () => {
  test('lies: an action that is not legal, a name that is no move', async () => {
    await open(['bob', 'eve']);
    rough('bob', (message, socket) => message.type === 'ask' && socket.send(JSON.stringify({ type: 'move', id: message.id, action: 99 })));
    rough('eve', (message, socket) => message.type === 'ask' && socket.send(JSON.stringify({ type: 'move', id: message.id, move: 'z9' })));
    const report = await play({ agents: ['random', 'remote:bob', 'remote:eve'], format: 'gauntlet' });
    expect(report.ends).toEqual({ illegal: 12 });
    expect(report.players[0].name).toBe('random');
  });

  test('gives up', async () => {
    await open(['bob']);
    rough('bob', (message, socket) => message.type === 'ask' && socket.send(JSON.stringify({ type: 'error', id: message.id, message: 'out of ideas' })));
    const report = await play({});
    expect(report.faults).toMatchObject([{ player: 'remote:bob', end: 'error', games: 6, message: 'out of ideas' }]);
  });

  test('stalls: the line is cut, and what it was asked is lost', async () => {
    await open(['bob'], { graceMillis: 50 });
    const codes: Promise<number>[] = [];
    codes.push(closing(rough('bob', () => undefined)));
    const report = await play({ patience: 0.2, pairs: 1 });
    expect(report.players[0].name).toBe('random');
    expect(report.games).toBe(2);
    expect(Object.keys(report.ends).every((end) => end === 'stall' || end === 'disconnect')).toBe(true);
    expect(report.ends.stall).toBeGreaterThan(0);
    expect(await codes[0]).toBe(4004);
  });

  test('oversteps its clock', async () => {
    await open(['bob']);
    rough('bob', (message, socket) => message.type === 'ask' && setTimeout(() => socket.send(JSON.stringify({ type: 'move', id: message.id, action: message.legal[0].action })), 2000));
    // The other one has all the time there is: a pause of this machine is nobody's move.
    const report = await play({ agents: [{ agent: 'remote:bob', clock: '0.2' }, { agent: 'random', clock: '3600' }], pairs: 1, openings: { plies: 0 } });
    expect(report.faults[0]).toMatchObject({ player: 'remote:bob', end: 'timeout' });
  });

  test('leaves for good', async () => {
    await open(['bob'], { graceMillis: 50 });
    rough('bob', (message, socket) => message.type === 'ask' && socket.terminate());
    const report = await play({});
    expect(report.ends).toEqual({ disconnect: 6 });
    expect(report.faults[0].message).toMatch(/left and did not come back/);
  });

  test('answers no ping: the line is cut', async () => {
    await open(['bob'], { heartbeatMillis: 20 });
    const socket = new WebSocket(hub.url, { autoPong: false });
    sockets.push(socket);
    socket.on('open', () => socket.send(JSON.stringify({ type: 'hello', protocol: 1, name: 'bob', token: TOKEN })));
    expect(await closing(socket)).toBe(1006);
  });

  test('leaves and comes back: nothing is lost', async () => {
    await open(['bob'], { graceMillis: 150_000 });
    let asked = 0;
    const sit = (): void => {
      rough('bob', (message, socket) => {
        if (message.type !== 'ask') return;
        if (++asked % 4 !== 3) return socket.send(JSON.stringify({ type: 'move', id: message.id, action: message.legal[0].action }));
        socket.terminate();
        setTimeout(sit, 10);
      });
    };
    sit();
    expect(await play({})).toMatchObject({ games: 6, faults: [] });
    expect(asked).toBeGreaterThan(8);
  });

  test.each<[string, (socket: WebSocket) => void]>([
    ['is no JSON', (socket) => socket.send('hello there')],
    ['is no MessagePack', (socket) => socket.send(new Uint8Array([0xc1, 0xff]))],
    ['has an entry too many', (socket) => socket.send('{"type":"move","id":1,"action":1,"admin":true}')],
    ['has both an action and a name', (socket) => socket.send('{"type":"move","id":1,"action":1,"move":"a1"}')],
    ['says hello twice', (socket) => socket.send(JSON.stringify({ type: 'hello', protocol: 1, name: 'bob', token: TOKEN }))],
  ])('babbles: a message that %s ends the line', async (_, babble) => {
    await open(['bob'], { graceMillis: 50 });
    const socket = rough('bob', (message, s) => message.type === 'welcome' && babble(s));
    expect(await closing(socket)).toBe(4002);
  });

  test('babbles: endless answers that nobody asked for', async () => {
    await open(['bob']);
    const socket = rough('bob', (message, s) => {
      if (message.type === 'welcome') for (let id = 1e6; id < 1e6 + 150; id++) s.send(JSON.stringify({ type: 'move', id, action: 0 }));
    });
    expect(await closing(socket)).toBe(4004);
  });

  test('sends a message as long as a book', async () => {
    await open(['bob']);
    const socket = rough('bob', (message, s) => message.type === 'welcome' && s.send('x'.repeat(100_000)));
    expect(await closing(socket)).toBe(1009);
  });
});

describe('who may join', () => {
  test.each<[string, object]>([['a wrong token', { token: 'guess' }], ['a name that nobody expects', { name: 'mallory' }], ['another protocol', { protocol: 2 }]])('not with %s', async (_, hello) => {
    await open(['bob']);
    expect(await closing(rough('bob', () => undefined, hello))).toBe(4001);
  });

  test('not from a web page, and not elsewhere than at /agent', async () => {
    await open(['bob']);
    const fails = (url: string, options = {}): Promise<string> => new Promise((resolve) => new WebSocket(url, options).on('error', (error) => resolve(error.message)).on('open', () => resolve('open')));
    expect(await fails(hub.url, { origin: 'http://evil.example' })).toContain('403');
    expect(await fails(hub.url.replace('/agent', '/socket'))).toContain('404');
  });

  test('not without a word', async () => {
    await open(['bob'], { helloMillis: 50 });
    const socket = new WebSocket(hub.url);
    sockets.push(socket);
    expect(await closing(socket)).toBe(4001);
  });

  test('the newest line of a name wins', async () => {
    await open(['bob']);
    const old = rough('bob', () => undefined);
    await hub.player('bob');
    const code = closing(old);
    rough('bob', (message, socket) => message.type === 'ask' && socket.send(JSON.stringify({ type: 'move', id: message.id, action: message.legal[0].action })));
    expect(await code).toBe(4003);
    expect(await play({})).toMatchObject({ games: 6, faults: [] });
  });

  test('in MessagePack too', async () => {
    await open(['bob']);
    const packr = new Packr({ useRecords: false });
    const socket = new WebSocket(hub.url);
    sockets.push(socket);
    socket.on('open', () => socket.send(packr.pack({ type: 'hello', protocol: 1, name: 'bob', token: TOKEN, parallel: 8 })));
    socket.on('message', (data, binary) => {
      expect(binary).toBe(true);
      const message = packr.unpack(data as Buffer) as { type: string } & Question;
      if (message.type === 'ask') socket.send(packr.pack({ type: 'move', id: message.id, action: message.legal[0].action }));
    });
    expect(await play({})).toMatchObject({ games: 6, faults: [] });
  });

  test('a port that is taken, and an abort while waiting', async () => {
    await open(['bob']);
    const port = Number(new URL(hub.url).port);
    await expect(RemoteHub.listen({ game: ticTacToe, names: ['x'], port })).rejects.toThrow(UserError);
    const controller = new AbortController();
    const waiting = hub.player('bob', controller.signal);
    controller.abort(new AgentFailure('error', 'enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  test('names in agents\' strings', () => {
    expect(remoteNames(['random', 'remote:bob', 'uct:sims=3', 'remote:eve-2'])).toEqual(['bob', 'eve-2']);
    expect(() => remoteNames(['remote:'])).toThrow(/remote:NAME/);
    expect(() => remoteNames(['remote:a/b'])).toThrow(/remote:NAME/);
  });
});
