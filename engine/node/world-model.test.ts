/** MuZero's networks: compiled against eager, against finite differences, and as models that a search can open. */
import { beforeAll, describe, expect, it } from 'vitest';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { UserError, createLatentBatch, createRng, normal } from '#engine';
import {
  binCount, compileTrainingStep, createMuZero, createTrainingStep, exportModel, exportModule, initialState, initialWeights, muZeroLoss, nextName, openBackend,
  optimizerDefaults, packState, sizeOf, tf, withBackend, type MuZeroConfig, type Tensors, type TrainingStep, type Weights,
} from '#engine/nn';
import { openWorldModel } from './index.js';

beforeAll(() => openBackend('cpu'));

const planes = [2, 3, 4] as const;
const K = 5;
/** Of a task, whose returns have no known size, and of a game for two, which ends in -1, 0 or 1. */
const supports = { value: { size: 2, scaled: true }, reward: { size: 1, scaled: false }, unroll: K } as const;
const outcomes = { value: { size: 1, scaled: false }, reward: { size: 1, scaled: false }, unroll: K } as const;
const CONFIGS: Record<string, MuZeroConfig> = {
  'convolutional, moves are columns, drawn': { body: { kind: 'conv', channels: 4, blocks: 2, stepBlocks: 1, swap: true }, ...outcomes, consistency: false, reconstruction: true },
  'convolutional, moves are cells, both aids': { body: { kind: 'conv', channels: 4, blocks: 1, stepBlocks: 0, swap: true }, ...outcomes, consistency: true, reconstruction: true },
  'dense': { body: { kind: 'mlp', width: 6, hidden: 8, stem: 0 }, ...supports, consistency: false, reconstruction: false },
  'dense behind a convolution, consistency': { body: { kind: 'mlp', width: 6, hidden: 8, stem: 3 }, ...supports, consistency: true, reconstruction: false },
  'convolutional': { body: { kind: 'conv', channels: 4, blocks: 1, stepBlocks: 1, swap: false }, ...supports, consistency: false, reconstruction: false },
  'dense, a game for two': { body: { kind: 'mlp', width: 6, hidden: 8, stem: 0 }, ...outcomes, consistency: false, reconstruction: false },
  'convolutional, a game for two': { body: { kind: 'conv', channels: 4, blocks: 1, stepBlocks: 1, swap: false }, ...outcomes, consistency: false, reconstruction: false },
  'convolutional, consistency': { body: { kind: 'conv', channels: 4, blocks: 1, stepBlocks: 1, swap: false }, ...supports, consistency: true, reconstruction: false },
};

/** As many moves as columns, as cells, or neither. */
const inputOf = (config: MuZeroConfig) => ({ planes, actions: config === CONFIGS['convolutional, moves are columns, drawn'] ? 4 : config === CONFIGS['convolutional, moves are cells, both aids'] ? 12 : 5 });

/** Random weights everywhere, so that nothing hides behind a zero. */
function weightsOf(config: MuZeroConfig, seed: string): Weights {
  const rng = createRng(seed);
  const { network } = createMuZero(config, inputOf(config));
  const weights = initialWeights(network, rng);
  for (const name of Object.keys(weights)) weights[name] = weights[name].map((x) => x + 0.1 * normal(rng));
  return weights;
}

function rowsOf(step: TrainingStep, seed: string, actions: number): Record<string, Float32Array | Int32Array> {
  const rng = createRng(seed);
  const rows: Record<string, Float32Array | Int32Array> = {};
  for (const { name, shape } of step.inputs) {
    if (name === 'learningRate' || step.carried.includes(name)) continue;
    const size = sizeOf(shape);
    if (name === 'actions') rows[name] = Int32Array.from({ length: size }, () => rng.below(actions));
    else rows[name] = Float32Array.from({ length: size }, () => rng.float());
    const width = shape.at(-1) ?? 1;
    if (name === 'policy' || name === 'value' || name === 'reward') for (let i = 0; i < size; i += width) {
      const row = (rows[name] as Float32Array).subarray(i, i + width);
      const sum = row.reduce((a, b) => a + b);
      row.forEach((x, j) => (row[j] = x / sum));
    }
  }
  return rows;
}

const lossOf = (config: MuZeroConfig) => muZeroLoss({ config, ...inputOf(config), valueWeight: config.value.scaled ? 0.25 : 1, rewardWeight: 1, consistencyWeight: 2, reconstructionWeight: 0.5 });

function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let largest = 1e-6;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]));
    difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
  }
  return difference / largest;
}

/** All results of one step, eagerly. */
function eager(step: TrainingStep, given: Record<string, Float32Array | Int32Array>): Record<string, Float32Array> {
  return withBackend('cpu', () => tf.tidy(() => {
    const inputs: Tensors = Object.fromEntries(step.inputs.map(({ name, shape, dtype }) => [name, tf.tensor(given[name], [...shape], dtype ?? 'float32')]));
    return Object.fromEntries(Object.entries(step.run(inputs)).map(([name, tensor]) => [name, tensor.dataSync().slice() as Float32Array]));
  }));
}

describe.each(Object.keys(CONFIGS))('the unrolled training step, %s', (name) => {
  const config = CONFIGS[name];
  const { network } = createMuZero(config, inputOf(config));
  const optimizer = { ...optimizerDefaults.adamw, epsilon: 1e-3 };
  const step = createTrainingStep(network, lossOf(config), optimizer, 4, { gradient: true });
  const flat = packState(step, { ...initialState(network, optimizer, createRng(1)), weights: weightsOf(config, name) });
  const given = { ...flat, ...rowsOf(step, name, inputOf(config).actions), learningRate: Float32Array.of(0.01) };

  it('compiled as eager: losses, every gradient, every weight', async () => {
    const expected = eager(step, given);
    const session = await InferenceSession.create(compileTrainingStep(step, { convolutions: 'winograd' }));
    const feeds = Object.fromEntries(session.inputNames.map((key) => {
      const shape = step.inputs.find((spec) => spec.name === key)!.shape;
      const values = given[key as keyof typeof given];
      return [key, values instanceof Int32Array ? new OrtTensor('int32', values, [...shape]) : new OrtTensor('float32', values, [...shape])];
    }));
    const results = await session.run(feeds);
    await session.release();
    for (const [key, value] of Object.entries(expected)) {
      const got = results[step.carried.includes(key) ? nextName(key) : key].data as Float32Array;
      expect(relativeError(got, value), key).toBeLessThan(1e-4);
    }
    expect(Object.keys(expected)).toContain('loss/reward');
  });
});

describe('gradients', () => {
  it.each([1, 2, 3])('a loss after %i steps reaches the representation halved for each step but the first', (k) => {
    const config = CONFIGS.dense;
    const { network } = createMuZero(config, inputOf(config));
    const step = createTrainingStep(network, lossOf(config), optimizerDefaults.sgd, 2);
    const flat = packState(step, { ...initialState(network, optimizerDefaults.sgd, createRng(1)), weights: weightsOf(config, 'half') });
    const rows = rowsOf(step, 'half', inputOf(config).actions);
    // Only the value after k steps is taught.
    for (const name of ['policy', 'reward'] as const) rows[name].fill(0);
    const bins = binCount(config.value);
    for (let i = 0; i < rows.value.length; i++) if (Math.floor(i / bins) % (K + 1) !== k) rows.value[i] = 0;
    const at = (w: Float32Array) => tf.tidy(() => {
      const given: Record<string, Float32Array | Int32Array> = { ...flat, ...rows, w, learningRate: Float32Array.of(0) };
      const results = step.gradients(Object.fromEntries(step.inputs.map(({ name, shape, dtype }) => [name, tf.tensor(given[name], [...shape], dtype ?? 'float32')])));
      return { loss: results['loss/total'].dataSync()[0], g: results.g.dataSync() as Float32Array };
    });
    const { g } = at(flat.w);
    const slice = step.layout.trainedSlices.find((one) => one.name === 'h/latent/kernel')!;
    const rng = createRng(k);
    const direction = new Float32Array(flat.w.length);
    for (let i = slice.offset; i < slice.offset + slice.size; i++) direction[i] = Math.sign(g[i]) * (0.5 + rng.float());
    const slope = direction.reduce((sum, d, i) => sum + d * g[i], 0);
    const ratios = [1e-2, 3e-3, 1e-3].map((h) => {
      const difference = at(flat.w.map((x, i) => x + h * direction[i])).loss - at(flat.w.map((x, i) => x - h * direction[i])).loss;
      return slope / (difference / (2 * h));
    });
    const scaled = ratios.map((ratio) => ratio * 2 ** (k - 1));
    const best = scaled.reduce((a, b) => (Math.abs(a - 1) < Math.abs(b - 1) ? a : b));
    expect(best).toBeCloseTo(1, 1);
  });
});

describe('the models that a search opens', () => {
  it.each(Object.keys(CONFIGS))('answer as the networks do, %s', async (name) => {
    const config = CONFIGS[name];
    const { network, representation, dynamics, latentSize } = createMuZero(config, inputOf(config));
    const weights = weightsOf(config, name);
    const model = await openWorldModel(exportModel(representation, weights), exportModule(dynamics, weights), { device: 'cpu', threads: 1 });
    expect(model.latentSize).toBe(latentSize);
    const rng = createRng(name);
    const n = 3;
    const batch = createLatentBatch(inputOf(config).actions, latentSize, 8);
    const given = Float32Array.from({ length: n * 24 }, () => rng.float());
    batch.size = n;
    await model.represent(given, batch);
    const close = (got: Float32Array, expected: ArrayLike<number>) => expect(relativeError(got.subarray(0, expected.length), expected)).toBeLessThan(1e-4);
    const parameters = Object.fromEntries(network.parameters.map(({ name: key, shape }) => [key, tf.tensor(weights[key], [...shape])]));
    const context = { training: false, statistic: () => undefined };
    const seen = representation.forward(parameters, tf.tensor4d(given, [n, ...planes]), context);
    close(batch.logits, seen.policy.dataSync());
    close(batch.values, seen.value.dataSync());
    close(batch.latents, seen.latent.dataSync());
    expect(Math.min(...batch.latents.subarray(0, n * latentSize))).toBe(0);
    expect(Math.max(...batch.latents.subarray(0, n * latentSize))).toBeLessThanOrEqual(1);
    // A step, on fewer rows than before.
    batch.size = 2;
    batch.parents.set(batch.latents.subarray(latentSize, 3 * latentSize));
    batch.actions.set([3, 0]);
    await model.step(batch);
    const parents = tf.slice(seen.latent, [1, 0], [2, latentSize]);
    const stepped = dynamics.forward(parameters, { latent: parents, action: tf.tensor1d([3, 0], 'int32') }, context);
    close(batch.logits, stepped.policy.dataSync());
    close(batch.values, stepped.value.dataSync());
    close(batch.latents, stepped.latent.dataSync());
    close(batch.rewards, stepped.reward.dataSync());
    await model.close();
  });

  it('refuses what is no model of dynamics', async () => {
    const { representation } = createMuZero(CONFIGS.dense, inputOf(CONFIGS.dense));
    const weights = weightsOf(CONFIGS.dense, 'x');
    const bytes = exportModel(representation, weights);
    await expect(openWorldModel(bytes, bytes, { device: 'cpu', threads: 1 })).rejects.toThrow(/takes planes; a model of dynamics takes/);
    await expect(openWorldModel(bytes, Uint8Array.of(1, 2, 3), { device: 'cpu', threads: 1 })).rejects.toThrow(UserError);
  });
});
