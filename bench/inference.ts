/** Positions a second of the compiled network, by batch size. */
import { exportModel } from '#engine/nn';
import { openModel, type DeviceChoice } from '#engine/node';
import { BENCHMARK_INPUT, benchmarkNetwork, median, randomPlanes } from './network.js';

export interface InferenceBenchmark {
  readonly network: string;
  readonly device: string;
  readonly threads: number;
  /** The largest rate over the batch sizes below. */
  readonly positionsPerSecond: number;
  /** Median positions a second, by batch size. */
  readonly byBatch: Record<string, number>;
  /** From weights to a session that answers: what a weight update costs a worker. */
  readonly refreshMillis: number;
}

export async function benchInference({ seconds, threads = 1, batch, device = 'cpu' }: { seconds: number; threads?: number; batch?: number; device?: DeviceChoice }): Promise<InferenceBenchmark> {
  const { network, weights } = benchmarkNetwork();
  exportModel(network, weights);
  const refreshes: number[] = [];
  for (let i = 0; i < 5; i++) {
    const start = performance.now();
    const model = await openModel(exportModel(network, weights), { device, threads });
    refreshes.push(performance.now() - start);
    await model.close();
  }
  const model = await openModel(exportModel(network, weights), { device, threads });
  const sizes = batch === undefined ? [1, 16, 64, 256] : [batch];
  const byBatch: Record<string, number> = {};
  for (const size of sizes) {
    const planes = randomPlanes(size);
    const outputs = { policy: new Float32Array(size * BENCHMARK_INPUT.actions), value: new Float32Array(size) };
    const rates: number[] = [];
    const end = performance.now() + (1000 * seconds) / sizes.length;
    do {
      const start = performance.now();
      await model.run(planes, size, outputs);
      rates.push((1000 * size) / (performance.now() - start));
    } while (performance.now() < end);
    byBatch[size] = Math.round(median(rates.length > 2 ? rates.slice(1) : rates));
  }
  await model.close();
  return { network: network.name, device: model.device, threads, positionsPerSecond: Math.max(...Object.values(byBatch)), byBatch, refreshMillis: Number(median(refreshes).toFixed(1)) };
}
