/** What the replay store costs a run: games appended a second, and the time to make a batch of rows beside that of a training step. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRng, type Batch } from '#engine';
import { alphaZeroLoss, initialState, optimizerDefaults } from '#engine/nn';
import { createCompiledTrainer, type DeviceChoice } from '#engine/node';
import { connect4 } from '#games';
import { Actor, applyOverrides, decodeEpisode, defaultConfig, encodeEpisode, ReplayStore, ReplayWindow, RowWriter, type StoredEpisode, trainedCount } from '#selfplay';
import { BENCHMARK_INPUT, benchmarkNetwork, median } from './network.js';

export interface ReplayBenchmark {
  /** Games a second into the store, each in a transaction of its own. */
  gamesAppendedPerSecond: number;
  bytesPerGame: number;
  positions: number;
  batch: number;
  /** Time to draw a batch and rebuild its rows from the games [ms]. */
  sampleMillis: { median: number; worst: number };
  /** Time of a training step of the same batch, 64 channels x 5 blocks, one thread [ms]. */
  stepMillis: number;
  /** Worst sampling time over the step's median. */
  worstShare: number;
}

const GAMES = 3000;
const BATCH = 256;

/** Random play recorded as self-play would: what the games are does not matter here. */
async function games(): Promise<StoredEpisode[]> {
  const config = applyOverrides(defaultConfig(connect4), ['search.simulations=2', 'actors.games=64']);
  const out: StoredEpisode[] = [];
  const actor = new Actor({
    game: connect4, config, step: 0, simulations: 2, rng: createRng(1), idPrefix: 'bench',
    evaluator: {
      async evaluate(batch: Batch) {
        batch.logits.fill(0);
        batch.values.fill(0);
      },
    },
    onEpisode: (episode) => out.push({ id: episode.id, positions: trainedCount(episode), bytes: encodeEpisode(episode) }),
  });
  while (out.length < GAMES) await actor.iterate();
  return out;
}

export async function benchReplay({ seconds, device }: { seconds: number; device: DeviceChoice }): Promise<ReplayBenchmark> {
  const folder = mkdtempSync(join(tmpdir(), 'ludus-bench-'));
  try {
    const episodes = await games();
    const store = new ReplayStore(join(folder, 'replay'), { game: connect4, capacity: 1_000_000 });
    const begin = performance.now();
    for (const episode of episodes) store.append([episode]);
    const appendSeconds = (performance.now() - begin) / 1000;

    const window = new ReplayWindow();
    for (const bytes of store.latest(Infinity)) window.add(decodeEpisode(bytes));
    await store.close();
    const { network, weights } = benchmarkNetwork();
    const loss = alphaZeroLoss({ input: BENCHMARK_INPUT, value: 'tanh' });
    const targets = loss.targets.map((target) => target.name);
    const writer = new RowWriter(connect4, BATCH, targets);
    const rng = createRng(2);
    const options = { valueMix: 0.5, policySmoothing: 0.02, symmetries: true };
    const trainer = await createCompiledTrainer(network, loss, optimizerDefaults.adamw, { batch: BATCH, device, threads: 1, state: initialState(network, optimizerDefaults.adamw, weights) });
    const rowSize = BENCHMARK_INPUT.planes.reduce((a, b) => a * b, 1);
    const planes = new Float32Array(BATCH * rowSize);
    const samples: number[] = [];
    const steps: number[] = [];
    for (let i = 0; i < 20; i++) writer.fill(window, rng, options); // warm up: the code is compiled
    const end = performance.now() + 1000 * seconds;
    do {
      const before = performance.now();
      const rows = writer.fill(window, rng, options);
      const between = performance.now();
      // The benchmark's network has its own number of planes; what is in them changes no timing.
      await trainer.step({ ...rows, planes }, 0.001);
      samples.push(between - before);
      steps.push(performance.now() - between);
    } while (performance.now() < end);
    await trainer.close();
    const worst = Math.max(...samples);
    return {
      gamesAppendedPerSecond: Math.round(episodes.length / appendSeconds),
      bytesPerGame: Math.round(episodes.reduce((sum, { bytes }) => sum + bytes.length, 0) / episodes.length),
      positions: window.positions,
      batch: BATCH,
      sampleMillis: { median: median(samples), worst },
      stepMillis: median(steps),
      worstShare: worst / median(steps),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
