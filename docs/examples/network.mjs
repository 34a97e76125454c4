// A network of your own, in TensorFlow.js operations: trained by a compiled step, exported to ONNX, asked for an answer.
import { alphaZeroLoss, exportModel, initialState, initialWeights, optimizerDefaults, tf } from 'ludus/engine/nn';
import { createCompiledTrainer, openModel } from 'ludus/engine/node';
import { createRng } from 'ludus/engine';

const planes = [2, 3, 3]; // channels, height, width
const actions = 9;

/** Says what it is made of, and maps planes [N, C, H, W] to named outputs. */
const network = {
  name: 'mine',
  input: { planes, actions },
  serves: ['policy', 'value'],
  parameters: [
    { name: 'w1', shape: [18, 64], init: 'he', kind: 'kernel' },
    { name: 'b1', shape: [64], init: 'zeros', kind: 'vector' },
    { name: 'wp', shape: [64, actions], init: 'glorot', kind: 'kernel' },
    { name: 'wv', shape: [64, 1], init: 'glorot', kind: 'kernel' },
  ],
  forward(p, x) {
    const hidden = tf.relu(tf.add(tf.matMul(tf.reshape(x, [-1, 18]), p.w1), p.b1));
    return { policy: tf.matMul(hidden, p.wp), value: tf.reshape(tf.tanh(tf.matMul(hidden, p.wv)), [-1]) };
  },
};

const loss = alphaZeroLoss({ input: network.input, value: 'tanh' });
const optimizer = optimizerDefaults.adamw;
const rng = createRng(7);
const trainer = await createCompiledTrainer(network, loss, optimizer, {
  batch: 32, device: 'cpu', threads: 1, state: initialState(network, optimizer, initialWeights(network, rng)),
});

// Something to learn: the policy is the first own stone, the value says whether there are more own stones than others.
const rows = { planes: new Float32Array(32 * 18), policy: new Float32Array(32 * actions), value: new Float32Array(32), weight: new Float32Array(32).fill(1) };
for (let row = 0; row < 32; row++) {
  let own = 0;
  for (let i = 0; i < 18; i++) own += (i < 9 ? 1 : -1) * (rows.planes[row * 18 + i] = rng.float() < 0.4 ? 1 : 0);
  const first = rows.planes.subarray(row * 18, row * 18 + 9).indexOf(1);
  rows.policy[row * actions + Math.max(0, first)] = 1;
  rows.value[row] = Math.sign(own);
}
const before = (await trainer.step(rows, 0.003)).total;
let after = before;
for (let step = 0; step < 300; step++) after = (await trainer.step(rows, 0.003)).total;
console.log(`loss ${before.toFixed(3)} -> ${after.toFixed(3)}`);

const { weights } = await trainer.state();
const model = await openModel(exportModel(network, weights), { device: 'cpu', threads: 1 });
const outputs = { policy: new Float32Array(actions), value: new Float32Array(1) };
await model.run(rows.planes, 1, outputs);
console.log('value of the first row', outputs.value[0].toFixed(2), 'wanted', rows.value[0]);
await model.close();
await trainer.close();
