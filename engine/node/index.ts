/** Networks on ONNX Runtime, in Node: inference, compiled training, and the choice of a device. */
export { availableDevices, chooseDevice, devices, parseDevice, type Device, type DeviceChoice, type DeviceReport } from './device.js';
export { NetworkEvaluator, openModel, type OpenModelOptions } from './inference.js';
export { openForward, type Forward } from './forward.js';
export { createCompiledTrainer, type CompiledTrainer, type CompiledTrainerOptions } from './trainer.js';
export { loadNativeBackend, nativePackages, type NativePackage } from './native-backend.js';
export { openWorldModel, type OpenWorldModel } from './world-model.js';
