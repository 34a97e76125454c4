/** Learning and planning with tables and tile coding. */
export { oneHotFeatures, type Features } from './features.js';
export { displacements, tileFeatures, tileScales, tilesOfGrid, type TileCoding } from './tiles.js';
export { ActionValues, draw, epsilonGreedy } from './values.js';
export { LearnerBase, type Learner, type LearnerShape, type LearningSettings } from './learner.js';
export { DoubleQLearner, OneStepLearner, oneStepTargets, type OneStepTarget } from './one-step.js';
export { NStepSarsa, TreeBackup } from './n-step.js';
export { SarsaLambda, TrueOnlineSarsa, WatkinsQ, traceKinds, type TraceKind } from './traces.js';
export { DynaLearner, type DynaSettings } from './dyna.js';
export { actionValue, actionValues, bellmanBackup, bestAction, policyValues, type FiniteModel, type FiniteOutcome } from './model.js';
export { PolicyIteration, RealTimeDynamicProgramming, ValueIteration, type Planner } from './planning.js';
