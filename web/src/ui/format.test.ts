import { describe, expect, it } from 'vitest';
import { NONE, compact, count, duration, millis, percent, plural, signed, span } from './format.js';

describe('numbers for people', () => {
  it.each([[0, '0'], [950, '950'], [999, '999'], [999.6, '1.00k'], [12345, '12.3k'], [1_500_000, '1.50M'], [0.456, '0.46'], [-2500, '\u22122.50k']])(
    'compact %d', (value, text) => expect(compact(value)).toBe(text));
  it.each([[0.31, '+0.31'], [-0.2, '\u22120.20'], [0, '0.00'], [-0.001, '0.00']])('signed %d', (value, text) => expect(signed(value)).toBe(text));
  it.each([[5, '5\u00a0s'], [185, '3\u00a0min 05\u00a0s'], [7625, '2\u00a0h 07\u00a0min'], [-3, '0\u00a0s']])(
    'duration %d', (value, text) => expect(duration(value)).toBe(text));
  it('percent, count, millis, plural', () => {
    expect(percent(0.954, 1)).toBe('95.4\u00a0%');
    expect(count(12345.4)).toBe('12,345');
    expect(millis(480.4)).toBe('480\u00a0ms');
    expect(millis(2430)).toBe('2.4\u00a0s');
    expect([plural(1, 'game'), plural(2, 'game')]).toEqual(['1 game', '2 games']);
  });
  it('span, for the edge of a plot', () => expect([40, 100, 150, 3600 * 1.25].map(span)).toEqual(['40\u00a0s', '1.7\u00a0min', '2.5\u00a0min', '1.3\u00a0h']));

  it('shows a dash for what is unknown or not a number', () => {
    for (const format of [compact, count, percent, signed, duration, span, millis]) {
      expect(format(undefined)).toBe(NONE);
      expect(format(Number.NaN)).toBe(NONE);
    }
  });
});
