/**
 * How the classical algorithms learn the tasks that they are known by: five seeds each, returns of training episodes over
 * time (exploration included) and of greedy play afterwards. Takes a minute or two, whatever `seconds` says.
 */
import { trials } from '#selfplay/tasks';

const SEEDS = [1, 2, 3, 4, 5];
const POINTS = 10;
/** Greedy episodes of each seed. */
const EPISODES = 20;

interface Row {
  readonly task: string;
  readonly algo: string;
  readonly frames: number;
  readonly config?: Record<string, unknown>;
}

/** [frames, mean over seeds, standard error]. */
type Point = readonly [number, number, number];

export interface ClassicalResult {
  /** Mean return of the training episodes that ended in each tenth; of prediction, the error of the values at its end. */
  readonly curve: readonly Point[];
  readonly greedy?: readonly [mean: number, standardError: number];
  /** Steps a second, learning included, one thread, mean over seeds. */
  readonly framesPerSecond: number;
}

const cliff = ['qlearning', 'sarsa', 'expected-sarsa', 'double-q', 'nstep-sarsa', 'tree-backup', 'sarsa-lambda', 'true-online-sarsa', 'watkins-q'];
const ROWS: readonly Row[] = [
  ...cliff.map((algo) => ({ task: 'cliff-walking', algo, frames: 100_000 })),
  ...['qlearning', 'dyna-q', 'dyna-q-plus'].map((algo) => ({ task: 'cliff-walking', algo, frames: 20_000 })),
  ...['td', 'nstep-td', 'td-lambda', 'true-online-td'].map((algo) => ({ task: 'random-walk', algo, frames: 100_000 })),
  ...['qlearning', 'sarsa-lambda', 'true-online-sarsa', 'watkins-q'].map((algo) => ({ task: 'mountain-car', algo, frames: 200_000 })),
  ...['qlearning', 'sarsa-lambda', 'true-online-sarsa'].map((algo) => ({ task: 'cartpole', algo, frames: 200_000 })),
  { task: 'acrobot', algo: 'true-online-sarsa', frames: 200_000 },
  ...['cem', 'nes'].flatMap((algo) => ['cartpole', 'acrobot', 'mountain-car'].map((task) => ({ task, algo, frames: 500_000 }))),
];

export async function benchClassical(): Promise<Record<string, ClassicalResult>> {
  const results: Record<string, ClassicalResult> = {};
  for (const row of ROWS) results[`${row.task} ${row.algo} ${row.frames}`] = await measure(row);
  return results;
}

async function measure({ task, algo, frames, config }: Row): Promise<ClassicalResult> {
  const curves: number[][] = [];
  const greedy: number[] = [];
  let seconds = 0;
  for (const seed of SEEDS) {
    const run = await trials.start(task, algo, { frames, seed, ...(config === undefined ? {} : { config }) });
    const curve: number[] = [];
    let taken = 0;
    const began = performance.now();
    for (let point = 1; point <= POINTS; point++) {
      while (run.learner.frames < (frames * point) / POINTS) await run.learner.advance();
      const { valueError } = run.learner.metrics().values;
      curve.push(valueError ?? trials.mean(run.returns.slice(taken)));
      taken = run.returns.length;
    }
    seconds += (performance.now() - began) / 1000;
    curves.push(curve);
    if (task !== 'random-walk') greedy.push(trials.mean((await trials.playGreedily(run, EPISODES)).returns));
  }
  return {
    curve: Array.from({ length: POINTS }, (_, i) => [Math.round((frames * (i + 1)) / POINTS), ...spread(curves.map((curve) => curve[i]))] as const),
    ...(greedy.length === 0 ? {} : { greedy: spread(greedy) }),
    framesPerSecond: Math.round((frames * SEEDS.length) / seconds),
  };
}

/** Mean and its standard error. */
function spread(values: readonly number[]): readonly [number, number] {
  const mean = trials.mean(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return [mean, Math.sqrt(squares / (values.length - 1) / values.length)];
}
