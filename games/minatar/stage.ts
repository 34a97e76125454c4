/** For tests of the rules: a game driven step by step with known draws, and what its planes show. */
import { RecordedDraws } from './recorded.js';
import type { RecordedDraw } from './recorded.js';
import type { MinAtarState } from './state.js';

export function chance(happens: boolean): RecordedDraw {
  return { kind: 'chance', happens };
}

export function below(value: number, of: number): RecordedDraw {
  return { kind: 'below', value, of };
}

export class Stage<S extends MinAtarState> {
  readonly state: S;
  private readonly channels: readonly string[];
  private readonly rng = new RecordedDraws();

  constructor(state: S, channels: readonly string[], ...draws: RecordedDraw[]) {
    this.state = state;
    this.channels = channels;
    this.drawing(draws, () => state.restart(this.rng));
  }

  /** One step by a letter of n l u r d f; throws unless it makes just these draws. */
  step(letter: string, ...draws: RecordedDraw[]): number {
    return this.drawing(draws, () => this.state.apply('nlurdf'.indexOf(letter), this.rng));
  }

  /** A step for each letter, none of which draws anything; the sum of rewards. */
  steps(letters: string): number {
    let total = 0;
    for (const letter of letters) total += this.step(letter);
    return total;
  }

  /** Active cells of a channel as 'row,column', ascending. */
  cells(channel: string): string[] {
    const size = this.channels.length * 100;
    const planes = new Float32Array(size);
    this.state.observe(planes);
    const at = this.channels.indexOf(channel) * 100;
    const out: string[] = [];
    for (let i = 0; i < 100; i++) if (planes[at + i] === 1) out.push(`${Math.floor(i / 10)},${i % 10}`);
    return out;
  }

  private drawing<T>(draws: readonly RecordedDraw[], act: () => T): T {
    this.rng.load(draws);
    const result = act();
    const fault = this.rng.fault ?? (this.rng.left > 0 ? `${this.rng.left} draws were not made` : undefined);
    if (fault !== undefined) throw new Error(`step ${this.state.steps}: ${fault}`);
    return result;
  }
}
