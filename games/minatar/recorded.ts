/** A source of randomness that answers with recorded draws, and notices every draw that was not recorded so. */
import type { Rng } from '#engine';

/** One recorded draw: the outcome of a test `float() < p`, or of `below(of)`. */
export type RecordedDraw = { readonly kind: 'chance'; readonly happens: boolean } | { readonly kind: 'below'; readonly value: number; readonly of: number };

export class RecordedDraws implements Rng {
  private draws: readonly RecordedDraw[] = [];
  private next = 0;
  /** The first draw that was asked for but not recorded so. */
  fault: string | undefined;

  /** What the coming draws answer. */
  load(draws: readonly RecordedDraw[]): void {
    this.draws = draws;
    this.next = 0;
    this.fault = undefined;
  }

  /** Recorded draws that were not asked for. */
  get left(): number {
    return this.draws.length - this.next;
  }

  float(): number {
    const draw = this.draws[this.next++];
    if (draw?.kind === 'chance') return draw.happens ? 0 : 1 - 2 ** -32;
    this.fault ??= `draw ${this.next} of the step is a chance, but ${describe(draw)}`;
    return 1 - 2 ** -32;
  }

  below(n: number): number {
    const draw = this.draws[this.next++];
    if (draw?.kind === 'below' && draw.of === n) return draw.value;
    this.fault ??= `draw ${this.next} of the step is one of ${n}, but ${describe(draw)}`;
    return 0;
  }

  uint32(): number {
    this.fault ??= 'a raw random word was asked for: nothing like it is recorded';
    return 0;
  }

  fork(): Rng {
    return this;
  }
}

function describe(draw: RecordedDraw | undefined): string {
  if (draw === undefined) return 'none is recorded';
  return `the record says ${draw.kind === 'chance' ? 'a chance' : `one of ${draw.of}`}`;
}
