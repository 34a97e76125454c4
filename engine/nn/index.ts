/** Networks, losses and optimisers in TensorFlow.js operations, and the tracer that compiles them to ONNX. */
export type * from './types.js';
export { tf, withBackend } from './tensorflow.js';
export { layoutOf, packWeights, unpackWeights, initialWeights, sizeOf, type ParameterLayout, type ParameterSlice } from './weights.js';
export {
  relu, convolution, dense, depthwise, batchNorm, layerNorm, pickColumns, planesPolicy, poolBoard, globalBias, sequence, flatten, type ConvolutionOptions, type Layer, type KernelOptions,
} from './layers.js';
export { auxiliaryHeads, valueKinds, createHeads, type AuxiliaryConfig, type Heads, type HeadsConfig, type ValueKind } from './heads.js';
export { createNetwork, networkConfigs, networkKinds, parameterCount, policyKinds, type MlpConfig, type NetworkConfig, type ResnetConfig } from './networks.js';
export { alphaZeroLoss, crossEntropy, entropy, huber, type AlphaZeroLossOptions } from './losses.js';
export { createOptimizer, optimizerDefaults, optimizerKinds, orthogonalize, type Optimizer, type OptimizerInputs } from './optimizers.js';
export { createTrainingStep, views, type TrainingStep, type TrainingStepOptions } from './training-step.js';
export { initialState, packState, unpackState } from './state.js';
export { createEagerInference, createEagerTrainer, openBackend, type EagerInferenceOptions, type EagerTrainerOptions } from './eager.js';
export { binCount, decodeScalar, encodeScalar, squeeze, unsqueeze, type Support } from './muzero/support.js';
export { bodyKinds } from './muzero/body.js';
export { createMuZero, type MuZero, type MuZeroConfig } from './muzero/network.js';
export { muZeroLoss, type MuZeroLossOptions } from './muzero/loss.js';
export { compileForward, compileTrainingStep, exportModel, exportModule, nextName } from './onnx/compile.js';
export { importWeights } from './onnx/weights.js';
export { lower } from './onnx/lower.js';
export type { LoweringOptions } from './onnx/context.js';
export { trace } from './trace/trace.js';
export { tracedKernels } from './trace/backend.js';
export type { Graph, GraphNode } from './trace/graph.js';
