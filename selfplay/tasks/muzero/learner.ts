/**
 * MuZero and Gumbel MuZero at work on environments: every move is searched in the latest model, every step remembered, and
 * the model trained by credit (Schrittwieser et al. 2020; Danihelka et al. 2022). Some of the searches look again at old
 * positions and replace what was remembered of them (Schrittwieser et al. 2021, "MuZero Unplugged").
 */
import { Planner, UserError, createRng, type Rng, type SearchConfig } from '#engine';
import { createCompiledTrainer, openWorldModel, type CompiledTrainer, type OpenWorldModel } from '#engine/node';
import type { MuZero, TrainerState, Weights } from '#engine/nn';
import { scheduled } from '../../config-schema.js';
import { checkLosses, type Environments, type LearnerMetrics, type LearnerOptions, type LearnerState, type TaskLearner, type TaskModel } from '../types.js';
import { modelConfig, type MuZeroSettings } from './config.js';
import { History, RUNNING, TERMINATED, TRUNCATED } from './history.js';
import { Strays } from './strays.js';
import { createRows, endsWithin, fillRow, returnOf, type TargetFacts, type TrainingRows } from './targets.js';

export type SearchKind = 'puct' | 'gumbel';

/** Added to every error, so that nothing is forgotten. */
const LEAST_ERROR = 1e-3;

export async function createMuZeroLearner(options: LearnerOptions<MuZeroSettings>, kind: SearchKind): Promise<TaskLearner> {
  const { createMuZero, muZeroLoss, optimizerDefaults, initialState } = await import('#engine/nn');
  const { config, task, device, threads, seed } = options;
  const { planes, actionCount: actions } = task;
  const model = modelConfig(config);
  const muzero = createMuZero(model, { planes, actions });
  const loss = muZeroLoss({ config: model, actions, planes, valueWeight: config.learner.valueWeight, rewardWeight: 1, consistencyWeight: config.learner.consistency, reconstructionWeight: config.learner.reconstruction });
  const { weightDecay, clipNorm, batch } = config.learner;
  const optimizer = { ...optimizerDefaults.adamw, epsilon: 1e-5, weightDecay, ...(clipNorm > 0 && { clipNorm }) } as const;
  const state = initialState(muzero.network, optimizer, createRng(seed).fork('weights'));
  const trainer = await createCompiledTrainer(muzero.network, loss, optimizer, { batch, device, threads, state });
  const learner = new MuZeroLearner(options, kind, muzero, trainer);
  await learner.publish();
  return learner;
}

class MuZeroLearner implements TaskLearner {
  frames = 0;
  steps = 0;
  readonly slice: number;
  private readonly options: LearnerOptions<MuZeroSettings>;
  private readonly kind: SearchKind;
  private readonly muzero: MuZero;
  private readonly trainer: CompiledTrainer;
  /** What the searches ask. */
  private acting: OpenWorldModel | undefined;
  private actingWeights: Weights = {};
  private readonly environments: Environments;
  private readonly planner: Planner;
  private readonly history: History;
  private readonly facts: TargetFacts;
  private readonly rows: TrainingRows;
  private readonly slots: Int32Array;
  private readonly errors: Float32Array;
  private readonly actions: Int32Array;
  private readonly opened: Int32Array;
  /** [environments + looked at again] */
  private readonly turns: Uint8Array;
  private readonly legal: Uint8Array;
  private readonly again: Int32Array;
  private readonly finals: Float32Array;
  private readonly finalOf: Int32Array;
  private readonly policy: Float32Array;
  private readonly size: number;
  /** Frames at which the history began: later than 0 where a run went on without it. */
  private since = 0;
  /** Training steps that are owed. */
  private credit = 0;
  private readonly searchRng: Rng;
  private readonly sampleRng: Rng;
  private readonly strays: Strays;
  // Figures since the last `metrics`.
  private lossSums: Record<string, number> = {};
  private trained = 0;
  private sums = { value: 0, entropy: 0, gain: 0, count: 0 };

  constructor(options: LearnerOptions<MuZeroSettings>, kind: SearchKind, muzero: MuZero, trainer: CompiledTrainer) {
    const { config, environments, task, seed } = options;
    const { n } = environments;
    const { actionCount } = task;
    const { search, learner, replay } = config;
    const twoSeats = task.seats === 2;
    this.options = options;
    this.slice = n;
    this.kind = kind;
    this.muzero = muzero;
    this.trainer = trainer;
    this.environments = environments;
    this.size = task.planes[0] * task.planes[1] * task.planes[2];
    const again = Math.round((n * replay.reanalyze) / Math.max(1 - replay.reanalyze, 0.05));
    const searching: SearchConfig = kind === 'gumbel'
      ? { kind, simulations: search.simulations, maxConsidered: search.considered, valueScale: search.valueScale, noise: true }
      : { kind, simulations: search.simulations, explorationInit: search.exploration, noise: true, noiseFraction: search.noiseFraction };
    this.planner = new Planner({ actionCount, seats: twoSeats ? 2 : 1, latentSize: muzero.latentSize, discount: learner.discount, measuredBounds: !twoSeats }, searching, this.size, n + again);
    this.facts = { model: muzero.config, actionCount, tdSteps: learner.tdSteps, discount: learner.discount, symmetries: learner.symmetries ? task.game?.symmetries : undefined };
    const length = Math.max(learner.tdSteps + learner.unroll + 2, Math.ceil(replay.capacity / n));
    this.history = new History({ environments: n, length, planes: this.size, frames: replay.frames, actionCount, lag: learner.tdSteps + learner.unroll });
    this.rows = createRows(this.facts, this.size, learner.batch);
    this.slots = new Int32Array(learner.batch);
    this.errors = new Float32Array(learner.batch);
    this.actions = new Int32Array(n);
    this.opened = new Int32Array(n);
    this.turns = new Uint8Array(n + again);
    this.legal = new Uint8Array((n + again) * actionCount);
    this.again = new Int32Array(again);
    this.finals = new Float32Array(n);
    this.finalOf = new Int32Array(n);
    this.policy = new Float32Array(actionCount);
    const root = createRng(seed);
    this.searchRng = root.fork('search');
    this.sampleRng = root.fork('sample');
    this.strays = new Strays(search, n, actionCount, root.fork('opening'));
  }

  /** The acting model gets these weights, by default the present ones. */
  async publish(weights?: Weights): Promise<void> {
    const { exportModel, exportModule } = await import('#engine/nn');
    weights ??= await this.weights();
    const { device, threads } = this.options;
    const fresh = await openWorldModel(exportModel(this.muzero.representation, weights), exportModule(this.muzero.dynamics, weights), { device, threads });
    await this.acting?.close();
    this.acting = fresh;
    this.actingWeights = weights;
  }

  /** Throws UserError('data') when one of them is not a finite number: nothing is played or saved with such weights. */
  private async weights(): Promise<Weights> {
    const { weights } = await this.trainer.state();
    for (const [name, array] of Object.entries(weights)) {
      if (!array.every(Number.isFinite)) throw new UserError('data', `the weights '${name}' are no longer finite at step ${this.steps}: training has stopped, and the last checkpoint is kept; lower the learning rate, or clip gradients`);
    }
    return weights;
  }

  async advance(): Promise<void> {
    await this.act();
    const { learner } = this.options.config;
    if (this.frames - this.since < learner.warmup || this.history.size < learner.batch) return;
    this.credit += this.environments.n / learner.framesPerStep;
    while (this.credit >= 1) {
      this.credit--;
      await this.train();
      if (this.steps % learner.publishEvery === 0) await this.publish();
    }
  }

  /** One step of every environment. */
  private async act(): Promise<void> {
    const { environments, planner, history, strays, turns, legal, size } = this;
    const { n } = environments;
    const { actionCount } = this.facts;
    const model = this.acting as OpenWorldModel;
    planner.planes.set(environments.planes);
    legal.set(environments.legal);
    if (environments.turns === undefined) turns.fill(0, 0, n);
    else turns.set(environments.turns);
    const again = this.lookAgain(n);
    await planner.search(model, n + again, turns, legal, () => this.searchRng);
    const progress = this.frames / this.options.frames;
    const temperature = this.kind === 'gumbel' ? 0 : scheduled(this.options.config.search.temperature, progress);
    const random = scheduled(this.options.config.search.randomMoves, progress);
    // Before any slot is opened: the oldest step may be one of those looked at again.
    for (let k = 0; k < again; k++) this.remember(this.again[k], n + k);
    for (let i = 0; i < n; i++) {
      const slot = (this.opened[i] = history.open(i));
      history.seen.write(slot, environments.planes, i * size);
      history.legal.set(legal.subarray(i * actionCount, (i + 1) * actionCount), slot * actionCount);
      history.turns[slot] = turns[i];
      this.remember(slot, i);
      this.measure(slot, i);
      const stray = strays.next(i, legal, random);
      history.strayed[slot] = stray >= 0 ? 1 : 0;
      this.actions[i] = history.actions[slot] = stray >= 0 ? stray : planner.searches[i].action(this.searchRng, temperature);
    }
    await environments.step(this.actions);
    this.frames += n;
    await this.settle(model);
  }

  /** What the search of row `row` found becomes what is remembered of the slot. */
  private remember(slot: number, row: number): void {
    const { history, policy } = this;
    const value = this.planner.searches[row].policyTarget(policy);
    history.policies.set(policy, slot * policy.length);
    history.values[slot] = history.turns[slot] === 1 ? -value : value;
  }

  private measure(slot: number, row: number): void {
    const { policy, sums } = this;
    let entropy = 0;
    for (const p of policy) if (p > 0) entropy -= p * Math.log(p);
    const value = this.history.turns[slot] === 1 ? -this.history.values[slot] : this.history.values[slot];
    sums.value += value;
    sums.gain += value - this.planner.rootValue(row);
    sums.entropy += entropy;
    sums.count++;
  }

  /** Remembered positions in the rows after the environments'; returns how many. */
  private lookAgain(from: number): number {
    const { history, again, size } = this;
    const { actionCount } = this.facts;
    if (again.length === 0 || history.size < this.options.config.learner.batch) return 0;
    for (let k = 0; k < again.length; k++) {
      const slot = (again[k] = history.masses.find(this.sampleRng.float() * history.masses.total));
      history.seen.read(slot, this.planner.planes, (from + k) * size);
      this.legal.set(history.legal.subarray(slot * actionCount, (slot + 1) * actionCount), (from + k) * actionCount);
      this.turns[from + k] = history.turns[slot];
    }
    return again.length;
  }

  /** Rewards and ends of the step just taken; the value of positions in which an episode was cut. */
  private async settle(model: OpenWorldModel): Promise<void> {
    const { environments, history, planner, size, finals, finalOf } = this;
    const { n, rewards, terminated, truncated, finalPlanes } = environments;
    let cut = 0;
    for (let i = 0; i < n; i++) {
      if (truncated[i] === 0) continue;
      planner.planes.set(finalPlanes.subarray(i * size, (i + 1) * size), cut * size);
      finalOf[i] = cut++;
    }
    if (cut > 0) await planner.values(model, cut, finals);
    for (let i = 0; i < n; i++) {
      const slot = this.opened[i];
      if (!Number.isFinite(rewards[i])) throw new UserError('data', `environment ${i} gave the reward ${rewards[i]}; it must be a finite number`);
      history.rewards[slot] = rewards[i];
      history.ends[slot] = terminated[i] === 1 ? TERMINATED : truncated[i] === 1 ? TRUNCATED : RUNNING;
      // The model speaks for the seat that would have moved next.
      const sign = this.options.task.seats === 2 && history.turns[slot] === 0 ? -1 : 1;
      history.finalValues[slot] = truncated[i] === 1 ? sign * finals[finalOf[i]] : 0;
      if (history.ends[slot] !== RUNNING) this.strays.begin(i);
      history.commit(i, this.enter);
    }
  }

  /** A slot can be drawn from now on. */
  private readonly enter = (slot: number): void => {
    this.history.masses.set(slot, this.mass(slot, returnOf(this.history, slot, this.facts) - this.history.values[slot]));
  };

  private mass(slot: number, error: number): number {
    const { priority, endings } = this.options.config.replay;
    const mass = (Math.abs(error) + LEAST_ERROR) ** priority;
    return endings > 1 && endsWithin(this.history, slot, this.facts.model.unroll) ? endings * mass : mass;
  }

  private async train(): Promise<void> {
    const { history, rows, slots, errors, sampleRng } = this;
    const { learner, replay } = this.options.config;
    const { total } = history.masses;
    const count = history.size;
    let most = 0;
    for (let i = 0; i < learner.batch; i++) {
      const slot = (slots[i] = history.masses.find(((i + sampleRng.float()) / learner.batch) * total));
      fillRow(history, slot, this.facts, rows, i, sampleRng);
      const weight = (rows.weight[i] = ((count * history.masses.get(slot)) / total) ** -replay.correction);
      if (weight > most) most = weight;
    }
    for (let i = 0; i < learner.batch; i++) rows.weight[i] /= most;
    const losses = await this.trainer.step({ ...rows }, this.learningRate(), { priority: errors });
    this.steps++;
    checkLosses(losses, this.steps);
    for (let i = 0; i < learner.batch; i++) history.masses.set(slots[i], this.mass(slots[i], errors[i]));
    for (const [name, value] of Object.entries(losses)) this.lossSums[name] = (this.lossSums[name] ?? 0) + value;
    this.trained++;
  }

  private learningRate(): number {
    return scheduled(this.options.config.learner.learningRate, this.frames / this.options.frames);
  }

  metrics(): LearnerMetrics {
    const { lossSums, trained, sums } = this;
    const losses = Object.fromEntries(Object.entries(lossSums).map(([name, sum]) => [name, sum / trained]));
    const values = {
      learningRate: this.learningRate(), replay: this.history.size, simulations: this.planner.simulations,
      ...(sums.count > 0 && { searchValue: sums.value / sums.count, searchGain: sums.gain / sums.count, policyEntropy: sums.entropy / sums.count }),
    };
    this.lossSums = {};
    this.trained = 0;
    this.sums = { value: 0, entropy: 0, gain: 0, count: 0 };
    return { losses, values };
  }

  async state(): Promise<LearnerState> {
    await this.weights();
    const { weights, optimizer, step } = await this.trainer.state();
    const arrays: Record<string, Float32Array | Float64Array | Int32Array | Uint8Array> = {};
    for (const [name, array] of Object.entries(weights)) arrays[`weights/${name}`] = array;
    for (const [name, array] of Object.entries(optimizer)) arrays[`optimizer/${name}`] = array;
    // What acts is a few training steps old: whoever goes on from here acts by the same.
    for (const [name, array] of Object.entries(this.actingWeights)) arrays[`acting/${name}`] = array.slice();
    const experience = Object.fromEntries(Object.entries(this.history.arrays()).map(([name, array]) => [name, array.slice()]));
    return { arrays, experience, json: { since: this.since, step, frames: this.frames, steps: this.steps, credit: this.credit, strays: this.strays.state(), searchRng: { ...this.searchRng }, sampleRng: { ...this.sampleRng } } };
  }

  async restore({ arrays, experience, json }: LearnerState): Promise<void> {
    const part = (prefix: string) => Object.fromEntries(Object.entries(arrays).flatMap(([name, array]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), array]] : [])));
    const saved = json as { since?: number; step: number; frames: number; steps: number; credit: number; strays: object; searchRng: object; sampleRng: object };
    await this.trainer.restore({ step: saved.step, weights: part('weights/') as Weights, optimizer: part('optimizer/') as TrainerState['optimizer'] });
    // Checkpoints from before experience had a file of its own held it among the rest.
    const history: Readonly<Record<string, ArrayLike<number>>> = experience ?? part('history/');
    const empty = Object.keys(history).length === 0;
    const own = this.history.arrays();
    for (const [name, array] of empty ? [] : Object.entries(own)) {
      if (history[name]?.length !== array.length) throw new UserError('data', `the saved history's '${name}' has ${history[name]?.length ?? 'no'} numbers; these settings need ${array.length}`);
    }
    if (!empty) this.history.restore(history);
    this.frames = saved.frames;
    this.since = empty ? saved.frames : (saved.since ?? 0);
    this.steps = saved.steps;
    this.credit = saved.credit;
    Object.assign(this.searchRng, saved.searchRng);
    this.strays.restore(saved.strays);
    Object.assign(this.sampleRng, saved.sampleRng);
    await this.publish(part('acting/') as Weights);
  }

  async model(): Promise<TaskModel> {
    const { exportModel, exportModule } = await import('#engine/nn');
    const weights = await this.weights();
    const { considered, valueScale, exploration } = this.options.config.search;
    // All that a search of the model must know, so that who plays it needs no settings of the run.
    const planner = JSON.stringify({ considered, valueScale, exploration, discount: this.facts.discount });
    return {
      format: 'onnx', bytes: exportModel(this.muzero.representation, weights),
      more: { 'dynamics.onnx': exportModule(this.muzero.dynamics, weights), 'planner.json': new TextEncoder().encode(planner) },
    };
  }

  async close(): Promise<void> {
    await this.trainer.close();
    await this.acting?.close();
  }
}
