import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createRng } from '#engine';
import { connect4 } from './game.js';
import { Connect4Solver } from './solver.js';
import { Connect4State } from './state.js';
import { threatCount, threatsIn } from './threats.js';

interface Row {
  moves: string;
  ply: number;
  scores: string;
}

/** Exact scores by an independent solver: testdata/README.md. */
function rows(file: string): Row[] {
  const text = readFileSync(new URL(`../../testdata/${file}`, import.meta.url), 'utf8');
  return text.trim().split('\n').slice(1).map((line) => {
    const [moves, ply, scores] = line.split(',');
    return { moves, ply: Number(ply), scores };
  });
}

function setup(moves: string): Connect4State {
  const state = connect4.parseSetup?.(moves);
  if (state === undefined) throw new Error(`not a position: ${moves}`);
  return state;
}

const text = (scores: readonly (number | undefined)[]) => scores.map((score) => score ?? '').join(';');

describe('testdata/connect4-positions.csv', () => {
  const all = rows('connect4-positions.csv');
  const solver = new Connect4Solver(18);
  // A few of the deeper ones; `node dist/bench/connect4-check.js` does every row.
  const chosen = all.filter(({ ply }, i) => (ply >= 20 && i % 3 === 0) || (ply >= 12 && i % 20 === 0));

  test(`scores of every move of ${chosen.length} positions`, () => {
    const wrong = chosen.filter(({ moves, scores }) => text(solver.scores(setup(moves))) !== scores);
    expect(wrong).toEqual([]);
  });

  test('value is the sign of the best score', () => {
    for (const { moves, scores } of all.filter(({ ply }) => ply >= 24)) {
      const best = Math.max(...scores.split(';').filter((score) => score !== '').map(Number));
      expect(solver.value(setup(moves))).toBe(Math.sign(best));
    }
  });
});

test('the answer does not depend on the table: mirrored positions, tiny and large tables', () => {
  const small = new Connect4Solver(10);
  const large = new Connect4Solver(18);
  const sample = rows('connect4-positions.csv').filter(({ ply }, i) => ply >= 22 && i % 15 === 0);
  for (const { moves } of sample) {
    const mirrored = moves.replaceAll(/./g, (column) => String(8 - Number(column)));
    const scores = large.scores(setup(moves));
    expect(small.scores(setup(moves))).toEqual(scores);
    expect(large.scores(setup(mirrored)).reverse()).toEqual(scores);
  }
});

test('best picks uniformly among the best moves', () => {
  const solver = new Connect4Solver(16);
  const rng = createRng('best');
  const ties = ({ scores }: Row) => {
    const numbers = scores.split(';').map((score) => (score === '' ? -Infinity : Number(score)));
    return numbers.flatMap((score, action) => (score === Math.max(...numbers) ? [action] : []));
  };
  const row = rows('connect4-positions.csv').find((candidate) => candidate.ply >= 24 && ties(candidate).length === 3);
  if (row === undefined) throw new Error('no position with three best moves');
  const counts = new Map(ties(row).map((action) => [action, 0]));
  for (let i = 0; i < 900; i++) {
    const action = solver.best(setup(row.moves), rng);
    counts.set(action, (counts.get(action) ?? 0) + 1);
  }
  expect([...counts.keys()]).toEqual(ties(row));
  // Mean 300, standard deviation 14.1.
  for (const count of counts.values()) expect(Math.abs(count - 300)).toBeLessThan(64);
});

test('a finished position has no scores, and is lost for the seat that would move', () => {
  const solver = new Connect4Solver(10);
  const won = setup('1212121');
  expect(text(solver.scores(won))).toBe(';;;;;;');
  expect(solver.value(won)).toBe(-1);
});

test('a budget of nodes gives up instead of taking long, and the solver goes on afterwards', () => {
  const solver = new Connect4Solver(16);
  expect(solver.scores(new Connect4State(), { nodes: 20_000 })).toBeUndefined();
  expect(solver.nodes).toBe(20_001);
  expect(solver.value(new Connect4State(), { nodes: 1000 })).toBeUndefined();
  expect(solver.best(new Connect4State(), createRng(1), { nodes: 1000 })).toBeUndefined();
  const [row] = rows('connect4-positions.csv').filter(({ ply }) => ply === 20);
  expect(text(solver.scores(setup(row.moves)))).toBe(row.scores);
});

test('threats are the empty cells that complete four, by trying each', () => {
  const rng = createRng('threats');
  for (let game = 0; game < 300; game++) {
    // Stones strewn at random, not only reachable positions.
    const density = rng.float();
    const stones = Array.from({ length: 42 }, () => rng.float() < density);
    const at = (column: number, row: number) => column >= 0 && column < 7 && row >= 0 && row < 6 && stones[column * 6 + row];
    let west = 0;
    let east = 0;
    let count = 0;
    const expected = new Set<number>();
    for (let cell = 0; cell < 42; cell++) {
      if (stones[cell] && cell < 30) west |= 1 << cell;
      if (stones[cell] && cell >= 12) east |= 1 << (cell - 12);
      const column = Math.floor(cell / 6);
      const completes = [[1, 0], [0, 1], [1, 1], [1, -1]].some(([dc, dr]) =>
        (dc === 0 ? [3] : [0, 1, 2, 3]).some((back) => [0, 1, 2, 3].every((k) => k === back || at(column + (k - back) * dc, (cell % 6) + (k - back) * dr))),
      );
      if (completes) expected.add(cell);
      if (completes && !stones[cell]) count++;
    }
    const w = threatsIn(west);
    const e = threatsIn(east);
    const found = new Set<number>();
    for (let cell = 0; cell < 42; cell++) {
      if ((cell < 30 && (w >> cell) & 1) || (cell >= 12 && (e >> (cell - 12)) & 1)) found.add(cell);
    }
    expect(found).toEqual(expected);
    expect(threatCount(west, east, west, east)).toBe(count);
  }
});

test('whether a budget suffices does not depend on earlier questions', () => {
  const positions = rows('connect4-positions.csv').filter(({ ply }) => ply >= 8 && ply <= 11).filter((_, i) => i % 20 === 0);
  const budget = { nodes: 100_000 };
  const busy = new Connect4Solver(16);
  const answers = positions.map(({ moves }) => busy.scores(setup(moves), budget));
  expect(answers.some((scores) => scores === undefined)).toBe(true);
  expect(answers.some((scores) => scores !== undefined)).toBe(true);
  for (const [i, { moves }] of positions.entries()) {
    expect(new Connect4Solver(16).scores(setup(moves), budget)).toEqual(answers[i]);
    // Much of the answer is still in the table from the first time.
    expect(busy.scores(setup(moves), budget)).toEqual(answers[i]);
  }
});
