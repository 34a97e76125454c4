/** What a search found, as UCI's `info` lines. */
import type { SearchLine } from '#engine';
import type { Analysis } from '../agents/agent.js';
import type { UciBoard } from './board.js';

/** Elo by which a game must be better than even to be won as often as drawn, in Rao and Kupper's model: see `outcomes`. */
const DRAW_ELO = 200;

/** Centipawns on the usual logistic scale, the inverse of the expected score: 100 are a score of 64 %. Bounded by ±1,720. */
export function centipawns(value: number): number {
  const v = Math.max(-0.9999, Math.min(0.9999, value));
  return Math.round(400 * Math.log10((1 + v) / (1 - v))) + 0;
}

/**
 * Win, draw and loss in thousandths. Searches keep only their difference, `value`, so the draws' share is a model's: Rao
 * and Kupper 1967 with drawelo 200, P(win) = 1 / (1 + 10^((200 − x) / 400)), P(loss) = 1 / (1 + 10^((200 + x) / 400)), at
 * the x whose P(win) − P(loss) is `value`.
 */
export function outcomes(value: number): [win: number, draw: number, loss: number] {
  if (Math.abs(value) >= 1) return value > 0 ? [1000, 0, 0] : [0, 0, 1000];
  const k = 10 ** (DRAW_ELO / 400);
  // With s = 10^(x / 400): s / (s + k) − 1 / (1 + k s) = v, a quadratic in s.
  const b = value * (1 + k * k);
  const s = (b + Math.sqrt(b * b + 4 * k * k * (1 - value * value))) / (2 * k * (1 - value));
  const win = Math.round((1000 * s) / (s + k));
  const loss = Math.round(1000 / (1 + k * s));
  return [win, 1000 - win - loss, loss];
}

/** `score …`; '' of an agent without an opinion. A proven win or loss is a mate in so many moves at most. */
function score({ value, proven, plies }: Pick<SearchLine, 'value' | 'proven' | 'plies'>, showOutcomes: boolean): string {
  const known = proven ?? value;
  if (known === undefined) return '';
  const mate = proven !== undefined && proven !== 0 && plies !== undefined;
  const text = mate ? ` score mate ${Math.sign(proven) * Math.ceil(plies / 2)}` : ` score cp ${centipawns(known)}`;
  return showOutcomes ? `${text} wdl ${outcomes(known).join(' ')}` : text;
}

/** One line for each of the variations. */
export function infoLines(analysis: Analysis, board: UciBoard, millis: number, showOutcomes: boolean): string[] {
  const { simulations, value, proven, principalVariation, depth, lines } = analysis;
  // Agents without a tree know one move.
  const shown: readonly Pick<SearchLine, 'actions' | 'value' | 'proven' | 'plies'>[] = lines?.length ? lines : [{ actions: principalVariation.length > 0 ? principalVariation : [analysis.action], value, proven }];
  const mean = Math.max(1, Math.round(depth?.mean ?? 1));
  const time = Math.max(1, Math.round(millis));
  const speed = simulations > 0 ? ` nodes ${simulations} nps ${Math.round((1000 * simulations) / time)}` : '';
  return shown.map((line, i) =>
    // The first line's value is what the search thinks of the position; a proof is the line's own.
    `info depth ${mean} seldepth ${Math.max(mean, depth?.most ?? 1)} multipv ${i + 1}${score(i === 0 && value !== undefined ? { ...line, value } : line, showOutcomes)}${speed} time ${time} pv ${board.line(line.actions).join(' ')}`,
  );
}
