/** The algorithms of this family, in the order in which they are listed. */
import type { Algorithm } from '../types.js';
import { dqnDefaults, dqnSchema, type DqnConfig } from './config.js';
import type { DqnUpdater, UpdaterOptions } from './updater.js';

export type { DqnConfig } from './config.js';

function algorithm(name: 'dqn' | 'rainbow', title: string, summary: string): Algorithm<DqnConfig> {
  return {
    name,
    family: 'dqn',
    title,
    summary,
    refuses: ({ actionCount }) => (actionCount < 2 ? 'it has one action only, so there is nothing to choose; its values can be learnt by td' : undefined),
    schema: dqnSchema,
    defaults: (task) => dqnDefaults(task, name === 'rainbow' ? 'rainbow' : 'plain'),
    frames: ({ planes: [, height, width] }) => (height * width > 1 ? 3_000_000 : 100_000),
    create: async (options) => (await import('./learner.js')).createDqnLearner(options),
  };
}

/** Learning without acting, for benchmarks. */
export const createDqnUpdater = async (options: UpdaterOptions): Promise<DqnUpdater> => (await import('./updater.js')).createUpdater(options);

export const dqnAlgorithms: readonly Algorithm[] = [
  algorithm('dqn', 'Deep Q-network', 'action values by a network, from a memory of steps; with switches for double, dueling, prioritised, n-step, noisy, C51 and QR-DQN') as unknown as Algorithm,
  algorithm('rainbow', 'Rainbow', 'DQN with all of its improvements at once: learns from the fewest steps of this family') as unknown as Algorithm,
];
