import { expect, test } from 'vitest';
import { createRng, type Batch, type Evaluator } from '#engine';
import { connect4, getGame, ticTacToe } from '#games';
import { Actor, type ActorConfig } from './actor.js';
import { applyOverrides, defaultConfig } from './config.js';
import { episodeReturn, startEpisode, type Episode } from './episode.js';

/** Uniform priors and value 0 for every position. */
const blank: Evaluator = {
  evaluate(batch: Batch) {
    batch.logits.fill(0, 0, batch.size * (batch.logits.length / batch.capacity));
    batch.values.fill(0, 0, batch.size);
    return Promise.resolve();
  },
};

async function play(gameId: string, overrides: string[], games: number, seed = 1) {
  const game = getGame(gameId);
  const config: ActorConfig = applyOverrides(defaultConfig(game), ['actors.games=4', 'search.simulations=8', ...overrides]);
  const episodes: Episode[] = [];
  const actor = new Actor({ game, config, evaluator: blank, step: 7, simulations: 8, rng: createRng(seed), idPrefix: 'p', onEpisode: (e) => episodes.push(e) });
  while (episodes.length < games) await actor.iterate();
  return { episodes, actor, game };
}

test.each([
  ['tic-tac-toe', 'gumbel'],
  ['tic-tac-toe', 'puct'],
  ['connect4', 'gumbel'],
])('%s by %s: every episode is a legal, finished game whose rewards and policies fit it', async (id, kind) => {
  const { episodes, game } = await play(id, [`search.kind=${kind}`], 40);
  const rng = createRng(0);
  const legal = new Int32Array(game.actionCount);
  for (const episode of episodes) {
    const state = startEpisode(game, episode.seed);
    episode.actions.forEach((action, t) => {
      const count = state.legal(legal);
      const moves = Array.from(legal.subarray(0, count));
      expect(moves).toContain(action);
      const { starts, actions, probabilities } = episode.policies;
      if (episode.trained[t] === 1) {
        expect(Array.from(actions.subarray(starts[t], starts[t + 1]))).toEqual(moves);
        expect(probabilities.subarray(starts[t], starts[t + 1]).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
      } else expect(starts[t + 1]).toBe(starts[t]);
      expect(Math.abs(episode.rootValues[t])).toBeLessThanOrEqual(1);
      expect(state.apply(action, rng)).toBe(episode.rewards[t]);
    });
    expect(state.turn).toBe(-2);
    expect([-1, 0, 1]).toContain(episodeReturn(episode));
    expect(episode.checkpoint).toBe(7);
  }
  expect(new Set(episodes.map((e) => e.id)).size).toBe(episodes.length);
});

test('the last move of a won game has the winner\'s root value: seat-0 view for both seats', async () => {
  const { episodes } = await play('tic-tac-toe', ['actors.openingShare=0'], 60);
  let wins = 0;
  let losses = 0;
  for (const episode of episodes) {
    const result = episodeReturn(episode);
    if (result === 0) continue;
    // A win in one is found by any search of eight simulations that tries every move; the mover has just won.
    const last = episode.rootValues[episode.actions.length - 1];
    expect(Math.sign(last)).toBe(result);
    if (result > 0) wins++;
    else losses++;
  }
  expect(wins).toBeGreaterThan(0);
  expect(losses).toBeGreaterThan(0);
});

test('the same seed plays the same games; another seed others; lock-step does not leak between games', async () => {
  const a = await play('connect4', [], 12, 5);
  const b = await play('connect4', [], 12, 5);
  const c = await play('connect4', [], 12, 6);
  expect(a.episodes).toEqual(b.episodes);
  expect(a.episodes.map((e) => [...e.actions])).not.toEqual(c.episodes.map((e) => [...e.actions]));
});

test('opening moves are not trained on, fast moves neither; their shares are as configured', async () => {
  const { episodes } = await play('connect4', ['actors.openingShare=1', 'actors.openingPlies=4'], 60);
  const untrained = episodes.map((e) => e.trained.indexOf(1));
  expect(Math.min(...untrained)).toBe(1);
  expect(Math.max(...untrained)).toBe(4);
  for (const e of episodes) expect(e.trained.slice(e.trained.indexOf(1)).every((flag) => flag === 1)).toBe(true);
  const fast = await play('connect4', ['actors.openingShare=0', 'search.fastShare=0.75', 'search.fastSimulations=2'], 40);
  const flags = fast.episodes.flatMap((e) => [...e.trained]);
  expect(flags.filter((f) => f === 1).length / flags.length).toBeCloseTo(0.25, 1);
});

test('with the cache on, repeated positions do not reach the network, and games stay legal', async () => {
  const off = await play('tic-tac-toe', ['actors.cache=0', 'actors.openingShare=0'], 200);
  const on = await play('tic-tac-toe', ['actors.cache=8192', 'actors.openingShare=0'], 200);
  expect(off.actor.counters.cacheHits).toBe(0);
  expect(on.actor.counters.evaluations).toBeLessThan(off.actor.counters.evaluations / 2);
  expect(on.actor.counters.cacheHits).toBeGreaterThan(on.actor.counters.evaluations);
});

test('watchers see the moves of the first game as they fall', async () => {
  const seen: number[][] = [];
  const config = applyOverrides(defaultConfig(ticTacToe), ['actors.games=2', 'search.simulations=4', 'actors.openingShare=0']);
  const episodes: Episode[] = [];
  const actor = new Actor({
    game: ticTacToe, config, evaluator: blank, step: 0, simulations: 4, rng: createRng(3), idPrefix: 'w',
    onEpisode: (e) => episodes.push(e), onMove: (actions) => seen.push([...actions]),
  });
  while (!episodes.some((e) => e.id === 'w-0')) await actor.iterate();
  const first = [...episodes.find((e) => e.id === 'w-0')!.actions];
  expect(seen.slice(0, first.length)).toEqual(first.map((_, t) => first.slice(0, t + 1)));
});

test('a batch is as wide as there are games', async () => {
  const { actor } = await play('connect4', ['actors.cache=0', 'search.simulations=32'], 8);
  expect(connect4.maxPlies).toBe(42);
  expect(actor.counters.evaluations / actor.counters.batches).toBeGreaterThan(3.5);
});

/** Plays with new weights after every 40 rounds; they know nothing either, so that games do not depend on them. */
async function playOn(gameId: string, overrides: string[], rounds: number, simulations = 8) {
  const game = getGame(gameId);
  const config: ActorConfig = applyOverrides(defaultConfig(game), ['actors.games=8', ...overrides]);
  const episodes = new Map<string, Episode>();
  const revisions: { episode: Episode; step: number }[] = [];
  let step = 0;
  const actor = new Actor({
    game, config, evaluator: blank, step, simulations, rng: createRng(4), idPrefix: 'r',
    onEpisode: (e) => episodes.set(e.id, e), onRevision: (episode) => revisions.push({ episode, step }),
  });
  for (let i = 1; i <= rounds; i++) {
    await actor.iterate();
    if (i % 40 === 0) actor.setNetwork(blank, ++step, simulations);
  }
  return { actor, episodes, revisions };
}

test.each(['tic-tac-toe', 'connect4'])('%s: earlier games are looked at again, as often as configured; they stay the same games', async (id) => {
  const { actor, episodes, revisions } = await playOn(id, ['replay.reanalyze=0.25', 'actors.cache=0'], 3000);
  let positions = 0;
  for (const { episode, step } of revisions) {
    const old = episodes.get(episode.id)!;
    expect(old.checkpoint).toBeLessThan(step);
    expect({ ...episode, rootValues: old.rootValues, policies: { ...episode.policies, probabilities: old.policies.probabilities } }).toEqual(old);
    const { starts, probabilities } = episode.policies;
    episode.trained.forEach((flag, t) => {
      if (flag === 0) return;
      positions++;
      expect(probabilities.subarray(starts[t], starts[t + 1]).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
    });
  }
  expect(positions / (positions + actor.counters.moves)).toBeGreaterThan(0.2);
  expect(positions / (positions + actor.counters.moves)).toBeLessThan(0.28);
  expect(revisions.some(({ episode }) => episode.policies.probabilities.some((p, i) => p !== episodes.get(episode.id)!.policies.probabilities[i]))).toBe(true);
  // They are drawn from all that is remembered, and not only from the newest.
  expect(new Set(revisions.map(({ episode }) => episode.id)).size).toBeGreaterThan(0.7 * revisions.length);
});

test('a new root value is in seat-0 view, whoever was to move', async () => {
  // A search of 16 simulations sees a win in one.
  const { episodes, revisions } = await playOn('tic-tac-toe', ['replay.reanalyze=0.5', 'actors.openingShare=0'], 2000, 16);
  const signs = new Set<number>();
  for (const { episode } of revisions) {
    const result = episodeReturn(episodes.get(episode.id)!);
    if (result === 0) continue;
    signs.add(result);
    expect(Math.sign(episode.rootValues[episode.actions.length - 1])).toBe(result);
  }
  expect([...signs].sort()).toEqual([-1, 1]);
});

test('looking again disturbs no game: each has its own stream, and the same seed looks at the same ones', async () => {
  // A remembered answer saves a game the draw of an orientation: without memory, only its own stream decides.
  const without = await playOn('connect4', ['actors.cache=0'], 1500);
  const half = await playOn('connect4', ['actors.cache=0', 'replay.reanalyze=0.5'], 1500);
  const same = await playOn('connect4', ['actors.cache=0', 'replay.reanalyze=0.5'], 1500);
  expect(without.revisions).toEqual([]);
  expect(half.revisions.length).toBeGreaterThan(5);
  expect(half.revisions).toEqual(same.revisions);
  let compared = 0;
  for (const [id, { actions, rootValues }] of half.episodes) {
    const other = without.episodes.get(id);
    if (other === undefined) continue;
    compared++;
    expect({ actions, rootValues }).toEqual({ actions: other.actions, rootValues: other.rootValues });
  }
  expect(compared).toBeGreaterThan(5);
});

test('nothing is looked at again with the weights that played it', async () => {
  const { revisions, actor } = await playOn('tic-tac-toe', ['replay.reanalyze=0.5'], 39);
  expect(actor.counters.games).toBeGreaterThan(0);
  expect(revisions).toEqual([]);
});
