/** The measurements of checkpoints that the training loops are handed: selfplay never imports the arena. */
import { evaluateCheckpoint, evaluateTaskCheckpoint } from '#arena';
import type { EvaluateTask } from './tasks.js';
import type { Evaluate } from './training.js';

export const checkpointEvaluator: Evaluate = (checkpoint, config, signal) => evaluateCheckpoint(checkpoint, config, signal);

export const taskCheckpointEvaluator: EvaluateTask = (seats) => (checkpoint, config, signal) => evaluateTaskCheckpoint(checkpoint, config, seats, signal);
