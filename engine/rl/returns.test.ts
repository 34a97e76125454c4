import { describe, expect, it } from 'vitest';
import { discountedReturns, generalisedAdvantages, nStepReturn, standardise, type Rollout } from './returns.js';

/** One environment; what followed the last step is `bootstrap`, and the episode ended there. */
function rollout(rewards: number[], values: number[], bootstrap = 0): Rollout {
  const steps = rewards.length;
  return {
    steps, n: 1, rewards: Float32Array.from(rewards), values: Float32Array.from(values),
    nextValues: Float32Array.from([...values.slice(1), bootstrap]), ended: Uint8Array.from({ length: steps }, (_, t) => (t === steps - 1 ? 1 : 0)),
  };
}

function advantages(given: Rollout, gamma: number, lambda: number): number[] {
  const out = new Float32Array(given.steps * given.n);
  generalisedAdvantages(given, gamma, lambda, out);
  return [...out];
}

const close = (actual: ArrayLike<number>, expected: readonly number[], digits = 5) => expected.forEach((value, i) => expect(actual[i], `entry ${i}`).toBeCloseTo(value, digits));

describe('returns, worked out by hand', () => {
  it('1 + .9 * 2 + .81 * 3 = 5.23', () => {
    const out = new Float64Array(3);
    discountedReturns([1, 2, 3], 0.9, out);
    close(out, [5.23, 4.7, 3], 12);
  });
  it('with a bootstrap of 10 after three steps: 12.52', () => {
    expect(nStepReturn([1, 2, 3], 0.9, 10)).toBeCloseTo(12.52, 12);
    const out = new Float64Array(3);
    discountedReturns([1, 2, 3], 0.9, out, 10);
    expect(out[0]).toBeCloseTo(12.52, 12);
  });
});

describe('generalised advantage estimation', () => {
  const example = rollout([1, 0, -1, 2, 1], [0.5, 0.4, 0.3, 0.2, 0.1]);

  it('five steps by hand, gamma .99, lambda .95', () => close(advantages(example, 0.99, 0.95), [2.108333, 1.28903, 1.480096, 2.74545, 0.9]));
  it('lambda 0 is the one-step error', () => close(advantages(example, 0.99, 0), [1 + 0.99 * 0.4 - 0.5, 0.99 * 0.3 - 0.4, -1 + 0.99 * 0.2 - 0.3, 2 + 0.99 * 0.1 - 0.2, 0.9]));
  it('lambda 1 is the return minus the value', () => {
    const returns = new Float64Array(5);
    discountedReturns(example.rewards, 0.99, returns);
    close(advantages(example, 0.99, 1), [...returns].map((g, t) => g - example.values[t]));
  });
  it('plus the values, the lambda-return', () => {
    const other = rollout([1, 0, 2, 0, 3], [0.5, -0.2, 0.3, 0.1, 0.4]);
    close(advantages(other, 0.9, 0.8).map((a, t) => a + other.values[t]), [2.882100736, 2.6640288, 3.62504, 2.232, 3]);
  });

  it('an end cuts the trace, and only a true end is worth nothing', () => {
    // Step 0 ends an episode; steps 1 and 2 belong to the next one, which goes on with value 7.
    const given = (nextOfFirst: number): Rollout => ({
      steps: 3, n: 1, rewards: Float32Array.of(1, 1, 1), values: Float32Array.of(2, 3, 4), nextValues: Float32Array.of(nextOfFirst, 4, 7), ended: Uint8Array.of(1, 0, 0),
    });
    const [second, third] = [1 + 0.5 * 4 - 3 + 0.5 * 0.5 * (1 + 0.5 * 7 - 4), 1 + 0.5 * 7 - 4];
    close(advantages(given(0), 0.5, 0.5), [1 - 2, second, third]);
    close(advantages(given(10), 0.5, 0.5), [1 + 0.5 * 10 - 2, second, third]);
  });

  it('keeps environments apart', () => {
    const [a, b] = [rollout([1, 0, -1], [0.5, 0.4, 0.3]), rollout([2, 1, 0], [0.1, 0.2, 0.3], 5)];
    const weave = (x: ArrayLike<number>, y: ArrayLike<number>) => Array.from({ length: 6 }, (_, i) => (i % 2 === 0 ? x : y)[i >> 1]);
    const both: Rollout = {
      steps: 3, n: 2, rewards: Float32Array.from(weave(a.rewards, b.rewards)), values: Float32Array.from(weave(a.values, b.values)),
      nextValues: Float32Array.from(weave(a.nextValues, b.nextValues)), ended: Uint8Array.from(weave(a.ended, b.ended)),
    };
    close(advantages(both, 0.9, 0.7), weave(advantages(a, 0.9, 0.7), advantages(b, 0.9, 0.7)), 6);
  });
});

it('standardised values have mean 0 and deviation 1; equal ones become 0, not NaN', () => {
  const values = Float32Array.of(1, 2, 3, 4);
  standardise(values);
  close(values, [-1.3416408, -0.4472136, 0.4472136, 1.3416408]);
  const equal = new Float32Array(3).fill(2);
  standardise(equal);
  close(equal, [0, 0, 0]);
});
