import { describe, expect, it } from 'vitest';
import { halvingTable, improvedPolicy, mixedValue, sigmaScale } from './gumbel-math.js';

describe('sequential halving table', () => {
  // Worked by hand: L = ceil(log2 m) rounds; each gives every action left max(1, floor(n / (L · left))) visits.
  const rows: [considered: number, simulations: number, table: number[]][] = [
    [1, 3, [0, 1, 2]],
    [2, 5, [0, 0, 1, 1, 2]],
    [3, 12, [0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 4]],
    [4, 8, [0, 0, 0, 0, 1, 1, 2, 2]],
    // An unrounded log2 6 = 2.58 would give the second round two visits each.
    [6, 16, [0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5]],
    [7, 16, [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 4]],
    [16, 32, [...Array(16).fill(0), ...Array(8).fill(1), 2, 2, 2, 2, 3, 3, 3, 3]],
    [5, 5, [0, 0, 0, 0, 0]],
    [0, 0, []],
  ];
  it.each(rows)('%i actions, %i simulations', (considered, simulations, table) => {
    expect([...halvingTable(considered, simulations)]).toEqual(table);
  });
});

describe('completed Q', () => {
  const priors = Float64Array.of(0.5, 0.3, 0.2);

  it('v_mix, by hand', () => {
    // (0.5 + 3 · (0.5·0.6 + 0.2·0.9) / 0.7) / 4
    expect(mixedValue(0.5, 2 + 1, 0.5 + 0.2, 0.5 * 0.6 + 0.2 * 0.9)).toBeCloseTo(0.639285714, 8);
    expect(mixedValue(0.5, 0, 0, 0)).toBe(0.5);
  });

  it('σ and the improved policy, by hand', () => {
    expect(sigmaScale(50, 4, 1)).toBe(54);
    expect(sigmaScale(50, 4, 0.1)).toBeCloseTo(5.4, 12);
    // softmax(ln .5 + 2·.5, ln .3 + 2·1, ln .2): .5e, .3e², .2 over their sum 3.775858
    const out = new Float64Array(3);
    improvedPolicy(Float64Array.of(9, ...priors), 1, Float64Array.of(0.5, 1, 0), 2, out, 3);
    expect([...out].map((x) => x.toFixed(5))).toEqual(['0.35996', '0.58708', '0.05297']);
  });

  it('stays finite where a hopeless prior meets a great σ', () => {
    const out = new Float64Array(2);
    improvedPolicy(Float64Array.of(1, 1e-30), 0, Float64Array.of(0, 1), 850, out, 2);
    expect([...out]).toEqual([0, 1]);
  });
});
