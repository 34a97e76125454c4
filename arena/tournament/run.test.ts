import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { UserError, createRng } from '#engine';
import { connect4, ticTacToe } from '#games';
import { createAgent } from '../agents/create.js';
import { AgentFailure, type Player, type PlayerAnswer, type PlayerRequest } from '../agents/player.js';
import type { PlayerStarter } from '../agents/start.js';
import { replay } from '../position.js';
import { type TournamentInput, checkTournament } from './config.js';
import { readLedger } from './ledger.js';
import { type TournamentOptions, runTournament } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'ludus-tournament-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const fresh = (): string => join(folder, `${files++}.jsonl`);

/** Agents in this thread: the same answers as in a worker's, sooner. */
const local: PlayerStarter = async (spec, { game: id }) => {
  if (!('options' in spec)) throw new UserError('usage', 'nobody here');
  const game = id === 'connect4' ? connect4 : ticTacToe;
  const agent = await createAgent(spec, game);
  return {
    name: agent.name,
    chooseMany: async (requests, options) => {
      options?.signal?.throwIfAborted();
      return agent.chooseMany(requests.map((r) => ({ state: replay(game, r.position), rng: createRng(r.seed), millis: r.millis })), options?.signal);
    },
    close: () => agent.close(),
  };
};

function firstLegal(request: PlayerRequest): number {
  const legal = new Int32Array(9);
  replay(ticTacToe, request.position).legal(legal);
  return legal[0];
}

/** Players by the name in `remote:NAME`, in place of ones that live elsewhere. */
const cast = (players: Record<string, (request: PlayerRequest) => PlayerAnswer | Promise<PlayerAnswer>>): PlayerStarter => async (spec, options) => {
  if (spec.kind !== 'remote') return local(spec, options);
  const answer = players[spec.name];
  const player: Player = { name: spec.name, chooseMany: (requests) => Promise.all(requests.map(answer)), close: async () => undefined };
  return player;
};

const play = (config: TournamentInput, more: Partial<TournamentOptions> = {}) =>
  runTournament({ config: checkTournament(config, 'test'), ledger: fresh(), version: 'test', start: local, ...more });

const league: TournamentInput = { game: 'tic-tac-toe', agents: ['uct:sims=20', 'random', 'solver'], pairs: 12, seed: 3 };

describe('formats', () => {
  const met = async (config: Partial<TournamentInput>) => {
    const { report } = await play({ game: 'tic-tac-toe', agents: ['random', 'uct:sims=2', 'uct:sims=3', 'uct:sims=4'], pairs: 1, ...config });
    return report.crosstable.map(({ a, b }) => `${a[0]}${a.at(-1)} ${b[0]}${b.at(-1)}`);
  };
  test('round robin: everyone against everyone', async () => {
    expect(await met({})).toEqual(['rm u2', 'rm u3', 'rm u4', 'u2 u3', 'u2 u4', 'u3 u4']);
  });
  test('gauntlet: challengers against the others', async () => {
    expect(await met({ format: 'gauntlet' })).toEqual(['rm u2', 'rm u3', 'rm u4']);
    expect(await met({ format: 'gauntlet', challengers: 2 })).toEqual(['rm u3', 'rm u4', 'u2 u3', 'u2 u4']);
  });
});

describe('a tournament', () => {
  test('says who is best, from pairs with sides swapped', async () => {
    const { report, interrupted } = await play(league);
    expect(interrupted).toBe(false);
    expect(report).toMatchObject({ state: 'finished', pairs: 36, pairsPlanned: 36, games: 72, faults: [], ends: { normal: 72 } });
    expect(report.players.map((p) => p.name)).toEqual(['solver', 'uct:sims=20', 'random']);
    expect(report.players.reduce((sum, p) => sum + p.points, 0)).toBe(72);
    // Two have a place on the game's measured scale, which the third is put on.
    expect(report.anchors).toEqual({ random: 0, solver: 629 });
    expect(report.players.map((p) => p.error === 0)).toEqual([true, false, true]);
    expect(report.players[1].elo).toBeGreaterThan(100);
    expect(report.los[1][2]).toBeGreaterThan(0.99);
    expect(report.firstPlayer.points / 72).toBeGreaterThan(0.5);
    expect(report.distinctOpenings).toBe(10);
  });

  test('is the same for any number of threads, and after any interruption', async () => {
    const whole = await play(league);
    expect((await play({ ...league, threads: 1 })).report).toEqual(whole.report);
    for (const stopAfter of [1, 7, 40]) {
      const ledger = fresh();
      const controller = new AbortController();
      let games = 0;
      const first = await play(league, { ledger, signal: controller.signal, onGame: () => { if (++games === stopAfter) controller.abort(new Error('enough')); } });
      expect(first.interrupted).toBe(true);
      expect(first.report.games).toBeLessThan(72);
      // A torn line on top.
      const bytes = readFileSync(ledger);
      truncateSync(ledger, bytes.length - 5);
      let repaired = false;
      const second = await play({ ...league, threads: 3 }, { ledger, onStart: (_, info) => (repaired = info.repaired) });
      expect(repaired).toBe(true);
      expect(second.report).toEqual(whole.report);
      // Nothing is left to play: no agent is even started.
      const third = await play(league, { ledger, start: () => Promise.reject(new Error('started')) });
      expect(third.report).toEqual(whole.report);
    }
  });

  test('an orphan half pair is played again as a whole', async () => {
    const ledger = fresh();
    const whole = await play(league, { ledger });
    const lines = readFileSync(ledger, 'utf8').trimEnd().split('\n');
    const kept = lines.filter((line, i) => i === 0 || (JSON.parse(line) as { pair: number; leg: number }).pair % 2 === 0 || (JSON.parse(line) as { leg: number }).leg === 1);
    writeFileSync(ledger, `${kept.join('\n')}\n`);
    const played: string[] = [];
    const again = await play(league, { ledger, onGame: ({ pair, leg }) => played.push(`${pair}/${leg}`) });
    expect(played.length).toBe(36);
    expect(again.report).toEqual(whole.report);
  });

  test('can be lengthened, and not otherwise changed', async () => {
    const ledger = fresh();
    await play({ ...league, pairs: 4 }, { ledger });
    let games = 0;
    const longer = await play(league, { ledger, onGame: () => games++ });
    expect(games).toBe(72 - 24);
    expect(longer.report).toEqual((await play(league)).report);
    await expect(play({ ...league, seed: 4 }, { ledger })).rejects.toThrow(/another tournament: seed was 3 and is now 4/);
  });

  test.each<[string, Partial<TournamentInput>, RegExp]>([
    ['two of a name', { agents: ['random', 'random'] }, /two agents are called 'random'/],
    ['an agent that does not exist', { agents: ['random', 'utc'] }, /did you mean 'uct'/],
    ['an anchor who does not take part', { ratings: { anchors: { solvr: 0 } } }, /anchor 'solvr' does not take part/],
    ['a book that is not there', { openings: { book: '/nowhere/book' } }, /cannot read the openings/],
    ['an agent that cannot start', { agents: ['random', 'remote:bob'] }, /nobody here/],
    ['a person', { agents: ['random', 'human'] }, /cannot sit here/],
  ])('%s is a loud error before the first game', async (_, config, message) => {
    let games = 0;
    await expect(play({ ...league, ...config }, { onGame: () => games++ })).rejects.toThrow(message);
    expect(games).toBe(0);
  });
});

test('openings from a book: all of it, in an order by the seed', async () => {
  const book = fresh();
  writeFileSync(book, '# four\n3\n33\n34\n43\n');
  const openings = async (seed: number): Promise<string[]> => {
    const ledger = fresh();
    const { report } = await play({ game: 'connect4', agents: ['random', 'uct:sims=2'], pairs: 6, seed, threads: 1, openings: { book } }, { ledger });
    expect(report.distinctOpenings).toBe(4);
    return [...readLedger(ledger).games].sort((x, y) => x.pair - y.pair).filter((game) => game.leg === 0).map((game) => game.opening.setup ?? '');
  };
  const one = await openings(1);
  expect(one.slice(0, 4).sort()).toEqual(['3', '33', '34', '43']);
  expect(one.slice(4)).toEqual(one.slice(0, 2));
  expect(await openings(1)).toEqual(one);
  expect((await Promise.all([2, 3, 4].map(openings))).some((other) => other.join() !== one.join())).toBe(true);
});

describe('faults lose with their reason, and the tournament goes on', () => {
  test('crash, stall, cheat, babble, leave', async () => {
    const players: Parameters<typeof cast>[0] = {
      honest: (request) => ({ action: firstLegal(request) }),
      cheat: () => ({ action: 77 }),
      babble: () => ({ action: Number.NaN }),
      crash: () => Promise.reject(new AgentFailure('crash', 'gone')),
      stall: () => Promise.reject(new AgentFailure('stall', 'slow')),
      leave: () => Promise.reject(new AgentFailure('disconnect', 'left')),
    };
    const { report } = await play({ game: 'tic-tac-toe', format: 'gauntlet', agents: Object.keys(players).map((name) => `remote:${name}`), pairs: 2 }, { start: cast(players) });
    expect(report.players[0]).toMatchObject({ name: 'remote:honest', wins: 20, losses: 0, faults: 0, elo: null });
    expect(report.ends).toEqual({ illegal: 8, crash: 4, stall: 4, disconnect: 4 });
    expect(report.faults.map(({ player, end, games }) => [player.slice(7), end, games])).toEqual([
      ['cheat', 'illegal', 4], ['babble', 'illegal', 4], ['crash', 'crash', 4], ['stall', 'stall', 4], ['leave', 'disconnect', 4],
    ]);
  });

  test('the machine\'s faults are void and played again; a machine that fails on and on is an error', async () => {
    let faults = 0;
    const shaky = cast({ shaky: (request) => (++faults % 5 === 1 && faults < 10 ? Promise.reject(new UserError('environment', 'no device')) : { action: firstLegal(request) }) });
    const voids: number[] = [];
    const { report } = await play({ game: 'tic-tac-toe', agents: ['remote:shaky', 'random'], pairs: 4, threads: 1 }, { start: shaky, onVoid: (pair) => voids.push(pair) });
    expect(voids.length).toBeGreaterThan(0);
    expect(report).toMatchObject({ games: 8, faults: [] });
    const broken = cast({ broken: () => Promise.reject(new UserError('environment', 'no device')) });
    await expect(play({ game: 'tic-tac-toe', agents: ['remote:broken', 'random'], pairs: 4 }, { start: broken })).rejects.toThrow('no device');
  });

  test('a clock that runs out loses, and a move in time costs what it took', async () => {
    // Time passes when the slow one thinks, and only then: a busy machine's own pauses cost nobody anything.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      const start = cast({
        slow: (request) => {
          vi.advanceTimersByTime(request.position.moves.length >= 4 ? 1000 : 20);
          return { action: firstLegal(request) };
        },
        quick: (request) => ({ action: firstLegal(request) }),
      });
      const ledger = fresh();
      const { report } = await play({ game: 'tic-tac-toe', agents: ['remote:slow', 'remote:quick'], pairs: 1, clock: '0.3+0.01', openings: { plies: 0 } }, { start, ledger });
      expect(report.ends).toEqual({ timeout: 2 });
      expect(report.faults).toMatchObject([{ player: 'remote:slow', end: 'timeout', games: 2 }]);
      // Of 300 ms, twice 20 are gone and twice 10 have come; 50 more are forgiven.
      expect(report.faults[0].message).toMatch(/took longer than the 330 ms/);
      expect(readLedger(ledger).games.map(({ notes }) => notes?.millis)).toEqual([[20, 0, 20, 0], [0, 20, 0, 20, 0]]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('adjudication', () => {
  const opinionated = (value: (request: PlayerRequest) => number) => cast({
    one: (request) => ({ action: firstLegal(request), value: value(request) }),
    two: (request) => ({ action: firstLegal(request), value: value(request) }),
  });
  const config: TournamentInput = { game: 'tic-tac-toe', agents: ['remote:one', 'remote:two'], pairs: 2, openings: { plies: 0 } };

  test('both see a draw', async () => {
    const ledger = fresh();
    const { report } = await play({ ...config, adjudication: { draw: { score: 0.1, moves: 1, after: 2 } } }, { start: opinionated(() => 0), ledger });
    expect(report.ends).toEqual({ adjudicated: 4 });
    expect(report.players.every((p) => p.draws === 4)).toBe(true);
    expect(readLedger(ledger).games[0]).toMatchObject({ moves: [0, 1, 2, 3], reason: 'both players saw a draw', notes: { values: [0, 0, 0, 0] } });
  });

  test('both see who wins', async () => {
    const { report } = await play({ ...config, adjudication: { resign: { score: 0.9, moves: 1 } } }, { start: opinionated((r) => (r.position.moves.length % 2 === 0 ? -1 : 1)) });
    expect(report.ends).toEqual({ adjudicated: 4 });
    expect(report.firstPlayer).toMatchObject({ games: 4, points: 0 });
  });

  test('by the exact solver, in its own thread', async () => {
    const ledger = fresh();
    const { report } = await play({ game: 'tic-tac-toe', agents: ['random', 'uct:sims=5'], pairs: 10, adjudication: { solver: { after: 4 } } }, { ledger });
    for (const { end, opening, moves, a, leg, score } of readLedger(ledger).games) {
      expect(a).toBe('random');
      if (end !== 'adjudicated') continue;
      expect(opening.moves.length + moves.length).toBe(4);
      // Every full game tree from here: the value by plain negamax.
      const value = (played: readonly number[]): number => {
        const state = replay(ticTacToe, { moves: played });
        if (state.turn < 0) return wins(played) ? -1 : 0;
        const legal = new Int32Array(9);
        return Math.max(...Array.from(legal.subarray(0, state.legal(legal)), (action) => -value([...played, action])));
      };
      const seat0 = value([...opening.moves, ...moves]);
      expect(score).toBe(((leg === 0 ? seat0 : -seat0) + 1) / 2);
    }
    expect(report.ends.adjudicated).toBeGreaterThan(10);
  });
});

/** Whether the last mover has three in a row. */
function wins(moves: readonly number[]): boolean {
  const own = moves.filter((_, i) => (moves.length - 1 - i) % 2 === 0);
  return [[0, 1, 2], [3, 4, 5], [6, 7, 8], [0, 3, 6], [1, 4, 7], [2, 5, 8], [0, 4, 8], [2, 4, 6]].some((line) => line.every((cell) => own.includes(cell)));
}

describe('SPRT', () => {
  const config: TournamentInput = { game: 'tic-tac-toe', format: 'sprt', agents: ['solver', 'random'], pairs: 500, sprt: { elo0: 0, elo1: 30 } };

  test('ends when it is decided, at the same pair whatever the threads and interruptions', async () => {
    const one = await play({ ...config, threads: 1 });
    expect(one.report.sprt).toMatchObject({ state: 'H1', model: 'normalized', elo0: 0, elo1: 30, alpha: 0.05, beta: 0.05 });
    expect(one.report.sprt!.pairs).toBeLessThan(200);
    expect(one.report.pairs).toBe(one.report.sprt!.pairs);
    expect(one.report.state).toBe('finished');
    expect((await play({ ...config, threads: 3 })).report).toEqual(one.report);
    const ledger = fresh();
    const controller = new AbortController();
    let games = 0;
    await play(config, { ledger, signal: controller.signal, onGame: () => { if (++games === 9) controller.abort(new Error('enough')); } });
    expect((await play(config, { ledger })).report).toEqual(one.report);
  });

  test('gives up after the most pairs, undecided', async () => {
    const { report, interrupted } = await play({ ...config, agents: ['uct:sims=20', 'uct:sims=21'], pairs: 5 });
    expect(report).toMatchObject({ state: 'finished', pairs: 5, sprt: { state: 'continue', pairs: 5 } });
    expect(interrupted).toBe(false);
  });
});
