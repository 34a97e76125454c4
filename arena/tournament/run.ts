/**
 * Plays a tournament: lanes of worker threads take pairs from the dealer, this thread referees and writes the ledger.
 */
import { setMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import { UserError } from '#engine';
import { loadGame } from '#games';
import type { AgentHost } from '../agents/hosted.js';
import type { Player } from '../agents/player.js';
import { type PlayerStarter, startPlayer } from '../agents/start.js';
import type { Position } from '../position.js';
import type { GameRecord } from '../referee.js';
import type { TournamentConfig } from './config.js';
import { Dealer } from './dealer.js';
import { Bench, type LaneRules, PLAYERS_A_LANE, gamesAtOnce, playPairs, solveBy, solverHost } from './lane.js';
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
  /** Who plays the pairs; lanes of this process unless given. */
  readonly elsewhere?: PairSource;
}

/** What is to be played elsewhere, and where it comes back to. */
export interface PairTable {
  readonly plan: Plan;
  readonly rules: LaneRules;
  readonly dealer: Dealer;
  readonly standing: Standing;
  readonly signal: AbortSignal;
  readonly onGame: (record: GameRecord) => void;
  /** The machine, not a player, spoilt a pair: it is dealt again. Throws when that has happened too often. */
  readonly onVoid: (pair: number, error: UserError) => void;
}

/** Players of pairs on other machines. */
export interface PairSource {
  /** Says what it cannot play, before anything begins. */
  check(plan: Plan): void;
  /** Resolves when the dealer has nothing left and all has come back; rejects when aborted or when it cannot go on. */
  play(table: PairTable): Promise<void>;
}

export interface TournamentResult {
  readonly report: TournamentReport;
  readonly plan: Plan;
  readonly ledger: string;
  readonly interrupted: boolean;
  readonly seconds: number;
}

/** A pair that the machine, not a player, spoils this often ends the tournament. */
const MOST_VOIDS = 3;

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

    const { elsewhere } = options;
    elsewhere?.check(plan);
    const start = options.start ?? startPlayer;
    const timed = isTimed(plan);
    // A remote agent answers all lanes: where time counts it must not wait in its own queue.
    const alone = elsewhere !== undefined || (timed && plan.specs.some((spec) => spec.kind === 'remote'));
    const threads = alone ? 1 : (config.threads ?? availableParallelism());
    const lanes = Math.max(1, Math.min(threads, standing.plan.rounds * plan.couples.length - standing.pairs));
    const startOne = (index: number): Promise<Player> => start(plan.specs[index], { game: config.game, device: config.device, signal: stop.signal });
    for (let lane = 0; lane < lanes; lane++) benches.push(new Bench(startOne, Math.max(2, Math.min(PLAYERS_A_LANE, plan.specs.length))));
    // Every agent once before the first game: one that cannot start is one loud error now, not many faults later.
    for (const [index, spec] of plan.specs.entries()) {
      const { name } = await benches[0].get(index);
      if (spec.kind === 'uci' && name !== plan.identity.players[index].agent) throw new UserError('usage', `'${plan.identity.players[index].agent}' does not play at that strength; the nearest is ${name}`);
    }

    const dealer = new Dealer(plan, standing);
    const voids = new Map<number, number>();
    const rules: LaneRules = {
      game, seed: config.seed, patience: config.patience, timed, timeMargin: config.timeMargin, adjudication: config.adjudication,
      times: plan.identity.players.map((player) => player.time),
    };
    const onGame = (record: GameRecord): void => {
      const { pair, leg, score, end, ...rest } = record;
      const entry: LedgerGame = { pair, leg, ...namesOf(plan, pair), score, end, ...rest };
      ledger.append(entry);
      standing.add(entry);
      options.onGame?.(entry, standing);
      if (standing.decided) stop.abort(new UserError('usage', 'decided'));
    };
    const onVoid = (pair: number, error: UserError): void => {
      const times = (voids.get(pair) ?? 0) + 1;
      voids.set(pair, times);
      if (times >= MOST_VOIDS) throw error;
      options.onVoid?.(pair, error.message);
      dealer.requeue(pair);
    };
    if (elsewhere !== undefined) {
      await Promise.all(benches.splice(0).map((bench) => bench.close()));
      try {
        await elsewhere.play({ plan, rules, dealer, standing, signal: stop.signal, onGame, onVoid });
      } catch (error) {
        if (!stop.signal.aborted) throw error;
      }
      return done();
    }

    if (config.adjudication.solver !== undefined) solver = await solverHost(game, plan.source);
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
        const atOnce = Math.min(gamesAtOnce([plan.specs[a], plan.specs[b]]), 2 * Math.ceil(Math.max(1, dealer.remaining()) / lanes));
        await playPairs(rules, bench, [a, b], () => dealt.pop() ?? next(), atOnce, {
          signal: stop.signal, onGame, onVoid: (pair, _leg, error) => onVoid(pair, error),
          ...(solver === undefined ? {} : { solve: solveBy(solver, game, stop.signal) }),
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
