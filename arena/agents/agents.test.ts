import { describe, expect, test } from 'vitest';
import { type Batch, OVER, UserError, createRng } from '#engine';
import { connect4, getGame, solverFor, ticTacToe } from '#games';
import { replay } from '../position.js';
import { createAgent } from './create.js';
import { PolicyAgent } from './policy.js';
import { SearchingAgent, type SearchingSpec } from './searching.js';
import { type AgentSpec, parseAgentSpec } from './spec.js';

/** From testdata/connect4-positions.csv, columns 1-7: a win in one where all else loses, and two forced blocks. */
const tactics: [moves: string, only: number][] = [['63766312651517', 0], ['45226575426126', 4], ['13746674553561', 5]];

const request = (moves: string, seed = 1) => ({ state: replay(connect4, { setup: moves, moves: [] }), rng: createRng(seed) });

// One collect of UCT is a thousand simulations, however short the time.
describe.each(['uct:sims=500', 'uct:time=30', 'alphabeta:depth=4', 'solver'])('%s', (text) => {
  test.each(tactics)('sees the only move in %s', async (moves, only) => {
    const agent = await createAgent(text, connect4);
    expect(agent.name.startsWith(text.split(':')[0])).toBe(true);
    expect(await agent.choose(request(moves))).toBe(only);
    const analysis = await agent.analyse(request(moves));
    expect(analysis.action).toBe(only);
    expect(analysis.principalVariation[0]).toBe(only);
    expect(analysis.actions.length).toBeGreaterThan(5);
    expect(analysis.value === undefined || Math.abs(analysis.value) <= 1 + 1e-9).toBe(true);
    await agent.close();
  });
});

test.each(['uct:sims=3', 'alphabeta:depth=1', 'solver', 'random'])('%s moves by a clock too', async (text) => {
  const agent = await createAgent(text, connect4);
  const asked = { ...request(text.startsWith('uct') ? '44' : '63766312651517'), millis: 40 };
  const [{ action, simulations }] = await agent.chooseMany([asked]);
  expect([0, 1, 2, 3, 4, 5, 6]).toContain(action);
  // Of the clock, not of its own count.
  if (text.startsWith('uct')) expect(simulations).toBeGreaterThanOrEqual(16);
  await agent.close();
});

test('random is uniform over legal moves and repeats by seed', async () => {
  const agent = await createAgent('random', connect4);
  const counts = Array.from({ length: 7 }, () => 0);
  // Column 1 is full.
  for (let seed = 0; seed < 3000; seed++) counts[await agent.choose(request('111111', seed))]++;
  expect(counts[0]).toBe(0);
  for (const count of counts.slice(1)) expect(Math.abs(count - 500)).toBeLessThan(100);
  expect(await agent.choose(request('', 5))).toBe(await agent.choose(request('', 5)));
});

test('the solver is uniform among equally good moves and shows exact scores', async () => {
  const agent = await createAgent('solver', ticTacToe);
  const state = replay(ticTacToe, { moves: [] });
  const seen = new Set<number>();
  for (let seed = 0; seed < 100; seed++) seen.add(await agent.choose({ state, rng: createRng(seed) }));
  expect(seen.size).toBe(9);
  const analysis = await agent.analyse({ state, rng: createRng(0) });
  expect(analysis.scores).toEqual(solverFor(ticTacToe)!.scores(state));
  expect(analysis.value).toBe(0);
});

/** A network stand-in that knows one thing: it likes the middle. Logits and value depend on the row's planes alone. */
class Stub {
  rows = 0;
  batches = 0;
  closed = false;
  async evaluate(batch: Batch): Promise<void> {
    const size = batch.planes.length / batch.capacity;
    for (let row = 0; row < batch.size; row++) {
      let sum = 0;
      for (let i = 0; i < size; i++) sum += batch.planes[row * size + i] * Math.sin(i);
      for (let a = 0; a < 7; a++) batch.logits[row * 7 + a] = -Math.abs(a - 3) / 2 + 0.1 * Math.sin(sum + a);
      batch.values[row] = Math.tanh(0.1 * sum);
    }
    this.rows += batch.size;
    this.batches++;
  }
  async close(): Promise<void> {
    this.closed = true;
  }
}

const spec = (text: string): SearchingSpec => parseAgentSpec(text) as SearchingSpec;

describe.each(['az:x,sims=40,leaves=1', 'az:x,sims=40,search=gumbel,leaves=1', 'az:x,sims=40,leaves=1,symmetry'])('%s', (text) => {
  const games = Array.from({ length: 100 }, (_, i) => ({ moves: createRng(i), i })).map(({ moves, i }) => {
    const state = replay(connect4, { moves: [] });
    for (let ply = 0; ply < i % 12 && state.turn !== OVER; ply++) state.apply(moves.below(7), moves);
    return state;
  }).filter((state) => state.turn !== OVER);

  test('lock-step over many games answers as one by one, in far fewer batches', async () => {
    const stub = new Stub();
    const together = new SearchingAgent(spec(text), connect4, stub);
    const many = (await together.chooseMany(games.map((state, i) => ({ state, rng: createRng(i) })))).map(({ action }) => action);
    const batches = stub.batches;
    const alone: number[] = [];
    for (const [i, state] of games.entries()) alone.push(await new SearchingAgent(spec(text), connect4, stub).choose({ state, rng: createRng(i) }));
    expect(many).toEqual(alone);
    expect(batches).toBeLessThan(200);
    await together.close();
    expect(stub.closed).toBe(true);
  });
});

test('an analysis shows prior, visits, values and the line', async () => {
  const agent = new SearchingAgent(spec('az:x,sims=100'), connect4, new Stub());
  let progress = 0;
  const analysis = await agent.analyse(request('44'), { onProgress: () => progress++ });
  expect(analysis.agent).toBe('az:x,sims=100');
  expect(analysis.simulations).toBeGreaterThanOrEqual(100);
  expect(analysis.actions.reduce((sum, a) => sum + a.prior, 0)).toBeCloseTo(1, 5);
  expect(analysis.actions.reduce((sum, a) => sum + a.visits, 0)).toBe(analysis.simulations);
  expect(analysis.networkValue).toBeTypeOf('number');
  expect(analysis.principalVariation.length).toBeGreaterThan(1);
});

test('by the clock, however little of it there is, the move is legal', async () => {
  const gumbel = new SearchingAgent(spec('az:x,search=gumbel,time=20'), connect4, new Stub());
  for (const agent of [gumbel, new SearchingAgent(spec('az:x,time=1'), connect4, new Stub()), await createAgent('alphabeta:time=1', connect4)]) {
    expect([1, 2, 3, 4, 5, 6]).toContain(await agent.choose(request('111111')));
  }
});

test('temperature 1 varies, 0 does not', async () => {
  const policy = (text: string) => new PolicyAgent(parseAgentSpec(text) as Extract<AgentSpec, { kind: 'policy' }>, connect4, new Stub());
  const moves = async (text: string) => new Set((await policy(text).chooseMany(Array.from({ length: 200 }, (_, i) => request('', i)))).map(({ action }) => action));
  expect((await moves('policy:x')).size).toBe(1);
  expect((await moves('policy:x,temperature=1')).size).toBeGreaterThan(4);
  const analysis = await policy('policy:x').analyse(request('111111'));
  expect(analysis.actions).toHaveLength(6);
  expect(analysis.actions.reduce((sum, a) => sum + a.prior, 0)).toBeCloseTo(1, 9);
});

test('a long search hears a cancel', async () => {
  const agent = await createAgent('uct:sims=100000000', connect4);
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('enough')), 50);
  await expect(agent.choose(request(''), controller.signal)).rejects.toThrow('enough');
});

test.each<[string, string, string]>([
  ['human', 'connect4', 'ludus play'],
  ['az:/nowhere/at/all', 'connect4', "no model at '/nowhere/at/all'"],
  ['az:arena', 'connect4', 'holds no checkpoint'],
])('refused: %s on %s', async (text, game, message) => {
  await expect(createAgent(text, getGame(game))).rejects.toThrow(UserError);
  await expect(createAgent(text, getGame(game))).rejects.toThrow(message);
});
