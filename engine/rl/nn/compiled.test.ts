/** Every switch's network and loss, compiled against eager on TensorFlow.js's `cpu`: answers, losses, priorities, gradients. */
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { createRng } from '#engine';
import {
  compileTrainingStep, createEagerTrainer, createTrainingStep, initialState, openBackend, optimizerDefaults, packState, packWeights, sizeOf, tf, withBackend,
  type Network, type OptimizerConfig, type Tensors, type TrainerState,
} from '#engine/nn';
import { createCompiledTrainer, openForward } from '#engine/node';
import { NOISE, createQNetwork, drawNoise, qLoss, type QNetworkConfig, type QLossOptions } from '#engine/rl/nn';

const input = { planes: [3, 5, 6], actions: 4 } as const;
const BATCH = 5;
const base: QNetworkConfig = { convolutions: [[4, 3, 1]], hidden: [7], dueling: false, noisy: 'none', sigma: 0.5, distribution: { kind: 'value' } };
const c51 = { kind: 'categorical', atoms: 6, low: -2, high: 3 } as const;
const optimizer: OptimizerConfig = { ...optimizerDefaults.adamw, weightDecay: 0, epsilon: 1e-3, clipNorm: 1 };

const CASES: readonly (readonly [name: string, config: QNetworkConfig, error: QLossOptions['error'], optimizer: OptimizerConfig])[] = [
  ['DQN, Huber', base, 'huber', optimizer],
  ['DQN, squares, RMSProp', base, 'mse', { ...optimizerDefaults.rmsprop, clipNorm: 1 }],
  ['a stride, no hidden layer', { ...base, convolutions: [[4, 2, 2]], hidden: [] }, 'mse', optimizer],
  ['dueling', { ...base, dueling: true }, 'mse', optimizer],
  ['noisy head', { ...base, noisy: 'head' }, 'mse', optimizer],
  ['noisy dense layers', { ...base, noisy: 'dense', dueling: true }, 'mse', optimizer],
  ['C51', { ...base, distribution: c51 }, 'mse', optimizer],
  ['QR-DQN', { ...base, distribution: { kind: 'quantile', quantiles: 5 } }, 'mse', optimizer],
  ['Rainbow', { ...base, dueling: true, noisy: 'head', distribution: c51 }, 'mse', optimizer],
];

function setUp(config: QNetworkConfig, optimizer: OptimizerConfig): { network: Network; state: TrainerState; rows: Record<string, Float32Array | Int32Array> } {
  const rng = createRng('rows');
  const network = createQNetwork(config, input);
  const state = initialState(network, optimizer, createRng('weights'));
  const { distribution } = config;
  const width = distribution.kind === 'categorical' ? distribution.atoms : distribution.kind === 'quantile' ? distribution.quantiles : 1;
  const target = Float32Array.from({ length: BATCH * width }, () => rng.float());
  if (distribution.kind === 'categorical') for (let row = 0; row < BATCH; row++) {
    const sum = target.subarray(row * width, (row + 1) * width).reduce((a, b) => a + b);
    for (let i = 0; i < width; i++) target[row * width + i] /= sum;
  }
  const rows: Record<string, Float32Array | Int32Array> = {
    planes: Float32Array.from({ length: BATCH * sizeOf(input.planes) }, () => rng.below(2)),
    action: Int32Array.from({ length: BATCH }, (_, i) => i % input.actions),
    target,
    weight: Float32Array.from({ length: BATCH }, () => 0.2 + rng.float()),
  };
  const noise = new Float32Array(network.extras?.[0]?.shape[0] ?? 0);
  drawNoise(rng, noise);
  if (noise.length > 0) rows[NOISE] = noise;
  return { network, state, rows };
}

/** Largest difference relative to the largest entry. */
function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let largest = 1e-6;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]));
    difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
  }
  return difference / largest;
}

beforeAll(() => openBackend('cpu'));

describe.each(CASES)('%s', (_name, config, error, optimizer) => {
  const { network, state, rows } = setUp(config, optimizer);
  const loss = qLoss({ actions: input.actions, distribution: config.distribution, error });

  test.each(['im2col', 'winograd', 'nchw'] as const)('losses, priorities, every gradient and weight (%s)', async (convolutions) => {
    const step = createTrainingStep(network, loss, optimizer, BATCH, { gradient: true });
    const values: Record<string, Float32Array | Int32Array> = { ...packState(step, state), ...rows, learningRate: Float32Array.of(0.01) };
    const expected = withBackend('cpu', () => tf.tidy(() => {
      const given: Tensors = Object.fromEntries(step.inputs.map(({ name, shape, dtype }) => [name, tf.tensor(values[name], [...shape], dtype ?? 'float32')]));
      return Object.fromEntries(Object.entries(step.run(given)).map(([name, tensor]) => [name, tensor.dataSync()])) as unknown as Tensors;
    })) as unknown as Record<string, Float32Array>;
    const session = await InferenceSession.create(compileTrainingStep(step, { convolutions }), { intraOpNumThreads: 1, logSeverityLevel: 4 });
    const feeds = Object.fromEntries(step.inputs.filter(({ name }) => session.inputNames.includes(name)).map(({ name, shape, dtype }) => [name, new OrtTensor(dtype ?? 'float32', values[name] as Float32Array, shape)]));
    const results = await session.run(feeds);
    await session.release();
    expect(Object.keys(results).map((name) => name.replace('next/', '')).sort()).toEqual(Object.keys(expected).sort());
    expect(expected['row/priority'].length).toBe(BATCH);
    expect(Math.max(...expected.g.map(Math.abs))).toBeGreaterThan(1e-4);
    for (const [name, tensor] of Object.entries(results)) expect(relativeError(tensor.data as Float32Array, expected[name.replace('next/', '')]), name).toBeLessThan(1e-4);
  });

  test('trainers agree: three steps, and priorities of each', async () => {
    const compiled = await createCompiledTrainer(network, loss, optimizer, { batch: BATCH, device: 'cpu', threads: 1, convolutions: 'im2col', state });
    const eager = await createEagerTrainer(network, loss, optimizer, { batch: BATCH, state });
    for (let i = 0; i < 3; i++) {
      const priorities = [compiled, eager].map(() => ({ priority: new Float32Array(BATCH) }));
      const a = await compiled.step(rows, 0.003, priorities[0]);
      const b = await eager.step(rows, 0.003, priorities[1]);
      expect(Object.keys(a).sort()).toEqual(['total', 'value']);
      expect(relativeError(Object.values(a), Object.keys(a).map((name) => b[name]))).toBeLessThan(1e-4);
      expect(relativeError(priorities[0].priority, priorities[1].priority)).toBeLessThan(1e-4);
    }
    await compiled.close();
    await eager.close();
  });

  test('answers with the weights as an input, and the trainer shows its own', async () => {
    const outputs = ['policy', 'distribution'];
    const forward = await openForward(network, { device: 'cpu', threads: 1, outputs });
    const trainer = await createCompiledTrainer(network, loss, optimizer, { batch: BATCH, device: 'cpu', threads: 1, state });
    const { layout } = createTrainingStep(network, loss, optimizer, BATCH);
    expect(trainer.weights).toEqual(packWeights(layout, state.weights).w);
    const expected = withBackend('cpu', () => tf.tidy(() => {
      const parameters: Tensors = Object.fromEntries(network.parameters.map(({ name, shape }) => [name, tf.tensor(state.weights[name], [...shape])]));
      if (rows[NOISE]) parameters[NOISE] = tf.tensor1d(rows[NOISE]);
      const answers = network.forward(parameters, tf.tensor(rows.planes, [BATCH, ...input.planes]) as Tensor4D, { training: false, statistic: () => undefined });
      return Object.fromEntries(outputs.map((name) => [name, answers[name].dataSync()])) as unknown as Tensors;
    })) as unknown as Record<string, Float32Array>;
    for (const count of [BATCH, 2]) {
      const filled = Object.fromEntries(outputs.map((name) => [name, new Float32Array(expected[name].length)]));
      await forward.run(trainer.weights, rows.planes as Float32Array, count, filled, rows as Record<string, Float32Array>);
      for (const name of outputs) {
        const part = (expected[name].length / BATCH) * count;
        expect(relativeError(filled[name].subarray(0, part), expected[name].subarray(0, part)), name).toBeLessThan(1e-4);
        expect(filled[name].subarray(part).every((value) => value === 0)).toBe(true);
      }
    }
    await forward.close();
    await trainer.close();
  });
});
