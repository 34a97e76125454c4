/** A few lines on stderr that are drawn over themselves on a terminal; elsewhere one line now and then. */
export class LiveLines {
  private readonly quiet: boolean;
  private readonly terminal = process.stderr.isTTY === true;
  private last = performance.now();
  private height = 0;
  /** Milliseconds between drawings: longer where the figures take long, so that they never cost more than a twentieth. */
  private pause: number;

  constructor(quiet: boolean) {
    this.quiet = quiet;
    this.pause = this.terminal ? 1000 : 10_000;
  }

  /** `lines` is asked for only when something is drawn: once a second on a terminal, else every ten. */
  update(line: () => string, lines: () => readonly string[]): void {
    if (this.quiet) return;
    const now = performance.now();
    if (now - this.last < this.pause - 20) return;
    this.last = now;
    if (!this.terminal) {
      process.stderr.write(`${line()}\n`);
      return;
    }
    this.clear();
    const width = (process.stderr.columns ?? 120) - 1;
    const rows = [line(), ...lines()].slice(0, Math.max(1, (process.stderr.rows ?? 40) - 2)).map((row) => row.slice(0, width));
    process.stderr.write(`${rows.join('\n')}\n`);
    this.height = rows.length;
    this.pause = Math.max(1000, 20 * (performance.now() - now));
  }

  /** A line that stays. */
  note(text: string): void {
    if (this.quiet) return;
    this.clear();
    process.stderr.write(`${text}\n`);
  }

  clear(): void {
    if (this.height > 0) process.stderr.write(`\x1b[${this.height}A\x1b[0J`);
    this.height = 0;
  }
}
