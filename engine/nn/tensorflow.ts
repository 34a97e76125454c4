/**
 * The one door to TensorFlow.js: import `tf` from here.
 *
 * In Node, `@tensorflow/tfjs-core` alone resolves to a bundle that registers no gradients; `@tensorflow/tfjs` registers
 * them (and the pure JavaScript backend `cpu`) on that same core, for some 50 ms more at import. Production mode is what
 * silences the library's banner about its native package; nothing else depends on it.
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs';
import { registerGradients } from './gradients.js';

tf.enableProdMode();
registerGradients();

export { tf };

/**
 * Runs `compute` with the named backend current, then makes the former one current again. `compute` must not await:
 * TensorFlow.js has one current backend for the whole thread. The backend must have been initialised (`openBackend`).
 */
export function withBackend<T>(name: string, compute: () => T): T {
  const former = tf.engine().backendName;
  if (former === name) return compute();
  // Synchronous for a backend that is already initialised; the promise only repeats what getBackend tells.
  void tf.setBackend(name);
  try {
    return compute();
  } finally {
    if (former) void tf.setBackend(former);
  }
}
