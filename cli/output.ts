/**
 * How the command line talks: people read stdout, progress goes to stderr (a bar that redraws itself on a terminal,
 * plain lines elsewhere), and with --json the last line of stdout is one JSON object.
 */

/** Prints the result of a command: one JSON line, or the text for people. */
export function printResult(json: boolean, value: unknown, text: () => string): void {
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${text()}\n`);
}

/** "1 h 04 min", "3 min 20 s", "12 s", "0.4 s". */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s`;
  return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, '0')} min`;
}

/** Thousands separated, at most one decimal below 100. */
export function count(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) < 100 && !Number.isInteger(value)) return value.toFixed(1);
  return Math.round(value).toLocaleString('en-US');
}

export const percent = (share: number | null | undefined): string => (share === null || share === undefined || !Number.isFinite(share) ? 'n/a' : `${(100 * share).toFixed(1)} %`);

/** Columns padded to their widest cell; numbers should come formatted. The first row is the head. */
export function table(rows: readonly (readonly string[])[], right: readonly boolean[] = []): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) => row.map((cell, i) => (right[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('  ').trimEnd())
    .join('\n');
}

/** Progress of a job whose length is known: done of total, rate, time left, and a note. */
export class Progress {
  private readonly started = performance.now();
  private lastDraw = -Infinity;
  private drawn = false;
  private readonly label: string;
  private readonly total: number;
  private readonly unit: string;
  private readonly quiet: boolean;
  private readonly terminal = process.stderr.isTTY === true;

  constructor(label: string, total: number, unit: string, quiet = false) {
    this.label = label;
    this.total = total;
    this.unit = unit;
    this.quiet = quiet;
  }

  update(done: number, note = ''): void {
    const now = performance.now();
    // A terminal is redrawn ten times a second, a log gets a line every ten seconds.
    if (this.quiet || now - this.lastDraw < (this.terminal ? 100 : 10_000)) return;
    this.lastDraw = now;
    const seconds = (now - this.started) / 1000;
    const rate = done / seconds;
    const left = done > 0 ? (this.total - done) / rate : Number.NaN;
    const share = this.total > 0 ? Math.min(1, done / this.total) : 0;
    const figures = `${count(done)}/${count(this.total)} ${this.unit}, ${count(rate)}/s, ${duration(left)} left${note ? `  ${note}` : ''}`;
    if (!this.terminal) {
      process.stderr.write(`${this.label}: ${figures}\n`);
      return;
    }
    const width = 24;
    const full = Math.round(share * width);
    const line = `${this.label} ${'█'.repeat(full)}${'░'.repeat(width - full)} ${figures}`;
    process.stderr.write(`\r\x1b[2K${line.slice(0, (process.stderr.columns ?? 120) - 1)}`);
    this.drawn = true;
  }

  /** Clears the bar; the result follows on stdout. */
  end(): void {
    if (this.drawn) process.stderr.write('\r\x1b[2K');
  }
}

/** A line that keeps being rewritten on a terminal, and is printed at most every `seconds` elsewhere. */
export class StatusLine {
  private last = -Infinity;
  private readonly terminal = process.stderr.isTTY === true;
  private readonly quiet: boolean;
  private readonly seconds: number;

  constructor(quiet: boolean, seconds = 10) {
    this.quiet = quiet;
    this.seconds = seconds;
  }

  update(text: string): void {
    if (this.quiet) return;
    const now = performance.now();
    if (now - this.last < (this.terminal ? 200 : this.seconds * 1000)) return;
    this.last = now;
    if (this.terminal) process.stderr.write(`\r\x1b[2K${text.slice(0, (process.stderr.columns ?? 120) - 1)}`);
    else process.stderr.write(`${text}\n`);
  }

  /** A line that stays, above the status. */
  note(text: string): void {
    if (this.quiet) return;
    process.stderr.write(this.terminal ? `\r\x1b[2K${text}\n` : `${text}\n`);
  }

  end(): void {
    if (this.terminal && !this.quiet) process.stderr.write('\r\x1b[2K');
  }
}
