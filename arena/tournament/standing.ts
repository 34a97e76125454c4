/**
 * What a tournament's games say so far. Only whole pairs count: half a pair is void until its other half is there. Nothing
 * depends on the order in which games arrived, so a tournament that was killed and resumed says the same.
 */
import { anchorElo } from '../anchors.js';
import {
  type MatchStatistics, type PairCounts, type RatedGame, type RatingModel, type Ratings, type SprtResult, Z95,
  matchStatistics, rateTournament, sampleOfPairs, sprt,
} from '../ratings/index.js';
import type { GameEnd } from '../referee.js';
import type { LedgerGame } from './ledger.js';
import { type Plan, coupleOf, isTimed, pairCount, roundOf } from './plan.js';

export interface PlayerStanding {
  readonly name: string;
  readonly agent: string;
  /** null where the games do not determine it: unbeaten, winless, or never met. */
  readonly elo: number | null;
  /** 95 % half-width; 0 for an anchor. */
  readonly error: number | null;
  /** Standard error. */
  readonly se: number | null;
  readonly games: number;
  readonly points: number;
  readonly wins: number;
  readonly draws: number;
  readonly losses: number;
  /** Ratings compare within a group only. */
  readonly group: number;
  /** Games lost by its own fault. */
  readonly faults: number;
}

export interface CoupleStanding {
  readonly a: string;
  readonly b: string;
  /** A's. */
  readonly wins: number;
  readonly draws: number;
  readonly losses: number;
  /** By A's two results: LL, LD, WL, DD, WD, WW. */
  readonly pairs: PairCounts;
  readonly statistics: MatchStatistics;
}

export interface TournamentReport {
  readonly name: string;
  readonly game: string;
  readonly format: string;
  /** How the ratings were made. */
  readonly model: RatingModel;
  readonly virtualDraws: number;
  readonly anchors: Readonly<Record<string, number>>;
  readonly state: 'finished' | 'unfinished';
  /** Best first; those without a rating by their share of the points. */
  readonly players: readonly PlayerStanding[];
  /** In the order of `players`: likelihood that row is stronger than column. */
  readonly los: readonly (readonly (number | null)[])[];
  readonly crosstable: readonly CoupleStanding[];
  /** Of seat 0, over all games. */
  readonly firstPlayer: { readonly games: number; readonly points: number; readonly elo: number | null };
  readonly pairs: number;
  readonly pairsPlanned: number;
  readonly games: number;
  readonly distinctGames: number;
  readonly distinctOpenings: number;
  /** How many games ended how. */
  readonly ends: Readonly<Partial<Record<GameEnd, number>>>;
  readonly faults: readonly { readonly player: string; readonly end: string; readonly games: number; readonly message: string }[];
  readonly sprt?: SprtResult & { readonly model: string; readonly elo0: number; readonly elo1: number; readonly alpha: number; readonly beta: number; readonly pairs: number };
}

interface Couple { readonly a: string; readonly b: string; wins: number; draws: number; losses: number; readonly cells: [number, number, number, number, number, number] }

export class Standing {
  readonly plan: Plan;
  /** Both games of a pair, or one of them. */
  private readonly halves = new Map<number, [LedgerGame | undefined, LedgerGame | undefined]>();
  private whole = 0;
  /** SPRT: pairs 0 … prefix−1 are all there, and what they say. */
  private prefix = 0;
  private readonly prefixCells: [number, number, number, number, number, number] = [0, 0, 0, 0, 0, 0];
  private test: SprtResult | undefined;

  constructor(plan: Plan) {
    this.plan = plan;
    if (plan.config.sprt !== undefined) this.test = this.ask();
  }

  /** Pairs with both games. */
  get pairs(): number {
    return this.whole;
  }

  isWhole(pair: number): boolean {
    const both = this.halves.get(pair);
    return both?.[0] !== undefined && both[1] !== undefined;
  }

  /** Nothing more is to be played. */
  get finished(): boolean {
    return this.decided || this.whole >= pairCount(this.plan);
  }

  /** An SPRT has accepted a hypothesis. It is asked pair by pair in the plan's order, whichever games were ready first. */
  get decided(): boolean {
    return this.test !== undefined && this.test.state !== 'continue';
  }

  add(game: LedgerGame): void {
    if (game.pair >= pairCount(this.plan)) return;
    let both = this.halves.get(game.pair);
    if (both === undefined) this.halves.set(game.pair, (both = [undefined, undefined]));
    const before = both[0] !== undefined && both[1] !== undefined;
    both[game.leg] = game;
    if (before || both[0] === undefined || both[1] === undefined) return;
    this.whole++;
    if (this.test !== undefined) this.advance();
  }

  /** Forgets the orphans: their pairs are played again as a whole. */
  dropHalves(): void {
    for (const [pair, both] of this.halves) if (both[0] === undefined || both[1] === undefined) this.halves.delete(pair);
  }

  private advance(): void {
    while (!this.decided && this.isWhole(this.prefix)) {
      const [one, two] = this.halves.get(this.prefix)!;
      this.prefixCells[cellOf(one!.score, two!.score)]++;
      this.prefix++;
      this.test = this.ask();
    }
  }

  private ask(): SprtResult {
    const options = this.plan.config.sprt!;
    const { prefixCells: cells } = this;
    if (options.model !== 'bayesian') return sprt(cells, options);
    const [ll, ld, wl, dd, wd, ww] = cells;
    return sprt({ wins: 2 * ww + wd + wl, draws: 2 * dd + ld + wd, losses: 2 * ll + ld + wl }, options);
  }

  /** Games that count, pair by pair in the plan's order. */
  * rated(): Generator<LedgerGame> {
    const pairs = [...this.halves.keys()].sort((x, y) => x - y);
    for (const pair of pairs) {
      if (!this.isWhole(pair) || (this.decided && pair >= this.prefix)) continue;
      for (const game of this.halves.get(pair)!) yield game!;
    }
  }

  report(options: { readonly model?: RatingModel; readonly anchors?: Readonly<Record<string, number>>; readonly virtualDraws?: number } = {}): TournamentReport {
    const { plan } = this;
    const { config, identity } = plan;
    const couples: Couple[] = plan.couples.map(([a, b]) => ({ a: identity.players[a].name, b: identity.players[b].name, wins: 0, draws: 0, losses: 0, cells: [0, 0, 0, 0, 0, 0] }));
    const byName = new Map(identity.players.map((player) => [player.name, { wins: 0, draws: 0, losses: 0, faults: 0 }]));
    const ends: Partial<Record<GameEnd, number>> = {};
    const faults = new Map<string, { player: string; end: string; games: number; message: string }>();
    const distinct = new Set<string>();
    const games: RatedGame[] = [];
    let firstPoints = 0;
    let rounds = 0;
    let half = 0;
    for (const game of this.rated()) {
      const { a, b, pair, leg, score, end, fault, opening, moves } = game;
      const couple = couples[pair % couples.length];
      for (const [name, points] of [[a, score], [b, 1 - score]] as const) {
        const entry = byName.get(name)!;
        if (points === 1) entry.wins++;
        else if (points === 0) entry.losses++;
        else entry.draws++;
      }
      if (score === 1) couple.wins++;
      else if (score === 0) couple.losses++;
      else couple.draws++;
      if (leg === 0) half = score;
      else couple.cells[cellOf(half, score)]++;
      firstPoints += leg === 0 ? score : 1 - score;
      rounds = Math.max(rounds, roundOf(plan, pair) + 1);
      ends[end] = (ends[end] ?? 0) + 1;
      if (fault !== undefined) {
        const player = fault.by === 'a' ? a : b;
        byName.get(player)!.faults++;
        const key = `${player}\n${end}`;
        const entry = faults.get(key) ?? { player, end, games: 0, message: fault.message };
        entry.games++;
        faults.set(key, entry);
      }
      distinct.add(`${leg === 0 ? a : b}\n${leg === 0 ? b : a}\n${opening.setup ?? ''} ${opening.seed ?? ''} ${opening.moves.join()} ${moves.join()}`);
      games.push(leg === 0 ? { first: a, second: b, score, cluster: String(pair) } : { first: b, second: a, score: 1 - score, cluster: String(pair) });
    }

    const model = options.model ?? config.ratings.model;
    const virtualDraws = options.virtualDraws ?? config.ratings.virtualDraws;
    const anchors = options.anchors ?? config.ratings.anchors ?? measuredAnchors(plan);
    const ratings = rateTournament(games, { model, anchors, virtualDraws });
    const rated = new Map(ratings.players.map((player, i) => [player.name, { ...player, i }]));
    const players = identity.players.map(({ name, agent }): PlayerStanding => {
      const entry = byName.get(name)!;
      const rating = rated.get(name);
      return {
        name, agent,
        elo: rating?.elo ?? null, error: rating?.se == null ? null : Z95 * rating.se, se: rating?.se ?? null,
        games: entry.wins + entry.draws + entry.losses, points: entry.wins + entry.draws / 2,
        ...entry, group: rating?.group ?? -1,
      };
    }).sort(byStrength);
    return {
      name: config.name ?? '',
      game: identity.game.id,
      format: identity.format,
      model, virtualDraws, anchors,
      state: this.finished ? 'finished' : 'unfinished',
      players,
      los: players.map((row) => players.map((column) => losOf(ratings, rated.get(row.name)?.i, rated.get(column.name)?.i))),
      crosstable: couples.map(({ a, b, wins, draws, losses, cells }) => ({ a, b, wins, draws, losses, pairs: [...cells], statistics: matchStatistics(sampleOfPairs(cells)) })),
      firstPlayer: { games: games.length, points: firstPoints, elo: ratings.groups.length === 1 ? ratings.groups[0].advantage : null },
      pairs: games.length / 2,
      pairsPlanned: pairCount(plan),
      games: games.length,
      distinctGames: distinct.size,
      distinctOpenings: plan.distinctOpenings(rounds),
      ends,
      faults: [...faults.values()],
      ...(this.test === undefined || config.sprt === undefined ? {} : { sprt: { ...this.test, ...config.sprt, pairs: this.prefix } }),
    };
  }
}

/** 0: LL, 1: LD, 2: WL, 3: DD, 4: WD, 5: WW. */
export function cellOf(one: number, two: number): number {
  const half = 2 * (one + two);
  return half < 2 ? half : half > 2 ? half + 1 : one === 0.5 ? 3 : 2;
}

/**
 * Players whose place on the game's scale was measured; with clocks a count of simulations means something else. In a
 * test of two, and where everybody's place was measured, nobody is held: it is about them.
 */
function measuredAnchors(plan: Plan): Record<string, number> {
  if (plan.identity.format === 'sprt' || isTimed(plan) || plan.identity.players.every(({ agent }) => anchorElo(plan.game.id, agent) !== undefined)) return {};
  return Object.fromEntries(plan.identity.players.flatMap(({ name, agent }) => {
    const elo = anchorElo(plan.game.id, agent);
    return elo === undefined ? [] : [[name, elo]];
  }));
}

function losOf(ratings: Ratings, i: number | undefined, j: number | undefined): number | null {
  return i === undefined || j === undefined ? null : ratings.los[i][j];
}

const share = (player: PlayerStanding): number => (player.games === 0 ? -1 : player.points / player.games);

function byStrength(a: PlayerStanding, b: PlayerStanding): number {
  if (a.elo !== null && b.elo !== null && a.group === b.group) return b.elo - a.elo;
  return share(b) - share(a);
}

/** The couple's names of a pair. */
export function namesOf(plan: Plan, pair: number): { a: string; b: string } {
  const [a, b] = coupleOf(plan, pair);
  return { a: plan.identity.players[a].name, b: plan.identity.players[b].name };
}
