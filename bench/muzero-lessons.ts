/**
 * What MuZero's model learns from given games, apart from how well it plays them: games of UCT against itself with random
 * openings, the same for the same seed; a model of the task's settings, trained on all but a twelfth of them; and on that
 * twelfth, step by step along the moves that were played, how many of the rewards it finds, how many of those it dreams
 * are right, how far its values are from what came, and how often its best move is the search's. Half of the positions
 * judged are drawn from those whose game ends within the unrolled steps.
 *
 *   node dist/bench/muzero-lessons.js connect4 --games 5000 --simulations 100 --steps 1500 --set learner.unroll=5
 */
import { parseArgs } from 'node:util';
import { OVER, UserError, createBatch, createLatentBatch, createRng, createSearch, runSearch, type Game, type Rng } from '#engine';
import { createMuZero, exportModel, exportModule, initialState, muZeroLoss, optimizerDefaults, sizeOf, type MuZero, type Weights } from '#engine/nn';
import { createCompiledTrainer, openWorldModel } from '#engine/node';
import { changeTaskConfig, defaultTaskConfig, getAlgorithm, lessons, modelConfig, openTask, type MuZeroSettings } from '#selfplay/tasks';

const { History, RUNNING, TERMINATED, createRows, endsWithin, fillRow } = lessons;
type History = lessons.History;
type Facts = lessons.TargetFacts;

/** Share of the games that begin with random moves, and most of them. */
const OPENING_SHARE = 0.85;
const OPENING_PLIES = 16;

interface Ply {
  readonly planes: Float32Array;
  readonly policy: Float32Array;
  /** For seat 0. */
  readonly value: number;
  readonly reward: number;
  readonly turn: number;
  readonly action: number;
  readonly random: boolean;
}

async function play(game: Game, search: ReturnType<typeof createSearch>, rng: Rng): Promise<Ply[]> {
  const batch = createBatch(game, 1);
  const legal = new Int32Array(game.actionCount);
  const plies: Ply[] = [];
  const opening = rng.float() < OPENING_SHARE ? 1 + rng.below(OPENING_PLIES) : 0;
  for (const state = game.start(rng); state.turn !== OVER; ) {
    const turn = state.turn === 1 ? 1 : 0;
    const planes = new Float32Array(sizeOf(game.planes));
    state.observe(planes);
    search.restart(state, rng);
    await runSearch(search, batch);
    const policy = new Float32Array(game.actionCount);
    const { actions, simulations, value } = search.report();
    // A single legal move is not searched.
    for (const { action, visits } of actions) policy[action] = simulations > 0 ? visits / simulations : 1;
    const random = plies.length < opening;
    const action = random ? legal[rng.below(state.legal(legal))] : policy.indexOf(Math.max(...policy));
    plies.push({ planes, policy, value: simulations === 0 ? 0 : turn === 1 ? -value : value, turn, action, random, reward: state.apply(action, rng) });
  }
  return plies;
}

function remembered(games: readonly (readonly Ply[])[], facts: Facts, { frames, endings }: Pick<MuZeroSettings['replay'], 'frames' | 'endings'>, planes: number): History {
  const plies = games.reduce((sum, game) => sum + game.length, 0);
  const history = new History({ environments: 1, length: plies + 1, planes, frames, actionCount: facts.actionCount, lag: facts.tdSteps + facts.model.unroll });
  for (const game of games) {
    for (const [i, ply] of game.entries()) {
      const slot = history.open(0);
      history.seen.write(slot, ply.planes, 0);
      history.policies.set(ply.policy, slot * facts.actionCount);
      history.values[slot] = ply.value;
      history.rewards[slot] = ply.reward;
      history.turns[slot] = ply.turn;
      history.actions[slot] = ply.action;
      history.strayed[slot] = ply.random ? 1 : 0;
      history.ends[slot] = i === game.length - 1 ? TERMINATED : RUNNING;
      history.commit(0, (ready) => history.masses.set(ready, endings > 1 && endsWithin(history, ready, facts.model.unroll) ? endings : 1));
    }
  }
  return history;
}

/** A row of what is shown: step k is k moves on. */
interface Seen { readonly step: number; readonly rewards?: number; readonly found?: number; readonly right?: number; readonly valueError: number; readonly bestMove: number }

async function judge({ representation, dynamics }: MuZero, weights: Weights, tests: History, facts: Facts, planes: number, count: number): Promise<Seen[]> {
  const { actionCount, model: { unroll } } = facts;
  const model = await openWorldModel(exportModel(representation, weights), exportModule(dynamics, weights), { device: 'cpu', threads: 1 });
  const rng = createRng('judge');
  const rows = createRows(facts, planes, count);
  const drawn = (): number => tests.masses.find(rng.float() * tests.masses.total);
  for (let i = 0; i < count; i++) {
    let slot = drawn();
    if (i % 2 === 1) while (!endsWithin(tests, slot, unroll)) slot = drawn();
    fillRow(tests, slot, { ...facts, symmetries: undefined }, rows, i, rng);
  }
  const batch = createLatentBatch(actionCount, model.latentSize, count);
  batch.size = count;
  await model.represent(rows.planes, batch);
  const seen: Seen[] = [];
  const three = (x: number): number => Math.round(1000 * x) / 1000;
  // Games of outcomes: three bins, so a mean is the last less the first.
  const meanAt = (bins: Float32Array, row: number): number => bins[3 * row + 2] - bins[3 * row];
  for (let k = 0; k <= unroll; k++) {
    let [rewards, dreamt, met] = [0, 0, 0];
    if (k > 0) {
      batch.parents.set(batch.latents);
      for (let i = 0; i < count; i++) batch.actions[i] = rows.actions[i * unroll + k - 1];
      await model.step(batch);
      for (let i = 0; i < count; i++) {
        const real = meanAt(rows.reward, i * unroll + k - 1);
        const named = Math.abs(batch.rewards[i]) >= 0.5;
        if (real !== 0) rewards++;
        if (named) dreamt++;
        if (named && Math.sign(real) === Math.sign(batch.rewards[i])) met++;
      }
    }
    let [error, agree, taught] = [0, 0, 0];
    for (let i = 0; i < count; i++) {
      error += Math.abs(meanAt(rows.value, i * (unroll + 1) + k) - batch.values[i]);
      const policy = rows.policy.subarray((i * (unroll + 1) + k) * actionCount, (i * (unroll + 1) + k + 1) * actionCount);
      const most = Math.max(...policy);
      if (most === 0) continue;
      const logits = batch.logits.subarray(i * actionCount, (i + 1) * actionCount);
      taught++;
      if (policy[logits.indexOf(Math.max(...logits))] === most) agree++;
    }
    seen.push({ step: k, ...(k > 0 && { rewards, found: three(met / rewards), right: three(met / dreamt) }), valueError: three(error / count), bestMove: three(agree / taught) });
  }
  await model.close();
  return seen;
}

async function main(): Promise<void> {
  const { values, positionals: [name = 'connect4'] } = parseArgs({
    allowPositionals: true,
    options: {
      games: { type: 'string', default: '5000' }, simulations: { type: 'string', default: '100' }, steps: { type: 'string', default: '1500' },
      seed: { type: 'string', default: '1' }, threads: { type: 'string', default: '1' }, positions: { type: 'string', default: '3000' }, set: { type: 'string', multiple: true, default: [] },
    },
  });
  const [count, simulations, steps, seed, threads, positions] = [values.games, values.simulations, values.steps, values.seed, values.threads, values.positions].map(Number);
  const task = await openTask(name);
  const { game } = task;
  if (game === undefined || game.seats !== 2) throw new UserError('usage', `lessons are taken from games for two; '${name}' is not one`);
  const algorithm = getAlgorithm('gumbel-muzero');
  const settings = changeTaskConfig(algorithm, defaultTaskConfig(algorithm, task), values.set).learner as unknown as MuZeroSettings;
  const { learner } = settings;
  const model = modelConfig(settings);
  const input = { planes: task.planes, actions: task.actionCount };
  const planes = sizeOf(task.planes);
  const facts: Facts = { model, actionCount: task.actionCount, tdSteps: learner.tdSteps, discount: learner.discount, symmetries: learner.symmetries ? game.symmetries : undefined };

  const rng = createRng(seed).fork('lessons');
  const search = createSearch(game, { kind: 'uct', simulations });
  const games: Ply[][] = [];
  while (games.length < count) games.push(await play(game, search, rng));
  const held = Math.ceil(count / 12);
  const tests = remembered(games.slice(0, held), facts, { ...settings.replay, endings: 1 }, planes);
  const taught = remembered(games.slice(held), facts, settings.replay, planes);

  const muzero = createMuZero(model, input);
  const loss = muZeroLoss({ config: model, ...input, valueWeight: learner.valueWeight, rewardWeight: 1, consistencyWeight: learner.consistency, reconstructionWeight: learner.reconstruction });
  const optimizer = { ...optimizerDefaults.adamw, epsilon: 1e-5, weightDecay: learner.weightDecay, ...(learner.clipNorm > 0 && { clipNorm: learner.clipNorm }) } as const;
  const state = initialState(muzero.network, optimizer, createRng(seed).fork('weights'));
  const trainer = await createCompiledTrainer(muzero.network, loss, optimizer, { batch: learner.batch, device: 'cpu', threads, state });
  const rows = createRows(facts, planes, learner.batch);
  const sums: Record<string, number> = {};
  let since = 0;
  for (let step = 1; step <= steps; step++) {
    for (let i = 0; i < learner.batch; i++) fillRow(taught, taught.masses.find(((i + rng.float()) / learner.batch) * taught.masses.total), facts, rows, i, rng);
    // A fifth of the rate at the end, as any schedule has it.
    const losses = await trainer.step({ ...rows }, step <= 0.7 * steps ? 0.002 : 0.0004);
    since++;
    for (const [key, value] of Object.entries(losses)) sums[key] = (sums[key] ?? 0) + value;
    if (step % Math.ceil(steps / 3) !== 0 && step !== steps) continue;
    const { weights } = await trainer.state();
    const means = Object.fromEntries(['policy', 'value', 'reward', 'reconstruction'].flatMap((key) => (key in sums ? [[key, sums[key] / since]] : [])));
    process.stdout.write(`${JSON.stringify({ step, rows: step * learner.batch, ...means, seen: await judge(muzero, weights, tests, facts, planes, positions) })}\n`);
    for (const key of Object.keys(sums)) sums[key] = 0;
    since = 0;
  }
  await trainer.close();
}

await main();
