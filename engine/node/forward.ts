/** Answers of a network whose weights change between calls: they are an input of the compiled graph, not part of it. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { UserError } from '#engine';
import type { Network } from '#engine/nn';
import { chooseDevice, firstLine, sessionOptions } from './device.js';
import type { OpenModelOptions } from './inference.js';

export interface Forward {
  /**
   * weights: flat, in the layout's order, such as `CompiledTrainer.weights`; planes [count, C, H, W] at the front of the
   * array; extras by name, in their whole shapes. Fills each named output at the front of its array.
   */
  run(weights: Float32Array, planes: Float32Array, count: number, outputs: Record<string, Float32Array>, extras?: Record<string, Float32Array>): Promise<void>;
  close(): Promise<void>;
}

/** `outputs`: which of the network's outputs can be asked for; by default those that it serves. */
export async function openForward(network: Network, options: OpenModelOptions & { readonly outputs?: readonly string[] }): Promise<Forward> {
  // Loaded only by those who train: TensorFlow.js takes half a second and 50 MB of each thread.
  const { compileForward, sizeOf } = await import('#engine/nn');
  const device = await chooseDevice(options.device);
  const model = compileForward(network, options.outputs);
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(model, sessionOptions(device, options.threads));
  } catch (error) {
    throw new UserError('environment', `the network '${network.name}' does not load on '${device}': ${firstLine(error)}`);
  }
  const rowShapes = new Map(session.outputMetadata.map((output) => [output.name, output.isTensor ? output.shape.slice(1).map(Number) : []]));
  const extraShapes = (network.extras ?? []).filter(({ name }) => session.inputNames.includes(name));
  return {
    async run(weights, planes, count, outputs, extras = {}) {
      const feeds: Record<string, Tensor> = {
        w: new Tensor('float32', weights, [weights.length]),
        planes: new Tensor('float32', planes.subarray(0, count * sizeOf(network.input.planes)), [count, ...network.input.planes]),
      };
      for (const { name, shape } of extraShapes) {
        if (extras[name] === undefined) throw new UserError('usage', `the network '${network.name}' must be given '${name}'`);
        feeds[name] = new Tensor('float32', extras[name], shape);
      }
      const fetches: Record<string, Tensor> = {};
      for (const name of Object.keys(outputs)) {
        const shape = rowShapes.get(name);
        if (shape === undefined) throw new UserError('usage', `the network gives no '${name}'; it gives ${[...rowShapes.keys()].join(', ')}`);
        fetches[name] = new Tensor('float32', outputs[name].subarray(0, count * sizeOf(shape)), [count, ...shape]);
      }
      await session.run(feeds, fetches);
    },
    close: () => session.release(),
  };
}
