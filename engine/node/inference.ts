/**
 * Inference by ONNX Runtime. `run` blocks its thread although it returns a promise (the runtime's binding is synchronous):
 * keep sessions in worker threads.
 */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { UserError, type Batch, type Evaluator } from '#engine';
import type { Inference } from '#engine/nn';
import { chooseDevice, firstLine, sessionOptions, type DeviceChoice } from './device.js';

export interface OpenModelOptions {
  readonly device: DeviceChoice;
  /** Threads of this session's own pool, the calling one included. */
  readonly threads: number;
}

/**
 * Opens a model of `exportModel`, or any ONNX model with an input `planes` [N, C, H, W] and float32 outputs [N, ...].
 * Throws UserError('data') for bytes that are no such model, UserError('environment') for a device that is missing.
 * Opening takes a few milliseconds: after a weight update, open the new model and close the old one.
 */
export async function openModel(onnx: Uint8Array, { device, threads }: OpenModelOptions): Promise<Inference> {
  const chosen = await chooseDevice(device);
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(onnx, sessionOptions(chosen, threads));
  } catch (error) {
    throw new UserError('data', `not a usable ONNX model (${onnx.length} bytes): ${firstLine(error)}`);
  }
  try {
    return bind(session, chosen);
  } catch (error) {
    await session.release();
    throw error;
  }
}

function bind(session: InferenceSession, device: string): Inference {
  const planes = session.inputMetadata[0];
  if (session.inputMetadata.length !== 1 || !planes.isTensor || planes.name !== 'planes' || planes.shape.length !== 4)
    throw new UserError('data', `the model takes ${session.inputNames.join(', ')}; expected one input 'planes' [N, C, H, W]`);
  const board = planes.shape.slice(1).map(Number);
  const rowSize = board.reduce((a, b) => a * b, 1);
  const rowSizes = new Map<string, number>();
  const rowShapes = new Map<string, readonly number[]>();
  for (const output of session.outputMetadata) {
    if (!output.isTensor || output.type !== 'float32') throw new UserError('data', `the model's output '${output.name}' is not float32`);
    const shape = output.shape.slice(1).map(Number);
    rowShapes.set(output.name, shape);
    rowSizes.set(output.name, shape.reduce((a, b) => a * b, 1));
  }
  return {
    device,
    async run(values, count, outputs) {
      if (values.length < count * rowSize) throw new UserError('usage', `${count} rows need ${count * rowSize} numbers of planes; there are ${values.length}`);
      const fetches: Record<string, Tensor> = {};
      const copies: [from: Float32Array, to: Float32Array][] = [];
      for (const name of Object.keys(outputs)) {
        const size = rowSizes.get(name);
        if (size === undefined) throw new UserError('usage', `the model has no output '${name}'; it has ${[...rowSizes.keys()].join(', ')}`);
        // The runtime writes straight into the caller's array, unless that is shared memory, which it refuses.
        const own = outputs[name].subarray(0, count * size);
        const target = isShared(own) ? new Float32Array(own.length) : own;
        if (target !== own) copies.push([target, own]);
        fetches[name] = new Tensor('float32', target, [count, ...(rowShapes.get(name) as readonly number[])]);
      }
      const rows = values.subarray(0, count * rowSize);
      await session.run({ planes: new Tensor('float32', isShared(rows) ? Float32Array.from(rows) : rows, [count, ...board]) }, fetches);
      for (const [from, to] of copies) to.set(from);
    },
    close: () => session.release(),
  };
}

const isShared = (array: Float32Array): boolean => array.buffer instanceof SharedArrayBuffer;

/** Answers a search's batches by a network; the model behind it can be exchanged between batches. */
export class NetworkEvaluator implements Evaluator {
  private inference: Inference;
  private readonly outputs: { policy: Float32Array; value: Float32Array };

  constructor(inference: Inference) {
    this.inference = inference;
    this.outputs = { policy: new Float32Array(0), value: new Float32Array(0) };
  }

  get device(): string {
    return this.inference.device;
  }

  /** Uses another network from now on; the former one is returned for the caller to close. */
  replace(inference: Inference): Inference {
    const former = this.inference;
    this.inference = inference;
    return former;
  }

  async evaluate(batch: Batch): Promise<void> {
    if (batch.size === 0) return;
    this.outputs.policy = batch.logits;
    this.outputs.value = batch.values;
    await this.inference.run(batch.planes, batch.size, this.outputs);
  }

  close(): Promise<void> {
    return this.inference.close();
  }
}
