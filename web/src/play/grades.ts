/** How bad a move was, in words. Pure. */
import type { ReviewedMove } from '#arena/protocol';
import { verdictOf, type GraphPoint, firstView } from './insight.js';

export const grades = ['blunder', 'mistake', 'slip'] as const;
export type Grade = (typeof grades)[number];
export const gradeWords: Record<Grade, string> = { blunder: 'Blunder', mistake: 'Mistake', slip: 'Slip' };

/** Least loss of value for each, on the scale from -1 (lost) to +1 (won). */
const LEAST: Record<Grade, number> = { blunder: 0.6, mistake: 0.3, slip: 0.12 };

/** Where the solver knows, only what changes the result counts: a search's value can waver without anything being lost. */
export function gradeOf(move: ReviewedMove): Grade | undefined {
  const loss = move.exact === null ? move.loss : 0.5 * (Math.sign(move.exact.best) - Math.sign(move.exact.played));
  return move.exact === null ? grades.find((grade) => loss >= LEAST[grade]) : loss >= 1 ? 'blunder' : loss > 0 ? 'mistake' : undefined;
}

export function gradesOf(moves: readonly ReviewedMove[], seat: number): Record<Grade, number> {
  const own = moves.filter((move) => move.seat === seat).map(gradeOf);
  const count = (grade: Grade) => own.filter((g) => g === grade).length;
  return { blunder: count('blunder'), mistake: count('mistake'), slip: count('slip') };
}

export interface BadMove {
  readonly move: ReviewedMove;
  readonly grade: Grade;
  /** "a win became a draw", where the solver knows. */
  readonly exact: string | undefined;
}

/** The worst moves, worst first; those that gave away the exact result before those of mere opinion. */
export function worstOf(moves: readonly ReviewedMove[], most: number): BadMove[] {
  return moves
    .flatMap((move) => {
      const grade = gradeOf(move);
      return grade === undefined ? [] : [{ move, grade, exact: exactChange(move) }];
    })
    .sort((a, b) => grades.indexOf(a.grade) - grades.indexOf(b.grade) || b.move.loss - a.move.loss || a.move.ply - b.move.ply)
    .slice(0, most);
}

function exactChange({ exact }: ReviewedMove): string | undefined {
  if (exact === null) return undefined;
  const [from, to] = [verdictOf(exact.best), verdictOf(exact.played)];
  return from === to ? undefined : `a ${from} became a ${to}`;
}

/** The value over the game as the review sees it, first player's view: before each move, exact where known. */
export function reviewPoints(moves: readonly ReviewedMove[]): GraphPoint[] {
  return moves.map((move) => ({ ply: move.ply, value: firstView(move.seat, move.exact === null ? move.before : Math.sign(move.exact.best)) }));
}
