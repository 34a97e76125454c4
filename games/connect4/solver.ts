/**
 * Exact scores of Connect Four: negamax with alpha-beta on null windows (Knuth and Moore 1975; Pearl's Scout 1980 for
 * the narrowing), a transposition table, anticipation of lost moves, and moves ordered by the threats they make.
 *
 * A position is four words: the mover's stones and all stones, each as a west and an east word (board.ts). A *threat* is
 * an empty cell that would complete four for one player; `threats` finds all of them at once by shifts. From them:
 * - a mover with a threat on a playable cell wins now: searched positions never have one, because
 * - moves that leave the other side a playable threat, or that lie right under one, are left out;
 *   one playable threat of the other side forces the reply, two are lost.
 *
 * Rejected: a table of 96-bit keys. The table's key is 49 bits in two words, carried along by addition, and exact: per
 * column of 7 bits, the stones of seat 0 plus all stones, which no other position shares. So no answer is ever wrong by
 * collision. Entries hold a lower or an upper bound; the newest wins its slot.
 */
import type { Action, Rng } from '#engine';
import type { Outcome, Solver, SolverBudget } from '../solver.js';
import { pickBest } from '../solver.js';
import { BOTTOM, CELLS, COLUMNS, EAST, FULL, ROWS, WEST } from './board.js';
import { Connect4State } from './state.js';
import { playable, threatCount, threatsIn } from './threats.js';

/** [CELLS]: what a stone of seat 1 adds to the first (columns 0–3) and second (columns 4–6) key word; seat 0: twice. */
const KEY_LOW = Int32Array.from({ length: CELLS }, (_, cell) => (cell < 24 ? 1 << (Math.floor(cell / ROWS) * 7 + (cell % ROWS)) : 0));
const KEY_HIGH = Int32Array.from({ length: CELLS }, (_, cell) => (cell >= 24 ? 1 << ((Math.floor(cell / ROWS) - 4) * 7 + (cell % ROWS)) : 0));
/** Columns from the centre outwards, and the bit mask of each in the word that it is looked up in. */
const CENTRE_FIRST = Int32Array.of(3, 2, 4, 1, 5, 0, 6);
/** Rows 0 to 4: the cells that have a cell above them. */
const BELOW = BOTTOM * 31;
/** Bits above the 21 of the second key word hold the bound: score + SCORE_BIAS, and from LOWER_BOUND on a lower bound. */
const BOUND_SHIFT = 21;
const SCORE_BIAS = 22;
const LOWER_BOUND = 64;

/**
 * From this budget on the table is emptied first (2 ms), so that whether a budget suffices does not depend on what was
 * asked before: a game that is played again is then the same game. Smaller budgets are for rules of thumb.
 */
const EMPTIED_FROM = 100_000;

class OutOfBudget extends Error {}

export class Connect4Solver implements Solver<Connect4State> {
  readonly convention = 'floor((43 - n) / 2) for a win, n stones lying before the winning one; negative for a loss; 0 draw; for the seat to move';
  /** Positions visited by the latest call. */
  nodes = 0;
  private limit = Infinity;
  /** [entries, 2]: the two key words, the bound in the upper bits of the second. 0 0 is an empty entry. */
  private readonly table: Int32Array;
  private readonly slotShift: number;
  /** [CELLS + 1, COLUMNS]: the moves of each ply on the way to the current position, best last, order << 6 | cell. */
  private readonly moves = new Int32Array((CELLS + 1) * COLUMNS);

  /** `tableBits`: the table has 2^tableBits entries of 8 bytes; 21 (16 MiB) serves 10 plies and more. */
  constructor(tableBits = 21) {
    this.table = new Int32Array(2 << tableBits);
    this.slotShift = 32 - tableBits;
  }

  scores(state: Connect4State): (number | undefined)[];
  scores(state: Connect4State, budget: SolverBudget): (number | undefined)[] | undefined;
  scores(state: Connect4State, budget?: SolverBudget): (number | undefined)[] | undefined {
    return this.within(budget, () => {
      const scores = Array.from<number | undefined>({ length: COLUMNS });
      const legal = new Int32Array(COLUMNS);
      const count = state.legal(legal);
      const child = new Connect4State();
      for (let i = 0; i < count; i++) {
        child.copyFrom(state);
        scores[legal[i]] = child.apply(legal[i]) === 0 ? 0 - this.solve(child, -CELLS, CELLS) : (43 - state.plies) >> 1;
      }
      return scores;
    });
  }

  value(state: Connect4State): Outcome;
  value(state: Connect4State, budget: SolverBudget): Outcome | undefined;
  value(state: Connect4State, budget?: SolverBudget): Outcome | undefined {
    return this.within(budget, () => Math.sign(this.solve(state, -1, 1)) as Outcome);
  }

  best(state: Connect4State, rng: Rng): Action;
  best(state: Connect4State, rng: Rng, budget: SolverBudget): Action | undefined;
  best(state: Connect4State, rng: Rng, budget?: SolverBudget): Action | undefined {
    const scores = budget === undefined ? this.scores(state) : this.scores(state, budget);
    return scores === undefined ? undefined : pickBest(scores, rng);
  }

  private within<T>(budget: SolverBudget | undefined, solve: () => T): T | undefined {
    this.nodes = 0;
    this.limit = budget?.nodes ?? Infinity;
    if (this.limit >= EMPTIED_FROM && Number.isFinite(this.limit)) this.table.fill(0);
    try {
      return solve();
    } catch (error) {
      if (error instanceof OutOfBudget) return undefined;
      throw error;
    }
  }

  /** The exact score for the seat to move where it lies between low and high; otherwise a bound beyond that side. */
  private solve(state: Connect4State, low: number, high: number): number {
    const { plies } = state;
    const { ownWest, ownEast, otherWest, otherEast } = state.words();
    if (state.turn < 0) return state.won() ? 0 - ((44 - plies) >> 1) : 0;
    const allWest = ownWest | otherWest;
    const allEast = ownEast | otherEast;
    const west = threatsIn(ownWest);
    const east = threatsIn(ownEast);
    if (((west | (east << 12)) & playable(allWest)) !== 0 || ((east | (west >> 12)) & playable(allEast)) !== 0) return (43 - plies) >> 1;

    let keyLow = 0;
    let keyHigh = 0;
    for (let cell = 0; cell < CELLS; cell++) {
      const stone = state.stone(Math.floor(cell / ROWS), cell % ROWS);
      if (stone === undefined) continue;
      keyLow += KEY_LOW[cell] << (1 - stone);
      keyHigh += KEY_HIGH[cell] << (1 - stone);
    }
    let min = Math.max(low, 0 - ((42 - plies) >> 1));
    let max = Math.min(high, (41 - plies) >> 1);
    // Null windows, first near 0, where most of the tree is cut, then halving what is left.
    while (min < max) {
      let middle = min + ((max - min) >> 1);
      if (middle <= 0 && min / 2 < middle) middle = 0 - ((0 - min) >> 1);
      else if (middle >= 0 && max / 2 > middle) middle = max >> 1;
      const score = this.search(ownWest, ownEast, allWest, allEast, keyLow, keyHigh, plies, middle);
      if (score <= middle) max = score;
      else min = score;
    }
    return min;
  }

  /**
   * Whether the mover scores more than alpha: returns an upper bound <= alpha, or a lower bound > alpha (fail-soft
   * within what is known). The mover has no winning move at once.
   */
  private search(ownWest: number, ownEast: number, allWest: number, allEast: number, keyLow: number, keyHigh: number, plies: number, alpha: number): number {
    if (++this.nodes > this.limit) throw new OutOfBudget();
    // Moves that do not lose at once.
    const theirWest = threatsIn(allWest ^ ownWest);
    const theirEast = threatsIn(allEast ^ ownEast);
    const dangerWest = (theirWest | (theirEast << 12)) & FULL;
    const dangerEast = theirEast | (theirWest >> 12);
    let openWest = playable(allWest);
    let openEast = playable(allEast);
    const forcedWest = openWest & dangerWest;
    const forcedEast = openEast & dangerEast;
    const lost = 0 - ((42 - plies) >> 1);
    if ((forcedWest | forcedEast) !== 0) {
      // More than one: in one word, or in columns 0-1 (west alone) and 5-6 (east alone).
      if ((forcedWest & (forcedWest - 1)) !== 0 || (forcedEast & (forcedEast - 1)) !== 0 || ((forcedWest & 0xfff) !== 0 && forcedEast !== 0) || (forcedEast >>> 18 !== 0 && forcedWest !== 0)) return lost;
      openWest = forcedWest;
      openEast = forcedEast;
    }
    openWest &= ~((dangerWest >> 1) & BELOW);
    openEast &= ~((dangerEast >> 1) & BELOW);
    if ((openWest | openEast) === 0) return lost;
    if (plies >= CELLS - 2) return 0;
    // The other side cannot win with its next stone, nor the mover with this one.
    const least = 0 - ((40 - plies) >> 1);
    if (least > alpha) return least;
    let most = (41 - plies) >> 1;
    if (most <= alpha) return most;

    const slot = (Math.imul(keyLow ^ Math.imul(keyHigh, 0x2c1b3c6d), 0x9e3779b1) >>> this.slotShift) << 1;
    const stored = this.table[slot + 1];
    if (this.table[slot] === keyLow && (stored & 0x1fffff) === keyHigh) {
      const bound = stored >>> BOUND_SHIFT;
      if (bound >= LOWER_BOUND) {
        const lower = bound - LOWER_BOUND - SCORE_BIAS;
        if (lower > alpha) return lower;
      } else if (bound > 0) {
        const upper = bound - SCORE_BIAS;
        if (upper <= alpha) return upper;
        if (upper < most) most = upper;
      }
    }

    // Insertion sort by threats made; among equals the more central stays ahead.
    const first = plies * COLUMNS;
    let count = 0;
    for (let i = COLUMNS - 1; i >= 0; i--) {
      const column = CENTRE_FIRST[i];
      const bit = column < 5 ? openWest & (63 << (column * ROWS)) : openEast & (63 << ((column - 2) * ROWS));
      if (bit === 0) continue;
      const cell = 31 - Math.clz32(bit) + (column < 5 ? 0 : 12);
      const made = threatCount(ownWest | WEST[cell], ownEast | EAST[cell], allWest, allEast);
      const entry = (made << 6) | cell;
      let at = first + count++;
      while (at > first && this.moves[at - 1] >> 6 > made) {
        this.moves[at] = this.moves[at - 1];
        at--;
      }
      this.moves[at] = entry;
    }
    const seat = plies & 1;
    let best = -CELLS;
    for (let at = first + count - 1; at >= first; at--) {
      const cell = this.moves[at] & 63;
      // Not -x, whose -0 would not be a small integer.
      const score = 0 - this.search(
        allWest ^ ownWest,
        allEast ^ ownEast,
        allWest | WEST[cell],
        allEast | EAST[cell],
        keyLow + (KEY_LOW[cell] << (1 - seat)),
        keyHigh + (KEY_HIGH[cell] << (1 - seat)),
        plies + 1,
        -alpha - 1,
      );
      if (score > alpha) {
        this.table[slot] = keyLow;
        this.table[slot + 1] = keyHigh | ((score + SCORE_BIAS + LOWER_BOUND) << BOUND_SHIFT);
        return score;
      }
      if (score > best) best = score;
    }
    if (best > most) best = most;
    this.table[slot] = keyLow;
    this.table[slot + 1] = keyHigh | ((best + SCORE_BIAS) << BOUND_SHIFT);
    return best;
  }
}
