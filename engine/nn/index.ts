/** Networks, losses and optimisers in TensorFlow.js operations, and the tracer that compiles them to ONNX. */
export type * from './types.js';
export { tf, withBackend } from './tensorflow.js';
export type { FlatWeights, ParameterLayout, ParameterSlice, TrainingStep } from './training-step.js';
