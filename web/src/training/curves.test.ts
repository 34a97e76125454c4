import { describe, expect, it } from 'vitest';
import type { CheckpointView, Series } from '#arena/protocol';
import { plotsOf, rangeOf } from './curves.js';

const series = (name: string, values: number[]): [string, Series] => [name, { name, elapsed: values.map((_, i) => i * 10), games: values.map((_, i) => i * 100), steps: values.map((_, i) => i), values }];
const checkpoint = (elapsed: number, elo: number | null): CheckpointView => ({
  id: `step-${elapsed}`, agent: null, step: elapsed * 2, games: elapsed * 20, positions: 0, elapsed, rating: elo === null ? null : { elo, error: 40, against: 'uct:sims=1000' }, outcome: null, optimal: null, score: null,
});

describe('plots', () => {
  it('are those with something to show; unknown curves come under their own name', () => {
    const { main, more } = plotsOf(new Map([series('loss.value', [2, 1]), series('loss.policy', [3, 2]), series('evaluation.outcome', [0.8]), series('replay.odd', [5])]), [], 'elapsed');
    expect(main.map((p) => [p.id, p.curves.map((c) => c.label)])).toEqual([['evaluation', ['keeps the result']], ['losses', ['policy', 'value']]]);
    expect(more.map((p) => p.title)).toEqual(['replay.odd']);
  });
  it('lay other runs over this one, named by their run', () => {
    const other = { id: 'x', name: 'wider', series: new Map([series('loss.policy', [1]), series('evaluation.outcome', [0.9])]) };
    const { main } = plotsOf(new Map([series('loss.value', [2]), series('loss.policy', [3]), series('evaluation.outcome', [0.8])]), [], 'elapsed', [other]);
    expect(main.map((p) => p.curves.map((c) => c.label))).toEqual([['keeps the result', 'wider: keeps the result'], ['policy', 'value', 'wider: policy']]);
    expect(plotsOf(new Map(), [], 'elapsed', [other]).main.map((p) => p.id)).toEqual(['evaluation', 'losses']);
  });
  it('of a task of one: what checkpoints return, without exploration', () => {
    const measured = { ...series('evaluation.return', [9, 12])[1], errors: [1, 0.5] };
    const { main, more } = plotsOf(new Map([series('return', [3, 4]), ['evaluation.return', measured]]), [], 'elapsed');
    expect(main.map((p) => [p.id, p.title])).toEqual([['return', 'Return'], ['score', 'Return by checkpoint']]);
    expect(main[1].curves).toMatchObject([{ y: [9, 12], errors: [1, 0.5] }]);
    expect(more).toEqual([]);
  });
  it('of a game for two: the return of self-play is who wins, and the rating says how well', () => {
    const { main } = plotsOf(new Map([series('return', [0.2]), series('evaluation.outcome', [0.9]), series('rating', [500])]), [], 'elapsed', [], 2);
    expect(main.map((p) => p.title)).toEqual(['Moves that keep the result', 'Rating by checkpoint', 'Result for who begins']);
  });
  it('take the chosen axis', () => {
    const curves = new Map([series('loss.policy', [3, 2])]);
    expect(plotsOf(curves, [], 'games').main[0].curves[0].x).toEqual([0, 100]);
    expect(plotsOf(curves, [], 'steps').main[0].curves[0].x).toEqual([0, 1]);
  });
  it('rate checkpoints with their errors and leave the unrated out', () => {
    const rating = plotsOf(new Map(), [checkpoint(60, 10), checkpoint(120, null), checkpoint(180, 90)], 'steps').main.find((p) => p.id === 'rating');
    expect(plotsOf(new Map([series('evaluation.outcome', [0.8])]), [checkpoint(60, 10)], 'elapsed').main.map((p) => p.id)).toEqual(['evaluation', 'rating']);
    expect(rating?.curves[0]).toMatchObject({ x: [120, 360], y: [10, 90], errors: [40, 40] });
    expect(rating?.note).toContain('uct:sims=1000');
  });
});

describe('the y axis', () => {
  it('holds the error bars, with air', () => {
    const [low, high] = rangeOf([{ label: '', x: [0], y: [100], errors: [50] }]);
    expect(low).toBeLessThan(50);
    expect(high).toBeGreaterThan(150);
  });
  it('of a quantity that is never negative does not go below zero', () => expect(rangeOf([{ label: '', x: [0, 1], y: [0.01, 5] }])[0]).toBe(0));
  it('of nothing is still a range', () => expect(rangeOf([])).toEqual([0, 1]));
});
