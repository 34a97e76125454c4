/**
 * The real server with the built page, for the browser tests and the screenshots: real protocol, rooms and rules, small
 * searches without a network on this thread, and a run that only pretends to train.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createBatch, createRng, createSearch, runSearch, type Evaluator, type Game, type Rng, type State, type TreeSearch } from '#engine';
import { getGame as ofGames, solverFor } from '#games';
import { chess } from '#games/chess';
import { createServer, type Sample, type ServerOptions, type ThinkRequest, type ThinkingAgents, type Thought, type TrainingNews, type TrainingView } from '#arena/server';
import type { CheckpointView, SelfPlayBoard, TrainingStatus } from '#arena/protocol';

/** The models that come with the program. */
export const shippedModels = fileURLToPath(new URL('../../models', import.meta.url));

export const webRoot = fileURLToPath(new URL('../../dist/web', import.meta.url));

const getGame = (id: string): Game => (id === 'chess' ? (chess as Game) : ofGames(id));

function positionOf(request: Pick<ThinkRequest, 'game' | 'actions' | 'setup'>, rng: Rng): State {
  const game = getGame(request.game);
  const state = (request.setup === undefined ? undefined : game.parseSetup?.(request.setup)) ?? game.start(rng);
  for (const action of request.actions) state.apply(action, rng);
  return state;
}

/** Stands in for a network on a Connect Four board: likes the middle, in its policy and in its value. */
const centreLover: Evaluator = {
  async evaluate(batch) {
    const weight = (cell: number) => 3 - Math.abs((cell % 7) - 3);
    for (let row = 0; row < batch.size; row++) {
      let value = 0;
      for (let cell = 0; cell < 42; cell++) value += weight(cell) * (batch.planes[row * 84 + cell] - batch.planes[row * 84 + 42 + cell]);
      for (let column = 0; column < 7; column++) batch.logits[row * 7 + column] = 0.45 * weight(column);
      batch.values[row] = Math.tanh(value / 14);
    }
  },
};

/** Plays by UCT with few simulations, at random for `random`, exactly for `solver`. */
export function smallAgents(simulations: number, millis = 0): ThinkingAgents {
  async function searched(request: ThinkRequest, state: State, rng: Rng): Promise<TreeSearch<State>> {
    const game = getGame(request.game);
    const network = request.agent.startsWith('az:');
    const search = createSearch(game, { kind: network ? 'puct' : 'uct', simulations });
    search.restart(state, rng);
    await runSearch(search, createBatch(game, 1), network ? centreLover : undefined);
    return search;
  }
  return {
    async think(request): Promise<Thought> {
      const rng = createRng(request.seed);
      const game = getGame(request.game);
      const state = positionOf(request, rng);
      await new Promise((resolve) => { setTimeout(resolve, millis); });
      if (request.agent === 'random') {
        const legal = new Int32Array(game.actionCount);
        return { action: legal[rng.below(state.legal(legal))] };
      }
      const solver = solverFor(game);
      const perfect = request.agent === 'solver' ? solver?.best(state, rng, { nodes: 200_000 }) : undefined;
      if (perfect !== undefined) return { action: perfect };
      const search = await searched(request, state, rng);
      return { action: search.action(rng), report: search.report() };
    },
    async tree(request, path, levels, most) {
      const rng = createRng(request.seed);
      const search = await searched(request, positionOf(request, rng), rng);
      return { simulations, tree: search.unfold(path, levels, most) };
    },
    // The solver under a small budget.
    scores: async (game, setup, actions) => solverFor(getGame(game))?.scores(positionOf({ game, setup, actions }, createRng(0)), { nodes: 200_000 }),
    close: async () => undefined,
  };
}

const CHECKPOINT_EVERY = 120; // seconds

/** A Connect Four run of `minutes`, with curves of a plausible shape: only its look matters. */
export function pretendRun(minutes: number, runDir = '/nowhere'): TrainingView & { tell(news: TrainingNews): void } {
  const rng = createRng('pretend run');
  const noise = (size: number) => (rng.float() - 0.5) * size;
  const sampleAt = (seconds: number): Sample => {
    const t = seconds / 300;
    const steps = Math.round(seconds * 1.9);
    return {
      elapsed: seconds, games: Math.round(seconds * 21), steps,
      values: {
        'loss.policy': 1.35 + 0.6 * Math.exp(-t) + noise(0.03), 'loss.value': 0.42 + 0.5 * Math.exp(-t / 1.5) + noise(0.03),
        'loss.total': 1.77 + 1.1 * Math.exp(-t) + noise(0.05), 'policy.entropy': 0.95 + 0.98 * Math.exp(-t / 1.2) + noise(0.03), 'value.correlation': 0.72 * (1 - Math.exp(-t / 1.4)) + noise(0.03),
        'rate.games': 21 + noise(2), 'rate.evaluations': 14_200 + noise(900), window: Math.min(200_000, 60 * seconds), reuse: 3.2 + noise(0.1), 'learning.rate': 0.02,
      },
    };
  };
  const samples = Array.from({ length: Math.floor(minutes * 12) }, (_, i) => sampleAt((i + 1) * 5));
  const checkpoints: CheckpointView[] = Array.from({ length: Math.floor((minutes * 60) / CHECKPOINT_EVERY) }, (_, i) => {
    const elapsed = (i + 1) * CHECKPOINT_EVERY;
    const skill = 1 - Math.exp(-elapsed / 480);
    const step = Math.round(elapsed * 1.9);
    samples.push({ elapsed, games: elapsed * 21, steps: step, values: { 'evaluation.outcome': 0.74 + 0.215 * skill + noise(0.01), 'evaluation.optimal': 0.5 + 0.3 * skill + noise(0.01) } });
    const id = `step-${String(step).padStart(8, '0')}`;
    return { id, agent: `run:${id}`, step, games: elapsed * 21, positions: elapsed * 500, elapsed, rating: { elo: -320 + 820 * skill + noise(30), error: 48 + noise(10), against: 'uct:sims=1000' }, outcome: 0.74 + 0.215 * skill, optimal: 0.5 + 0.3 * skill, score: null };
  });
  samples.sort((a, b) => a.elapsed - b.elapsed);
  const elapsed = minutes * 60;
  let state: TrainingStatus['state'] = minutes > 0 ? 'running' : 'starting';
  const listeners = new Set<(news: TrainingNews) => void>();
  const tell = (news: TrainingNews) => listeners.forEach((listener) => listener(news));
  const board: SelfPlayBoard = { gameNumber: 18_204, game: 'connect4', setup: null, actions: [3, 3, 3, 2, 2, 4, 4, 3, 5, 1, 2], values: [0.12, -0.1, 0.14, -0.05, 0.2, 0.1, 0.16, 0.22, 0.3, 0.28, 0.34], returns: null };
  return {
    game: 'connect4', runDir,
    status: () => ({
      run: 'connect4', game: 'connect4', state, reason: null, yielding: false, elapsed, goal: 1800, games: Math.round(elapsed * 21), gamesPerSecond: state === 'running' ? 21.3 : null,
      positions: elapsed * 500, positionsPerSecond: state === 'running' ? 502 : null, evaluationsPerSecond: state === 'running' ? 14_180 : null, step: Math.round(elapsed * 1.9), stepsPerSecond: state === 'running' ? 1.9 : null,
      learningRate: 0.02, losses: { total: 1.98, policy: 1.45, value: 0.53 }, window: 200_000, reuse: 3.2, checkpoint: checkpoints.at(-1)?.id ?? null,
    }),
    history: async () => samples,
    checkpoints: async () => checkpoints,
    settings: () => [['game', 'connect4'], ['seed', '1'], ['network.kind', 'resnet'], ['network.channels', '64'], ['network.blocks', '5'], ['search.kind', 'gumbel'], ['search.simulations', '32'], ['learner.batch', '256']].map(([name, value]) => ({ name, value })),
    checkpointPath: (id) => `/nowhere/checkpoints/${id}`,
    listen(listener) {
      listeners.add(listener);
      if (minutes > 0) setTimeout(() => listener({ kind: 'board', board }), 0);
      return () => void listeners.delete(listener);
    },
    pause: () => { state = 'paused'; tell({ kind: 'status' }); },
    resume: () => { state = 'running'; tell({ kind: 'status' }); },
    yieldTo: () => undefined,
    tell,
  };
}

export interface Served { readonly url: string; close(): Promise<void> }

export async function serve(options: Partial<Pick<ServerOptions, 'agents' | 'training' | 'port' | 'workDir' | 'modelsDir' | 'limits' | 'cluster'>> = {}): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), 'ludus-web-'));
  const server = await createServer({
    ...options, port: options.port ?? 0, dataDir: folder, workDir: options.workDir ?? folder, modelsDir: options.modelsDir ?? join(folder, 'models'), webRoot, agents: options.agents ?? smallAgents(300),
  });
  return {
    url: server.url,
    async close() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
