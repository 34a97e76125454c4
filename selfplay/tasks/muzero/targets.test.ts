import { describe, expect, it } from 'vitest';
import { createRng } from '#engine';
import { History, RUNNING, TERMINATED, TRUNCATED } from './history.js';
import { createRows, endsWithin, fillRow, returnOf, type TargetFacts } from './targets.js';

interface Step { reward: number; value: number; turn?: 0 | 1; action?: number; end?: number; finalValue?: number; strayed?: boolean }

/** One environment's steps, written one after the other; the observation of step t is [t]. */
function written(steps: readonly Step[], lag: number, length = 32): { history: History; ready: number[] } {
  const history = new History({ environments: 2, length, planes: 1, frames: 'floats', actionCount: 2, lag });
  const ready: number[] = [];
  // Environment 1: slots of environment 0 stay empty.
  steps.forEach((step, t) => {
    const slot = history.open(1);
    history.seen.write(slot, Float32Array.of(t), 0);
    history.rewards[slot] = step.reward;
    history.values[slot] = step.value;
    history.turns[slot] = step.turn ?? 0;
    history.strayed[slot] = step.strayed === true ? 1 : 0;
    history.actions[slot] = step.action ?? t % 2;
    history.policies.set([0.25, 0.75], 2 * slot);
    history.ends[slot] = step.end ?? RUNNING;
    history.finalValues[slot] = step.finalValue ?? 0;
    history.commit(1, (became) => {
      ready.push(became - length);
      history.masses.set(became, 1);
    });
  });
  return { history, ready };
}

const one = { size: 1, scaled: false } as const;
const wide = { size: 4, scaled: false } as const;
const facts = (more: Partial<TargetFacts> = {}): TargetFacts => ({ model: { value: wide, reward: one, unroll: 3, consistency: false, reconstruction: false }, actionCount: 2, tdSteps: 2, discount: 0.5, ...more });
const rowsOf = (array: Float32Array, width: number) => Array.from({ length: array.length / width }, (_, i) => [...array.subarray(i * width, (i + 1) * width)]);
/** Means of distributions over -size … size; NaN where nothing is taught. */
const means = (array: Float32Array, size: number) => rowsOf(array, 2 * size + 1).map((p) => (p.every((x) => x === 0) ? NaN : p.reduce((sum, x, i) => sum + x * (i - size), 0)));

describe('n-step returns', () => {
  const going = written([{ reward: 1, value: 9 }, { reward: 2, value: 9 }, { reward: 3, value: 9 }, { reward: 0, value: 10 }, { reward: 0, value: 9 }], 2).history;
  // The classic: rewards 1, 2, 3, then a value of 10 at γ = .9: 1 + .9·2 + .81·3 + .729·10 = 12.52.
  it('rewards, then the value of the search', () => expect(returnOf(going, 32, { tdSteps: 3, discount: 0.9 })).toBeCloseTo(12.52, 5));
  it('n = 0 is the value itself', () => expect(returnOf(going, 35, { tdSteps: 0, discount: 0.9 })).toBe(10));

  const ended = written([{ reward: 1, value: 9 }, { reward: 2, value: 9, end: TERMINATED }, { reward: 100, value: 100 }], 2).history;
  it('stops at a true end: 1 + .5·2', () => expect(returnOf(ended, 32, { tdSteps: 5, discount: 0.5 })).toBe(2));

  const cut = written([{ reward: 1, value: 9 }, { reward: 2, value: 9, end: TRUNCATED, finalValue: 8 }, { reward: 100, value: 100 }], 2).history;
  it('goes on past a cut with the value there: 1 + .5·2 + .25·8', () => expect(returnOf(cut, 32, { tdSteps: 5, discount: 0.5 })).toBe(4));
  it('... even where the cut comes as the last of n: 2 + .5·8', () => expect(returnOf(cut, 33, { tdSteps: 1, discount: 0.5 })).toBe(6));

  // The third move is drawn at random: what came of it says nothing of the moves before.
  const strayed = written([{ reward: 1, value: 9 }, { reward: 2, value: 9 }, { reward: 100, value: 6, strayed: true }, { reward: 100, value: 9, end: TERMINATED }], 4).history;
  it('goes no further than to a move drawn at random: 1 + .5·2 + .25·6', () => expect(returnOf(strayed, 32, { tdSteps: 4, discount: 0.5 })).toBe(3.5));
  it('... whose own position has the value of the search, 6', () => expect(returnOf(strayed, 34, { tdSteps: 4, discount: 0.5 })).toBe(6));
});

describe('the end of an episode', () => {
  const { history } = written([{ reward: 0, value: 0 }, { reward: 0, value: 0 }, { reward: 1, value: 0, end: TERMINATED }, { reward: 0, value: 0, end: TRUNCATED }, { reward: 0, value: 0 }], 5);
  // The third step ends its episode: it is within three steps of the first, within two of the second, within one of itself.
  it.each([[0, 2, false], [0, 3, true], [1, 1, false], [1, 2, true], [2, 1, true], [3, 1, true], [4, 1, false]])('step %d, %d steps on: %s', (at, steps, expected) =>
    expect(endsWithin(history, 32 + at, steps)).toBe(expected));
});

describe('a row of one seat', () => {
  it('in the middle of an episode', () => {
    const { history } = written([{ reward: 1, value: 0 }, { reward: 0, value: 1 }, { reward: 1, value: 2 }, { reward: -1, value: 3 }, { reward: 0, value: 4 }, { reward: 0, value: 2 }], 5);
    const rows = createRows(facts(), 1, 2);
    fillRow(history, 32, facts(), rows, 1, createRng(1));
    expect(rows.planes[1]).toBe(0);
    expect([...rows.actions.subarray(3)]).toEqual([0, 1, 0]);
    // z_t = r_t + .5 r_{t+1} + .25 v_{t+2}: 1 + 0 + .5; 0 + .5 + .75; 1 - .5 + 1; -1 + 0 + .5.
    expect(means(rows.value, 4).slice(4)).toEqual([1.5, 1.25, 1.5, -0.5]);
    expect(means(rows.reward, 1).slice(3)).toEqual([1, 0, 1]);
    expect(rowsOf(rows.policy, 2).slice(4)).toEqual(Array(4).fill([0.25, 0.75]));
  });

  it('past a true end: absorbing, value and reward 0, no policy', () => {
    const { history } = written([{ reward: 1, value: 3, end: RUNNING }, { reward: 1, value: 3, end: TERMINATED }, { reward: 1, value: 3 }, { reward: 1, value: 3 }], 5);
    const rows = createRows(facts(), 1, 1);
    fillRow(history, 32, facts(), rows, 0, createRng(1));
    expect(means(rows.value, 4)).toEqual([1.5, 1, 0, 0]);
    expect(means(rows.reward, 1)).toEqual([1, 1, 0]);
    expect(rowsOf(rows.policy, 2)).toEqual([[0.25, 0.75], [0.25, 0.75], [0, 0], [0, 0]]);
    expect([...rows.actions.subarray(0, 2)]).toEqual([0, 1]);
  });

  it('past a cut: nothing is taught', () => {
    const { history } = written([{ reward: 1, value: 3, end: TRUNCATED, finalValue: 2 }, { reward: 1, value: 3 }, { reward: 1, value: 3 }, { reward: 1, value: 3 }], 5);
    const rows = createRows(facts(), 1, 1);
    fillRow(history, 32, facts(), rows, 0, createRng(1));
    expect(means(rows.value, 4)).toEqual([2, NaN, NaN, NaN]);
    expect(means(rows.reward, 1)).toEqual([1, NaN, NaN]);
    expect(rowsOf(rows.policy, 2).slice(1)).toEqual([[0, 0], [0, 0], [0, 0]]);
  });

  it('what is seen later, for consistency, and that it is unknown past the end', () => {
    const { history } = written([{ reward: 0, value: 0 }, { reward: 0, value: 0 }, { reward: 1, value: 0, end: TERMINATED }, { reward: 0, value: 0 }], 5);
    const seeing = facts({ model: { value: one, reward: one, unroll: 3, consistency: true, reconstruction: false } });
    const rows = createRows(seeing, 1, 1);
    fillRow(history, 32, seeing, rows, 0, createRng(1));
    expect([...(rows.seen as Float32Array)]).toEqual([1, 2, 0]);
    expect([...(rows.alike as Float32Array)]).toEqual([1, 1, 0]);
  });
});

describe('a row of two seats: outcomes, for whoever moves', () => {
  // Seat 1 makes the last move and wins: -1 to seat 0.
  const game: Step[] = [{ reward: 0, value: 0.1, turn: 0 }, { reward: 0, value: 0.2, turn: 1 }, { reward: 0, value: 0.3, turn: 0 }, { reward: -1, value: 0.4, turn: 1, end: TERMINATED }, { reward: 0, value: 0, turn: 0 }];
  const outcome = facts({ model: { value: one, reward: one, unroll: 3, consistency: false, reconstruction: false }, tdSteps: 100, discount: 1 });

  it('from seat 0', () => {
    const rows = createRows(outcome, 1, 1);
    fillRow(written(game, 100).history, 32, outcome, rows, 0, createRng(1));
    expect(means(rows.value, 1)).toEqual([-1, 1, -1, 1]);
    expect(means(rows.reward, 1)).toEqual([0, 0, 0]);
  });

  it('from seat 1, over the end: the mover is paid, then nothing', () => {
    const rows = createRows(outcome, 1, 1);
    fillRow(written(game, 100).history, 33, outcome, rows, 0, createRng(1));
    expect(means(rows.value, 1)).toEqual([1, -1, 1, 0]);
    expect(means(rows.reward, 1)).toEqual([0, 0, 1]);
  });
});

it('another orientation turns what is seen, the moves and the policies, and nothing else', () => {
  const flip = { name: 'flip', cells: Int32Array.of(1, 0), actions: Int32Array.of(1, 0) };
  const history = new History({ environments: 1, length: 8, planes: 4, frames: 'floats', actionCount: 2, lag: 4 });
  for (let t = 0; t < 3; t++) {
    const slot = history.open(0);
    // Two channels of two cells.
    history.seen.write(slot, Float32Array.of(t, 10 + t, 20 + t, 30 + t), 0);
    history.rewards[slot] = t === 2 ? 1 : 0;
    history.actions[slot] = t % 2;
    history.policies.set([0.25, 0.75], 2 * slot);
    history.ends[slot] = t === 2 ? TERMINATED : RUNNING;
    history.commit(0, () => {});
  }
  const plain = facts({ model: { value: one, reward: one, unroll: 2, consistency: true, reconstruction: false }, discount: 1, tdSteps: 3 });
  // Both entries are the same, so that whichever is drawn is known.
  const [before, after] = [[flip].slice(1), [flip, flip]].map((symmetries) => {
    const rows = createRows(plain, 4, 1);
    fillRow(history, 0, { ...plain, symmetries }, rows, 0, createRng(1));
    return rows;
  });
  expect([...before.planes]).toEqual([0, 10, 20, 30]);
  expect([...after.planes]).toEqual([10, 0, 30, 20]);
  expect([...(before.seen as Float32Array)]).toEqual([1, 11, 21, 31, 2, 12, 22, 32]);
  expect([...(after.seen as Float32Array)]).toEqual([11, 1, 31, 21, 12, 2, 32, 22]);
  expect([...before.actions, ...after.actions]).toEqual([0, 1, 1, 0]);
  expect(rowsOf(before.policy, 2)).toEqual(Array(3).fill([0.25, 0.75]));
  expect(rowsOf(after.policy, 2)).toEqual(Array(3).fill([0.75, 0.25]));
  expect(after.value).toEqual(before.value);
  expect(after.reward).toEqual(before.reward);
});

describe('which steps can be drawn', () => {
  it('those whose targets are known: after the lag, or at the end', () => {
    const { ready } = written([{ reward: 0, value: 0 }, { reward: 0, value: 0 }, { reward: 0, value: 0 }, { reward: 0, value: 0, end: TERMINATED }, { reward: 0, value: 0 }, { reward: 0, value: 0 }], 2);
    // Steps 0 and 1 by lag (at steps 2 and 3), the rest of the episode at its end, nothing yet of the next one.
    expect(ready).toEqual([0, 1, 2, 3]);
  });

  it('no longer when overwritten; a long episode loses its beginning', () => {
    const { history, ready } = written(Array.from({ length: 11 }, (_, t) => ({ reward: t === 10 ? 1 : 0, value: 0, end: t === 10 ? TERMINATED : RUNNING })), 100, 8);
    // Steps 3 … 10 are still there, in slots 3 … 7, 0, 1, 2.
    expect(ready).toEqual([3, 4, 5, 6, 7, 0, 1, 2]);
    expect(history.size).toBe(8);
    expect(history.masses.total).toBe(8);
    history.open(1);
    expect(history.masses.total).toBe(7);
    expect(returnOf(history, history.slot(1, 4), { tdSteps: 100, discount: 1 })).toBe(1);
  });

  it('comes back from a checkpoint as it was', () => {
    const { history } = written([{ reward: 1, value: 2 }, { reward: 3, value: 4, end: TERMINATED }], 2);
    const copy = new History(history.facts);
    copy.restore(structuredClone(history.arrays()));
    expect(copy.arrays()).toEqual(history.arrays());
    expect(copy.size).toBe(2);
  });
});
