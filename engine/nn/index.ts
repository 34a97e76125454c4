/** Networks, losses and optimisers in TensorFlow.js operations, and the tracer that compiles them to ONNX. */
export type * from './types.js';
