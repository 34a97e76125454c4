/** Judging an agent by chess positions whose best moves are known: `ludus eval chess`. */
import { availableParallelism } from 'node:os';
import { type Action, OVER, UserError } from '#engine';
import { ChessState, NO_MOVE, actionOf, chess, makeFen, makeUci, moveOf, parseSan, parseUci } from '#games/chess';
import type { HostOptions } from '../agents/hosted.js';
import type { Player } from '../agents/player.js';
import { parseAnyAgent, startPlayer } from '../agents/start.js';
import { spread } from '../evaluate.js';
import { faultyLine, readChessTable } from './table.js';

export interface BestMovePosition {
  readonly line: number;
  readonly fen: string;
  /** Plies since the start of the game, as the FEN counts them. */
  readonly ply: number;
  /** One or more legal actions; any of them is right. */
  readonly best: readonly Action[];
}

export interface BestMoveResult {
  readonly game: string;
  readonly agent: string;
  readonly positions: number;
  /** Share of positions in which the agent chose one of the best moves; null without positions. */
  readonly optimal: number | null;
  /** Positions in which the agent gave no legal move; they count as wrong. */
  readonly failures: number;
  /** The first of those, in words. */
  readonly failure?: string;
  /** Positions that were missed: the line in the file, and the move that was chosen, in UCI's coordinates. */
  readonly missed: readonly { readonly line: number; readonly chosen: string | null }[];
  readonly seconds: number;
  readonly interrupted: boolean;
}

/**
 * Reads a CSV file with at least the columns `fen` and `best`: moves in UCI's coordinates, several divided by `;`. Throws
 * UserError('data') naming file and line of a position that is none or is over, and of a best move that is not legal.
 */
export function parseBestMoves(text: string, file = 'positions'): BestMovePosition[] {
  return readChessTable(text, file, ['best']).map(({ line, cells, position }) => {
    const state = new ChessState(position);
    const fen = makeFen(position);
    if (state.turn === OVER) throw faultyLine(file, line, `the game is over here (${state.ending}): there is no move to judge`);
    const best = cells.best.split(';').map((field) => {
      const name = field.trim();
      const move = parseUci(position, name);
      if (move !== NO_MOVE) return actionOf(move, position.side);
      const san = name === '' ? NO_MOVE : parseSan(position, name);
      const hint = name === '' ? "the column 'best' is empty" : `'${name.slice(0, 20)}' is ${san === NO_MOVE ? `no legal move in ${fen}` : `not in UCI's coordinates: write ${makeUci(position, san)}`}`;
      throw faultyLine(file, line, hint);
    });
    return { line, fen, ply: 2 * (position.fullMove - 1) + position.side, best };
  });
}

export interface BestMoveOptions {
  /** Trusted; also `uci:` engines. */
  readonly agent: string;
  readonly positions: readonly BestMovePosition[];
  /** Chess, or the variant of it that the agent has learnt. */
  readonly game?: string;
  /** Only positions of these plies. */
  readonly plies?: readonly [least: number, most: number];
  /** At most so many, spread evenly over the file. */
  readonly limit?: number;
  readonly seed?: number | string;
  /** Searching threads (of an engine: processes); default one a processor core. */
  readonly threads?: number;
  readonly device?: HostOptions['device'];
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number, right: number) => void;
}

/** Positions asked for at once: a network agent's lock-step batch. Small enough for progress to be seen. */
const CHUNK = 32;

/** Asks the agent for its move in every position. Deterministic by seed. Throws UserError when the agent cannot start, or nothing is left to judge. */
export async function evaluateBestMoves(options: BestMoveOptions): Promise<BestMoveResult> {
  const started = performance.now();
  const { game = chess.id } = options;
  const [least, most] = options.plies ?? [0, Infinity];
  const inRange = options.positions.filter((p) => p.ply >= least && p.ply <= most);
  if (inRange.length === 0) throw new UserError('usage', `no position has ${least} to ${most} plies`);
  const chosen = spread(inRange, options.limit ?? Infinity);
  const spec = parseAnyAgent(options.agent);
  const threads = Math.max(1, Math.min(options.threads ?? availableParallelism(), Math.ceil(chosen.length / 8)));
  const players: Player[] = [];
  const missed: BestMoveResult['missed'][number][] = [];
  let [done, right, failures] = [0, 0, 0];
  let failure: string | undefined;
  const judge = (position: BestMovePosition, action: Action | undefined, message: string | undefined): void => {
    done++;
    if (action !== undefined && position.best.includes(action)) right++;
    else {
      const state = chess.parseSetup!(position.fen)!;
      const legal = new Int32Array(chess.actionCount);
      const isLegal = action !== undefined && legal.subarray(0, state.legal(legal)).includes(action);
      missed.push({ line: position.line, chosen: isLegal ? makeUci(state.position, moveOf(action, state.position)) : null });
      if (!isLegal) {
        failures++;
        failure ??= message ?? 'it gave a move that is not legal';
      }
    }
    options.onProgress?.(done, chosen.length, right);
  };
  try {
    const start = async (): Promise<void> => {
      players.push(await startPlayer(spec, { game, device: options.device, signal: options.signal }));
    };
    // The first alone, so that a bad agent is one error and not one a thread.
    await start();
    await Promise.all(Array.from({ length: threads - 1 }, start));
    let next = 0;
    const chunk = Math.max(1, Math.min(CHUNK, Math.ceil(chosen.length / players.length)));
    await Promise.all(players.map(async (player) => {
      for (let from = next; from < chosen.length && options.signal?.aborted !== true; from = next) {
        next += chunk;
        const some = chosen.slice(from, from + chunk);
        const requests = some.map((p) => ({ position: { setup: p.fen, moves: [] }, seed: `${options.seed ?? 0}/${p.line}` }));
        const answers = await player.chooseMany(requests, { signal: options.signal });
        for (const [i, answer] of answers.entries()) judge(some[i], 'action' in answer ? answer.action : undefined, 'message' in answer ? answer.message : undefined);
      }
    }));
  } catch (error) {
    if (options.signal?.aborted !== true || players.length === 0) throw error;
  } finally {
    await Promise.all(players.map((player) => player.close()));
  }
  return {
    game, agent: players[0].name, positions: done, optimal: done === 0 ? null : right / done, failures, ...(failure === undefined ? {} : { failure }),
    missed: missed.sort((a, b) => a.line - b.line), seconds: (performance.now() - started) / 1000, interrupted: options.signal?.aborted === true,
  };
}
