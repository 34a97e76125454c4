import { describe, expect, it } from 'vitest';
import { createRng } from '#engine';
import { Agreement } from './agreement.js';

/** Results of -1 and 1 whose mean is `honesty` times the predicted value. */
function games(honesty: number, count = 4000): Agreement {
  const rng = createRng('agreement');
  const agreement = new Agreement();
  for (let i = 0; i < count; i++) {
    const value = 2 * rng.float() - 1;
    agreement.add(value, rng.float() < (1 + honesty * value) / 2 ? 1 : -1);
  }
  return agreement;
}

describe('values against results', () => {
  it('of honest values have slope 1; the correlation is then the spread of the values, 1 / sqrt(3)', () => {
    expect(games(1).slope).toBeCloseTo(1, 1);
    expect(games(1).correlation).toBeCloseTo(1 / Math.sqrt(3), 1);
  });
  it('that promise twice too much have slope 1/2', () => expect(games(0.5).slope).toBeCloseTo(0.5, 1));
  it('say nothing of few pairs, or where nothing varies', () => {
    expect([games(1, 29).slope, games(1, 29).correlation]).toEqual([undefined, undefined]);
    const flat = new Agreement();
    for (let i = 0; i < 50; i++) flat.add(0.3, 1);
    expect([flat.slope, flat.correlation]).toEqual([undefined, undefined]);
  });
});
