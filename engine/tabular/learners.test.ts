/** Every update by numbers worked out by hand. */
import { describe, expect, test } from 'vitest';
import { createRng } from '../rng.js';
import type { Rng } from '../rng.js';
import { DoubleQLearner, DynaLearner, LearnerBase, NStepSarsa, OneStepLearner, SarsaLambda, TreeBackup, TrueOnlineSarsa, WatkinsQ } from './index.js';
import type { LearnerShape, LearningSettings } from './index.js';

/** With ε = 1 and two actions, below .5 is action 0 and the rest action 1. */
const ZERO = 0.25;
const ONE = 0.75;

/** Gives these numbers, then fails: a method that draws more than it should is found out. */
function scripted(floats: readonly number[], integers: readonly number[] = []): Rng {
  const [f, i] = [[...floats], [...integers]];
  const take = (list: number[]) => {
    if (list.length === 0) throw new Error('a draw too many');
    return list.shift()!;
  };
  return { uint32: () => take(i), float: () => take(f), below: () => take(i), fork: () => scripted(f, i) };
}

const at = (...features: number[]) => Int32Array.from(features);
const shape = (features: number, actions: number): LearnerShape => ({ features, active: 1, actions });
const settings = (stepSize: number, discount: number, epsilon = 1): LearningSettings => ({ stepSize, discount, epsilon });
/** A learner whose table holds these rows. */
function holding<L extends LearnerBase>(learner: L, rows: number[][]): L {
  learner.values.weights.set(rows.flat());
  return learner;
}

describe('one step', () => {
  // Q(0, 0) = 1, Q(1) = (2, 4); reward 1, α .5, γ .9, ε .2.
  const table = [[1, 0], [2, 4]];

  test.each([
    // 1 + .5 (1 + .9 * 4 - 1); by the mean .9 * 4 + .1 * 2 = 3.8.
    ['max', 2.8],
    ['expected', 2.71],
  ] as const)('%s: Q(0, 0) = %d, bootstrapped alike where the episode is cut', (target, value) => {
    for (const cut of [false, true]) {
      const learner = holding(new OneStepLearner(target, shape(2, 2), settings(0.5, 0.9, 0.2)), table);
      learner.begin(at(0), scripted([0, 0]));
      if (cut) learner.end(1, at(1), false);
      else learner.step(1, at(1));
      expect(learner.values.weights[0]).toBeCloseTo(value, 12);
      expect([...learner.values.weights].slice(1)).toEqual([0, 2, 4]);
    }
  });

  test.each([
    [ZERO, 1.9], // 1 + .5 (1 + .9 * 2 - 1)
    [ONE, 2.8], // 1 + .5 (1 + .9 * 4 - 1)
  ])('SARSA learns from the action that it takes (draw %d)', (draw, value) => {
    for (const cut of [false, true]) {
      const learner = holding(new OneStepLearner('sarsa', shape(2, 2), settings(0.5, 0.9)), table);
      learner.begin(at(0), scripted([ZERO, draw]));
      if (cut) learner.end(1, at(1), false);
      else expect(learner.step(1, at(1))).toBe(draw === ZERO ? 0 : 1);
      expect(learner.values.weights[0]).toBeCloseTo(value, 12);
    }
  });

  test.each([
    // The learning table names the action, the other says what it is worth: 1 + .9 * 2, or 1 + .9 * 1; never 1 + .9 * 5 = 5.5.
    [0, 'first', 2.8],
    [1, 'second', 1.9],
  ] as const)('Double Q, coin %d', (coin, learning, target) => {
    const learner = new DoubleQLearner(shape(2, 2), settings(1, 0.9));
    learner.first.weights.set([0, 0, 1, 5]);
    learner.second.weights.set([0, 0, 3, 2]);
    learner.begin(at(0), scripted([ZERO], [coin]));
    learner.end(1, at(1), false);
    expect(learner[learning].weights[0]).toBeCloseTo(target, 12);
    expect(learner.values.weights[0]).toBeCloseTo(target / 2, 12);
  });

  test('several features share the step', () => {
    const learner = new OneStepLearner('max', { features: 4, active: 2, actions: 1 }, settings(0.5, 1));
    learner.begin(at(0, 3), createRng(1));
    learner.end(1, at(1, 2), true);
    expect([...learner.values.weights]).toEqual([0.25, 0, 0, 0.25]);
  });
});

describe('windows of n steps', () => {
  test('rewards 1, 2, 3 and bootstrap 10 at γ .9: 12.52', () => {
    const learner = holding(new NStepSarsa(3, shape(4, 1), settings(1, 0.9)), [[0], [0], [0], [10]]);
    learner.begin(at(0), createRng(1));
    learner.step(1, at(1));
    learner.step(2, at(2));
    expect(learner.values.weights[0]).toBe(0);
    learner.step(3, at(3));
    expect(learner.values.weights[0]).toBeCloseTo(12.52, 12);
  });

  test.each([
    // Returns 1 + 1.8 + 2.43, 2 + 2.7, 3; cut at a position worth 10: 7.29, 8.1 and 9 more.
    [true, [5.23, 4.7, 3]],
    [false, [12.52, 12.8, 12]],
  ])('the last windows, terminated %s', (terminated, returns) => {
    const learner = holding(new NStepSarsa(8, shape(4, 1), settings(1, 0.9)), [[0], [0], [0], [10]]);
    learner.begin(at(0), createRng(1));
    learner.step(1, at(1));
    learner.step(2, at(2));
    learner.end(3, at(3), terminated);
    returns.forEach((value, i) => expect(learner.values.weights[i]).toBeCloseTo(value, 12));
  });

  test('a window never reaches into the next episode', () => {
    const learner = new NStepSarsa(4, shape(3, 1), settings(1, 1));
    for (let episode = 0; episode < 2; episode++) {
      learner.begin(at(0), createRng(1));
      learner.step(1, at(1));
      learner.end(1, at(2), true);
    }
    expect([...learner.values.weights]).toEqual([2, 1, 0]);
  });

  test.each([
    // Q(1) = (2, 1), Q(2) = (5, 3). Off the greedy action the tree ends: 1 + .9 * 2. On it: 1 + .9 (2 + .9 * 5).
    [ONE, 2.8],
    [ZERO, 6.85],
  ])('Tree Backup (draw %d)', (draw, value) => {
    for (const cut of [false, true]) {
      const learner = holding(new TreeBackup(2, shape(3, 2), settings(1, 0.9)), [[0, 0], [2, 1], [5, 3]]);
      learner.begin(at(0), scripted([ZERO, draw, ZERO]));
      learner.step(1, at(1));
      if (cut) learner.end(2, at(2), false);
      else learner.step(2, at(2));
      expect(learner.values.weights[0]).toBeCloseTo(value, 12);
    }
  });
});

describe('traces', () => {
  test('TD(λ) with a tiny step makes the errors of the λ-return', () => {
    // γ .9, λ .8, R = (1, 0, 2, 0, 3), V = (.5, -.2, .3, .1, .4): returns (2.882100736, 2.6640288, 3.62504, 2.232, 3).
    const values = [0.5, -0.2, 0.3, 0.1, 0.4];
    const step = 1e-8;
    const learner = holding(new SarsaLambda('accumulating', 0.8, shape(5, 1), settings(step, 0.9)), values.map((v) => [v]));
    learner.begin(at(0), createRng(1));
    [1, 0, 2, 0].forEach((reward, i) => learner.step(reward, at(i + 1)));
    learner.end(3, at(0), true);
    [2.882100736, 2.6640288, 3.62504, 2.232, 3].forEach((value, i) => expect((learner.values.weights[i] - values[i]) / step).toBeCloseTo(value - values[i], 5));
  });

  test.each([
    // The first step makes Q = .5, so the last error is 1.5; the trace is 2, or 1.
    ['accumulating', 2],
    ['replacing', 1.25],
  ] as const)('%s: a position twice in a row', (kind, value) => {
    const learner = new SarsaLambda(kind, 1, shape(1, 1), settings(0.5, 1));
    learner.begin(at(0), createRng(1));
    learner.step(1, at(0));
    learner.end(2, at(0), true);
    expect(learner.values.weights[0]).toBe(value);
  });

  test.each([
    // Q(1) = (1, 0), α .5, γ = λ = 1. The first step makes Q(0, 0) = .5; with action 1 in position 1 the trace of it is cut.
    ['Watkins, greedy', ZERO, [0.5 + 0.5 * -1 + 0.5 * 4, 1 + 0.5 * -1 + 0.5 * 4, 0]],
    ['Watkins, not greedy', ONE, [0.5, 1, 2]],
  ])('%s', (_name, draw, [first, second, third]) => {
    const learner = holding(new WatkinsQ('accumulating', 1, shape(3, 2), settings(0.5, 1)), [[0, 0], [1, 0], [0, 0]]);
    learner.begin(at(0), scripted([ZERO, draw, ZERO]));
    learner.step(0, at(1));
    learner.step(0, at(2));
    learner.end(4, at(0), true);
    expect([0, 2, 3].map((i) => learner.values.weights[i])).toEqual([first, second, third]);
    expect(learner.values.weights[4]).toBe(2);
  });

  test('a cut episode bootstraps, a terminated one does not', () => {
    for (const make of [
      () => new SarsaLambda('replacing', 0.9, shape(2, 1), settings(1, 0.5)),
      () => new WatkinsQ('replacing', 0.9, shape(2, 1), settings(1, 0.5)),
      () => new TrueOnlineSarsa(0.9, shape(2, 1), settings(1, 0.5)),
    ]) {
      for (const [terminated, value] of [[true, 1], [false, 6]] as const) {
        const learner = holding(make(), [[0], [10]]);
        learner.begin(at(0), createRng(1));
        learner.end(1, at(1), terminated);
        expect(learner.values.weights[0]).toBe(value);
      }
    }
  });

  /** The online λ-return algorithm, literally (Sutton and Barto 2018, section 12.4): all updates again at every horizon. */
  function onlineLambdaReturn(episode: readonly Int32Array[], rewards: readonly number[], terminated: boolean, first: Float64Array, rate: number, discount: number, lambda: number): Float64Array[] {
    const value = (weights: Float64Array, features: Int32Array) => features.reduce((sum, feature) => sum + weights[feature], 0);
    const final: Float64Array[] = [first];
    for (let horizon = 1; horizon <= rewards.length; horizon++) {
      const nStep = (t: number, n: number) => {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += discount ** k * rewards[t + k];
        return t + n === rewards.length && terminated ? sum : sum + discount ** n * value(final[t + n - 1], episode[t + n]);
      };
      const weights = first.slice();
      for (let t = 0; t < horizon; t++) {
        let target = lambda ** (horizon - t - 1) * nStep(t, horizon - t);
        for (let n = 1; n < horizon - t; n++) target += (1 - lambda) * lambda ** (n - 1) * nStep(t, n);
        const error = target - value(weights, episode[t]);
        for (const feature of episode[t]) weights[feature] += rate * error;
      }
      final.push(weights);
    }
    return final;
  }

  test.each([
    [0, 1], [0.5, 0.9], [0.9, 1], [1, 0.95],
  ])('true online: the weights of the online λ-return algorithm at every step (λ %d, γ %d)', (lambda, discount) => {
    const random = createRng(`true online ${lambda}`);
    for (const terminated of [true, false]) {
      const learner = new TrueOnlineSarsa(lambda, { features: 7, active: 2, actions: 1 }, settings(0.4, discount));
      for (let i = 0; i < 7; i++) learner.values.weights[i] = random.float() - 0.5;
      const first = learner.values.weights.slice();
      // Features come back often, which is where dutch traces differ from others.
      const episode = Array.from({ length: 13 }, () => at(random.below(3), 3 + random.below(4)));
      const rewards = Array.from({ length: 12 }, () => random.float() * 2 - 1);
      const expected = onlineLambdaReturn(episode, rewards, terminated, first, 0.2, discount, lambda);
      learner.begin(episode[0], createRng(1));
      rewards.forEach((reward, t) => {
        if (t === 11) learner.end(reward, episode[12], terminated);
        else learner.step(reward, episode[t + 1]);
        learner.values.weights.forEach((weight, i) => expect(weight).toBeCloseTo(expected[t + 1][i], 10));
      });
    }
  });
});

describe('Dyna', () => {
  test.each([[0, 0], [50, 0.9]])('two steps to a reward, once, with %d remembered ones: value of the first position %d', (planning, value) => {
    const learner = new DynaLearner(shape(3, 1), { ...settings(1, 0.9), planning, bonus: 0 });
    learner.begin(at(0), createRng(1));
    learner.step(0, at(1));
    learner.end(1, at(2), true);
    expect([...learner.values.weights]).toEqual([value, 1, 0]);
  });

  test('a step not tried for one step counts κ sqrt(1) more; untried actions lead back for nothing', () => {
    const learner = new DynaLearner(shape(3, 2), { ...settings(1, 0.9), planning: 1, bonus: 0.5 });
    // Remembered: entry 0, then entry 1, which is action 1 of position 0: never tried, imagined at step 1.
    learner.begin(at(0), scripted([ZERO, ZERO], [0, 1]));
    learner.step(2, at(1));
    // Q(0, 0) = 2; planning makes it 2 again.
    expect(learner.values.weights[0]).toBe(2);
    learner.end(1, at(2), true);
    // .5 sqrt(2) + .9 max Q(0) = .5 sqrt(2) + 1.8
    expect(learner.values.weights[1]).toBeCloseTo(0.5 * Math.SQRT2 + 1.8, 12);
  });

  test('a model of tiles is refused', () => {
    expect(() => new DynaLearner({ features: 8, active: 2, actions: 2 }, { ...settings(1, 1), planning: 1, bonus: 0 })).toThrow(/one feature/);
  });
});
