/** Tournaments on many machines: pairs as jobs of a cluster. */
export { pairsKind } from './pairs.js';
export { remotePairs } from './remote-pairs.js';
