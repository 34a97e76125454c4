/** What a step of the convolutional body does to a latent, worked by hand. */
import { beforeAll, describe, expect, it } from 'vitest';
import { UserError, createRng } from '#engine';
import { createMuZero, initialWeights, muZeroLoss, openBackend, tf, type MuZeroConfig, type Tensors } from '#engine/nn';
import { createBody, type ConvBody } from './body.js';

beforeAll(() => openBackend('cpu'));

const context = { training: false, statistic: () => undefined };
const conv = (more: Partial<ConvBody> = {}): ConvBody => ({ kind: 'conv', channels: 2, blocks: 0, stepBlocks: 0, swap: true, ...more });

/** The latent after a step of the body, as rows of channels; parameters are 0 but for those given. */
function stepped(config: ConvBody, actions: number, action: number, latent: readonly number[], given: Record<string, (index: readonly number[]) => number> = {}): number[][] {
  const { step } = createBody(config, { planes: [1, 2, 3], actions });
  const parameters: Tensors = Object.fromEntries(step.parameters.map(({ name, shape }) => {
    const values = tf.buffer([...shape]);
    for (let i = 0; i < values.size; i++) {
      const index = values.indexToLoc(i);
      values.set(given[name]?.(index) ?? 0, ...index);
    }
    return [name, values.toTensor()];
  }));
  const oneHot = tf.tensor2d([Array.from({ length: actions }, (_, a) => (a === action ? 1 : 0))]);
  const flat = [...step.apply(parameters, tf.tensor2d([[...latent]]), oneHot, context).latent.dataSync()];
  return [0, 1].map((channel) => flat.filter((_, i) => i % 2 === channel));
}

describe('a step', () => {
  // Six cells of two channels: the first channel marks cells 0 and 4, the second cell 5.
  const latent = [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1];
  it('swaps the halves where seats take turns: what was one\'s own is the other\'s', () => expect(stepped(conv(), 5, 0, latent).map((row) => row.map(Math.round))).toEqual([[0, 0, 0, 0, 0, 1], [1, 0, 0, 0, 1, 0]]));
  it('leaves them where it is told so', () => expect(stepped(conv({ swap: false }), 5, 0, latent)[0].map(Math.round)).toEqual([1, 0, 0, 0, 1, 0]));
  it('refuses halves of an odd number', () => expect(() => createBody(conv({ channels: 3 }), { planes: [1, 2, 3], actions: 5 })).toThrow(UserError));

  // The middle of the kernel hands the plane of the action (the third input) to the first channel.
  const handOver = { 'g/stem/kernel': ([y, x, from, to]: readonly number[]) => (y === 1 && x === 1 && from === 2 && to === 0 ? 1 : 0) };
  it('marks a column where there are as many moves as columns', () => expect(stepped(conv(), 3, 1, Array(12).fill(0), handOver)[0].map(Math.round)).toEqual([0, 1, 0, 0, 1, 0]));
  it('marks a cell where there are as many as cells', () => expect(stepped(conv(), 6, 4, Array(12).fill(0), handOver)[0].map(Math.round)).toEqual([0, 0, 0, 0, 1, 0]));
});

describe('what is drawn off latents', () => {
  const config: MuZeroConfig = { body: conv(), value: { size: 1, scaled: false }, reward: { size: 1, scaled: false }, unroll: 2, consistency: false, reconstruction: true };
  const input = { planes: [1, 2, 3], actions: 3 } as const;

  it('counts by squared error, later steps half as much with two of them, past the end not at all', () => {
    const { network } = createMuZero(config, input);
    const weights = initialWeights(network, createRng(1));
    // Nothing is ever drawn, so that each stone seen is an error of 1 in six cells.
    weights['d/draw/kernel'].fill(0);
    const parameters = Object.fromEntries(network.parameters.map(({ name, shape }) => [name, tf.tensor(weights[name], [...shape])]));
    const loss = muZeroLoss({ config, actions: 3, planes: input.planes, valueWeight: 0, rewardWeight: 0, consistencyWeight: 0, reconstructionWeight: 10 });
    const rows: Tensors = {
      actions: tf.tensor2d([[0, 1]], [1, 2], 'int32'), policy: tf.zeros([1, 3, 3]), value: tf.zeros([1, 3, 3]), reward: tf.zeros([1, 2, 3]), weight: tf.ones([1]),
      seen: tf.tensor([1, 0, 0, 1, 0, 0, 1, 1, 1, 1, 1, 1], [1, 2, 1, 2, 3]), alike: tf.tensor2d([[1, 0]]),
    };
    const outputs = network.forward(parameters, tf.tensor4d([1, 1, 1, 0, 0, 0], [1, 1, 2, 3]), { training: true, statistic: () => undefined, rows });
    expect([...outputs.blur.dataSync()]).toEqual([3 / 6, 2 / 6, 6 / 6].map((x) => expect.closeTo(x, 6)));
    const { total, reconstruction } = loss.compute(outputs, rows);
    // 3/6 + (1/2) 2/6; the third step is past the end.
    expect(reconstruction.dataSync()[0]).toBeCloseTo(2 / 3, 6);
    expect(total.dataSync()[0]).toBeCloseTo(20 / 3, 5);
  });
});
