/** The time that a run has spent working [s]: over all its sittings, pauses left out. */
export class RunClock {
  private counted: number;
  private since: number | undefined;

  /** `before`: seconds of earlier sittings. It stands still until count(true). */
  constructor(before: number) {
    this.counted = before;
  }

  get elapsed(): number {
    return this.counted + (this.since === undefined ? 0 : performance.now() / 1000 - this.since);
  }

  count(working: boolean): void {
    this.counted = this.elapsed;
    this.since = working ? performance.now() / 1000 : undefined;
  }
}
