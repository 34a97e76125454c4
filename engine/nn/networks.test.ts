import { beforeAll, describe, expect, it } from 'vitest';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { createRng } from '#engine';
import { createNetwork, initialWeights, layoutOf, networkConfigs, packWeights, parameterCount, tf, unpackWeights, type Network, type NetworkConfig, type Tensors } from '#engine/nn';

beforeAll(() => tf.setBackend('cpu'));

const input = { planes: [2, 3, 4], actions: 5, policyPlanes: { count: 2, gather: Int32Array.of(17, 3, 0, 12, 23) } } as const;
const auxiliary = { reply: true, soft: true, ownership: true, pliesLeft: true };

function outputs(network: Network, training: boolean, rows = 2): Record<string, { shape: number[]; values: Float32Array }> {
  return tf.tidy(() => {
    const weights = initialWeights(network, createRng(5));
    const parameters: Tensors = Object.fromEntries(network.parameters.map(({ name, shape }) => [name, tf.tensor(weights[name], [...shape])]));
    const planes: Tensor4D = tf.randomUniform([rows, ...network.input.planes], 0, 1, 'float32', 7);
    const results = network.forward(parameters, planes, { training, statistic: () => undefined });
    return Object.fromEntries(Object.entries(results).map(([name, x]) => [name, { shape: x.shape, values: x.dataSync() as Float32Array }]));
  });
}

const configs: [string, NetworkConfig][] = [
  ['resnet, tanh', { kind: 'resnet', channels: 4, blocks: 2, value: 'tanh', policy: 'dense', auxiliary }],
  ['resnet, wdl, pooled', { kind: 'resnet', channels: 4, blocks: 2, value: 'wdl', globalPooling: true, identityStart: false, auxiliary }],
  ['resnet, policy from planes', { kind: 'resnet', channels: 4, blocks: 1, value: 'tanh', policy: 'planes', auxiliary }],
  ['mlp, tanh', { kind: 'mlp', hidden: [8, 6], value: 'tanh', auxiliary }],
  ['mlp, wdl', { kind: 'mlp', hidden: [], value: 'wdl', auxiliary }],
];

describe.each(configs)('%s', (_, config) => {
  const network = createNetwork(config, input);

  it('answers policy and value only', () => {
    const results = outputs(network, false);
    expect(Object.keys(results).sort()).toEqual(['policy', 'value']);
    expect(results.policy.shape).toEqual([2, 5]);
    expect(results.value.shape).toEqual([2]);
    expect(network.serves).toEqual(['policy', 'value']);
  });

  it('starts with a near uniform policy and a value near 0', () => {
    const results = outputs(network, false, 8);
    for (const x of [...results.policy.values, ...results.value.values]) expect(Math.abs(x)).toBeLessThan(0.3);
  });

  it('has the auxiliary heads in training', () => {
    const { wdl, ...results } = outputs(network, true);
    expect(wdl?.shape).toEqual(config.value === 'wdl' ? [2, 3] : undefined);
    const shapes = Object.fromEntries(Object.entries(results).map(([name, x]) => [name, x.shape]));
    expect(shapes).toEqual({ policy: [2, 5], value: [2], reply: [2, 5], soft: [2, 5], ownership: [2, 12], pliesLeft: [2] });
  });

  it('round-trips its weights through the flat vectors', () => {
    const weights = initialWeights(network, createRng(1));
    const layout = layoutOf(network);
    const { w, s } = packWeights(layout, weights);
    expect(w.length).toBe(parameterCount(network));
    expect(unpackWeights(layout, w, s)).toEqual(weights);
  });
});

it('counts parameters: Connect Four, 64 channels, 5 blocks', () => {
  const network = createNetwork({ kind: 'resnet', channels: 64, blocks: 5, value: 'tanh' }, { planes: [3, 6, 7], actions: 7 });
  const normed = (inputs: number, outputs: number, size: number) => size * size * inputs * outputs + 2 * outputs;
  const trunk = normed(3, 64, 3) + 10 * normed(64, 64, 3);
  const heads = normed(64, 16, 1) + (16 * 42 + 1) * 7 + normed(64, 8, 1) + (8 * 42 + 1) * 64 + 65;
  expect(parameterCount(network)).toBe(trunk + heads);
});

it('keeps first and last layers from Muon', () => {
  const kernels = createNetwork({ kind: 'resnet', channels: 4, blocks: 1, value: 'wdl', globalPooling: true, auxiliary }, input).parameters.filter((spec) => spec.kind === 'kernel');
  expect(kernels.filter((spec) => !spec.hidden).map((spec) => spec.name)).toEqual(
    ['stem/kernel', 'policy/kernel', 'value/kernel', 'reply/kernel', 'soft/kernel', 'ownership/kernel', 'pliesLeft/kernel']);
});

it('draws He normal kernels, the same for the same seed', () => {
  const network = createNetwork({ kind: 'resnet', channels: 32, blocks: 1, value: 'tanh' }, input);
  const weights = initialWeights(network, createRng(1));
  const kernel = weights['block0/first/kernel'];
  const mean = kernel.reduce((a, b) => a + b, 0) / kernel.length;
  const variance = kernel.reduce((a, b) => a + (b - mean) ** 2, 0) / kernel.length;
  // 9,216 draws: the mean within 4 standard errors of 0, the variance within 6 % (4 of them) of 2 / (9 x 32).
  expect(Math.abs(mean)).toBeLessThan(4 * Math.sqrt(2 / 288 / 9216));
  expect(Math.abs(variance / (2 / 288) - 1)).toBeLessThan(0.06);
  expect(initialWeights(network, createRng(1))).toEqual(weights);
  expect(initialWeights(network, createRng(2))['stem/kernel']).not.toEqual(weights['stem/kernel']);
  expect([...weights['block0/second/gain']]).toEqual(Array(32).fill(0));
  expect([...weights['block0/first/variance']]).toEqual(Array(32).fill(1));
});

it('describes every setting', () => {
  const complete: Record<string, unknown> = { kind: 'resnet', channels: 4, blocks: 1, expansion: 2, value: 'tanh', globalPooling: true, policy: 'auto', policyChannels: 2, valueChannels: 2, valueHidden: 8, identityStart: true, auxiliary };
  expect(['kind', ...Object.keys(networkConfigs.resnet)].sort()).toEqual(Object.keys(complete).sort());
});

it.each<[string, unknown, string]>([
  ['an unknown kind', { kind: 'resnets', value: 'tanh' }, "unknown network kind 'resnets'; did you mean 'resnet'?"],
  ['an unknown value head', { kind: 'mlp', hidden: [4], value: 'wld' }, "unknown value head 'wld'; did you mean 'wdl'?"],
  ['no channels', { kind: 'resnet', channels: 0, blocks: 1, value: 'tanh' }, 'network channels is 0; it must be a whole number of at least 1'],
  ['half a block', { kind: 'resnet', channels: 4, blocks: 1, expansion: 1.5, value: 'tanh' }, 'network expansion is 1.5; it must be a whole number of at least 0'],
  ['an unknown policy head', { kind: 'resnet', channels: 4, blocks: 1, value: 'tanh', policy: 'plane' }, "unknown policy head 'plane'; did you mean 'planes'?"],
  ['half a layer', { kind: 'mlp', hidden: [4, 2.5], value: 'tanh' }, 'network hidden[1] is 2.5'],
])('refuses %s', (_, config, message) => expect(() => createNetwork(config as NetworkConfig, input)).toThrow(message));

it.each<[string, readonly number[]]>([['too few places', [0, 1, 2, 3]], ['a place twice', [0, 1, 2, 3, 3]], ['a place beyond the planes', [0, 1, 2, 3, 24]]])('refuses policy planes with %s', (_, gather) => {
  const planes = { ...input, policyPlanes: { count: 2, gather: Int32Array.from(gather) } };
  expect(() => createNetwork({ kind: 'resnet', channels: 4, blocks: 1, value: 'tanh' }, planes)).toThrow(/a place of its own in 2 planes of 3 x 4 for each of 5 actions/);
});
it('refuses planes for a game that has none', () =>
  expect(() => createNetwork({ kind: 'resnet', channels: 4, blocks: 1, value: 'tanh', policy: 'planes' }, { planes: [2, 3, 4], actions: 5 })).toThrow(/choose 'dense' or 'auto'/));

describe('weights of another network are refused', () => {
  const network = createNetwork({ kind: 'mlp', hidden: [4], value: 'tanh' }, input);
  const weights = initialWeights(network, createRng(1));
  it.each<[string, Record<string, Float32Array | undefined>, string]>([
    ['missing', { 'hidden0/bias': undefined }, "parameter 'hidden0/bias' is missing from the saved state; expected shape [4]"],
    ['too long', { 'hidden0/bias': new Float32Array(5) }, "parameter 'hidden0/bias' has 5 numbers; expected 4"],
    ['not finite', { 'value/bias': Float32Array.of(NaN) }, "parameter 'value/bias' holds NaN at index 0"],
    ['unknown', { 'hidden7/bias': new Float32Array(4) }, "the weights hold 'hidden7/bias', which this network does not have"],
  ])('%s', (_, change, message) => {
    const changed = Object.fromEntries(Object.entries({ ...weights, ...change }).filter((entry): entry is [string, Float32Array] => entry[1] !== undefined));
    expect(() => packWeights(layoutOf(network), changed)).toThrow(message);
  });
});
