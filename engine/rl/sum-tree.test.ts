import { describe, expect, it } from 'vitest';
import { createRng } from '#engine';
import { SumTree } from '#engine/rl';

describe('sum tree', () => {
  it('finds the entry under a point: masses 3, 0, 1, 4, 2 cover [0,3) [3,3) [3,4) [4,8) [8,10)', () => {
    const tree = new SumTree(5);
    [3, 0, 1, 4, 2].forEach((mass, i) => tree.set(i, mass));
    expect(tree.total).toBe(10);
    expect([0, 2.99, 3, 3.99, 4, 7.99, 8, 9.99].map((point) => tree.find(point))).toEqual([0, 0, 2, 2, 3, 3, 4, 4]);
    // Rounding can put a point at the very end: it is still an entry with a mass.
    expect(tree.find(10)).toBe(4);
    tree.set(4, 0);
    expect(tree.find(8)).toBe(3);
  });

  it('agrees with plain sums after many changes, and never finds an entry without mass', () => {
    const rng = createRng('sums');
    const masses = new Float64Array(77);
    const tree = new SumTree(77);
    for (let i = 0; i < 2000; i++) {
      const index = rng.below(77);
      const mass = rng.float() < 0.3 ? 0 : rng.below(1000);
      tree.set(index, (masses[index] = mass));
      const total = masses.reduce((a, b) => a + b);
      expect(tree.total).toBe(total);
      if (total === 0) continue;
      let point = rng.float() * total;
      const found = tree.find(point);
      let expected = 0;
      while (point >= masses[expected]) point -= masses[expected++];
      expect(found).toBe(expected);
    }
  });

  it('draws in proportion: 10,000 draws of odds .1, .2, .3, .4 lie within four standard deviations', () => {
    const tree = new SumTree(4);
    [1, 2, 3, 4].forEach((mass, i) => tree.set(i, mass));
    const rng = createRng('odds');
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 10_000; i++) counts[tree.find(rng.float() * tree.total)]++;
    counts.forEach((count, i) => {
      const p = (i + 1) / 10;
      expect(Math.abs(count - 10_000 * p)).toBeLessThan(4 * Math.sqrt(10_000 * p * (1 - p)));
    });
  });

  it('goes on from its masses', () => {
    const tree = new SumTree(6);
    [0.1, 0.7, 0, 2, 5, 0.3].forEach((mass, i) => tree.set(i, mass));
    const copy = new SumTree(6);
    copy.restore(tree.masses());
    expect([copy.total, copy.find(2), copy.get(4)]).toEqual([tree.total, tree.find(2), 5]);
    expect(() => copy.restore(new Float64Array(5))).toThrow('has 5 entries; this one has 6');
  });

  it.each([[NaN], [-1], [Infinity]])('refuses the mass %d', (mass) => expect(() => new SumTree(3).set(1, mass)).toThrow(`entry 1 is ${mass}`));
  it('refuses a size of 0', () => expect(() => new SumTree(0)).toThrow('holds 0 entries'));
});
