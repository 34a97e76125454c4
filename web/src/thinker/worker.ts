/**
 * The thread in which agents think in the browser. One question at a time, in the order asked; a cancel is heard whenever
 * the agent breathes. The runtime (14 MB) and models are fetched when first needed, and kept.
 */
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { UserError, createBatch, createRng, type Batch, type Game, type OpenedWorldModel } from '#engine';
import { createBrowserAgent, replay, type Agent, type OwnedEvaluator } from '#arena/browser';
import { loadGame, solverFor } from '#games';
import { download } from './download.js';
import { dreamAlong } from './dream.js';
import type { AgentPlace, Answers, FromWorker, Loading, Question, ToWorker } from './messages.js';

const send = (message: FromWorker): void => postMessage(message);
type Tell = (loading: Loading) => void;

let runtime: Promise<Uint8Array<ArrayBuffer>> | undefined;
const networks = new Map<string, Promise<OwnedEvaluator>>();
const worldModels = new Map<string, Promise<OpenedWorldModel>>();
const agents = new Map<string, Promise<Agent>>();
/** By agent: the question whose tree it still holds. */
const searched = new Map<Agent, { readonly question: string; readonly simulations: number }>();
const batches = new Map<string, Batch>();

/** Made once; one that failed is forgotten, so that the next question tries again. */
function once<T>(map: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  let entry = map.get(key);
  if (entry === undefined) {
    map.set(key, (entry = make()));
    entry.catch(() => map.delete(key));
  }
  return entry;
}

function runtimeBytes(tell: Tell): Promise<Uint8Array<ArrayBuffer>> {
  runtime ??= download(new URL(wasmUrl, location.href).href, (loaded, total) => tell({ what: 'runtime', loaded, total })).catch((error: unknown) => {
    runtime = undefined;
    throw error;
  });
  return runtime;
}

function worldModel(representation: string, dynamics: string, tell: Tell): Promise<OpenedWorldModel> {
  return once(worldModels, `${representation}\n${dynamics}`, async () => {
    const fetched = (url: string) => download(url, (loaded, total) => tell({ what: 'model', loaded, total }));
    const [{ openWebWorldModel }, wasm, seeing, stepping] = await Promise.all([import('#engine/web'), runtimeBytes(tell), fetched(representation), fetched(dynamics)]);
    return openWebWorldModel(seeing, stepping, { wasm });
  });
}

function network(url: string, tell: Tell): Promise<OwnedEvaluator> {
  return once(networks, url, async () => {
    const [{ networkEvaluator, openWebModel }, wasm, onnx] = await Promise.all([
      import('#engine/web'), runtimeBytes(tell), download(url, (loaded, total) => tell({ what: 'model', loaded, total })),
    ]);
    const inference = await openWebModel(onnx, { wasm });
    const { evaluate } = networkEvaluator(inference);
    return { evaluate, close: () => inference.close() };
  });
}

function agentOf({ game: id, spec, model }: AgentPlace, game: Game, tell: Tell): Promise<Agent> {
  return once(agents, `${id}\n${spec}\n${model}`, () => createBrowserAgent(spec, game, async (path) => {
    if (model === undefined) throw new UserError('usage', `agent '${spec}' needs a network, and nobody said where '${path}' is`);
    return network(model, tell);
  }));
}

async function evaluate(game: Game, url: string, planes: Float32Array, tell: Tell): Promise<Answers['evaluate']> {
  const evaluator = await network(url, tell);
  const batch = batches.get(game.id) ?? createBatch(game, 1);
  batches.set(game.id, batch);
  batch.planes.set(planes);
  batch.size = 1;
  await evaluator.evaluate(batch);
  return { policy: batch.logits.slice(), value: batch.values[0] };
}

type Thinking = Pick<Extract<Question, { type: 'analyse' }>, 'position' | 'seed'>;
const keyOf = ({ position, seed }: Thinking): string => JSON.stringify([position.setup, position.moves, seed]);

async function analysed(agent: Agent, game: Game, question: Thinking, signal: AbortSignal): Promise<Answers['analyse']> {
  searched.delete(agent);
  const analysis = await agent.analyse({ state: replay(game, question.position), rng: createRng(question.seed) }, { signal });
  searched.set(agent, { question: keyOf(question), simulations: analysis.simulations });
  return analysis;
}

async function answer(question: Question, signal: AbortSignal, tell: Tell): Promise<Answers[keyof Answers]> {
  signal.throwIfAborted();
  switch (question.type) {
    case 'analyse': {
      const game = await loadGame(question.agent.game);
      return analysed(await agentOf(question.agent, game, tell), game, question, signal);
    }
    case 'tree': {
      const game = await loadGame(question.agent.game);
      const agent = await agentOf(question.agent, game, tell);
      if (agent.unfold === undefined) throw new UserError('usage', `${agent.name} searches no tree`);
      let simulations = searched.get(agent)?.question === keyOf(question) ? searched.get(agent)?.simulations : undefined;
      simulations ??= (await analysed(agent, game, question, signal)).simulations;
      return { simulations, tree: agent.unfold(question.path, question.levels, question.most) };
    }
    case 'scores': {
      const game = await loadGame(question.game);
      return solverFor(game)?.scores(replay(game, question.position), { nodes: question.nodes })?.map((score) => score ?? null);
    }
    case 'evaluate':
      return evaluate(await loadGame(question.game), question.model, question.planes, tell);
    case 'dream':
      return dreamAlong(await worldModel(question.model, question.dynamics, tell), await loadGame(question.game), question.seen, question.actions);
    default:
      return question satisfies never;
  }
}

const running = new Map<number, AbortController>();
let queue: Promise<void> = Promise.resolve();

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  const { id } = data;
  if (data.type === 'cancel') return running.get(id)?.abort(new UserError('usage', 'called off'));
  const controller = new AbortController();
  running.set(id, controller);
  queue = queue.then(async () => {
    try {
      send({ id, type: 'done', answer: await answer(data.question, controller.signal, (loading) => send({ id, type: 'loading', loading })) });
    } catch (error) {
      send({ id, type: 'failed', message: error instanceof Error ? error.message : String(error) });
    }
    running.delete(id);
  });
});
