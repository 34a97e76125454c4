/** `ludus eval` of a task for one: whole episodes, by chance or by what a run has learnt. */
import { UserError } from '#engine';
import { openLearnedPolicy, parseAgentSpec } from '#arena';
import { actingRng, evaluateTask, openPolicy, openTask, randomPolicy, type Task, type TaskPolicy } from '#selfplay/tasks';
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

/** Episodes at once: enough for a network's batch. */
export const PARALLEL = 64;

/** The agent that a word names. Throws UserError('usage') for those that play no tasks. */
export async function agentOf(task: Task, { agent, seed, device, threads = 1 }: Pick<EvalTaskCommand, 'agent' | 'seed' | 'device' | 'threads'>): Promise<TaskPolicy> {
  const spec = parseAgentSpec(agent);
  const rng = actingRng(seed);
  if (spec.kind === 'random') return randomPolicy(task, rng);
  if (spec.kind === 'mz') return openLearnedPolicy(spec, task, { rows: PARALLEL, rng, device, threads });
  if (spec.kind !== 'policy') throw new UserError('usage', `${spec.kind} is an agent for games of two; tasks know random, policy:PATH and mz:PATH, where PATH is a run or a checkpoint`);
  return openPolicy(task, spec.model.path, spec.model.step, { temperature: spec.options.temperature, rng, rows: PARALLEL, device, threads });
}

export async function evaluateInTask(name: string, options: EvalTaskCommand): Promise<void> {
  const task = await openTask(taskSpec(name));
  const policy = await agentOf(task, options);
  const progress = new Progress(options.agent, options.episodes, 'episodes', options.json);
  const started = performance.now();
  const score = await interruptible((signal) =>
    evaluateTask({ task, policy, episodes: options.episodes, seed: options.seed, parallel: PARALLEL, signal, onProgress: (done) => progress.update(done) }),
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
