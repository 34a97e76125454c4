/** The thread of `scoreTask`. */
import { parentPort, workerData } from 'node:worker_threads';
import { UserError } from '#engine';
import { evaluateTask, openTask } from '#selfplay/tasks';
import { TASK_ROWS, openTaskAgent } from './agents/task-agent.js';
import type { FromTaskScore, TaskScoreSetup } from './task-score.js';

const { game, agent, episodes, ...options } = workerData as TaskScoreSetup;

async function score(): Promise<FromTaskScore> {
  try {
    const task = await openTask(game);
    const policy = await openTaskAgent(task, agent, options);
    try {
      return { score: await evaluateTask({ task, policy, episodes, seed: options.seed, parallel: TASK_ROWS }) };
    } finally {
      await policy.close();
    }
  } catch (error) {
    return { error: { message: error instanceof Error ? error.message : String(error), ...(error instanceof UserError ? { kind: error.kind } : {}) } };
  }
}

void score().then((answer) => parentPort?.postMessage(answer, []));
