/**
 * The DQN family on MinAtar Breakout, one thread: rows a second of an update (drawing, targets, training step and
 * priorities, all included) in several batch sizes, and environment steps a second of the whole learner with its own
 * settings. Everything takes turns, so that the figures can be compared on a machine that others use too.
 */
import { createRng } from '#engine';
import { algorithms, createDqnUpdater, openTask, type Algorithm, type DqnConfig, type Task } from '#selfplay/tasks';
import { median } from './network.js';
import { timed } from './timed.js';

/** By the clock, and by processor time: what it would be were the machine ours alone. */
interface Rate {
  readonly perSecond: number;
  readonly perProcessorSecond: number;
}

/** Kept for `bench/pytorch.py`, which measures plain DQN at the same sizes. */
const BATCHES = [32, 64, 128];
const UPDATES = 20;
const SLICES = 4;

export interface DqnBenchmark {
  readonly network: string;
  /** Rows a second of an update, by algorithm and batch. */
  readonly rows: Record<string, Record<number, Rate>>;
  /** Environment steps a second, acting and learning, by algorithm. */
  readonly frames: Record<string, Rate>;
  readonly rounds: number;
}

/** One thing measured: how much work a call does, and the calls' times so far [ms]. */
interface Measure {
  readonly work: () => Promise<number>;
  readonly clock: number[];
  readonly processor: number[];
}

export async function benchDqn({ seconds }: { seconds: number }): Promise<DqnBenchmark> {
  const task = await openTask('breakout');
  const measures = new Map<string, Measure>();
  const closing: (() => Promise<void>)[] = [];
  const add = (name: string, work: () => Promise<number>, close: () => Promise<void>) => {
    measures.set(name, { work, clock: [], processor: [] });
    closing.push(close);
  };
  let network = '';
  for (const algorithm of algorithms.filter(({ family }) => family === 'dqn')) {
    const config = algorithm.defaults(task) as unknown as DqnConfig;
    for (const batch of BATCHES) {
      const { work, close, name } = await updates(task, { ...config, batch });
      network ||= name;
      add(`${algorithm.name} ${batch}`, work, close);
    }
    const { work, close } = await whole(task, algorithm, config);
    add(algorithm.name, work, close);
  }
  for (const { work } of measures.values()) await work();
  const end = performance.now() + 1000 * seconds;
  let rounds = 0;
  do {
    rounds++;
    for (const { work, clock, processor } of measures.values()) {
      let amount = 0;
      const [wall, used] = await timed(async () => (amount = await work()));
      clock.push((1000 * amount) / wall);
      processor.push((1000 * amount) / used);
    }
  } while (performance.now() < end);
  for (const close of closing) await close();
  const rate = (name: string): Rate => {
    const { clock, processor } = measures.get(name) as Measure;
    return { perSecond: Math.round(median(clock)), perProcessorSecond: Math.round(median(processor)) };
  };
  const names = [...measures.keys()].filter((name) => !name.includes(' '));
  return {
    network,
    rows: Object.fromEntries(names.map((name) => [name, Object.fromEntries(BATCHES.map((batch) => [batch, rate(`${name} ${batch}`)]))])),
    frames: Object.fromEntries(names.map((name) => [name, rate(name)])),
    rounds,
  };
}

/** Updates from a memory of random play. */
async function updates(task: Task, config: DqnConfig): Promise<{ name: string; work: () => Promise<number>; close: () => Promise<void> }> {
  const rng = createRng('bench');
  const environments = await task.open(config.environments);
  await environments.reset(1);
  const updater = await createDqnUpdater({ task, config, environments: environments.n, rng: rng.fork('weights'), device: 'cpu', threads: 1 });
  const actions = new Int32Array(environments.n);
  for (let step = 0; step < 500; step++) {
    for (let e = 0; e < environments.n; e++) {
      updater.memory.observe(e, environments.planes, environments.legal, e);
      actions[e] = rng.below(task.actionCount);
    }
    await environments.step(actions);
    for (let e = 0; e < environments.n; e++) updater.memory.act(e, actions[e], environments.rewards[e], environments.terminated[e] === 1 ? 'terminated' : 'none', environments.finalPlanes, e);
  }
  return {
    name: updater.network.name,
    async work() {
      for (let i = 0; i < UPDATES; i++) await updater.update(rng.fork('update', updater.steps), 1e-4, 0.4);
      return UPDATES * config.batch;
    },
    close: () => updater.close(),
  };
}

/** The whole learner, past its warm-up. */
async function whole(task: Task, algorithm: Algorithm, config: DqnConfig): Promise<{ work: () => Promise<number>; close: () => Promise<void> }> {
  const environments = await task.open(config.environments);
  await environments.reset(1);
  const learner = await algorithm.create({ task, environments, config: { ...config, warmup: 1000 } as typeof config, seed: 1, frames: 1e6, device: 'cpu', threads: 1 });
  while (learner.frames <= 1000) await learner.advance();
  return {
    async work() {
      const before = learner.frames;
      for (let i = 0; i < SLICES; i++) await learner.advance();
      return learner.frames - before;
    },
    close: () => learner.close(),
  };
}
