/** The thread in which an agent searches. One question at a time; a cancel is heard whenever the agent breathes. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Game, UserError, createRng } from '#engine';
import { loadGame, solverFor } from '#games';
import { type Position, replay } from '../position.js';
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

/** What was played between two positions of one game; undefined when the later one does not come from the other. */
function playedSince(before: Position | undefined, now: Position): Position['moves'] | undefined {
  const same = before !== undefined && before.setup === now.setup && before.seed === now.seed && before.moves.length <= now.moves.length && before.moves.every((action, i) => action === now.moves[i]);
  return same ? now.moves.slice(before.moves.length) : undefined;
}

const questionOf = ({ position, seed }: PlayerRequest): string => JSON.stringify([position.setup, position.seed, position.moves, seed]);

interface Running {
  readonly cancel: AbortController;
  readonly stop: AbortController;
}
const running = new Map<number, Running>();
let queue: Promise<void> = Promise.resolve();

async function serve(): Promise<void> {
  const game = await loadGame(data.game);
  const agent = await createAgent(data.spec, game, { device: data.device, threads: data.threads, maxNodes: data.maxNodes });

  /** Whose tree the agent still holds: of a thinker, and of a question that may be unfolded. */
  let thoughtOf: Position | undefined;
  let searched: { readonly question: string; readonly simulations: number } | undefined;

  const answer = async (message: Exclude<ToWorker, { type: 'stop' | 'cancel' | 'close' }>, signal: AbortSignal, stop: AbortSignal): Promise<Extract<FromWorker, { type: 'done' }>['result']> => {
    signal.throwIfAborted();
    // A question that begins a search takes the place of the tree before it.
    if (message.type === 'choose' || message.type === 'analyse') searched = undefined;
    switch (message.type) {
      case 'choose':
        thoughtOf = undefined;
        return chooseMany(agent, game, message.requests, signal);
      case 'analyse': {
        const { position, seed, millis } = message.request;
        const onProgress = message.progress ? (analysis: Awaited<ReturnType<Agent['analyse']>>) => send({ type: 'progress', id: message.id, analysis }) : undefined;
        const played = message.think && playedSince(thoughtOf, position);
        thoughtOf = undefined;
        const analysis = await agent.analyse({ state: replay(game, position), rng: createRng(seed), ...(millis !== undefined && { millis: allotMove(millis) }) }, { signal, stop, onProgress, think: message.think && { ...message.think, ...(played && { played }) } });
        if (message.think !== undefined) thoughtOf = position;
        else if (millis === undefined) searched = { question: questionOf(message.request), simulations: analysis.simulations };
        return analysis;
      }
      case 'tree': {
        if (agent.unfold === undefined) throw new UserError('usage', `${agent.name} searches no tree`);
        const question = questionOf(message.request);
        if (searched?.question !== question) {
          const { position, seed } = message.request;
          thoughtOf = searched = undefined;
          const { simulations } = await agent.analyse({ state: replay(game, position), rng: createRng(seed) }, { signal });
          searched = { question, simulations };
        }
        return { simulations: searched.simulations, tree: agent.unfold(message.path, message.levels, message.most) };
      }
      case 'dream':
        if (agent.dream === undefined) throw new UserError('usage', `${agent.name} has learned no model to dream in`);
        return agent.dream(replay(game, message.position), message.actions);
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
      running.get(message.id)?.cancel.abort(new Error('cancelled'));
      return;
    }
    if (message.type === 'stop') {
      running.get(message.id)?.stop.abort();
      return;
    }
    if (message.type === 'close') {
      for (const { cancel } of running.values()) cancel.abort(new Error('closing'));
      queue = queue.then(() => agent.close()).then(() => port!.close());
      return;
    }
    const cancel = new AbortController();
    const stop = new AbortController();
    running.set(message.id, { cancel, stop });
    queue = queue.then(async () => {
      try {
        send({ type: 'done', id: message.id, result: await answer(message, cancel.signal, stop.signal) });
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
