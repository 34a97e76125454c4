/** `ludus train` of a task for one: a learner and its environments, until a limit or Ctrl-C. */
import { latestCheckpoint } from '#selfplay';
import { getAlgorithm } from '#selfplay/tasks';
import { taskCheckpointEvaluator } from '../evaluator.js';
import { onInterrupt } from '../interrupt.js';
import { count, duration, printResult } from '../output.js';
import { narrateTask, openTaskTraining, plusMinus, type TaskSettings } from '../tasks.js';

export interface TrainTaskCommand extends TaskSettings {
  readonly minutes?: number;
  readonly games?: number;
  readonly steps?: number;
  readonly json?: boolean;
}

export async function trainTask(name: string, options: TrainTaskCommand): Promise<void> {
  const training = await openTaskTraining(name, options, taskCheckpointEvaluator);
  const { config } = training;
  const again = `ludus train ${name} --algo ${config.algorithm}${options.run === undefined ? '' : ` --run ${options.run}`}`;
  if (!options.json) {
    process.stderr.write(`${training.resumed ? 'Going on with' : 'New run'} ${training.runDir} · ${training.game.name} by ${config.algorithm} · ${count(config.frames)} frames · Ctrl-C saves and ends\n`);
  }
  const stopNarrating = narrateTask(training, options.json === true, config.frames);
  let interrupted = false;
  const release = onInterrupt(() => {
    interrupted = true;
    if (!options.json) process.stderr.write('\nsaving …\n');
    training.stop().catch(() => undefined); // run() below reports it
  });
  try {
    await training.run({ frames: config.frames, minutes: options.minutes, episodes: options.games, steps: options.steps });
  } finally {
    await training.stop();
    stopNarrating();
    release();
  }
  const p = training.progress;
  const checkpoint = latestCheckpoint(training.runDir)?.path ?? null;
  const { frames, episodes, steps, meanReturn, returnError, meanLength, elapsedSeconds } = p;
  const result = {
    run: training.runDir, game: training.game.id, algorithm: config.algorithm, frames, episodes, steps, meanReturn, returnError, meanLength, elapsedSeconds,
    framesPerSecond: elapsedSeconds > 0 ? frames / elapsedSeconds : null, checkpoint, interrupted, resume: again,
  };
  const whole = !interrupted && options.minutes === undefined && options.games === undefined && options.steps === undefined;
  const ended = whole ? [`  longer:   ${again} --frames ${2 * config.frames}`] : [`  go on:    ${again}`];
  // A learned model is searched; whatever else was learnt plays by its policy. Games for two are judged by an opponent.
  const agent = `${getAlgorithm(config.algorithm).family === 'muzero' ? 'mz' : 'policy'}:${checkpoint ?? training.runDir}`;
  const judge = training.game.seats === 2 ? `ludus match --game ${name} --a ${agent} --b uct:sims=1000 --pairs 50` : `ludus eval ${name} --agent ${agent} --episodes 100`;
  printResult(options.json === true, result, () =>
    [
      `${interrupted ? 'Interrupted and saved' : 'Done'}: ${count(frames)} frames, ${count(episodes)} episodes, ${duration(elapsedSeconds)} in all.`,
      `  return of the last 100 training episodes: ${plusMinus(meanReturn, returnError)}`,
      `  newest checkpoint: ${checkpoint ?? 'none yet'}`,
      ...ended,
      `  judge it: ${judge}`,
    ].join('\n'),
  );
}
