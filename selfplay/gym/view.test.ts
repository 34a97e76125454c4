import { describe, expect, test } from 'vitest';
import { createRng } from '#engine';
import { makeGymSpec, parseGymSpec } from './spec.js';
import { Scaler } from './view.js';

describe('scaling by area', () => {
  const scale = (from: number[], [height, width]: [number, number], [toHeight, toWidth]: [number, number]) => {
    const out = new Float32Array(toHeight * toWidth);
    new Scaler(height, width, toHeight, toWidth).scale(Float32Array.from(from), out);
    return [...out];
  };

  test.each<[number[], [number, number], [number, number], number[]]>([
    [[1, 2, 3, 4], [2, 2], [1, 1], [2.5]],
    [[1, 2, 3, 4], [2, 2], [2, 2], [1, 2, 3, 4]],
    // Three cells to two: (1 + 2/2) / 1.5, (2/2 + 4) / 1.5
    [[1, 2, 4], [1, 3], [1, 2], [(1 + 1) / 1.5, (1 + 4) / 1.5]],
    [[3, 6], [1, 2], [1, 4], [3, 3, 6, 6]],
  ])('%j', (from, size, to, expected) => {
    scale(from, size, to).forEach((value, i) => expect(value).toBeCloseTo(expected[i], 6));
  });

  test('210 x 160 to 84 x 84: shares add up, so the mean stays', () => {
    const random = createRng('screen');
    const from = Array.from({ length: 210 * 160 }, () => random.below(256));
    const out = scale(from, [210, 160], [84, 84]);
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(out)).toBeCloseTo(mean(from), 3);
  });
});

describe('gym: texts', () => {
  test.each([
    'gym:CartPole-v1', 'gym:CartPole-v1,python=/usr/bin/python3.11,envs=16', 'gym:ALE/Breakout-v5,life=on,clip=on', 'gym:my_module:Mine-v0,timeout=5',
    'gym:FrozenLake-v1,kw.is_slippery=false,kw.map_name=8x8', 'gym:ALE/Pong-v5,stack=1,grey=off,size=0',
  ])('%s', (text) => {
    expect(makeGymSpec(parseGymSpec(text))).toBe(text);
  });

  test('defaults', () => {
    expect(parseGymSpec('gym:CartPole-v1')).toEqual({ id: 'CartPole-v1', python: 'python3', envs: 8, timeout: 60, skip: 1, stack: 1, grey: false, size: 0, life: false, clip: false, keywords: {} });
    expect(parseGymSpec('gym:ALE/Breakout-v5')).toMatchObject({ skip: 4, stack: 4, grey: true, size: 84, life: false, clip: false });
    expect(makeGymSpec(parseGymSpec('gym:CartPole-v1, envs=8'))).toBe('gym:CartPole-v1');
  });

  test.each([
    ['gym:', /names no environment/],
    ['gym:X,envs', /'envs' in .* key=value/],
    ['gym:X,envs=0', /from 1 to 256, not '0'/],
    ['gym:X,skip=many', /whole number/],
    ['gym:X,life=yes', /on or off/],
    ['gym:X,pyton=python3', /unknown option of gym 'pyton'; did you mean 'python'/],
  ])('%s', (text, why) => {
    expect(() => parseGymSpec(text)).toThrow(why);
  });
});
