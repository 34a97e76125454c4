import { describe, expect, it } from 'vitest';
import { createRng } from '#engine';
import { Strays } from './strays.js';

const settings = (more: object) => ({ openingShare: 0, openingPlies: 0, randomMoves: 0, randomHold: 1, ...more }) as unknown as ConstructorParameters<typeof Strays>[0];
const all = Uint8Array.of(1, 1, 1, 1);
/** Moves of environment 0; -1 where they are the search's. */
const moves = (strays: Strays, count: number, share: number, legal = all) => Array.from({ length: count }, () => strays.next(0, legal, share));

describe('random moves', () => {
  it('open an episode, at most so many, and come back with the next one', () => {
    const strays = new Strays(settings({ openingShare: 1, openingPlies: 3 }), 1, 4, createRng(1));
    const lengths = new Set<number>();
    for (let episode = 0; episode < 50; episode++) {
      const played = moves(strays, 10, 0);
      const length = played.indexOf(-1);
      expect(played.slice(length)).toEqual(Array(10 - length).fill(-1));
      lengths.add(length);
      strays.begin(0);
    }
    expect([...lengths].sort()).toEqual([1, 2, 3]);
  });

  it('are as frequent as they should be, held or not, and always legal', () => {
    for (const randomHold of [1, 9]) {
      const played = moves(new Strays(settings({ randomHold }), 1, 4, createRng(2)), 20_000, 0.1, Uint8Array.of(0, 1, 0, 1));
      const share = played.filter((move) => move >= 0).length / played.length;
      // A held move rests for no random one to begin: a little less than one in ten.
      expect(share).toBeGreaterThan(0.07);
      expect(share).toBeLessThan(0.13);
      expect(new Set(played)).toEqual(new Set([-1, 1, 3]));
    }
  });

  it('never come without being asked for', () => expect(moves(new Strays(settings({}), 1, 4, createRng(3)), 1000, 0)).toEqual(Array(1000).fill(-1)));

  it('a held move goes on, but not where it has become illegal', () => {
    const strays = new Strays(settings({ randomHold: 1000 }), 1, 4, createRng(4));
    let first = -1;
    while (first < 0) first = strays.next(0, all, 0.5);
    expect(moves(strays, 3, 0)).toEqual([first, first, first]);
    expect(strays.next(0, all.map((_, a) => (a === first ? 0 : 1)), 0)).toBe(-1);
    strays.begin(0);
    expect(strays.next(0, all, 0)).toBe(-1);
  });

  it('go on after a checkpoint as they would have', () => {
    const [one, other] = [5, 6].map((seed) => new Strays(settings({ randomHold: 5, openingShare: 0.5, openingPlies: 4 }), 2, 4, createRng(seed)));
    moves(one, 37, 0.3);
    other.restore(structuredClone(one.state()));
    expect(moves(other, 200, 0.3)).toEqual(moves(one, 200, 0.3));
  });
});
