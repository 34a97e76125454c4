import { describe, expect, test } from 'vitest';
import { type AdjudicationRules, Adjudicator } from './adjudication.js';
import { Clocks, parseClock, printClock } from './clock.js';

/** Values of the moves, seat 0 first and alternating; the index of the ply that ended it, with the result of seat 0. */
function verdict(rules: AdjudicationRules, values: readonly (number | undefined)[]): [ply: number, result: number] | undefined {
  const adjudicator = new Adjudicator(rules);
  for (const [ply, value] of values.entries()) {
    const found = adjudicator.move(ply % 2 === 0 ? 0 : 1, value);
    if (found !== undefined) return [ply, found.result];
  }
  return undefined;
}

describe('adjudication', () => {
  const draw: AdjudicationRules = { draw: { score: 0.05, moves: 2, after: 3 } };
  const resign: AdjudicationRules = { resign: { score: 0.9, moves: 2 } };
  const x = undefined;
  // Rules of arena.md §1, worked by hand.
  test.each<[string, AdjudicationRules, (number | undefined)[], [number, number] | undefined]>([
    ['a draw by both, from the third move on', draw, [0, 0, 0, 0, 0, 0, 0, 0, 0], [7, 0]],
    ['not by one player alone', draw, [0, 0.5, 0, 0.5, 0, 0.5, 0, 0.5, 0, 0.5], undefined],
    ['a missing value begins the counts anew', draw, [0, 0, 0, 0, 0, 0, x, 0, 0, 0, 0, 0], [10, 0]],
    ['a value in between ends the row', draw, [0, 0, 0, 0, 0, 0, 0.3, 0, 0, 0, 0, 0], [10, 0]],
    ['won for seat 0 by both', resign, [0.95, -0.95, 0.95, -0.95], [3, 1]],
    ['won for seat 1 by both', resign, [-0.95, 0.95, -0.95, 0.95], [3, -1]],
    ['an optimist does not win alone', resign, [0.95, 0, 0.95, 0, 0.95, 0], undefined],
    ['a pessimist does not lose alone', resign, [-0.95, 0.5, -0.95, 0.5, -0.95, 0.5], undefined],
    ['two optimists', resign, [0.95, 0.95, 0.95, 0.95, 0.95, 0.95], undefined],
    ['not a number is missing', resign, [0.95, -0.95, Number.NaN, -0.95, 0.95, -0.95], undefined],
    ['the longest allowed length', { maxPlies: 3 }, [x, x, x, x], [2, 0]],
    ['no rules', {}, [1, -1, 1, -1, 1, -1], undefined],
  ])('%s', (_, rules, values, expected) => {
    expect(verdict(rules, values)).toEqual(expected);
  });
});

describe('clocks', () => {
  test.each([['10+0.1', 10_000, 100], ['60', 60_000, 0], ['0.5+0.05', 500, 50]])('%s', (text, base, increment) => {
    expect(parseClock(text)).toEqual({ base, increment });
    expect(parseClock(printClock(parseClock(text)))).toEqual({ base, increment });
  });

  test.each(['', '10+', '+1', 'ten', '0', '10:00', '-5', '1e3'])('%j is refused', (text) => {
    expect(() => parseClock(text)).toThrow(/such as 10\+0\.1/);
  });

  test("Fischer's: what is used is taken, the increment added after the move", () => {
    const clocks = new Clocks([{ clock: { base: 1000, increment: 100 } }, { moveMillis: 50 }]);
    expect(clocks.allowance(0)).toBe(1000);
    clocks.spend(0, 300);
    expect(clocks.reading(0)).toEqual({ clock: { own: 800, opponent: 0, increment: 100 } });
    expect(clocks.reading(1)).toEqual({ millis: 50 });
    clocks.spend(1, 40);
    expect(clocks.allowance(1)).toBe(50);
    clocks.spend(0, 5000);
    expect(clocks.allowance(0)).toBe(100);
  });
});
