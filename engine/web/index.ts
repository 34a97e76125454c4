/** Networks on ONNX Runtime's WebAssembly: in a browser, in a Web Worker, and the same in Node. */
export { networkEvaluator, openWebModel, type OpenWebModelOptions } from './inference.js';
export { openWebWorldModel } from './world-model.js';
