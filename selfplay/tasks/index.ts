/** Learning single-seat tasks: environments that step together, algorithms by name, and (with them) runs. */
export * from './types.js';
export { GameEnvironments } from './environments.js';
export { gameTask, openTask } from './task.js';
export { createDqnUpdater, type DqnConfig } from './dqn/index.js';
export { modelConfig, muzeroDefaults, type MuZeroSettings } from './muzero/config.js';
export { algorithmFor, algorithms, getAlgorithm, suitableAlgorithms } from './algorithms.js';
export { readTaskModel } from './checkpoint.js';
export { changeTaskConfig, defaultTaskConfig, describeTaskConfig, type TaskRunConfig } from './run-config.js';
export { createTaskTraining, type TaskTraining, type TaskTrainingOptions, type TaskUntil } from './training.js';
export type { TaskProgress, TaskTrainingEvents } from './messages.js';
export { evaluateTask, type TaskEvaluation, type TaskScore } from './evaluate.js';
export { actingRng, openPolicy, randomPolicy, type PolicyOptions } from './policy.js';
export * as trials from './testing.js';
export * as lessons from './muzero/lessons.js';
