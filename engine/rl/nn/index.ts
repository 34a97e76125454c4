/** Networks and losses of learners from rewards, in TensorFlow.js operations. */
export { NOISE, NoisePlan, drawNoise, noisyDense } from './noisy.js';
export { createQNetwork, supportOf, widthOf, type Distribution, type QNetworkConfig } from './q-network.js';
export { qLoss, quantileHuber, type QLossOptions } from './q-loss.js';
