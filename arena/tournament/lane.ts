/** A lane: one couple's pairs at a time, played by agents in threads of their own. The same on one machine and on many. */
import { type Game, UserError } from '#engine';
import { solverFor } from '#games';
import type { AdjudicationRules } from '../adjudication.js';
import type { ExternalSpec } from '../agents/external.js';
import { AgentHost } from '../agents/hosted.js';
import type { Player } from '../agents/player.js';
import type { AgentSpec } from '../agents/spec.js';
import type { TimeRule } from '../clock.js';
import { type Position, replay } from '../position.js';
import { type RefereeOptions, referee } from '../referee.js';

/** What decides a tournament's games besides who plays and from where. */
export interface LaneRules {
  readonly game: Game;
  readonly seed: number;
  /** Seconds after which a player that gives no move has stalled. */
  readonly patience: number;
  /** Moves are timed, so that games must not share their lane's time. */
  readonly timed: boolean;
  readonly timeMargin: number;
  readonly adjudication: AdjudicationRules;
  /** Of each player, by index. */
  readonly times: readonly (TimeRule | undefined)[];
}

export type LaneHooks = Pick<RefereeOptions, 'signal' | 'solve' | 'onGame' | 'onVoid'>;

/** Plays what `next` deals to two players of the bench; `atOnce` games together where nobody is timed. */
export async function playPairs(rules: LaneRules, bench: Bench, [a, b]: readonly [number, number], next: () => { pair: number; opening: Position } | undefined, atOnce: number, hooks: LaneHooks): Promise<void> {
  const { game, seed, patience, timed, timeMargin, adjudication, times } = rules;
  await referee(await bench.couple(a, b), next, {
    ...hooks, game, seed, adjudication,
    concurrency: timed ? 1 : Math.max(2, atOnce),
    moveTimeoutMillis: 1000 * patience,
    ...(timed ? { time: { a: times[a] ?? {}, b: times[b] ?? {} }, timeMargin } : {}),
  });
}

/**
 * Games under way at once in a lane when nobody is timed: many where a network answers all of them in one batch, few
 * where each is searched by itself, since those under way are lost when the tournament is stopped.
 */
export function gamesAtOnce(specs: readonly (AgentSpec | ExternalSpec)[]): number {
  if (specs.some((spec) => spec.kind === 'az' || spec.kind === 'mz' || spec.kind === 'policy')) return 64;
  const slow = specs.some((spec) => spec.kind === 'uci' || spec.kind === 'solver' || spec.kind === 'alphabeta' || (spec.kind === 'uct' && spec.options.sims >= 1000));
  return slow ? 4 : 32;
}

/** Agents that a lane keeps ready. */
export const PLAYERS_A_LANE = 8;

/** A lane's players, started when first needed, the one idle longest closed when there are too many. */
export class Bench {
  private readonly players = new Map<number, Player>();
  private readonly start: (player: number) => Promise<Player>;
  private readonly size: number;

  constructor(start: (player: number) => Promise<Player>, size: number) {
    this.start = start;
    this.size = size;
  }

  /** Both at once; neither closes the other. */
  async couple(a: number, b: number): Promise<{ a: Player; b: Player }> {
    return { a: await this.get(a, b), b: await this.get(b, a) };
  }

  async get(index: number, keep = -1): Promise<Player> {
    let player = this.players.get(index);
    this.players.delete(index);
    if (player === undefined) {
      for (const [other, idle] of this.players) {
        if (this.players.size < this.size) break;
        if (other === keep) continue;
        this.players.delete(other);
        await idle.close();
      }
      player = await this.start(index);
    }
    this.players.set(index, player);
    return player;
  }

  async close(): Promise<void> {
    await Promise.all([...this.players.values()].map((player) => player.close()));
  }
}

/** A thread of its own for the exact solver: the referee's must not search. */
export async function solverHost(game: Game, source: string): Promise<AgentHost> {
  if (solverFor(game) === undefined) throw new UserError('usage', `there is no exact solver for ${game.name}: leave out adjudication.solver`);
  return AgentHost.start({ game: source, agent: 'random' });
}

export function solveBy(host: AgentHost, game: Game, signal: AbortSignal): (position: Position) => Promise<1 | 0 | -1 | undefined> {
  return async (position) => {
    const scores = await host.scores(position, { signal });
    if (scores === undefined) return undefined;
    const best = scores.reduce<number>((most, score) => Math.max(most, score ?? -Infinity), -Infinity);
    const sign = best > 0 ? 1 : best < 0 ? -1 : 0;
    return replay(game, position).turn === 1 ? ((-sign || 0) as 1 | 0 | -1) : sign;
  };
}
