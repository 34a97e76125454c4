/**
 * What chess search makes of the runtime: simulations a second of 64 searches in lock-step on one thread, and rows a second
 * of the bare runtime on the same network and batch. The positions come from random games; no cache, so that every
 * simulation that needs the network asks it.
 */
import { OVER, createBatch, createRng, createSearch, type SearchConfig } from '#engine';
import { createNetwork, exportModel, initialWeights } from '#engine/nn';
import { NetworkEvaluator, openModel } from '#engine/node';
import { ChessState, chess } from '#games/chess';
import { defaultConfig } from '#selfplay';
import { median } from './network.js';

export interface ChessSearchBenchmark {
  simulationsPerSecond: number;
  /** Network rows a second within them: fewer, since mates and draws need no network. */
  evaluationsPerSecond: number;
  bareRuntime: number;
  /** Median over the slices of simulations a second by rows a second of the bare runtime. */
  ratio: number;
  /** The same of the network rows. */
  evaluationRatio: number;
  batch: number;
  simulations: number;
  search: string;
  network: string;
  device: string;
  threads: number;
}

const BATCH = 64;
const SIMULATIONS = 400;
/** The two take turns in slices about this long [ms], so that both see the same machine. */
const SLICE_MILLIS = 300;

/** Positions of random games, of which none is over. */
function positions(count: number): ChessState[] {
  const rng = createRng('chess search');
  const legal = new Int32Array(chess.actionCount);
  const found: ChessState[] = [];
  while (found.length < count) {
    const state = new ChessState();
    for (let plies = rng.below(60); plies > 0 && state.turn !== OVER; plies--) state.apply(legal[rng.below(state.legal(legal))]);
    if (state.turn !== OVER) found.push(state);
  }
  return found;
}

/** Takes about `seconds`. */
export async function benchChessSearch(options: { seconds: number; device?: string }): Promise<ChessSearchBenchmark> {
  const device = options.device === 'webgpu' || options.device === 'cuda' ? options.device : 'cpu';
  const network = createNetwork(defaultConfig(chess).network, { planes: chess.planes, actions: chess.actionCount, policyPlanes: chess.policyPlanes });
  const inference = await openModel(exportModel(network, initialWeights(network, createRng(1))), { device, threads: 1 });
  const evaluator = new NetworkEvaluator(inference);
  const config: SearchConfig = { kind: 'puct', simulations: SIMULATIONS };
  const roots = positions(4 * BATCH);
  const rng = createRng(1);
  const searches = Array.from({ length: BATCH }, () => createSearch(chess, config));
  const batch = createBatch(chess, BATCH);
  let next = 0;
  const restart = (search: (typeof searches)[number]): void => search.restart(roots[next % roots.length], rng.fork('search', next++));
  searches.forEach(restart);

  let evaluations = 0;
  /** One network call of all searches; returns the simulations that it finished. */
  const round = async (): Promise<number> => {
    batch.size = 0;
    let before = 0;
    let after = 0;
    for (const search of searches) {
      before += search.remaining;
      search.collect(batch, 1);
    }
    evaluations += batch.size;
    if (batch.size > 0) await evaluator.evaluate(batch);
    for (const search of searches) {
      search.absorb(batch);
      after += search.remaining;
      if (search.remaining === 0) restart(search);
    }
    return before - after;
  };
  const planes = new Float32Array(BATCH * chess.planes.reduce((a, b) => a * b, 1));
  roots.slice(0, BATCH).forEach((state, i) => state.observe(planes.subarray(i * 1216, (i + 1) * 1216)));
  const outputs = { policy: new Float32Array(BATCH * chess.actionCount), value: new Float32Array(BATCH) };
  const bare = async (): Promise<number> => {
    await inference.run(planes, BATCH, outputs);
    return BATCH;
  };
  const slice = async (work: () => Promise<number>): Promise<{ rate: number; seconds: number }> => {
    const begin = performance.now();
    let done = 0;
    do done += await work();
    while (performance.now() - begin < SLICE_MILLIS);
    const seconds = (performance.now() - begin) / 1000;
    return { rate: done / seconds, seconds };
  };
  for (let i = 0; i < 100; i++) await round();
  const simulated: number[] = [];
  const evaluated: number[] = [];
  const plain: number[] = [];
  const searchSlice = async (): Promise<void> => {
    const before = evaluations;
    const { rate, seconds } = await slice(round);
    simulated.push(rate);
    evaluated.push((evaluations - before) / seconds);
  };
  const end = performance.now() + 1000 * options.seconds;
  do {
    // Each goes first every other time.
    const first = simulated.length % 2 === 0;
    if (first) await searchSlice();
    plain.push((await slice(bare)).rate);
    if (!first) await searchSlice();
  } while (performance.now() < end);
  await inference.close();
  return {
    simulationsPerSecond: Math.round(median(simulated)), evaluationsPerSecond: Math.round(median(evaluated)), bareRuntime: Math.round(median(plain)),
    ratio: median(simulated.map((rate, i) => rate / plain[i])), evaluationRatio: median(evaluated.map((rate, i) => rate / plain[i])),
    batch: BATCH, simulations: SIMULATIONS, search: config.kind, network: network.name, device: inference.device, threads: 1,
  };
}
