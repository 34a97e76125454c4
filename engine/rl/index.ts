/** Mathematics of learning from rewards that needs no tensors. */
export { SumTree } from './sum-tree.js';
