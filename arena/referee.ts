/**
 * The referee of a match: it alone knows the rules' verdict. Many games run at once; whoever is to move is asked for all
 * of its games together, so that an agent with a network answers in one batch. It searches nothing itself.
 */
import { type Action, CHANCE, type Game, OVER, type Rng, type State, createRng } from '#engine';
import { AgentFailure, type FailureReason, type Player, type PlayerAnswer } from './agents/player.js';
import { type Position, isLegal, playChance, replay } from './position.js';

export const gameEnds = ['normal', 'truncated', 'illegal', 'error', 'crash', 'stall'] as const;
/** How a game ended: by the rules, at the longest allowed length (a draw), or by a player's fault, which loses it. */
export type GameEnd = (typeof gameEnds)[number];

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
  /** Whose fault it was, and what was wrong, unless `end` is normal or truncated. */
  readonly fault?: { readonly by: 'a' | 'b'; readonly message: string };
}

export interface RefereeOptions {
  readonly game: Game;
  readonly seed: number | string;
  /** Games under way at once. */
  readonly concurrency: number;
  /** A player that gives no move within this has stalled. */
  readonly moveTimeoutMillis: number;
  readonly signal?: AbortSignal;
  readonly onGame: (record: GameRecord) => void;
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
}

/** Plays both games of every pair that `next` hands out, until it has none; resolves when all are over. */
export async function referee(players: { readonly a: Player; readonly b: Player }, next: () => { pair: number; opening: Position } | undefined, options: RefereeOptions): Promise<void> {
  const { game } = options;
  const legal = new Int32Array(game.actionCount);
  const waiting: Record<'a' | 'b', Table[]> = { a: [], b: [] };
  let open = 0;
  const unfinished = (): boolean => open > 0;
  let wake: (() => void)[] = [];
  const wakeAll = (): void => {
    for (const w of wake) w();
    wake = [];
  };

  const mover = (table: Table): 'a' | 'b' => (table.state.turn === table.leg ? 'a' : 'b');
  const finish = (table: Table, seat0: number, end: GameEnd, fault?: GameRecord['fault']): void => {
    const forA = table.leg === 0 ? seat0 : -seat0;
    open--;
    const { pair, leg, opening, moves } = table;
    options.onGame({ pair, leg, opening, moves, score: forA > 0 ? 1 : forA < 0 ? 0 : 0.5, end, ...(fault === undefined ? {} : { fault }) });
    refill();
  };
  /** Sends the table to its next mover, or ends the game. */
  const proceed = (table: Table): void => {
    table.sum += table.state.turn === CHANCE ? playChance(game, table.state, table.chance, table.moves) : 0;
    if (table.state.turn === OVER) finish(table, table.sum, 'normal');
    else if (table.plies >= game.maxPlies) finish(table, 0, 'truncated');
    else waiting[mover(table)].push(table);
  };
  const forfeit = (table: Table, by: 'a' | 'b', end: GameEnd, message: string): void => finish(table, (by === 'a') === (table.leg === 0) ? -1 : 1, end, { by, message });

  const sit = (pair: number, leg: 0 | 1, opening: Position): void => {
    open++;
    const state = replay(game, opening);
    const chance = createRng(options.seed).fork('game', 2 * pair + leg);
    proceed({ pair, leg, opening, state, moves: [], chance, sum: 0, plies: 0 });
  };
  const refill = (): void => {
    while (open + 2 <= Math.max(2, options.concurrency) && options.signal?.aborted !== true) {
      const pair = next();
      if (pair === undefined) break;
      sit(pair.pair, 0, pair.opening);
      sit(pair.pair, 1, pair.opening);
    }
  };

  const apply = (table: Table, by: 'a' | 'b', answer: PlayerAnswer): void => {
    if ('reason' in answer) return forfeit(table, by, answer.reason, answer.message);
    const { action } = answer;
    if (!Number.isInteger(action) || !isLegal(table.state, action, legal)) return forfeit(table, by, 'illegal', `played ${action}, which is not a legal action`);
    table.sum += table.state.apply(action, table.chance.fork('ply', table.moves.length));
    table.moves.push(action);
    table.plies++;
    proceed(table);
  };

  const ask = async (by: 'a' | 'b', tables: readonly Table[]): Promise<PlayerAnswer[]> => {
    const requests = tables.map(({ opening, moves, pair, leg }) => ({
      position: { ...opening, moves: [...opening.moves, ...moves] },
      seed: `${options.seed}/${by}/${pair}/${leg}/${moves.length}`,
    }));
    try {
      const answers = await withDeadline(
        players[by].chooseMany(requests, { signal: options.signal, timeoutMillis: options.moveTimeoutMillis * tables.length }),
        // The player may end its own question at the same time; this one is for those that do not.
        options.moveTimeoutMillis * tables.length + 5000, `${players[by].name} gave no move in time`,
      );
      if (!Array.isArray(answers) || answers.length !== tables.length) throw new AgentFailure('error', `${players[by].name} answered ${tables.length} questions wrongly`);
      return answers;
    } catch (error) {
      options.signal?.throwIfAborted();
      // Which of the games it was is only known by asking one at a time.
      if (tables.length > 1) return (await sequentially(tables, (table) => ask(by, [table]))).flat();
      return [{ reason: failureReason(error), message: error instanceof Error ? error.message : String(error) }];
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
  await Promise.all([pump('a'), pump('b')]);
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
