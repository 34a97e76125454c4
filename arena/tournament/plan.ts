/**
 * Who meets whom, from which opening, under which rules: everything that decides a tournament's result, and a hash of it.
 * Pair `index` is round × couples + couple, so that more pairs only lengthen the plan.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { type Game, UserError, createRng } from '#engine';
import { type ExternalSpec, parseExternalAgent, printExternalAgent } from '../agents/external.js';
import { type AgentSpec, parseAgentSpec, printAgentSpec } from '../agents/spec.js';
import { type TimeRule, parseClock } from '../clock.js';
import { RandomOpenings, bookOpenings, defaultOpeningPlies } from '../openings.js';
import type { Position } from '../position.js';
import type { TournamentConfig } from './config.js';

/** One who takes part, as the ledger remembers it. */
export interface PlanPlayer {
  readonly name: string;
  /**
   * Canonical string; of a run's newest checkpoint, with its step. A model's folder is named without those above it: the
   * hash tells networks apart, and the same tournament is the same from wherever it is started.
   */
  readonly agent: string;
  /** SHA-256 of its network. */
  readonly model?: string;
  readonly time?: TimeRule;
}

/** What a tournament's result depends on; plain JSON. */
export interface PlanIdentity {
  readonly game: { readonly id: string; readonly version: number };
  readonly format: TournamentConfig['format'];
  readonly challengers?: number;
  readonly players: readonly PlanPlayer[];
  readonly seed: number;
  readonly openings: { readonly plies?: readonly [number, number]; readonly book?: string };
  readonly adjudication: TournamentConfig['adjudication'];
  readonly timeMargin?: number;
  readonly sprt?: NonNullable<TournamentConfig['sprt']>;
}

export interface Plan {
  readonly identity: PlanIdentity;
  /** Of `identity`. */
  readonly hash: string;
  readonly game: Game;
  /** By which other threads load the game: an id, or a path. */
  readonly source: string;
  readonly specs: readonly (AgentSpec | ExternalSpec)[];
  /** Indices of players who meet. */
  readonly couples: readonly (readonly [a: number, b: number])[];
  /** Pairs for each couple, at most. */
  readonly rounds: number;
  readonly config: TournamentConfig;
  opening(round: number): Position;
  /** Distinct openings among the first `rounds`. */
  distinctOpenings(rounds: number): number;
}

export const pairCount = (plan: Plan): number => plan.rounds * plan.couples.length;
export const coupleOf = (plan: Plan, pair: number): readonly [a: number, b: number] => plan.couples[pair % plan.couples.length];
export const roundOf = (plan: Plan, pair: number): number => Math.floor(pair / plan.couples.length);

/** Whether moves are timed, so that games must not share their lane's time. */
export function isTimed(plan: Plan): boolean {
  return plan.identity.players.some((player) => player.time !== undefined) || plan.specs.some((spec) => ('options' in spec && 'time' in spec.options && spec.options.time > 0) || (spec.kind === 'uci' && spec.limits.nodes === undefined && spec.limits.depth === undefined));
}

function couplesOf(config: TournamentConfig, players: number): (readonly [number, number])[] {
  const challengers = config.format === 'checkpoints' ? 1 : config.format === 'gauntlet' ? config.challengers : players;
  const couples: (readonly [number, number])[] = [];
  for (let a = 0; a < challengers; a++) {
    for (let b = challengers === players ? a + 1 : challengers; b < players; b++) couples.push([a, b]);
  }
  return couples;
}

/** Names the step of a run's newest checkpoint, so that a resumed tournament meets the same network, and hashes it. */
async function pin(spec: AgentSpec, game: Game): Promise<{ spec: AgentSpec; model?: string }> {
  if (!('model' in spec)) return { spec };
  const { resolveModel } = await import('../agents/model.js');
  const { path, manifest } = resolveModel(spec.model, game);
  const isRun = path !== spec.model.path;
  return {
    spec: isRun && spec.model.step === undefined ? { ...spec, model: { ...spec.model, step: manifest.step } } : spec,
    model: manifest.files['model.onnx']?.sha256,
  };
}

function withoutFolder(spec: AgentSpec): AgentSpec {
  return 'model' in spec ? { ...spec, model: { ...spec.model, path: basename(resolve(spec.model.path)) } } : spec;
}

/** Agents of the format "checkpoints": the newest, those before it, then the others given. */
async function checkpointAgents(config: TournamentConfig): Promise<string[]> {
  if (config.run === undefined) return [];
  const { listCheckpoints } = await import('#selfplay/checkpoint');
  const steps = listCheckpoints(config.run).map((entry) => entry.step).sort((a, b) => b - a);
  if (steps.length === 0) throw new UserError('usage', `${config.run} has no checkpoint yet; train it first, or name another run`);
  if (steps.length === 1 && config.agents.length === 0) throw new UserError('usage', `${config.run} has one checkpoint and no agents are given: there is nobody to meet`);
  return steps.slice(0, config.last + 1).map((step) => `az:"${config.run}@step=${step}",sims=${config.sims}`);
}

/** Throws UserError for anything that cannot be played as described. */
export async function createPlan(config: TournamentConfig, game: Game, source: string): Promise<Plan> {
  if (game.seats !== 2) throw new UserError('usage', `${game.name} is played alone: a tournament needs a game for two`);
  const entries = [...await checkpointAgents(config), ...config.agents].map((entry) => (typeof entry === 'string' ? { agent: entry } : entry));
  const specs: (AgentSpec | ExternalSpec)[] = [];
  const players: PlanPlayer[] = [];
  for (const entry of entries) {
    const external = parseExternalAgent(entry.agent);
    const pinned = external === undefined ? await pin(parseAgentSpec(entry.agent, { trusted: true }), game) : { spec: external };
    const agent = 'options' in pinned.spec ? printAgentSpec(withoutFolder(pinned.spec)) : printExternalAgent(pinned.spec);
    const name = ('name' in entry ? entry.name : undefined) ?? agent;
    if (players.some((player) => player.name === name)) {
      throw new UserError('usage', `two agents are called '${name}': give one of them a name of its own, {"agent": …, "name": …}`);
    }
    const own = 'clock' in entry || 'moveMillis' in entry ? entry : config;
    const time: TimeRule = {
      ...(own.clock === undefined ? {} : { clock: parseClock(own.clock) }),
      ...(own.moveMillis === undefined ? {} : { moveMillis: own.moveMillis }),
    };
    specs.push(pinned.spec);
    players.push({ name, agent, ...('model' in pinned && pinned.model !== undefined ? { model: pinned.model } : {}), ...(Object.keys(time).length === 0 ? {} : { time }) });
  }

  const { plies, book } = config.openings;
  const range = plies === undefined ? defaultOpeningPlies(game) : typeof plies === 'number' ? ([plies, plies] as const) : plies;
  const text = book === undefined ? undefined : readBook(book);
  const rules = config.adjudication;
  const identity: PlanIdentity = {
    game: { id: game.id, version: game.version },
    format: config.format,
    ...(config.format === 'gauntlet' ? { challengers: config.challengers } : {}),
    players,
    seed: config.seed,
    openings: text === undefined ? { plies: range } : { book: sha256(text) },
    adjudication: rules,
    ...(players.some((player) => player.time !== undefined) ? { timeMargin: config.timeMargin } : {}),
    ...(config.sprt === undefined ? {} : { sprt: config.sprt }),
  };

  const random = text === undefined ? new RandomOpenings(game, { seed: config.seed, plies: range }) : undefined;
  const listed = text === undefined ? undefined : shuffledBook(game, text, config.seed);
  const couples = couplesOf(config, players.length);
  return {
    identity,
    hash: sha256(canonical(identity)),
    game,
    source,
    specs,
    couples,
    rounds: config.pairs,
    config,
    opening: (round) => random?.at(round) ?? listed![round % listed!.length],
    distinctOpenings: (rounds) => (rounds === 0 ? 0 : random === undefined ? Math.min(rounds, listed!.length) : random.distinct(rounds)),
  };
}

/** All of a book's positions in an order by the seed (Fisher and Yates), so that a short tournament is not about its first page. */
function shuffledBook(game: Game, text: string, seed: number): Position[] {
  const { positions, distinct } = bookOpenings(game, text, text.split('\n').length);
  const out = positions.slice(0, distinct);
  const rng = createRng(seed).fork('book');
  for (let i = out.length - 1; i > 0; i--) {
    const j = rng.below(i + 1);
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
}

function readBook(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new UserError('usage', `cannot read the openings ${file}`);
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** JSON with sorted keys and no undefined entries: equal data give equal text. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonical(entry)}`).join(',')}}`;
}

/** Where two plans differ first, in words; undefined when they do not. */
export function difference(before: unknown, now: unknown, path = ''): string | undefined {
  if (canonical(before) === canonical(now)) return undefined;
  if (typeof before === 'object' && before !== null && typeof now === 'object' && now !== null) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(now)])) {
      const found = difference((before as Record<string, unknown>)[key], (now as Record<string, unknown>)[key], path === '' ? key : `${path}.${key}`);
      if (found !== undefined) return found;
    }
  }
  const shown = (value: unknown): string => (value === undefined ? 'absent' : canonical(value).slice(0, 80));
  return `${path} was ${shown(before)} and is now ${shown(now)}`;
}
