import { expect, it } from 'vitest';
import { createRng } from '#engine';
import { alphaZeroLoss, createEagerInference, createEagerTrainer, createNetwork, initialState, initialWeights, openBackend, optimizerDefaults, tf } from '#engine/nn';

const input = { planes: [1, 2, 2], actions: 3 } as const;
const network = createNetwork({ kind: 'resnet', channels: 3, blocks: 1, value: 'tanh', policyChannels: 2, valueChannels: 2, valueHidden: 3 }, input);
const loss = alphaZeroLoss({ input });
const optimizer = optimizerDefaults.muon;
const rows = (seed: number) => {
  const rng = createRng(seed);
  return {
    planes: Float32Array.from({ length: 8 }, () => rng.float()), policy: Float32Array.of(1, 0, 0, 0.5, 0.5, 0),
    value: Float32Array.from({ length: 2 }, () => 2 * rng.float() - 1), weight: Float32Array.of(1, 1),
  };
};

it('goes on exactly where it stopped', async () => {
  const straight = await createEagerTrainer(network, loss, optimizer, { batch: 2 });
  for (let i = 0; i < 3; i++) await straight.step(rows(i), 0.01);
  const middle = await straight.state();
  const then = [await straight.step(rows(3), 0.01), await straight.step(rows(4), 0.01)];
  const resumed = await createEagerTrainer(network, loss, optimizer, { batch: 2, state: middle });
  expect([await resumed.step(rows(3), 0.01), await resumed.step(rows(4), 0.01)]).toEqual(then);
  expect(await resumed.state()).toEqual(await straight.state());
  await straight.restore(middle);
  expect(await straight.step(rows(3), 0.01)).toEqual(then[0]);
  expect(middle.step).toBe(3);
  await straight.close();
  await resumed.close();
});

it('does not grow', async () => {
  await openBackend('cpu');
  const before = tf.memory().numTensors;
  const trainer = await createEagerTrainer(network, loss, optimizer, { batch: 2 });
  const inference = await createEagerInference(network, initialWeights(network, createRng(1)));
  const held = tf.memory();
  for (let i = 0; i < 5; i++) {
    await trainer.step(rows(i), 0.01);
    await inference.run(new Float32Array(8), 2, { policy: new Float32Array(6), value: new Float32Array(2) });
  }
  await trainer.restore(await trainer.state());
  expect(tf.memory().numTensors).toBe(held.numTensors);
  expect(tf.memory().numBytes).toBe(held.numBytes);
  await trainer.close();
  await inference.close();
  expect(tf.memory().numTensors).toBe(before);
});

it('answers fewer rows than the arrays hold, and the same whatever the count', async () => {
  const inference = await createEagerInference(network, initialWeights(network, createRng(1)));
  expect(inference.device).toBe('tfjs cpu');
  const planes = Float32Array.from({ length: 16 }, (_, i) => Math.sin(i));
  const all = { policy: new Float32Array(12), value: new Float32Array(4) };
  await inference.run(planes, 4, all);
  const one = { value: new Float32Array(4) };
  await inference.run(planes, 1, one);
  expect([...one.value]).toEqual([all.value[0], 0, 0, 0]);
  await expect(inference.run(planes, 5, all)).rejects.toThrow('5 rows need 20 numbers of planes; there are 16');
  await inference.close();
});

it('names what a batch lacks', async () => {
  const trainer = await createEagerTrainer(network, loss, optimizer, { batch: 2, state: initialState(network, optimizer, createRng(0)) });
  const { value: _, ...incomplete } = rows(1);
  await expect(trainer.step(incomplete, 0.1)).rejects.toThrow("a training batch must hold 'value'");
  await expect(trainer.step({ ...rows(1), value: new Float32Array(3) }, 0.1)).rejects.toThrow("'value' holds 3 numbers; 2 rows make 2");
  await trainer.close();
});

it('says which backends there are', async () => {
  await expect(openBackend('tensorflow')).rejects.toThrow("the TensorFlow.js backend 'tensorflow' is not registered; registered:");
});
