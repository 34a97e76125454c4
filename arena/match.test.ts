import { describe, expect, test } from 'vitest';
import { type Action, type Game, KEY_WORDS, OVER, UserError, createRng } from '#engine';
import { connect4, solverFor, ticTacToe } from '#games';
import { createAgent } from './agents/create.js';
import { AgentFailure, type Player, type PlayerAnswer, type PlayerRequest } from './agents/player.js';
import { type MatchSettings, playMatch } from './match.js';
import { bookOpenings, randomOpenings } from './openings.js';
import { isLegal, replay } from './position.js';
import type { GameRecord } from './referee.js';

/** An agent of this thread as a player. */
async function local(text: string, game: Game): Promise<Player> {
  const agent = await createAgent(text, game);
  return {
    name: agent.name,
    chooseMany: (requests) => agent.chooseMany(requests.map((r) => ({ state: replay(game, r.position), rng: createRng(r.seed) }))),
    close: () => agent.close(),
  };
}

/** A player made of a rule for one request. */
function player(name: string, answer: (request: PlayerRequest, index: number) => PlayerAnswer): Player {
  return { name, chooseMany: async (requests) => requests.map(answer), close: async () => {} };
}

function firstLegal(game: Game, request: PlayerRequest): Action {
  const legal = new Int32Array(game.actionCount);
  replay(game, request.position).legal(legal);
  return legal[0];
}

const quick: MatchSettings = { pairs: 10, seed: 1 };

test('perfect play never loses tic-tac-toe, and beats random', async () => {
  const a = await local('solver', ticTacToe);
  const b = await local('random', ticTacToe);
  const result = await playMatch(ticTacToe, [{ a, b }], { pairs: 60, seed: 3 });
  expect(result).toMatchObject({ a: 'solver', b: 'random', games: 120, losses: 0, interrupted: false, failures: [] });
  expect(result.wins).toBeGreaterThan(80);
  expect(result.elo!).toBeGreaterThan(100);
  expect(result.distinctGames).toBeGreaterThan(60);
  expect(result.pairs.reduce((x, y) => x + y, 0)).toBe(60);
  expect(result.first.games + result.second.games).toBe(120);
});

test('two perfect players always draw', async () => {
  const result = await playMatch(ticTacToe, [{ a: await local('solver', ticTacToe), b: await local('solver', ticTacToe) }], { pairs: 20, seed: 5 });
  expect(result).toMatchObject({ draws: 40, wins: 0, losses: 0, elo: 0, error: null, los: null });
});

test('the result depends on the seed alone, not on lanes, threads or concurrency', async () => {
  const play = async (lanes: number, concurrency: number, seed: number) => {
    const games: GameRecord[] = [];
    const couples = await Promise.all(Array.from({ length: lanes }, async () => ({ a: await local('uct:sims=30', connect4), b: await local('random', connect4) })));
    const { seconds: _, ...result } = await playMatch(connect4, couples, { pairs: 8, seed, concurrency, onGame: (g) => games.push(g) });
    return { result, games: games.sort((x, y) => x.pair - y.pair || x.leg - y.leg) };
  };
  const one = await play(1, 2, 7);
  expect(await play(2, 64, 7)).toEqual(one);
  expect((await play(1, 2, 8)).games).not.toEqual(one.games);
  for (let i = 0; i < one.games.length; i += 2) expect(one.games[i].opening).toEqual(one.games[i + 1].opening);
});

describe('faults lose, with their reason, and the match goes on', () => {
  const honest = player('honest', (request) => ({ action: firstLegal(ticTacToe, request) }));
  test.each<[string, Player, string]>([
    ['an illegal action', player('cheat', () => ({ action: 77 })), 'illegal'],
    ['not a number', player('babble', () => ({ action: Number.NaN })), 'illegal'],
    ['an own error', player('fails', () => ({ reason: 'error', message: 'out of ideas' })), 'error'],
    ['a throw', { ...honest, name: 'throws', chooseMany: () => Promise.reject(new Error('boom')) }, 'error'],
    ['a crash', { ...honest, name: 'crashes', chooseMany: () => Promise.reject(new AgentFailure('crash', 'gone')) }, 'crash'],
    ['a stall', { ...honest, name: 'stalls', chooseMany: () => Promise.reject(new AgentFailure('stall', 'slow')) }, 'stall'],
    ['too few answers', { ...honest, name: 'short', chooseMany: async () => [] }, 'error'],
  ])('%s', async (_, bad, end) => {
    const result = await playMatch(ticTacToe, [{ a: bad, b: honest }], quick);
    expect(result).toMatchObject({ games: 20, wins: 0, losses: 20 });
    expect(result.failures).toMatchObject([{ by: 'a', end, games: 20 }]);
    const swapped = await playMatch(ticTacToe, [{ a: honest, b: bad }], quick);
    expect(swapped).toMatchObject({ games: 20, wins: 20 });
    expect(swapped.failures[0].by).toBe('b');
  });

  test('only the game that crashes it is lost, though many were asked for at once', async () => {
    let poisoned = '';
    const fragile: Player = {
      ...honest,
      name: 'fragile',
      chooseMany: async (requests) => {
        poisoned ||= String(requests[0].seed);
        if (requests.some((r) => r.seed === poisoned)) throw new AgentFailure('crash', 'gone');
        return requests.map((r) => ({ action: firstLegal(ticTacToe, r) }));
      },
    };
    const result = await playMatch(ticTacToe, [{ a: fragile, b: honest }], quick);
    expect(result.games).toBe(20);
    expect(result.failures).toMatchObject([{ by: 'a', end: 'crash', games: 1 }]);
  });
});

test('an abort ends the match with what was played', async () => {
  const controller = new AbortController();
  const b = await local('random', connect4);
  const result = await playMatch(connect4, [{ a: b, b }], {
    pairs: 100, seed: 1, concurrency: 4, signal: controller.signal,
    onGame: () => controller.abort(new Error('enough')),
  });
  expect(result.interrupted).toBe(true);
  expect(result.games).toBeGreaterThan(0);
  expect(result.games).toBeLessThan(20);
});

test('a match of no pairs is refused', async () => {
  const b = await local('random', ticTacToe);
  await expect(playMatch(ticTacToe, [{ a: b, b }], { pairs: 0, seed: 1 })).rejects.toThrow(UserError);
});

describe('openings', () => {
  test.each([ticTacToe, connect4])('$id: distinct, legal, open, by seed', (game) => {
    const { positions, distinct } = randomOpenings(game, { count: 40, seed: 'x' });
    expect(positions).toHaveLength(40);
    const keys = new Set<string>();
    const key = new Uint32Array(KEY_WORDS);
    for (const position of positions) {
      const state = replay(game, position);
      expect(state.turn).not.toBe(OVER);
      state.key(key);
      keys.add(key.join());
      const value = solverFor(game)!.value(state, { nodes: 2000 });
      expect(value ?? 0).toBe(0);
    }
    expect(keys.size).toBe(distinct);
    expect(randomOpenings(game, { count: 40, seed: 'x' }).positions).toEqual(positions);
    expect(randomOpenings(game, { count: 40, seed: 'y' }).positions).not.toEqual(positions);
  });

  test('Connect Four has hundreds, tic-tac-toe says how few it has', () => {
    expect(randomOpenings(connect4, { count: 100, seed: 1 }).distinct).toBe(100);
    expect(randomOpenings(ticTacToe, { count: 500, seed: 1 }).distinct).toBe(10);
  });

  test('a book, and what is wrong with one', () => {
    const book = bookOpenings(connect4, '# two\n44\n\n4435\n', 3);
    expect(book.distinct).toBe(2);
    expect(book.positions.map((p) => p.setup)).toEqual(['44', '4435', '44']);
    expect(isLegal(replay(connect4, book.positions[0]), 3, new Int32Array(7))).toBe(true);
    expect(() => bookOpenings(connect4, '44\n49', 2)).toThrow(/line 2 .*49.* is not a position/);
    expect(() => bookOpenings(connect4, '1212121', 1)).toThrow(/line 1 .* is a finished game/);
    expect(() => bookOpenings(connect4, '12\n34\n12', 1)).toThrow(/line 3 .* repeats line 1/);
    expect(() => bookOpenings(connect4, '# none', 1)).toThrow(/no position/);
  });
});
