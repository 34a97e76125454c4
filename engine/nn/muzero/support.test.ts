import { describe, expect, it } from 'vitest';
import { binCount, decodeScalar, encodeScalar, squeeze, tf, unsqueeze } from '#engine/nn';
import { scalarOf } from './support.js';

describe('squeezing', () => {
  // By hand: h(3) = sqrt(4) - 1 + .003; h(-8) = -(sqrt(9) - 1) - .008; h(0) = 0; h(99) = 9 + .099.
  it.each([[3, 1.003], [-8, -2.008], [0, 0], [99, 9.099]])('h(%d) = %d', (x, y) => {
    expect(squeeze(x)).toBeCloseTo(y, 12);
    expect(unsqueeze(y)).toBeCloseTo(x, 9);
  });
});

describe('distributions of scalars', () => {
  const wide = { size: 3, scaled: false };
  it('split a number between its neighbours', () => {
    const out = new Float32Array(binCount(wide) + 2).fill(7);
    encodeScalar(wide, 1.25, out, 1);
    // Bins -3 … 3; 1.25 is three quarters at 1 and one at 2.
    expect([...out]).toEqual([7, 0, 0, 0, 0, 0.75, 0.25, 0, 7]);
    expect(decodeScalar(wide, out, 1)).toBeCloseTo(1.25, 6);
  });

  it.each([[-0.5, [0.5, 0.5, 0]], [1, [0, 0, 1]], [0, [0, 1, 0]], [-4, [1, 0, 0]]])('board games: %d is %j', (x, p) => {
    const out = new Float32Array(3);
    encodeScalar({ size: 1, scaled: false }, x, out, 0);
    expect([...out]).toEqual(p);
  });

  it('are read back in tensors as here', () => {
    const support = { size: 20, scaled: true };
    for (const x of [-120, -3.5, 0, 0.2, 17, 300]) {
      const p = new Float32Array(41);
      encodeScalar(support, x, p, 0);
      const logits = tf.tensor(p.map((v) => Math.log(v + 1e-12)), [1, 41]);
      const got = tf.tidy(() => scalarOf(support, logits).dataSync()[0]);
      expect(Math.abs(got - x)).toBeLessThan(2e-3 * Math.max(1, Math.abs(x)));
      logits.dispose();
    }
  });
});
