/**
 * The referee of a match: it alone knows the rules' verdict. Many games run at once; whoever is to move is asked for all
 * of its games together, so that an agent with a network answers in one batch. It searches nothing itself.
 */
import { type Action, CHANCE, type Game, OVER, type Rng, type State, UserError, createRng } from '#engine';
import { type AdjudicationRules, Adjudicator, type Verdict } from './adjudication.js';
import { AgentFailure, type FailureReason, type Player, type PlayerAnswer } from './agents/player.js';
import { Clocks, type TimeRule } from './clock.js';
import { type Position, isLegal, playChance, replay } from './position.js';

export const gameEnds = ['normal', 'truncated', 'adjudicated', 'illegal', 'error', 'crash', 'stall', 'timeout', 'disconnect'] as const;
/**
 * How a game ended: by the rules, at the longest allowed length (a draw), by adjudication, or by a player's fault, which
 * loses it. An interrupted game has no record: it is played again.
 */
export type GameEnd = (typeof gameEnds)[number];

/** What a player said with its moves; entry i belongs to the i-th move of the record, chance's included (null). */
export interface MoveNotes {
  /** In [-1, 1], view of the mover, to three decimals. */
  readonly values?: readonly (number | null)[];
  readonly simulations?: readonly (number | null)[];
  readonly depths?: readonly (number | null)[];
  /** On the wall clock; in games with a clock or a time for each move only. */
  readonly millis?: readonly (number | null)[];
}

export interface GameRecord {
  readonly pair: number;
  /** 0: A moves in seat 0; 1: the same opening with sides swapped. */
  readonly leg: 0 | 1;
  readonly opening: Position;
  /** After the opening, chance's included. */
  readonly moves: readonly Action[];
  /** A's result: 1, ½ or 0. */
  readonly score: 0 | 0.5 | 1;
  readonly end: GameEnd;
  /** Whose fault it was, and what was wrong. */
  readonly fault?: { readonly by: 'a' | 'b'; readonly message: string };
  /** Why the game was adjudicated. */
  readonly reason?: string;
  readonly notes?: MoveNotes;
}

export interface RefereeOptions {
  readonly game: Game;
  readonly seed: number | string;
  /** Games under way at once. */
  readonly concurrency: number;
  /** A player that gives no move within this has stalled. */
  readonly moveTimeoutMillis: number;
  readonly signal?: AbortSignal;
  /** Clocks of A and B. With one, let `concurrency` be 1: a game's time is not shared with another's. */
  readonly time?: { readonly a: TimeRule; readonly b: TimeRule };
  /** Milliseconds by which a player may overstep its clock, for what the messages take; default 50. */
  readonly timeMargin?: number;
  readonly adjudication?: AdjudicationRules;
  /** Exact result of a position for seat 0, undefined when it cannot tell: for the solver's rule of `adjudication`. */
  readonly solve?: (position: Position) => Promise<1 | 0 | -1 | undefined>;
  readonly onGame: (record: GameRecord) => void;
  /** A fault of the machine rather than of a player: the game is void. Without it such a fault ends the match. */
  readonly onVoid?: (pair: number, leg: 0 | 1, error: UserError) => void;
}

interface Table {
  readonly pair: number;
  readonly leg: 0 | 1;
  readonly opening: Position;
  readonly state: State;
  readonly moves: Action[];
  readonly chance: Rng;
  /** Of the rewards to seat 0 so far. */
  sum: number;
  plies: number;
  readonly adjudicator: Adjudicator | undefined;
  /** Of A and B. */
  readonly clocks: Clocks | undefined;
  readonly notes: Note[];
}

interface Note { readonly at: number; readonly answer: Extract<PlayerAnswer, { action: Action }>; readonly millis: number | undefined }
type Failure = { readonly reason: FailureReason | 'timeout'; readonly message: string };
type Heard = (Extract<PlayerAnswer, { action: Action }> & { readonly millis?: number }) | Failure | { readonly void: UserError };

/** Plays both games of every pair that `next` hands out, until it has none; resolves when all are over. */
export async function referee(players: { readonly a: Player; readonly b: Player }, next: () => { pair: number; opening: Position } | undefined, options: RefereeOptions): Promise<void> {
  const { game, adjudication, time } = options;
  const legal = new Int32Array(game.actionCount);
  const waiting: Record<'a' | 'b', Table[]> = { a: [], b: [] };
  /** Games that are dealt but not begun. */
  const seats: { pair: number; leg: 0 | 1; opening: Position }[] = [];
  let open = 0;
  const unfinished = (): boolean => open > 0;
  let wake: (() => void)[] = [];
  const wakeAll = (): void => {
    for (const w of wake) w();
    wake = [];
  };
  let failed: (error: unknown) => void = () => undefined;

  const mover = (table: Table): 'a' | 'b' => (table.state.turn === table.leg ? 'a' : 'b');
  const finish = (table: Table, seat0: number, end: GameEnd, more: Pick<GameRecord, 'fault' | 'reason'> = {}): void => {
    const forA = table.leg === 0 ? seat0 : -seat0;
    open--;
    const { pair, leg, opening, moves } = table;
    const notes = gather(table);
    options.onGame({ pair, leg, opening, moves, score: forA > 0 ? 1 : forA < 0 ? 0 : 0.5, end, ...more, ...(notes === undefined ? {} : { notes }) });
    refill();
  };
  const adjudicate = (table: Table, { result, reason }: Verdict): void => finish(table, result, 'adjudicated', { reason });
  /** Sends the table to its next mover, or ends the game. */
  const proceed = (table: Table, verdict?: Verdict): void => {
    table.sum += table.state.turn === CHANCE ? playChance(game, table.state, table.chance, table.moves) : 0;
    if (table.state.turn === OVER) return finish(table, table.sum, 'normal');
    if (verdict !== undefined) return adjudicate(table, verdict);
    if (table.plies >= game.maxPlies) return finish(table, 0, 'truncated');
    const after = adjudication?.solver?.after;
    // Nobody gains from the solver's word before the first move.
    if (after !== undefined && options.solve !== undefined && table.plies > 0 && table.opening.moves.length + table.moves.length >= after) {
      solved(table, options.solve).then(wakeAll, failed);
      return;
    }
    waiting[mover(table)].push(table);
  };
  const solved = async (table: Table, solve: NonNullable<RefereeOptions['solve']>): Promise<void> => {
    const result = await solve(positionOf(table));
    options.signal?.throwIfAborted();
    if (result === undefined) waiting[mover(table)].push(table);
    else adjudicate(table, { result, reason: 'by the exact solver' });
  };
  const forfeit = (table: Table, by: 'a' | 'b', end: GameEnd, message: string): void => finish(table, (by === 'a') === (table.leg === 0) ? -1 : 1, end, { fault: { by, message } });

  const sit = (pair: number, leg: 0 | 1, opening: Position): void => {
    open++;
    const state = replay(game, opening);
    const chance = createRng(options.seed).fork('game', 2 * pair + leg);
    proceed({
      pair, leg, opening, state, moves: [], chance, sum: 0, plies: 0, notes: [],
      adjudicator: adjudication && new Adjudicator(adjudication), clocks: time && new Clocks([time.a, time.b]),
    });
  };
  const refill = (): void => {
    while (open < Math.max(1, options.concurrency) && options.signal?.aborted !== true) {
      const seat = seats.shift();
      if (seat !== undefined) {
        sit(seat.pair, seat.leg, seat.opening);
        continue;
      }
      const pair = next();
      if (pair === undefined) break;
      seats.push({ ...pair, leg: 0 }, { ...pair, leg: 1 });
    }
  };

  const apply = (table: Table, by: 'a' | 'b', answer: Heard): void => {
    if ('void' in answer) {
      open--;
      if (options.onVoid === undefined) throw answer.void;
      options.onVoid(table.pair, table.leg, answer.void);
      return refill();
    }
    if ('reason' in answer) return forfeit(table, by, answer.reason, answer.message);
    const { action, value, millis } = answer;
    if (!Number.isInteger(action) || !isLegal(table.state, action, legal)) return forfeit(table, by, 'illegal', `played ${String(action).slice(0, 40)}, which is not a legal action`);
    const seat = table.state.turn === 1 ? 1 : 0;
    table.sum += table.state.apply(action, table.chance.fork('ply', table.moves.length));
    if (value !== undefined || millis !== undefined) table.notes.push({ at: table.moves.length, answer, millis });
    table.moves.push(action);
    table.plies++;
    proceed(table, table.adjudicator?.move(seat, value));
  };

  const ask = async (by: 'a' | 'b', tables: readonly Table[]): Promise<Heard[]> => {
    const who = by === 'a' ? 0 : 1;
    const timed = tables[0].clocks !== undefined;
    if (timed && tables.length > 1) return (await sequentially(tables, (table) => ask(by, [table]))).flat();
    const requests = tables.map((table) => ({
      position: positionOf(table),
      seed: `${options.seed}/${by}/${table.pair}/${table.leg}/${table.moves.length}`,
      ...table.clocks?.reading(who),
    }));
    const clocks = timed ? tables[0].clocks : undefined;
    const allowance = (clocks?.allowance(who) ?? Infinity) + (options.timeMargin ?? 50);
    const patience = Math.min(options.moveTimeoutMillis * tables.length, Math.ceil(allowance));
    const late: Failure = { reason: 'timeout', message: `took longer than the ${Math.round(allowance)} ms it had left` };
    const started = performance.now();
    try {
      const answers = await withDeadline(
        players[by].chooseMany(requests, { signal: options.signal, timeoutMillis: patience }),
        // The player may end its own question at the same time; this one is for those that do not.
        patience + 5000, `${players[by].name} gave no move in time`,
      );
      if (!Array.isArray(answers) || answers.length !== tables.length) throw new AgentFailure('error', `${players[by].name} answered ${tables.length} questions wrongly`);
      if (clocks === undefined) return answers;
      const millis = performance.now() - started;
      if (millis > allowance) return [late];
      clocks.spend(who, millis);
      return answers.map((answer) => {
        if (!('reason' in answer)) return { ...answer, millis: Math.round(millis) };
        return answer.reason === 'stall' && allowance < options.moveTimeoutMillis ? late : answer;
      });
    } catch (error) {
      options.signal?.throwIfAborted();
      // Which of the games it was is only known by asking one at a time.
      if (tables.length > 1) return (await sequentially(tables, (table) => ask(by, [table]))).flat();
      if (error instanceof UserError) return [{ void: error }];
      const reason = failureReason(error);
      if (reason === 'stall' && allowance < options.moveTimeoutMillis) return [late];
      return [{ reason, message: error instanceof Error ? error.message : String(error) }];
    }
  };

  const pump = async (by: 'a' | 'b'): Promise<void> => {
    while (unfinished()) {
      const tables = waiting[by];
      if (tables.length === 0) {
        await new Promise<void>((resolve) => wake.push(resolve));
        continue;
      }
      waiting[by] = [];
      const answers = await ask(by, tables);
      for (const [i, table] of tables.entries()) apply(table, by, answers[i]);
      wakeAll();
    }
    wakeAll();
  };

  refill();
  await Promise.race([Promise.all([pump('a'), pump('b')]), new Promise<never>((_, reject) => (failed = reject))]);
}

const positionOf = ({ opening, moves }: Table): Position => ({ ...opening, moves: [...opening.moves, ...moves] });

/** What was said with the moves, as columns; undefined when nobody said anything. */
function gather({ moves, notes }: Table): MoveNotes | undefined {
  const column = (pick: (note: Note) => number | undefined, digits: number): (number | null)[] | undefined => {
    if (notes.every((note) => pick(note) === undefined)) return undefined;
    const out = moves.map((): number | null => null);
    for (const note of notes) {
      const x = pick(note);
      if (x !== undefined && Number.isFinite(x)) out[note.at] = Number(x.toFixed(digits));
    }
    return out;
  };
  const values = column((note) => note.answer.value, 3);
  const simulations = column((note) => note.answer.simulations, 0);
  const depths = column((note) => note.answer.depth, 0);
  const millis = column((note) => note.millis, 0);
  if (values === undefined && simulations === undefined && depths === undefined && millis === undefined) return undefined;
  return { ...(values && { values }), ...(simulations && { simulations }), ...(depths && { depths }), ...(millis && { millis }) };
}

async function sequentially<T, R>(items: readonly T[], task: (item: T) => Promise<R>): Promise<R[]> {
  const out: R[] = [];
  for (const item of items) out.push(await task(item));
  return out;
}

function failureReason(error: unknown): FailureReason {
  return error instanceof AgentFailure ? error.reason : 'error';
}

async function withDeadline<T>(promise: Promise<T>, millis: number, message: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new AgentFailure('stall', message)), millis);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
