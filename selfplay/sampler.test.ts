import { expect, test } from 'vitest';
import { createRng, type Game } from '#engine';
import { connect4, ticTacToe } from '#games';
import { EpisodeRecorder, type Episode } from './episode.js';
import { ReplayWindow, RowWriter, windowSize } from './sampler.js';

const rng = createRng(11);
const plain = (valueMix: number) => ({ valueMix, policySmoothing: 0 });
const targets = ['policy', 'value', 'weight', 'reply', 'pliesLeft'];

/** A game given by its moves, with made-up policies (all mass on the move played) and root values t / 10, in seat-0 view. */
function record(game: Game, moves: number[], trained: (t: number) => boolean = () => true, end: Episode['end'] = 'terminated'): Episode {
  const recorder = new EpisodeRecorder();
  const state = game.start(createRng(0));
  const legal = new Int32Array(game.actionCount);
  moves.forEach((move, t) => {
    const count = state.legal(legal);
    const policy = new Float32Array(game.actionCount);
    policy[move] = 1;
    recorder.ply(move, state.apply(move, rng), t / 10, trained(t));
    if (trained(t)) recorder.policy(legal, count, policy);
  });
  return recorder.finish({ id: moves.join(''), gameId: game.id, gameVersion: game.version, seed: 0, checkpoint: 0, end });
}

/** Seat 0 takes the top row of tic-tac-toe: 0 3 1 4 2. */
const firstWins = record(ticTacToe, [0, 3, 1, 4, 2]);
/** Seat 1 takes the middle row: 0 3 1 4 8 5. */
const secondWins = record(ticTacToe, [0, 3, 1, 4, 8, 5]);

test.each([
  // Hand-worked: seat 0 moves at even plies; z is +1 for the winner to move, -1 for the loser to move.
  [firstWins, 0, 0, 1],
  [firstWins, 1, 0, -1],
  [firstWins, 4, 0, 1],
  [secondWins, 0, 0, -1],
  [secondWins, 1, 0, 1],
  [secondWins, 5, 0, 1],
  // Root values are .1 t for seat 0, so their sign flips for seat 1.
  [firstWins, 3, 1, -0.3],
  [firstWins, 4, 1, 0.4],
  [firstWins, 3, 0.5, -0.65],
  [secondWins, 4, 0.25, -0.65],
])('value target of game %# at ply %i with mix %f', (episode, ply, mix, expected) => {
  const writer = new RowWriter(ticTacToe, 1, targets);
  writer.write(0, episode, ply, plain(mix), 0, rng);
  expect(writer.rows.value[0]).toBeCloseTo(expected, 6);
  expect(writer.rows.weight[0]).toBe(1);
  expect(writer.rows.pliesLeft[0]).toBeCloseTo((episode.actions.length - ply) / 9, 6);
});

test('win, draw and loss odds follow the result, and the search\'s share keeps their mean', () => {
  const writer = new RowWriter(ticTacToe, 1, ['wdl']);
  writer.write(0, secondWins, 1, plain(0), 0, rng);
  expect([...writer.rows.wdl]).toEqual([1, 0, 0]);
  writer.write(0, firstWins, 1, plain(0.5), 0, rng);
  const [win, draw, loss] = writer.rows.wdl;
  expect(win + draw + loss).toBeCloseTo(1, 6);
  expect(win - loss).toBeCloseTo(-0.5 - 0.05, 6);
});

test('planes are those of the position before the move, and the policy is that move', () => {
  const writer = new RowWriter(ticTacToe, 2, targets);
  writer.write(1, firstWins, 3, plain(0), 0, rng);
  const state = (ticTacToe as Game).start(rng);
  for (const move of [0, 3, 1]) state.apply(move, rng);
  const planes = new Float32Array(writer.rows.planes.length / 2);
  state.observe(planes);
  expect(writer.rows.planes.slice(planes.length)).toEqual(planes);
  expect(Array.from(writer.rows.policy.subarray(9))).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 0]);
});

test('smoothing gives every legal move its share, and illegal ones nothing', () => {
  const writer = new RowWriter(ticTacToe, 1, targets);
  writer.write(0, firstWins, 3, { valueMix: 0, policySmoothing: 0.12 }, 0, rng);
  [0, 0, 0.02, 0, 0.9, 0.02, 0.02, 0.02, 0.02].forEach((share, action) => expect(writer.rows.policy[action]).toBeCloseTo(share, 6));
});

test('the reply is the opponent\'s next policy, and never comes from past the end', () => {
  const writer = new RowWriter(ticTacToe, 1, targets);
  writer.write(0, firstWins, 3, plain(0), 0, rng);
  expect([...writer.rows.reply]).toEqual([0, 0, 1, 0, 0, 0, 0, 0, 0]);
  writer.write(0, firstWins, 4, plain(0), 0, rng);
  expect([...writer.rows.reply]).toEqual(Array(9).fill(0));
  const holes = record(ticTacToe, [0, 3, 1, 4, 2], (t) => t !== 3);
  writer.write(0, holes, 2, plain(0), 0, rng);
  expect([...writer.rows.reply]).toEqual(Array(9).fill(0));
});

test('what was cut off is worth its last root value', () => {
  const cut = record(ticTacToe, [0, 3, 1], undefined, 'truncated');
  const writer = new RowWriter(ticTacToe, 1, targets);
  writer.write(0, cut, 0, plain(0), 0, rng);
  expect(writer.rows.value[0]).toBeCloseTo(0.2, 6);
  writer.write(0, cut, 1, plain(0), 0, rng);
  expect(writer.rows.value[0]).toBeCloseTo(-0.2, 6);
});

test('a row in a symmetry is the row of the transformed game', () => {
  for (const game of [ticTacToe, connect4] as Game[]) {
    const moves = game === ticTacToe ? [0, 4, 2, 1] : [3, 3, 2, 6, 0];
    const original = record(game, moves);
    for (const [s, symmetry] of (game.symmetries ?? []).entries()) {
      const turned = record(game, moves.map((move) => symmetry.actions[move]));
      const a = new RowWriter(game, 1, targets);
      const b = new RowWriter(game, 1, targets);
      for (let ply = 0; ply < moves.length; ply++) {
        a.write(0, original, ply, plain(0.5), s, rng);
        b.write(0, turned, ply, plain(0.5), 0, rng);
        expect(a.rows, `${game.id} ${symmetry.name} ply ${ply}`).toEqual(b.rows);
      }
    }
  }
});

test('positions are drawn uniformly over the trained ones, whatever was dropped before', () => {
  const window = new ReplayWindow();
  for (let i = 0; i < 3000; i++) window.add({ ...secondWins, id: 'old' });
  window.add({ ...record(ticTacToe, [0, 3], () => false), id: 'never' });
  window.add(record(ticTacToe, [0, 3, 1, 4, 2], (t) => t % 2 === 0));
  window.add(secondWins);
  window.shrink(9);
  expect([window.games, window.positions]).toEqual([2, 9]);
  const counts: Record<string, number> = {};
  const draws = 18000;
  const stream = createRng(4);
  for (let i = 0; i < draws; i++) {
    const { episode, ply } = window.draw(stream);
    counts[`${episode.id}@${ply}`] = (counts[`${episode.id}@${ply}`] ?? 0) + 1;
  }
  expect(Object.keys(counts).sort()).toEqual(['03142@0', '03142@2', '03142@4', '031485@0', '031485@1', '031485@2', '031485@3', '031485@4', '031485@5']);
  // Chi-square with 8 degrees of freedom: 26.1 is passed by chance once in a thousand seeds, and this one is fixed.
  const chi = Object.values(counts).reduce((sum, n) => sum + (n - draws / 9) ** 2 / (draws / 9), 0);
  expect(chi).toBeLessThan(26.1);
});

test('the window holds its size as games come and go', () => {
  const window = new ReplayWindow();
  for (let i = 0; i < 10000; i++) {
    window.add(secondWins);
    window.shrink(600);
    expect(window.positions).toBeLessThanOrEqual(606);
  }
  expect(window.positions).toBeGreaterThanOrEqual(600);
});

test.each([
  // c = 1000, alpha .75, beta .4: below c all; at 16 c: 1 + .4 (16^.75 - 1) / .75 = 1 + .4 * 7 / .75 = 4.7333.
  [500, 1000],
  [1000, 1000],
  [16000, 4733],
  [1e9, 5000],
])('the window after %i positions is %i', (total, size) => {
  expect(windowSize(total, { window: 1000, alpha: 0.75, beta: 0.4, capacity: 5000 })).toBe(size);
});

/** The game with other targets: policies with all mass on the last legal move, and root values -t / 10. */
function revised(episode: Episode): Episode {
  const { starts, probabilities } = episode.policies;
  const other = probabilities.map((_, i) => (starts.indexOf(i + 1) > 0 ? 1 : 0));
  return { ...episode, rootValues: episode.rootValues.map((value) => -value), policies: { ...episode.policies, probabilities: other } };
}

test('a revision exchanges policies and values of its game, for both seats and all orientations, and nothing else', () => {
  const window = new ReplayWindow();
  window.add(firstWins);
  window.add(secondWins);
  expect(window.revise(revised(firstWins))).toBe(5);
  expect([window.games, window.positions]).toEqual([2, 11]);
  const writer = new RowWriter(ticTacToe, 1, targets);
  const stream = createRng(9);
  const seen = new Set<string>();
  for (let i = 0; i < 200; i++) {
    const { episode, ply } = window.draw(stream);
    seen.add(`${episode.id}@${ply}`);
    const [symmetry] = [stream.below(8)];
    writer.write(0, episode, ply, plain(0.5), symmetry, rng);
    const again = episode.id === firstWins.id;
    // Root values are .1 t in seat-0 view, now -.1 t; the result, +1 for seat 0 in one game and -1 in the other, stays.
    const sign = ply % 2 === 0 ? 1 : -1;
    expect(writer.rows.value[0]).toBeCloseTo(0.5 * sign * (again ? 1 : -1) + 0.5 * sign * (again ? -1 : 1) * (ply / 10), 6);
    const free = [0, 1, 2, 3, 4, 5, 6, 7, 8].filter((cell) => !episode.actions.subarray(0, ply).includes(cell));
    const target = again ? free[free.length - 1] : episode.actions[ply];
    expect(writer.rows.policy.indexOf(1)).toBe(ticTacToe.symmetries![symmetry].actions[target]);
  }
  expect(seen.size).toBe(11);
});

test('a revision of a game that is gone from the window, or never was there, is ignored', () => {
  const window = new ReplayWindow();
  const numbered = (i: number): Episode => ({ ...secondWins, id: `g${i}` });
  const stream = createRng(3);
  for (let i = 0; i < 5000; i++) {
    window.add(numbered(i));
    window.shrink(60);
    // From the first revision on, places are kept while games come, go, and the arrays are compacted.
    if (i % 7 === 0) expect(window.revise({ ...revised(secondWins), id: `g${Math.max(0, i - 3)}` })).toBe(6);
  }
  expect(window.revise(revised(numbered(4000)))).toBe(0);
  expect(window.revise(revised(numbered(5000)))).toBe(0);
  const found = new Map<string, number>();
  for (let i = 0; i < 2000; i++) {
    const { episode } = window.draw(stream);
    found.set(episode.id, episode.rootValues[5]);
  }
  // Revised: those with i % 7 == 0, three games earlier; 4998 is the last such i, and 4990 the oldest game held.
  expect([...found].filter(([, value]) => value < 0).map(([id]) => id)).toEqual(['g4995']);
  expect([...found.keys()].sort()).toEqual(Array.from({ length: 10 }, (_, i) => `g${4990 + i}`));
  expect(() => window.revise({ ...firstWins, id: 'g4999' })).toThrow(/other positions/);
});
