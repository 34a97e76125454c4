/** The thread in which an agent searches. One question at a time; a cancel is heard whenever the agent breathes. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Game, UserError, createRng } from '#engine';
import { loadGame, solverFor } from '#games';
import { replay } from '../position.js';
import type { Agent, AgentRequest } from './agent.js';
import { allot, allotMove } from './allot.js';
import { createAgent } from './create.js';
import type { FromWorker, HostData, PlainError, Scores, ToWorker } from './host-messages.js';
import type { PlayerAnswer, PlayerRequest } from './player.js';

const port = parentPort;
if (port === null) throw new Error('host-worker runs as a worker thread');
const data = workerData as HostData;
const send = (message: FromWorker): void => port.postMessage(message, []);

function plain(error: unknown): PlainError {
  if (error instanceof UserError) return { kind: error.kind, message: error.message };
  return { message: error instanceof Error ? error.message : String(error) };
}

async function chooseMany(agent: Agent, game: Game, requests: readonly PlayerRequest[], signal: AbortSignal): Promise<PlayerAnswer[]> {
  const questions: (AgentRequest | PlainError)[] = requests.map(({ position, seed, clock, millis }) => {
    try {
      return { state: replay(game, position), rng: createRng(seed), millis: clock !== undefined ? allot(clock) : millis === undefined ? undefined : allotMove(millis) };
    } catch (error) {
      return plain(error);
    }
  });
  const good = questions.filter((q): q is AgentRequest => 'state' in q);
  let answers: PlayerAnswer[];
  try {
    answers = await agent.chooseMany(good, signal);
  } catch {
    // One bad position must not cost the others their answer.
    answers = [];
    for (const question of good) {
      signal.throwIfAborted();
      answers.push(await agent.choose(question, signal).then((action) => ({ action }), (e: unknown) => ({ reason: 'error' as const, message: plain(e).message })));
    }
  }
  let next = 0;
  return questions.map((q) => ('state' in q ? answers[next++] : { reason: 'error', message: q.message }));
}

const running = new Map<number, AbortController>();
let queue: Promise<void> = Promise.resolve();

async function serve(): Promise<void> {
  const game = await loadGame(data.game);
  const agent = await createAgent(data.spec, game, { device: data.device, threads: data.threads });

  const answer = async (message: Exclude<ToWorker, { type: 'cancel' | 'close' }>, signal: AbortSignal): Promise<Extract<FromWorker, { type: 'done' }>['result']> => {
    signal.throwIfAborted();
    switch (message.type) {
      case 'choose':
        return chooseMany(agent, game, message.requests, signal);
      case 'analyse': {
        const { position, seed } = message.request;
        const onProgress = message.progress ? (analysis: Awaited<ReturnType<Agent['analyse']>>) => send({ type: 'progress', id: message.id, analysis }) : undefined;
        return agent.analyse({ state: replay(game, position), rng: createRng(seed) }, { signal, onProgress });
      }
      case 'scores': {
        const solver = solverFor(game);
        const state = replay(game, message.position);
        const scores = message.nodes === undefined ? solver?.scores(state) : solver?.scores(state, { nodes: message.nodes });
        return scores?.map((score) => score ?? null) satisfies Scores | undefined;
      }
      default:
        return message satisfies never;
    }
  };

  port!.on('message', (message: ToWorker) => {
    if (message.type === 'cancel') {
      running.get(message.id)?.abort(new Error('cancelled'));
      return;
    }
    if (message.type === 'close') {
      for (const controller of running.values()) controller.abort(new Error('closing'));
      queue = queue.then(() => agent.close()).then(() => port!.close());
      return;
    }
    const controller = new AbortController();
    running.set(message.id, controller);
    queue = queue.then(async () => {
      try {
        send({ type: 'done', id: message.id, result: await answer(message, controller.signal) });
      } catch (error) {
        send({ type: 'error', id: message.id, error: plain(error) });
      } finally {
        running.delete(message.id);
      }
    });
  });
  send({ type: 'ready' });
}

serve().catch((error: unknown) => {
  send({ type: 'failed', error: plain(error) });
  port.close();
});
