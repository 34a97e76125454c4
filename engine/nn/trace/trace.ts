/** Records a pure function of tensors as a graph. */
import { UserError } from '#engine';
import { tf, withBackend } from '../tensorflow.js';
import type { Tensors, TensorSpec } from '../types.js';
import { TRACE_BACKEND, operationName, traceBackend } from './backend.js';
import type { Graph } from './graph.js';

/** "Cannot compute gradient: gradient function not found for X." is all that TensorFlow.js says. */
const MISSING_GRADIENT = /gradient function not found for (\w+)/;

/**
 * Calls `compute` once with symbolic tensors of the given whole shapes (batch included) and returns what it computes.
 * `compute` may differentiate; it must be pure and may not read values. Nothing is left behind: the former backend is
 * current again, whatever happens. Throws UserError that names an operation that cannot be compiled, and its place.
 */
export function trace(compute: (inputs: Tensors) => Tensors, inputs: readonly TensorSpec[]): Graph {
  try {
    return record(compute, inputs);
  } catch (error) {
    const kernel = error instanceof Error ? MISSING_GRADIENT.exec(error.message)?.[1] : undefined;
    if (kernel === undefined) throw error;
    // The place is only known while the operation runs: run again, and watch for it.
    let place: string | undefined;
    try {
      record(compute, inputs, kernel);
    } catch {
      place = traceBackend().watchedPlace;
    }
    throw new UserError('usage', `tf.${operationName(kernel)} has no gradient in TensorFlow.js, so a network that uses it (at ${place ?? 'an unknown place'}) cannot be trained; use another operation, or stop the gradient with tf.customGrad`);
  }
}

function record(compute: (inputs: Tensors) => Tensors, inputs: readonly TensorSpec[], watched?: string): Graph {
  const backend = traceBackend();
  // Make sure that there is a former backend to go back to.
  tf.backend();
  return withBackend(TRACE_BACKEND, () => {
    backend.begin(watched);
    const nodes = inputs.map(({ name, shape, dtype }) => backend.builder.input(name, shape, dtype ?? 'float32'));
    const engine = tf.engine();
    engine.startScope();
    try {
      const tensors: Tensors = {};
      for (const node of nodes) tensors[node.operation.name] = engine.makeTensorFromTensorInfo(backend.put(node), backend);
      const outputs = compute(tensors);
      return { inputs: nodes, outputs: Object.entries(outputs).map(([name, tensor]) => ({ name, node: backend.nodeOf(tensor) })) };
    } finally {
      engine.endScope();
    }
  });
}
