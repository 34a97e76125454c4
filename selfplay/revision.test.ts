import { expect, test } from 'vitest';
import { createRng, type Game } from '#engine';
import { ticTacToe } from '#games';
import { EpisodeRecorder, type Episode } from './episode.js';
import { RememberedGames } from './remembered.js';
import { Revision } from './revision.js';
import { RowWriter } from './sampler.js';

const rng = createRng(2);
const game: Game = ticTacToe;

/** A game given by its moves; untrained plies have the root value .9, the others .1 and an even policy. */
function record(moves: readonly number[], trained: (t: number) => boolean, checkpoint = 3): Episode {
  const recorder = new EpisodeRecorder();
  const state = game.start(rng);
  const legal = new Int32Array(9);
  moves.forEach((move, t) => {
    const count = state.legal(legal);
    recorder.ply(move, state.apply(move, rng), trained(t) ? 0.1 : 0.9, trained(t));
    if (trained(t)) recorder.policy(legal, count, new Float32Array(9).fill(1 / count));
  });
  return recorder.finish({ id: 'r', gameId: game.id, gameVersion: game.version, seed: 0, checkpoint, end: 'terminated' });
}

/** Searched by what says .5 for the seat to move, and is sure of `wanted` of ply t. */
function revise(episode: Episode, wanted: (t: number) => number): { fresh: Episode; searched: number[]; played: number[][] } {
  const revision = new Revision(game, episode, rng);
  const searched: number[] = [];
  const played: number[][] = [];
  while (!revision.over) {
    searched.push(revision.ply);
    const expected = game.start(rng);
    for (const move of episode.actions.subarray(0, revision.ply)) expected.apply(move, rng);
    const planes = [new Float32Array(27), new Float32Array(27)];
    revision.state.observe(planes[0]);
    expected.observe(planes[1]);
    expect(planes[0]).toEqual(planes[1]);
    const policy = new Float32Array(9);
    policy[wanted(revision.ply)] = 1;
    played.push(revision.record(0.5, policy));
  }
  return { fresh: revision.episode, searched, played };
}

test('trained positions are searched in order, and get the new policy and value; what was played stays', () => {
  // Seat 0 takes the top row; plies 0 and 3 were an opening move and a fast one.
  const moves = [0, 3, 1, 4, 2];
  const old = record(moves, (t) => t !== 0 && t !== 3);
  const before = structuredClone(old);
  const { fresh, searched, played } = revise(old, () => 8);
  expect(searched).toEqual([1, 2, 4]);
  expect(played).toEqual([[3], [1, 4], [2]]);
  // .5 for the seat to move is -.5 for seat 0 at odd plies; what was not searched keeps its value.
  expect([...fresh.rootValues].map((value) => Math.round(10 * value))).toEqual([9, -5, 5, 9, 5]);
  const { starts, actions, probabilities } = fresh.policies;
  for (const t of searched) {
    for (let i = starts[t]; i < starts[t + 1]; i++) expect(probabilities[i]).toBe(actions[i] === 8 ? 1 : 0);
  }
  expect({ ...fresh, rootValues: before.rootValues, policies: { ...fresh.policies, probabilities: before.policies.probabilities } }).toEqual(before);
  // The old one may still be on its way somewhere.
  expect(old).toEqual(before);
});

test('a revised game turned is the turned game revised', () => {
  const moves = [0, 4, 2, 1, 7];
  const names = ['policy', 'value', 'reply'];
  for (const [s, symmetry] of game.symmetries!.entries()) {
    const { fresh } = revise(record(moves, () => true), (t) => [8, 1, 1, 7, 3][t]);
    const { fresh: turned } = revise(record(moves.map((move) => symmetry.actions[move]), () => true), (t) => symmetry.actions[[8, 1, 1, 7, 3][t]]);
    const a = new RowWriter(game, 1, names);
    const b = new RowWriter(game, 1, names);
    for (let ply = 0; ply < moves.length; ply++) {
      a.write(0, fresh, ply, { valueMix: 0.5, policySmoothing: 0 }, s, rng);
      b.write(0, turned, ply, { valueMix: 0.5, policySmoothing: 0 }, 0, rng);
      expect(a.rows, `${symmetry.name} ply ${ply}`).toEqual(b.rows);
    }
  }
});

test('an actor remembers its part of the window, and offers games of older weights only', () => {
  const five = record([0, 3, 1, 4, 2], () => true);
  const replay = { window: 1000, alpha: 0.75, beta: 0.4, capacity: 1e6, reanalyze: 0.25 };
  const remembered = new RememberedGames(replay, 2);
  expect(remembered.older(9, rng)).toBeUndefined();
  for (let i = 0; i < 1600; i++) remembered.add({ ...five, id: `${i}` });
  expect(remembered.older(3, rng)).toBeUndefined();
  const drawn = new Set(Array.from({ length: 10_000 }, () => Number(remembered.older(4, rng)?.id)));
  // 8000 positions here are 16000 of the run, whose window is then 4733 (see the sampler's test): here 2366, that is 474 games.
  expect(drawn.size).toBe(474);
  expect(Math.min(...drawn)).toBe(1600 - 474);
});
