/** Clocks as text, trees as they unfold, moves as they are graded. */
import { describe, expect, it } from 'vitest';
import type { ReviewedMove, TreeNode } from '#arena/protocol';
import { rowsOf, withChildren } from './branches.js';
import { clockText } from './clock-text.js';
import { gradeOf, gradesOf, reviewPoints, worstOf } from './grades.js';

it.each([[0, '0:00.0'], [1, '0:00.1'], [9_940, '0:10'], [9_900, '0:09.9'], [10_001, '0:11'], [59_001, '1:00'], [61_000, '1:01'], [3_599_500, '1:00:00'], [3_661_000, '1:01:01']])('%d ms left read %s', (millis, text) => {
  expect(clockText(millis)).toBe(text);
});

describe('a search tree', () => {
  const node = (action: number, parent: number, children = 0, over: Partial<TreeNode> = {}): TreeNode => ({ parent, action, name: `m${action}`, visits: 10 - action, value: 0, prior: 0.5, proven: null, turn: 1, children, ...over });
  // Two moves at the root; below the first, two answers.
  const answer = [node(3, -1, 2), node(4, -1, 1), node(1, 0, 1, { turn: 0 }), node(2, 0)];

  it('is shown as far as it is unfolded, in the order of the answer', () => {
    const branches = withChildren(new Map(), [], 0, answer);
    expect(rowsOf(branches, new Set()).map((row) => [row.path.join(), row.turn])).toEqual([['3', 0], ['4', 0]]);
    expect(rowsOf(branches, new Set(['3'])).map((row) => [row.path.join(), row.turn])).toEqual([['3', 0], ['3,1', 1], ['3,2', 1], ['4', 0]]);
    // Unfolded, but its children have not come yet.
    expect(branches.has('4')).toBe(false);
    expect(rowsOf(branches, new Set(['4'])).map((row) => row.path.join())).toEqual(['3', '4']);
  });

  it('grows where somebody asked', () => {
    const branches = withChildren(withChildren(new Map(), [], 0, answer), [3, 1], 0, [node(0, -1)]);
    expect(rowsOf(branches, new Set(['3', '3,1'])).map((row) => row.path.join())).toEqual(['3', '3,1', '3,1,0', '3,2', '4']);
  });

  it('keeps an empty answer: there is nothing below, and nobody asks again', () => {
    expect(withChildren(new Map(), [4], null, []).get('4')).toEqual({ turn: null, nodes: [] });
  });
});

describe('a review', () => {
  const move = (ply: number, loss: number, over: Partial<ReviewedMove> = {}): ReviewedMove => ({
    ply, seat: (ply % 2) as 0 | 1, action: 1, name: '2', before: 0.5, after: 0.5 - loss, best: { action: 0, name: '1' }, loss, exact: null, ...over,
  });
  const exact = (best: number, played: number) => ({ exact: { best, played, actions: [0] } });

  it('grades by what was lost; where the solver knows, by the result alone', () => {
    expect([0.7, 0.3, 0.15, 0.1].map((loss) => gradeOf(move(0, loss)))).toEqual(['blunder', 'mistake', 'slip', undefined]);
    expect(gradeOf(move(0, 0.9, exact(5, 2)))).toBeUndefined();
    expect(gradeOf(move(0, 0, exact(5, 0)))).toBe('mistake');
    expect(gradeOf(move(0, 0, exact(5, -1)))).toBe('blunder');
  });

  it('lists the worst first, with what became of what', () => {
    const moves = [move(0, 0.2), move(1, 0.9), move(2, 0.1, exact(0, -3)), move(3, 0.05)];
    expect(worstOf(moves, 5).map(({ move: { ply }, grade, exact: change }) => [ply, grade, change])).toEqual([[1, 'blunder', undefined], [2, 'mistake', 'a draw became a loss'], [0, 'slip', undefined]]);
    expect(worstOf(moves, 1)).toHaveLength(1);
    expect(gradesOf(moves, 0)).toEqual({ blunder: 0, mistake: 1, slip: 1 });
  });

  it('draws the game from the first player’s view', () => {
    expect(reviewPoints([move(0, 0), move(1, 0), move(3, 0, exact(-4, -4))])).toEqual([{ ply: 0, value: 0.5 }, { ply: 1, value: -0.5 }, { ply: 3, value: 1 }]);
  });
});
