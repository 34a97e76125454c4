/** The network that the speed of inference and training is measured on: 64 channels x 5 blocks on Connect Four's board. */
import { createRng } from '#engine';
import { createNetwork, initialWeights, type Network, type Weights } from '#engine/nn';

export const BENCHMARK_INPUT = { planes: [3, 6, 7], actions: 7 } as const;

export function benchmarkNetwork(): { network: Network; weights: Weights } {
  const network = createNetwork({ kind: 'resnet', channels: 64, blocks: 5, value: 'tanh' }, BENCHMARK_INPUT);
  return { network, weights: initialWeights(network, createRng(1)) };
}

/** Random numbers in [0, 1): the speed does not depend on what the planes show. */
export function randomPlanes(rows: number): Float32Array {
  const rng = createRng('planes');
  const [channels, height, width] = BENCHMARK_INPUT.planes;
  return Float32Array.from({ length: rows * channels * height * width }, () => rng.float());
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
