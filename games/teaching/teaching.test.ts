import { describe, expect, test } from 'vitest';
import { OVER, createRng } from '#engine';
import type { Game, Rng } from '#engine';
import { checkGame, describeReport } from '#games/contract';
import { RecordedDraws } from '../minatar/recorded.js';
import { cliffWalking, gridWorld, isTabular, pong, randomWalk } from './index.js';
import type { PongState, TabularGame, TabularModel } from './index.js';

const rng = createRng('teaching');
const tabular: readonly TabularGame[] = [cliffWalking, gridWorld, randomWalk];
const all: readonly Game[] = [...tabular, pong];

describe.each(all.map((game) => [game.id, game] as const))('%s', (id, game) => {
  test('keeps to the contract', () => {
    expect(describeReport(checkGame(game, { seed: 5, episodes: 4 }))).toContain(`${id} keeps to the contract`);
  });
});

test('which games say their model', () => {
  expect(all.map((game) => isTabular(game))).toEqual([true, true, true, false]);
});

/** Optimal values: sweeps until nothing changes by more than 1e-12. */
function valueIteration(model: TabularModel, discount: number): Float64Array {
  const values = new Float64Array(model.states);
  let change: number;
  do {
    change = 0;
    for (let state = 0; state < model.states; state++) {
      let best = -Infinity;
      for (let action = 0; action < model.actions; action++) {
        const outcomes = model.outcomes[state * model.actions + action];
        if (outcomes.length === 0) continue;
        best = Math.max(best, outcomes.reduce((sum, { probability, next, reward, terminated }) => sum + probability * (reward + (terminated ? 0 : discount * values[next])), 0));
      }
      if (best === -Infinity) continue;
      change = Math.max(change, Math.abs(best - values[state]));
      values[state] = best;
    }
  } while (change > 1e-12);
  return values;
}

describe('exact values', () => {
  test('grid world, discount .99: by distance from the goal', () => {
    const values = valueIteration(gridWorld.model, 0.99);
    const byDistance = [10, 8.9, 7.811, 6.7329, 5.6656, 4.6089];
    for (let cell = 0; cell < 15; cell++) {
      const distance = 3 - Math.floor(cell / 4) + (3 - (cell % 4));
      expect(values[cell]).toBeCloseTo(byDistance[distance - 1], 4);
    }
  });

  test('random walk: (i - 10) / 10', () => {
    const values = valueIteration(randomWalk.model, 1);
    for (let i = 1; i <= 19; i++) expect(values[i]).toBeCloseTo((i - 10) / 10, 8);
  });

  test('cliff walking: -13 from the start, one less a step away from the edge', () => {
    const values = valueIteration(cliffWalking.model, 1);
    expect(values[36]).toBe(-13);
    // The row along the cliff: 12 steps from the left end, 1 from above the goal.
    for (let column = 0; column < 12; column++) expect(values[24 + column]).toBe(column - 12);
    for (let column = 0; column < 12; column++) expect(values[column]).toBe(column - 14);
  });
});

describe.each(tabular.map((game) => [game.id, game] as const))('%s', (_id, game) => {
  test('probabilities add up to 1, and only finished or unreachable positions have none', () => {
    const { states, actions, start, outcomes } = game.model;
    expect(outcomes.length).toBe(states * actions);
    const reached = new Set([start]);
    for (const index of reached) {
      for (let action = 0; action < actions; action++) {
        const row = outcomes[index * actions + action];
        expect(row.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 12);
        for (const { next, terminated } of row) if (!terminated) reached.add(next);
      }
    }
  });

  test('is played as its model says', () => {
    const { actions, outcomes } = game.model;
    const state = game.start(rng);
    const counts = new Map<string, number>();
    for (let step = 0; step < 20_000; step++) {
      if (state.turn === OVER) state.restart(rng);
      const { index } = state;
      const action = rng.below(actions);
      const reward = state.apply(action, rng);
      const row = outcomes[index * actions + action];
      const chosen = row.findIndex((outcome) => outcome.next === state.index && outcome.reward === reward && outcome.terminated === state.terminated);
      expect(chosen).toBeGreaterThanOrEqual(0);
      if (row.length > 1) counts.set(`${chosen}`, (counts.get(`${chosen}`) ?? 0) + 1);
    }
    // The random walk's two ways, within four standard errors of a half.
    for (const count of counts.values()) expect(Math.abs(count / 20_000 - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / 20_000));
  });
});

/** Plays actions by name, and returns [sum of rewards, index, turn, steps]. */
function play(game: TabularGame, names: string): [total: number, index: number, turn: number, steps: number] {
  const state = game.start(rng);
  let total = 0;
  for (const name of names.split(' ')) total += state.apply(game.parseAction(state, name) ?? -1, rng);
  return [total, state.index, state.turn, state.steps];
}

describe('by hand', () => {
  const right = (count: number) => Array.from({ length: count }, () => 'right').join(' ');
  const rows: [game: TabularGame, actions: string, ends: ReturnType<typeof play>][] = [
    // total, index, turn, steps
    [cliffWalking, 'up', [-1, 24, 0, 1]],
    [cliffWalking, 'left down', [-2, 36, 0, 2]],
    [cliffWalking, 'right', [-100, 36, 0, 1]],
    [cliffWalking, 'up right down', [-102, 36, 0, 3]],
    [cliffWalking, `up ${right(11)} down`, [-13, 47, OVER, 13]],
    [cliffWalking, `up up ${right(11)} down down`, [-15, 47, OVER, 15]],
    [cliffWalking, 'up up up up up', [-5, 0, 0, 5]],
    [gridWorld, `${right(3)} down down down`, [5, 15, OVER, 6]],
    [gridWorld, 'up left down', [-3, 4, 0, 3]],
  ];
  test.each(rows.map(([game, actions, ends]) => [game.id, actions, ends, game] as const))('%s: %s', (_id, actions, ends, game) => {
    expect(play(game, actions)).toEqual(ends);
  });

  test('a cliff walker who never arrives is cut, not ended', () => {
    const state = cliffWalking.start(rng);
    while (state.turn !== OVER) state.apply(3, rng);
    expect([state.steps, state.truncated, state.terminated]).toEqual([1000, true, false]);
  });

  test('draws the cliff', () => {
    expect(cliffWalking.render?.(cliffWalking.start(rng)).split('\n')).toEqual([
      '. . . . . . . . . . . .', '. . . . . . . . . . . .', '. . . . . . . . . . . .', '@ # # # # # # # # # # G',
    ]);
  });
});

test('random walks return 0 and take 100 steps on average', () => {
  const state = randomWalk.start(rng);
  const walks = 3000;
  let total = 0;
  let steps = 0;
  for (let walk = 0; walk < walks; walk++) {
    state.restart(rng);
    while (state.turn !== OVER) total += state.apply(0, rng);
    steps += state.steps;
  }
  expect(Math.abs(total / walks)).toBeLessThan(4 / Math.sqrt(walks));
  // The variance of a walk's length from the middle of (-n, n) is 2 n^2 (n^2 - 1) / 3: 81.2 squared at n = 10.
  expect(Math.abs(steps / walks - 100)).toBeLessThan((4 * 81.2) / Math.sqrt(walks));
});

describe('pong', () => {
  const draws = new RecordedDraws();
  const begin = (change: Partial<PongState>): PongState => Object.assign(pong.start(createRng(1)), change);
  /** One step in which the opponent pays attention or not; a serve draws zeros. */
  const step = (state: PongState, action: number, attention: boolean, serve: readonly number[] = []): number => {
    draws.load([{ kind: 'chance', happens: attention }, ...serve.map((value, i) => ({ kind: 'below' as const, value, of: i === 2 ? 6 : 2 }))]);
    const reward = state.apply(action, draws);
    expect([draws.fault, draws.left]).toEqual([undefined, 0]);
    return reward;
  };

  test.each<[what: string, from: Partial<PongState>, action: number, row: number, column: number, rowStep: number, columnStep: number]>([
    ['flies on', { row: 4, column: 4, rowStep: 1, columnStep: 1 }, 0, 5, 5, 1, 1],
    ['bounces off the top', { row: 0, column: 4, rowStep: -1, columnStep: 1 }, 0, 1, 5, 1, 1],
    ['bounces off the bottom', { row: 9, column: 4, rowStep: 1, columnStep: -1 }, 0, 8, 3, -1, -1],
    ['comes back as it came from the middle', { row: 5, column: 8, rowStep: -1, columnStep: 1, own: 4 }, 0, 4, 8, -1, -1],
    ['comes back upwards from the upper cell', { row: 5, column: 8, rowStep: -1, columnStep: 1, own: 5 }, 0, 4, 8, -1, -1],
    ['comes back downwards from the lower cell', { row: 6, column: 8, rowStep: -1, columnStep: 1, own: 4 }, 0, 5, 8, 1, -1],
    ['meets the paddle where it has moved to', { row: 7, column: 8, rowStep: -1, columnStep: 1, own: 4 }, 2, 6, 8, 1, -1],
    ['comes back from the opponent', { row: 4, column: 1, rowStep: 1, columnStep: -1, opponent: 6 }, 0, 5, 1, -1, 1],
  ])('the ball %s', (_what, from, action, row, column, rowStep, columnStep) => {
    const state = begin(from);
    expect(step(state, action, false)).toBe(0);
    expect([state.row, state.column, state.rowStep, state.columnStep]).toEqual([row, column, rowStep, columnStep]);
  });

  test('a missed ball is a point, and a new serve', () => {
    const state = begin({ row: 1, column: 8, rowStep: 1, columnStep: 1, own: 7 });
    expect(step(state, 0, false, [0, 1, 3])).toBe(-1);
    expect([state.lost, state.row, state.column, state.rowStep, state.columnStep, state.turn]).toEqual([1, 5, 5, 1, -1, 0]);
    Object.assign(state, { row: 1, column: 1, rowStep: 1, columnStep: -1, opponent: 7 });
    expect(step(state, 0, false, [1, 0, 0])).toBe(1);
    expect([state.won, state.row, state.column]).toEqual([1, 2, 4]);
  });

  test('the fifth point ends the episode without a serve', () => {
    const state = begin({ row: 1, column: 8, rowStep: 0, columnStep: 1, own: 7, lost: 4 });
    expect(step(state, 0, false)).toBe(-1);
    expect([state.terminated, state.column]).toEqual([true, 9]);
  });

  test('the opponent follows the ball when attentive, and paddles stay on the field', () => {
    const state = begin({ row: 7, column: 5, rowStep: -1, columnStep: 1, opponent: 4, own: 8 });
    step(state, 2, true);
    expect([state.opponent, state.own]).toEqual([5, 8]);
    step(state, 1, false);
    expect([state.opponent, state.own]).toEqual([5, 7]);
  });

  function meanReturn(policy: (state: PongState, stream: Rng) => number, episodes: number): number {
    const stream = createRng('pong');
    const state = pong.start(stream);
    let total = 0;
    for (let episode = 0; episode < episodes; episode++) {
      state.restart(stream);
      while (state.turn !== OVER) total += state.apply(policy(state, stream), stream);
    }
    return total / episodes;
  }

  test('random play loses, following the ball wins', () => {
    expect(meanReturn((_state, stream) => stream.below(3), 300)).toBeLessThan(-1.5);
    expect(meanReturn((state) => (state.row < state.own ? 1 : state.row > state.own ? 2 : 0), 300)).toBeGreaterThan(4);
  });
});
