import { describe, expect, it } from 'vitest';
import { createRng } from '#engine';
import { FrameStore, frameKinds } from '#engine/rl';

describe('frames', () => {
  it.each(frameKinds)("'%s' give back what was written, overwritten slots included", (kind) => {
    const rng = createRng(kind);
    const draw = { bits: () => rng.below(2), bytes: () => Math.fround(rng.below(256) / 255), floats: () => Math.fround(20 * rng.float() - 10) }[kind];
    const store = new FrameStore(kind, 3, 13);
    const written: Float32Array[] = [];
    for (let i = 0; i < 7; i++) {
      const frame = Float32Array.from({ length: 15 }, draw);
      store.write(i % 3, frame, 2);
      written[i % 3] = frame.slice(2);
    }
    const out = new Float32Array(14);
    written.forEach((frame, slot) => {
      store.read(slot, out, 1);
      expect([...out.subarray(1)]).toEqual([...frame]);
    });
  });

  it('take an eighth of a byte, a byte, and four bytes a number', () => {
    expect(frameKinds.map((kind) => new FrameStore(kind, 10, 400).data.byteLength)).toEqual([500, 4000, 16_000]);
  });

  it.each<[(typeof frameKinds)[number], number, string]>([
    ['bits', 0.5, "holds 0.5 at index 1: frames kept as 'bits' hold 0 and 1; use frames=floats"],
    ['bits', NaN, 'holds NaN at index 1'],
    ['bytes', 0.3337, 'multiples of 1/255'],
    ['bytes', 1.1, 'multiples of 1/255'],
    ['bytes', NaN, 'holds NaN at index 1'],
    ['floats', NaN, 'holds NaN at index 1: every number of it must be finite'],
    ['floats', -Infinity, 'holds -Infinity at index 1'],
  ])("'%s' refuse %d", (kind, value, message) => expect(() => new FrameStore(kind, 1, 3).write(0, Float32Array.of(0, value, 1), 0)).toThrow(message));
});
