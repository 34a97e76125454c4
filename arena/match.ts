/** Matches of colour-swapped pairs between two agents, over worker threads, and what their results say. */
import { availableParallelism } from 'node:os';
import { type Game, UserError } from '#engine';
import { loadGame } from '#games';
import type { ExternalSpec } from './agents/external.js';
import type { HostOptions } from './agents/hosted.js';
import type { Player } from './agents/player.js';
import type { AgentSpec } from './agents/spec.js';
import { parseAnyAgent, startPlayer } from './agents/start.js';
import { type Openings, bookOpenings, defaultOpeningPlies, randomOpenings } from './openings.js';
import { type MatchStatistics, type PairCounts, matchStatistics, sampleOfPairs } from './ratings/index.js';
import { type GameRecord, referee } from './referee.js';

export interface MatchSettings {
  readonly pairs: number;
  readonly seed: number | string;
  /** Text of a book, instead of random plies. */
  readonly book?: string;
  readonly openingPlies?: readonly [least: number, most: number];
  /** Games under way at once over all threads; default 64 a lane. */
  readonly concurrency?: number;
  /** A player that gives no move within this has stalled and loses; default 60 s. */
  readonly moveTimeoutMillis?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: MatchResult) => void;
  readonly onGame?: (record: GameRecord) => void;
}

export interface MatchResult {
  readonly a: string;
  readonly b: string;
  readonly games: number;
  /** A's. */
  readonly wins: number;
  readonly draws: number;
  readonly losses: number;
  /** A's share of the points, in [0, 1]; null before the first game. */
  readonly score: number | null;
  /** A's Elo over B; null where the result has no finite one. */
  readonly elo: number | null;
  /** 95 % half-width of `elo`, by pairs. */
  readonly error: number | null;
  readonly nelo: number | null;
  readonly neloError: number | null;
  readonly los: number | null;
  /** Complete pairs by A's two results: LL, LD, WL, DD, WD, WW. */
  readonly pairs: PairCounts;
  /** A's points as the first to move and as the second, and games in each. */
  readonly first: { readonly games: number; readonly points: number };
  readonly second: { readonly games: number; readonly points: number };
  /** Games that differ in their moves or in who made them. */
  readonly distinctGames: number;
  readonly distinctOpenings: number;
  /** Games lost by fault: who, how, and how often. */
  readonly failures: readonly { readonly by: 'a' | 'b'; readonly end: string; readonly games: number; readonly message: string }[];
  /** The match was ended before all pairs were played. */
  readonly interrupted: boolean;
  readonly seconds: number;
}

/** Counts games as they end. */
export class Scoreboard {
  private readonly started = performance.now();
  private readonly names: readonly [a: string, b: string];
  private readonly openings: number;
  private wins = 0;
  private draws = 0;
  private losses = 0;
  private readonly bySeat = [{ games: 0, points: 0 }, { games: 0, points: 0 }];
  private readonly cells: [number, number, number, number, number, number] = [0, 0, 0, 0, 0, 0];
  private readonly halves = new Map<number, number>();
  private readonly games = new Set<string>();
  private readonly failures = new Map<string, { by: 'a' | 'b'; end: string; games: number; message: string }>();

  constructor(names: readonly [a: string, b: string], distinctOpenings: number) {
    this.names = names;
    this.openings = distinctOpenings;
  }

  add(record: GameRecord): void {
    const { score, pair, leg, opening, moves, end, fault } = record;
    if (score === 1) this.wins++;
    else if (score === 0) this.losses++;
    else this.draws++;
    this.bySeat[leg].games++;
    this.bySeat[leg].points += score;
    this.games.add(`${leg} ${opening.setup ?? ''} ${opening.seed ?? ''} ${opening.moves.join()} ${moves.join()}`);
    if (fault !== undefined) {
      const key = `${fault.by} ${end}`;
      const entry = this.failures.get(key) ?? { by: fault.by, end, games: 0, message: fault.message };
      entry.games++;
      this.failures.set(key, entry);
    }
    const other = this.halves.get(pair);
    if (other === undefined) {
      this.halves.set(pair, score);
      return;
    }
    this.halves.delete(pair);
    // 0: LL, 1: LD, 2: WL or DD, 3: WD, 4: WW in half points of the pair.
    const half = 2 * (score + other);
    const cell = half < 2 ? half : half > 2 ? half + 1 : score === 0.5 ? 3 : 2;
    this.cells[cell]++;
  }

  result(interrupted = false): MatchResult {
    const games = this.wins + this.draws + this.losses;
    const byPairs: MatchStatistics = matchStatistics(sampleOfPairs(this.cells));
    return {
      a: this.names[0],
      b: this.names[1],
      games,
      wins: this.wins,
      draws: this.draws,
      losses: this.losses,
      score: games === 0 ? null : (this.wins + this.draws / 2) / games,
      elo: byPairs.elo,
      error: byPairs.margin,
      nelo: byPairs.nelo,
      neloError: byPairs.neloMargin,
      los: byPairs.los,
      pairs: [...this.cells],
      first: { ...this.bySeat[0] },
      second: { ...this.bySeat[1] },
      distinctGames: this.games.size,
      distinctOpenings: this.openings,
      failures: [...this.failures.values()],
      interrupted,
      seconds: (performance.now() - this.started) / 1000,
    };
  }
}

function openingsFor(game: Game, settings: MatchSettings): Openings {
  const { pairs: count, seed } = settings;
  if (settings.book !== undefined) return bookOpenings(game, settings.book, count);
  return randomOpenings(game, { count, seed, plies: settings.openingPlies ?? defaultOpeningPlies(game) });
}

/**
 * Plays a match between players that exist already; each lane is one couple of them, and lanes share the pairs. The
 * result depends on the seed alone, not on lanes or concurrency, as long as the players' answers do.
 */
export async function playMatch(game: Game, lanes: readonly { readonly a: Player; readonly b: Player }[], settings: MatchSettings): Promise<MatchResult> {
  if (game.seats !== 2) throw new UserError('usage', `${game.name} is played alone: a match needs a game for two`);
  if (!Number.isInteger(settings.pairs) || settings.pairs < 1) throw new UserError('usage', `a match has at least one pair, not ${settings.pairs}`);
  const openings = openingsFor(game, settings);
  const board = new Scoreboard([lanes[0].a.name, lanes[0].b.name], openings.distinct);
  let dealt = 0;
  const next = (): { pair: number; opening: Openings['positions'][number] } | undefined =>
    dealt < openings.positions.length ? { pair: dealt, opening: openings.positions[dealt++] } : undefined;
  const concurrency = Math.max(2, Math.floor((settings.concurrency ?? 64 * lanes.length) / lanes.length));
  // Few pairs are spread over the lanes rather than all taken by the first.
  const share = Math.max(2, Math.min(concurrency, 2 * Math.ceil(settings.pairs / lanes.length)));
  try {
    await Promise.all(lanes.map((players) => referee(players, next, {
      game, seed: settings.seed, concurrency: share, moveTimeoutMillis: settings.moveTimeoutMillis ?? 60_000, signal: settings.signal,
      onGame: (record) => {
        board.add(record);
        settings.onGame?.(record);
        settings.onProgress?.(board.result());
      },
    })));
  } catch (error) {
    if (settings.signal?.aborted === true) return board.result(true);
    throw error;
  }
  return board.result(settings.signal?.aborted === true);
}

export interface MatchOptions extends MatchSettings {
  /** Id of a game, or the path of its module. */
  readonly game: string;
  /** Trusted strings, or specs. */
  readonly a: string | AgentSpec;
  readonly b: string | AgentSpec;
  /** Searching threads; default one a processor core. */
  readonly threads?: number;
  readonly device?: HostOptions['device'];
}

/** A match between agents given by their strings, played in worker threads. Throws UserError when an agent cannot start. */
export async function runMatch(options: MatchOptions): Promise<MatchResult> {
  const game = await loadGame(options.game);
  const specs = [options.a, options.b].map((text) => (typeof text === 'string' ? parseAnyAgent(text) : text));
  const threads = options.threads ?? availableParallelism();
  const lanes = Math.max(1, Math.min(threads, options.pairs));
  const players: Player[] = [];
  const start = async (spec: AgentSpec | ExternalSpec): Promise<Player> => {
    const player = await startPlayer(spec, { game: options.game, device: options.device });
    players.push(player);
    return player;
  };
  try {
    // The first couple alone, so that a bad agent is one error and not one a lane.
    const couples = [{ a: await start(specs[0]), b: await start(specs[1]) }];
    for (const couple of await Promise.all(Array.from({ length: lanes - 1 }, async () => ({ a: await start(specs[0]), b: await start(specs[1]) })))) couples.push(couple);
    const result = await playMatch(game, couples, options);
    return couples[0].a.name === couples[0].b.name ? { ...result, a: `${result.a} (A)`, b: `${result.b} (B)` } : result;
  } finally {
    await Promise.all(players.map((player) => player.close()));
  }
}
