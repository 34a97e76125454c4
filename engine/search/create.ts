import { UserError } from '../errors.js';
import type { Batch, Evaluator, Game, PositionCache, Search, State } from '../types.js';
import { resolveSearchConfig } from './config.js';
import type { ResolvedSearchConfig, SearchConfig } from './config.js';
import { TreeSearch } from './core.js';
import { GumbelPolicy } from './gumbel.js';
import { LeafExchange } from './leaves.js';
import { LatentSearch } from './latent.js';
import type { LatentFacts } from './latent.js';
import type { SymmetryMode } from './leaves.js';
import type { SelectionPolicy } from './policy.js';
import { PuctPolicy } from './puct.js';
import { UctPolicy } from './uct.js';

export interface SearchOptions {
  /** Network answers shared by all searches with the same weights. */
  cache?: PositionCache;
  /** How leaves are turned before the network sees them; 'none'. */
  symmetry?: SymmetryMode;
}

/**
 * A tree search for the game. Throws UserError('usage') on a bad setting, and for games whose chance is sampled inside
 * `apply`: their positions have no fixed place in a tree (a learned model, MuZero, plays those).
 */
export function createSearch<S extends State>(game: Game<S>, config: SearchConfig, options: SearchOptions = {}): TreeSearch<S> {
  const resolved = resolveSearchConfig(config);
  if (game.chance === 'sampled') {
    throw new UserError('usage', `${resolved.kind} search cannot play '${game.id}': its chance is drawn inside the rules ('sampled'); it takes games without chance or with 'explicit' outcomes.`);
  }
  return new TreeSearch(game, resolved, createPolicy(resolved, game.actionCount), new LeafExchange(game, options.cache, options.symmetry ?? 'none'));
}

/** A search through a learned model: MuZero with 'puct', Gumbel MuZero with 'gumbel'. Throws UserError('usage') on a bad setting. */
export function createLatentSearch(facts: LatentFacts, config: SearchConfig): LatentSearch {
  const resolved = resolveSearchConfig(config);
  if (resolved.kind === 'uct') throw new UserError('usage', "uct plays out by the rules, which a learned model does not have; use 'puct' or 'gumbel'.");
  return new LatentSearch(facts, resolved, createPolicy(resolved, facts.actionCount));
}

function createPolicy(config: ResolvedSearchConfig, actionCount: number): SelectionPolicy {
  switch (config.kind) {
    case 'uct': return new UctPolicy(config, actionCount);
    case 'puct': return new PuctPolicy(config, actionCount);
    case 'gumbel': return new GumbelPolicy(config, actionCount);
    default: return config satisfies never;
  }
}

/**
 * Drives one search to the end of its budget, up to `leaves` in flight at a time. The batch must be empty and is left
 * empty; `evaluator` is not used by UCT. `stop` is asked after every batch.
 */
export async function runSearch(search: Search, batch: Batch, evaluator?: Evaluator, leaves = 1, stop?: () => boolean): Promise<void> {
  while (search.remaining > 0) {
    batch.size = 0;
    if (search.collect(batch, leaves) > 0) {
      if (evaluator === undefined) throw new Error('this search needs a network to value its leaves');
      await evaluator.evaluate(batch);
    }
    search.absorb(batch);
    if (stop?.() === true) break;
  }
  batch.size = 0;
}
