import { describe, expect, test } from 'vitest';
import { KEY_WORDS, OVER, createRng } from '#engine';
import { connect4 } from './game.js';
import { Connect4State } from './state.js';

/** The rules once more, as slowly and plainly as possible: columns of seats, every line of four looked at. */
class PlainRules {
  readonly columns: number[][] = Array.from({ length: 7 }, () => []);
  seat = 0;
  over = false;
  at = (column: number, row: number): number | undefined => this.columns[column]?.[row];

  legal(): number[] {
    return this.over ? [] : [0, 1, 2, 3, 4, 5, 6].filter((column) => this.columns[column].length < 6);
  }

  play(column: number): number {
    const seat = this.seat;
    this.columns[column].push(seat);
    this.seat = 1 - seat;
    for (let c = 0; c < 7; c++) {
      for (let r = 0; r < 6; r++) {
        for (const [dc, dr] of [[1, 0], [0, 1], [1, 1], [1, -1]]) {
          if ([0, 1, 2, 3].every((k) => this.at(c + k * dc, r + k * dr) === seat)) {
            this.over = true;
            return seat === 0 ? 1 : -1;
          }
        }
      }
    }
    this.over = this.columns.every((stones) => stones.length === 6);
    return 0;
  }
}

const out = new Int32Array(7);
const legal = (state: Connect4State) => [...out.subarray(0, state.legal(out))];
const plays = (moves: string) => {
  const state = connect4.parseSetup?.(moves);
  if (state === undefined) throw new Error(`not a position: ${moves}`);
  return state;
};

test('the bitboards agree with plain rules in 300 random games', () => {
  const rng = createRng('connect4 rules');
  const planes = new Float32Array(84);
  for (let game = 0; game < 300; game++) {
    const plain = new PlainRules();
    const state = connect4.start(rng);
    for (;;) {
      expect(legal(state)).toEqual(plain.legal());
      state.observe(planes);
      for (let i = 0; i < 42; i++) {
        const stone = plain.at(i % 7, 5 - Math.floor(i / 7));
        if ((planes[i] === 1) !== (stone === plain.seat) || (planes[42 + i] === 1) !== (stone === 1 - plain.seat)) expect.fail(`plane cell ${i}`);
      }
      expect(state.turn).toBe(plain.over ? OVER : plain.seat);
      if (plain.over) break;
      const moves = plain.legal();
      const column = moves[rng.below(moves.length)];
      expect(state.apply(column)).toBe(plain.play(column));
    }
  }
});

test('counts distinct positions by ply: OEIS A212693', () => {
  const key = new Uint32Array(KEY_WORDS);
  let positions = [new Connect4State()];
  const counts: number[] = [];
  for (let ply = 0; ply <= 6; ply++) {
    counts.push(positions.length);
    const next = new Map<string, Connect4State>();
    for (const position of positions) {
      for (const action of legal(position)) {
        const child = new Connect4State();
        child.copyFrom(position);
        child.apply(action);
        child.key(key);
        next.set(key.join(), child);
      }
    }
    positions = [...next.values()];
  }
  expect(counts).toEqual([1, 7, 49, 238, 1120, 4263, 16422]);
});

describe('who has won', () => {
  test.each([
    // moves, turn or reward to seat 0 at the end; worked by hand
    ['1212121', 1, 'upright, column 1'],
    ['71212121', -1, 'upright, by seat 1'],
    ['4455667', 1, 'flat, columns 4 to 7'],
    ['1122334', 1, 'flat, columns 1 to 4'],
    ['12233434474', 1, 'rising from column 1'],
    ['76655454414', 1, 'falling to column 7'],
    ['65544343373', 1, 'falling to column 6, across both words'],
  ])('%s: %d (%s)', (moves, reward) => {
    const before = plays(moves.slice(0, -1));
    expect(before.turn).not.toBe(OVER);
    expect(before.apply(Number(moves.at(-1)) - 1)).toBe(reward);
    expect(before.turn).toBe(OVER);
  });
});

test.each(['8', '0', '1111111', '12121212', 'abc', '1 2', '4-4', '44444444'])('refuses %j as a position', (text) => {
  expect(connect4.parseSetup?.(text)).toBeUndefined();
});

test('draws the board', () => {
  expect(connect4.render?.(plays('44367'))).toBe(
    ['. . . . . . .', '. . . . . . .', '. . . . . . .', '. . . . . . .', '. . . O . . .', '. . X X . O X', '1 2 3 4 5 6 7'].join('\n'),
  );
});

/** Exact mean return of uniformly random play, by visiting every continuation. */
function expectation(state: Connect4State): number {
  if (state.turn === OVER) return 0;
  const moves = legal(state);
  const child = new Connect4State();
  let sum = 0;
  for (const action of moves) {
    child.copyFrom(state);
    sum += child.apply(action) + expectation(child);
  }
  return sum / moves.length;
}

test.each([
  // Late positions of a random game, so that full columns and draws matter.
  '6235267323264661153362421437',
  '412516647152134567546715414657',
  '644253131641453156367374377774151',
])('playouts from %s return what uniform play returns, by enumeration', (moves) => {
  const root = plays(moves);
  const exact = expectation(root);
  const rng = createRng(`playouts ${moves}`);
  const state = new Connect4State();
  const games = 40_000;
  let sum = 0;
  for (let i = 0; i < games; i++) {
    state.copyFrom(root);
    sum += state.playout(rng);
  }
  // Returns lie in [-1, 1]: one standard error is at most 1 / sqrt(games).
  expect(Math.abs(sum / games - exact)).toBeLessThan(4 / Math.sqrt(games));
});
