/** The server in the page: rules of rooms, and games that a reload finds again. Agents think in this thread. */
import { describe, expect, it } from 'vitest';
import { createRng } from '#engine';
import { connect4, ticTacToe } from '#games';
import { createBrowserAgent, replay } from '#arena/browser';
import { parseOfflineManifest, parseServerMessage, type ClientMessage, type OfflineManifest, type ServerMessage, type ServerMessageOf } from '#arena/protocol';
import type { Thinker } from '../thinker/thinker.js';
import { offlineCatalogue } from './catalogue.js';
import { OfflineServer } from './server.js';

const manifest: OfflineManifest = {
  format: 1, version: 'test',
  games: [ticTacToe, connect4].map(({ id, name, version }) => ({ id, name, version, seats: 2, solved: true })),
  agents: [{
    view: { id: 'model:c4', game: 'connect4', kind: 'network', group: 'shipped', checkpoint: null, model: true, name: 'c4', description: '', simulations: { min: 1, max: 1000, default: 50 } },
    spec: 'az:models/c4.onnx,search=gumbel', answers: 'policy', model: 'models/c4.onnx',
  }],
};

const thinker: Thinker = {
  async analyse({ game, spec }, position, seed) {
    const rules = game === 'connect4' ? connect4 : ticTacToe;
    const agent = await createBrowserAgent(spec, rules, () => Promise.reject(new Error('no network here')));
    return agent.analyse({ state: replay(rules, position), rng: createRng(seed) });
  },
  scores: async () => undefined,
  async tree({ spec }, position, seed, { path, levels, most }) {
    const agent = await createBrowserAgent(spec, ticTacToe, () => Promise.reject(new Error('no network here')));
    const { simulations } = await agent.analyse({ state: replay(ticTacToe, position), rng: createRng(seed) });
    return { simulations, tree: agent.unfold?.(path, levels, most) };
  },
  dream: () => Promise.reject(new Error('not asked')),
      evaluate: () => Promise.reject(new Error('not asked here')),
  close: () => undefined,
};

class MemoryStorage implements Pick<Storage, 'getItem' | 'setItem'> {
  private readonly map = new Map<string, string>();
  getItem(key: string): string | null { return this.map.get(key) ?? null; }
  setItem(key: string, value: string): void { this.map.set(key, value); }
}

function page(storage = new MemoryStorage()) {
  const heard: ServerMessage[] = [];
  const waiting: (() => void)[] = [];
  let ids = 0;
  const games = [ticTacToe, connect4];
  const catalogue = offlineCatalogue(manifest, games, 'https://host/folder/');
  const server = new OfflineServer({
    manifest, games, catalogue, thinker, storage: storage as unknown as Storage, now: () => 1000, onLoading: () => undefined,
    randomId: (length) => String(++ids).padStart(length, 'a'),
    send(message) {
      expect(typeof parseServerMessage(message)).not.toBe('string');
      heard.push(message);
      for (const wake of waiting.splice(0)) wake();
    },
  });
  const say = (message: ClientMessage) => server.receive(message);
  /** The first message of the kind, from number `from` on. */
  async function hear<T extends ServerMessage['type']>(type: T, from = 0): Promise<ServerMessageOf<T>> {
    for (;;) {
      const found = heard.slice(from).find((message) => message.type === type);
      if (found !== undefined) return found as ServerMessageOf<T>;
      await new Promise<void>((resolve) => { waiting.push(resolve); });
    }
  }
  /** Waits until an event of the kind has come, and gives the room's state by joining anew. */
  async function event(kind: string): Promise<void> {
    while (!heard.some((m) => m.type === 'room-events' && m.events.some((e) => e.event.type === kind))) await new Promise<void>((resolve) => { waiting.push(resolve); });
  }
  const state = (roomId: string) => {
    say({ type: 'join-room', roomId });
    return (heard.at(-1) as ServerMessageOf<'room-snapshot'>).room;
  };
  return { say, hear, event, heard, state, storage, catalogue };
}

const hello: ClientMessage = { type: 'hello', protocol: 3 };

describe('the server in the page', () => {
  it('welcomes with its games and agents, networks among them', async () => {
    const { say, hear, catalogue } = page();
    say(hello);
    const welcome = await hear('welcome');
    expect(welcome.games.map((g) => g.id)).toEqual(['tic-tac-toe', 'connect4']);
    expect(welcome.agents.filter((a) => a.game === 'connect4').map((a) => a.id)).toEqual(['uct', 'random', 'solver', 'model:c4']);
    const network = welcome.agents.at(-1)!;
    const { spec } = catalogue.get('connect4', network.id);
    expect(catalogue.place('connect4', spec({ simulations: 5000 }))).toEqual({ game: 'connect4', spec: 'az:models/c4.onnx,search=gumbel,sims=1000', model: 'https://host/folder/models/c4.onnx' });
    expect(spec({ millis: 99_999 })).toBe('az:models/c4.onnx,search=gumbel,time=10000');
  });

  it('lets an agent answer, keeps its thoughts, takes back, and finds the game again after a reload', async () => {
    const first = page();
    first.say({ type: 'create-room', game: 'tic-tac-toe', seats: [{ kind: 'human' }, { kind: 'agent', agent: 'uct', strength: { simulations: 20 } }] });
    const { roomId, seatTokens } = await first.hear('room-created');
    const seatToken = seatTokens[0]!;
    first.say({ type: 'move', roomId, seatToken, clientMoveId: 'm', ply: 0, action: 4 });
    expect(await first.hear('move-accepted')).toMatchObject({ ply: 0, clientMoveId: 'm' });
    await first.event('analysis');
    await expect.poll(() => first.state(roomId).moves.length).toBe(2);
    expect(first.state(roomId).analyses[0]).toMatchObject({ ply: 1, turn: 1, source: 'move', simulations: 20 });

    const second = page(first.storage);
    expect(second.state(roomId)).toMatchObject({ moves: first.state(roomId).moves, turn: 0 });
    second.say({ type: 'takeback', roomId, seatToken });
    expect(second.state(roomId)).toMatchObject({ moves: [], turn: 0 });
    second.say({ type: 'resign', roomId, seatToken });
    expect(page(first.storage).state(roomId)).toMatchObject({ result: { winner: 1, reason: 'resigned' }, turn: -2, legal: [] });
    second.say({ type: 'new-game', roomId, seatToken, swap: true });
    await expect.poll(() => second.state(roomId).moves.length).toBe(1);
    expect(second.state(roomId)).toMatchObject({ gameNumber: 2, swapped: true, turn: 1 });
  });

  it('rejects moves that cannot be played, and tokens of nobody', async () => {
    const { say, hear, heard } = page();
    say({ type: 'create-room', game: 'connect4', seats: [{ kind: 'human' }, { kind: 'human' }] });
    const { roomId, seatTokens } = await hear('room-created');
    const seatToken = seatTokens[0]!;
    const move = (over: object): ClientMessage => ({ type: 'move', roomId, seatToken, clientMoveId: 'm', ply: 0, action: 3, ...over });
    say(move({ action: 9 }));
    say(move({ ply: 5 }));
    say(move({ seatToken: seatTokens[1]! }));
    say(move({ seatToken: 'x'.repeat(32) }));
    expect(heard.slice(-4).map((m) => ('code' in m ? m.code : m.type))).toEqual(['illegal-move', 'stale', 'not-your-turn', 'not-your-seat']);
    say({ type: 'offer-draw', roomId, seatToken });
    expect(heard.at(-1)).toMatchObject({ events: [{ event: { type: 'finished', result: { reason: 'agreed' } } }] });
  });

  it('gives hints, and says what needs a server', async () => {
    const { say, hear, heard } = page();
    say({ type: 'create-room', game: 'tic-tac-toe', seats: [{ kind: 'human' }, { kind: 'agent', agent: 'solver' }] });
    const { roomId, seatTokens } = await hear('room-created');
    say({ type: 'hint', requestId: 7, roomId, seatToken: seatTokens[0]!, agent: 'uct', strength: { simulations: 30 } });
    expect(await hear('hint')).toMatchObject({ requestId: 7, ply: 0, agentName: 'Tree search' });
    say({ type: 'create-room', requestId: 8, game: 'tic-tac-toe', seats: [{ kind: 'human' }, { kind: 'human', open: true }] });
    expect(heard.at(-1)).toMatchObject({ type: 'error', requestId: 8, code: 'not-allowed' });
    say({ type: 'join-room', requestId: 9, roomId: 'nosuchroom' });
    expect(heard.at(-1)).toMatchObject({ type: 'error', requestId: 9, code: 'unknown-room' });
  });

  it('unfolds the search, and reviews the game when it is over', async () => {
    const { say, hear, heard } = page();
    say({ type: 'create-room', game: 'tic-tac-toe', seats: [{ kind: 'human' }, { kind: 'human' }] });
    const { roomId, seatTokens } = await hear('room-created');
    const play = (ply: number, action: number) => say({ type: 'move', roomId, seatToken: seatTokens[ply % 2]!, clientMoveId: `m${ply}`, ply, action });
    // X in two corners, O in the middle: only an edge holds the draw.
    [0, 4, 8].forEach((action, ply) => play(ply, action));
    say({ type: 'tree', requestId: 4, roomId, agent: 'uct', strength: { simulations: 200 }, path: [2], levels: 1 });
    const tree = await hear('tree');
    expect(tree).toMatchObject({ requestId: 4, ply: 3, turn: 0, path: [2] });
    expect(tree.nodes).toHaveLength(5);
    say({ type: 'review', requestId: 5, roomId, agent: 'uct' });
    await hear('error');
    // O takes a corner; X blocks there with two threats of its own.
    [2, 6, 3, 7].forEach((action, i) => play(3 + i, action));
    say({ type: 'review', requestId: 6, roomId, agent: 'uct', strength: { simulations: 400 } });
    await expect.poll(() => heard.filter((m) => m.type === 'review').length).toBe(7);
    const judged = heard.flatMap((m) => (m.type === 'review' ? m.moves : []));
    expect(judged.map((move) => move.ply)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect([1, 3, 5, 7]).toContain(judged[3].best.action);
    expect(judged[3].loss).toBeGreaterThan(0.3);
  });

  it('ends the game with a reason when an agent cannot think', async () => {
    const { say, hear, event, state } = page();
    say({ type: 'create-room', game: 'connect4', seats: [{ kind: 'agent', agent: 'model:c4' }, { kind: 'human' }] });
    const { roomId } = await hear('room-created');
    await event('finished');
    expect(state(roomId).result).toMatchObject({ reason: 'agent-failed', detail: 'no network here' });
  });
});

it('the manifest is checked: a model is never fetched from elsewhere', () => {
  expect(parseOfflineManifest(manifest)).toEqual(manifest);
  expect(parseOfflineManifest({ ...manifest, agents: [{ ...manifest.agents[0], model: 'https://elsewhere/x.onnx' }] })).toBe('agents.0.model: expected models/NAME.onnx');
  expect(parseOfflineManifest({ ...manifest, format: 2 })).toMatch(/^format: /);
});

it('offers graded opponents by the strings that were measured, on the network that is there once', () => {
  const view = (id: string, kind: 'policy' | 'network' | 'uct') => ({ id, game: 'connect4', kind, group: 'graded', checkpoint: null, model: false, name: id, description: '', simulations: null, rating: { elo: 310, error: 40, games: 100 } }) as const;
  const levels: OfflineManifest = {
    ...manifest,
    agents: [
      ...manifest.agents, { view: view('level:c4:beginner', 'policy'), spec: 'policy:models/c4.onnx,temperature=4', answers: 'policy', model: 'models/c4.onnx' },
      { view: view('level:c4:strong', 'network'), spec: 'az:models/c4.onnx,search=gumbel,sims=8,temperature=0.5', answers: 'policy', model: 'models/c4.onnx' }, { view: view('level:c4:quick', 'uct'), spec: 'uct:sims=5', answers: 'policy' },
    ],
  };
  const catalogue = offlineCatalogue(levels, [connect4], 'https://host/somewhere/');
  const place = (id: string) => catalogue.place('connect4', catalogue.get('connect4', id).spec({ simulations: 999 }));
  const model = 'https://host/somewhere/models/c4.onnx';
  expect(place('level:c4:beginner')).toEqual({ game: 'connect4', spec: 'policy:models/c4.onnx,temperature=4', model });
  expect(place('level:c4:strong')).toEqual({ game: 'connect4', spec: 'az:models/c4.onnx,search=gumbel,sims=8,temperature=0.5', model });
  expect(place('level:c4:quick')).toEqual({ game: 'connect4', spec: 'uct:sims=5', model: undefined });
  expect(catalogue.modelUrl(view('level:c4:quick', 'uct'))).toBeUndefined();
  expect(catalogue.views.filter(({ group }) => group === 'graded').map(({ rating }) => rating?.elo)).toEqual([310, 310, 310]);
});
