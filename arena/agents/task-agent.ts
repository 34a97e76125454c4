/** Agents of tasks of one seat by their strings: chance, a policy's network or table, and search in a learned model. */
import { UserError } from '#engine';
import { actingRng, openPolicy, randomPolicy, type PolicyOptions, type Task, type TaskPolicy } from '#selfplay/tasks';
import { openLearnedPolicy } from './learned-policy.js';
import { parseAgentSpec } from './spec.js';

/** Episodes at once: enough for a network's batch. */
export const TASK_ROWS = 64;

export interface TaskAgentOptions {
  /** Of what the agent draws. */
  readonly seed: number;
  readonly device: PolicyOptions['device'];
  /** Threads of one network evaluation; default 1. */
  readonly threads?: number;
}

/** For up to `TASK_ROWS` environments. The text is trusted. Throws UserError('usage') for agents that play no tasks, and as they do. */
export async function openTaskAgent(task: Task, agent: string, { seed, device, threads = 1 }: TaskAgentOptions): Promise<TaskPolicy> {
  const spec = parseAgentSpec(agent);
  const rng = actingRng(seed);
  if (spec.kind === 'random') return randomPolicy(task, rng);
  if (spec.kind === 'mz') return openLearnedPolicy(spec, task, { rows: TASK_ROWS, rng, device, threads });
  if (spec.kind !== 'policy') throw new UserError('usage', `${spec.kind} is an agent for games of two; tasks know random, policy:PATH and mz:PATH, where PATH is a run or a checkpoint`);
  return openPolicy(task, spec.model.path, spec.model.step, { temperature: spec.options.temperature, rng, rows: TASK_ROWS, device, threads });
}
