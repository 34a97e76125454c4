import { describe, expect, it } from 'vitest';
import type { TournamentCouple, TournamentView } from '#arena/protocol';
import { NONE } from '../ui/format.js';
import { eloText, meeting, pace, placeOn, points, ratingScale, remarks, scoreText, shareOf, verdict } from './figures.js';

describe('numbers', () => {
  it.each<[number | null, number | null, string]>([[123.4, 45.2, '+123 ± 45'], [-15.7, 30.5, '\u221216 ± 31'], [629, 0, '+629 fixed'], [10, null, `+10 ± ${NONE}`], [null, null, NONE]])(
    'Elo %s ± %s', (elo, error, text) => expect(eloText(elo, error)).toBe(text));
  it.each([[0, '0'], [0.5, '½'], [12, '12'], [12.5, '12½'], [1234.5, '1,234½']])('%d points', (value, text) => expect(points(value)).toBe(text));
  it.each([[1, '1–0'], [0.5, '½–½'], [0, '0–1']])('score %d', (score, text) => expect(scoreText(score)).toBe(text));
});

describe('a meeting', () => {
  const couple: TournamentCouple = { a: 0, b: 2, wins: 5, draws: 2, losses: 1, pairs: [0, 1, 0, 0, 1, 2], elo: 120, margin: 80, nelo: 100, los: 0.9 };
  it('is seen from either side', () => {
    expect(meeting([couple], 0, 2)).toBe(couple);
    expect(meeting([couple], 2, 0)).toEqual({ wins: 1, draws: 2, losses: 5, pairs: [2, 1, 0, 0, 1, 0], elo: -120, margin: 80, nelo: -100, los: 1 - 0.9 });
    expect(meeting([couple], 0, 1)).toBeUndefined();
    expect(shareOf(couple)).toBe(0.75);
  });
  it('without a finite difference has none from the other side either', () => {
    expect(meeting([{ ...couple, elo: null, nelo: null, los: null }], 2, 0)).toMatchObject({ elo: null, nelo: null, los: null });
  });
});

describe('the scale of ratings', () => {
  it('has round ticks and holds every interval', () => {
    expect(ratingScale([{ elo: 0, error: 0 }, { elo: 629, error: 0 }, { elo: 310, error: 55 }, { elo: null, error: null }])).toEqual({ low: 0, high: 800, ticks: [0, 200, 400, 600, 800] });
    expect(ratingScale([{ elo: -3, error: 2 }])).toEqual({ low: -15, high: 10, ticks: [-15, -10, -5, 0, 5, 10] });
    expect(ratingScale([{ elo: null, error: null }])).toBeUndefined();
  });
  it.each([[1, 0], [3, 2], [40, 40], [777, 1234], [20_000, 5]])('of %d ± %d has at most eight ticks, around it', (elo, error) => {
    const scale = ratingScale([{ elo, error }])!;
    expect(scale.ticks.length).toBeLessThanOrEqual(8);
    expect(scale.low).toBeLessThanOrEqual(elo - error);
    expect(scale.high).toBeGreaterThanOrEqual(elo + error);
  });
  it('places values inside', () => {
    expect([-10, 0, 5, 10, 99].map((value) => placeOn({ low: 0, high: 10 }, value))).toEqual([0, 0, 50, 100, 100]);
  });
});

it('says what a test has found', () => {
  const sprt = { model: 'normalized', elo0: 0, elo1: 20, alpha: 0.05, beta: 0.05, llr: 3, lower: -2.94, upper: 2.94, pairs: 100 } as const;
  expect(verdict({ ...sprt, state: 'H1' }, 'new', 'old')).toBe('H1 accepted: new is stronger than old, by 20 normalised Elo or so at least');
  expect(verdict({ ...sprt, state: 'H0', model: 'logistic' }, 'new', 'old')).toBe('H0 accepted: new is not stronger than old by more than 0 Elo or so');
  expect(verdict({ ...sprt, state: 'continue' }, 'new', 'old')).toContain('Not decided yet');
});

it('remarks on what one must know to read the ratings', () => {
  const player = { name: 'x', agent: 'x', error: 1, points: 1, wins: 1, draws: 0, losses: 1, faults: 0, games: 2 };
  const view = {
    model: 'bt', virtualDraws: 0, anchors: [{ name: 'random', elo: 0 }], firstPlayer: { games: 10, points: 6, elo: 70 }, unrated: 1, damaged: 2, omitted: 0,
    players: [{ ...player, elo: 0, group: 0 }, { ...player, elo: 5, group: 1 }, { ...player, name: 'unbeaten', elo: null, group: 2 }],
  } as unknown as TournamentView;
  expect(remarks(view)).toEqual([
    'Ratings by Bradley–Terry, errors (95 %) by pairs, random held at 0.',
    '2 groups have not taken points off each other: ratings compare within a group only.',
    'No rating for unbeaten: all won, all lost, or tied to nobody.',
    'Who moves first scores 60.0\u00a0%, an advantage of +70 Elo.',
    '1 game on record is not counted: half a pair, or after the decision.',
    '2 lines of the ledger cannot be read and were passed over.',
  ]);
});

it('tells the pace between two looks, once something came', () => {
  expect(pace({ games: 10, changed: 0 }, { games: 40, changed: 30_000 })).toBe(60);
  expect(pace({ games: 10, changed: 0 }, { games: 10, changed: 30_000 })).toBeUndefined();
  expect(pace({ games: 10, changed: 5 }, { games: 20, changed: 5 })).toBeUndefined();
});
