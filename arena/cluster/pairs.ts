/** A tournament's pairs on a worker: the same lanes, referee and agents as on one machine. */
import { UserError, type Game } from '#engine';
import { Courier, type Job, type OpenWork, PoisonedJob, type Work, type WorkKind, type WorkReport, type WorkerHost, makeFrames, parseData } from '#selfplay/cluster';
import type { AgentHost } from '../agents/hosted.js';
import type { AgentSpec } from '../agents/spec.js';
import { startPlayer } from '../agents/start.js';
import type { GameRecord } from '../referee.js';
import { Bench, type LaneRules, PLAYERS_A_LANE, gamesAtOnce, playPairs, solveBy, solverHost } from '../tournament/lane.js';
import { unpackAgents } from './agents.js';
import { PAIRS, type PairResult, type PairsJob, pairsBuild, pairsDetailsSchema, pairsJobSchema, travelling } from './messages.js';

export function pairsKind(version: string): WorkKind {
  return { kind: PAIRS, build: pairsBuild(version), open: (work, game, spec, host) => Pairs.open(work, game, spec, host) };
}

/** Finished pairs go on their way after this time [ms]. */
const SEND_MILLIS = 1000;
/** A move under way, and a server that is away, may take so long to end [ms]. */
const CLOSE_MILLIS = 5000;

class Pairs implements OpenWork {
  private readonly host: WorkerHost;
  private readonly rules: LaneRules;
  private readonly specs: readonly AgentSpec[];
  private readonly solver: AgentHost | undefined;
  private readonly courier: Courier;
  private readonly idle: Bench[] = [];
  private readonly benches: Bench[] = [];
  private readonly waiting: (() => void)[] = [];
  private readonly stop = new AbortController();
  private readonly running = new Set<Promise<void>>();
  private games = 0;

  private constructor(host: WorkerHost, work: Work, source: string, rules: LaneRules, specs: readonly AgentSpec[], solver: AgentHost | undefined) {
    this.host = host;
    this.rules = rules;
    this.specs = specs;
    this.solver = solver;
    this.courier = new Courier(host.redis, host.keys, work.id, (message) => host.note(`${work.title}: ${message}`));
    for (let lane = 0; lane < host.threads; lane++) {
      const bench = new Bench((index) => startPlayer(specs[index], { game: source, device: host.device }), Math.max(2, Math.min(PLAYERS_A_LANE, specs.length)));
      this.benches.push(bench);
      this.idle.push(bench);
    }
  }

  static async open(work: Work, game: Game, source: string, host: WorkerHost): Promise<OpenWork> {
    const details = parseData(pairsDetailsSchema, work.details);
    if ('problem' in details) throw new UserError('data', `${work.title}: what it says of itself is wrong: ${details.problem}`);
    const { agents, seed, patience, timed, timeMargin, adjudication } = details.value;
    const specs = await unpackAgents(agents, game, host);
    const solver = adjudication.solver === undefined ? undefined : await solverHost(game, source);
    return new Pairs(host, work, source, { game, seed, patience, timed, timeMargin, adjudication, times: agents.map((agent) => agent.time) }, specs, solver);
  }

  get busy(): number {
    return this.benches.length - this.idle.length;
  }

  allow(): void {
    // A tournament's threads come first; those who train take what is left.
  }

  poll(): Promise<void> {
    return Promise.resolve();
  }

  report(): WorkReport {
    return { games: this.games };
  }

  run(job: Job): Promise<void> {
    const data = parseData(pairsJobSchema, job.data);
    if ('problem' in data) return Promise.reject(new PoisonedJob(`job ${job.id} names no pairs: ${data.problem}`));
    if (data.value.couple.some((player) => player >= this.specs.length)) return Promise.reject(new PoisonedJob(`job ${job.id} names players who do not take part`));
    const run = this.play(job.id, data.value).finally(() => this.running.delete(run));
    this.running.add(run);
    return run;
  }

  async close(abandon: boolean): Promise<void> {
    if (abandon) this.courier.abandon();
    this.stop.abort(new UserError('usage', 'this worker is leaving'));
    for (const next of this.waiting.splice(0)) next();
    let late: NodeJS.Timeout | undefined;
    await Promise.race([Promise.allSettled(this.running), new Promise((resolve) => (late = setTimeout(resolve, CLOSE_MILLIS)))]);
    clearTimeout(late);
    await this.courier.close();
    await Promise.all([...this.benches.map((bench) => bench.close()), this.solver?.close()]);
  }

  private async play(id: string, { couple, pairs }: PairsJob): Promise<void> {
    const bench = await this.lane();
    const { signal } = this.stop;
    const halves = new Map<number, GameRecord>();
    const spoilt = new Set<number>();
    let results: PairResult[] = [];
    let sentAt = performance.now();
    const send = (last: boolean): Promise<void> => {
      const body = makeFrames(results.map((result) => Buffer.from(JSON.stringify(result))));
      results = [];
      sentAt = performance.now();
      return this.courier.send({ worker: this.host.id, job: id, last }, body);
    };
    const left = pairs.slice();
    try {
      if (bench !== undefined) {
        await playPairs(this.rules, bench, couple, () => left.shift(), Math.min(gamesAtOnce(couple.map((player) => this.specs[player])), 2 * pairs.length), {
          signal,
          onGame: (record) => {
            this.games++;
            if (spoilt.has(record.pair)) return;
            const other = halves.get(record.pair);
            if (other === undefined) return void halves.set(record.pair, record);
            const [first, second] = record.leg === 0 ? [record, other] : [other, record];
            results.push({ pair: record.pair, games: [travelling(first), travelling(second)] } as PairResult);
            if (performance.now() - sentAt > SEND_MILLIS) void send(false);
          },
          onVoid: (pair, _leg, error) => {
            if (!spoilt.has(pair)) results.push({ pair, void: error.message.slice(0, 500) });
            spoilt.add(pair);
          },
          ...(this.solver === undefined ? {} : { solve: solveBy(this.solver, this.rules.game, signal) }),
        });
      }
    } catch (error) {
      // On leaving, what is whole is sent; the coordinator deals the rest to others.
      if (!signal.aborted) throw error;
    } finally {
      if (bench !== undefined) this.giveBack(bench);
    }
    await send(true);
  }

  /** A lane that is free; undefined when the worker leaves. */
  private async lane(): Promise<Bench | undefined> {
    while (!this.stop.signal.aborted) {
      const bench = this.idle.pop();
      if (bench !== undefined) {
        this.host.changed();
        return bench;
      }
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    return undefined;
  }

  private giveBack(bench: Bench): void {
    this.idle.push(bench);
    this.waiting.shift()?.();
    this.host.changed();
  }
}
