/** Search and learning mathematics: knows no game, no file, no socket. */
export * from './types.js';
export * from './errors.js';
export * from './rng.js';
export {
  searchKinds, defaultSearchConfig, resolveSearchConfig, checkSimulations, MAX_GUMBEL_SIMULATIONS,
} from './search/config.js';
export type {
  SearchKind, SearchConfig, ResolvedSearchConfig, ResolvedUct, ResolvedPuct, ResolvedGumbel, UctSettings, PuctSettings, GumbelSettings,
} from './search/config.js';
export { createSearch, createLatentSearch, runSearch } from './search/create.js';
export type { SearchOptions } from './search/create.js';
export { symmetryModes } from './search/leaves.js';
export type { SymmetryMode } from './search/leaves.js';
export { LatentSearch } from './search/latent.js';
export type { LatentFacts } from './search/latent.js';
export { joinWorldModel, type OpenedWorldModel } from './search/world-model.js';
export { Planner } from './search/planner.js';
export { createBatch, createLatentBatch } from './search/batch.js';
export { createPositionCache } from './search/cache.js';
export { formatTree } from './search/report.js';
export type { SearchLine } from './search/lines.js';
export type { Unfolded, UnfoldedEdge } from './search/unfold.js';
export { TreeSearch, SIMULATIONS_PER_COLLECT } from './search/core.js';
export { halvingTable, mixedValue, sigmaScale, improvedPolicy } from './search/gumbel-math.js';
export { createAlphaBeta } from './search/alphabeta.js';
export type { AlphaBeta, AlphaBetaOptions, AlphaBetaResult } from './search/alphabeta.js';
