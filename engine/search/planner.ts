/** Latent searches of many positions at once: one call of the model for each simulation of all of them. */
import type { Rng } from '../rng.js';
import type { LatentBatch, WorldModel } from '../types.js';
import { createLatentBatch, rowViews } from './batch.js';
import type { SearchConfig } from './config.js';
import { createLatentSearch } from './create.js';
import type { LatentFacts, LatentSearch } from './latent.js';

export class Planner {
  /** One for each row; those of the last `search` hold its results. */
  readonly searches: readonly LatentSearch[];
  /** [rows, numbers of an observation]: fill before `search`. */
  readonly planes: Float32Array;
  private readonly roots: LatentBatch;
  private readonly batch: LatentBatch;
  /** What each step of a search writes its latents to, where the searches find them. */
  private readonly steps: { readonly latents: Float32Array; readonly rows: readonly Float32Array[] }[] = [];
  private readonly actionCount: number;
  private readonly latentSize: number;
  private readonly legal: Int32Array;
  /** Simulations since the beginning. */
  simulations = 0;

  /** For up to `rows` positions at once; `planes` = numbers of an observation. */
  constructor(facts: LatentFacts, config: SearchConfig, planes: number, rows: number) {
    this.searches = Array.from({ length: rows }, () => createLatentSearch(facts, config));
    this.planes = new Float32Array(rows * planes);
    this.roots = createLatentBatch(facts.actionCount, facts.latentSize, rows);
    this.batch = createLatentBatch(facts.actionCount, facts.latentSize, rows);
    this.roots.lasting = true;
    this.batch.lasting = true;
    this.latentSize = facts.latentSize;
    this.actionCount = facts.actionCount;
    this.legal = new Int32Array(facts.actionCount);
  }

  /** Searches rows 0 <= i < count of `planes`. turns [count]; legal [count, actionCount], 1 legal; `rng` of each row. */
  async search(model: WorldModel, count: number, turns: ArrayLike<number>, legal: Uint8Array, rng: (row: number) => Rng): Promise<void> {
    const { searches, roots, batch, actionCount } = this;
    roots.size = count;
    await model.represent(this.planes, roots);
    for (let i = 0; i < count; i++) {
      let n = 0;
      for (let a = 0; a < actionCount; a++) if (legal[i * actionCount + a] === 1) this.legal[n++] = a;
      searches[i].begin(roots, i, turns[i] === 1 ? 1 : 0, this.legal, n, rng(i));
    }
    batch.size = 0;
    for (let i = 0; i < count; i++) searches[i].collect(batch, 1);
    for (let n = 0; batch.size > 0; n++) {
      this.writeTo(n, batch.size);
      await model.step(batch);
      this.simulations += batch.size;
      batch.size = 0;
      // Each tree reads its answer and asks again while it is in the processor's cache. What one writes no other reads.
      for (let i = 0; i < count; i++) {
        searches[i].absorb(batch);
        searches[i].collect(batch, 1);
      }
    }
  }

  /** The batch's latents become those of a search's step `n`, with room for `count` rows. */
  private writeTo(n: number, count: number): void {
    const { steps, batch, latentSize } = this;
    if (n >= steps.length || steps[n].rows.length < count) {
      const latents = new Float32Array(count * latentSize);
      steps[n] = { latents, rows: rowViews(latents, latentSize) };
    }
    batch.latents = steps[n].latents;
    batch.latentRows = steps[n].rows;
  }

  /** The raw value of the last search's root `row`, for the seat to move. */
  rootValue(row: number): number {
    return this.roots.values[row];
  }

  /** Values of `count` positions in `planes` without a search, for the seat to move. */
  async values(model: WorldModel, count: number, out: Float32Array): Promise<void> {
    this.roots.size = count;
    await model.represent(this.planes, this.roots);
    out.set(this.roots.values.subarray(0, count));
  }
}
