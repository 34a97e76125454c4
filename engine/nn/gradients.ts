/** Gradients that TensorFlow.js 4.22 lacks or has wrong, for every backend. */
export function registerGradients(): void {}
