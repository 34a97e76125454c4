/** Mathematics of learning from rewards that needs no tensors. */
export { SumTree } from './sum-tree.js';
export { discountedReturns, generalisedAdvantages, nStepReturn, standardise, type Rollout } from './returns.js';
