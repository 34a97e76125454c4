/**
 * Rows a second of the compiled training step, beside the bare runtime's inference on the same network: both in turn in
 * one run, so that their ratio holds on a machine that others use too.
 */
import { createRng } from '#engine';
import { alphaZeroLoss, exportModel, initialState, optimizerDefaults, sizeOf } from '#engine/nn';
import { createCompiledTrainer, openModel, type DeviceChoice } from '#engine/node';
import { BENCHMARK_INPUT, benchmarkNetwork, median, randomPlanes } from './network.js';
import { timed } from './timed.js';

export interface TrainingBenchmark {
  readonly network: string;
  readonly device: string;
  readonly batch: number;
  readonly threads: number;
  /** Forward, backward and AdamW; median. */
  readonly rowsPerSecond: number;
  /** Positions a second of inference with as many threads, in batches of 128; median. */
  readonly bareInference: number;
  /** Median over the rounds of rows a second by the inference rate just before and after. PyTorch 2.13 reaches 0.225. */
  readonly ratio: number;
  readonly rounds: number;
  /** Same, per second of processor time instead of the clock: what the ratio would be were the machine ours alone. */
  readonly processorRatio: number;
}

const INFERENCE_BATCH = 128;
const INFERENCE_RUNS = 8;

export async function benchTraining({ seconds, batch = 256, threads = 1, device = 'cpu' }: { seconds: number; batch?: number; threads?: number; device?: DeviceChoice }): Promise<TrainingBenchmark> {
  const { network, weights } = benchmarkNetwork();
  const loss = alphaZeroLoss({ input: BENCHMARK_INPUT });
  const optimizer = optimizerDefaults.adamw;
  const trainer = await createCompiledTrainer(network, loss, optimizer, { batch, device, threads, state: initialState(network, optimizer, weights) });
  const model = await openModel(exportModel(network, weights), { device, threads });
  const rng = createRng('targets');
  const rows: Record<string, Float32Array> = { planes: randomPlanes(batch) };
  for (const { name, shape } of loss.targets) {
    const width = sizeOf(shape);
    rows[name] = Float32Array.from({ length: batch * width }, () => (width > 1 ? 1 / width : rng.float()));
  }
  const planes = randomPlanes(INFERENCE_BATCH);
  const outputs = { policy: new Float32Array(INFERENCE_BATCH * BENCHMARK_INPUT.actions), value: new Float32Array(INFERENCE_BATCH) };
  const infer = () => timed(async () => { for (let i = 0; i < INFERENCE_RUNS; i++) await model.run(planes, INFERENCE_BATCH, outputs); });

  for (let i = 0; i < 2; i++) await trainer.step(rows, 1e-3);
  const trained: number[] = [];
  const inferred: number[] = [];
  const ratios: number[][] = [[], []];
  let before = await infer();
  const end = performance.now() + 1000 * seconds;
  do {
    const step = await timed(() => trainer.step(rows, 1e-3));
    const after = await infer();
    trained.push((1000 * batch) / step[0]);
    inferred.push((1000 * INFERENCE_RUNS * INFERENCE_BATCH) / after[0]);
    ratios.forEach((list, clock) => list.push(batch / step[clock] / ((2 * INFERENCE_RUNS * INFERENCE_BATCH) / (before[clock] + after[clock]))));
    before = after;
  } while (performance.now() < end);
  await trainer.close();
  await model.close();
  const [ratio, processorRatio] = ratios.map((list) => Number(median(list).toFixed(3)));
  return {
    network: network.name, device: model.device, batch, threads, rowsPerSecond: Math.round(median(trained)), bareInference: Math.round(median(inferred)),
    ratio, rounds: trained.length, processorRatio,
  };
}
