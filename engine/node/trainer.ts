/** Training by ONNX Runtime: the whole step, gradients and optimiser included, is one compiled graph. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { UserError, createRng } from '#engine';
import type { Loss, Network, OptimizerConfig, Trainer, TrainerState, TrainingStepOptions } from '#engine/nn';
import { chooseDevice, firstLine, sessionOptions, type DeviceChoice } from './device.js';

export interface CompiledTrainerOptions extends TrainingStepOptions {
  /** Rows a step; compiled in. */
  readonly batch: number;
  readonly device: DeviceChoice;
  readonly threads: number;
  /** How convolutions are computed on the CPU. Default 'winograd', the best for residual networks; 'im2col' for one narrow layer. */
  readonly convolutions?: 'winograd' | 'im2col';
  /** Where to go on from. Default: fresh weights of seed 0. */
  readonly state?: TrainerState;
}

/** A trainer that also shows its weights: what acting and targets go by, without a copy. */
export interface CompiledTrainer extends Trainer {
  /** All trained parameters, flat in the layout's order; valid, and to be left alone, until the next step. */
  readonly weights: Float32Array;
}

type Flat = Record<string, Tensor>;

export async function createCompiledTrainer(network: Network, loss: Loss, optimizer: OptimizerConfig, options: CompiledTrainerOptions): Promise<CompiledTrainer> {
  // Loaded only by those who train: TensorFlow.js takes half a second and 50 MB of each thread.
  const { compileTrainingStep, createTrainingStep, initialState, nextName, packState, sizeOf, unpackState } = await import('#engine/nn');
  const { batch, threads } = options;
  const device = await chooseDevice(options.device);
  const step = createTrainingStep(network, loss, optimizer, batch, options);
  // Each thread's share of a piece should fill its own cache.
  const model = compileTrainingStep(step, device === 'cpu' ? { convolutions: options.convolutions ?? 'winograd', pieceRows: 64 * threads } : { convolutions: 'nchw' });
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(model, sessionOptions(device, threads));
  } catch (error) {
    throw new UserError('environment', `the training step of '${network.name}' does not load on '${device}': ${firstLine(error)}`);
  }
  // A loss may ignore a target, and the runtime refuses inputs that the model does not have.
  const taken = new Set(session.inputNames);
  const shapes = new Map(step.inputs.map((input) => [input.name, input.shape]));
  const fed = step.inputs.filter((input) => input.name !== 'learningRate' && !step.carried.includes(input.name));
  const lossNames = session.outputNames.filter((name) => name.startsWith('loss/'));
  const scalars = Object.fromEntries(lossNames.map((name) => [name, new Tensor('float32', new Float32Array(1), [])]));
  const learningRate = new Tensor('float32', new Float32Array(1), []);

  const tensors = (flat: Record<string, Float32Array>): Flat =>
    Object.fromEntries(step.carried.map((name) => [name, new Tensor('float32', flat[name], shapes.get(name) as readonly number[])]));
  // Two sets of carried tensors take turns as input and output, so that a step allocates nothing of their size.
  let present = tensors(packState(step, options.state ?? initialState(network, optimizer, createRng(0))));
  let spare = tensors(Object.fromEntries(step.carried.map((name) => [name, new Float32Array(sizeOf(shapes.get(name) as readonly number[]))])));

  return {
    batch,
    get weights() {
      return present.w.data as Float32Array;
    },
    async step(rows, rate, perRow = {}) {
      learningRate.data[0] = rate;
      const feeds: Record<string, Tensor> = { learningRate, ...present };
      for (const { name, shape, dtype } of fed) {
        const values = rows[name];
        if (values === undefined) throw new UserError('usage', `a training batch must hold '${name}'; it has ${Object.keys(rows).join(', ')}`);
        const size = sizeOf(shape);
        if (values.length !== size) throw new UserError('usage', `'${name}' holds ${values.length} numbers; ${batch} rows make ${size}`);
        feeds[name] = dtype === 'int32' ? new Tensor('int32', values instanceof Int32Array ? values : Int32Array.from(values), shape) : new Tensor('float32', values instanceof Float32Array ? values : Float32Array.from(values), shape);
      }
      for (const name of Object.keys(feeds)) if (!taken.has(name)) delete feeds[name];
      const fetches: Record<string, Tensor> = { ...scalars };
      for (const name of Object.keys(perRow)) fetches[`row/${name}`] = new Tensor('float32', perRow[name], [batch]);
      for (const name of step.carried) fetches[nextName(name)] = spare[name];
      await session.run(feeds, fetches);
      [present, spare] = [spare, present];
      return Object.fromEntries(lossNames.map((name) => [name.slice('loss/'.length), scalars[name].data[0] as number]));
    },
    async state() {
      return unpackState(step, Object.fromEntries(step.carried.map((name) => [name, present[name].data as Float32Array])));
    },
    async restore(state) {
      present = tensors(packState(step, state));
    },
    close: () => session.release(),
  };
}
