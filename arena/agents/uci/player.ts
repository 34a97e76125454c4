/** A chess engine as a player. It is started again after a crash, which costs the game in which it happened. */
import { type Game, UserError, rulesOf } from '#engine';
import { ChessState, makeFen, makeUci, moveOf } from '#games/chess';
import { replay, startState } from '../../position.js';
import { type UciSpec, printExternalAgent } from '../external.js';
import type { AskOptions } from '../hosted.js';
import { AgentFailure, type Player, type PlayerAnswer, type PlayerRequest } from '../player.js';
import { type EngineMove, UciEngine } from './engine.js';

/** Milliseconds a move where nothing else is said. */
const DEFAULT_MOVETIME = 100;
/** What an engine may take beyond the time it was given, before it has stalled. */
const OVERHEAD_MILLIS = 5000;

export class UciPlayer implements Player {
  /** With the strength that the engine really plays at, where it is limited. */
  name: string;
  private readonly spec: UciSpec;
  private readonly game: Game;
  private engine: UciEngine | undefined;
  /** Of the last question, where moves are timed. */
  private last: PlayerRequest['position'] | undefined;
  private queue: Promise<unknown> = Promise.resolve();

  private constructor(spec: UciSpec, game: Game) {
    this.spec = spec;
    this.game = game;
    this.name = printExternalAgent(spec);
  }

  /** Throws UserError: 'usage' for another game than chess or a wrong option, 'environment' when the engine does not start. */
  static async start(spec: UciSpec, game: Game): Promise<UciPlayer> {
    if (rulesOf(game) !== 'chess') throw new UserError('usage', `'uci:${spec.engine}' plays chess, not ${game.name}`);
    const player = new UciPlayer(spec, game);
    await player.ready();
    return player;
  }

  chooseMany(requests: readonly PlayerRequest[], options: AskOptions = {}): Promise<PlayerAnswer[]> {
    const task = this.queue.then(async () => {
      const answers: PlayerAnswer[] = [];
      for (const request of requests) answers.push(await this.answer(request, (options.timeoutMillis ?? 60_000 * requests.length) / requests.length, options.signal));
      return answers;
    });
    this.queue = task.catch(() => undefined);
    return task;
  }

  async close(): Promise<void> {
    const { engine } = this;
    this.engine = undefined;
    await engine?.close();
  }

  private async ready(): Promise<UciEngine> {
    if (this.engine !== undefined && this.engine.gone === undefined) return this.engine;
    const { engine, elo } = await startEngine(this.spec);
    if (elo !== undefined) this.name = printExternalAgent({ ...this.spec, elo });
    this.engine = engine;
    this.last = undefined;
    return engine;
  }

  private async answer(request: PlayerRequest, patience: number, signal: AbortSignal | undefined): Promise<PlayerAnswer> {
    const { position, clock, millis } = request;
    const { limits } = this.spec;
    const engine = await this.ready();
    const state = replay(this.game, position);
    const movetime = clock !== undefined ? undefined : (millis ?? limits.movetime ?? (limits.nodes === undefined && limits.depth === undefined ? DEFAULT_MOVETIME : undefined));
    try {
      // By nodes or depth the same question gets the same answer: nothing of other questions may help or hurt. By time an
      // engine keeps its memory through a game, as it is made to.
      const timed = clock !== undefined || movetime !== undefined;
      if (!timed || this.last === undefined || !extendsBy(this.last, position)) await engine.newGame();
      this.last = timed ? position : undefined;
      const found = await engine.go(describe(this.game, request), {
        ...(clock === undefined ? {} : { clock: { ...clock, white: state.turn === 0 } }),
        ...(limits.nodes === undefined ? {} : { nodes: limits.nodes }),
        ...(limits.depth === undefined ? {} : { depth: limits.depth }),
        ...(movetime === undefined ? {} : { movetime }),
      }, movetime === undefined ? patience : Math.min(patience, movetime + OVERHEAD_MILLIS), signal);
      return this.read(found, state);
    } catch (error) {
      if (!(error instanceof AgentFailure)) throw error;
      return { reason: error.reason, message: `${this.name}: ${error.message}` };
    }
  }

  private read({ move, value, nodes, depth }: EngineMove, state: ReturnType<typeof replay>): PlayerAnswer {
    // Coordinates only: what is no legal move becomes an action that is none, for the referee to judge.
    const action = /^[a-h][1-8][a-h][1-8][nbrq]?$/.test(move) ? (this.game.parseAction(state, move) ?? -1) : -1;
    return { action, ...(value === undefined ? {} : { value }), ...(nodes === undefined ? {} : { simulations: nodes }), ...(depth === undefined ? {} : { depth }) };
  }
}

/** The engine with its options set, and the strength that it really plays at. Throws UserError as UciPlayer.start does. */
export async function startEngine(spec: UciSpec): Promise<{ readonly engine: UciEngine; readonly elo?: number }> {
  const engine = await UciEngine.start(spec.engine);
  try {
    for (const [name, value] of spec.set) engine.set(name, value);
    let elo: number | undefined;
    if (spec.elo !== undefined) {
      // Stockfish's least strength was 1350 up to version 15 and is 1320 since: the nearest there is, and it is said.
      const { min = 0, max = Infinity } = engine.options.find((option) => option.name === 'UCI_Elo') ?? {};
      elo = Math.max(min, Math.min(max, spec.elo));
      engine.set('UCI_LimitStrength', 'true');
      engine.set('UCI_Elo', String(elo));
    }
    await engine.ready();
    return { engine, ...(elo === undefined ? {} : { elo }) };
  } catch (error) {
    await engine.close();
    throw error instanceof AgentFailure ? new UserError('environment', `${printExternalAgent(spec)} is not ready to play: ${error.message}`) : error;
  }
}

/** Whether `now` is the same game, some moves later. */
function extendsBy(before: PlayerRequest['position'], now: PlayerRequest['position']): boolean {
  return now.setup === before.setup && now.moves.length > before.moves.length && before.moves.every((action, i) => action === now.moves[i]);
}

/** UCI's `position` with the whole game, so that the engine sees repetitions. */
function describe(game: Game, { position }: PlayerRequest): string {
  const state = startState(game, position);
  if (!(state instanceof ChessState)) throw new Error('UCI is spoken about chess alone');
  const fen = makeFen(state.position);
  const moves = position.moves.map((action) => {
    const text = makeUci(state.position, moveOf(action, state.position));
    state.apply(action);
    return text;
  });
  return `position fen ${fen}${moves.length === 0 ? '' : ` moves ${moves.join(' ')}`}`;
}
