/**
 * MuZero with its own settings: latent simulations a second of the search, beside the bare runtime on the same networks
 * and batch, both in turn so that their ratio holds on a machine that others use too; and rows a second of the compiled
 * training step, a row being a sequence of K unrolled steps.
 */
import { Planner, createLatentBatch, createRng, type LatentBatch, type WorldModel } from '#engine';
import { createMuZero, exportModel, exportModule, initialState, muZeroLoss, optimizerDefaults, sizeOf } from '#engine/nn';
import { createCompiledTrainer, openWorldModel, type DeviceChoice } from '#engine/node';
import { modelConfig, muzeroDefaults, openTask } from '#selfplay/tasks';
import { median } from './network.js';
import { timed } from './timed.js';

/** A vector and an image for a latent. */
const TASKS = ['tic-tac-toe', 'connect4'] as const;

interface MuZeroSpeed {
  readonly network: string;
  /** Positions that are searched together. */
  readonly batch: number;
  /** For each of them. */
  readonly simulations: number;
  readonly simulationsPerSecond: number;
  /** Steps of the dynamics a second, nothing around them. */
  readonly bareSteps: number;
  /** Median over the rounds of the one by the other. */
  readonly ratio: number;
  /** The same by processor time. */
  readonly processorRatio: number;
  readonly training: { readonly batch: number; readonly unroll: number; readonly rowsPerSecond: number };
  readonly rounds: number;
}

export type MuZeroBenchmark = Record<(typeof TASKS)[number], MuZeroSpeed>;

export async function benchMuZero({ seconds, device = 'cpu' }: { seconds: number; device?: DeviceChoice }): Promise<MuZeroBenchmark> {
  const result: Partial<MuZeroBenchmark> = {};
  for (const name of TASKS) result[name] = await measure(name, seconds / TASKS.length, device);
  return result as MuZeroBenchmark;
}

async function measure(name: string, seconds: number, device: DeviceChoice): Promise<MuZeroSpeed> {
  const task = await openTask(name);
  const { planes, actionCount: actions } = task;
  const settings = muzeroDefaults(task);
  const { environments: rows, search: { simulations, considered, valueScale }, learner: { batch, unroll } } = settings;
  const config = modelConfig(settings);
  const muzero = createMuZero(config, { planes, actions });
  const loss = muZeroLoss({ config, actions, planes, valueWeight: 1, rewardWeight: 1, consistencyWeight: 0, reconstructionWeight: settings.learner.reconstruction });
  const optimizer = { ...optimizerDefaults.adamw, clipNorm: 5 } as const;
  const state = initialState(muzero.network, optimizer, createRng(1));
  const trainer = await createCompiledTrainer(muzero.network, loss, optimizer, { batch, device, threads: 1, state });
  const model = await openWorldModel(exportModel(muzero.representation, state.weights), exportModule(muzero.dynamics, state.weights), { device, threads: 1 });

  const rng = createRng('bench');
  const planner = new Planner({ actionCount: actions, seats: 2, latentSize: model.latentSize, discount: 1, measuredBounds: false }, { kind: 'gumbel', simulations, maxConsidered: considered, valueScale, noise: true }, sizeOf(planes), rows);
  for (let i = 0; i < planner.planes.length; i++) planner.planes[i] = rng.below(2);
  const seen = planner.planes.slice();
  const legal = new Uint8Array(rows * actions).fill(1);
  const turns = new Uint8Array(rows);
  const bare = createLatentBatch(actions, model.latentSize, rows);
  bare.size = rows;
  const targets = trainingRows(loss.targets, batch, actions);
  const row = { planes: Float32Array.from({ length: batch * sizeOf(planes) }, () => rng.below(2)), ...targets };

  const searching = () => planner.search(model, rows, turns, legal, () => rng);
  const stepping = () => step(model, seen, bare, simulations);
  const training = () => trainer.step(row, 1e-3);
  for (const work of [searching, stepping, training]) await work();
  const rates: number[][] = [[], [], []];
  const ratios: number[][] = [[], []];
  const end = performance.now() + 1000 * seconds;
  do {
    const before = await timed(stepping);
    const searched = await timed(searching);
    const after = await timed(stepping);
    const trained = await timed(training);
    ratios.forEach((list, i) => list.push((before[i] + after[i]) / 2 / searched[i]));
    rates[0].push((1000 * rows * simulations) / searched[0]);
    rates[1].push((1000 * rows * simulations) / Math.min(before[0], after[0]));
    rates[2].push((1000 * batch) / trained[0]);
  } while (performance.now() < end);
  await trainer.close();
  await model.close();
  const [simulationsPerSecond, bareSteps, rowsPerSecond] = rates.map((list) => Math.round(median(list)));
  return {
    network: muzero.network.name, batch: rows, simulations, simulationsPerSecond, bareSteps,
    ratio: median(ratios[0]), processorRatio: median(ratios[1]), training: { batch, unroll, rowsPerSecond }, rounds: ratios[0].length,
  };
}

/** What a search asks of the runtime, and nothing else: the roots once, then a step for each simulation. */
async function step(model: WorldModel, planes: Float32Array, batch: LatentBatch, simulations: number): Promise<void> {
  await model.represent(planes, batch);
  for (let i = 0; i < simulations; i++) {
    batch.parents.set(batch.latents);
    await model.step(batch);
  }
}

/** Even distributions, and actions in turn: the speed does not depend on them. */
function trainingRows(specs: readonly { readonly name: string; readonly shape: readonly number[]; readonly dtype?: string }[], batch: number, actions: number): Record<string, Float32Array | Int32Array> {
  return Object.fromEntries(specs.map(({ name, shape, dtype }) => {
    const length = batch * sizeOf(shape);
    return [name, dtype === 'int32' ? Int32Array.from({ length }, (_, i) => i % actions) : new Float32Array(length).fill(1 / (shape.at(-1) ?? 1))];
  }));
}
