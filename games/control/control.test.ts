import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { OVER, createRng } from '#engine';
import type { Game } from '#engine';
import { checkGame, describeReport } from '#games/contract';
import { acrobot, acrobotAccelerations, cartPole, createCartPole, mountainCar } from './index.js';
import type { ControlState } from './state.js';

const rng = createRng('control');
const tasks: readonly Game<ControlState>[] = [cartPole, mountainCar, acrobot];

/** A position with the given variables. */
function place(game: Game<ControlState>, variables: readonly number[]): ControlState {
  const state = game.start(rng);
  state.variables.set(variables);
  return state;
}

describe.each(tasks.map((game) => [game.id, game] as const))('%s', (id, game) => {
  test('keeps to the contract', () => {
    expect(describeReport(checkGame(game, { seed: 3, episodes: id === 'cartpole' ? 20 : 3 }))).toContain(`${id} keeps to the contract`);
  });

  test('starts differ, within the published bounds', () => {
    const bounds: Record<string, [number, number][]> = {
      cartpole: Array.from({ length: 4 }, () => [-0.05, 0.05]),
      'mountain-car': [[-0.6, -0.4], [0, 0]],
      acrobot: Array.from({ length: 4 }, () => [-0.1, 0.1]),
    };
    const lows = bounds[id].map(() => Infinity);
    const highs = bounds[id].map(() => -Infinity);
    for (let i = 0; i < 500; i++) {
      const { variables } = game.start(rng);
      for (const [at, value] of variables.entries()) {
        lows[at] = Math.min(lows[at], value);
        highs[at] = Math.max(highs[at], value);
      }
    }
    for (const [at, [low, high]] of bounds[id].entries()) {
      expect(lows[at]).toBeGreaterThanOrEqual(low);
      expect(highs[at]).toBeLessThanOrEqual(high);
      // 500 draws come within 5 % of both ends.
      expect(highs[at] - lows[at]).toBeGreaterThanOrEqual((high - low) * 0.95);
    }
  });
});

interface Trajectory {
  env: string;
  start: number[];
  actions: string;
  terminated: boolean;
  rewards: number;
  last_reward: number;
  /** [step, then the variables after it]. */
  states: [number, ...number[]][];
  observation: number[];
}

describe('goes as Gymnasium does: testdata/control', () => {
  const lines = readFileSync(new URL('../../testdata/control/trajectories.jsonl', import.meta.url), 'utf8').trim().split('\n');
  const byEnv: Record<string, Game<ControlState>> = { 'CartPole-v1': cartPole, 'MountainCar-v0': mountainCar, 'Acrobot-v1': acrobot };

  test.each(lines.map((line, i) => {
    const trajectory = JSON.parse(line) as Trajectory;
    return [`${trajectory.env} ${i}, ${trajectory.actions.length} steps`, trajectory] as const;
  }))('%s', (_name, { env, start, actions, terminated, rewards, last_reward, states, observation }) => {
    const game = byEnv[env];
    const state = place(game, start);
    const recorded = new Map(states.map(([step, ...variables]) => [step, variables]));
    let total = 0;
    let last = 0;
    for (const [i, action] of [...actions].entries()) {
      expect(state.turn).toBe(0);
      last = state.apply(Number(action), rng);
      total += last;
      for (const [at, value] of (recorded.get(i + 1) ?? []).entries()) expect(state.variables[at]).toBeCloseTo(value, 8);
    }
    expect([state.terminated, total, last]).toEqual([terminated, rewards, last_reward]);
    const seen = new Float32Array(observation.length);
    state.observe(seen);
    for (const [at, value] of observation.entries()) expect(seen[at]).toBeCloseTo(value, 5);
  });
});

describe('cartpole', () => {
  test('one step from rest, by hand', () => {
    // push = 10 / 1.1; angular = -push / (0.5 (4/3 - 0.1 / 1.1)); linear = push - 0.05 angular / 1.1.
    const state = place(cartPole, [0, 0, 0, 0]);
    expect(state.apply(1, rng)).toBe(1);
    expect(state.variables[0]).toBe(0);
    expect(state.variables[1]).toBeCloseTo(0.1951219512, 9);
    expect(state.variables[2]).toBe(0);
    expect(state.variables[3]).toBeCloseTo(-0.2926829268, 9);
  });

  test.each<[variables: number[], ends: boolean]>([
    [[2.39, 0.6, 0, 0], true],
    [[2.39, 0.4, 0, 0], false],
    [[-2.39, -0.6, 0, 0], true],
    [[0, 0, 0.2, 0.5], true],
    [[0, 0, 0.2, 0.4], false],
    [[0, 0, -0.2, -0.5], true],
  ])('after %j: ended %s', (variables, ends) => {
    const state = place(cartPole, variables);
    expect(state.apply(0, rng)).toBe(1);
    expect([state.terminated, state.truncated]).toEqual([ends, false]);
  });

  test('work done by the push is what the energy grows by', () => {
    // Cart and uniform rod, 4/3 m l^2 about its end (Lagrangian of the system, not the equations of motion).
    const energy = ([, v, angle, w]: ArrayLike<number> & Iterable<number>) => 0.55 * v * v + 0.05 * v * w * Math.cos(angle) + (0.5 * 4 * 0.1 * 0.25 * w * w) / 3 + 0.1 * 9.8 * 0.5 * Math.cos(angle);
    const random = createRng('energy');
    for (let i = 0; i < 50; i++) {
      const before = Array.from({ length: 4 }, () => random.float() - 0.5).map((x) => x * 0.3);
      const change = [0, 1].map((action) => {
        const state = place(cartPole, before);
        state.apply(action, rng);
        // The slope at the old place: a step of explicit Euler over its length.
        const slope = Array.from(state.variables, (value, at) => (value - before[at]) / 0.02);
        const tiny = 1e-6;
        const after = before.map((value, at) => value + tiny * slope[at]);
        return (energy(after) - energy(before)) / tiny;
      });
      expect(change[1]).toBeCloseTo(10 * before[1], 3);
      expect(change[0]).toBeCloseTo(-10 * before[1], 3);
    }
  });

  test('500 steps are a time limit, not an end', () => {
    const game = createCartPole(30);
    const state = game.start(rng);
    for (let step = 0; step < 30; step++) state.apply(state.variables[2] + state.variables[3] > 0 ? 1 : 0, rng);
    expect([state.turn, state.truncated, state.terminated]).toEqual([OVER, true, false]);
    expect(cartPole.maxPlies).toBe(500);
  });
});

describe('mountain car', () => {
  test.each<[from: [number, number], action: number, position: number, velocity: number]>([
    // velocity + (action - 1) / 1000 - cos(3 position) / 400
    [[-0.5, 0], 2, -0.499176843, 0.000823157],
    [[-0.5, 0], 1, -0.500176843, -0.000176843],
    [[-0.5, 0], 0, -0.501176843, -0.001176843],
    // The fastest, and the wall.
    [[-0.5, 0.07], 2, -0.43, 0.07],
    [[-1.19, -0.06], 0, -1.2, 0],
  ])('from %j by %d', (from, action, position, velocity) => {
    const state = place(mountainCar, from);
    expect(state.apply(action, rng)).toBe(-1);
    expect(state.variables[0]).toBeCloseTo(position, 9);
    expect(state.variables[1]).toBeCloseTo(velocity, 9);
  });

  test('coasting keeps the energy, to the order of the integration', () => {
    const energy = ([x, v]: ArrayLike<number> & Iterable<number>) => (v * v) / 2 + (0.0025 / 3) * Math.sin(3 * x);
    const state = place(mountainCar, [-0.9, 0]);
    const first = energy(state.variables);
    for (let step = 0; step < 199; step++) {
      state.apply(1, rng);
      // Kinetic energy reaches some 0.0005 on the way.
      expect(Math.abs(energy(state.variables) - first)).toBeLessThan(2e-5);
    }
  });

  test('always pushing right never gets there, swinging does', () => {
    const push = place(mountainCar, [-0.5, 0]);
    while (push.turn !== OVER) push.apply(2, rng);
    expect([push.truncated, push.steps]).toEqual([true, 200]);
    const swing = place(mountainCar, [-0.5, 0]);
    while (swing.turn !== OVER) swing.apply(swing.variables[1] >= 0 ? 2 : 0, rng);
    expect(swing.terminated).toBe(true);
    expect(swing.steps).toBeLessThan(160);
  });
});

describe('acrobot', () => {
  /** From the positions and velocities of the links' centres of mass, the Lagrangian's energy. */
  function energy(first: number, second: number, firstSpin: number, secondSpin: number): number {
    const both = first + second;
    const spin = firstSpin + secondSpin;
    const vx = Math.cos(first) * firstSpin + 0.5 * Math.cos(both) * spin;
    const vy = Math.sin(first) * firstSpin + 0.5 * Math.sin(both) * spin;
    const kinetic = 0.5 * (0.25 * firstSpin ** 2 + vx ** 2 + vy ** 2 + firstSpin ** 2 + spin ** 2);
    return kinetic - 9.8 * (0.5 * Math.cos(first) + Math.cos(first) + 0.5 * Math.cos(both));
  }

  test('the energy grows by torque times the velocity of the joint', () => {
    const random = createRng('acrobot');
    const out = new Float64Array(2);
    for (let i = 0; i < 100; i++) {
      const [a, b, c, d] = Array.from({ length: 4 }, () => 4 * random.float() - 2);
      const torque = (i % 3) - 1;
      acrobotAccelerations(a, b, c, d, torque, out);
      const tiny = 1e-6;
      const power = (energy(a + tiny * c, b + tiny * d, c + tiny * out[0], d + tiny * out[1]) - energy(a - tiny * c, b - tiny * d, c - tiny * out[0], d - tiny * out[1])) / (2 * tiny);
      expect(power).toBeCloseTo(torque * d, 5);
    }
  });

  test('at rest, hanging, without torque, stays so', () => {
    const state = place(acrobot, [0, 0, 0, 0]);
    expect(state.apply(1, rng)).toBe(-1);
    for (const value of state.variables) expect(value).toBeCloseTo(0, 12);
  });

  test.each<[variables: number[], ends: boolean]>([
    // Height of the tip: -cos(first) - cos(first + second), more than 1 ends it.
    [[Math.PI, 0, 0, 0], true],
    [[Math.PI / 2, 0, 0, 0], false],
    [[2.2, 0.05, 0, 0], true],
  ])('at %j: ended %s', (variables, ends) => {
    const state = place(acrobot, variables);
    expect(state.apply(1, rng)).toBe(ends ? 0 : -1);
    expect(state.terminated).toBe(ends);
  });

  test('angles stay within half a turn, velocities within their bounds', () => {
    const state = place(acrobot, [3.1, 3.1, 12.5, 28]);
    for (let step = 0; step < 5; step++) {
      state.apply(2, rng);
      expect(Math.max(Math.abs(state.variables[0]), Math.abs(state.variables[1]))).toBeLessThanOrEqual(Math.PI);
      expect(Math.abs(state.variables[2])).toBeLessThanOrEqual(4 * Math.PI);
      expect(Math.abs(state.variables[3])).toBeLessThanOrEqual(9 * Math.PI);
    }
  });
});
