/** Networks and losses of learners from rewards, in TensorFlow.js operations. */
export { NOISE, NoisePlan, drawNoise, noisyDense } from './noisy.js';
export { createQNetwork, supportOf, widthOf, type Distribution, type QNetworkConfig } from './q-network.js';
export { qLoss, quantileHuber, type QLossOptions } from './q-loss.js';
export { clippedSurrogate, klDivergence, logPolicy, policyEntropy, policyGradientLoss, type PolicyGradientLossOptions } from './policy-gradient.js';
export { createPolicyNetwork, type PolicyNetworkConfig } from './policy-network.js';
