/** Evaluations in centipawns and mates, as engines and records give them, and values in [-1, 1]. */

/** Mate in n moves: negative when it is the one mated. */
export type Evaluation = { readonly centipawns: number } | { readonly mate: number };

/** Expected score of a centipawn advantage on the usual logistic scale, as a value in [-1, 1]. */
export const valueOfCentipawns = (centipawns: number): number => 2 / (1 + 10 ** (-centipawns / 400)) - 1;

/** A mate is exactly 1 or -1; being mated now, "mate 0", is -1. */
export const valueOfEvaluation = (evaluation: Evaluation): number =>
  'centipawns' in evaluation ? valueOfCentipawns(evaluation.centipawns) : evaluation.mate > 0 ? 1 : -1;

/** The command [%eval …] of a PGN comment, White's view: pawns, or # and moves to mate; a search depth may follow. */
const COMMAND = /\[%eval\s+(?:#(-?\d{1,4})|([+-]?\d{1,5}(?:\.\d{1,4})?))(?:,\d{1,4})?\s*\]/;

/** What a comment's [%eval …] says, or undefined. */
export function parseEvalCommand(comment: string): Evaluation | undefined {
  const match = COMMAND.exec(comment);
  if (match === null) return undefined;
  return match[1] === undefined ? { centipawns: Math.round(100 * Number(match[2])) } : { mate: Number(match[1]) };
}

/** For a PGN comment; view of White. */
export const makeEvalCommand = (evaluation: Evaluation): string =>
  `[%eval ${'centipawns' in evaluation ? (evaluation.centipawns / 100).toFixed(2) : `#${evaluation.mate}`}]`;
