import { describe, expect, test } from 'vitest';
import { createRng } from '#engine';
import { alphaRank } from './alpha-rank.js';
import { bootstrapElo } from './bootstrap.js';
import { connectedGroups } from './groups.js';
import { matchStatistics, sampleOfGames, sampleOfPairs } from './score.js';
import { type RatedGame, type RatingModel, rateTournament, ratingModels } from './tournament.js';

function results(first: string, second: string, wins: number, draws: number, losses: number): RatedGame[] {
  const of = (count: number, score: number): RatedGame[] => Array.from({ length: count }, () => ({ first, second, score }));
  return [...of(wins, 1), ...of(draws, 0.5), ...of(losses, 0)];
}

/** The worked example: A–B 7 2 1, B–C 6 3 1, A–C 8 1 1. */
const example = [...results('A', 'B', 7, 2, 1), ...results('B', 'C', 6, 3, 1), ...results('A', 'C', 8, 1, 1)];

test('worked example, Bradley and Terry', () => {
  const { players, los } = rateTournament(example, { model: 'bt', advantage: false });
  expect(players.map((p) => p.elo!.toFixed(4))).toEqual(['187.2548', '-14.9751', '-172.2797']);
  expect(players.map((p) => p.se!.toFixed(3))).toEqual(['69.868', '58.976', '67.574']);
  expect([los[0][1], los[1][2], los[0][2]].map((x) => (x! * 100).toFixed(2))).toEqual(['96.67', '93.13', '99.81']);
  expect(los[1][0]! + los[0][1]!).toBeCloseTo(1, 12);
});

test('worked example, Davidson', () => {
  const { players, groups } = rateTournament(example, { model: 'davidson', advantage: false });
  expect(players.map((p) => p.elo!.toFixed(3))).toEqual(['265.197', '-21.485', '-243.712']);
  expect(groups[0].drawParameter!.toFixed(5)).toBe('0.75994');
});

/** A second implementation: coordinate search on the Rao-Kupper likelihood written out from its definition. */
test('worked example, Rao and Kupper, against a direct search', () => {
  const logLikelihood = ([a, b, theta]: number[]): number => {
    const gamma: Record<string, number> = { A: Math.exp(a), B: Math.exp(b), C: Math.exp(-a - b) };
    return example.reduce((sum, { first, second, score }) => {
      const win = gamma[first] / (gamma[first] + theta * gamma[second]);
      const loss = gamma[second] / (gamma[second] + theta * gamma[first]);
      return sum + Math.log(score === 1 ? win : score === 0 ? loss : 1 - win - loss);
    }, 0);
  };
  const x = [0, 0, 2];
  for (let step = 0.5; step > 1e-10; ) {
    let better = false;
    for (let i = 0; i < 3; i++) {
      for (const direction of [step, -step]) {
        const y = x.map((v, j) => (j === i ? v + direction : v));
        if (y[2] > 1 && logLikelihood(y) > logLikelihood(x)) {
          x[i] = y[i];
          better = true;
        }
      }
    }
    if (!better) step /= 2;
  }
  const { players, groups } = rateTournament(example, { model: 'raokupper', advantage: false });
  expect(players[0].elo!).toBeCloseTo((400 / Math.LN10) * x[0], 3);
  expect(players[1].elo!).toBeCloseTo((400 / Math.LN10) * x[1], 3);
  expect(groups[0].drawParameter!).toBeCloseTo(x[2], 5);
});

describe.each(ratingModels)('%s', (model) => {
  test('rock, paper, scissors: every rating equal', () => {
    const games = [...results('R', 'S', 10, 0, 0), ...results('S', 'P', 10, 0, 0), ...results('P', 'R', 10, 0, 0)];
    for (const player of rateTournament(games, { model, advantage: false }).players) {
      expect(player.elo).toBeCloseTo(0, 6);
      expect(player.se!).toBeGreaterThan(0);
    }
  });

  test('an anchor is held, and differences stay', () => {
    const free = rateTournament(example, { model, advantage: false }).players;
    const held = rateTournament(example, { model, advantage: false, anchors: { C: 1000 } }).players;
    expect(held[2]).toMatchObject({ elo: 1000, se: 0 });
    for (const i of [0, 1]) expect(held[i].elo! - 1000).toBeCloseTo(free[i].elo! - free[2].elo!, 5);
  });

  test('groups that nobody connects are rated apart; an unbeaten player has no rating, unless by virtual draws', () => {
    const games = [...example, ...results('X', 'Y', 3, 0, 2), ...results('Z', 'A', 4, 0, 0)];
    const { players, los } = rateTournament(games, { model, advantage: false });
    const by = new Map(players.map((p) => [p.name, p]));
    expect(by.get('Z')).toMatchObject({ elo: null, se: null });
    expect(by.get('X')!.elo! + by.get('Y')!.elo!).toBeCloseTo(0, 8);
    expect(by.get('X')!.group).not.toBe(by.get('A')!.group);
    expect(los[0][players.findIndex((p) => p.name === 'X')]).toBeNull();
    const virtual = rateTournament(games, { model, advantage: false, virtualDraws: 1 }).players.find((p) => p.name === 'Z')!;
    expect(virtual.elo!).toBeGreaterThan(by.get('A')!.elo!);
  });

  test('finds the strengths and the first-player advantage that made the games', () => {
    const rng = createRng('tournament');
    const truth: Record<string, number> = { A: 150, B: 40, C: -60, D: -130 };
    const advantage = 120;
    const theta = 1.6;
    const games: RatedGame[] = [];
    for (const first of Object.keys(truth)) {
      for (const second of Object.keys(truth)) {
        if (first === second) continue;
        for (let i = 0; i < 1500; i++) {
          const ratio = 10 ** ((truth[first] - truth[second] + advantage) / 400);
          const u = rng.float();
          const win = model === 'bt' ? ratio / (ratio + 1) : ratio / (ratio + theta);
          const loss = model === 'bt' ? 1 - win : 1 / (1 + theta * ratio);
          games.push({ first, second, score: u < win ? 1 : u < win + loss ? 0 : 0.5 });
        }
      }
    }
    const rated = rateTournament(games, { model });
    // Davidson's curve differs in shape from the one that made the games, so only its order and sign are asked for.
    const tolerance = model === 'davidson' ? 60 : 4;
    for (const p of rated.players) expect(Math.abs(p.elo! - truth[p.name])).toBeLessThan(Math.max(tolerance, tolerance * p.se!));
    expect(rated.groups[0].advantage!).toBeGreaterThan(100);
  });

  test.each<[string, RatedGame[]]>([
    ['no games', []],
    ['one win', results('A', 'B', 1, 0, 0)],
    ['only draws', results('A', 'B', 0, 5, 0)],
    ['the first player always wins', [...results('A', 'B', 5, 0, 0), ...results('B', 'A', 5, 0, 0)]],
  ])('degenerate: %s gives null or numbers, never NaN', (_, games) => {
    const rated = rateTournament(games, { model });
    for (const p of rated.players) for (const v of [p.elo, p.se]) expect(v === null || Number.isFinite(v)).toBe(true);
    for (const v of rated.los.flat()) expect(v === null || Number.isFinite(v)).toBe(true);
  });
});

test('errors clustered by pair: identical games in a cluster count once', () => {
  const model: RatingModel = 'bt';
  const once = example.map((game, i) => ({ ...game, cluster: `${i}` }));
  const twice = once.flatMap((game) => [game, game]);
  const single = rateTournament(once, { model, advantage: false }).players;
  const doubled = rateTournament(twice, { model, advantage: false }).players;
  const naive = rateTournament(twice.map(({ first, second, score }) => ({ first, second, score })), { model, advantage: false }).players;
  expect(doubled[0].elo).toBeCloseTo(single[0].elo!, 8);
  expect(doubled[0].se!).toBeCloseTo(single[0].se!, 6);
  expect(naive[0].se!).toBeCloseTo(69.868 / Math.SQRT2, 2);
});

test('ten thousand clustered games of twenty players are rated quickly enough for a page', () => {
  const rng = createRng('large');
  const games = Array.from({ length: 10_000 }, (_, i): RatedGame => {
    const a = rng.below(20);
    const b = (a + 1 + rng.below(19)) % 20;
    const u = rng.float();
    return { first: `p${a}`, second: `p${b}`, score: u < 0.5 + (b - a) / 60 ? 1 : u < 0.9 ? 0 : 0.5, cluster: `${i >> 1}` };
  });
  const rated = rateTournament(games, { model: 'davidson' });
  expect(rated.players).toHaveLength(20);
  expect(rated.players.every((p) => p.se! > 0)).toBe(true);
});

test('strongly connected groups', () => {
  expect(connectedGroups(5, [[0, 1], [1, 2], [2, 0], [2, 3], [3, 4]])).toEqual([0, 0, 0, 1, 2]);
  expect(connectedGroups(3, [])).toEqual([0, 1, 2]);
});

describe('α-rank', () => {
  test('rock, paper, scissors: a third each', () => {
    for (const x of alphaRank([[0.5, 1, 0], [0, 0.5, 1], [1, 0, 0.5]])) expect(x).toBeCloseTo(1 / 3, 12);
  });
  test('a dominant strategy takes everything; equals share', () => {
    const [a, b] = alphaRank([[0.5, 0.9], [0.1, 0.5]]);
    expect(a).toBeGreaterThan(0.999);
    expect(a + b).toBeCloseTo(1, 12);
    expect(alphaRank([[0.5, 0.5], [0.5, 0.5]])).toEqual([0.5, 0.5]);
    expect(alphaRank([[0.5]])).toEqual([1]);
    expect(alphaRank([])).toEqual([]);
  });
});

test('bootstrap agrees with the formula within 5 %', () => {
  const rng = createRng('bootstrap');
  for (const sample of [sampleOfPairs([34, 54, 31, 32, 64, 75]), sampleOfGames({ wins: 136, losses: 96, draws: 111 })]) {
    const margin = matchStatistics(sample).margin!;
    expect(Math.abs(bootstrapElo(sample, rng)!.margin - margin) / margin).toBeLessThan(0.05);
  }
  expect(bootstrapElo(sampleOfGames({ wins: 3, draws: 0, losses: 0 }), rng)).toBeNull();
  expect(bootstrapElo(sampleOfGames({ wins: 0, draws: 0, losses: 0 }), rng)).toBeNull();
});
