/** Mathematics of learning from rewards that needs no tensors. */
export { SumTree } from './sum-tree.js';
export { discountedReturns, generalisedAdvantages, nStepReturn, standardise, type Rollout } from './returns.js';
export { FrameStore, frameKinds, type FrameKind } from './frames.js';
export { ReplayMemory, type ReplayBatch, type ReplayOptions } from './replay.js';
export { UpdateCredit, annealed, greedy, projectCategorical, quantileTargets, softUpdate, valueTargets } from './targets.js';
