/** The browser's runtime against the native one, both in Node: outputs, agents' moves, and bad input. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, it } from 'vitest';
import { createBatch, createRng, type Evaluator, type State } from '#engine';
import type { Inference } from '#engine/nn';
import { openModel } from '#engine/node';
import { connect4 } from '#games';
import { networkEvaluator, openWebModel } from '#engine/web';
import { createBrowserAgent } from './browser.js';
import { createAgent } from './create.js';

const root = new URL('../../', import.meta.url);
const read = (path: string) => new Uint8Array(readFileSync(new URL(path, root)));
const wasm = new Uint8Array(readFileSync(createRequire(import.meta.url).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm')));
const model = read('models/connect4/model.onnx');

/** Positions that testdata holds with exact scores (see testdata/README.md), spread over its plies. */
function positions(count: number): State[] {
  const rows = readFileSync(new URL('testdata/connect4-positions.csv', root), 'utf8').split('\n').slice(1).map((line) => line.split(',')[0]).filter((moves) => moves !== '');
  return Array.from({ length: count }, (_, i) => connect4.parseSetup?.(rows[Math.floor((i * rows.length) / count)]) as State);
}

describe('onnxruntime-web', () => {
  let web: Inference;
  let native: Inference;
  beforeAll(async () => {
    web = await openWebModel(model, { wasm });
    native = await openModel(model, { device: 'cpu', threads: 1 });
  });

  it('answers as the native runtime does, to 1e-4', async () => {
    const states = positions(200);
    const answer = async (inference: Inference) => {
      const batch = createBatch(connect4, states.length);
      batch.size = states.length;
      states.forEach((state, i) => state.observe(batch.planes.subarray(i * 84, (i + 1) * 84)));
      await networkEvaluator(inference).evaluate(batch);
      return [...batch.logits, ...batch.values];
    };
    const [a, b] = [await answer(web), await answer(native)];
    expect(Math.max(...a.map((x, i) => Math.abs(x - b[i])))).toBeLessThan(1e-4);
    expect(new Set(b.map((x) => x.toFixed(3))).size).toBeGreaterThan(300);
  });

  it("gives the browser's agent the moves of the server's", async () => {
    const own: Evaluator = networkEvaluator(web);
    const agent = await createBrowserAgent('az:model,sims=24', connect4, async () => ({ evaluate: (batch) => own.evaluate(batch), close: async () => undefined }));
    const server = await createAgent(`az:${new URL('models/connect4', root).pathname},sims=24`, connect4);
    const asked = positions(50).map((state, i) => ({ state, rng: createRng(i) }));
    const [here, there] = [await agent.chooseMany(asked), await server.chooseMany(asked)];
    expect(here.filter((choice, i) => choice.action === there[i].action).length).toBeGreaterThanOrEqual(49);
    expect(new Set(here.map((choice) => choice.action)).size).toBeGreaterThan(4);
    await server.close();
  });

  it('refuses what is no model, a model with other inputs, and rows that are not there', async () => {
    await expect(openWebModel(new Uint8Array(64).fill(7), { wasm })).rejects.toThrow(/^not a usable ONNX model \(64 bytes\)/);
    await expect(web.run(new Float32Array(83), 1, { value: new Float32Array(1) })).rejects.toThrow('1 rows need 84 numbers of planes; there are 83');
    await expect(web.run(new Float32Array(84), 1, { ownership: new Float32Array(1) })).rejects.toThrow("the model has no output 'ownership'; it has policy, value");
  });
});
