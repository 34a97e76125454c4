import { describe, expect, test } from 'vitest';
import { normalCdf, invert } from './numeric.js';
import { eloOfScore, matchStatistics, sampleOfGames, sampleOfPairs, scoreOfElo } from './score.js';

const digits = (value: number | null, count: number): string => (value === null ? 'null' : value.toFixed(count));

describe('golden matches (figures of public match tools)', () => {
  test('W136 L96 D111', () => {
    const s = matchStatistics(sampleOfGames({ wins: 136, losses: 96, draws: 111 }));
    expect(digits(s.elo, 4)).toBe('40.7025');
    expect(digits(s.margin, 4)).toBe('30.4272');
    expect(digits(s.nelo, 4)).toBe('49.7684');
    expect(digits(s.neloMargin, 4)).toBe('36.7685');
    expect(digits(s.los! * 100, 4)).toBe('99.6010');
  });
  test('W76 L89 D123', () => {
    const s = matchStatistics(sampleOfGames({ wins: 76, losses: 89, draws: 123 }));
    expect(digits(s.elo, 4)).toBe('-15.6935');
    expect(digits(s.margin, 4)).toBe('30.4580');
    expect(digits(s.los! * 100, 4)).toBe('15.5326');
  });
  test('pairs LL,LD,WL,DD,WD,WW = 34,54,31,32,64,75', () => {
    const s = matchStatistics(sampleOfPairs([34, 54, 31, 32, 64, 75]));
    expect(digits(s.elo, 4)).toBe('55.5798');
    expect(digits(s.margin, 4)).toBe('27.6534');
    expect(digits(s.nelo, 4)).toBe('57.9356');
    expect(digits(s.neloMargin, 4)).toBe('28.2754');
  });
  test('five cells 379,10170,21828,10640,343', () => {
    const s = matchStatistics(sampleOfPairs([379, 10170, 21828, 10640, 343]));
    expect(digits(s.nelo, 4)).toBe('3.0505');
    expect(digits(s.neloMargin, 4)).toBe('2.3124');
  });
});

test.each([
  ['nothing played', { wins: 0, draws: 0, losses: 0 }],
  ['only wins', { wins: 12, draws: 0, losses: 0 }],
  ['only losses', { wins: 0, draws: 0, losses: 3 }],
  ['only draws', { wins: 0, draws: 9, losses: 0 }],
  ['one of each', { wins: 1, draws: 1, losses: 1 }],
])('degenerate: %s is null, never NaN', (_, games) => {
  for (const value of Object.values(matchStatistics(sampleOfGames(games)))) {
    if (value !== null) expect(Number.isFinite(value)).toBe(true);
  }
});

test('Elo and score are inverse', () => {
  for (const elo of [-700, -1, 0, 3.5, 250]) expect(eloOfScore(scoreOfElo(elo))).toBeCloseTo(elo, 9);
});

test('normal distribution function at tabulated points', () => {
  expect(normalCdf(0)).toBe(0.5);
  expect(normalCdf(1)).toBeCloseTo(0.8413447460685429, 14);
  expect(normalCdf(-2)).toBeCloseTo(0.0227501319481792, 14);
  expect(normalCdf(1.959963984540054)).toBeCloseTo(0.975, 14);
});

test('a matrix times its inverse is the identity; a singular one has none', () => {
  const m = Float64Array.of(0, 2, 1, 1, 1, 0, 3, 0, 1);
  const inverse = invert(m, 3)!;
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      let sum = 0;
      for (let k = 0; k < 3; k++) sum += m[i * 3 + k] * inverse[k * 3 + j];
      expect(sum).toBeCloseTo(i === j ? 1 : 0, 12);
    }
  }
  expect(invert(Float64Array.of(1, 2, 2, 4), 2)).toBeUndefined();
});
