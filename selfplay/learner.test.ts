import { expect, test } from 'vitest';
import { createRng, type Evaluator } from '#engine';
import { createEagerInference, createEagerTrainer, initialState, type Trainer } from '#engine/nn';
import { Actor } from './actor.js';
import { decodeEpisode, encodeEpisode } from './codec.js';
import { ticTacToe } from '#games';
import { applyOverrides, defaultConfig } from './config.js';
import { startEpisode, trainedCount } from './episode.js';
import { Learner } from './learner.js';
import { trainingParts } from './parts.js';

const config = applyOverrides(defaultConfig(ticTacToe), [
  'network.hidden=16', 'learner.batch=32', 'learner.minimum=100', 'learner.reuse=2', 'learner.lead=4', 'learner.publishEvery=3', 'learner.warmup=10',
  'learner.learningRate=0.02', 'actors.games=8', 'search.simulations=8', 'learner.replyWeight=0.15', 'learner.pliesLeftWeight=0.1', 'learner.softPolicyWeight=1',
]);
const blank: Evaluator = {
  evaluate(batch) {
    batch.logits.fill(0);
    batch.values.fill(0);
    return Promise.resolve();
  },
};

async function games(count: number) {
  const bytes: Uint8Array[] = [];
  const actor = new Actor({ game: ticTacToe, config, evaluator: blank, step: 0, simulations: 8, rng: createRng(2), idPrefix: 'l', onEpisode: (e) => bytes.push(encodeEpisode(e)) });
  while (bytes.length < count) await actor.iterate();
  return bytes;
}

async function learner(trainer?: Trainer, positions = 0, rows = 0) {
  const parts = trainingParts(ticTacToe, config);
  const state = initialState(parts.network, parts.optimizer, createRng(1));
  const made = trainer ?? (await createEagerTrainer(parts.network, parts.loss, parts.optimizer, { batch: 32, state }));
  return { parts, state, trainer: made, learner: new Learner({ game: ticTacToe, config, ...parts, trainer: made, state, positions, rows }, () => 0) };
}

test('steps come due at the ratio of rows to new positions, and not before the minimum', async () => {
  const { learner: l } = await learner();
  const bytes = await games(40);
  let due = 0;
  for (const episode of bytes) {
    l.add([episode], true);
    due = l.positions < 100 ? 0 : Math.floor((2 * l.positions) / 32);
    expect(l.due).toBe(due);
  }
  expect(due).toBeGreaterThan(5);
  await l.train();
  expect(l.due).toBe(due - 1);
});

test('games read back earn no credit, and a backlog beyond the permitted lag is forgiven', async () => {
  const { learner: l } = await learner(undefined, 10000, 9000);
  l.add(await games(40), false);
  expect(l.positions).toBe(10000);
  expect(l.due).toBe(4);
});

test('it learns: every loss falls on self-play games, auxiliary ones included', async () => {
  const { learner: l } = await learner();
  l.add(await games(150), true);
  const first: Record<string, number> = {};
  const last: Record<string, number> = {};
  for (let i = 0; i < 90; i++) {
    const { losses, step, learningRate } = await l.train();
    expect(step).toBe(i + 1);
    if (i < 10) expect(learningRate).toBeCloseTo((0.02 * (i + 1)) / 10, 9);
    for (const [name, loss] of Object.entries(losses)) {
      if (i < 10) first[name] = (first[name] ?? 0) + loss / 10;
      if (i >= 80) last[name] = (last[name] ?? 0) + loss / 10;
    }
  }
  for (const name of ['total', 'policy', 'value', 'reply', 'pliesLeft', 'soft']) expect(last[name], name).toBeLessThan(first[name]);
});

test('published weights are the mean of the first snapshots, then a moving average; inference accepts them', async () => {
  const { learner: l, parts, trainer } = await learner();
  l.add(await games(60), true);
  const seen: number[] = [];
  let average = 0;
  for (let i = 1; i <= 15; i++) {
    await l.train();
    expect(l.publishes).toBe(i % 3 === 0);
    if (!l.publishes) continue;
    const name = parts.network.parameters[0].name;
    seen.push((await trainer.state()).weights[name][0]);
    const k = seen.length;
    const keep = Math.min(0.75, (k - 1) / k);
    average = keep * average + (1 - keep) * seen[k - 1];
    expect((await l.publish())[name][0]).toBeCloseTo(average, 6);
  }
  const inference = await createEagerInference(parts.network, l.averaged);
  const planes = new Float32Array(parts.network.input.planes.reduce((a, b) => a * b, 1));
  startEpisode(ticTacToe, 1).observe(planes);
  const outputs = { policy: new Float32Array(9), value: new Float32Array(1) };
  await inference.run(planes, 1, outputs);
  expect(Number.isFinite(outputs.value[0])).toBe(true);
});

test('revisions earn no credit', async () => {
  const { learner: l } = await learner();
  const bytes = await games(60);
  l.add(bytes.slice(0, 50), true);
  const before = [l.positions, l.due, l.rows, l.window.positions];
  expect(l.due).toBeGreaterThan(0);
  l.revise(bytes.slice(45));
  expect([l.positions, l.due, l.rows, l.window.positions]).toEqual(before);
  // Five of those fifteen are in the window.
  expect(l.revised).toBe(bytes.slice(45, 50).reduce((sum, one) => sum + trainedCount(decodeEpisode(one)), 0));
});
