import { describe, expect, it } from 'vitest';
import { meanCurve, standardError, svgPlot, textPlot, type Curve } from './plot.js';

const curves: Curve[] = [[[0, 0], [100, 10]], [[0, 2], [50, 7], [100, 12]], [[10, 2.5], [120, 13]]];

describe('the mean of several curves', () => {
  const average = meanCurve(curves, 10);
  it('is taken where all have a value, between reports by straight lines', () => {
    expect(average.frames[0]).toBe(10);
    expect(average.frames.at(-1)).toBe(100);
    // At 100: 10, 12 and 2.5 + 10.5 * 90 / 110.
    const last = [10, 12, 2.5 + (10.5 * 90) / 110];
    expect(average.mean.at(-1)).toBeCloseTo(last.reduce((a, b) => a + b) / 3, 9);
    expect(average.error.at(-1)).toBeCloseTo(standardError(last), 9);
  });
  it('has no error with one seed, and nothing to show without a curve', () => {
    expect(meanCurve([curves[0]], 5).error).toEqual([0, 0, 0, 0, 0]);
    expect(textPlot(meanCurve([]))).toContain('too short');
  });
  it('is drawn within its axes', () => {
    const lines = textPlot(average, 6).split('\n');
    expect(lines).toHaveLength(8);
    // It rises: the first star is below the last.
    const row = (column: number) => lines.findIndex((line) => line.split('│')[1]?.[column] === '*');
    expect(row(0)).toBeGreaterThan(row(9));
  });
});

it('the standard error of 1, 2, 3 is 1 / sqrt 3', () => expect(standardError([1, 2, 3])).toBeCloseTo(1 / Math.sqrt(3), 12));

it('the picture is whole and safe: names are escaped, numbers finite', () => {
  const svg = svgPlot('a < b & c', curves, meanCurve(curves));
  expect(svg).toContain('a &lt; b &amp; c');
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  expect(svg.match(/<path /g)).toHaveLength(5);
});
