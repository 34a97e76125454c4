/** MuZero in a task of one seat: many environments act together, each step of each one searched. */
import { type Rng, UserError } from '#engine';
import type { Task, TaskPolicy } from '#selfplay/tasks';
import { createPlanner, openLearnedModel } from './learned-model.js';
import type { ModelOptions } from './model.js';
import type { MuZeroSpec } from './muzero.js';

/** For up to `rows` environments; `rng` draws moves at a temperature above 0. Throws as `openLearnedModel`. */
export async function openLearnedPolicy(spec: MuZeroSpec, task: Task, options: ModelOptions & { readonly rows: number; readonly rng: Rng }): Promise<TaskPolicy> {
  if (task.seats === 2) throw new UserError('usage', `${task.id} is a game for two: ludus match lets two agents play it`);
  const { model, settings } = await openLearnedModel(spec.model, task, options);
  const { rows, rng } = options;
  const { temperature } = spec.options;
  const planner = createPlanner(task, model, settings, spec.options, rows);
  const turns = new Uint8Array(rows);
  return {
    async act(planes, legal, n, actions) {
      planner.planes.set(planes.subarray(0, (n * planner.planes.length) / rows));
      await planner.search(model, n, turns, legal, () => rng);
      for (let i = 0; i < n; i++) actions[i] = planner.searches[i].action(rng, temperature);
    },
    close: () => model.close(),
  };
}
