/** Judging an agent by positions whose exact scores are known: `ludus eval`. */
import { availableParallelism } from 'node:os';
import { type Action, type Game, KEY_WORDS, UserError, nearest } from '#engine';
import { loadGame, solverFor } from '#games';
import { AgentHost, type HostOptions } from './agents/hosted.js';
import type { AgentSpec } from './agents/spec.js';
import { replay } from './position.js';

/** A position with what is known of it. */
export interface JudgedPosition {
  /** In the game's own notation for positions. */
  readonly moves: string;
  readonly ply: number;
  /** [actionCount]: exact score of each action for the seat to move, undefined where illegal. Absent: the solver is asked. */
  readonly scores?: readonly (number | undefined)[];
  /** Exact score of the position for the seat to move. */
  readonly value: number;
}

export interface Verdict {
  readonly positions: number;
  /** Share of chosen moves with the best score; null without positions. */
  readonly optimal: number | null;
  /** Share of chosen moves that keep the position's theoretical result (win, draw or loss). */
  readonly outcome: number | null;
}

export interface EvaluationResult extends Verdict {
  readonly game: string;
  readonly agent: string;
  /** Positions in which the moves do not all lead to the same result. */
  readonly nontrivial: Verdict;
  readonly byPly: readonly (Verdict & { readonly ply: number; readonly nontrivial: Verdict })[];
  /** Positions in which the agent gave no legal move; they count as wrong. */
  readonly failures: number;
  /** Moves that gave the result away, in the order of the positions; at most as many as were asked for. */
  readonly wrong: readonly WrongMove[];
  readonly seconds: number;
  readonly interrupted: boolean;
}

/** A move that does not keep the position's result. */
export interface WrongMove {
  /** Of the position, in the game's own notation. */
  readonly moves: string;
  readonly ply: number;
  /** As the game writes it; null where no legal move was given. */
  readonly chose: string | null;
  /** The moves that keep the result. */
  readonly right: readonly string[];
  /** Results for the seat to move, best play afterwards: 1 win, 0 draw, -1 loss; `after` is the chosen move's. */
  readonly before: number;
  readonly after: number | null;
}

/** Plies from "8-14" or "8". Throws UserError('usage'). */
export function parsePlies(text: string): readonly [least: number, most: number] {
  const match = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(text.trim());
  const least = Number(match?.[1]);
  const most = Number(match?.[2] ?? match?.[1]);
  if (match === null || least > most) throw new UserError('usage', `plies are written 8-14 or 8, not '${text}'`);
  return [least, most];
}

/**
 * Reads positions: a CSV file with at least the columns `moves` and `scores` (fields by `;`, empty where illegal), in any
 * order, or lines `MOVES SCORE` (the position's own exact score; an empty MOVES is the start). Blank lines and lines that
 * begin with # are skipped. Throws UserError('data') naming file and line.
 */
export function parsePositions(game: Game, text: string, file = 'positions'): JudgedPosition[] {
  if (game.parseSetup === undefined) throw new UserError('usage', `${game.name} has no notation for positions`);
  const lines = text.split(/\r?\n/);
  const fail = (line: number, what: string): UserError => new UserError('data', `${file}, line ${line + 1}: ${what}`);
  const head = lines.findIndex((line) => line.trim() !== '' && !line.startsWith('#'));
  if (head < 0) throw new UserError('data', `${file} holds no positions: it takes a CSV file with the columns moves,scores, or lines MOVES SCORE`);
  const columns = lines[head].split(',').map((name) => name.trim());
  const isCsv = columns.length > 1;
  const at = (name: string): number => {
    const index = columns.indexOf(name);
    if (index >= 0) return index;
    const near = nearest(name, columns);
    throw fail(head, `no column '${name}'${near === undefined ? '' : ` (there is '${near}')`}; a CSV file needs the columns moves,scores`);
  };
  const [movesAt, scoresAt, plyAt] = isCsv ? [at('moves'), at('scores'), columns.indexOf('ply')] : [0, 1, -1];

  const legal = new Int32Array(game.actionCount);
  const out: JudgedPosition[] = [];
  for (let i = isCsv ? head + 1 : head; i < lines.length; i++) {
    const line = lines[i];
    if (line.trim() === '' || line.startsWith('#')) continue;
    // A lone number is the empty board's score.
    const fields = isCsv ? line.split(',') : line.trim().includes(' ') ? line.trim().split(/\s+/) : ['', line.trim()];
    const moves = (fields[movesAt] ?? '').trim();
    const state = game.parseSetup(moves);
    if (state === undefined) throw fail(i, `'${moves.slice(0, 60)}' is not a position of ${game.name}`);
    const count = state.legal(legal);
    if (count === 0) throw fail(i, `the game is over after '${moves.slice(0, 60)}': there is no move to judge`);
    const ply = plyAt >= 0 && /^\d+$/.test(fields[plyAt] ?? '') ? Number(fields[plyAt]) : plies(game, moves);
    if (!isCsv) {
      if (fields.length !== 2 || !/^[-+]?\d+(\.\d+)?$/.test(fields[1])) throw fail(i, `'${line.trim().slice(0, 60)}' is not MOVES SCORE, such as '4455 2'`);
      out.push({ moves, ply, value: Number(fields[1]) });
      continue;
    }
    const cells = (fields[scoresAt] ?? '').split(';').map((cell) => cell.trim());
    if (cells.length !== game.actionCount) throw fail(i, `scores has ${cells.length} fields where ${game.name} has ${game.actionCount} actions`);
    const scores = cells.map((cell, action) => {
      const isLegal = legal.subarray(0, count).includes(action);
      if (isLegal !== (cell !== '')) throw fail(i, isLegal ? `no score for the legal action ${action}` : `a score for the illegal action ${action}`);
      if (cell !== '' && !/^[-+]?\d+(\.\d+)?$/.test(cell)) throw fail(i, `'${cell}' is not a score`);
      return cell === '' ? undefined : Number(cell);
    });
    out.push({ moves, ply, scores, value: Math.max(...scores.filter((s) => s !== undefined)) });
  }
  if (out.length === 0) throw new UserError('data', `${file} has a head but no positions`);
  return out;
}

/** Plies of a position's text: how many positions its prefixes pass through, whatever the notation. */
function plies(game: Game, moves: string): number {
  const key = new Uint32Array(KEY_WORDS);
  const seen = new Set<string>();
  for (let end = 0; end <= moves.length; end++) {
    const state = game.parseSetup?.(moves.slice(0, end));
    if (state === undefined) continue;
    state.key(key);
    seen.add(key.join());
  }
  return Math.max(0, seen.size - 1);
}

class Tally {
  positions = 0;
  private optimal = 0;
  private outcome = 0;
  add(optimal: boolean, outcome: boolean): void {
    this.positions++;
    if (optimal) this.optimal++;
    if (outcome) this.outcome++;
  }
  verdict(): Verdict {
    const share = (n: number): number | null => (this.positions === 0 ? null : n / this.positions);
    return { positions: this.positions, optimal: share(this.optimal), outcome: share(this.outcome) };
  }
}

/** Collects chosen moves and what they were worth. `action` undefined: no legal move was given. */
export class Judge {
  private readonly all = new Tally();
  private readonly nontrivial = new Tally();
  private readonly plies = new Map<number, { all: Tally; nontrivial: Tally }>();
  private failures = 0;
  /** Answers that gave the result away, in the order in which they came. */
  readonly mistakes: { readonly position: JudgedPosition; readonly scores: readonly (number | undefined)[]; readonly action: Action | undefined }[] = [];

  add(position: JudgedPosition, scores: readonly (number | undefined)[], action: Action | undefined): void {
    const known = scores.filter((s) => s !== undefined);
    const best = Math.max(...known);
    const chosen = action === undefined ? undefined : scores[action];
    const optimal = chosen === best;
    const outcome = chosen !== undefined && Math.sign(chosen) === Math.sign(best);
    const ply = this.plies.get(position.ply) ?? { all: new Tally(), nontrivial: new Tally() };
    this.plies.set(position.ply, ply);
    if (chosen === undefined) this.failures++;
    if (!outcome) this.mistakes.push({ position, scores, action });
    const open = known.some((s) => Math.sign(s) !== Math.sign(best));
    for (const tally of [this.all, ply.all, ...(open ? [this.nontrivial, ply.nontrivial] : [])]) tally.add(optimal, outcome);
  }

  result(): Omit<EvaluationResult, 'game' | 'agent' | 'wrong' | 'seconds' | 'interrupted'> {
    const byPly = [...this.plies].sort((a, b) => a[0] - b[0]).map(([ply, t]) => ({ ply, ...t.all.verdict(), nontrivial: t.nontrivial.verdict() }));
    return { ...this.all.verdict(), nontrivial: this.nontrivial.verdict(), byPly, failures: this.failures };
  }
}

export interface EvaluateOptions {
  /** Id of a game, or the path of its module. */
  readonly game: string;
  /** Trusted. */
  readonly agent: string | AgentSpec;
  readonly positions: readonly JudgedPosition[];
  /** Only positions of these plies. */
  readonly plies?: readonly [least: number, most: number];
  /** At most so many, spread evenly over the file. */
  readonly limit?: number;
  /** How many wrong moves are named at most; default 10. */
  readonly wrong?: number;
  readonly seed?: number | string;
  /** Searching threads; default one a processor core. */
  readonly threads?: number;
  readonly device?: HostOptions['device'];
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Positions asked for at once: a network agent's lock-step batch. Small enough for progress to be seen. */
const CHUNK = 128;

/**
 * Asks the agent for its move in every position, over worker threads, and judges the answers. Deterministic by seed.
 * Throws UserError when the agent cannot start, or nothing is left to judge.
 */
export async function evaluatePositions(options: EvaluateOptions): Promise<EvaluationResult> {
  const started = performance.now();
  const game = await loadGame(options.game);
  const [least, most] = options.plies ?? [0, Infinity];
  const inRange = options.positions.filter((p) => p.ply >= least && p.ply <= most);
  if (inRange.length === 0) throw new UserError('usage', `no position has ${least} to ${most} plies`);
  const chosen = spread(inRange, options.limit ?? Infinity);
  if (chosen.some((p) => p.scores === undefined) && solverFor(game) === undefined) {
    throw new UserError('usage', `positions of ${game.name} need the scores of all moves: there is no exact solver to judge by`);
  }
  const threads = Math.max(1, Math.min(options.threads ?? availableParallelism(), Math.ceil(chosen.length / 8)));
  const hosts: AgentHost[] = [];
  const judge = new Judge();
  try {
    const start = async (): Promise<void> => {
      hosts.push(await AgentHost.start({ game: options.game, agent: options.agent, device: options.device }));
    };
    // The first alone, so that a bad agent is one error and not one a thread.
    await start();
    await Promise.all(Array.from({ length: threads - 1 }, start));
    await judgeAll(hosts, chosen, judge, options);
  } catch (error) {
    if (options.signal?.aborted !== true || hosts.length === 0) throw error;
  } finally {
    await Promise.all(hosts.map((host) => host.close()));
  }
  return {
    game: game.id, agent: hosts[0].name, ...judge.result(), wrong: wrongMoves(game, chosen, judge).slice(0, options.wrong ?? 10), seconds: (performance.now() - started) / 1000, interrupted: options.signal?.aborted === true,
  };
}

/** The judge's mistakes with their moves' names, in the order of the positions. */
function wrongMoves(game: Game, positions: readonly JudgedPosition[], judge: Judge): WrongMove[] {
  const order = new Map(positions.map((position, i) => [position, i]));
  const sorted = [...judge.mistakes].sort((a, b) => (order.get(a.position) ?? 0) - (order.get(b.position) ?? 0));
  return sorted.map(({ position: { moves, ply }, scores, action }) => {
    const state = replay(game, { setup: moves, moves: [] });
    const before = Math.sign(Math.max(...scores.filter((s) => s !== undefined)));
    const after = action === undefined ? undefined : scores[action];
    return {
      moves, ply, before, after: after === undefined ? null : Math.sign(after),
      chose: action === undefined ? null : game.actionName(state, action),
      right: [...scores.keys()].filter((a) => scores[a] !== undefined && Math.sign(scores[a]) === before).map((a) => game.actionName(state, a)),
    };
  });
}

/** At most `limit` positions, spread evenly over the list. */
export function spread<T>(list: readonly T[], limit: number): T[] {
  const count = Math.min(limit, list.length);
  return Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)]);
}

/** Shares the positions out to the hosts in chunks, and hands every answer to the judge. */
export async function judgeAll(
  hosts: readonly AgentHost[],
  positions: readonly JudgedPosition[],
  judge: Judge,
  options: Pick<EvaluateOptions, 'seed' | 'signal' | 'onProgress'>,
): Promise<void> {
  const chunk = Math.max(1, Math.min(CHUNK, Math.ceil(positions.length / hosts.length)));
  let done = 0;
  let next = 0;
  await Promise.all(hosts.map(async (host) => {
    for (;;) {
      const from = next;
      if (from >= positions.length) return;
      next += chunk;
      const some = positions.slice(from, from + chunk);
      const requests = some.map((p, i) => ({ position: { setup: p.moves, moves: [] }, seed: `${options.seed ?? 0}/${from + i}` }));
      const answers = await host.chooseMany(requests, { signal: options.signal });
      for (const [i, position] of some.entries()) {
        const scores = position.scores ?? (await exactScores(host, position, options.signal));
        const answer = answers[i];
        judge.add(position, scores, 'action' in answer ? answer.action : undefined);
        options.onProgress?.(++done, positions.length);
      }
    }
  }));
}

/** Every move's score by the solver, checked against what the file says of the position. */
async function exactScores(host: AgentHost, position: JudgedPosition, signal: AbortSignal | undefined): Promise<(number | undefined)[]> {
  const scores = await host.scores({ setup: position.moves, moves: [] }, { signal });
  const known = (scores ?? []).map((score) => score ?? undefined);
  const best = Math.max(...known.filter((s) => s !== undefined));
  if (best !== position.value) throw new UserError('data', `the file gives '${position.moves}' the score ${position.value}; the exact score is ${best}`);
  return known;
}
