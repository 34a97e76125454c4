/** Replays recorded MinAtar episodes by their random draws, and compares every reward, end and cell. */
import { OVER } from '#engine';
import { createMinAtar } from './game.js';
import { RecordedDraws } from './recorded.js';
import type { MinAtarState } from './state.js';
import { parseTrace } from './trace-format.js';
import type { Trace } from './trace-format.js';

/** Where our games and a record first part. */
export interface TraceMismatch {
  /** Line of the file, from 1. */
  readonly line: number;
  readonly game: string;
  readonly episode: number;
  /** From 1; 0 is the position after the reset. */
  readonly step: number;
  readonly what: string;
}

export interface TraceReport {
  episodes: number;
  steps: number;
  /** Steps and resets that differ from the record in anything: reward, end, cells, draws, executed action. */
  mismatches: number;
  first?: TraceMismatch;
}

/** Checks line after line, for files too large to hold; `checkTraces` is this over a list. */
export class TraceChecker {
  readonly report: TraceReport = { episodes: 0, steps: 0, mismatches: 0 };
  private line = 0;
  private readonly rng = new RecordedDraws();
  /** The environment that the previous line left behind: the episodes of one block go on with it. */
  private previous: { trace: Trace; state: MinAtarState } | undefined;

  /** Checks the next line; empty ones are skipped. Throws UserError('data') when it is no recorded episode. */
  add(text: string): void {
    this.line++;
    if (text.trim() === '') return;
    const trace = parseTrace(text, this.line);
    const game = createMinAtar(trace.id, { sticky: trace.sticky, ramping: trace.ramping, maxSteps: Number.MAX_SAFE_INTEGER });
    const seen = new Float32Array(game.settings.observationSize);
    const { rng } = this;
    this.report.episodes++;
    rng.load(trace.start.draws);
    const state = this.begin(trace, () => game.start(rng));
    state.observe(seen);
    const remembered = trace.lastExecuted ?? state.lastExecuted;
    const memory = remembered === state.lastExecuted ? undefined : `remembers action ${state.lastExecuted}, not ${remembered}`;
    this.note(trace, 0, memory ?? this.drawFault() ?? cellFault(seen, trace.start.cells));
    // Whatever went wrong before, each episode starts as recorded.
    state.lastExecuted = remembered;
    for (const [i, step] of trace.steps.entries()) {
      rng.load(step.draws);
      const reward = state.apply(step.action, rng);
      state.observe(seen);
      this.report.steps++;
      this.note(trace, i + 1, this.drawFault() ?? stepFault(state, reward, step) ?? cellFault(seen, step.cells));
    }
    this.previous = { trace, state };
  }

  private begin(trace: Trace, start: () => MinAtarState): MinAtarState {
    const before = this.previous;
    const goesOn = trace.block !== undefined && trace.block > 0 && before?.trace.id === trace.id && before.trace.block === trace.block - 1
      && before.trace.sticky === trace.sticky && before.trace.ramping === trace.ramping;
    if (goesOn) {
      before.state.restart(this.rng);
      return before.state;
    }
    const state = start();
    if (trace.lastExecuted !== undefined) state.lastExecuted = trace.lastExecuted;
    return state;
  }

  private drawFault(): string | undefined {
    const { rng } = this;
    return rng.fault ?? (rng.left > 0 ? `${rng.left} recorded draws were not asked for` : undefined);
  }

  private note(trace: Trace, step: number, what: string | undefined): void {
    if (what === undefined) return;
    this.report.mismatches++;
    this.report.first ??= { line: this.line, game: trace.id, episode: trace.episode, step, what };
  }
}

function stepFault(state: MinAtarState, reward: number, step: Trace['steps'][number]): string | undefined {
  const over = state.turn === OVER;
  if (step.executed !== undefined && step.executed !== state.lastExecuted) return `action ${state.lastExecuted} was executed, not ${step.executed}`;
  if (reward !== step.reward) return `the reward is ${reward}, not ${step.reward}`;
  if (over !== step.done) return over ? 'the episode is over, but the record goes on' : 'the episode goes on, but the record is over';
  return undefined;
}

function cellFault(seen: Float32Array, cells: Int32Array): string | undefined {
  let next = 0;
  for (let i = 0; i < seen.length; i++) {
    const recorded = cells[next] === i;
    if (recorded) next++;
    if ((seen[i] === 1) !== recorded) {
      return `cell [${Math.floor(i / 100)}, ${Math.floor(i / 10) % 10}, ${i % 10}] (channel, row, column) is ${recorded ? 'off, but recorded on' : 'on, but recorded off'}`;
    }
  }
  return next < cells.length ? `the record has cell ${cells[next]}, twice or in no channel of the game` : undefined;
}

/**
 * Replays recorded episodes, one JSON object a line (format: README.md). `mismatches` is 0 when our games agree with
 * every step. Throws UserError('data') on a line that is no such record.
 */
export function checkTraces(lines: Iterable<string>): TraceReport {
  const checker = new TraceChecker();
  for (const line of lines) checker.add(line);
  return checker.report;
}
