/** Every algorithm that learns a task, by name. Each family lists its own in the `index.ts` of its folder. */
import { UserError, unknown } from '#engine';
import { classicalAlgorithms } from './classical/index.js';
import { dqnAlgorithms } from './dqn/index.js';
import { muzeroAlgorithms } from './muzero/index.js';
import { policyGradientAlgorithms } from './policy-gradient/index.js';
import type { Algorithm, Task } from './types.js';

export const algorithms: readonly Algorithm[] = [...policyGradientAlgorithms, ...dqnAlgorithms, ...muzeroAlgorithms, ...classicalAlgorithms];

/** By name; throws UserError('usage') with the nearest one when there is none. */
export function getAlgorithm(name: string): Algorithm {
  const algorithm = algorithms.find((candidate) => candidate.name === name.toLowerCase());
  if (algorithm === undefined) throw unknown('algorithm', name, ['alphazero', ...algorithms.map((candidate) => candidate.name)]);
  return algorithm;
}

/** The algorithm, if it can learn the task; otherwise throws UserError('usage') that says why not and what could. */
export function algorithmFor(name: string, task: Task): Algorithm {
  const algorithm = getAlgorithm(name);
  const why = refusal(algorithm, task);
  if (why === undefined) return algorithm;
  const others = suitableAlgorithms(task).map((candidate) => candidate.name);
  throw new UserError('usage', `${algorithm.name} cannot learn ${task.name}: ${why}. These can: ${(task.seats === 2 ? ['alphazero', ...others] : others).join(', ')}.`);
}

/** Those that can learn the task; the first is the default. */
export function suitableAlgorithms(task: Task): Algorithm[] {
  return algorithms.filter((algorithm) => refusal(algorithm, task) === undefined);
}

function refusal(algorithm: Algorithm, task: Task): string | undefined {
  const seats = task.seats ?? 1;
  if ((algorithm.seats ?? [1]).includes(seats)) return algorithm.refuses(task);
  return seats === 2 ? 'it is a game for two, learnt by self-play' : 'it is a task of one seat';
}
