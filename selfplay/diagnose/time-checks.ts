/** Whether threads of the run wait for work: its metrics say where their time went. */
import type { Progress } from '../events.js';
import type { MetricsRow } from '../metrics.js';
import { threadParts, type ThreadSeconds } from '../thread-time.js';
import { graded, percent, question, whole, type Finding } from './finding.js';

/** What all sittings together spent. */
export interface TimeSpent {
  /** Thread seconds by part. */
  readonly parts: ThreadSeconds;
  /** Their sum. */
  readonly total: number;
  /** Processor seconds that the process had. */
  readonly processor: number;
  /** Time with actors at rest because the learner was behind, and the whole time [s]. */
  readonly lagging: number;
  readonly elapsed: number;
}

/** Undefined where no sitting told it: an older run, or games from other machines. */
export function timeSpent(metrics: readonly MetricsRow[]): TimeSpent | undefined {
  const sum: Record<keyof ThreadSeconds, number> = { network: 0, search: 0, weights: 0, games: 0, rows: 0, training: 0, publishing: 0, checkpoints: 0, idle: 0 };
  let [processor, lagging, elapsed, sittings] = [0, 0, 0, 0];
  let last: Progress | undefined;
  let began: number | undefined;
  const close = (): void => {
    if (last?.threadSeconds === undefined) return;
    for (const part of [...threadParts, 'idle'] as const) sum[part] += last.threadSeconds[part] ?? 0;
    processor += last.processorSeconds ?? 0;
    lagging += last.laggingSeconds ?? 0;
    elapsed += last.elapsedSeconds - (began ?? 0);
    sittings++;
    began = last.elapsedSeconds;
    last = undefined;
  };
  for (const row of metrics) {
    if (row.type !== 'progress') continue;
    // The counts begin anew with every sitting.
    if (last?.threadSeconds !== undefined && (row.threadSeconds === undefined || sumOf(row.threadSeconds) < sumOf(last.threadSeconds))) close();
    began ??= 0;
    last = row;
  }
  close();
  return sittings === 0 ? undefined : { parts: sum, total: Object.values(sum).reduce((a, b) => a + b, 0), processor, lagging, elapsed };
}

const sumOf = (seconds: ThreadSeconds): number => Object.values(seconds).reduce((a, b) => a + b, 0);

/** "network 60 %, training 24 %, …", the largest first. */
export function timeShares({ parts, total }: TimeSpent): string {
  return Object.entries(parts).sort((a, b) => b[1] - a[1]).filter(([, seconds]) => seconds / total >= 0.001).map(([part, seconds]) => `${part} ${percent(seconds / total)}`).join(', ');
}

/** A learner that works for a smaller share of the time is not what holds the actors up. */
const LEARNER_BUSY = 0.8;

export function threadsBusy(metrics: readonly MetricsRow[]): Finding {
  const answer = question('idle', 'Is an actor or the learner starved?', 'threads wait for work at most 10 % of the time; above 25 % is a problem');
  const spent = timeSpent(metrics);
  if (spent === undefined || spent.elapsed < 10) return answer('unknown', null, 'not told by metrics.jsonl', 'The run was made before this was counted, is shorter than ten seconds, or has its games from other machines.', 'Train a little longer with this version; on many machines see `ludus cluster status`.');
  const idle = spent.parts.idle / spent.total;
  const lagging = spent.lagging / spent.elapsed;
  const told = `${timeShares(spent)}; actors rested for the learner ${percent(lagging)} of ${whole(spent.elapsed)} s`;
  const level = graded(idle, 0.1, 0.25);
  if (level === 'ok') return answer('ok', idle, told, 'All threads of the run are at work nearly all the time.');
  const threads = Math.max(1, Math.round(spent.total / spent.elapsed));
  // What the actors lose while the learner alone works is all but one thread's time.
  if (threads > 1 && (lagging * (threads - 1)) / threads > idle / 2) {
    const { games, rows, training, publishing, checkpoints } = spent.parts;
    const learner = (games + rows + training + publishing + checkpoints) / spent.elapsed;
    if (learner < LEARNER_BUSY) {
      return answer(level, idle, `${told}; the learner was at work ${percent(learner)}`, 'Actors are starved, but not by the learner: both wait for games that are on their way to the disk.', 'Raise learner.lead: games are stored some 50 ms after they end, and it should be more steps than are earned in that time.');
    }
    return answer(level, idle, told, 'Actors are starved: they rest because the learner is too far behind.', 'Lower learner.reuse, raise learner.lead, give the learner more learner.threads, or use a smaller network.');
  }
  return answer(level, idle, told, 'Threads wait although the learner is not behind: too few actors for the threads of the run.', 'Set actors.workers=0 (one for each thread), and raise actors.games so that network calls are larger.');
}

export function batchesFull(metrics: readonly MetricsRow[]): Finding {
  const answer = question('batch-fill', 'Are self-play\'s network calls full?', 'at least half of actors.games rows');
  const fills = metrics.flatMap((row) => (row.type === 'progress' && row.batchFill !== undefined && row.batchFill > 0 ? [row.batchFill] : []));
  if (fills.length === 0) return answer('unknown', null, 'not told by metrics.jsonl', 'The run was made before this was counted.', 'Train a little longer with this version.');
  const fill = fills.reduce((a, b) => a + b, 0) / fills.length;
  const told = `${percent(fill)} full on average`;
  return fill >= 0.5
    ? answer('ok', fill, told, 'Nearly every game in play asks for a row each time.')
    : answer('warning', fill, told, 'Many games need no row, because positions are remembered or proven: calls are small, and the network works below its speed.', 'Raise actors.games.');
}

/** Whether the machine gave the threads the cores that they asked for. */
export function machineShared(metrics: readonly MetricsRow[]): Finding {
  const answer = question('processor', 'Did the run have the processor to itself?', 'processor time at least 70 % of the time in which its threads were busy');
  const spent = timeSpent(metrics);
  if (spent === undefined || spent.elapsed < 10) return answer('unknown', null, 'not told by metrics.jsonl', 'The run was made before this was counted, or is too short.');
  const share = spent.processor / Math.max(1e-3, spent.total - spent.parts.idle);
  const told = `${percent(share)}: ${whole(spent.processor)} s of processor time`;
  return share >= 0.7
    ? answer('ok', share, told, 'The threads ran whenever they had work.')
    : answer('warning', share, told, 'Other programs had much of the processor: the run was slower than this machine is.', 'Stop other work on the machine, or set `threads` to the cores that are free.');
}
