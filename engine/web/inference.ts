/**
 * Inference by ONNX Runtime compiled to WebAssembly, one thread, no worker of its own. Every number is the same on every
 * machine and in every JavaScript engine: WebAssembly's arithmetic is fully specified, and one thread adds in one order.
 */
import { InferenceSession, Tensor, env } from 'onnxruntime-web/wasm';
import { UserError, type Batch, type Evaluator } from '#engine';
import type { Inference } from '#engine/nn';

export interface OpenWebModelOptions {
  /** The runtime, `ort-wasm-simd-threaded.wasm` of onnxruntime-web. The first one given serves all models of this thread. */
  readonly wasm: Uint8Array<ArrayBuffer>;
}

/**
 * Opens a model of `exportModel`, or any ONNX model with an input `planes` [N, C, H, W] and float32 outputs [N, ...].
 * Throws UserError('data') for bytes that are no such model, UserError('environment') where WebAssembly is missing or
 * forbidden (a content policy without 'wasm-unsafe-eval').
 */
export async function openWebModel(onnx: Uint8Array, { wasm }: OpenWebModelOptions): Promise<Inference> {
  const session = await openSession(onnx, wasm);
  try {
    return bind(session);
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** Throws as `openWebModel`. */
export async function openSession(onnx: Uint8Array, wasm: Uint8Array<ArrayBuffer>): Promise<InferenceSession> {
  await startRuntime(wasm);
  try {
    return await InferenceSession.create(onnx, { executionProviders: ['wasm'], graphOptimizationLevel: 'all', intraOpNumThreads: 1, interOpNumThreads: 1 });
  } catch (error) {
    throw new UserError('data', `not a usable ONNX model (${onnx.length} bytes): ${firstLine(error)}`);
  }
}

let started: Promise<void> | undefined;

/** The runtime starts with its first model; compiling it here first tells a missing or forbidden WebAssembly from a bad model. */
function startRuntime(wasm: Uint8Array<ArrayBuffer>): Promise<void> {
  started ??= (async () => {
    env.wasm.numThreads = 1;
    env.wasm.proxy = false;
    env.wasm.wasmBinary = wasm;
    env.logLevel = 'error';
    if (!looksLikeWasm(wasm)) throw new UserError('environment', `the WebAssembly runtime is damaged: ${wasm.length} bytes that do not begin as WebAssembly does`);
  })().catch((error: unknown) => {
    started = undefined;
    throw error;
  });
  return started;
}

/** "\0asm" */
function looksLikeWasm(bytes: Uint8Array): boolean {
  return bytes.length > 8 && bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;
}

function bind(session: InferenceSession): Inference {
  const input = session.inputMetadata[0];
  if (session.inputMetadata.length !== 1 || !input.isTensor || input.name !== 'planes' || input.shape.length !== 4)
    throw new UserError('data', `the model takes ${session.inputNames.join(', ')}; expected one input 'planes' [N, C, H, W]`);
  const board = input.shape.slice(1).map(Number);
  const rowSize = board.reduce((a, b) => a * b, 1);
  for (const output of session.outputMetadata) {
    if (!output.isTensor || output.type !== 'float32') throw new UserError('data', `the model's output '${output.name}' is not float32`);
  }
  return {
    device: 'wasm',
    async run(planes, count, outputs) {
      if (planes.length < count * rowSize) throw new UserError('usage', `${count} rows need ${count * rowSize} numbers of planes; there are ${planes.length}`);
      const names = Object.keys(outputs);
      const missing = names.find((name) => !session.outputNames.includes(name));
      if (missing !== undefined) throw new UserError('usage', `the model has no output '${missing}'; it has ${session.outputNames.join(', ')}`);
      const input = new Tensor('float32', planes.subarray(0, count * rowSize), [count, ...board]);
      const answers = await session.run({ planes: input }, names);
      for (const name of names) outputs[name].set(answers[name].data as Float32Array);
    },
    close: () => session.release(),
  };
}

/** Answers a search's batches by a network with the outputs `policy` and `value`. */
export function networkEvaluator(inference: Inference): Evaluator {
  return {
    async evaluate(batch: Batch) {
      if (batch.size > 0) await inference.run(batch.planes, batch.size, { policy: batch.logits, value: batch.values });
    },
  };
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0];
}
