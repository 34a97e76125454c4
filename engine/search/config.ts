/** Settings of the tree searches: one documented record a kind, defaults, and checks with a clear message. */
import { UserError, unknown } from '../errors.js';

export const searchKinds = ['uct', 'puct', 'gumbel'] as const;
export type SearchKind = (typeof searchKinds)[number];

/** What every kind of search understands. */
interface CommonSettings {
  /** Simulations a move, on top of what a kept subtree already holds; Gumbel takes at most 65,536. */
  simulations: number;
  /** Lowest and highest possible sum of rewards to seat 0; [-1, 1] for board games. Selection scales values by it. */
  valueRange: readonly [low: number, high: number];
  /** Back exact wins, draws and losses up the tree (two-seat games without chance; elsewhere it has no effect). */
  provenResults: boolean;
  /** Most positions the tree holds, about 250 bytes each on Connect Four; beyond it leaves are evaluated, not stored. */
  maxNodes: number;
}

/** Monte Carlo tree search with uniformly random playouts (Kocsis and Szepesvári 2006). Needs no network. */
export interface UctSettings extends CommonSettings {
  /** c in Q + c·sqrt(ln N(s) / N(s,a)), for values scaled to [-1, 1]; sqrt(2). */
  exploration: number;
}

/** AlphaZero's search (Silver et al. 2018, pseudocode), with KataGo's first-play urgency and forced playouts. */
export interface PuctSettings extends CommonSettings {
  /** c_base in c(s) = ln((1 + N + c_base) / c_base) + c_init; 19652. */
  explorationBase: number;
  /** c_init, for values scaled to [-1, 1]; 1.25. */
  explorationInit: number;
  /** An unvisited action is worth the position's mean less this times sqrt(visited prior mass); 0.2 (KataGo). */
  firstPlayReduction: number;
  /** The same at the root; 0, so that noise can bring any action up. */
  rootFirstPlayReduction: number;
  /** Mix Dirichlet noise into the root's priors: on in self-play, off in evaluation. */
  noise: boolean;
  /** Share of the noise in the noisy priors; 0.25. */
  noiseFraction: number;
  /** The noise's alpha is this divided by the number of legal moves; 10. */
  noiseConcentration: number;
  /** KataGo's forced playouts, n = sqrt(this · prior · ΣN), pruned from the target afterwards; 0 = off, KataGo uses 2. */
  forcedPlayouts: number;
}

/** Gumbel AlphaZero (Danihelka et al., ICLR 2022): sequential halving at the root, completed-Q policy target. */
export interface GumbelSettings extends CommonSettings {
  /** m: most root actions that are considered; 16. */
  maxConsidered: number;
  /** c_visit in σ(q) = (c_visit + max N) · c_scale · q, q scaled to [0, 1]; 50. */
  visitScale: number;
  /** c_scale; 1 for board games. */
  valueScale: number;
  /** Draw Gumbel noise at the root: on in self-play; off (g = 0) in evaluation. */
  noise: boolean;
}

export type SearchConfig =
  | ({ kind: 'uct' } & Partial<UctSettings>)
  | ({ kind: 'puct' } & Partial<PuctSettings>)
  | ({ kind: 'gumbel' } & Partial<GumbelSettings>);

export type ResolvedUct = { readonly kind: 'uct' } & Readonly<UctSettings>;
export type ResolvedPuct = { readonly kind: 'puct' } & Readonly<PuctSettings>;
export type ResolvedGumbel = { readonly kind: 'gumbel' } & Readonly<GumbelSettings>;
export type ResolvedSearchConfig = ResolvedUct | ResolvedPuct | ResolvedGumbel;

const common: CommonSettings = { simulations: 100, valueRange: [-1, 1], provenResults: true, maxNodes: 1 << 19 };

const defaults = {
  uct: { kind: 'uct', ...common, simulations: 1000, exploration: Math.SQRT2 } satisfies ResolvedUct,
  puct: {
    kind: 'puct', ...common, explorationBase: 19652, explorationInit: 1.25, firstPlayReduction: 0.2, rootFirstPlayReduction: 0,
    noise: false, noiseFraction: 0.25, noiseConcentration: 10, forcedPlayouts: 0,
  } satisfies ResolvedPuct,
  gumbel: { kind: 'gumbel', ...common, simulations: 32, maxConsidered: 16, visitScale: 50, valueScale: 1, noise: false } satisfies ResolvedGumbel,
} as const;

/** Every setting of a kind, for evaluation play: noise is off. */
export function defaultSearchConfig(kind: 'uct'): ResolvedUct;
export function defaultSearchConfig(kind: 'puct'): ResolvedPuct;
export function defaultSearchConfig(kind: 'gumbel'): ResolvedGumbel;
export function defaultSearchConfig(kind: SearchKind): ResolvedSearchConfig;
export function defaultSearchConfig(kind: SearchKind): ResolvedSearchConfig {
  if (!searchKinds.includes(kind)) throw unknown('search', String(kind), searchKinds);
  return { ...defaults[kind] };
}

/** Least value of each number; those that may be 0 or below say so here, all others must be positive. */
const least: Record<string, number> = {
  simulations: 0, exploration: 0, explorationInit: 0, firstPlayReduction: 0, rootFirstPlayReduction: 0, noiseFraction: 0, forcedPlayouts: 0, visitScale: 0,
};
const whole = new Set(['simulations', 'maxNodes', 'maxConsidered']);
/** A halving table has one entry a simulation: beyond this it would only waste memory. */
export const MAX_GUMBEL_SIMULATIONS = 65536;

/** Fills in the defaults; throws UserError('usage') on an unknown or impossible setting. */
export function resolveSearchConfig(config: SearchConfig): ResolvedSearchConfig {
  const base = defaultSearchConfig(config.kind);
  const known = Object.keys(base);
  for (const [name, value] of Object.entries(config)) {
    if (!known.includes(name)) throw unknown(`${config.kind} search setting`, name, known);
    if (name === 'kind' || value === undefined) continue;
    const wanted = typeof base[name as keyof typeof base];
    if (typeof value !== wanted) throw new UserError('usage', `search setting '${name}' must be a ${wanted}, not ${JSON.stringify(value)}.`);
    if (typeof value === 'number') checkNumber(name, value);
  }
  const given = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
  const resolved = { ...base, ...given } as ResolvedSearchConfig;
  const [low, high] = resolved.valueRange;
  if (!(Number.isFinite(low) && Number.isFinite(high) && low < high)) {
    throw new UserError('usage', `search setting 'valueRange' must be two numbers, lowest first, not ${JSON.stringify(resolved.valueRange)}.`);
  }
  if (resolved.kind === 'puct' && resolved.noiseFraction > 1) throw new UserError('usage', `search setting 'noiseFraction' must be at most 1, not ${resolved.noiseFraction}.`);
  checkSimulations(resolved.kind, resolved.simulations);
  return resolved;
}

export function checkSimulations(kind: SearchKind, count: number): void {
  checkNumber('simulations', count);
  if (kind === 'gumbel' && count > MAX_GUMBEL_SIMULATIONS) {
    throw new UserError('usage', `gumbel search takes at most ${MAX_GUMBEL_SIMULATIONS} simulations a move, not ${count}; use puct for more.`);
  }
}

function checkNumber(name: string, value: number): void {
  const smallest = least[name];
  const fine = Number.isFinite(value) && (smallest === undefined ? value > 0 : value >= smallest) && (!whole.has(name) || Number.isInteger(value));
  if (fine) return;
  const range = smallest === undefined ? 'above 0' : `of at least ${smallest}`;
  throw new UserError('usage', `search setting '${name}' must be a ${whole.has(name) ? 'whole ' : ''}number ${range}, not ${value}.`);
}
