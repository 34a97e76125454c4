/** Settings of a task's run: a few that all algorithms share, and the algorithm's own under `learner`. */
import { z } from 'zod';
import { UserError } from '#engine';
import { defaultConfig } from '../config.js';
import { evaluationSchema } from '../config-schema.js';
import { checkSettings, describeSettings, parseOverrides, writeSetting, type SettingDescription } from '../settings.js';
import type { Algorithm, LearnerConfig, Task } from './types.js';

const count = z.number().int().min(0);

const shared = {
  game: z.string().describe('id of the task, path of a module, or gym:ENV_ID'),
  algorithm: z.string().describe('how it is learnt'),
  seed: count.describe('seed of every random choice of the run'),
  frames: z.number().int().min(1).describe('length of the run, over which learning rate and exploration anneal [environment steps]'),
  device: z.enum(['auto', 'cpu', 'webgpu', 'cuda']).describe('where networks run: auto, cpu, webgpu or cuda'),
  threads: z.number().int().min(1).describe("threads of the networks' own pool; one is best for small networks [threads]"),
  checkpoint: z.strictObject({
    everyMinutes: z.number().min(0).describe('time between checkpoints; 0 turns it off [min]'),
    everyFrames: count.describe('environment steps between checkpoints; 0 turns it off [steps]'),
    keep: z.number().int().min(1).describe('checkpoints kept; old ones are thinned out [checkpoints]'),
  }),
  evaluation: z.strictObject({
    ...evaluationSchema.shape,
    simulations: z.number().int().min(1).describe('simulations for a move while measuring, by algorithms that search [simulations]'),
    episodes: z.number().int().min(2).describe('of a task of one: whole episodes of a measurement [episodes]'),
  }),
};

const sharedSchema = z.strictObject(shared);
export type TaskRunConfig = z.infer<typeof sharedSchema> & { readonly learner: LearnerConfig };

const schemaOf = (algorithm: Algorithm): z.ZodObject => z.strictObject({ ...shared, learner: algorithm.schema });

/**
 * Two seats: as self-play measures the same game. One: by whole episodes, which tell something that training does not
 * show where the search explores; of other algorithms they would mostly repeat the curve of training.
 */
function defaultEvaluation(algorithm: Algorithm, task: Task): TaskRunConfig['evaluation'] {
  const enabled = algorithm.family === 'muzero';
  if (task.seats === 2 && task.game !== undefined) return { ...defaultConfig(task.game).evaluation, enabled, episodes: 32 };
  return { enabled, simulations: 16, pairs: 10, anchors: [], positions: 0, episodes: 32 };
}

export function defaultTaskConfig(algorithm: Algorithm, task: Task): TaskRunConfig {
  return {
    game: task.spec, algorithm: algorithm.name, seed: 1, frames: algorithm.frames(task), device: 'cpu', threads: 1,
    checkpoint: { everyMinutes: 2, everyFrames: 0, keep: 20 },
    evaluation: defaultEvaluation(algorithm, task),
    learner: algorithm.defaults(task),
  };
}

export function describeTaskConfig(algorithm: Algorithm, config: TaskRunConfig): SettingDescription[] {
  return describeSettings(schemaOf(algorithm), config);
}

/** `key=value` changes, checked; a learner's setting may be named without `learner.`. Throws UserError('usage'). */
export function changeTaskConfig(algorithm: Algorithm, config: TaskRunConfig, overrides: readonly string[]): TaskRunConfig {
  const schema = schemaOf(algorithm);
  const changed = structuredClone(config) as unknown as Record<string, unknown>;
  for (const { key, text } of parseOverrides(overrides, 'learner.learningRate=0.001')) {
    const [own, next = ''] = key.split('.');
    // An algorithm may have a section that is called learner itself: learner.batch is then learner.learner.batch.
    const whole = own === 'learner' && (!('learner' in algorithm.schema.shape) || next in algorithm.schema.shape);
    writeSetting(schema, changed, own in shared || whole || !(own in algorithm.schema.shape) ? key : `learner.${key}`, text);
  }
  return check(algorithm, changed, 'setting');
}

/** A stored config; what it may lack, because it is older than a setting, is filled in. Throws UserError('data'). */
export function storedTaskConfig(algorithm: Algorithm, task: Task, stored: unknown, where: string): TaskRunConfig {
  if (typeof stored !== 'object' || stored === null) throw new UserError('data', `${where} holds no settings; restore it, or choose another run directory`);
  return check(algorithm, filled(defaultTaskConfig(algorithm, task), stored), where);
}

function check(algorithm: Algorithm, data: unknown, where: string): TaskRunConfig {
  return checkSettings(schemaOf(algorithm), data, where) as TaskRunConfig;
}

function filled(defaults: object, stored: object): object {
  const isSection = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);
  const all: Record<string, unknown> = { ...defaults, ...stored };
  for (const [name, section] of Object.entries(defaults)) {
    const own = (stored as Record<string, unknown>)[name];
    if (isSection(section) && isSection(own)) all[name] = filled(section, own);
  }
  return all;
}
