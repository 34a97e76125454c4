/** The measurement of checkpoints that the training loop is handed: selfplay never imports the arena. */
import { evaluateCheckpoint } from '#arena';
import type { Evaluate } from './training.js';

export const checkpointEvaluator: Evaluate = (checkpoint, config, signal) => evaluateCheckpoint(checkpoint, config, signal);
