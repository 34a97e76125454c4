/** The thread in which a task is learnt: one learner on its environments. It also writes the checkpoints. */
import { parentPort, workerData } from 'node:worker_threads';
import { breathe, closeInbox, openInbox } from '../inbox.js';
import { failure } from '../messages.js';
import { algorithmFor } from './algorithms.js';
import { readTaskCheckpoint, writeTaskCheckpoint } from './checkpoint.js';
import { CountedEnvironments } from './episodes.js';
import type { FromTask, TaskLimits, TaskSetup, ToTask } from './messages.js';
import { openTask } from './task.js';

const REPORT_MILLIS = 1000;
/** A short run is told of so many times too, so that it has a curve. */
const REPORTS = 100;

const setup = workerData as TaskSetup;
const inbox = openInbox<ToTask>();

function post(message: FromTask): void {
  parentPort?.postMessage(message, []);
}

async function main(): Promise<void> {
  const { config, runDir } = setup;
  const task = await openTask(config.game);
  const algorithm = algorithmFor(config.algorithm, task);
  const environments = new CountedEnvironments(await task.open(config.learner.environments));
  const learner = await algorithm.create({
    task, environments, config: config.learner, seed: config.seed, frames: config.frames, device: config.device, threads: config.threads,
  });
  let lightened = false;
  if (setup.checkpoint === undefined) await environments.reset(config.seed);
  else {
    const checkpoint = readTaskCheckpoint(setup.checkpoint);
    const whole = checkpoint.environments !== undefined;
    if (checkpoint.environments !== undefined) await environments.restore(checkpoint.environments);
    // Environments that cannot be saved begin new episodes, and other ones than at the start.
    else await environments.reset(config.seed + checkpoint.manifest.positions);
    await learner.restore(checkpoint.learner);
    environments.restoreCounts(checkpoint.counts, whole);
    ({ lightened } = checkpoint);
  }
  const counts = () => ({ frames: learner.frames, steps: learner.steps });
  const report = () => post({ type: 'report', counts: counts(), figures: environments.figures(), metrics: learner.metrics() });
  const reached = ({ frames = Infinity, episodes = Infinity, steps = Infinity }: TaskLimits) =>
    learner.frames + (learner.slice ?? 1) > frames || learner.steps >= steps || environments.figures().episodes >= episodes;
  post({ type: 'ready', counts: counts(), figures: environments.figures(), lightened });

  let limits: TaskLimits | undefined;
  let reportedAt = performance.now();
  let reportedFrames = learner.frames;
  for (;;) {
    for (let message = inbox.take(); message !== undefined; message = inbox.take()) {
      switch (message.type) {
        case 'run':
          limits = message.limits;
          break;
        case 'pause':
          limits = undefined;
          break;
        case 'checkpoint': {
          report();
          const path = writeTaskCheckpoint(runDir, {
            manifest: {
              game: { id: task.id, version: task.version }, algorithm: algorithm.name, planes: [...task.planes], actions: task.actionCount, step: learner.steps,
              games: environments.figures().episodes, positions: learner.frames, rows: 0, elapsedSeconds: message.elapsedSeconds, config: { ...config },
            },
            learner: await learner.state(), model: await learner.model(), environments: environments.save(), counts: environments.saveCounts(),
          });
          post({ type: 'checkpoint', path, step: learner.steps, frames: learner.frames });
          break;
        }
        case 'close':
          await learner.close();
          return environments.close();
        default:
          message satisfies never;
      }
    }
    if (limits !== undefined && reached(limits)) {
      limits = undefined;
      report();
      post({ type: 'done' });
    }
    if (limits === undefined) {
      await inbox.wait();
      continue;
    }
    await learner.advance();
    if (performance.now() - reportedAt >= REPORT_MILLIS || learner.frames - reportedFrames >= config.frames / REPORTS) {
      reportedAt = performance.now();
      reportedFrames = learner.frames;
      report();
    }
    await breathe();
  }
}

main().catch((error: unknown) => post(failure(error))).finally(closeInbox);
