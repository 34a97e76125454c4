import { describe, expect, it } from 'vitest';
import { createRng } from '#engine';
import { ReplayMemory, type ReplayBatch, type ReplayOptions } from '#engine/rl';

type End = Parameters<ReplayMemory['act']>[3];

const base: ReplayOptions = { environments: 1, capacity: 64, frameSize: 1, frames: 'floats', actions: 2, steps: 1, discount: 0.9 };
const LEGAL = Uint8Array.of(1, 1);

/** One environment that observes 1, 2, 3, ... and is paid as told; an episode that is cut ends in .5 more. */
class Story {
  readonly memory: ReplayMemory;
  private now = 0;

  constructor(options: Partial<ReplayOptions>) {
    this.memory = new ReplayMemory({ ...base, ...options });
  }

  tell(...steps: (readonly [reward: number, end?: End])[]): this {
    for (const [reward, end = 'none'] of steps) {
      this.now++;
      this.memory.observe(0, Float32Array.of(this.now), LEGAL, 0);
      this.memory.act(0, this.now % 2, reward, end, Float32Array.of(this.now + 0.5), 0);
    }
    return this;
  }

  /** Everything that can be drawn, by what was observed first: [after, return, discount]. */
  get windows(): Record<number, [number, number, number]> {
    const batch = this.memory.batch(256);
    this.memory.draw(batch, createRng('all'), 0);
    const found: Record<number, [number, number, number]> = {};
    for (let i = 0; i < batch.size; i++) {
      if (batch.actions[i] !== batch.planes[i] % 2) throw new Error(`step ${batch.planes[i]} has the action ${batch.actions[i]}`);
      found[batch.planes[i]] = [batch.nextPlanes[i], round(batch.returns[i]), round(batch.discounts[i])];
    }
    return found;
  }
}

const round = (x: number) => Math.round(x * 1e5) / 1e5;

describe('windows', () => {
  it('of one step: drawn once what follows has been observed', () => {
    const story = new Story({}).tell([1], [2]);
    expect(story.windows).toEqual({ 1: [2, 1, 0.9] });
    expect(story.tell([3]).windows).toEqual({ 1: [2, 1, 0.9], 2: [3, 2, 0.9] });
  });

  it('of three steps: 1 + .9 x 2 + .81 x 3 = 5.23, then .729 of what is observed there', () => {
    // With a bootstrap of 10 that makes 5.23 + 7.29 = 12.52.
    const [after, sum, factor] = new Story({ steps: 3 }).tell([1], [2], [3], [9]).windows[1];
    expect([after, sum, factor]).toEqual([4, 5.23, 0.729]);
    expect(sum + factor * 10).toBeCloseTo(12.52, 10);
  });

  it('end with a true end, after which nothing is worth anything', () => {
    const { windows } = new Story({ steps: 3 }).tell([1], [2], [3, 'terminated'], [100], [100], [100]);
    // 2 + .9 x 3 = 4.7; nothing of the next episode enters.
    expect(Object.keys(windows)).toEqual(['1', '2', '3']);
    expect([windows[1].slice(1), windows[2].slice(1), windows[3].slice(1)]).toEqual([[5.23, 0], [4.7, 0], [3, 0]]);
  });

  it('end with a cut, but bootstrap from the observation in which it was cut', () => {
    const { windows } = new Story({ steps: 3 }).tell([1], [2], [3, 'truncated'], [100], [100], [100]);
    expect(windows).toEqual({ 1: [3.5, 5.23, 0.729], 2: [3.5, 4.7, 0.81], 3: [3.5, 3, 0.9] });
  });

  it('never cross an end, whatever the lengths, and hold the newest steps', () => {
    const rng = createRng('ends');
    const story = new Story({ steps: 4, capacity: 29 });
    const ends: End[] = [];
    for (let i = 1; i <= 400; i++) {
      const end = rng.float() < 0.15 ? (rng.below(2) === 0 ? 'terminated' : 'truncated') : 'none';
      ends[i] = end;
      story.tell([i, end]);
      if (i % 9 !== 0) continue;
      for (const [key, [after, sum, factor]] of Object.entries(story.windows)) {
        const first = Number(key);
        let last = first;
        while (last < first + 3 && ends[last] === 'none') last++;
        expect(first).toBeGreaterThan(i - 29);
        expect(last).toBeLessThanOrEqual(i);
        const rewards = Array.from({ length: last - first + 1 }, (_, k) => (first + k) * 0.9 ** k);
        expect(sum).toBeCloseTo(rewards.reduce((a, b) => a + b), 2);
        expect(factor).toBeCloseTo(ends[last] === 'terminated' ? 0 : 0.9 ** (last - first + 1), 5);
        if (ends[last] === 'none') expect(after).toBe(last + 1);
        if (ends[last] === 'truncated') expect(after).toBe(last + 0.5);
      }
    }
  });

  it('of several environments do not mix', () => {
    const memory = new ReplayMemory({ ...base, environments: 2, capacity: 16, steps: 2 });
    const planes = new Float32Array(2);
    for (let t = 1; t <= 20; t++) {
      planes.set([t, 100 + t]);
      for (let e = 0; e < 2; e++) memory.observe(e, planes, Uint8Array.of(1, 1, 1, 0), e);
      for (let e = 0; e < 2; e++) memory.act(e, e, e, 'none', planes, e);
    }
    const batch = memory.batch(64);
    memory.draw(batch, createRng(1), 0);
    for (let i = 0; i < 64; i++) {
      expect(batch.nextPlanes[i]).toBe(batch.planes[i] + 2);
      expect(batch.actions[i]).toBe(batch.planes[i] > 100 ? 1 : 0);
      expect([...batch.nextLegal.subarray(2 * i, 2 * i + 2)]).toEqual([1, batch.actions[i] === 1 ? 0 : 1]);
    }
  });

  it('refuses a memory too small for its windows, a reward that is no number, and a draw from nothing', () => {
    expect(() => new ReplayMemory({ ...base, capacity: 5, steps: 3 })).toThrow('too small for windows of 3: at least 6');
    expect(() => new Story({}).tell([NaN])).toThrow('environment 0 gave the reward NaN');
    expect(() => new Story({}).windows).toThrow('empty replay memory');
  });
});

describe('priorities', () => {
  /** Three steps that can be drawn, with the given errors. */
  function three(alpha: number, errors: readonly number[]): { memory: ReplayMemory; batch: ReplayBatch } {
    const { memory } = new Story({ alpha }).tell([0], [0], [0], [0]);
    const batch = { ...memory.batch(3), slots: Int32Array.of(0, 1, 2) };
    memory.update(batch, Float32Array.from(errors));
    return { memory, batch };
  }

  it('errors 1, 4, 9 with α ½ are drawn with probability 1/6, 2/6, 3/6: α is applied once', () => {
    const { memory } = three(0.5, [1, 4, 9]);
    [1, 2, 3].forEach((mass, slot) => expect(memory.mass(slot)).toBeCloseTo(mass, 5));
    const batch = memory.batch(6000);
    memory.draw(batch, createRng(5), 0);
    // Drawn from equal stretches, so the shares are exact to a draw or two.
    [1000, 2000, 3000].forEach((expected, slot) => expect(Math.abs([...batch.slots].filter((s) => s === slot).length - expected)).toBeLessThan(3));
  });

  it.each([
    // N P = 3/6, 6/6, 9/6; to the power -β, over the greatest, that of the first.
    [1, [1, 1 / 2, 1 / 3]],
    // (½)^-½ = 1.4142, 1, (1.5)^-½ = .8165 -> 1, .7071, .5774.
    [0.5, [1, Math.SQRT1_2, 0.57735]],
    [0, [1, 1, 1]],
  ])('with β %d, weights are %j', (beta, expected) => {
    const { memory } = three(0.5, [1, 4, 9]);
    const batch = memory.batch(60);
    memory.draw(batch, createRng(7), beta);
    batch.slots.forEach((slot, i) => expect(batch.weights[i]).toBeCloseTo(expected[slot], 4));
  });

  it('new steps get the greatest priority seen, and an update replaces one', () => {
    const story = new Story({ alpha: 0.5 }).tell([0], [0], [0]);
    expect([0, 1, 2].map((slot) => story.memory.mass(slot))).toEqual([1, 1, 0]);
    const batch = { ...story.memory.batch(2), slots: Int32Array.of(0, 1) };
    story.memory.update(batch, Float32Array.of(16, 0.25));
    story.tell([0]);
    expect([0, 1, 2].map((slot) => round(story.memory.mass(slot)))).toEqual([4, 0.5, 4]);
    story.memory.update(batch, Float32Array.of(1, 1));
    expect([0, 1].map((slot) => round(story.memory.mass(slot)))).toEqual([1, 1]);
  });

  it('uniform: updates change nothing', () => {
    const { memory } = new Story({}).tell([0], [0], [0], [0]);
    memory.update({ ...memory.batch(1), slots: Int32Array.of(0) }, Float32Array.of(9));
    expect([0, 1, 2, 3].map((slot) => memory.mass(slot))).toEqual([1, 1, 1, 0]);
  });
});

it('goes on from its arrays: the same draws, the same changes', () => {
  const options = { steps: 2, capacity: 20, alpha: 0.6 };
  const [a, b] = [new Story(options), new Story(options)];
  const early = [[1], [2, 'truncated'], [3], [4, 'terminated'], [5], [6], [7]] as const;
  a.tell(...early);
  const saved = Object.fromEntries(Object.entries(a.memory.arrays()).map(([name, array]) => [name, array.slice()]));
  b.tell(...early.map(() => [0] as const));
  b.memory.restore(saved);
  for (const story of [a, b]) story.tell(...Array.from({ length: 25 }, (_, i) => [i] as const));
  const draws = [a, b].map(({ memory }) => {
    const batch = memory.batch(16);
    memory.draw(batch, createRng(3), 0.4);
    return batch;
  });
  expect(draws[1]).toEqual(draws[0]);
  expect(() => new ReplayMemory({ ...base, capacity: 30 }).restore(saved)).toThrow("the saved replay memory's 'frames' has 20 entries; expected 30");
});
