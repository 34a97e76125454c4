/**
 * The TensorFlow.js backend that records instead of computing: a tensor's "data" is a graph node. Because differentiation
 * in TensorFlow.js is itself made of operations, gradients and whole training steps are recorded like anything else.
 */
import { UserError } from '#engine';
import { tf } from '../tensorflow.js';
import { GraphBuilder } from './builder.js';
import { is, sameShape, sizeOf, type DataType, type GraphNode } from './graph.js';
import { elementwiseKernels } from './kernels-elementwise.js';
import { linearKernels } from './kernels-linear.js';
import { shapeKernels } from './kernels-shape.js';
import type { KernelAttributes, KernelInputs, KernelTable } from './kernels.js';
import { callPlace } from './place.js';

export const TRACE_BACKEND = 'ludus-trace';

const kernels: KernelTable = { ...elementwiseKernels, ...shapeKernels, ...linearKernels };
/** Names of the TensorFlow.js kernels that can be compiled. */
export const tracedKernels: readonly string[] = Object.keys(kernels).sort();

interface Entry { readonly node: GraphNode; references: number }

/** Only the dtypes that graphs know; strings and complex numbers have no place in a network. */
function dataType(dtype: string): DataType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new UserError('usage', `a compiled network has no tensors of type ${dtype}; it was made at ${callPlace()}`);
}

export class TraceBackend extends tf.KernelBackend {
  private readonly entries = new Map<object, Entry>();
  /** Made anew for each trace. */
  builder = new GraphBuilder();
  /** When set, the place of the first use of this kernel is kept in `watchedPlace`. */
  watched: string | undefined;
  watchedPlace: string | undefined;

  begin(watched?: string): void {
    this.builder = new GraphBuilder();
    this.watched = watched;
    this.watchedPlace = undefined;
  }

  put(node: GraphNode): tf.TensorInfo {
    const dataId = {};
    this.entries.set(dataId, { node, references: 1 });
    return { dataId, shape: [...node.shape], dtype: node.dtype };
  }

  /** The node behind a tensor. Tensors of other backends become constants, and stay where they are. */
  nodeOf(tensor: tf.TensorInfo): GraphNode {
    const entry = this.entries.get(tensor.dataId);
    const node = entry ? entry.node : this.builder.values(tf.engine().readSync(tensor.dataId) as Float32Array, tensor.shape, dataType(tensor.dtype));
    return sameShape(node.shape, tensor.shape) ? node : this.builder.reshape(node, tensor.shape);
  }

  override write(values: tf.backend_util.BackendValues | null, shape: number[], dtype: tf.DataType): object {
    return this.put(values ? this.builder.values(values as Float32Array, shape, dataType(dtype)) : this.builder.splat(0, shape, dataType(dtype))).dataId;
  }

  override readSync(dataId: object): Float32Array | Int32Array | Uint8Array {
    const node = this.entries.get(dataId)?.node;
    if (node && is(node, 'constant')) return node.operation.data.slice();
    if (node && is(node, 'splat')) return (node.dtype === 'float32' ? new Float32Array(sizeOf(node.shape)) : new Int32Array(sizeOf(node.shape))).fill(node.operation.value);
    throw new UserError('usage', `the values of a tensor are read at ${callPlace()}, but a compiled network has none while it is traced; use tensor operations (tf.where, tf.mul …) instead`);
  }

  override read(dataId: object): Promise<Float32Array | Int32Array | Uint8Array> {
    return Promise.resolve(this.readSync(dataId));
  }

  override disposeData(dataId: object): boolean {
    const entry = this.entries.get(dataId);
    if (entry && --entry.references <= 0) this.entries.delete(dataId);
    return !this.entries.has(dataId);
  }

  override incRef(dataId: object): void {
    const entry = this.entries.get(dataId);
    if (entry) entry.references++;
  }

  override refCount(dataId: object): number {
    return this.entries.get(dataId)?.references ?? 0;
  }

  override numDataIds(): number {
    return this.entries.size;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override move(): void {
    throw new UserError('usage', `a tensor of another TensorFlow.js backend cannot be moved into a traced network (at ${callPlace()}); pass it as an input or make it inside the network`);
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override timerAvailable(): boolean {
    return false;
  }

  override dispose(): void {
    this.entries.clear();
  }
}

let instance: TraceBackend | undefined;

/** The one backend, registered at its first use, together with a clear refusal for every kernel that it lacks. */
export function traceBackend(): TraceBackend {
  if (instance) return instance;
  const backend = new TraceBackend();
  tf.registerBackend(TRACE_BACKEND, () => backend, 0);
  for (const [kernelName, rule] of Object.entries(kernels)) {
    tf.registerKernel({
      kernelName,
      backendName: TRACE_BACKEND,
      kernelFunc: ({ inputs, attrs }) => {
        const nodes: KernelInputs = {};
        for (const [key, tensor] of Object.entries(inputs)) if (tensor) nodes[key] = backend.nodeOf(tensor);
        if (kernelName === backend.watched) backend.watchedPlace ??= callPlace();
        let result;
        try {
          result = rule(backend.builder, nodes, (attrs ?? {}) as KernelAttributes);
        } catch (error) {
          if (error instanceof UserError) throw error;
          throw new UserError('usage', `a network uses tf.${operationName(kernelName)} at ${callPlace()} in a way that cannot be compiled: ${error instanceof Error ? error.message : String(error)}`);
        }
        return isList(result) ? result.map((node) => backend.put(node)) : backend.put(result);
      },
    });
  }
  for (const { kernelName } of tf.getKernelsForBackend('cpu')) {
    if (kernelName in kernels) continue;
    tf.registerKernel({
      kernelName,
      backendName: TRACE_BACKEND,
      kernelFunc: () => {
        throw new UserError('usage', `a network uses tf.${operationName(kernelName)} at ${callPlace()}, which cannot be compiled (kernel ${kernelName}); express it by other operations, or train with the eager runner`);
      },
    });
  }
  return (instance = backend);
}

const isList = (result: GraphNode | readonly GraphNode[]): result is readonly GraphNode[] => Array.isArray(result);

/** Kernel names are the operations' names with a capital: what the user wrote, but for a few. */
export const operationName = (kernelName: string): string => kernelName.charAt(0).toLowerCase() + kernelName.slice(1);

