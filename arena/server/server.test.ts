import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { UserError } from '#engine';
import { CLOSE, PROTOCOL, modelPath, type ClientMessage, type TrainingStatus } from '#arena/protocol';
import type { Server, ServerOptions, TrainingView } from './index.js';
import { Client, human, random, serve as start, tidy, type FirstMove } from './testing/client.js';

let agents: FirstMove;
let dir: string;
const serve = async (options: Partial<ServerOptions> = {}): Promise<Server> => {
  const started = await start(options);
  ({ agents, folder: dir } = started);
  return started.server;
};
afterEach(tidy);

describe('a game', () => {
  it('is played to its end, a person against an agent, and written down', async () => {
    const server = await serve();
    const client = await Client.greet(server);
    const { roomId, tokens } = await client.create([human, random]);
    expect(tokens[0]).toMatch(/^[A-Za-z0-9_-]{32}$/);
    expect(tokens[1]).toBeNull();
    let n = 0;
    for (;;) {
      const room = await client.until((r) => r.result !== null || r.turn === 0);
      if (room.result !== null) break;
      // The last legal square, against an agent that takes the first.
      const action = room.legal[room.legal.length - 1].action;
      client.send({ type: 'move', roomId, seatToken: tokens[0] as string, clientMoveId: `m${n++}`, ply: room.moves.length, action });
      expect((await client.next('move-accepted')).clientMoveId).toBe(`m${n - 1}`);
    }
    const room = await client.until((r) => r.result !== null);
    // Squares 8, 7, 6 against 0, 1: the person's row is complete at the fifth ply.
    expect(room.moves.map((m) => m.action)).toEqual([8, 0, 7, 1, 6]);
    expect(room.result).toEqual({ returns: 1, winner: 0, reason: 'normal' });
    expect(client.gaps).toBe(0);
    expect(room.analyses.map((a) => [a.ply, a.turn, a.source, a.actions[0].prior])).toEqual([[1, 1, 'move', null], [3, 1, 'move', null]]);
    await server.close();
    const lines = (await readFile(join(dir, 'games.jsonl'), 'utf8')).trim().split('\n');
    const last = JSON.parse(lines[lines.length - 1]);
    expect(last).toMatchObject({ id: `${roomId}-1`, game: 'tic-tac-toe', actions: [8, 0, 7, 1, 6], result: { winner: 0 } });
    expect(JSON.stringify(last)).not.toContain(tokens[0]);
  });

  it('refuses moves that cannot be, with what really stands on the board', async () => {
    const client = await Client.greet(await serve());
    const { roomId, tokens } = await client.create([human, human]);
    const [first, second] = tokens as string[];
    const move = { type: 'move', roomId, ply: 0, action: 4 } as const;
    client.send({ ...move, seatToken: first, clientMoveId: 'a' });
    await client.next('move-accepted');
    const rows = [
      ['illegal-move', { seatToken: second, clientMoveId: 'b', ply: 1, action: 4 }],
      ['illegal-move', { seatToken: second, clientMoveId: 'c', ply: 1, action: 60_000 }],
      ['not-your-turn', { seatToken: first, clientMoveId: 'd', ply: 1, action: 0 }],
      ['stale', { seatToken: second, clientMoveId: 'e', ply: 0, action: 0 }],
      ['stale', { seatToken: second, clientMoveId: 'f', ply: 2, action: 0 }],
      ['not-your-seat', { seatToken: 'B'.repeat(32), clientMoveId: 'g', ply: 1, action: 0 }],
    ] as const;
    for (const [code, wrong] of rows) {
      client.send({ type: 'move', roomId, ...wrong });
      const rejected = await client.next('move-rejected');
      expect(rejected).toMatchObject({ code, clientMoveId: wrong.clientMoveId, room: { moves: [{ action: 4 }], turn: 1 } });
    }
    expect(client.room?.moves).toHaveLength(1);
  });

  it('plays a move that is sent twice once, and answers alike', async () => {
    const client = await Client.greet(await serve());
    const { roomId, tokens } = await client.create([human, human]);
    const move: ClientMessage = { type: 'move', roomId, seatToken: tokens[0] as string, clientMoveId: 'same', ply: 0, action: 4 };
    client.send(move);
    client.send(move);
    const first = await client.next('move-accepted');
    expect(await client.next('move-accepted')).toEqual(first);
    client.send({ ...move, action: 5 });
    expect((await client.next('move-rejected')).code).toBe('stale');
    expect(client.room?.moves.map((m) => m.action)).toEqual([4]);
  });

  it('is taken back, resigned, and played again with the seats swapped', async () => {
    const client = await Client.greet(await serve());
    const { roomId, tokens } = await client.create([human, random]);
    const seatToken = tokens[0] as string;
    client.send({ type: 'move', roomId, seatToken, clientMoveId: 'a', ply: 0, action: 4 });
    await client.until((r) => r.moves.length === 2 && r.turn === 0);
    client.send({ type: 'takeback', roomId, seatToken });
    const back = await client.until((r) => r.moves.length === 0);
    expect([back.turn, back.legal.length]).toEqual([0, 9]);
    client.send({ type: 'resign', roomId, seatToken });
    expect((await client.until((r) => r.result !== null)).result).toEqual({ returns: -1, winner: 1, reason: 'resigned' });
    client.send({ type: 'new-game', roomId, seatToken, swap: true });
    const again = await client.until((r) => r.gameNumber === 2 && r.moves.length === 1);
    expect(again.swapped).toBe(true);
    expect(again.seats.map((s) => s.kind)).toEqual(['agent', 'human']);
    client.send({ type: 'move', roomId, seatToken, clientMoveId: 'b', ply: 1, action: 8 });
    await client.until((r) => r.moves.length === 3);
    expect(client.gaps).toBe(0);
  });

  it('starts from a position, or says that it is none', async () => {
    const client = await Client.greet(await serve());
    await client.create([human, human], 'connect4', '4455');
    expect(client.room).toMatchObject({ setup: '4455', turn: 0, moves: [] });
    for (const setup of ['9', '4444444', '__proto__']) {
      client.send({ type: 'create-room', game: 'connect4', seats: [human, human], setup });
      expect((await client.next('error')).code).toBe('bad-setup');
    }
  });

  it('does not wait for an agent whose position is gone', async () => {
    const client = await Client.greet(await serve());
    const { roomId, tokens } = await client.create([human, random]);
    const release = agents.hold();
    client.send({ type: 'move', roomId, seatToken: tokens[0] as string, clientMoveId: 'a', ply: 0, action: 4 });
    await client.until((r) => r.thinking === 1);
    client.send({ type: 'takeback', roomId, seatToken: tokens[0] as string });
    await client.until((r) => r.moves.length === 0);
    release();
    client.send({ type: 'move', roomId, seatToken: tokens[0] as string, clientMoveId: 'b', ply: 0, action: 0 });
    const room = await client.until((r) => r.moves.length === 2);
    expect(room.moves.map((m) => m.action)).toEqual([0, 1]);
  });
});

describe('watchers and strangers', () => {
  it('watch, but can do nothing that needs a seat', async () => {
    const server = await serve();
    const owner = await Client.greet(server);
    const { roomId } = await owner.create([human, human]);
    const watcher = await Client.greet(server);
    watcher.send({ type: 'join-room', roomId });
    const seen = await watcher.next('room-snapshot');
    expect(JSON.stringify(seen)).not.toMatch(/token/i);
    const seatToken = 'C'.repeat(32);
    watcher.send({ type: 'move', roomId, seatToken, clientMoveId: 'x', ply: 0, action: 0 });
    expect((await watcher.next('move-rejected')).code).toBe('not-your-seat');
    const others: ClientMessage[] = [
      { type: 'takeback', roomId, seatToken }, { type: 'resign', roomId, seatToken }, { type: 'new-game', roomId, seatToken, swap: true },
      { type: 'set-agent', roomId, seatToken, seat: 1, agent: 'random' }, { type: 'join-room', roomId, seatTokens: [seatToken] },
    ];
    for (const message of others) {
      watcher.send(message);
      expect((await watcher.next('error')).code, message.type).toBe('not-your-seat');
    }
    watcher.send({ type: 'take-seat', roomId, seat: 1 });
    expect((await watcher.next('error')).code).toBe('seat-taken');
    expect(owner.room?.moves).toHaveLength(0);
    expect(owner.room?.result).toBeNull();
  });

  it('take an open seat by the link, once, and then nobody may look', async () => {
    const server = await serve();
    const owner = await Client.greet(server);
    const { roomId, tokens } = await owner.create([human, { kind: 'human', open: true }]);
    expect(tokens[1]).toBeNull();
    const guest = await Client.greet(server);
    guest.send({ type: 'join-room', roomId });
    await guest.next('room-snapshot');
    guest.send({ type: 'take-seat', roomId, seat: 1, name: 'Guest' });
    const { seatToken } = await guest.next('seat-taken');
    await owner.until((r) => r.seats[1].kind === 'human' && r.seats[1].taken && r.seats[1].connected);
    owner.send({ type: 'move', roomId, seatToken: tokens[0] as string, clientMoveId: 'a', ply: 0, action: 4 });
    await guest.until((r) => r.moves.length === 1);
    guest.send({ type: 'move', roomId, seatToken, clientMoveId: 'a', ply: 1, action: 0 });
    await owner.until((r) => r.moves.length === 2);
    owner.send({ type: 'analyse', roomId, agent: 'random' });
    expect((await owner.next('error')).code).toBe('not-allowed');
    guest.socket.close();
    await owner.until((r) => r.seats[1].kind === 'human' && !r.seats[1].connected);
  });
});

describe('reconnecting', () => {
  it('replays what was missed, or sends the whole when that is gone', async () => {
    const server = await serve({ limits: { eventsKept: 6 } });
    const client = await Client.greet(server);
    const { roomId, tokens } = await client.create([human, human]);
    const seatTokens = tokens as string[];
    const move = (ply: number, action: number) => client.send({ type: 'move', roomId, seatToken: seatTokens[ply % 2], clientMoveId: `m${ply}`, ply, action });
    move(0, 4);
    const before = await client.until((r) => r.moves.length === 1);
    client.socket.terminate();
    const back = await Client.greet(server);
    back.room = before;
    back.send({ type: 'join-room', roomId, seatTokens, since: before.seq, epoch: before.epoch, requestId: 3 });
    const missed = await back.next('room-events');
    expect(missed.requestId).toBe(3);
    const now = await back.until((r) => r.seats.every((s) => s.kind === 'human' && s.connected));
    expect([now.moves.length, back.gaps]).toEqual([1, 0]);
    // Another start of the server, or a number from the future: the whole room.
    for (const since of [{ since: 1, epoch: 'other' }, { since: 10_000, epoch: before.epoch }, { since: 0, epoch: before.epoch }]) {
      back.send({ type: 'join-room', roomId, ...since });
      const { room } = await back.next('room-snapshot');
      expect(room).toEqual(back.room);
    }
  });
});

describe('analysis', () => {
  it('gives the opinion of an agent with exact scores, to the asker and to the room', async () => {
    const client = await Client.greet(await serve());
    const { roomId } = await client.create([human, random]);
    client.send({ type: 'analyse', roomId, agent: 'uct-1000', requestId: 9 });
    const { analysis, requestId } = await client.next('analysis');
    expect(requestId).toBe(9);
    expect(analysis).toMatchObject({ ply: 0, turn: 0, agent: 'uct-1000', source: 'asked', value: 0.5, exact: 0, principalVariation: [{ action: 0 }] });
    expect(analysis.actions).toHaveLength(9);
    expect(agents.asked.map((request) => request.agent)).toEqual(['uct:sims=1000']);
    expect(client.room?.analyses).toHaveLength(1);
    client.send({ type: 'analyse', roomId, agent: 'uct:sims=1' });
    expect((await client.next('error')).code).toBe('unknown-agent');
    client.send({ type: 'analyse', roomId, agent: 'random', ply: 1 });
    expect((await client.next('error')).code).toBe('stale');
  });
});

describe('agents', () => {
  it('play each other while somebody watches, and wait when nobody does', async () => {
    const server = await serve({ limits: { exhibitionMillis: 5 } });
    const client = await Client.greet(server);
    const { roomId } = await client.create([random, { kind: 'agent', agent: 'uct-100' }], 'connect4');
    const seen = await client.until((r) => r.moves.length >= 4);
    client.socket.terminate();
    const back = await Client.greet(server);
    back.send({ type: 'join-room', roomId, since: seen.seq, epoch: seen.epoch });
    back.room = seen;
    const over = await back.until((r) => r.result !== null);
    // Both fill the first column, then the next: the first player has four in the bottom row at move 19.
    expect([over.moves.length, over.result?.winner, back.gaps]).toEqual([19, 0, 0]);
  });

  it('are exchanged in the middle of a game, also in the middle of a thought', async () => {
    const client = await Client.greet(await serve());
    const { roomId, tokens } = await client.create([human, random]);
    const seatToken = tokens[0] as string;
    const release = agents.hold();
    client.send({ type: 'move', roomId, seatToken, clientMoveId: 'a', ply: 0, action: 4 });
    await client.until((r) => r.thinking === 1);
    client.send({ type: 'set-agent', roomId, seatToken, seat: 1, agent: 'uct-100' });
    await client.until((r) => r.seats[1].kind === 'agent' && r.seats[1].agent === 'uct-100');
    release();
    const room = await client.until((r) => r.moves.length === 2);
    expect(room.analyses.map((a) => a.agent)).toEqual(['uct-100']);
    expect(agents.asked.map((request) => request.agent)).toEqual(['random', 'uct:sims=100']);
    client.send({ type: 'set-agent', roomId, seatToken, seat: 0, agent: 'random' });
    expect((await client.next('error')).code).toBe('not-allowed');
  });

  it('that cannot answer end the game with the reason, and the move can be taken back', async () => {
    const client = await Client.greet(await serve());
    const { roomId, tokens } = await client.create([human, random]);
    agents.think = () => Promise.reject(new UserError('data', 'model.onnx is truncated'));
    client.send({ type: 'move', roomId, seatToken: tokens[0] as string, clientMoveId: 'a', ply: 0, action: 4 });
    const { result } = await client.until((r) => r.result !== null);
    expect(result).toEqual({ returns: 0, winner: null, reason: 'agent-failed', detail: 'model.onnx is truncated' });
    client.send({ type: 'takeback', roomId, seatToken: tokens[0] as string });
    await client.until((r) => r.result === null && r.turn === 0);
  });
});

describe('a run that trains here', () => {
  const status: TrainingStatus = {
    run: 'r', game: 'connect4', state: 'running', reason: null, yielding: false, elapsed: 1, goal: null, games: 1, gamesPerSecond: 1, positions: 1, positionsPerSecond: 1,
    evaluationsPerSecond: 1, step: 1, stepsPerSecond: 1, learningRate: 1, losses: {}, window: 1, reuse: 1, checkpoint: null,
  };

  it('is watched, paused, played against, and waits while an agent thinks', async () => {
    let state: TrainingStatus['state'] = 'running';
    let yields = 0;
    const training: TrainingView = {
      game: 'connect4', runDir: '/run', status: () => ({ ...status, state }), history: async () => [{ elapsed: 1, games: 1, steps: 1, values: { 'loss.total': 2 } }],
      checkpoints: async () => [{ id: 'step-00000007', agent: 'run:step-00000007', step: 7, games: 1, positions: 1, elapsed: 90, rating: null, outcome: null, optimal: null, score: null }],
      checkpointPath: (id) => `/run/checkpoints/${id}`, listen: () => () => {},
      pause: () => (state = 'paused'), resume: () => (state = 'running'), yieldTo: () => void yields++,
    };
    const client = await Client.greet(await serve({ training }));
    client.send({ type: 'subscribe', topic: 'training' });
    expect((await client.next('training-history')).series).toHaveLength(1);
    expect((await client.next('checkpoints')).checkpoints[0].agent).toBe('run:step-00000007');
    client.send({ type: 'training-control', command: 'pause' });
    expect((await client.next('training-status')).status.state).toBe('paused');
    const { roomId, tokens } = await client.create([human, { kind: 'agent', agent: 'run:step-00000007', strength: { simulations: 50 } }], 'connect4');
    client.send({ type: 'move', roomId, seatToken: tokens[0] as string, clientMoveId: 'a', ply: 0, action: 3 });
    await client.until((r) => r.moves.length === 2);
    expect(agents.asked[0]).toMatchObject({ game: 'connect4', actions: [3], agent: 'az:"/run/checkpoints/step-00000007",sims=50' });
    expect(yields).toBe(1);
  });
});

describe('the door', () => {
  it('refuses foreign origins and names, and other paths', async () => {
    const server = await serve();
    const host = new URL(server.url).host;
    const rows: [Record<string, string>, boolean][] = [
      [{ origin: `http://${host}` }, true],
      [{ origin: 'http://evil.example' }, false],
      [{ origin: 'null' }, false],
      [{ host: 'evil.example', origin: 'http://evil.example' }, false],
      [{ host: `localhost:${host.split(':')[1]}`, origin: `http://localhost:${host.split(':')[1]}` }, true],
    ];
    for (const [headers, welcome] of rows) {
      const client = new Client(server, { headers });
      const open = await Promise.race([new Promise((resolve) => client.socket.once('open', () => resolve(true))), client.closed.then(() => false)]);
      expect(open, JSON.stringify(headers)).toBe(welcome);
    }
  });

  it('wants hello first, and the same protocol', async () => {
    const server = await serve();
    const client = new Client(server);
    await new Promise((resolve) => client.socket.once('open', resolve));
    client.send({ type: 'create-room', game: 'tic-tac-toe', seats: [human, random] });
    expect((await client.next('error')).code).toBe('bad-message');
    client.send({ type: 'hello', protocol: PROTOCOL + 1 });
    expect((await client.next('error')).code).toBe('unsupported-protocol');
    expect(await client.closed).toBe(CLOSE.badMessage);
  });

  it('cuts off those who never say hello', async () => {
    const server = await serve({ limits: { heartbeatMillis: 40 } });
    expect(await new Client(server).closed).toBe(1006);
  });

  it('closes those who send what is no message, too much, or too often; the others go on', async () => {
    // However long this process is held up, nobody is cut off before it has read why.
    const server = await serve({ limits: { goodbyeMillis: 150_000 } });
    const good = await Client.greet(server);
    const cases: [number, (client: Client) => void][] = [
      [CLOSE.badMessage, (c) => c.socket.send(Uint8Array.from([0xdd, 0xff, 0xff, 0xff, 0xff]))],
      [CLOSE.badMessage, (c) => c.socket.send('{"type":"hello"}')],
      [1009, (c) => c.socket.send(new Uint8Array(65 * 1024))],
      [CLOSE.tooMany, (c) => { for (let i = 0; i < 2000; i++) c.send({ type: 'unsubscribe', topic: 'rooms' }); }],
    ];
    for (const [code, offend] of cases) {
      const client = await Client.greet(server);
      offend(client);
      expect(await client.closed).toBe(code);
    }
    await good.create([human, random]);
  });

  it('refuses more rooms and more connections than there are', async () => {
    const server = await serve({ limits: { rooms: 2, connections: 2 } });
    const client = await Client.greet(server);
    await client.create([human, random]);
    await client.create([human, random]);
    client.send({ type: 'create-room', game: 'tic-tac-toe', seats: [human, random], requestId: 5 });
    expect(await client.next('error')).toMatchObject({ code: 'limit', requestId: 5 });
    await Client.greet(server);
    expect(await new Client(server).closed).toBe(1006);
  });

  it('refuses unknown games and agents, and seats that the game has not', async () => {
    const client = await Client.greet(await serve());
    const rows: [string, ClientMessage][] = [
      ['unknown-game', { type: 'create-room', game: 'chess960', seats: [human, random] }],
      ['unknown-agent', { type: 'create-room', game: 'tic-tac-toe', seats: [human, { kind: 'agent', agent: 'model:none' }] }],
      ['bad-message', { type: 'create-room', game: 'tic-tac-toe', seats: [human] }],
      ['unknown-room', { type: 'join-room', roomId: 'x'.repeat(16) }],
      ['no-training', { type: 'subscribe', topic: 'training' }],
      ['no-training', { type: 'training-control', command: 'pause' }],
    ];
    for (const [code, message] of rows) {
      client.send(message);
      expect((await client.next('error')).code).toBe(code);
    }
  });

  it('serves the page behind a strict policy, and its health', async () => {
    const { url } = await serve();
    const page = await fetch(`${url}/play/some/room`, { headers: { accept: 'text/html' } });
    expect(await page.text()).toContain('<title>page</title>');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/'unsafe-|https?:|\*/);
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok', connections: 0, rooms: 0, waiting: 0 });
    expect((await fetch(`${url}/assets/none.js`)).status).toBe(404);
    expect((await fetch(`${url}/..%2f..%2fetc/passwd`, { headers: { accept: 'text/plain' } })).status).toBeGreaterThanOrEqual(400);
  });

  it('gives figures to Prometheus, for this machine or who knows the admin token', async () => {
    const server = await serve();
    const client = await Client.greet(server);
    const { roomId, tokens } = await client.create([human, human]);
    client.send({ type: 'move', roomId, seatToken: tokens[0] as string, clientMoveId: 'a', ply: 0, action: 4 });
    await client.next('move-accepted');
    const response = await fetch(`${server.url}/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain');
    const text = await response.text();
    for (const line of ['ludus_connections 1', 'ludus_rooms{state="running"} 1', 'ludus_moves_total 1', 'ludus_move_ack_seconds_count 1', 'ludus_messages_total{type="move"} 1', 'ludus_search_queue 0']) expect(text).toContain(`\n${line}\n`);
    for (const name of ['nodejs_eventloop_lag_seconds', 'process_resident_memory_bytes', 'ludus_search_seconds']) expect(text).toContain(name);
    expect(text).not.toContain(tokens[0]);
    const adminToken = 'the-admins-own-secret';
    const guarded = await serve({ adminToken });
    expect((await fetch(`${guarded.url}/metrics`)).status).toBe(401);
    for (const [token, status] of [['wrong-wrong-wrong-wrong', 401], [adminToken, 200]] as const) {
      expect((await fetch(`${guarded.url}/metrics`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(status);
    }
  });

  it('needs an admin token where others can reach it', async () => {
    for (const options of [{ host: '0.0.0.0' }, { names: ['ludus.example.org'] }, { trustProxy: true }]) {
      await expect(serve(options)).rejects.toMatchObject({ kind: 'usage', message: expect.stringContaining('LUDUS_ADMIN_TOKEN') });
    }
    await expect(serve({ adminToken: 'short' })).rejects.toMatchObject({ kind: 'usage' });
  });

  it('answers to its names behind a proxy, and counts by whom the proxy asks for', async () => {
    const server = await serve({ adminToken: 'the-admins-own-secret', names: ['ludus.example.org'], trustProxy: true, limits: { connectionsPerAddress: 1 } });
    const from = (host: string, forwarded: string) => new Client(server, { headers: { host, origin: `https://${host}`, 'x-forwarded-for': forwarded } });
    const opens = (client: Client) => Promise.race([new Promise((resolve) => client.socket.once('open', () => resolve(true))), client.closed.then(() => false)]);
    expect(await opens(from('ludus.example.org', '198.51.100.1'))).toBe(true);
    // What the visitor wrote itself stands before what the proxy adds.
    expect(await opens(from('ludus.example.org', '203.0.113.9, 198.51.100.1'))).toBe(false);
    expect(await opens(from('ludus.example.org', '198.51.100.2'))).toBe(true);
    expect(await opens(from('other.example.org', '198.51.100.3'))).toBe(false);
  });

  it('gives away the networks of its catalogue, by id, and nothing else of their folders', async () => {
    const modelsDir = await mkdtemp(join(tmpdir(), 'ludus-models-'));
    try {
      await mkdir(join(modelsDir, 'small'));
      const manifest = '{"game":{"id":"connect4","version":1}}';
      for (const [file, text] of [['checkpoint.json', manifest], ['model.onnx', 'network'], ['weights.bin', 'secret']]) await writeFile(join(modelsDir, 'small', file), text);
      const { url } = await serve({ modelsDir });
      const get = async (path: string) => {
        const response = await fetch(`${url}${path}`);
        return response.ok ? response.text() : response.status;
      };
      expect(await get(modelPath('model:small', 'model.onnx'))).toBe('network');
      expect(await get(modelPath('model:small', 'checkpoint.json'))).toBe(manifest);
      for (const path of ['/models/model%3Asmall/weights.bin', '/models/uct/model.onnx', '/models/small/model.onnx', '/models/..%2fsmall/model.onnx', '/models/model%3Asmall/..%2fsmall%2fweights.bin', '/models/__proto__/model.onnx']) {
        expect(await get(path), path).toBe(404);
      }
    } finally {
      await rm(modelsDir, { recursive: true });
    }
  });

  it('says goodbye when it closes, and which port is taken', async () => {
    const server = await serve();
    const client = await Client.greet(server);
    const port = Number(new URL(server.url).port);
    await expect(serve({ port })).rejects.toMatchObject({ name: 'UserError', kind: 'environment', message: expect.stringContaining(`port ${port}`) });
    await server.close();
    expect(await client.closed).toBe(CLOSE.goingAway);
  });
});
