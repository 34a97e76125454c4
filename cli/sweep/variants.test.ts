import { describe, expect, it } from 'vitest';
import { dotPlot } from './dots.js';
import { difference, parseVariant, parseVariants, summarize } from './variants.js';

describe('variants', () => {
  it('are a name and settings, whose values may hold commas', () => {
    expect(parseVariant('a-b.2:search.simulations=0:8,500:16,network.hidden=64,64,seed=3')).toEqual({ name: 'a-b.2', settings: ['search.simulations=0:8,500:16', 'network.hidden=64,64', 'seed=3'] });
    expect(parseVariant('anchors:evaluation.anchors=uct:sims=10,c=1.4;random,search.kind=puct').settings).toHaveLength(3);
  });
  it.each(['puct', ':search.kind=puct', '../up:search.kind=puct', 'a b:search.kind=puct', 'a:'])('%s is none', (text) => {
    expect(() => parseVariant(text)).toThrow(/a variant is NAME:key=value/);
  });
  it('the default comes first and keeps its name; no name comes twice', () => {
    expect(parseVariants(['a:seed=1']).map(({ name }) => name)).toEqual(['default', 'a']);
    expect(() => parseVariants(['default:seed=1'])).toThrow(/name of the settings as they are/);
    expect(() => parseVariants(['a:seed=1', 'A:seed=2'])).toThrow(/two variants are named/);
  });
});

describe('what runs have in common', () => {
  const a = summarize([0.9, 0.92, 0.94]);
  it('is a mean with its standard error', () => {
    expect(a.mean).toBeCloseTo(0.92, 12);
    expect(a.standardError).toBeCloseTo(0.02 / Math.sqrt(3), 12);
    expect(summarize([0.5])).toEqual({ n: 1, mean: 0.5, standardError: null });
    expect(summarize([])).toEqual({ n: 0, mean: null, standardError: null });
  });
  it('differs by means, and errors add as squares', () => {
    const b = summarize([0.8, 0.88]);
    expect(difference(a, b).mean).toBeCloseTo(0.08, 12);
    expect(difference(a, b).standardError).toBeCloseTo(Math.hypot(0.02 / Math.sqrt(3), 0.04), 12);
    expect(difference(a, summarize([1])).standardError).toBeNull();
  });
});

describe('the picture', () => {
  const rows = [
    { name: 'default', points: [{ mean: 0.9, error: 0.01, each: [0.89, 0.91] }, { mean: 0.7, error: 0, each: [0.7, 0.7] }] },
    { name: '<b>', points: [{ mean: 0.95, error: null, each: [0.95] }, { mean: null, error: null, each: [] }] },
  ];
  const svg = dotPlot('T & U', ['25 simulations', 'network alone'], rows, 'a note');
  it('is whole and safe', () => {
    expect(svg).toContain('T &amp; U');
    expect(svg).toContain('&lt;b&gt;');
    expect(svg).not.toMatch(/NaN|Infinity|undefined|null/);
    expect(dotPlot('T', ['x'], [{ name: 'all', points: [{ mean: 1, error: 0, each: [1, 1] }] }], '')).not.toMatch(/100\.\d*[1-9]\d* %/);
    expect(dotPlot('empty', ['x'], [], '')).not.toMatch(/NaN|Infinity|undefined/);
  });
  it('has an error bar where there is one, a strong dot for each mean, and higher shares further right', () => {
    expect(svg.match(/<path /g)).toHaveLength(2);
    const means = [...svg.matchAll(/<circle cx="([\d.]+)" cy="\d+" r="3.5" fill="[^"]+"\/>(?!<text)/g)].map((match) => Number(match[1]));
    expect(means).toHaveLength(3);
    // Panel by panel: the two means with search, then the network's, beside them on an axis of its own.
    const [first, second, network] = means;
    expect(first).toBeLessThan(second);
    expect(second).toBeLessThan(network);
  });
});
