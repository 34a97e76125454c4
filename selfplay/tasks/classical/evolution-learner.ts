/**
 * Evolution of small policies: every member of a population plays its episodes, in as many environments at once as there
 * are; their returns are its score. Each generation begins all environments anew from a seed of its own.
 */
import { UserError, createRng } from '#engine';
import { SmallPolicy, policyParameters, type EvolutionSearch, type PolicyShape } from '#engine/evolution';
import { applySnapshot, takeSnapshot } from '../snapshot.js';
import type { Environments, LearnerMetrics, LearnerState, TaskLearner, TaskModel } from '../types.js';
import { checkKept, type Settings } from './same-settings.js';

const SLICE_STEPS = 500;
const SLICE_MILLISECONDS = 100;

export interface EvolutionRun {
  readonly environments: Environments;
  readonly search: EvolutionSearch;
  readonly shape: PolicyShape;
  /** Episodes of each member in a generation. */
  readonly episodes: number;
  readonly seed: number;
  /** Of the whole run: a slice ends there. */
  readonly frames: number;
  /** Settings that a run which goes on must have again. */
  readonly kept: Settings;
  readonly model: (parameters: Float64Array) => Promise<Uint8Array>;
}

/** The generation under way. */
class Generation {
  /** [population * size] */
  readonly members: Float64Array;
  /** [population]: sums of returns. */
  readonly scores: Float64Array;
  /** [n]: which member plays in each environment; -1 when none is left to. */
  readonly playing: Int32Array;
  /** [n]: return of its episode so far. */
  readonly returns: Float64Array;
  /** Episodes begun and ended. */
  begun = 0;
  ended = 0;

  constructor(population: number, size: number, n: number) {
    this.members = new Float64Array(population * size);
    this.scores = new Float64Array(population);
    this.playing = new Int32Array(n);
    this.returns = new Float64Array(n);
  }
}

export class EvolutionLearner implements TaskLearner {
  frames = 0;
  /** Generations. */
  steps = 0;
  private fresh = true;
  private best = NaN;
  private mean = NaN;
  private readonly run: EvolutionRun;
  private readonly policy: SmallPolicy;
  private readonly now: Generation;
  private readonly actions: Int32Array;

  constructor(run: EvolutionRun) {
    const { environments, search, shape } = run;
    this.run = run;
    this.policy = new SmallPolicy(shape);
    this.now = new Generation(search.population, policyParameters(shape), environments.n);
    this.actions = new Int32Array(environments.n);
  }

  async advance(): Promise<void> {
    const { population } = this.run.search;
    const total = population * this.run.episodes;
    const end = performance.now() + SLICE_MILLISECONDS;
    for (let i = 0; i < SLICE_STEPS && (i % 8 !== 7 || performance.now() < end); i++) {
      if (this.fresh) await this.begin(total);
      await this.step(total);
      if (this.now.ended === total) this.finish();
      if (this.frames >= this.run.frames) return;
    }
  }

  private async begin(total: number): Promise<void> {
    const { environments, search, seed } = this.run;
    const { now } = this;
    const rng = createRng(seed).fork('generation', this.steps);
    search.ask(rng.fork('population'), now.members);
    await environments.reset(rng.fork('environments').uint32());
    now.scores.fill(0);
    now.returns.fill(0);
    now.begun = now.ended = 0;
    for (let i = 0; i < now.playing.length; i++) now.playing[i] = this.next(total);
    this.fresh = false;
  }

  /** Members take turns, so that the episodes of one are spread over the environments. */
  private next(total: number): number {
    return this.now.begun < total ? this.now.begun++ % this.run.search.population : -1;
  }

  private async step(total: number): Promise<void> {
    const { environments, search } = this.run;
    const { now, actions } = this;
    const inputs = environments.planes.length / environments.n;
    const choices = environments.legal.length / environments.n;
    for (let i = 0; i < actions.length; i++) {
      // Where nobody is left to play, the mean of the search does, until the others are done.
      const member = now.playing[i];
      const [weights, offset] = member < 0 ? [search.mean, 0] : [now.members, member * search.size];
      actions[i] = this.policy.act(weights, offset, environments.planes, i * inputs, environments.legal, i * choices);
    }
    await environments.step(actions);
    this.frames += environments.n;
    for (let i = 0; i < actions.length; i++) {
      const member = now.playing[i];
      if (member < 0) continue;
      now.returns[i] += environments.rewards[i];
      if (environments.terminated[i] === 0 && environments.truncated[i] === 0) continue;
      now.scores[member] += now.returns[i] / this.run.episodes;
      now.returns[i] = 0;
      now.ended++;
      now.playing[i] = this.next(total);
    }
  }

  private finish(): void {
    const { scores, members } = this.now;
    this.run.search.tell(members, scores);
    this.best = scores.reduce((most, score) => Math.max(most, score), -Infinity);
    this.mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    this.steps++;
    this.fresh = true;
  }

  metrics(): LearnerMetrics {
    const { deviation } = this.run.search;
    const spread = deviation.reduce((sum, value) => sum + value, 0) / deviation.length;
    return { losses: {}, values: { spread, ...(Number.isNaN(this.best) ? {} : { bestScore: this.best, meanScore: this.mean }) } };
  }

  async state(): Promise<LearnerState> {
    const { frames, steps, fresh, best, mean } = this;
    const scored = steps > 0;
    return {
      arrays: { search: takeSnapshot([this.run.search, this.now]) },
      json: { frames, steps, fresh, best: scored ? best : null, mean: scored ? mean : null, size: this.run.search.size, population: this.run.search.population, kept: this.run.kept },
    };
  }

  async restore({ arrays, json }: LearnerState): Promise<void> {
    const saved = json as { frames: number; steps: number; fresh: boolean; best: number | null; mean: number | null; size: number; population: number; kept: Settings };
    const { search, environments } = this.run;
    checkKept(saved.kept, this.run.kept);
    if (!(arrays.search instanceof Uint8Array) || saved.size !== search.size || saved.population !== search.population) {
      throw new UserError('data', `the saved search is of ${saved.population} members of ${saved.size} weights, not of ${search.population} of ${search.size}; it is of other settings`);
    }
    applySnapshot([search, this.now], arrays.search);
    this.frames = saved.frames;
    this.steps = saved.steps;
    this.best = saved.best ?? NaN;
    this.mean = saved.mean ?? NaN;
    // A generation whose environments could not be saved is played again, from the same seed.
    this.fresh = saved.fresh || environments.save() === undefined;
  }

  async model(): Promise<TaskModel> {
    return { format: 'onnx', bytes: await this.run.model(this.run.search.mean) };
  }

  async close(): Promise<void> {}
}
