/** Whole networks, compiled against eager on TensorFlow.js's `cpu` backend: answers, losses, gradients and updated weights. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { UserError, createRng } from '#engine';
import {
  alphaZeroLoss, compileTrainingStep, createEagerInference, createEagerTrainer, createNetwork, createTrainingStep, exportModel, importWeights, initialState, initialWeights, nextName,
  openBackend, optimizerDefaults, optimizerKinds, packState, sizeOf, tf, trace, withBackend,
  type AlphaZeroLossOptions, type LoweringOptions, type Network, type NetworkConfig, type OptimizerConfig, type ResnetConfig, type TrainingStep, type Weights,
} from '#engine/nn';
import { NetworkEvaluator, availableDevices, createCompiledTrainer, openModel, parseDevice } from './index.js';

const input = { planes: [2, 3, 4], actions: 5, policyPlanes: { count: 2, gather: Int32Array.of(17, 3, 0, 12, 23) } } as const;
const allAuxiliary = { reply: true, soft: true, ownership: true, pliesLeft: true };

const NETWORKS: Record<string, NetworkConfig> = {
  'residual, tanh value': { kind: 'resnet', channels: 6, blocks: 1, value: 'tanh', policy: 'dense', identityStart: false },
  'residual, global pooling, win-draw-loss, auxiliary heads': { kind: 'resnet', channels: 4, blocks: 2, value: 'wdl', policy: 'dense', globalPooling: true, identityStart: false, auxiliary: allAuxiliary },
  'residual, policy from planes, auxiliary policies too': { kind: 'resnet', channels: 4, blocks: 1, value: 'tanh', identityStart: false, auxiliary: allAuxiliary },
  'residual, MobileNet blocks, global pooling': { kind: 'resnet', channels: 4, blocks: 2, expansion: 2, value: 'tanh', globalPooling: true, identityStart: false },
  'multi-layer perceptron': { kind: 'mlp', hidden: [16, 8], value: 'tanh' },
};

/** Larger than the default: 1e-8 turns a gradient's rounding error at zero into a step of full size. */
const optimizers: Record<string, OptimizerConfig> = Object.fromEntries(
  optimizerKinds.map((kind) => [kind, { ...optimizerDefaults[kind], ...(kind === 'sgd' ? {} : { epsilon: 1e-3 }) } as OptimizerConfig]));

/** Random weights everywhere, so that nothing hides behind a zero. */
function weightsOf(network: Network, seed: string): Weights {
  const rng = createRng(seed);
  const weights = initialWeights(network, rng.fork('weights'));
  for (const { name, kind } of network.parameters) if (kind !== 'kernel') weights[name] = weights[name].map((value) => value + (kind === 'statistic' ? 0.2 : 0.3) * rng.float());
  return weights;
}

function batchOf(step: Pick<TrainingStep, 'inputs' | 'carried' | 'batch'>, seed: string): Record<string, Float32Array> {
  const rng = createRng(seed);
  const rows: Record<string, Float32Array> = {};
  for (const { name, shape } of step.inputs) {
    if (name === 'learningRate' || step.carried.includes(name)) continue;
    const values = Float32Array.from({ length: sizeOf(shape) }, () => rng.float());
    const width = values.length / step.batch;
    // Policies are distributions.
    if (width > 1 && name !== 'planes') for (let i = 0; i < step.batch; i++) {
      const sum = values.subarray(i * width, (i + 1) * width).reduce((a, b) => a + b);
      for (let j = 0; j < width; j++) values[i * width + j] /= sum;
    }
    rows[name] = values;
  }
  return rows;
}

/** Largest difference relative to the tensor's largest entry. */
function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let largest = 1e-6;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]));
    difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
  }
  return difference / largest;
}

const TOLERANCE = 1e-4;

beforeAll(() => openBackend('cpu'));

describe('a training step, compiled as eager', () => {
  const lossOptions = (config: NetworkConfig): AlphaZeroLossOptions => ({
    input, value: config.value, legal: true, entropy: 0.01, ...(config.auxiliary ? { auxiliary: { reply: 0.15, soft: 0.5, ownership: 0.2, pliesLeft: 0.1 } } : {}),
  });
  const rows: [network: string, optimizer: string, lowering: LoweringOptions['convolutions']][] = Object.keys(NETWORKS).flatMap((network) =>
    Object.keys(optimizers).flatMap((optimizer) => (optimizer === 'sgd' ? (['winograd', 'im2col', 'nchw'] as const) : (['winograd'] as const)).map((lowering): [string, string, LoweringOptions['convolutions']] => [network, optimizer, lowering])));

  test.each(rows)('%s, %s, %s: losses, every gradient, every updated weight', async (name, optimizer, convolutions) => {
    const config = NETWORKS[name];
    const network = createNetwork(config, input);
    const step = createTrainingStep(network, alphaZeroLoss(lossOptions(config)), optimizers[optimizer], 8, { gradient: true });
    const rng = createRng(name);
    const state = initialState(network, optimizers[optimizer], weightsOf(network, name));
    state.step = 3;
    for (const slot of Object.values(state.optimizer)) for (let i = 0; i < slot.length; i++) slot[i] = 0.01 * rng.float();
    const feeds: Record<string, Float32Array> = { ...packState(step, state), ...batchOf(step, name), learningRate: Float32Array.of(0.01) };
    const eager = withBackend('cpu', () => tf.tidy(() => {
      const results = step.run(Object.fromEntries(step.inputs.map(({ name: key, shape }) => [key, tf.tensor(feeds[key], [...shape])])));
      return Object.entries(results).map(([key, tensor]) => ({ key, values: tensor.dataSync() }));
    }) as never) as { key: string; values: Float32Array }[];

    const session = await InferenceSession.create(compileTrainingStep(step, { convolutions, pieceRows: 4 }), { intraOpNumThreads: 1, logSeverityLevel: 4 });
    const shapes = new Map(step.inputs.map((spec) => [spec.name, spec.shape]));
    const compiled = await session.run(Object.fromEntries(session.inputNames.map((key) => [key, new OrtTensor('float32', feeds[key], shapes.get(key) as number[])])));
    await session.release();

    const named = (key: string) => compiled[step.carried.includes(key) ? nextName(key) : key].data as Float32Array;
    for (const { key, values } of eager) {
      if (key !== 'w' && key !== 'g') expect(relativeError(named(key), values), key).toBeLessThan(TOLERANCE);
      // Parameter by parameter: a small one's error must not hide behind a large one.
      else for (const { name: parameter, offset, size } of step.layout.trainedSlices) {
        const part = (all: Float32Array) => all.subarray(offset, offset + size);
        expect(relativeError(part(named(key)), part(values)), `${key} ${parameter}`).toBeLessThan(TOLERANCE);
      }
    }
  });

  test('several steps, a saved state, and going on from it', async () => {
    const network = createNetwork(NETWORKS['residual, tanh value'], input);
    const loss = alphaZeroLoss({ input });
    const state = initialState(network, optimizers.sgd, weightsOf(network, 'several'));
    const options = { batch: 4, state };
    const eager = await createEagerTrainer(network, loss, optimizers.sgd, options);
    const compiled = await createCompiledTrainer(network, loss, optimizers.sgd, { ...options, device: 'cpu', threads: 1 });
    const step = createTrainingStep(network, loss, optimizers.sgd, 4);
    for (let i = 0; i < 3; i++) {
      const rows = batchOf(step, `several ${i}`);
      const expected = await eager.step(rows, 0.02);
      const actual = await compiled.step(rows, 0.02);
      expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
      for (const [name, value] of Object.entries(expected)) expect(actual[name], name).toBeCloseTo(value, 4);
      // Starting again from the saved state must change nothing.
      if (i === 1) await compiled.restore(await compiled.state());
    }
    const [a, b] = [await compiled.state(), await eager.state()];
    expect(a.step).toBe(3);
    for (const name of Object.keys(b.weights)) expect(relativeError(a.weights[name], b.weights[name]), name).toBeLessThan(TOLERANCE);
    const rows = batchOf(step, 'x');
    await expect(compiled.step({ ...rows, planes: new Float32Array(3) }, 0.1)).rejects.toThrow(/'planes' holds 3 numbers; 4 rows make 96/);
    await expect(compiled.step({ planes: rows.planes }, 0.1)).rejects.toThrow(/must hold 'policy'/);
    await compiled.close();
    await eager.close();
  });
});

describe('inference', () => {
  let folder = '';
  beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'ludus-onnx-')); });
  afterAll(() => rm(folder, { recursive: true }));

  test.each(Object.keys(NETWORKS))('%s: a model file answers as the eager network, for any batch size', async (name) => {
    const network = createNetwork(NETWORKS[name], input);
    const weights = weightsOf(network, name);
    const path = join(folder, 'model.onnx');
    await writeFile(path, exportModel(network, weights));
    const compiled = await openModel(await readFile(path), { device: 'cpu', threads: 1 });
    const eager = await createEagerInference(network, weights);
    const rng = createRng(name);
    for (const count of [1, 2, 5, 32]) {
      const planes = Float32Array.from({ length: 40 * sizeOf(input.planes) }, () => rng.float());
      const fresh = () => ({ policy: new Float32Array(40 * 5).fill(7), value: new Float32Array(40).fill(7) });
      const [actual, expected] = [fresh(), fresh()];
      await compiled.run(planes, count, actual);
      await eager.run(planes, count, expected);
      expect(relativeError(actual.policy, expected.policy)).toBeLessThan(1e-5);
      expect(relativeError(actual.value, expected.value)).toBeLessThan(1e-5);
      // Rows beyond the count are the caller's.
      expect(actual.value[count]).toBe(7);
    }
    await compiled.close();
    await eager.close();
  });

  test.each(Object.keys(NETWORKS))('%s: the weights come out of a model as they went in', (name) => {
    const network = createNetwork(NETWORKS[name], input);
    const weights = weightsOf(network, name);
    // What serves no answer is not written, so cannot be read.
    const served = network.parameters.map(({ name: parameter }) => parameter).filter((parameter) => !/^(reply|soft|ownership|pliesLeft)\//.test(parameter));
    // In the middle of a larger buffer and at an odd place, as files come.
    const bytes = exportModel(network, weights);
    const file = Buffer.alloc(bytes.length + 1);
    file.set(bytes, 1);
    const read = importWeights(network, file.subarray(1));
    for (const parameter of served) expect(read[parameter], parameter).toEqual(weights[parameter]);
    expect(Object.keys(read)).toEqual(served);
  });

  test('arrays in shared memory', async () => {
    const network = createNetwork(NETWORKS['multi-layer perceptron'], input);
    const model = await openModel(exportModel(network, weightsOf(network, 'shared')), { device: 'cpu', threads: 1 });
    const shared = (length: number) => new Float32Array(new SharedArrayBuffer(4 * length));
    const [planes, policy] = [shared(48).fill(0.5), shared(10)];
    const expected = { policy: new Float32Array(10) };
    await model.run(planes, 2, { policy });
    await model.run(new Float32Array(planes), 2, expected);
    expect([...policy]).toEqual([...expected.policy]);
    await model.close();
  });

  test('exporting other weights gives another model, and an evaluator changes over to it', async () => {
    const network = createNetwork(NETWORKS['multi-layer perceptron'], input);
    const open = async (seed: string) => openModel(exportModel(network, weightsOf(network, seed)), { device: 'cpu', threads: 1 });
    const evaluator = new NetworkEvaluator(await open('a'));
    const batch = { size: 2, capacity: 3, planes: new Float32Array(3 * 24).fill(1), logits: new Float32Array(15), values: new Float32Array(3) };
    await evaluator.evaluate(batch);
    const before = batch.logits.slice();
    await evaluator.replace(await open('b')).close();
    await evaluator.evaluate(batch);
    expect(batch.logits[0]).not.toBeCloseTo(before[0], 4);
    await evaluator.replace(await open('a')).close();
    await evaluator.evaluate(batch);
    expect(batch.logits).toEqual(before);
    await evaluator.close();
  });
});

describe('what goes wrong is said', () => {
  const refused = async (promise: Promise<unknown>): Promise<UserError> => {
    const error = await promise.then(() => undefined, (reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    return error as UserError;
  };
  const own = (forward: (x: Tensor4D) => ReturnType<typeof tf.tensor>): Network => ({
    name: 'own', input, parameters: [], serves: ['policy'], forward: (_, planes) => ({ policy: forward(planes) }),
  });

  test('a model file that is cut short or is no model', async () => {
    const network = createNetwork(NETWORKS['multi-layer perceptron'], input);
    const bytes = exportModel(network, weightsOf(network, 'cut'));
    for (const broken of [bytes.slice(0, bytes.length / 2), new Uint8Array(0), Uint8Array.from({ length: 100 }, (_, i) => i * 37)]) {
      const error = await refused(openModel(broken, { device: 'cpu', threads: 1 }));
      expect(error.kind).toBe('data');
      expect(error.message).toMatch(/not a usable ONNX model \(\d+ bytes\)/);
      expect(error.message).not.toContain('\n');
    }
  });

  test('weights of another network', () => {
    const network = createNetwork(NETWORKS['multi-layer perceptron'], input);
    expect(() => exportModel(network, {})).toThrow(/is missing from the saved state/);
  });

  test('reading weights out of a model of another network, of none, or of a file that is cut short', () => {
    const [network, other, wider] = [NETWORKS['multi-layer perceptron'], NETWORKS['residual, tanh value'], { ...NETWORKS['multi-layer perceptron'], hidden: [17, 8] } as NetworkConfig].map((config) => createNetwork(config, input));
    const bytes = exportModel(network, weightsOf(network, 'read'));
    expect(() => importWeights(other, bytes)).toThrow(/the model holds 'parameter\/.*', which network 'resnet 1x6' does not have/);
    expect(() => importWeights(wider, bytes)).toThrow(/has 384 numbers; expected 408/);
    const deeper = createNetwork({ ...(NETWORKS['residual, tanh value'] as ResnetConfig), blocks: 2 }, input);
    expect(() => importWeights(deeper, exportModel(other, weightsOf(other, 'read')))).toThrow(/parameter 'block1\/first\/kernel' is missing/);
    expect(() => importWeights(network, new Uint8Array(0))).toThrow(/holds no parameters: it was not exported by Ludus/);
    expect(() => importWeights(network, bytes.slice(0, bytes.length / 2))).toThrow(/is not an ONNX file: a field at byte \d+ goes beyond its end/);
    expect(() => importWeights(network, Uint8Array.of(11, 0))).toThrow(/wire type 3/);
  });

  test('an operation that cannot be compiled is named with the line that used it, and the former backend is back', () => {
    const network = own((x) => tf.fft(tf.complex(tf.reshape(x, [x.shape[0], -1]), tf.zeros([x.shape[0], 24]))) as never);
    const before = tf.getBackend();
    expect(() => exportModel(network, {})).toThrow(/tf\.(complex|fft) at .*compiled\.test\.ts:\d+:\d+, which cannot be compiled/);
    expect(tf.getBackend()).toBe(before);
    expect(tf.add(1, 2).dataSync()[0]).toBe(3);
  });

  test('a network that reads values while it is traced', () => {
    expect(() => exportModel(own((x) => tf.mul(x, x.dataSync()[0])), {})).toThrow(/read at .*compiled\.test\.ts:\d+:\d+.*use tensor operations/);
  });

  test('an operation without a gradient', () => {
    expect(() => trace(({ x }) => ({ g: tf.grad((y) => tf.sum(tf.topk(y, 2).values))(x) }), [{ name: 'x', shape: [4] }])).toThrow(/tf\.topK has no gradient.*compiled\.test\.ts:\d+/);
  });

  test('devices that are not there', async () => {
    expect(() => parseDevice('gpu')).toThrow(/unknown device 'gpu'/);
    for (const { device, available, detail } of await availableDevices()) {
      expect(detail).not.toBe('');
      if (available) continue;
      const error = await refused(openModel(new Uint8Array(0), { device, threads: 1 }));
      expect(error.kind).toBe('environment');
      expect(error.message).toMatch(new RegExp(`device '${device}' cannot be used: .+ --device cpu`));
    }
  });
});
