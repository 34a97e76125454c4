/** `ludus sweep`: variants of the settings, each trained with several seeds for the same time, and how good they became. */
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Game, UserError, rulesOf } from '#engine';
import { examPositions, parseAnyAgent, parsePositions, type JudgedPosition } from '#arena';
import { applyOverrides, defaultConfig, readMetrics, readRun, replaceFile, type RunConfig } from '#selfplay';
import { timeSpent } from '#selfplay/diagnose';
import { makeFolder } from '#selfplay/system';
import { count, duration, printResult } from '../output.js';
import { gameOf } from '../setup.js';
import { trainAll, type TrainJob } from '../sweep/children.js';
import { judgeRun, measuresOf, verdictsOf, type Exam } from '../sweep/judge.js';
import { sweepPicture, sweepTable, type RunResult, type VariantResult } from '../sweep/table.js';
import { DEFAULT, difference, parseVariants, summarize, type Variant } from '../sweep/variants.js';
import { learnsTask } from '../tasks.js';
import { overridesOf } from '../training.js';
import type { SweepTaskCommand } from './sweep-task.js';

export interface SweepCommand extends SweepTaskCommand {
  readonly variant?: readonly string[];
  readonly minutes?: number;
  readonly cpuMinutes?: number;
  readonly simulations?: number;
  readonly positions?: string;
  readonly rows?: 'all' | 'odd' | 'even';
  readonly anchor?: readonly string[];
  readonly pairs: number;
}

/** Of each run, unless told otherwise [min]. */
const MINUTES = 5;
/** A run that has had this share of its time is done: clocks and rounding are not worth another sitting. */
const DONE = 0.995;

export async function sweep(name: string, options: SweepCommand): Promise<void> {
  const forTask = await learnsTask(name, options);
  const { algo, frames, episodes, variant, minutes, cpuMinutes, simulations, positions, rows, anchor } = options;
  const foreign = Object.entries(forTask ? { variant, minutes, 'cpu-minutes': cpuMinutes, simulations, positions, rows, anchor } : { frames, episodes }).find(([, value]) => value !== undefined);
  if (foreign !== undefined) throw new UserError('usage', `--${foreign[0]} is for ${forTask ? 'self-play of two; a sweep of a task takes --frames, --episodes and --set' : 'tasks; a sweep of self-play takes --variant, and --minutes or --cpu-minutes'}`);
  if (forTask) return (await import('./sweep-task.js')).sweepTask(name, options);
  if (algo !== undefined && algo !== 'alphazero') throw new UserError('usage', `--algo ${algo}: self-play is learnt by alphazero`);
  return sweepGame(name, options);
}

/** Rows of FILE, the odd ones unless told otherwise; or all that the program has of the game. */
function positionsFor(game: Game, { positions: file, rows }: SweepCommand): readonly JudgedPosition[] {
  let all: readonly JudgedPosition[];
  if (file === undefined) all = examPositions(game);
  else if (rulesOf(game) === 'chess') throw new UserError('usage', '--positions: chess has no exact scores; judge by --anchor');
  else {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      throw new UserError('usage', `cannot read positions from ${file}: ${(error as Error).message.split(',')[0]}`);
    }
    all = parsePositions(game, text, file);
  }
  const which = rows ?? (file === undefined ? 'all' : 'odd');
  return which === 'all' ? all : all.filter((_, i) => (i % 2 === 0) === (which === 'odd'));
}

/** What a run was given so far [min]; undefined before it began. Throws UserError('usage') where its settings are not the variant's. */
function begun(run: string, config: RunConfig): Pick<RunResult, 'minutes' | 'processorMinutes' | 'games' | 'positions' | 'steps' | 'idle'> | undefined {
  if (!existsSync(join(run, 'run.json'))) return undefined;
  const { info, config: its } = readRun(run);
  const [wanted, found] = [overridesOf(config), overridesOf(its)];
  const other = found.find((text) => !wanted.includes(text)) ?? wanted.find((text) => !found.includes(text));
  if (other !== undefined) throw new UserError('usage', `${run} was made with other settings (${other}); choose another --out, or remove it`);
  const spent = timeSpent(readMetrics(run));
  return {
    minutes: info.elapsedSeconds / 60, processorMinutes: (spent?.processor ?? 0) / 60, games: info.games, positions: info.positions, steps: info.steps,
    idle: spent === undefined ? null : spent.parts.idle / spent.total,
  };
}

interface Planned {
  readonly variant: Variant;
  readonly seed: number;
  readonly run: string;
  readonly overrides: readonly string[];
  readonly config: RunConfig;
}

async function sweepGame(name: string, options: SweepCommand): Promise<void> {
  const { game, spec } = await gameOf(name);
  if (options.minutes !== undefined && options.cpuMinutes !== undefined) throw new UserError('usage', 'give one of --minutes and --cpu-minutes');
  const byProcessor = options.cpuMinutes !== undefined;
  const limit = options.cpuMinutes ?? options.minutes ?? MINUTES;
  const out = options.out ?? `runs/${game.id}-sweep`;
  const variants = parseVariants(options.variant ?? []);
  const anchors = options.anchor ?? [];
  for (const anchor of anchors) parseAnyAgent(anchor);
  const common = ['threads=1', ...(options.set ?? [])];
  const plain = applyOverrides(defaultConfig(game, spec), common);
  const exam: Exam = { game: spec, positions: positionsFor(game, options), simulations: options.simulations ?? plain.evaluation.simulations, anchors, pairs: options.pairs };
  const measures = measuresOf(exam);
  if (measures.length === 0) throw new UserError('usage', `nothing to judge by: ${game.name} has no positions with exact scores; give --anchor AGENT${rulesOf(game) === 'chess' ? '' : ', or --positions FILE'}`);

  // Seed by seed, so that every variant meets the same moods of the machine. A wrong setting is told before anything starts.
  const plan = Array.from({ length: options.seeds }, (_, i) => options.seed + i).flatMap((seed) => variants.map((variant): Planned => {
    const overrides = [...common, ...variant.settings];
    return { variant, seed, run: join(out, variant.name, `seed-${seed}`), overrides, config: applyOverrides(defaultConfig(game, spec), [...overrides, `seed=${seed}`]) };
  }));
  const had = ({ run, config }: Planned): number => {
    const so = begun(run, config);
    return (byProcessor ? so?.processorMinutes : so?.minutes) ?? 0;
  };
  for (const planned of plan) {
    const had0 = had(planned);
    if (had0 > limit * 1.1 + 0.1) throw new UserError('usage', `${planned.run} has had ${duration(60 * had0)} already, more than is asked for; choose another --out, or a longer time`);
  }
  makeFolder(out);
  const training = new Set<Planned>();
  let done = 0;
  const jobs = plan.map((planned): TrainJob => {
    const { run, seed, overrides } = planned;
    return {
      name: run,
      args() {
        const left = limit - had(planned);
        if (left <= limit * (1 - DONE)) return undefined;
        training.add(planned);
        return [spec, '--run', run, '--seed', String(seed), byProcessor ? '--cpu-minutes' : '--minutes', left.toFixed(6), '--no-evaluate', '--json', ...overrides.flatMap((text) => ['--set', text])];
      },
      async after(signal) {
        training.delete(planned);
        await judgeRun(run, exam, signal);
        done++;
      },
    };
  });
  const status = (): string =>
    `${done} of ${plan.length} runs judged${[...training].map((planned) => ` · ${planned.variant.name}, seed ${planned.seed}: ${count((100 * had(planned)) / limit)} %`).join('')}`;
  await trainAll(jobs, { parallel: options.parallel ?? availableParallelism(), out, quiet: options.json === true, status });

  const base = new Map<string, ReturnType<typeof summarize>>();
  const results = variants.map((variant): VariantResult => {
    const runs = plan.filter((planned) => planned.variant === variant).map(({ run, seed, config }): RunResult => ({ seed, run, verdicts: verdictsOf(run, exam) ?? {}, ...begun(run, config)! }));
    const mean = (of: (run: RunResult) => number): number => runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
    return {
      name: variant.name, settings: variant.settings, runs,
      minutes: mean((r) => r.minutes), processorMinutes: mean((r) => r.processorMinutes), positions: mean((r) => r.positions), steps: mean((r) => r.steps),
      measures: Object.fromEntries(measures.map(({ key }) => {
        const summary = summarize(runs.flatMap(({ verdicts }) => verdicts[key] ?? []));
        if (variant.name === DEFAULT) base.set(key, summary);
        return [key, { ...summary, difference: difference(summary, base.get(key)!) }];
      })),
    };
  });
  const each = `${duration(60 * limit)}${byProcessor ? ' of processor time' : ''} each`;
  const note = `${exam.positions.length === 0 ? '' : `share of ${count(exam.positions.length)} positions whose result the move keeps; `}mean and standard error over seeds`;
  const files = { json: join(out, 'sweep.json'), svg: join(out, 'sweep.svg') };
  const summary = {
    game: game.id, ...(byProcessor ? { cpuMinutes: limit } : { minutes: limit }), settings: common, simulations: exam.simulations, positions: exam.positions.length, anchors, pairs: exam.pairs, variants: results,
  };
  replaceFile(files.json, `${JSON.stringify(summary, null, 1)}\n`);
  replaceFile(files.svg, sweepPicture(`${game.name}: ${each}`, note, results, measures));
  printResult(options.json === true, { ...summary, files }, () =>
    [`${game.name}, ${each}`, `  (${note})`, '', sweepTable(results, measures), '', `Written: ${files.json}, ${files.svg}`].join('\n'));
}
