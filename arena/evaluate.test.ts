import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KEY_WORDS, UserError, createRng } from '#engine';
import { createNetwork, exportModel, initialWeights } from '#engine/nn';
import { connect4, solverFor, ticTacToe } from '#games';
import { writeCheckpoint } from '#selfplay';
import { evaluateCheckpoint, evaluateTaskCheckpoint, rateCheckpoints } from './evaluate-checkpoint.js';
import { type JudgedPosition, Judge, evaluatePositions, parsePlies, parsePositions } from './evaluate.js';
import { examPositions } from './exam/positions.js';
import { runMatch } from './match.js';
import { replay } from './position.js';

const file = readFileSync(new URL('../testdata/connect4-positions.csv', import.meta.url), 'utf8');

describe('reading positions', () => {
  test('the test data: 1,500 positions, 60 at each ply 8 to 32, 62 % of them non-trivial', () => {
    const positions = parsePositions(connect4, file);
    expect(positions).toHaveLength(1500);
    for (let ply = 8; ply <= 32; ply++) expect(positions.filter((p) => p.ply === ply)).toHaveLength(60);
    const judge = new Judge();
    for (const p of positions) judge.add(p, p.scores!, undefined);
    expect(judge.result()).toMatchObject({ positions: 1500, optimal: 0, outcome: 0, nontrivial: { positions: 934 }, failures: 1500 });
  });

  test('moves and scores alone are enough, in any order; plies are counted', () => {
    const [position] = parsePositions(connect4, 'scores,moves\n-14;-14;-14;-14;-5;-14;-14,45226575426126\n');
    expect(position).toEqual({ moves: '45226575426126', ply: 14, value: -5, scores: [-14, -14, -14, -14, -5, -14, -14] });
    const [other] = parsePositions(ticTacToe, 'b2a1 0');
    expect(other).toEqual({ moves: 'b2a1', ply: 2, value: 0 });
  });

  test('lines MOVES SCORE', () => {
    expect(parsePositions(connect4, '# comment\n\n4455 3\n44 -2\n1\n').map((p) => [p.moves, p.ply, p.value])).toEqual([['4455', 4, 3], ['44', 2, -2], ['', 0, 1]]);
  });

  test.each([
    ['', 'holds no positions'],
    ['moves,scores\n', 'no positions'],
    ['moves,score\n44,1', "line 1: no column 'scores' (there is 'score')"],
    ['moves,scores\n448,1;1;1;1;1;1;1', "line 2: '448' is not a position"],
    ['moves,scores\n44,1;1;1', 'line 2: scores has 3 fields where Connect Four has 7'],
    ['moves,scores\n444444,1;1;1;1;1;1;1', 'line 2: a score for the illegal action 3'],
    ['moves,scores\n44,1;1;1;;1;1;1', 'line 2: no score for the legal action 3'],
    ['moves,scores\n44,1;1;1;x;1;1;1', "line 2: 'x' is not a score"],
    ['44 1\n45 one', "line 2: '45 one' is not MOVES SCORE"],
    ['1212121 1', 'line 1: the game is over'],
  ])('refused, with the line: %j', (text, message) => {
    expect(() => parsePositions(connect4, text, 'x.csv')).toThrow(UserError);
    expect(() => parsePositions(connect4, text, 'x.csv')).toThrow(message);
  });

  test('plies', () => {
    expect(parsePlies('8-14')).toEqual([8, 14]);
    expect(parsePlies('9')).toEqual([9, 9]);
    for (const text of ['', '14-8', 'a', '8-', '-3']) expect(() => parsePlies(text)).toThrow(UserError);
  });
});

test('the judge: optimal, outcome, non-trivial', () => {
  const judge = new Judge();
  const p: JudgedPosition = { moves: '', ply: 3, value: 4 };
  judge.add(p, [4, 1, -2, undefined], 0);
  judge.add(p, [4, 1, -2, undefined], 1);
  judge.add(p, [4, 1, -2, undefined], 2);
  judge.add({ ...p, ply: 4 }, [-3, -1], 0);
  expect(judge.result()).toEqual({
    positions: 4, optimal: 1 / 4, outcome: 3 / 4, failures: 0,
    nontrivial: { positions: 3, optimal: 1 / 3, outcome: 2 / 3 },
    byPly: [
      { ply: 3, positions: 3, optimal: 1 / 3, outcome: 2 / 3, nontrivial: { positions: 3, optimal: 1 / 3, outcome: 2 / 3 } },
      { ply: 4, positions: 1, optimal: 0, outcome: 1, nontrivial: { positions: 0, optimal: null, outcome: null } },
    ],
  });
});

describe('in worker threads', () => {
  test('the solver is right everywhere, with and without the moves\' scores in the file', async () => {
    const positions = parsePositions(connect4, file);
    const base = { game: 'connect4', agent: 'solver', plies: [20, 32] as const, limit: 60, threads: 2 };
    let done = 0;
    const result = await evaluatePositions({ ...base, positions, onProgress: (n) => (done = n) });
    expect(result).toMatchObject({ game: 'connect4', agent: 'solver', positions: 60, optimal: 1, outcome: 1, nontrivial: { outcome: 1 }, failures: 0, interrupted: false });
    expect(done).toBe(60);
    const bare = positions.map(({ moves, ply, value }) => ({ moves, ply, value }));
    expect(await evaluatePositions({ ...base, positions: bare })).toMatchObject({ positions: 60, optimal: 1, outcome: 1, nontrivial: result.nontrivial });
    const wrong = bare.map((p) => ({ ...p, value: p.value + 1 }));
    await expect(evaluatePositions({ ...base, positions: wrong })).rejects.toThrow('the exact score is');
  });

  /** The data's README: a random legal move keeps the outcome in 61 % of all positions; an untuned UCT at 100 in 90.9 %. */
  test('random and UCT score as measured elsewhere, and repeat by seed', async () => {
    const positions = parsePositions(connect4, file);
    const random = await evaluatePositions({ game: 'connect4', agent: 'random', positions, seed: 1 });
    expect(Math.abs(random.outcome! - 0.61)).toBeLessThan(0.03);
    const uct = await evaluatePositions({ game: 'connect4', agent: 'uct:sims=100', positions, seed: 1, threads: 2 });
    expect(Math.abs(uct.outcome! - 0.909)).toBeLessThan(0.03);
    const again = await evaluatePositions({ game: 'connect4', agent: 'uct:sims=100', positions, seed: 1, threads: 1 });
    expect({ ...again, seconds: 0 }).toEqual({ ...uct, seconds: 0 });
  });

  test('wrong moves are named, in the order of the positions', async () => {
    // Each has two in a row and one cell that stops the third.
    const positions = parsePositions(ticTacToe, 'b2a1a2 0\na1b2a2 0\na1b2b1 0\nb2a1c2 0');
    const all = await evaluatePositions({ game: 'tic-tac-toe', agent: 'random', positions, seed: 1, wrong: 10 });
    const none = await evaluatePositions({ game: 'tic-tac-toe', agent: 'solver', positions, wrong: 10 });
    expect(none.wrong).toEqual([]);
    const solver = solverFor(ticTacToe)!;
    expect(all.wrong.length).toBe(Math.round((1 - all.outcome!) * 4));
    expect(all.wrong.length).toBeGreaterThan(0);
    for (const { moves, chose, right, before, after } of all.wrong) {
      const state = replay(ticTacToe, { setup: moves, moves: [] });
      const scores = solver.scores(state as never);
      const named = (keeps: boolean) => scores.flatMap((score, a) => (score !== undefined && (score === before) === keeps ? ticTacToe.actionName(state as never, a) : []));
      expect(right).toEqual(named(true));
      expect(named(false)).toContain(chose);
      expect(after).toBeLessThan(before);
    }
    const order = positions.map((p) => p.moves);
    const places = all.wrong.map(({ moves }) => order.indexOf(moves));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect((await evaluatePositions({ game: 'tic-tac-toe', agent: 'random', positions, seed: 1, wrong: 1 })).wrong).toEqual(all.wrong.slice(0, 1));
  });

  test('refusals', async () => {
    const positions = parsePositions(connect4, file);
    await expect(evaluatePositions({ game: 'connect4', agent: 'random', positions, plies: [40, 42] })).rejects.toThrow('no position has 40 to 42 plies');
    await expect(evaluatePositions({ game: 'connect4', agent: 'az:/nowhere', positions })).rejects.toThrow(UserError);
  });

  test('a match by strings: solver against random', async () => {
    const result = await runMatch({ game: 'tic-tac-toe', a: 'solver', b: 'uct:sims=20', pairs: 20, seed: 1, threads: 2 });
    expect(result).toMatchObject({ a: 'solver', b: 'uct:sims=20', games: 40, losses: 0, failures: [] });
    await expect(runMatch({ game: 'tic-tac-toe', a: 'solver', b: 'human', pairs: 1, seed: 1 })).rejects.toThrow(UserError);
  });
});

describe('exams that ship', () => {
  test('tic-tac-toe: every unfinished position', () => {
    const counts = Array.from({ length: 9 }, (_, ply) => examPositions(ticTacToe).filter((p) => p.ply === ply).length);
    // Of the 5,478 reachable positions 4,520 are unfinished.
    expect(counts).toEqual([1, 9, 72, 252, 756, 1140, 1372, 696, 222]);
    expect(examPositions(ticTacToe)).toHaveLength(4520);
  });

  test('Connect Four: distinct, spread over plies 8 to 24, apart from the test data, and exact', () => {
    const exam = examPositions(connect4);
    expect(exam.length).toBeGreaterThanOrEqual(300);
    const held = new Set(parsePositions(connect4, file).map((p) => p.moves));
    const keys = new Set<string>();
    const key = new Uint32Array(KEY_WORDS);
    for (const p of exam) {
      expect(p.ply).toBeGreaterThanOrEqual(8);
      expect(p.ply).toBeLessThanOrEqual(24);
      expect(held.has(p.moves)).toBe(false);
      const state = replay(connect4, { setup: p.moves, moves: [] });
      state.key(key);
      keys.add(key.join());
      if (p.ply >= 20) expect(solverFor(connect4)!.scores(state)).toEqual(p.scores);
    }
    expect(keys.size).toBe(exam.length);
  });
});

describe('a checkpoint', () => {
  const run = mkdtempSync(join(tmpdir(), 'ludus-arena-'));
  let checkpoint = '';
  beforeAll(() => {
    const game = ticTacToe;
    const config = { kind: 'mlp', hidden: [16], value: 'tanh' } as const;
    const network = createNetwork({ ...config, hidden: [...config.hidden] }, { planes: game.planes, actions: game.actionCount });
    const weights = initialWeights(network, createRng(1));
    checkpoint = writeCheckpoint(run, {
      manifest: {
        game: { id: game.id, version: game.version }, network: { ...config, hidden: [...config.hidden] }, planes: [...game.planes], actions: game.actionCount,
        games: 0, positions: 0, rows: 0, elapsedSeconds: 0, config: {},
      },
      state: { step: 7, weights, optimizer: {} }, average: weights, model: exportModel(network, weights),
    });
  });
  afterAll(() => rmSync(run, { recursive: true, force: true }));

  test('plays by run, by step, by folder, and as a policy', async () => {
    for (const agent of [`az:${run},sims=20`, `az:${run}@step=7,sims=20`, `az:${checkpoint},sims=20,search=gumbel`, `policy:${run}`]) {
      const result = await runMatch({ game: 'tic-tac-toe', a: agent, b: 'random', pairs: 5, seed: 1, threads: 1 });
      expect(result).toMatchObject({ a: agent, games: 10, failures: [] });
    }
  });

  test.each([
    ['@step=8', 'tic-tac-toe', 'has no checkpoint at step 8; the nearest is 7'],
    ['', 'connect4', 'plays tic-tac-toe, not connect4'],
  ])('refused: RUN%s on %s', async (suffix, game, message) => {
    await expect(runMatch({ game, a: `az:${run}${suffix}`, b: 'random', pairs: 1, seed: 1 })).rejects.toThrow(message);
  });

  test('is measured: positions, points, Elo, one line', async () => {
    const evaluation = { enabled: true, simulations: 20, pairs: 10, anchors: ['random', 'uct:sims=10'], positions: 100 };
    const result = await evaluateCheckpoint(checkpoint, { game: 'tic-tac-toe', device: 'cpu', evaluation });
    expect(Object.keys(result.values).sort()).toEqual(['elo', 'eloError', 'nontrivial', 'optimal', 'outcome', 'score/random', 'score/uct10']);
    for (const name of ['nontrivial', 'optimal', 'outcome', 'score/random', 'score/uct10']) {
      expect(result.values[name]).toBeGreaterThan(0.1);
      expect(result.values[name]).toBeLessThanOrEqual(1);
    }
    expect(result.values.elo).toBeGreaterThan(0);
    expect(result.anchors.map((a) => a.wins + a.draws + a.losses)).toEqual([20, 20]);
    expect(result.summary).toMatch(/keeps the result in \d+\.\d % of 100 positions, .*\/20 against random, .*\/20 against uct:sims=10, Elo \d+ ± \d+/);
    expect(await evaluateCheckpoint(checkpoint, { game: 'tic-tac-toe', device: 'cpu', evaluation })).toEqual(result);
    const controller = new AbortController();
    controller.abort(new Error('stopping'));
    await expect(evaluateCheckpoint(checkpoint, { game: 'tic-tac-toe', device: 'cpu', evaluation }, controller.signal)).rejects.toThrow('stopping');
  });
});

describe('a checkpoint of what learns from rewards', () => {
  const evaluation = { enabled: true, simulations: 8, pairs: 4, anchors: ['random', 'uct:sims=10'], positions: 60, episodes: 3 };
  const shipped = (name: string) => fileURLToPath(new URL(`../models/${name}`, import.meta.url));

  test('for two: as of self-play, searched in its learned model', async () => {
    const { values, anchors, summary } = await evaluateTaskCheckpoint(shipped('tic-tac-toe-muzero'), { game: 'tic-tac-toe', algorithm: 'gumbel-muzero', device: 'cpu', evaluation }, 2);
    expect(Object.keys(values).sort()).toEqual(['elo', 'eloError', 'nontrivial', 'optimal', 'outcome', 'score/random', 'score/uct10']);
    expect(values.outcome).toBe(1);
    expect(anchors.map(({ losses }) => losses)).toEqual([0, 0]);
    expect(summary).toMatch(/keeps the result in 100.0 % of 60 positions, .*Elo \d+/);
  });

  test('of one: whole episodes, by the mean and its standard error; the same twice, and it can be ended', async () => {
    const config = { game: 'cartpole', algorithm: 'gumbel-muzero', device: 'cpu', evaluation: { ...evaluation, simulations: 2 } } as const;
    const result = await evaluateTaskCheckpoint(shipped('cartpole-muzero'), config, 1);
    expect(result).toEqual({ values: { return: expect.any(Number), returnError: expect.any(Number), episodes: 3 }, anchors: [], summary: expect.stringMatching(/^return \d+\.\d ± \d+\.\d+ \(standard error\) over 3 episodes$/) });
    expect(result.values.return).toBeGreaterThan(300);
    expect(await evaluateTaskCheckpoint(shipped('cartpole-muzero'), config, 1)).toEqual(result);
    const controller = new AbortController();
    const cut = evaluateTaskCheckpoint(shipped('cartpole-muzero'), { ...config, evaluation: { ...config.evaluation, episodes: 100_000 } }, 1, controller.signal);
    controller.abort(new Error('stopping'));
    await expect(cut).rejects.toThrow('stopping');
    await expect(evaluateTaskCheckpoint(shipped('connect4'), config, 1)).rejects.toThrow(/connect4/);
  });
});

test('checkpoints are rated on the anchors\' scale, sweeps stay finite', () => {
  const score = (agent: string, wins: number, losses: number) => ({ agent, wins, draws: 0, losses });
  const rated = rateCheckpoints('connect4', [
    { name: 'a', anchors: [score('random', 20, 0), score('uct:sims=1000', 10, 10)] },
    { name: 'b', anchors: [score('random', 20, 0), score('uct:sims=1000', 20, 0)] },
  ]);
  expect(Math.abs(rated[0].elo! - 1232)).toBeLessThan(60);
  expect(rated[1].elo!).toBeGreaterThan(1500);
  expect(rated[1].elo!).toBeLessThan(2500);
  expect(rated[1].error!).toBeGreaterThan(200);
  const [own] = rateCheckpoints('my-game', [{ name: 'a', anchors: [score('random', 15, 5)] }]);
  expect(own.elo!).toBeCloseTo(400 * Math.log10(15.5 / 5.5), 3);
  expect(rateCheckpoints('connect4', [{ name: 'a', anchors: [] }])).toEqual([{ name: 'a', elo: null, error: null }]);
});
