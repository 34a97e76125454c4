/** `ludus sweep` of a task for one: one training several times with different seeds, and what they have in common. */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { TASK_ROWS, openTaskAgent } from '#arena';
import { readMetrics, readRunInfo } from '#selfplay';
import { makeFolder } from '#selfplay/system';
import { algorithmFor, changeTaskConfig, defaultTaskConfig, evaluateTask, openTask, suitableAlgorithms, type Task } from '#selfplay/tasks';
import { count, duration, printResult, table } from '../output.js';
import { trainAll, type TrainJob } from '../sweep/children.js';
import { meanCurve, standardError, svgPlot, textPlot, type Curve } from '../sweep/plot.js';
import { plusMinus, taskRunDir, taskSpec } from '../tasks.js';

export interface SweepTaskCommand {
  readonly algo?: string;
  readonly seeds: number;
  readonly seed: number;
  readonly parallel?: number;
  readonly frames?: number;
  /** Of the greedy judgement at the end; none without. */
  readonly episodes?: number;
  readonly set?: readonly string[];
  readonly out?: string;
  readonly json?: boolean;
}

interface SeedResult {
  readonly seed: number;
  readonly run: string;
  readonly frames: number;
  readonly meanReturn: number | null;
  readonly seconds: number;
  readonly curve: Curve;
}

/** What a run has written down so far. */
function curveOf(run: string): Curve {
  return readMetrics(run).flatMap((row): [number, number][] => (row.type === 'task' && row.meanReturn !== null ? [[row.frames, row.meanReturn]] : []));
}

function resultOf(seed: number, run: string): SeedResult {
  const curve = curveOf(run);
  const info = readRunInfo(run);
  return { seed, run, frames: info.positions, meanReturn: curve.at(-1)?.[1] ?? null, seconds: info.elapsedSeconds, curve };
}

/** What was learnt, without exploring: as `ludus eval` has it, with its default seed. */
async function judge(task: Task, agent: string, episodes: number): Promise<{ mean: number; standardError: number }> {
  const policy = await openTaskAgent(task, agent, { seed: 1, device: 'cpu' });
  try {
    const { mean, standardError: error } = await evaluateTask({ task, policy, episodes, seed: 1, parallel: TASK_ROWS });
    return { mean, standardError: error };
  } finally {
    await policy.close();
  }
}

export async function sweepTask(name: string, options: SweepTaskCommand): Promise<void> {
  const task = await openTask(taskSpec(name));
  const algorithm = algorithmFor(options.algo ?? suitableAlgorithms(task)[0]?.name ?? 'ppo', task);
  const overrides = [...(options.frames === undefined ? [] : [`frames=${options.frames}`]), ...(options.set ?? [])];
  // A wrong setting is told once, before anything starts.
  const { frames } = changeTaskConfig(algorithm, defaultTaskConfig(algorithm, task), overrides);
  const out = options.out ?? `${taskRunDir(task, algorithm.name)}-sweep`;
  const seeds = Array.from({ length: options.seeds }, (_, i) => options.seed + i);
  const runOf = (seed: number) => join(out, `seed-${seed}`);
  makeFolder(out);

  const status = (): string =>
    seeds.flatMap((seed) => {
      const last = curveOf(runOf(seed)).at(-1);
      return last === undefined ? [] : [`seed ${seed}: ${count((100 * last[0]) / frames)} %, return ${last[1].toFixed(2)}`];
    }).join(' · ');
  const jobs = seeds.map((seed): TrainJob => ({
    name: `seed ${seed}`,
    args: () => [task.spec, '--algo', algorithm.name, '--run', runOf(seed), '--seed', String(seed), '--no-evaluate', '--json', ...overrides.flatMap((text) => ['--set', text])],
  }));
  await trainAll(jobs, { parallel: options.parallel ?? availableParallelism(), out, quiet: options.json === true, status });

  const results: (SeedResult & { greedy?: { mean: number; standardError: number } })[] = seeds.map((seed) => resultOf(seed, runOf(seed)));
  if (options.episodes !== undefined) {
    for (const result of results) result.greedy = await judge(task, `${algorithm.family === 'muzero' ? 'mz' : 'policy'}:"${result.run}"`, options.episodes);
  }
  const finals = results.flatMap(({ meanReturn }) => meanReturn ?? []);
  const mean = finals.length === 0 ? null : finals.reduce((sum, value) => sum + value, 0) / finals.length;
  const error = finals.length < 2 ? null : standardError(finals);
  const average = meanCurve(results.map(({ curve }) => curve));
  const title = `${task.name}, ${algorithm.name}: ${plusMinus(mean, error)} over ${results.length} seeds`;
  const summary = { game: task.id, algorithm: algorithm.name, frames, seeds: results.map(({ seed, run, frames: played, meanReturn, seconds, greedy }) => ({ seed, run, frames: played, meanReturn, seconds, ...(greedy && { greedy }) })), mean, standardError: error };
  const [json, svg] = [join(out, 'sweep.json'), join(out, 'sweep.svg')];
  writeFileSync(json, `${JSON.stringify({ ...summary, curve: average, curves: results.map(({ seed, curve }) => ({ seed, points: curve })) }, null, 1)}\n`);
  writeFileSync(svg, svgPlot(title, results.map(({ curve }) => curve), average));
  printResult(options.json === true, { ...summary, files: { json, svg } }, () =>
    [
      title,
      '  (mean return of the last 100 training episodes, ± standard error over seeds)',
      '',
      textPlot(average),
      '',
      table([
        ['seed', 'return', ...(options.episodes === undefined ? [] : ['greedy']), 'frames', 'time', 'run'],
        ...results.map((r) => [String(r.seed), plusMinus(r.meanReturn, null), ...(r.greedy === undefined ? [] : [plusMinus(r.greedy.mean, r.greedy.standardError)]), count(r.frames), duration(r.seconds), r.run]),
      ], [true, true, true, true, ...(options.episodes === undefined ? [] : [true])]),
      '',
      `Written: ${json}, ${svg}`,
    ].join('\n'),
  );
}
