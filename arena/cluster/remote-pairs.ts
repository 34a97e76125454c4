/** A tournament whose pairs are played by workers elsewhere: the plan, the dealer, the ledger and the table stay here. */
import { OVER, UserError, createRng } from '#engine';
import { type ClusterOptions, Coordinator, DEFAULT_QUEUE_GAMES, Keys, type ResultHead, type Work, connectRedis, openPlace, parseFrames, parseMessage } from '#selfplay/cluster';
import { isLegal, startState } from '../position.js';
import type { GameRecord } from '../referee.js';
import { gamesAtOnce } from '../tournament/lane.js';
import { type Plan, coupleOf, roundOf } from '../tournament/plan.js';
import type { PairSource, PairTable } from '../tournament/run.js';
import { checkAgents, packAgents } from './agents.js';
import { PAIRS, type PairResult, type PairsJob, pairResultSchema, pairsBuild, pairsJobSchema } from './messages.js';

/** Time between two looks at whether more pairs should be dealt [ms]. */
const FILL_MILLIS = 250;
/** What a job should take one thread [s]. */
const JOB_SECONDS = 4;
const MOST_PAIRS_A_JOB = 64;

export function remotePairs(options: ClusterOptions): PairSource {
  return { check: checkPlan, play: (table) => new RemotePairs(options, table).play() };
}

function checkPlan(plan: Plan): void {
  // Its games could not be replayed here, and so not be believed.
  if (plan.game.chance === 'sampled') throw new UserError('usage', `${plan.game.name} draws while it is played: its tournaments are played on one machine; leave out --redis`);
  checkAgents(plan);
}

class RemotePairs {
  private readonly options: ClusterOptions;
  private readonly table: PairTable;
  private readonly limit: number;
  /** Of each job under way, the pairs that have not come. */
  private readonly jobs = new Map<string, Set<number>>();
  private coordinator!: Coordinator;
  private nextJob = 0;
  private filling = false;
  private pairs = 0;
  private pairsBefore = 0;
  private rate = 0;
  private rateAt = performance.now();
  private end!: { resolve: () => void; reject: (error: unknown) => void };

  constructor(options: ClusterOptions, table: PairTable) {
    this.options = options;
    this.table = table;
    this.limit = Math.max(1, (options.queueGames ?? DEFAULT_QUEUE_GAMES) >> 1);
  }

  async play(): Promise<void> {
    const { address, cluster, version, note = () => undefined } = this.options;
    const { plan, rules, signal } = this.table;
    const keys = new Keys(cluster);
    const ended = new Promise<void>((resolve, reject) => (this.end = { resolve, reject }));
    ended.catch(() => undefined);
    const carrier = await connectRedis(address);
    try {
      const place = await openPlace(this.options.blobs ?? 'redis', carrier, keys);
      const { agents, put } = await packAgents(plan, place);
      const work: Work = {
        id: `t-${plan.hash.slice(0, 24)}`, kind: PAIRS, build: pairsBuild(version), game: { id: plan.game.id, version: plan.game.version },
        title: `tournament of ${plan.game.id}`,
        details: { agents, seed: rules.seed, patience: rules.patience, timed: rules.timed, timeMargin: rules.timeMargin, adjudication: rules.adjudication },
      };
      this.coordinator = await Coordinator.open({
        address, keys, work,
        onResult: (head, body, settled) => this.receive(head, body, settled),
        onLost: (job, _data, reason) => this.lost(job, reason),
        onBeat: () => this.measure(),
        // Networks that lay in its memory may be gone with it.
        onBack: () => void packAgents(plan, place).catch(() => undefined),
        status: () => ({ games: 2 * this.pairs, gamesPerSecond: 2 * this.rate, limit: 2 * this.limit, resting: false }),
        warn: (error) => note(error.message),
        fail: (error) => this.end.reject(error),
      });
      const abort = (): void => this.end.reject(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      if (signal.aborted) abort();
      const timer = setInterval(() => void this.fill(), FILL_MILLIS);
      void this.fill();
      try {
        await ended;
      } finally {
        clearInterval(timer);
        signal.removeEventListener('abort', abort);
        await this.coordinator.close();
        for (const blob of new Set(put)) await Promise.race([place.remove(blob).catch(() => undefined), new Promise((resolve) => setTimeout(resolve, 1000).unref())]);
        await place.close();
      }
    } finally {
      carrier.disconnect();
    }
  }

  private receive(head: ResultHead, body: Buffer, settled: () => void): void {
    const { standing, onGame, signal } = this.table;
    const expected = this.jobs.get(head.job);
    for (const frame of parseFrames(body)) {
      // After an abort nothing more is written: what has come stays for the next sitting, if there need be one.
      if (signal.aborted) return standing.finished ? settled() : undefined;
      const result = parseMessage(pairResultSchema, frame.toString());
      try {
        if ('problem' in result) throw new UserError('data', `a pair's result is wrong: ${result.problem}`);
        const { value } = result;
        if ('void' in value) {
          if (expected?.delete(value.pair) === true) this.void(value.pair, value.void);
          continue;
        }
        const games = this.checked(value);
        expected?.delete(value.pair);
        this.coordinator.received(head.job, 1);
        // Redone by another after its worker had seemed dead: the ledger has it.
        if (standing.isWhole(value.pair)) continue;
        this.pairs++;
        for (const game of games) onGame(game);
      } catch (error) {
        if (!(error instanceof UserError) || error.kind !== 'data') return this.end.reject(error);
        this.coordinator.quarantine(error.message, head, frame);
      }
    }
    // The ledger is written before this returns.
    settled();
    if (head.last) this.finished(head.job);
    void this.fill();
  }

  /** A worker has ended a job: what it did not play (it left, or sent what was refused) is dealt anew. */
  private finished(job: string): void {
    const missing = this.jobs.get(job);
    this.jobs.delete(job);
    for (const pair of missing ?? []) this.table.dealer.requeue(pair);
  }

  private lost(job: string, reason: string): void {
    const missing = this.jobs.get(job);
    this.jobs.delete(job);
    for (const pair of missing ?? []) this.void(pair, reason);
    void this.fill();
  }

  private void(pair: number, reason: string): void {
    if (this.table.standing.isWhole(pair)) return;
    try {
      this.table.onVoid(pair, new UserError('environment', reason));
    } catch (error) {
      this.end.reject(error);
    }
  }

  /** Both games, replayed by the rules. Throws UserError('data') for what cannot have happened. */
  private checked(result: Extract<PairResult, { games: unknown }>): GameRecord[] {
    const { plan } = this.table;
    const wrong = (why: string): UserError => new UserError('data', `pair ${result.pair}: ${why}`);
    if (result.pair >= plan.rounds * plan.couples.length) throw wrong('it is not of this tournament');
    const opening = plan.opening(roundOf(plan, result.pair));
    return result.games.map((game, leg): GameRecord => {
      if (game.pair !== result.pair || game.leg !== leg) throw wrong('its games are not those of the pair');
      if (JSON.stringify([game.opening.setup, game.opening.seed, game.opening.moves]) !== JSON.stringify([opening.setup, opening.seed, opening.moves])) throw wrong('it was not played from its opening');
      for (const column of Object.values(game.notes ?? {})) if (column !== undefined && column.length !== game.moves.length) throw wrong('its notes do not fit its moves');
      if ((game.fault !== undefined) !== !['normal', 'truncated', 'adjudicated'].includes(game.end)) throw wrong(`it ended by '${game.end}'${game.fault === undefined ? ', and nobody is at fault' : ''}`);
      const { over, sum } = this.replayed(game, wrong);
      if (over !== (game.end === 'normal')) throw wrong(over ? 'it was over by the rules' : 'by the rules it was not over');
      const forA = leg === 0 ? sum : -sum;
      if (over && game.score !== (forA > 0 ? 1 : forA < 0 ? 0 : 0.5)) throw wrong('its score is not that of the rules');
      if (game.fault !== undefined && game.score !== (game.fault.by === 'a' ? 0 : 1)) throw wrong('a fault that does not lose');
      return game as GameRecord;
    });
  }

  private replayed({ opening, moves }: GameRecord, wrong: (why: string) => UserError): { over: boolean; sum: number } {
    const { game } = this.table.plan;
    const rng = createRng(opening.seed ?? 0);
    const state = startState(game, opening, rng);
    const legal = new Int32Array(game.actionCount);
    let sum = 0;
    for (const [ply, action] of [...opening.moves, ...moves].entries()) {
      if (!isLegal(state, action, legal)) throw wrong(`move ${ply + 1} (action ${action}) is illegal`);
      const reward = state.apply(action, rng);
      if (ply >= opening.moves.length) sum += reward;
    }
    return { over: state.turn === OVER, sum };
  }

  private measure(): void {
    const now = performance.now();
    const rate = (1000 * (this.pairs - this.pairsBefore)) / (now - this.rateAt);
    this.rate = this.rate === 0 ? rate : 0.7 * this.rate + 0.3 * rate;
    this.pairsBefore = this.pairs;
    this.rateAt = now;
  }

  /** Deals pairs, as many as keep the workers' threads busy for some seconds; ends when all have come back. */
  private async fill(): Promise<void> {
    const { plan, dealer, standing } = this.table;
    if (standing.finished) return this.end.resolve();
    if (this.filling) return;
    this.filling = true;
    try {
      const { workers } = this.coordinator;
      const threads = Math.max(1, workers.reduce((sum, worker) => sum + worker.threads, 0));
      const dealt: { id: string; data: PairsJob; size: number }[] = [];
      for (let open = this.coordinator.outstanding; open < this.limit; ) {
        if (this.jobs.size >= 1.5 * threads + workers.length + 1) break;
        const block = dealer.pick();
        if (block === undefined) break;
        const couple = plan.couples[block.couple];
        const size = this.size(couple, threads);
        const pairs: PairsJob['pairs'][number][] = [];
        for (let pair = pairs.length < size ? block.next() : undefined; pair !== undefined; pair = pairs.length < size ? block.next() : undefined) {
          const { setup, seed, moves } = plan.opening(roundOf(plan, pair));
          pairs.push({ pair, opening: { ...(setup === undefined ? {} : { setup }), ...(seed === undefined ? {} : { seed }), moves: [...moves] } });
        }
        if (pairs.length === 0) continue;
        const id = `p${process.pid}-${this.nextJob++}`;
        this.jobs.set(id, new Set(pairs.map(({ pair }) => pair)));
        dealt.push({ id, data: pairsJobSchema.parse({ couple: [...coupleOf(plan, pairs[0].pair)], pairs }), size: pairs.length });
        open += pairs.length;
      }
      if (dealt.length > 0 && !(await this.coordinator.add(dealt))) for (const { id } of dealt) this.finished(id);
      if (this.jobs.size === 0 && dealt.length === 0 && dealer.pick() === undefined) this.end.resolve();
    } catch (error) {
      this.end.reject(error);
    } finally {
      this.filling = false;
    }
  }

  /** Pairs of a job: some seconds' worth, enough for a network's batch, and no more than leaves something for everybody. */
  private size(couple: readonly [number, number], threads: number): number {
    const { plan, rules, dealer } = this.table;
    if (rules.timed) return 1;
    const together = Math.max(1, gamesAtOnce(couple.map((player) => plan.specs[player])) >> 2);
    const wanted = Math.max(together, Math.ceil((this.rate / threads) * JOB_SECONDS));
    return Math.max(1, Math.min(MOST_PAIRS_A_JOB, wanted, Math.ceil(dealer.remaining() / (2 * threads))));
  }
}
