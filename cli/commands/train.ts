/** `ludus train`: a run that learns, until a limit or Ctrl-C. */
import { UserError } from '#engine';
import { latestCheckpoint } from '#selfplay';
import { checkpointEvaluator } from '../evaluator.js';
import { onInterrupt } from '../interrupt.js';
import { count, duration, printResult } from '../output.js';
import { gameOf } from '../setup.js';
import { learnsTask } from '../tasks.js';
import { narrate, openTraining, type RunSettings } from '../training.js';

interface TrainCommand extends RunSettings {
  readonly minutes?: number;
  readonly cpuMinutes?: number;
  readonly games?: number;
  readonly steps?: number;
  readonly algo?: string;
  readonly frames?: number;
  readonly json?: boolean;
}

export async function train(gameName: string, options: TrainCommand): Promise<void> {
  const forTask = await learnsTask(gameName, options);
  if (forTask && options.cpuMinutes !== undefined) throw new UserError('usage', '--cpu-minutes is for self-play of two; a task ends by --frames, --minutes, --games or --steps');
  if (forTask) return (await import('./train-task.js')).trainTask(gameName, options);
  if (options.frames !== undefined) throw new UserError('usage', '--frames is for tasks of one; self-play ends by --minutes, --games or --steps');
  const { game, spec } = await gameOf(gameName);
  const training = await openTraining(game, spec, options, checkpointEvaluator, options.json === true);
  const again = `ludus train ${gameName}${options.run === undefined ? '' : ` --run ${options.run}`}${(options.records ?? []).map((path) => ` --records ${path}`).join('')}${options.redis === undefined ? '' : ` --redis ${options.redis}`}`;
  if (!options.json) {
    process.stderr.write(`${training.resumed ? 'Going on with' : 'New run'} ${training.runDir} · ${game.name} · Ctrl-C saves and ends\n`);
  }
  const begun = training.progress.elapsedSeconds;
  const stopNarrating = narrate(training, options.json === true, (p) => {
    if (options.minutes === undefined) return '';
    return ` of this sitting's ${duration(options.minutes * 60)}, ${duration(Math.max(0, begun + options.minutes * 60 - p.elapsedSeconds))} left`;
  }, options.records !== undefined);
  let interrupted = false;
  const release = onInterrupt(() => {
    interrupted = true;
    if (!options.json) process.stderr.write('\nsaving …\n');
    training.stop().catch(() => undefined); // run() below reports it
  });
  try {
    await training.run({
      ...(options.minutes === undefined ? {} : { minutes: options.minutes }),
      ...(options.cpuMinutes === undefined ? {} : { processorMinutes: options.cpuMinutes }),
      ...(options.games === undefined ? {} : { games: options.games }),
      ...(options.steps === undefined ? {} : { steps: options.steps }),
    });
  } finally {
    await training.stop();
    stopNarrating();
    release();
  }
  const p = training.progress;
  const checkpoint = latestCheckpoint(training.runDir)?.path ?? null;
  const result = { run: training.runDir, game: game.id, games: p.games, positions: p.positions, steps: p.steps, elapsedSeconds: p.elapsedSeconds, checkpoint, interrupted, resume: again };
  printResult(options.json === true, result, () =>
    [
      `${interrupted ? 'Interrupted and saved' : 'Done'}: ${count(p.games)} games, ${count(p.positions)} positions, ${count(p.steps)} steps, ${duration(p.elapsedSeconds)} in all.`,
      `  newest checkpoint: ${checkpoint ?? 'none yet'}`,
      `  go on:   ${again}`,
      `  play it: ludus play ${gameName} --agent az:${options.run ?? `runs/${game.id}`},sims=200`,
      `  judge it: ludus diagnose ${options.run ?? `runs/${game.id}`}, and ludus report for a page about it`,
    ].join('\n'),
  );
}
