/** The bridge against a Python process with a small module of Gymnasium's API (testing/gymnasium). */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRng } from '#engine';
import { cartPole } from '../../games/control/index.js';
import { createTaskTraining } from '../tasks/index.js';
import { openTask } from '../tasks/task.js';
import { playGreedily, train } from '../tasks/testing.js';
import type { Environments } from '../tasks/types.js';
import { hasPython, useStandIn } from './testing/python.js';

const open: Environments[] = [];
async function start(spec: string, n: number, seed = 1): Promise<Environments> {
  const environments = await (await openTask(spec)).open(n);
  open.push(environments);
  await environments.reset(seed);
  return environments;
}
async function steps(environments: Environments, count: number): Promise<void> {
  for (let t = 0; t < count; t++) await act(environments, 0);
}
const act = (environments: Environments, ...actions: number[]) => environments.step(Int32Array.from(actions));
afterEach(async () => {
  for (const environments of open.splice(0)) await environments.close();
});

describe.skipIf(!hasPython)('Gymnasium in a Python process', () => {
  beforeEach(useStandIn);

  test('facts of a task', async () => {
    expect(await openTask('gym:CartPole-v1')).toMatchObject({ id: 'gym-CartPole-v1', name: 'CartPole-v1', spec: 'gym:CartPole-v1', actionCount: 2, planes: [4, 1, 1], observation: undefined });
    expect(await openTask('gym:Corridor-v0,envs=3')).toMatchObject({ spec: 'gym:Corridor-v0,envs=3', planes: [5, 1, 1], observation: { kind: 'one-hot' } });
  });

  test('CartPole agrees with ours, step by step, from the same starts', async () => {
    const environments = await start('gym:CartPole-v1,envs=2', 3);
    const random = createRng('actions');
    const states = Array.from({ length: 3 }, () => cartPole.start(random));
    const begin = (i: number) => {
      states[i].restart(random);
      states[i].variables.set(environments.planes.subarray(4 * i, 4 * i + 4));
    };
    [0, 1, 2].forEach(begin);
    expect(new Set(environments.planes).size).toBe(12);
    let ends = 0;
    for (let t = 0; t < 120; t++) {
      const actions = Int32Array.from({ length: 3 }, () => random.below(2));
      await environments.step(actions);
      for (let i = 0; i < 3; i++) {
        expect(environments.rewards[i]).toBe(states[i].apply(actions[i], random));
        expect(environments.terminated[i]).toBe(states[i].terminated ? 1 : 0);
        const shown = (environments.terminated[i] === 1 ? environments.finalPlanes : environments.planes).subarray(4 * i, 4 * i + 4);
        // Single precision where an episode starts, ours double from there.
        shown.forEach((value, k) => expect(value).toBeCloseTo(states[i].variables[k], 4));
        if (environments.terminated[i] === 0) continue;
        ends++;
        begin(i);
        expect(Math.abs(environments.planes[4 * i])).toBeLessThanOrEqual(0.05);
      }
    }
    expect(ends).toBeGreaterThan(6);
  });

  test('the seed decides, environment by environment, however they share processes', async () => {
    const seen = async (spec: string, seed: number) => {
      const environments = await start(spec, 4, seed);
      for (let t = 0; t < 40; t++) await act(environments, t % 2, 1, 0, t % 3 === 0 ? 1 : 0);
      return [...environments.planes];
    };
    const first = await seen('gym:CartPole-v1', 3);
    expect(await seen('gym:CartPole-v1,envs=1', 3)).toEqual(first);
    expect(await seen('gym:CartPole-v1', 4)).not.toEqual(first);
  });

  test('indexes, actions that do not start at 0, an end and a cut', async () => {
    const environments = await start('gym:Corridor-v0', 2);
    for (let t = 1; t <= 30; t++) {
      await act(environments, t <= 4 ? 1 : 0, 0);
      if (t === 3) expect([...environments.planes]).toEqual([0, 0, 0, 1, 0, 1, 0, 0, 0, 0]);
      expect([...environments.terminated]).toEqual([t === 4 ? 1 : 0, 0]);
      expect([...environments.truncated]).toEqual([0, t === 30 ? 1 : 0]);
      expect([...environments.rewards]).toEqual([t === 4 ? 1 : 0, 0]);
      if (t === 4) {
        expect([...environments.finalPlanes].slice(0, 5)).toEqual([0, 0, 0, 0, 1]);
        expect([...environments.planes].slice(0, 5)).toEqual([1, 0, 0, 0, 0]);
      }
    }
    expect([...environments.finalPlanes].slice(5)).toEqual([1, 0, 0, 0, 0]);
  });

  test('several indexes are one; keywords go to make', async () => {
    expect((await openTask('gym:Cards-v0')).planes).toEqual([30, 1, 1]);
    const taxi = await start('gym:Taxis-v0', 1);
    expect(taxi.task.planes).toEqual([500, 1, 1]);
    const position = taxi.planes.indexOf(1);
    await act(taxi, 0);
    expect([position, taxi.finalPlanes.indexOf(1)]).toEqual([taxi.rewards[0], taxi.rewards[0]]);
    const environments = await start('gym:Cards-v0', 1);
    const index = environments.planes.indexOf(1);
    await act(environments, 1);
    expect(environments.rewards[0]).toBe(Math.floor(index / 10) + (index % 10));
    const paid = await start('gym:Corridor-v0,kw.reward=2.5,clip=on', 1);
    const plain = await start('gym:Corridor-v0,kw.reward=2.5', 1);
    for (let t = 0; t < 4; t++) {
      await act(paid, 1);
      await act(plain, 1);
    }
    expect([paid.rewards[0], plain.rewards[0]]).toEqual([1, 2.5]);
  });

  test('images: channels apart, 0 to 1; repeated, merged, grey, scaled, stacked', async () => {
    const colours = await start('gym:Pixels-v0', 1);
    expect(colours.task.planes).toEqual([3, 6, 4]);
    await act(colours, 0);
    await act(colours, 2);
    // The second screen: red 20.
    expect([...colours.planes.subarray(0, 24)]).toEqual(Array(24).fill(Math.fround(20 / 255)));
    expect([...colours.planes.subarray(24)]).toEqual(Array(48).fill(0));
    const atari = await start('gym:Pixels-v0,skip=3,grey=on,size=2,stack=2', 1);
    expect(atari.task.planes).toEqual([2, 2, 2]);
    expect([...atari.planes]).toEqual(Array(8).fill(0));
    await act(atari, 2);
    expect(atari.rewards[0]).toBe(30);
    // Screens 2 and 3, of which every odd one is black: red 20, grey round(.299 * 20) = 6.
    const [old, dark, bright] = [0, 6, 18].map((value) => Math.fround(value / 255));
    expect([...atari.planes]).toEqual([...Array(4).fill(old), ...Array(4).fill(dark)]);
    await act(atari, 0);
    // Screens 5 and 6: red 60.
    expect([...atari.planes]).toEqual([...Array(4).fill(dark), ...Array(4).fill(bright)]);
  });

  test('a lost life ends the episode where it is asked to, and the game goes on', async () => {
    const [lives, games] = [await start('gym:Pixels-v0,life=on', 1), await start('gym:Pixels-v0', 1)];
    const ends: number[][] = [[], []];
    for (let t = 1; t <= 24; t++) {
      await act(lives, 1);
      await act(games, 1);
      [lives, games].forEach((environments, i) => environments.terminated[0] === 1 && ends[i].push(t));
      // Lost at screen 8; the next episode begins after a step of nothing, at screen 9, which is black.
      if (t === 8) expect([lives.finalPlanes[0], lives.planes[0]]).toEqual([Math.fround(80 / 255), 0]);
    }
    expect(ends).toEqual([[8, 15, 22], [24]]);
  });

  test.each([
    ['nan-reward', /Trouble-v0 gave a reward of NaN \(environment 1, step 3/],
    ['nan-observation', /an observation with Infinity at place 2 \(environment 1, step 3/],
    ['raises', /failed: ValueError: the pole broke \(__init__\.py, line \d+\)/],
    ['dies', /ended by itself \(exit code 9\): last words/],
    ['short', /bytes of rows at step 3/],
  ])('an environment that %s: a clear error, then and from then on', async (how, why) => {
    const environments = await start(`gym:Trouble-v0,kw.how=${how}`, 2);
    // Both go wrong at step 3, unless 0 is reset by then: only the first trouble is told.
    await act(environments, 0, 1);
    await act(environments, 0, 1);
    const error = await act(environments, 0, 1).catch((caught: Error) => caught.message.replace('environment 0', 'environment 1'));
    expect(error).toMatch(why);
    await expect(act(environments, 0, 1)).rejects.toThrow(/./);
  });

  test('an environment that hangs is ended', async () => {
    const impatient = await start('gym:Trouble-v0,kw.how=hangs,timeout=1', 1).catch((error: Error) => error);
    // On a machine that is busy enough, the reset or an earlier step may be the one that takes too long.
    const error = impatient instanceof Error ? impatient : await steps(impatient, 3).catch((caught: Error) => caught);
    expect(error).toHaveProperty('message', expect.stringMatching(/did not answer within 1 s and was ended.*timeout=10/));
  });

  test.each([
    ['gym:Nothing-v0', /cannot be made: NameNotFound: Environment `Nothing` doesn't exist/],
    ['gym:CartPole-v1,python=/nowhere/python3', /no Python at '\/nowhere\/python3'; install Python 3 with Gymnasium/],
    ['gym:Steering-v0', /its actions are Box; only a choice among some/],
    ['gym:Nested-v0', /its observations are Dict; .*FlattenObservation/],
    ['gym:ALE/Pong-v5', /has no Atari .*pip install ale-py/],
    ['gym:NoRom-v0', /ROM is missing .*pip install --upgrade ale-py/],
  ])('%s is refused at once', async (spec, why) => {
    await expect(openTask(spec)).rejects.toThrow(why);
  });

  test('a Python without Gymnasium, and something that is no Python', async () => {
    process.env.PYTHONPATH = '/nowhere';
    await expect(openTask('gym:CartPole-v1')).rejects.toThrow(/has no Gymnasium .*python3 -m pip install gymnasium/);
    await expect(openTask('gym:CartPole-v1,python=/bin/cat')).rejects.toThrow(/answered something that is no message; is '\/bin\/cat' Python 3/);
  });

  test('a table learns it', async () => {
    const run = await train('gym:Corridor-v0', 'qlearning', { frames: 2000 });
    expect((await playGreedily(run, 1)).returns[0]).toBe(1);
    await run.environments.close();
  });

  test('a run by a network, stopped and gone on with', async () => {
    const runDir = mkdtempSync(join(tmpdir(), 'ludus-gym-'));
    try {
      const sitting = async (frames: number) => {
        const training = await createTaskTraining({ runDir, game: 'gym:CartPole-v1', algorithm: 'dqn', overrides: [`frames=${frames}`, 'learner.environments=4', 'learner.warmup=100', 'learner.hidden=16'] });
        await training.run();
        await training.stop();
        return [training.resumed, training.progress.frames, training.progress.episodes > 10];
      };
      expect(await sitting(600)).toEqual([false, 600, true]);
      expect(await sitting(1000)).toEqual([true, 1000, true]);
    } finally {
      rmSync(runDir, { recursive: true, force: true });
    }
  });

  test('closing ends the processes, also in the middle of a step', async () => {
    const environments = await start('gym:Trouble-v0,kw.how=hangs', 2);
    await act(environments, 0, 0);
    await act(environments, 0, 0);
    const pending = act(environments, 0, 0).catch((error: Error) => error.message);
    await environments.close();
    expect(await pending).toMatch(/closed/);
  });
});
