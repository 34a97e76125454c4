/** What self-play makes of the runtime: evaluations a second of an actor, and of the bare runtime on the same network. */
import { createRng, type Evaluator } from '#engine';
import { createNetwork, exportModel, initialWeights } from '#engine/nn';
import { NetworkEvaluator, openModel } from '#engine/node';
import { connect4 } from '#games';
import { Actor, applyOverrides, defaultConfig, encodeEpisode } from '#selfplay';
import { median } from './network.js';

export interface SelfplayBenchmark {
  /** Network rows a second in self-play: search, moves, games and their encoding included; no cache, so none is counted twice. */
  evaluationsPerSecond: number;
  /** Rows a second of the same session, batch and thread, with nothing else. */
  bareRuntime: number;
  /** Median over the slices of the first divided by the second. */
  ratio: number;
  batch: number;
  /** Mean rows of a network call: close to `batch`, since a game that ends is replaced at once. */
  meanBatch: number;
  threads: number;
  network: string;
  simulations: number;
  device: string;
}

/** The two take turns in slices this long [ms], so that both see the same machine. */
const SLICE_MILLIS = 250;

/** On one thread, Connect Four, 64 channels x 5 blocks, 64 games in lock-step. Takes about `seconds`. */
export async function benchSelfplay(options: { seconds: number; device?: string }): Promise<SelfplayBenchmark> {
  const device = options.device === 'webgpu' || options.device === 'cuda' ? options.device : 'cpu';
  const config = applyOverrides(defaultConfig(connect4), ['network.channels=64', 'network.blocks=5', 'actors.games=64', 'actors.cache=0']);
  const network = createNetwork(config.network, { planes: connect4.planes, actions: connect4.actionCount });
  const inference = await openModel(exportModel(network, initialWeights(network, createRng(1))), { device, threads: 1 });
  const evaluator: Evaluator = new NetworkEvaluator(inference);
  const { games: batch } = config.actors;
  const simulations = 32;
  let bytes = 0;
  const actor = new Actor({
    game: connect4, config, evaluator, step: 0, simulations, rng: createRng(1), idPrefix: 'bench',
    onEpisode: (episode) => (bytes += encodeEpisode(episode).length),
  });
  const planes = new Float32Array(batch * connect4.planes.reduce((a, b) => a * b, 1));
  const outputs = { policy: new Float32Array(batch * connect4.actionCount), value: new Float32Array(batch) };
  const rng = createRng(2);
  for (let i = 0; i < planes.length; i++) planes[i] = rng.below(2);

  /** Rows a second over one slice. */
  async function slice(work: () => Promise<number>): Promise<number> {
    const begin = performance.now();
    let rows = 0;
    do rows += await work();
    while (performance.now() - begin < SLICE_MILLIS);
    return (1000 * rows) / (performance.now() - begin);
  }
  const play = async () => {
    const before = actor.counters.evaluations;
    await actor.iterate();
    return actor.counters.evaluations - before;
  };
  const bare = async () => {
    await inference.run(planes, batch, outputs);
    return batch;
  };
  // Warm up: the games spread over all stages of a game, and the code is compiled.
  for (let i = 0; i < 200; i++) await actor.iterate();
  const { evaluations: rowsBefore, batches: callsBefore } = actor.counters;
  const played: number[] = [];
  const plain: number[] = [];
  const end = performance.now() + 1000 * options.seconds;
  do {
    // Each goes first every other time.
    const first = played.length % 2 === 0;
    if (first) played.push(await slice(play));
    plain.push(await slice(bare));
    if (!first) played.push(await slice(play));
  } while (performance.now() < end);
  const { evaluations, batches } = actor.counters;
  await inference.close();
  return {
    evaluationsPerSecond: Math.round(median(played)),
    bareRuntime: Math.round(median(plain)),
    ratio: median(played.map((rate, i) => rate / plain[i])),
    batch,
    meanBatch: (evaluations - rowsBefore) / (batches - callsBefore),
    threads: 1,
    network: network.name,
    simulations,
    device: inference.device,
  };
}
