/**
 * Ending a game before its rules do, when nothing more is to be learnt from it. Every rule needs both players: one that
 * is wrong about its position, or says nothing about it, cannot end a game alone.
 */

export interface AdjudicationRules {
  /** A draw once both players have held |value| <= score for `moves` moves each in a row, the game's move `after` or later. */
  readonly draw?: { readonly score: number; readonly moves: number; readonly after: number };
  /** A loss once the loser has held value <= −score and the winner value >= score, for `moves` moves each in a row. */
  readonly resign?: { readonly score: number; readonly moves: number };
  /** A draw when this many plies have been played after the opening. */
  readonly maxPlies?: number;
  /** The exact result, asked from the game's solver once this many plies have been played since the starting position. */
  readonly solver?: { readonly after: number };
}

export interface Verdict {
  /** Of seat 0: 1, 0 or −1. */
  readonly result: 1 | 0 | -1;
  readonly reason: string;
}

/** Follows one game's evaluations. Moves of the opening are never told to it. */
export class Adjudicator {
  private readonly rules: AdjudicationRules;
  private plies = 0;
  /** Moves in a row, by seat, that met the rule. */
  private readonly level = [0, 0];
  private readonly winning = [0, 0];
  private readonly losing = [0, 0];

  constructor(rules: AdjudicationRules) {
    this.rules = rules;
  }

  /** Hears of a move by `seat`, with its value in [-1, 1] from that seat's view. A missing one begins all counts anew. */
  move(seat: 0 | 1, value: number | undefined): Verdict | undefined {
    this.plies++;
    const { draw, resign, maxPlies } = this.rules;
    if (value === undefined || !Number.isFinite(value)) {
      for (const counts of [this.level, this.winning, this.losing]) counts.fill(0);
    } else {
      // The game's move number: two plies are one move.
      const inTime = draw !== undefined && Math.ceil(this.plies / 2) >= draw.after;
      count(this.level, seat, inTime && Math.abs(value) <= draw.score);
      count(this.winning, seat, resign !== undefined && value >= resign.score);
      count(this.losing, seat, resign !== undefined && value <= -resign.score);
      if (draw !== undefined && Math.min(...this.level) >= draw.moves) return { result: 0, reason: 'both players saw a draw' };
      if (resign !== undefined) {
        for (const winner of [0, 1] as const) {
          if (this.winning[winner] >= resign.moves && this.losing[1 - winner] >= resign.moves) {
            return { result: winner === 0 ? 1 : -1, reason: 'both players saw it won' };
          }
        }
      }
    }
    if (maxPlies !== undefined && this.plies >= maxPlies) return { result: 0, reason: `still undecided after ${maxPlies} plies` };
    return undefined;
  }
}

function count(counts: number[], seat: 0 | 1, met: boolean): void {
  counts[seat] = met ? counts[seat] + 1 : 0;
}
