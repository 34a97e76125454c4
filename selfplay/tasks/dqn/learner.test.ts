import { describe, expect, it } from 'vitest';
import { gameTask } from '../index.js';
import { CELLS, answers, corridor, mean, playGreedily, start, train } from '../testing.js';
import type { Environments, LearnerState } from '../types.js';
import { dqnAlgorithms } from './index.js';

const [dqn] = dqnAlgorithms;

const SMALL = { double: false, nStep: 1, environments: 4, hidden: [16], batch: 16, warmup: 64, replay: 2000, updateRatio: 0.25, targetEvery: 20, discount: 0.9, learningRate: 0.01, learningRateEnd: 0.001, epsilonFrames: 500, epsilonEnd: 0.2, frames: 'bits', low: 0, high: 1, atoms: 11, quantiles: 8 } as const;
const SWITCHES: Record<string, Record<string, unknown>> = {
  'DQN': {},
  'Double DQN': { double: true },
  'dueling': { dueling: true },
  'prioritised': { prioritised: true },
  'three steps': { nStep: 3, double: true, epsilonEnd: 0.1, learningRateEnd: 0.0002 },
  'noisy': { noisy: 'head', sigma: 0.8, noiseSteps: 2, noiseEnd: 0.5, noiseFrames: 4000 },
  'C51': { distribution: 'c51' },
  'QR-DQN': { distribution: 'qr' },
  'soft target, RMSProp, Huber': { tau: 0.05, targetEvery: 0, optimizer: 'rmsprop', epsilonAdam: 0.001, loss: 'huber' },
  'Rainbow': { double: true, dueling: true, prioritised: true, nStep: 3, noisy: 'dense', distribution: 'c51' },
};

/**
 * How far values may be off beside the way that is walked: right of cell 1, and left of cells 2 and 3. Three to six seeds of each (1 to 6) were off by at most
 * .05 and .07; where noise alone explores, cells beside the way are hardly seen again: .03 and .11 for 'noisy', .16 and .15 for 'Rainbow'.
 */
const BESIDE: Record<string, readonly [right: number, left: number]> = { noisy: [0.07, 0.2], Rainbow: [0.25, 0.25] };

describe('every switch learns the values of a corridor', () => {
  it.each(Object.keys(SWITCHES))('%s', async (name) => {
    const started = await train(corridor(), 'dqn', { frames: 5000, config: { ...SMALL, ...SWITCHES[name] } });
    const planes = new Float32Array(3 * CELLS);
    [1, 2, 3].forEach((cell, row) => (planes[row * CELLS + cell] = 1));
    const { policy, value } = await answers(started, planes);
    // Right of each cell: .9^2, .9, 1. Left: of cell 1 the cut one's value, never less than 0; of the others .9 x .81 and .9 x .9.
    const [right, left] = BESIDE[name] ?? [0.07, 0.12];
    [0.81, 0.9, 1].forEach((expected, row) => expect(Math.abs(policy[2 * row + 1] - expected), `right of ${row + 1}`).toBeLessThan(row === 0 ? right : 0.07));
    [0.729, 0.81].forEach((expected, i) => expect(Math.abs(policy[2 * i + 2] - expected), `left of ${i + 2}`).toBeLessThan(left));
    expect([...value]).toEqual([0, 1, 2].map((row) => Math.max(policy[2 * row], policy[2 * row + 1])));
    expect(mean((await playGreedily(started, 3)).returns)).toBe(1);
    await started.learner.close();
  });
});

it('noise that has faded to nothing touches neither actions nor targets nor updates', async () => {
  const learnt = async (sigma: number) => {
    const started = await train(corridor(), 'dqn', { frames: 600, config: { ...SMALL, ...SWITCHES.Rainbow, sigma, noiseEnd: 0, noiseFrames: 0 } });
    const { policy } = await answers(started, Float32Array.from({ length: CELLS }, (_, i) => Number(i === 1)));
    await started.learner.close();
    return policy;
  };
  expect(await learnt(0.8)).toEqual(await learnt(0));
});

describe('a run', () => {
  const bytes = (state: LearnerState) => Object.entries({ ...state.arrays, ...state.experience }).map(([name, array]) => `${name} ${Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64')}`);

  it.each(['DQN', 'Rainbow'])('%s: interrupted and resumed equals uninterrupted, bit for bit', async (name) => {
    const options = { frames: 1600, config: { ...SMALL, ...SWITCHES[name], updateRatio: 0.3 } };
    const whole = await train(corridor(), 'dqn', options);
    const first = await start(corridor(), 'dqn', options);
    while (first.learner.frames < 700) await first.learner.advance();
    const saved = structuredClone(await first.learner.state());
    const environments = first.environments.save() as Uint8Array;
    const frames = first.learner.frames;
    // Whatever the first one does afterwards is its own business.
    await first.learner.advance();
    const second = await start(corridor(), 'dqn', options);
    await second.environments.restore(environments);
    await second.learner.restore(saved);
    expect(second.learner.frames).toBe(frames);
    while (second.learner.frames < options.frames) await second.learner.advance();
    const [a, b] = [await whole.learner.state(), await second.learner.state()];
    expect(b.json).toEqual(a.json);
    expect(bytes(b)).toEqual(bytes(a));
    for (const { learner } of [whole, first, second]) await learner.close();
  });

  it('updates by credit: none in the warm-up, then exactly four a step with a ratio of 4', async () => {
    const { learner } = await start(corridor(), 'dqn', { frames: 400, config: { ...SMALL, environments: 1, updateRatio: 4 } });
    while (learner.frames < 100) await learner.advance();
    expect(learner.steps).toBe(4 * (learner.frames - SMALL.warmup));
    await learner.close();
  });

  it('tells of its losses and figures', async () => {
    const { learner } = await train(corridor(), 'rainbow', { frames: 400, config: { ...SMALL, betaStart: 0.4, betaEnd: 1 } });
    const { losses, values } = learner.metrics();
    expect(Object.keys(losses)).toEqual(['total']);
    expect(losses.total).toBeGreaterThan(0);
    expect(values).toMatchObject({ epsilon: 0, beta: 1, learningRate: 0.001 });
    expect(learner.metrics().losses).toEqual({});
    await learner.close();
  });

  it('at the same seed does the same; at another, something else', async () => {
    const weights = async (seed: number) => {
      const { learner } = await train(corridor(), 'rainbow', { seed, frames: 300, config: SMALL });
      const state = bytes(await learner.state()).join();
      await learner.close();
      return state;
    };
    const first = await weights(1);
    expect((await weights(1)) === first).toBe(true);
    expect((await weights(2)) === first).toBe(false);
  });
});

describe('what cannot be learnt from', () => {
  const run = (spoil: (environments: Environments, step: number) => void, config: Record<string, unknown> = {}) =>
    train(corridor(spoil), 'dqn', { frames: 3000, config: { ...SMALL, ...config } });

  it('an observation that is no number', () =>
    expect(run(({ planes }, step) => step === 9 && (planes[3] = NaN), { frames: 'floats' })).rejects.toThrow('an observation holds NaN at index 3'));
  it('an observation that does not fit how it is kept', () =>
    expect(run(({ planes }, step) => step === 9 && (planes[3] = 0.25))).rejects.toThrow("holds 0.25 at index 3: frames kept as 'bits' hold 0 and 1; use frames=floats"));
  it('a reward that is no number', () =>
    expect(run(({ rewards }, step) => step === 9 && (rewards[1] = NaN))).rejects.toThrow('environment 1 gave the reward NaN'));
  it('a loss that overflows: the step and the term are named', () =>
    expect(run(({ rewards }) => rewards.fill(3e38), { learningRate: 10 })).rejects.toThrow(/the loss 'total' became (NaN|Infinity) at step \d+/));
  it('a state of other settings', async () => {
    const { learner } = await start(corridor(), 'dqn', { frames: 100, config: SMALL });
    const saved = await learner.state();
    const other = await start(corridor(), 'dqn', { frames: 100, config: { ...SMALL, hidden: [8] } });
    await expect(other.learner.restore(saved)).rejects.toThrow('the saved target network has 130 numbers; expected 66');
    await expect(learner.restore({ ...saved, json: {} })).rejects.toThrow("the saved learner has no 'frames'");
    await learner.close();
    await other.learner.close();
  });
  it('settings that contradict each other', async () => {
    const attempt = (config: Record<string, unknown>) => start(corridor(), 'dqn', { frames: 100, config: { ...SMALL, ...config } });
    await expect(attempt({ tau: 0.005 })).rejects.toThrow('tau is 0.005 and targetEvery 20');
    await expect(attempt({ targetEvery: 0 })).rejects.toThrow('either follows softly');
    await expect(attempt({ low: 2 })).rejects.toThrow('c51 needs low < high');
    await expect(attempt({ warmup: 5 })).rejects.toThrow('at least a batch of steps (16)');
  });
  it('a task with one action', () => expect(dqn.refuses({ ...corridor(), actionCount: 1 })).toContain('one action only'));
});

it('has settings for images, vectors and MinAtar', async () => {
  const { createMinAtar } = await import('#games/minatar');
  const breakout = gameTask(createMinAtar('breakout', { actions: 'minimal' }));
  expect(dqn.defaults(breakout)).toMatchObject({ frames: 'bits', convolutions: [[16, 3, 1]], nStep: 1, distribution: 'value' });
  expect(dqnAlgorithms[1].defaults({ ...breakout, id: 'freeway-minimal' })).toMatchObject({ nStep: 10, noiseSteps: 16, noiseEnd: 0.3, tau: 0.01, targetEvery: 0, distribution: 'c51' });
  expect(dqn.defaults({ ...corridor(), planes: [4, 84, 84] })).toMatchObject({ frames: 'bytes', hidden: [512] });
  expect(dqn.defaults(corridor())).toMatchObject({ frames: 'floats', convolutions: [], double: true });
  expect(dqnAlgorithms[1].defaults(breakout)).toMatchObject({ double: true, dueling: true, prioritised: true, nStep: 3, noisy: 'head', distribution: 'c51' });
});
