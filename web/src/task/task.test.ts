/** Episodes that can be looked at again, decisions, and the list against the games themselves. */
import { describe, expect, it } from 'vitest';
import { createRng, type State } from '#engine';
import { allGames, loadGame } from '#games';
import { minatarGames } from '#games/minatar';
import { howToPlay, namedByKey } from './actions.js';
import { Episode } from './episode.js';
import { taskOf, tasks, type TaskInfo } from './list.js';
import { channelsOf } from './look.js';
import { distributionOf, draw, greatest, softmax } from './policy.js';
import { DREAM_STEPS, rolloutOf } from './rollout.js';
import { Session } from './session.js';

const task = (id: string) => taskOf(id) as TaskInfo;

describe('the steps that a dream is held against', () => {
  it('are those after the position shown; at the newest one those that led there', async () => {
    const game = await loadGame('cartpole');
    const session = new Session(game, task('cartpole'), 'seed', () => {});
    expect(rolloutOf(session)).toBeUndefined();
    for (let i = 0; i < 8; i++) session.episode.step(i % 2);
    session.cursor = 8;
    const last = rolloutOf(session);
    expect(last).toMatchObject({ from: 0, actions: [0, 1, 0, 1, 0, 1, 0, 1], names: ['left', 'right', 'left', 'right', 'left', 'right', 'left', 'right'], rewards: Array(8).fill(1), over: false });
    const planes = new Float32Array(game.planes[0] * game.planes[1] * game.planes[2]);
    for (const step of [0, 3, 8]) {
      session.episode.position(step).observe(planes);
      expect([...last!.seen.subarray(step * planes.length, (step + 1) * planes.length)]).toEqual([...planes]);
    }
    session.cursor = 5;
    expect(rolloutOf(session)).toMatchObject({ from: 5, actions: [1, 0, 1] });
    session.cursor = 0;
    while (!session.episode.over) session.episode.step(0);
    expect(rolloutOf(session)?.actions.length).toBeLessThanOrEqual(DREAM_STEPS);
    session.cursor = session.episode.steps;
    expect(rolloutOf(session)).toMatchObject({ over: true });
  });
});

describe('the list of tasks', () => {
  it.each(tasks.map((t) => [t.id, t] as const))('%s: name and actions are the game’s own', async (id, info) => {
    const game = (await allGames()).find((g) => g.id === id);
    if (game === undefined) throw new Error(`no game ${id}`);
    expect(info.name).toBe(game.name);
    const state = game.start(createRng(1));
    for (const name of [...info.useful, ...(info.idle === undefined ? [] : [info.idle])]) expect(game.parseAction(state, name)).toBeDefined();
    if (info.look !== 'cells') return;
    expect(channelsOf(id, game.planes[0])).toHaveLength(game.planes[0]);
  });

  it('tells no two channels of a game apart by colour alone', () => {
    for (const { id, channels } of minatarGames) expect(new Set(channelsOf(id, channels.length).map((c) => c.shape)).size).toBe(channels.length);
  });
});

describe('an episode', () => {
  const planesOf = (game: { planes: readonly number[] }, state: State) => {
    const out = new Float32Array(game.planes[0] * game.planes[1] * game.planes[2]);
    state.observe(out);
    return [...out].join('');
  };

  it.each(['seaquest', 'pong', 'cartpole'])('of %s shows any earlier step as it was, in whatever order one asks', async (id) => {
    const game = await loadGame(id);
    const episode = new Episode(game, 'seed');
    const rng = createRng('actions');
    const seen = [planesOf(game, episode.position(0))];
    while (!episode.over && episode.steps < 200) {
      episode.step(rng.below(game.actionCount));
      seen.push(planesOf(game, episode.position(episode.steps)));
    }
    expect(new Set(seen).size).toBeGreaterThan(5);
    const steps = Array.from({ length: 60 }, () => rng.below(episode.steps + 1));
    for (const step of [...steps, 0, 1, 2, episode.steps]) expect(planesOf(game, episode.position(step))).toBe(seen[step]);
    expect(episode.returns[episode.steps]).toBeCloseTo(episode.rewards.reduce((a, b) => a + b, 0));
  });
});

describe('a session', () => {
  it('waits for a person where time stands still, and counts a key that was only tapped', async () => {
    const session = new Session(await loadGame('grid-world'), task('grid-world'), 's', () => undefined);
    session.play(true);
    await session.step();
    expect(session.episode.steps).toBe(0);
    session.press(session.actionOf('right'));
    session.release(session.actionOf('right'));
    await Promise.resolve();
    expect(session.episode.actions.map((a) => session.nameOf(a))).toEqual(['right']);
  });

  it('does nothing between keys where there is such an action, and holds a key as long as it is held', async () => {
    const session = new Session(await loadGame('breakout'), task('breakout'), 's', () => undefined);
    session.press(session.actionOf('left'));
    for (let i = 0; i < 2; i++) await session.step();
    session.release(session.actionOf('left'));
    await session.step();
    expect(session.episode.actions.map((a) => session.nameOf(a))).toEqual(['left', 'left', 'nothing']);
  });

  it('plays the record when one looks back, and new steps at its end', async () => {
    const session = new Session(await loadGame('pong'), task('pong'), 's', () => undefined);
    session.drive({ kind: 'random' });
    for (let i = 0; i < 5; i++) await session.step();
    session.seek(2);
    await session.step();
    expect([session.cursor, session.episode.steps]).toEqual([3, 5]);
    session.seek(99);
    await session.step();
    expect([session.cursor, session.episode.steps]).toEqual([6, 6]);
  });

  it('asks a network with what the position shows, and keeps why it could not', async () => {
    const session = new Session(await loadGame('cartpole'), task('cartpole'), 's', () => undefined);
    const asked: number[][] = [];
    session.drive({ kind: 'network', greedy: true, network: { name: 'n', answers: 'q', ask: async (planes) => { asked.push([...planes]); return { policy: new Float32Array([3, 7]), value: 0 }; } } });
    await session.step();
    expect(asked[0]).toHaveLength(4);
    expect(session.episode.actions).toEqual([1]);
    expect(session.thoughts[0]?.q).toEqual([3, 7]);
    session.drive({ kind: 'network', greedy: true, network: { name: 'n', answers: 'policy', ask: () => Promise.reject(new Error('no such file')) } });
    session.play(true);
    await session.step();
    expect([session.problem, session.playing, session.episode.steps]).toEqual(['no such file', false, 1]);
  });
});

describe('decisions', () => {
  it('softmax is a distribution that large logits do not break', () => {
    expect(softmax([1000, 1000])).toEqual([0.5, 0.5]);
    expect(softmax([0, Math.log(3)])[1]).toBeCloseTo(0.75);
  });
  it('draws in proportion', () => {
    const rng = createRng('draw');
    const counts = [0, 0, 0];
    for (let i = 0; i < 3000; i++) counts[draw({ probabilities: [0.2, 0, 0.8] }, rng)]++;
    expect(counts[1]).toBe(0);
    expect(counts[0] / 3000).toBeCloseTo(0.2, 1);
  });
  it('action values are followed to the best; a policy is drawn from unless greedy', () => {
    expect(distributionOf(new Float32Array([1, 5, 2]), 0, 'q', false).probabilities).toEqual([0, 1, 0]);
    expect(distributionOf(new Float32Array([0, 0]), 0.5, 'policy', false)).toMatchObject({ probabilities: [0.5, 0.5], value: 0.5, q: undefined });
    expect(greatest([1, 1])).toBe(0);
  });
});

it('keys mean only what the task has', () => {
  expect(namedByKey(task('breakout'), 'ArrowLeft')).toBe('left');
  expect(namedByKey(task('breakout'), 'A')).toBe('left');
  expect(namedByKey(task('breakout'), ' ')).toBeUndefined();
  expect(namedByKey(task('seaquest'), ' ')).toBe('fire');
  expect(howToPlay(task('space-invaders'))).toBe('left and right arrow keys, space to fire');
});
