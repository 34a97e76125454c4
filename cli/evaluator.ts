/** The measurement of checkpoints that the training loop is handed: selfplay never imports the arena. */
import type { Game } from '#engine';
import type { Evaluate } from './training.js';

export function checkpointEvaluator(_game: Game, _spec: string): Evaluate | undefined {
  return undefined;
}
