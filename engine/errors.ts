/**
 * Errors that a person can do something about. `kind` decides the exit code of the command line:
 * usage 2 (a wrong word or option), data 3 (a corrupt, truncated or mismatched file), environment 4 (a port in use,
 * a full disk, a missing device or program). Everything else is a defect of ours and exits with 1.
 */
export type UserErrorKind = 'usage' | 'data' | 'environment';

export class UserError extends Error {
  override readonly name = 'UserError';
  readonly kind: UserErrorKind;
  /** `message` is one line: what was wrong, where, and what would be right. */
  constructor(kind: UserErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Edit distance (insert, delete, replace, swap of neighbours), as Damerau and Levenshtein defined it. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, before[j - 2] + 1);
      row.push(best);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length];
}

/** The candidate nearest to a mistyped word, or undefined when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const d = distance(word.toLowerCase(), candidate.toLowerCase());
    if (d < bestDistance) {
      best = candidate;
      bestDistance = d;
    }
  }
  return best;
}

/** "unknown game 'conect4'; did you mean 'connect4'? Known: connect4, tic-tac-toe." */
export function unknown(what: string, word: string, candidates: readonly string[]): UserError {
  const near = nearest(word, candidates);
  const hint = near === undefined ? '' : `; did you mean '${near}'?`;
  return new UserError('usage', `unknown ${what} '${word}'${hint || '.'} Known: ${candidates.join(', ')}.`);
}
