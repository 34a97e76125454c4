import { beforeAll, describe, expect, it } from 'vitest';
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { createRng, normal } from '#engine';
import {
  alphaZeroLoss, createEagerInference, createEagerTrainer, createNetwork, createTrainingStep, initialState, initialWeights, optimizerDefaults, packState,
  tf, unpackState, type Loss, type Network, type NetworkConfig, type OptimizerConfig, type Tensors, type TrainingStep,
} from '#engine/nn';

beforeAll(() => tf.setBackend('cpu'));

const input = { planes: [2, 3, 3], actions: 4 } as const;
const auxiliary = { reply: 0.15, soft: 1, ownership: 0.3, pliesLeft: 0.5 };
const heads = { reply: true, soft: true, ownership: true, pliesLeft: true };
const rng = createRng('training step');

/** A batch of random rows for any loss: distributions for targets of more than one number, [0, 1] for single ones. */
function randomRows(loss: Loss, network: Network, batch: number): Record<string, Float32Array> {
  const rows: Record<string, Float32Array> = { planes: Float32Array.from({ length: batch * network.input.planes.reduce((a, b) => a * b, 1) }, () => normal(rng)) };
  for (const { name, shape } of loss.targets) {
    const width = shape[0] ?? 1;
    const values = Float32Array.from({ length: batch * width }, () => (name === 'weight' ? 1 : rng.float() ** 3));
    if (width > 1 && name !== 'ownership') {
      for (let i = 0; i < batch; i++) {
        const row = values.subarray(i * width, (i + 1) * width);
        const sum = row.reduce((a, b) => a + b, 0);
        row.forEach((x, j) => (row[j] = x / sum));
      }
    }
    rows[name] = values;
  }
  return rows;
}

function feeds(step: TrainingStep, flat: Record<string, Float32Array>, rows: Record<string, Float32Array>, rate = 0.01): Tensors {
  const given = { ...flat, ...rows, learningRate: Float32Array.of(rate) };
  return Object.fromEntries(step.inputs.map(({ name, shape }) => [name, tf.tensor(given[name as keyof typeof given], [...shape])]));
}

const resnet: NetworkConfig = { kind: 'resnet', channels: 4, blocks: 2, value: 'wdl', globalPooling: true, identityStart: false, policyChannels: 3, valueChannels: 2, valueHidden: 4, auxiliary: heads };
const mlp: NetworkConfig = { kind: 'mlp', hidden: [6], value: 'tanh', auxiliary: heads };

describe.each<[string, NetworkConfig]>([['resnet', resnet], ['mlp', mlp]])('gradient of a whole %s and its loss', (_, config) => {
  it('agrees with central differences along random directions', () => {
    const network = createNetwork(config, input);
    const loss = alphaZeroLoss({ input, value: config.value, auxiliary });
    const step = createTrainingStep(network, loss, optimizerDefaults.sgd, 6);
    const flat = packState(step, initialState(network, optimizerDefaults.sgd, createRng(2)));
    const rows = randomRows(loss, network, 6);
    // The last layers start so small that nothing would flow back: larger ones make the test mean something.
    flat.w = flat.w.map((x) => x + 0.2 * normal(rng));
    const at = (w: Float32Array) => tf.tidy(() => {
      const results = step.gradients(feeds(step, { ...flat, w }, rows));
      return { g: results.g.dataSync() as Float32Array, loss: results['loss/total'].dataSync()[0] };
    });
    const { g } = at(flat.w);
    for (let trial = 0; trial < 6; trial++) {
      const direction = flat.w.map(() => normal(rng));
      const slope = direction.reduce((sum, d, i) => sum + d * g[i], 0);
      const scale = Math.sqrt(g.reduce((sum, x) => sum + x * x, 0));
      // A wide difference straddles relus' kinks, a narrow one drowns in float32 noise: one of the widths does neither.
      const errors = [1e-3, 2e-4, 5e-5, 2e-5].map((h) => {
        const difference = at(flat.w.map((x, i) => x + h * direction[i])).loss - at(flat.w.map((x, i) => x - h * direction[i])).loss;
        return Math.abs(difference / (2 * h) - slope);
      });
      expect(Math.min(...errors)).toBeLessThan(0.01 * scale);
    }
  });
});

describe('the step', () => {
  const network = createNetwork(resnet, input);
  const loss = alphaZeroLoss({ input, value: 'wdl', auxiliary });
  const optimizer = optimizerDefaults.adamw;
  const step = createTrainingStep(network, loss, optimizer, 3, { gradient: true });
  const state = initialState(network, optimizer, createRng(2));

  it('lists its inputs, and gives back what it carries', () => {
    expect(step.inputs.map((spec) => spec.name)).toEqual(
      ['w', 's', 'm', 'v', 'step', 'learningRate', 'planes', 'policy', 'wdl', 'weight', 'reply', 'ownership', 'pliesLeft']);
    expect(step.inputs.find((spec) => spec.name === 'planes')?.shape).toEqual([3, 2, 3, 3]);
    tf.tidy(() => {
      const given = feeds(step, packState(step, state), randomRows(loss, network, 3));
      const results = step.run(given);
      for (const name of step.carried) expect(results[name].shape).toEqual(given[name].shape);
      expect(Object.keys(results).filter((name) => !step.carried.includes(name)).sort()).toEqual(
        ['g', ...['ownership', 'pliesLeft', 'policy', 'policyKl', 'reply', 'soft', 'total', 'value'].map((part) => `loss/${part}`)]);
      expect(results.step.dataSync()[0]).toBe(1);
    });
  });

  it('moves running statistics a tenth of the way', () => {
    const flat = packState(step, state);
    tf.tidy(() => {
      const given = feeds(step, flat, randomRows(loss, network, 3));
      const { batchStatistics } = step.gradients(given);
      const after = step.run(given).s.dataSync();
      batchStatistics.dataSync().forEach((x, i) => expect(after[i]).toBeCloseTo(0.9 * flat.s[i] + 0.1 * x, 5));
    });
  });

  it('is its gradients followed by its update', () => {
    tf.tidy(() => {
      const given = feeds(step, packState(step, state), randomRows(loss, network, 3));
      const whole = step.run(given);
      const parts = step.update({ ...given, ...step.gradients(given) });
      for (const name of step.carried) expect(parts[name].dataSync()).toEqual(whole[name].dataSync());
    });
  });

  it('round-trips its state', () => {
    const flat = packState(step, { ...state, step: 12 });
    expect(unpackState(step, flat)).toEqual({ ...state, step: 12 });
  });

  it.each<[string, object, string]>([
    ['another optimiser', { optimizer: { momentum: new Float32Array(3) } }, "the optimiser's 'm' is missing"],
    ['one vector too many', { optimizer: { ...state.optimizer, momentum: new Float32Array(3) } }, "holds the optimiser's 'momentum'"],
    ['a broken step', { step: -1 }, 'the saved state is at step -1'],
  ])('refuses the state of %s', (_, change, message) => expect(() => packState(step, { ...state, ...change })).toThrow(message));

  it('refuses a target with the name of another input, and a loss without a total', () => {
    expect(() => createTrainingStep(network, { ...loss, targets: [{ name: 'w', shape: [] }] }, optimizer, 3)).toThrow("target 'w'");
    const partial: Loss = { targets: [], compute: () => ({ value: tf.scalar(1) }) as unknown as ReturnType<Loss['compute']> };
    const broken = createTrainingStep(network, partial, optimizer, 3);
    expect(() => tf.tidy(() => broken.run(feeds(broken, packState(broken, state), randomRows(partial, network, 3))))).toThrow("no 'total'");
  });
});

describe('learning', () => {
  it.each<[OptimizerConfig['kind'], number, number]>([['sgd', 0.05, 30], ['adamw', 0.01, 30], ['muon', 0.01, 30]])('a residual network overfits one batch by %s', async (kind, rate, steps) => {
    const network = createNetwork({ kind: 'resnet', channels: 6, blocks: 1, value: 'wdl', globalPooling: true }, input);
    const loss = alphaZeroLoss({ input, value: 'wdl' });
    const trainer = await createEagerTrainer(network, loss, optimizerDefaults[kind], { batch: 6, state: initialState(network, optimizerDefaults[kind], createRng(3)) });
    const rows = randomRows(loss, network, 6);
    const first = await trainer.step(rows, rate);
    let last = first;
    for (let i = 0; i < steps; i++) last = await trainer.step(rows, rate);
    expect(last.policyKl).toBeLessThan(0.35 * first.policyKl);
    await trainer.close();
  });

  /** Planes [2, 1, 1]; value 1 where exactly one of the two is set, -1 otherwise. */
  const xorInput = { planes: [2, 1, 1], actions: 2 } as const;
  const xor = {
    planes: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), value: Float32Array.of(-1, 1, 1, -1), weight: Float32Array.of(1, 1, 1, 1),
    policy: Float32Array.of(1, 0, 0, 1, 0, 1, 1, 0),
  };

  it('an MLP learns exclusive or, and answers so', async () => {
    const network = createNetwork({ kind: 'mlp', hidden: [16], value: 'tanh' }, xorInput);
    const trainer = await createEagerTrainer(network, alphaZeroLoss({ input: xorInput }), optimizerDefaults.adamw, { batch: 4, state: initialState(network, optimizerDefaults.adamw, createRng(1)) });
    for (let i = 0; i < 200; i++) await trainer.step(xor, 0.03);
    const inference = await createEagerInference(network, (await trainer.state()).weights);
    const outputs = { policy: new Float32Array(8), value: new Float32Array(6).fill(9) };
    await inference.run(xor.planes, 4, outputs);
    [-1, 1, 1, -1].forEach((value, i) => expect(Math.abs(outputs.value[i] - value)).toBeLessThan(0.1));
    expect([...outputs.value.subarray(4)]).toEqual([9, 9]);
    [0, 1, 1, 0].forEach((action, i) => expect(outputs.policy[2 * i + action]).toBeGreaterThan(outputs.policy[2 * i + 1 - action] + 1));
    await inference.close();
    await trainer.close();
  });

  it('trains a network and a loss of the user: y = a x + b fitted by squared error', async () => {
    const network: Network = {
      name: 'line',
      input: { planes: [1, 1, 1], actions: 1 },
      parameters: [{ name: 'a', shape: [1, 1], init: 'zeros', kind: 'kernel' }, { name: 'b', shape: [1], init: 'zeros', kind: 'vector' }],
      serves: ['y'],
      forward: (p, planes) => ({ y: tf.add(tf.matMul(tf.reshape(planes, [-1, 1]) as Tensor2D, p.a as Tensor2D), p.b) }),
    };
    const loss: Loss = {
      targets: [{ name: 'target', shape: [1] }],
      compute: (outputs, targets) => ({ total: tf.mean(tf.squaredDifference(outputs.y, targets.target)) as Scalar }),
    };
    const sgd: OptimizerConfig = { kind: 'sgd', momentum: 0.9, weightDecay: 0 };
    const trainer = await createEagerTrainer(network, loss, sgd, { batch: 4 });
    for (let i = 0; i < 250; i++) await trainer.step({ planes: Float32Array.of(0, 1, 2, 3), target: Float32Array.of(-1, 1, 3, 5) }, 0.05);
    const { weights, step } = await trainer.state();
    expect(step).toBe(250);
    expect(weights.a[0]).toBeCloseTo(2, 3);
    expect(weights.b[0]).toBeCloseTo(-1, 3);
    await trainer.close();
  });
});

it('leaves first weights alone when given some', () => {
  const network = createNetwork(mlp, input);
  const weights = initialWeights(network, createRng(9));
  const state = initialState(network, optimizerDefaults.muon, weights);
  expect(state.weights).toBe(weights);
  expect(Object.values(state.optimizer).every((vector: Float32Array) => vector.every((x) => x === 0))).toBe(true);
});

it('tidies up: gradients and run leave nothing but their results', () => {
  const network = createNetwork(resnet, input);
  const loss = alphaZeroLoss({ input, value: 'wdl', auxiliary });
  const step = createTrainingStep(network, loss, optimizerDefaults.muon, 2);
  const given = feeds(step, packState(step, initialState(network, optimizerDefaults.muon, createRng(2))), randomRows(loss, network, 2));
  const before = tf.memory().numTensors;
  const results: Record<string, Tensor> = tf.tidy(() => step.run(given));
  expect(tf.memory().numTensors - before).toBe(Object.keys(results).length);
  tf.dispose(results);
  expect(tf.memory().numTensors).toBe(before);
  tf.dispose(given);
});
