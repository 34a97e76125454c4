/** How old the positions are that training draws from, told from the pace at which they came. */

interface Moment { readonly elapsed: number; readonly positions: number }

export class WindowAge {
  /** Ascending; those older than the window are forgotten. */
  private moments: Moment[] = [];

  /** Median age [s] of the window's positions at this progress, which is the newest; undefined without a window, or before the record reaches back far enough. */
  of({ elapsedSeconds: elapsed, positions, windowPositions }: { readonly elapsedSeconds: number; readonly positions: number; readonly windowPositions: number }): number | undefined {
    // A run that went back to an older checkpoint begins its record anew.
    if (this.moments.length > 0 && positions < this.moments[this.moments.length - 1].positions) this.moments = [];
    this.moments.push({ elapsed, positions });
    if (windowPositions <= 0) return undefined;
    const median = positions - windowPositions / 2;
    const next = this.moments.findIndex((moment) => moment.positions >= median);
    if (next <= 0) return undefined;
    const [before, after] = [this.moments[next - 1], this.moments[next]];
    // The median only moves on: what lies before it is not needed again.
    this.moments = this.moments.slice(next - 1);
    const share = (median - before.positions) / (after.positions - before.positions);
    return elapsed - (before.elapsed + share * (after.elapsed - before.elapsed));
  }
}
