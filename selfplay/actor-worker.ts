/** A self-play thread: one Actor with a network session of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { createRng, type Evaluator, type State } from '#engine';
import { NetworkEvaluator, openModel } from '#engine/node';
import { loadGame } from '#games';
import { Actor } from './actor.js';
import { encodeEpisode } from './codec.js';
import { workerCount } from './config.js';
import { episodeReturn, trainedCount, type Episode } from './episode.js';
import { breathe, closeInbox, openInbox } from './inbox.js';
import { failure, type ActorSetup, type FromActor, type PlayedEpisode, type RevisedEpisode, type ToActor, type Weights } from './messages.js';

/** Time between two reports of counters, and at least between two board positions [ms]. */
const REPORT_MILLIS = 200;

const setup = workerData as ActorSetup;
const inbox = openInbox<ToActor>();

function post(message: FromActor, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

function describe(episode: Episode): PlayedEpisode {
  return {
    id: episode.id, positions: trainedCount(episode), bytes: encodeEpisode(episode), actions: episode.actions, seed: episode.seed,
    result: episodeReturn(episode), checkpoint: episode.checkpoint,
  };
}

async function main(): Promise<void> {
  const { config, worker, sitting } = setup;
  const game = await loadGame(config.game);
  let actor: Actor<State> | undefined;
  let close: (() => Promise<void>) | undefined;
  let running = false;
  let until = Infinity;
  let reported = 0;
  let shown = 0;
  /** Games that ended in this round: one message for all. */
  let ended: PlayedEpisode[] = [];
  /** Earlier games that were looked at again to their end. */
  let revised: RevisedEpisode[] = [];

  const install = async ({ model, step, simulations }: Weights) => {
    const began = performance.now();
    const inference = await openModel(model, { device: config.device, threads: 1 });
    const evaluator: Evaluator = new NetworkEvaluator(inference);
    const before = close;
    close = () => inference.close();
    if (actor !== undefined) actor.setNetwork(evaluator, step, simulations);
    else {
      actor = new Actor({
        game, config, evaluator, step, simulations, idPrefix: `${sitting}-${worker}`,
        rng: createRng(config.seed).fork('sitting', sitting).fork('actor', worker),
        workers: workerCount(config),
        onEpisode: (episode) => ended.push(describe(episode)),
        onRevision: (episode) => revised.push({ id: episode.id, positions: trainedCount(episode), bytes: encodeEpisode(episode) }),
        onMove(actions, value, seed) {
          const now = performance.now();
          if (worker !== 0 || now - shown < REPORT_MILLIS) return;
          shown = now;
          post({ type: 'board', actions: actions.slice(), seed, value });
        },
      });
    }
    await before?.();
    actor.counters.weightsMillis += performance.now() - began;
  };

  for (;;) {
    for (let message = inbox.take(); message !== undefined; message = inbox.take()) {
      if (message.type === 'weights') await install(message);
      else if (message.type === 'pause') running = false;
      else if (message.type === 'close') return close?.();
      else {
        running = true;
        until = message.games === undefined ? Infinity : (actor?.counters.games ?? 0) + message.games;
      }
    }
    if (!running || actor === undefined) {
      await inbox.wait();
      continue;
    }
    await actor.iterate();
    const iterated = performance.now();
    if (ended.length > 0) {
      post({ type: 'episodes', episodes: ended }, ended.map(({ bytes }) => bytes.buffer));
      ended = [];
    }
    if (revised.length > 0) {
      post({ type: 'revised', episodes: revised }, revised.map(({ bytes }) => bytes.buffer));
      revised = [];
    }
    const now = performance.now();
    const done = actor.counters.games >= until;
    if (done || now - reported > REPORT_MILLIS) {
      reported = now;
      post({ type: 'counters', counters: { ...actor.counters } });
    }
    if (done) {
      running = false;
      post({ type: 'done' });
    }
    await breathe();
    // Sending games and listening is work too, and no waiting for it.
    actor.counters.searchMillis += performance.now() - iterated;
  }
}

main().catch((error: unknown) => post(failure(error))).finally(closeInbox);
