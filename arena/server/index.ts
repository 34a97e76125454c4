/** The server: rooms in which persons and agents meet, and a window on the run that trains. */
export { createServer } from './server.js';
export type { Server, ServerOptions } from './server.js';
export { defaultLimits } from './limits.js';
export type { Limits } from './limits.js';
export { createLog } from './log.js';
export type { ThinkRequest, ThinkingAgents, Thought } from './thinking.js';
export type { TrainingNews, TrainingView } from './training-view.js';
export { observeRun } from './observe.js';
export { observeTask } from './observe-task.js';
export type { ObserveOptions, ObservedTraining } from './observe.js';
export { Curves } from './curves.js';
export type { Sample } from './curves.js';
export { flattenSettings } from './run-settings.js';
