/** The training thread: one Learner with a compiled training step. It also writes the checkpoints. */
import { parentPort, workerData } from 'node:worker_threads';
import { exportModel } from '#engine/nn';
import { createCompiledTrainer } from '#engine/node';
import { loadGame } from '#games';
import { readOrigin, writeCheckpoint, type Checkpoint } from './checkpoint.js';
import { scheduled } from './config-schema.js';
import { breathe, closeInbox, openInbox } from './inbox.js';
import { Learner } from './learner.js';
import { Lessons } from './lessons.js';
import { failure, type FromLearner, type LearnerSetup, type LearnerStatus, type ToLearner, type Weights } from './messages.js';
import { startingState, trainingParts } from './parts.js';
import { RecordFeed } from './record-feed.js';

const setup = workerData as LearnerSetup;
const inbox = openInbox<ToLearner>();

function post(message: FromLearner): void {
  parentPort?.postMessage(message, []);
}

async function main(): Promise<void> {
  const { config, runDir, foreign, positions } = setup;
  const game = await loadGame(config.game);
  const parts = trainingParts(game, config);
  const origin = setup.checkpoint === undefined ? undefined : readOrigin(setup.checkpoint);
  const state = startingState(parts, config, origin);
  const trainer = await createCompiledTrainer(parts.network, parts.loss, parts.optimizer, {
    batch: config.learner.batch, device: config.device, threads: config.learner.threads, state,
  });
  const rows = foreign ? 0 : (origin?.manifest.rows ?? 0);
  const feed = setup.records === undefined ? undefined : new RecordFeed(setup.records, game, config.replay.capacity);
  const learner = new Learner({ game, config, ...parts, trainer, state, average: (origin as Partial<Checkpoint> | undefined)?.average, positions, rows, fed: feed !== undefined }, () => performance.now());
  const lessons = feed === undefined ? undefined : new Lessons(feed, learner, game, config);

  const status = (): LearnerStatus => ({
    step: learner.step, rows: learner.rows, due: learner.due, windowPositions: learner.window.positions, windowGames: learner.window.games, revised: learner.revised,
  });
  const exported = (): Weights => ({
    model: exportModel(parts.network, learner.averaged), step: learner.step, simulations: Math.max(1, Math.round(scheduled(config.search.simulations, learner.step))),
  });
  post({ type: 'ready', status: status(), weights: exported() });

  let running = false;
  let most = Infinity;
  let working = false;
  let announce = false;
  /** Time that new games, and messages, took since the last step [ms]. */
  let taking = 0;
  for (;;) {
    for (let message = inbox.take(); message !== undefined; message = inbox.take()) {
      switch (message.type) {
        case 'run':
          running = announce = true;
          most = message.steps ?? Infinity;
          break;
        case 'pause':
          running = false;
          break;
        case 'episodes': {
          const began = performance.now();
          learner.add(message.episodes, message.fresh);
          taking += performance.now() - began;
          break;
        }
        case 'revised': {
          const began = performance.now();
          learner.revise(message.episodes);
          taking += performance.now() - began;
          break;
        }
        case 'checkpoint': {
          const { games, positions, elapsedSeconds } = message;
          const began = performance.now();
          const path = writeCheckpoint(runDir, {
            manifest: {
              game: { id: game.id, version: game.version }, network: config.network, planes: [...game.planes], actions: game.actionCount,
              games, positions, rows: learner.rows, elapsedSeconds, config,
            },
            state: await trainer.state(), average: learner.averaged, model: exportModel(parts.network, learner.averaged),
          });
          post({ type: 'checkpoint', path, step: learner.step, millis: performance.now() - began });
          break;
        }
        case 'close':
          await feed?.close();
          return trainer.close();
        default:
          message satisfies never;
      }
    }
    const due = running && (lessons === undefined ? learner.due > 0 : learner.step < most);
    if (due !== working || (announce && !due)) {
      working = due;
      post({ type: 'working', working, status: status() });
    }
    announce = false;
    if (!due) {
      await inbox.wait();
      continue;
    }
    const { losses, learningRate, valueMix, sampleMillis, trainMillis } = await learner.train();
    const trained = performance.now();
    if (learner.publishes) {
      await learner.publish();
      if (lessons === undefined) post({ type: 'weights', ...exported() });
    }
    lessons?.next();
    if (lessons?.measures) {
      const result = await lessons.measure(exportModel(parts.network, learner.averaged));
      post({ type: 'heldOut', step: learner.step, result });
    }
    const published = performance.now();
    const millis = { games: taking, rows: sampleMillis, training: trainMillis, publishing: published - trained };
    post({ type: 'step', status: status(), losses, learningRate, valueMix, millis });
    await breathe();
    taking = performance.now() - published;
  }
}

main().catch((error: unknown) => post(failure(error))).finally(closeInbox);
