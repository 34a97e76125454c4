/**
 * Plays a tournament: lanes of worker threads take pairs from the dealer, this thread referees and writes the ledger.
 */
import { setMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import { UserError } from '#engine';
import { loadGame, solverFor } from '#games';
import { AgentHost } from '../agents/hosted.js';
import type { Player } from '../agents/player.js';
import { type PlayerStarter, startPlayer } from '../agents/start.js';
import { type Position, replay } from '../position.js';
import { referee } from '../referee.js';
import type { TournamentConfig } from './config.js';
import { Dealer } from './dealer.js';
import { Ledger, type LedgerGame } from './ledger.js';
import { type Plan, createPlan, isTimed, roundOf } from './plan.js';
import { Standing, type TournamentReport, namesOf } from './standing.js';

export interface TournamentOptions {
  readonly config: TournamentConfig;
  /** Where it is written, and from where it goes on; a name that depends on the plan is made from it. */
  readonly ledger: string | ((plan: Plan) => string);
  /** Of this program, for the ledger's head. */
  readonly version: string;
  readonly signal?: AbortSignal;
  /** Once, before the first game. `repaired`: a torn last line was cut off. */
  readonly onStart?: (standing: Standing, ledger: { file: string; resumed: boolean; repaired: boolean }) => void;
  readonly onGame?: (game: LedgerGame, standing: Standing) => void;
  readonly onVoid?: (pair: number, message: string) => void;
  /** Starts players; agents in worker threads, and those that live elsewhere, unless given. */
  readonly start?: PlayerStarter;
}

export interface TournamentResult {
  readonly report: TournamentReport;
  readonly plan: Plan;
  readonly ledger: string;
  readonly interrupted: boolean;
  readonly seconds: number;
}

/**
 * Games under way at once in a lane when nobody is timed: many where a network answers all of them in one batch, few
 * where each is searched by itself, since those under way are lost when the tournament is stopped.
 */
function gamesAtOnce(specs: readonly Plan['specs'][number][]): number {
  if (specs.some((spec) => spec.kind === 'az' || spec.kind === 'mz' || spec.kind === 'policy')) return 64;
  const slow = specs.some((spec) => spec.kind === 'uci' || spec.kind === 'solver' || spec.kind === 'alphabeta' || (spec.kind === 'uct' && spec.options.sims >= 1000));
  return slow ? 4 : 32;
}

/** Agents that a lane keeps ready. */
const PLAYERS_A_LANE = 8;
/** A pair that the machine, not a player, spoils this often ends the tournament. */
const MOST_VOIDS = 3;

/** A lane's players, started when first needed, the one idle longest closed when there are too many. */
class Bench {
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

/**
 * Plays what the ledger lacks. An abort ends it with what was played; the same call goes on. Throws UserError for a plan
 * that cannot be played, an agent that cannot start, another tournament's ledger, or a machine that fails again and again.
 */
export async function runTournament(options: TournamentOptions): Promise<TournamentResult> {
  const started = performance.now();
  const { config } = options;
  const game = await loadGame(config.game);
  const plan = await createPlan(config, game, config.game);
  checkAnchors(plan);
  const file = typeof options.ledger === 'string' ? options.ledger : options.ledger(plan);
  const ledger = Ledger.open(file, { version: options.version, game: config.game, hash: plan.hash, plan: plan.identity, ...(config.name === undefined ? {} : { name: config.name }) });
  const standing = new Standing(plan);
  const benches: Bench[] = [];
  const stop = new AbortController();
  // Every question under way listens.
  setMaxListeners(0, stop.signal);
  const outside = (): void => stop.abort(options.signal?.reason);
  if (options.signal?.aborted === true) outside();
  options.signal?.addEventListener('abort', outside, { once: true });
  const done = (): TournamentResult => ({
    report: standing.report(), plan, ledger: file,
    interrupted: !standing.finished, seconds: (performance.now() - started) / 1000,
  });
  let solver: AgentHost | undefined;
  try {
    for (const before of ledger.before) standing.add(before);
    standing.dropHalves();
    options.onStart?.(standing, { file, resumed: ledger.before.length > 0, repaired: ledger.repaired });
    if (standing.finished) return done();

    const start = options.start ?? startPlayer;
    const timed = isTimed(plan);
    // A remote agent answers all lanes: where time counts it must not wait in its own queue.
    const alone = timed && plan.specs.some((spec) => spec.kind === 'remote');
    const threads = alone ? 1 : (config.threads ?? availableParallelism());
    const lanes = Math.max(1, Math.min(threads, standing.plan.rounds * plan.couples.length - standing.pairs));
    const startOne = (index: number): Promise<Player> => start(plan.specs[index], { game: config.game, device: config.device, signal: stop.signal });
    for (let lane = 0; lane < lanes; lane++) benches.push(new Bench(startOne, Math.max(2, Math.min(PLAYERS_A_LANE, plan.specs.length))));
    // Every agent once before the first game: one that cannot start is one loud error now, not many faults later.
    for (const [index, spec] of plan.specs.entries()) {
      const { name } = await benches[0].get(index);
      if (spec.kind === 'uci' && name !== plan.identity.players[index].agent) throw new UserError('usage', `'${plan.identity.players[index].agent}' does not play at that strength; the nearest is ${name}`);
    }
    if (config.adjudication.solver !== undefined) solver = await solverHost(plan);

    const dealer = new Dealer(plan, standing);
    const voids = new Map<number, number>();
    const play = async (bench: Bench): Promise<void> => {
      for (let block = dealer.pick(); block !== undefined && !stop.signal.aborted; block = dealer.pick()) {
        const { couple, next: deal } = block;
        const [a, b] = plan.couples[couple];
        const next = (): { pair: number; opening: Position } | undefined => {
          const pair = deal();
          return pair === undefined ? undefined : { pair, opening: plan.opening(roundOf(plan, pair)) };
        };
        const first = next();
        // Another lane may have taken the last one.
        if (first === undefined) continue;
        const dealt = [first];
        const { players } = plan.identity;
        await referee(await bench.couple(a, b), () => dealt.pop() ?? next(), {
          game, seed: config.seed, signal: stop.signal,
          concurrency: timed ? 1 : Math.max(2, Math.min(gamesAtOnce([plan.specs[a], plan.specs[b]]), 2 * Math.ceil(Math.max(1, dealer.remaining()) / lanes))),
          moveTimeoutMillis: 1000 * config.patience,
          ...(timed ? { time: { a: players[a].time ?? {}, b: players[b].time ?? {} }, timeMargin: config.timeMargin } : {}),
          adjudication: config.adjudication,
          ...(solver === undefined ? {} : { solve: solveBy(solver, plan, stop.signal) }),
          onGame: (record) => {
            const { pair, leg, score, end, ...rest } = record;
            const entry: LedgerGame = { pair, leg, ...namesOf(plan, pair), score, end, ...rest };
            ledger.append(entry);
            standing.add(entry);
            options.onGame?.(entry, standing);
            if (standing.decided) stop.abort(new UserError('usage', 'decided'));
          },
          onVoid: (pair, _leg, error) => {
            const times = (voids.get(pair) ?? 0) + 1;
            voids.set(pair, times);
            if (times >= MOST_VOIDS) throw error;
            options.onVoid?.(pair, error.message);
            dealer.requeue(pair);
          },
        });
      }
    };
    await Promise.all(benches.map(async (bench) => {
      try {
        await play(bench);
      } catch (error) {
        // The other lanes end at once; what they were playing is played again next time.
        if (stop.signal.aborted) return;
        stop.abort(error);
        throw error;
      }
    }));
    return done();
  } catch (error) {
    if (options.signal?.aborted === true && error === options.signal.reason) return done();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', outside);
    await Promise.all([...benches.map((bench) => bench.close()), solver?.close()]);
    ledger.close();
  }
}

function checkAnchors({ config, identity }: Plan): void {
  const names = identity.players.map((player) => player.name);
  for (const anchor of Object.keys(config.ratings.anchors ?? {})) {
    if (!names.includes(anchor)) throw new UserError('usage', `the anchor '${anchor}' does not take part; the players are ${names.join(', ')}`);
  }
}

/** A thread of its own for the exact solver: the referee's must not search. */
async function solverHost(plan: Plan): Promise<AgentHost> {
  if (solverFor(plan.game) === undefined) throw new UserError('usage', `there is no exact solver for ${plan.game.name}: leave out adjudication.solver`);
  return AgentHost.start({ game: plan.source, agent: 'random' });
}

function solveBy(host: AgentHost, plan: Plan, signal: AbortSignal): (position: Position) => Promise<1 | 0 | -1 | undefined> {
  return async (position) => {
    const scores = await host.scores(position, { signal });
    if (scores === undefined) return undefined;
    const best = scores.reduce<number>((most, score) => Math.max(most, score ?? -Infinity), -Infinity);
    const sign = best > 0 ? 1 : best < 0 ? -1 : 0;
    return replay(plan.game, position).turn === 1 ? ((-sign || 0) as 1 | 0 | -1) : sign;
  };
}
