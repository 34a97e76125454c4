/** `gym:ENV_ID` as a task. */
import type { ObservationSpace, Task, TaskFacts } from '../tasks/types.js';
import { GymEnvironments, openProcess } from './environments.js';
import { makeGymSpec, parseGymSpec, type GymSpec } from './spec.js';
import { View, type Space } from './view.js';

/** Bumped when what a learner sees of an environment changes. */
const VERSION = 1;

/**
 * Asks a Python process what the environment is. Throws UserError: 'usage' for one that there is not or whose actions are
 * not discrete, 'environment' when Python, Gymnasium, Atari or a ROM is missing.
 */
export async function openGymTask(text: string): Promise<Task> {
  const spec = parseGymSpec(text);
  const { process, space, actions, pooled } = await openProcess(spec, 1);
  await process.close();
  const facts: TaskFacts = {
    id: `gym-${spec.id.replaceAll(/[^A-Za-z0-9.-]+/g, '-')}`,
    name: spec.id,
    version: VERSION,
    actionCount: actions,
    planes: new View(space, spec, pooled).planes,
  };
  return { ...facts, observation: observationSpace(space, spec), spec: makeGymSpec(spec), open: (n) => GymEnvironments.open(facts, spec, n) };
}

function observationSpace(space: Space, spec: GymSpec): ObservationSpace | undefined {
  if (spec.stack > 1) return undefined;
  if (space.kind === 'index') return { kind: 'one-hot' };
  const { low, high } = space;
  // Some bounds are the largest number there is, which says nothing.
  return low.length > 0 && [...low, ...high].every((bound) => Math.abs(bound) < 1e6) ? { kind: 'box', low, high } : undefined;
}
