/** The browser's one-thread runtime against the native one on the same thread: outputs, moves, speed. Runs in Node, where it computes bit for bit as in a browser. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { UserError, createBatch, createRng, type Evaluator, type State } from '#engine';
import type { Inference } from '#engine/nn';
import { openModel } from '#engine/node';
import { createBrowserAgent } from '#arena/browser';
import { connect4 } from '#games';
import { readModel } from '#selfplay/checkpoint';
import { median } from './network.js';

export interface BrowserBenchmark {
  readonly model: string;
  readonly positions: number;
  readonly simulations: number;
  /** Largest difference of any logit or value over the positions. */
  readonly largestDifference: number;
  /** Share of the positions in which agents on both runtimes play the same move. */
  readonly sameMoves: number;
  /** Evaluations a second of each, in batches of 4, as one game searches; medians. */
  readonly evaluationsPerSecond: { readonly browser: number; readonly native: number };
}

const MODEL = 'models/connect4';
const POSITIONS = 500;
const SIMULATIONS = 32;
const BATCH = 4;

/** `seconds`: for the speeds; the comparison takes as long as it takes. */
export async function benchBrowser({ seconds }: { seconds: number }): Promise<BrowserBenchmark> {
  const root = new URL('../../', import.meta.url);
  const { model } = readModel(fileURLToPath(new URL(MODEL, root)));
  const rows = readFileSync(new URL('testdata/connect4-positions.csv', root), 'utf8').split('\n').slice(1).map((line) => line.split(',')[0]).filter((moves) => moves !== '');
  const states = Array.from({ length: POSITIONS }, (_, i) => connect4.parseSetup?.(rows[Math.floor((i * rows.length) / POSITIONS)]) as State);
  const { networkEvaluator, openWebModel } = await import('#engine/web').catch(() => {
    throw new UserError('environment', 'onnxruntime-web is not installed: this benchmark runs in a checkout with its development packages');
  });
  const wasm = new Uint8Array(readFileSync(createRequire(import.meta.url).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm')));
  const [browser, native] = [await openWebModel(model, { wasm }), await openModel(model, { device: 'cpu', threads: 1 })];
  const [a, b] = [await outputs(networkEvaluator(browser), states), await outputs(networkEvaluator(native), states)];
  const [here, there] = [await moves(networkEvaluator(browser), states), await moves(networkEvaluator(native), states)];
  const result = {
    model: MODEL, positions: POSITIONS, simulations: SIMULATIONS,
    largestDifference: Math.max(...a.map((x, i) => Math.abs(x - b[i]))),
    sameMoves: here.filter((action, i) => action === there[i]).length / POSITIONS,
    // In turns, so that a busy machine slows both alike.
    evaluationsPerSecond: { browser: await speed(browser, seconds / 2), native: await speed(native, seconds / 2) },
  };
  await browser.close();
  await native.close();
  return result;
}

async function outputs(evaluator: Evaluator, states: readonly State[]): Promise<number[]> {
  const batch = createBatch(connect4, states.length);
  batch.size = states.length;
  const row = batch.planes.length / states.length;
  states.forEach((state, i) => state.observe(batch.planes.subarray(i * row, (i + 1) * row)));
  await evaluator.evaluate(batch);
  return [...batch.logits, ...batch.values];
}

async function moves({ evaluate }: Evaluator, states: readonly State[]): Promise<number[]> {
  const agent = await createBrowserAgent(`az:model,sims=${SIMULATIONS}`, connect4, async () => ({ evaluate, close: async () => undefined }));
  return (await agent.chooseMany(states.map((state, i) => ({ state, rng: createRng(i) })))).map((choice) => choice.action);
}

async function speed(inference: Inference, seconds: number): Promise<number> {
  const batch = createBatch(connect4, BATCH);
  const rates: number[] = [];
  const end = performance.now() + 1000 * seconds;
  do {
    const start = performance.now();
    await inference.run(batch.planes, BATCH, { policy: batch.logits, value: batch.values });
    rates.push((1000 * BATCH) / (performance.now() - start));
  } while (performance.now() < end);
  return Math.round(median(rates.length > 2 ? rates.slice(1) : rates));
}
