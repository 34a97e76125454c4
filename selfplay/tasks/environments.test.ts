/** The clauses of `Environments`, for every one-seat game that comes with Ludus. */
import { describe, expect, it } from 'vitest';
import { OVER, createRng, type Game } from '#engine';
import { allGames } from '#games';
import { GameEnvironments } from './environments.js';
import { algorithmFor } from './algorithms.js';
import { openTask } from './task.js';

const tasks = (await allGames()).filter((game) => game.seats === 1);

async function opened(game: Game, n: number, seed: number): Promise<GameEnvironments> {
  const environments = new GameEnvironments(game, n);
  await environments.reset(seed);
  return environments;
}

/** Random legal actions of a stream of their own. */
function chooser(game: Game, n: number, seed: number): (legal: Uint8Array) => Int32Array {
  const rng = createRng(seed).fork('test');
  const actions = new Int32Array(n);
  return (legal) => {
    for (let i = 0; i < n; i++) {
      do actions[i] = rng.below(game.actionCount);
      while (legal[i * game.actionCount + actions[i]] === 0);
    }
    return actions;
  };
}

/** Bit by bit; comparing typed arrays by `toEqual` takes a hundred times as long. */
const same = (a: Float32Array, b: Float32Array): boolean => Buffer.compare(Buffer.from(a.buffer, a.byteOffset, a.byteLength), Buffer.from(b.buffer, b.byteOffset, b.byteLength)) === 0;

const everything = ({ planes, legal, rewards, terminated, truncated }: GameEnvironments) => [planes, legal, rewards, terminated, truncated].map((array) => Buffer.from(array.buffer).toString('base64'));

describe.each(tasks.map((game) => [game.id, game] as const))('environments of %s', (_id, game) => {
  it('do what the game does, one stream of chance each, and begin again by themselves', async () => {
    const n = 3;
    const environments = await opened(game, n, 7);
    const choose = chooser(game, n, 1);
    const rngs = Array.from({ length: n }, (_, i) => createRng(7).fork('environment', i));
    const states = rngs.map((rng) => game.start(rng));
    const size = environments.planes.length / n;
    const seen = new Float32Array(size);
    let ends = 0;
    for (let t = 0; t < 700; t++) {
      const actions = choose(environments.legal);
      await environments.step(actions);
      for (let i = 0; i < n; i++) {
        expect(environments.rewards[i]).toBe(Math.fround(states[i].apply(actions[i], rngs[i])));
        const over = states[i].turn === OVER;
        expect([environments.terminated[i], environments.truncated[i]]).toEqual([over && states[i].truncated !== true ? 1 : 0, over && states[i].truncated === true ? 1 : 0]);
        if (over) {
          ends++;
          states[i].observe(seen);
          expect(same(environments.finalPlanes.subarray(i * size, (i + 1) * size), seen)).toBe(true);
          if (states[i].restart === undefined) states[i] = game.start(rngs[i]);
          else states[i].restart?.(rngs[i]);
        }
        states[i].observe(seen);
        expect(same(environments.planes.subarray(i * size, (i + 1) * size), seen)).toBe(true);
      }
    }
    if (game.maxPlies <= 500) expect(ends).toBeGreaterThan(0);
  });

  it('go on after a restore as if nothing had happened', async () => {
    const environments = await opened(game, 2, 3);
    const choose = chooser(game, 2, 5);
    for (let t = 0; t < 137; t++) await environments.step(choose(environments.legal));
    const saved = environments.save();
    if (saved === undefined) throw new Error('not saved');
    const other = new GameEnvironments(game, 2);
    await other.restore(saved);
    expect(everything(other)).toEqual(everything(environments));
    for (let t = 0; t < 200; t++) {
      const actions = choose(environments.legal);
      await environments.step(actions);
      await other.step(actions);
      expect(everything(other)).toEqual(everything(environments));
    }
  });
});

it('a time limit is no end: MountainCar by its 200th step, with the last view of that episode', async () => {
  const task = await openTask('mountain-car');
  const environments = await task.open(1);
  await environments.reset(1);
  for (let t = 1; t <= 200; t++) {
    expect(environments.truncated[0]).toBe(0);
    await environments.step(Int32Array.of(1));
  }
  expect([environments.terminated[0], environments.truncated[0]]).toEqual([0, 1]);
  // The valley's bottom after 200 steps against a fresh start, which is at rest.
  expect(environments.planes[1]).toBe(0);
  expect(environments.finalPlanes[1]).not.toBe(0);
});

it('a game for two is refused, with what would learn it', async () => {
  const task = await openTask('connect4');
  expect(() => algorithmFor('ppo', task)).toThrow(/game for two.*alphazero/);
});
