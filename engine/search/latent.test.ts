/** Searching through a learned model: against the search with rules, and by hand. */
import { describe, expect, it } from 'vitest';
import { Planner, createLatentBatch, createLatentSearch, createRng, createSearch, runSearch, createBatch, UserError } from '../index.js';
import type { Evaluator, Game, LatentBatch, LatentSearch, Rng, SearchConfig, State, Turn, WorldModel } from '../index.js';
import { contents } from './testing/drive.js';

/** 24 bits, so that a float32 holds it. */
function mixed(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b1, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return (h ^ (h >>> 13)) & 0xffffff;
}
const unit = (hash: number, salt: number) => Math.fround(mixed(hash, salt) / 0x1000000 - 0.5);

/** A game without an end: each move leads to another hash, which decides its reward, and what a network would say of it. */
class Endless implements State {
  turn: Turn = 0;
  hash = 12345;
  readonly seats: 1 | 2;
  constructor(seats: 1 | 2) {
    this.seats = seats;
  }
  legal(out: Int32Array): number {
    for (let a = 0; a < 3; a++) out[a] = a;
    return 3;
  }
  apply(action: number): number {
    const seat = this.turn;
    this.hash = mixed(this.hash, action);
    this.turn = this.seats === 2 ? ((1 - seat) as Turn) : 0;
    return (seat === 1 ? -1 : 1) * reward(this.hash);
  }
  copyFrom(other: Endless): void {
    this.turn = other.turn;
    this.hash = other.hash;
  }
  key(out: Uint32Array): void {
    out.fill(this.hash);
  }
  observe(out: Float32Array): void {
    out[0] = this.hash;
  }
}
/** For the seat that acted. */
const reward = (hash: number) => (mixed(hash, 77) % 4 === 0 ? unit(hash, 78) * 0.25 : 0);

const endless = (seats: 1 | 2): Game<Endless> => ({
  id: 'endless', name: 'Endless', version: 1, seats, chance: 'none', actionCount: 3, maxPlies: 1000, planes: [1, 1, 1],
  start: () => new Endless(seats), actionName: (_state, action) => String(action), parseAction: () => undefined,
});

function answer(hash: number, row: number, batch: { logits: Float32Array; values: Float32Array }): void {
  for (let a = 0; a < 3; a++) batch.logits[3 * row + a] = 4 * unit(hash, 10 + a);
  batch.values[row] = unit(hash, 20);
}
const network: Evaluator = {
  async evaluate(batch) {
    for (let i = 0; i < batch.size; i++) answer(batch.planes[i], i, batch);
  },
};
/** Knows the game: its latent is the hash. */
const perfect: WorldModel = {
  latentSize: 1,
  async represent(planes, batch) {
    for (let i = 0; i < batch.size; i++) {
      batch.latents[i] = planes[i];
      batch.rewards[i] = 0;
      answer(planes[i], i, batch);
    }
  },
  async step(batch) {
    for (let i = 0; i < batch.size; i++) {
      const hash = mixed(batch.parents[i], batch.actions[i]);
      batch.latents[i] = hash;
      batch.rewards[i] = reward(hash);
      answer(hash, i, batch);
    }
  },
};

async function run(search: LatentSearch, model: WorldModel, batch: LatentBatch, leaves = 1): Promise<void> {
  while (search.remaining > 0) {
    batch.size = 0;
    search.collect(batch, leaves);
    await model.step(batch);
    search.absorb(batch);
  }
}

async function searched(seats: 1 | 2, config: SearchConfig, rng: Rng, more: { hash?: number; turn?: 0 | 1; discount?: number; measuredBounds?: boolean; leaves?: number } = {}): Promise<LatentSearch> {
  const { hash = 12345, turn = 0, discount = 1, measuredBounds = false, leaves = 1 } = more;
  const search = createLatentSearch({ actionCount: 3, seats, latentSize: 1, discount, measuredBounds }, config);
  const batch = createLatentBatch(3, 1, leaves);
  batch.size = 1;
  await perfect.represent(Float32Array.of(hash), batch);
  search.begin(batch, 0, turn, Int32Array.of(0, 1, 2), 3, rng);
  await run(search, perfect, batch, leaves);
  return search;
}

describe.each(['puct', 'gumbel'] as const)('%s through a model that knows the game', (kind) => {
  it.each([[1, 0], [2, 0], [2, 1]] as const)('grows the very tree of the search with rules: %i seats, seat %i to move', async (seats, turn) => {
    const game = endless(seats);
    for (const [hash, noise, leaves] of [[1, false, 1], [2, true, 1], [3, true, 4]] as const) {
      const config: SearchConfig = { kind, simulations: 120, noise, provenResults: false };
      const root = new Endless(seats);
      root.hash = hash;
      root.turn = turn;
      const ruled = createSearch(game, config);
      ruled.restart(root, createRng(5));
      await runSearch(ruled, createBatch(game, leaves), network, leaves);
      const latent = await searched(seats, config, createRng(5), { hash, turn, leaves });
      expect(contents(latent)).toEqual(contents(ruled));
      expect(latent.report()).toEqual(ruled.report());
      const targets = [new Float32Array(3), new Float32Array(3)];
      expect(latent.policyTarget(targets[0])).toBe(ruled.policyTarget(targets[1]));
      expect(targets[0]).toEqual(targets[1]);
      expect(latent.action(createRng(9), 1)).toBe(ruled.action(createRng(9), 1));
    }
  });
});

describe('many positions together', () => {
  /** Rewards of edges that were never played hold anything. */
  const known = (search: LatentSearch) => {
    const { visits, reward, ...rest } = contents(search) as Record<string, number[]>;
    return { visits, reward: reward.map((r, e) => (visits[e] > 0 ? r : 0)), ...rest };
  };

  it('each tree is that of its search alone, whatever was searched before and with how many', async () => {
    const config: SearchConfig = { kind: 'gumbel', simulations: 30, noise: true };
    const planner = new Planner({ actionCount: 3, seats: 2, latentSize: 1, discount: 1, measuredBounds: false }, config, 1, 5);
    for (const hashes of [[11, 12], [21, 22, 23, 24, 25], [31, 32, 33]]) {
      planner.planes.set(hashes);
      const turns = hashes.map((hash) => (hash & 1) as 0 | 1);
      await planner.search(perfect, hashes.length, turns, new Uint8Array(15).fill(1), (row) => createRng(hashes[row]));
      for (const [row, hash] of hashes.entries()) {
        const alone = await searched(2, config, createRng(hash), { hash, turn: turns[row] });
        expect(known(planner.searches[row])).toEqual(known(alone));
      }
    }
    expect(planner.simulations).toBe(10 * 30);
  });
});

describe('values', () => {
  /** Action 0 pays 1 and leads to value .5; action 1 pays 0 and leads to value 2. */
  const payer: WorldModel = {
    latentSize: 1,
    async represent(_planes, batch) {
      batch.logits.fill(0);
      batch.values.fill(0.25);
    },
    async step(batch) {
      for (let i = 0; i < batch.size; i++) {
        batch.rewards[i] = batch.actions[i] === 0 ? 1 : 0;
        batch.values[i] = batch.actions[i] === 0 ? 0.5 : 2;
      }
    },
  };

  it('are discounted on the way up: r + γ v', async () => {
    const search = createLatentSearch({ actionCount: 2, seats: 1, latentSize: 1, discount: 0.9, measuredBounds: true }, { kind: 'gumbel', simulations: 2, valueScale: 0.1 });
    const batch = createLatentBatch(2, 1, 1);
    batch.size = 1;
    await payer.represent(new Float32Array(1), batch);
    search.begin(batch, 0, 0, Int32Array.of(0, 1), 2, createRng(1));
    await run(search, payer, batch);
    const [first, second] = search.report().actions;
    expect(first.value).toBeCloseTo(1 + 0.9 * 0.5, 6);
    expect(second.value).toBeCloseTo(0.9 * 2, 6);
    // Bounds: the root's own .25 and the two means 1.45 and 1.8. So q = (1.45 - .25) / 1.55 and 1; one visit each, so
    // σ = (50 + 1) .1 = 5.1, and π' = softmax(5.1 q).
    expect([search.tree.low, search.tree.high]).toEqual([0.25, expect.closeTo(1.8, 6)]);
    const weight = Math.exp(5.1 * ((1.45 - 0.25) / 1.55 - 1));
    expect(first.policy).toBeCloseTo(weight / (1 + weight), 5);
    // Back in units of reward: Σ π' q.
    const target = new Float32Array(2);
    expect(search.policyTarget(target)).toBeCloseTo((1.45 * weight + 1.8) / (1 + weight), 5);
  });

  it('of a mover in seat 1 are negated once into the tree', async () => {
    const one = await searched(2, { kind: 'puct', simulations: 60 }, createRng(1), { turn: 0 });
    const other = await searched(2, { kind: 'puct', simulations: 60 }, createRng(1), { turn: 1 });
    expect(other.report()).toEqual(one.report());
    expect(other.tree.mean(0)).toBe(-one.tree.mean(0));
  });

  it('keep illegal moves out at the root alone', async () => {
    const search = createLatentSearch({ actionCount: 3, seats: 2, latentSize: 1, discount: 1, measuredBounds: false }, { kind: 'gumbel', simulations: 40 });
    const batch = createLatentBatch(3, 1, 1);
    batch.size = 1;
    await perfect.represent(Float32Array.of(7), batch);
    search.begin(batch, 0, 1, Int32Array.of(0, 2), 2, createRng(1));
    await run(search, perfect, batch);
    expect(search.report().actions.map((a) => a.action)).toEqual([0, 2]);
    expect(search.tree.edges[search.tree.child[0]]).toBe(3);
  });
});

describe('bad input', () => {
  const facts = { actionCount: 3, seats: 1, latentSize: 1, discount: 1, measuredBounds: true } as const;

  it('uct has no rules to play out by', () => {
    expect(() => createLatentSearch(facts, { kind: 'uct' })).toThrow(/'puct' or 'gumbel'/);
  });

  it.each(['logits', 'values', 'rewards'] as const)('a model whose %s are not finite stops the search', async (name) => {
    const search = createLatentSearch(facts, { kind: 'gumbel', simulations: 4 });
    const batch = createLatentBatch(3, 1, 1);
    batch.size = 1;
    await perfect.represent(Float32Array.of(7), batch);
    search.begin(batch, 0, 0, Int32Array.of(0, 1, 2), 3, createRng(1));
    batch.size = 0;
    search.collect(batch, 1);
    await perfect.step(batch);
    batch[name][0] = NaN;
    expect(() => search.absorb(batch)).toThrow(UserError);
  });

  it('no legal move', () => {
    const search = createLatentSearch(facts, { kind: 'gumbel', simulations: 4 });
    expect(() => search.begin(createLatentBatch(3, 1, 1), 0, 0, new Int32Array(3), 0, createRng(1))).toThrow(/nothing to search/);
  });
});
