/** `ludus eval` of a task for one: whole episodes, by chance or by what a run has learnt. */
import { TASK_ROWS, openTaskAgent } from '#arena';
import { evaluateTask, openTask } from '#selfplay/tasks';
import { interruptible } from '../interrupt.js';
import { count, printResult, Progress } from '../output.js';
import { plusMinus, taskSpec } from '../tasks.js';

interface EvalTaskCommand {
  readonly agent: string;
  readonly episodes: number;
  readonly seed: number;
  readonly threads?: number;
  readonly device: 'auto' | 'cpu' | 'webgpu' | 'cuda';
  readonly json?: boolean;
}

export async function evaluateInTask(name: string, options: EvalTaskCommand): Promise<void> {
  const task = await openTask(taskSpec(name));
  const policy = await openTaskAgent(task, options.agent, options);
  const progress = new Progress(options.agent, options.episodes, 'episodes', options.json);
  const started = performance.now();
  const score = await interruptible((signal) =>
    evaluateTask({ task, policy, episodes: options.episodes, seed: options.seed, parallel: TASK_ROWS, signal, onProgress: (done) => progress.update(done) }),
  ).finally(() => policy.close());
  progress.end();
  const seconds = (performance.now() - started) / 1000;
  printResult(options.json === true, { game: task.id, agent: options.agent, seed: options.seed, ...score, seconds }, () =>
    [
      `${options.agent} in ${task.name}: ${count(score.episodes)} episodes, ${count(score.steps)} steps, ${seconds.toFixed(1)} s`,
      `  return ${plusMinus(score.mean, score.standardError)} (standard error), from ${score.min} to ${score.max}`,
      `  length ${count(score.length)} steps${score.truncated > 0 ? `; ${count(score.truncated)} episodes were cut by the time limit` : ''}`,
    ].join('\n'),
  );
}
