/**
 * What a room is in, and how it changes: the public state (the same that browsers hold), the position itself, and the
 * numbered events for those who lost their connection. An event is stored before it counts, and told after it counts.
 */
import { OVER, cloneState, createRng, type Action, type Game, type Rng, type State } from '#engine';
import { applyEvent, type NumberedEvent, type RoomEvent, type RoomSnapshot, type Seat, type SeatView } from '#arena/protocol';
import { clockAfterMove, freshClock, runningClock } from './game-clock.js';
import { Refusal } from './refusal.js';

export interface RoomStateSettings {
  readonly id: string;
  readonly epoch: string;
  readonly game: Game;
  /** Events kept for those who reconnect; beyond that they get a snapshot. */
  readonly eventsKept: number;
  /** Server time, milliseconds since 1970, never going back. */
  readonly now: () => number;
}

/** A new game's beginning. */
export interface Beginning {
  readonly setup?: string;
  /** By seat. */
  readonly seats: SeatView[];
  readonly hintsAllowed: boolean;
}

/** What was stored: a snapshot, and the last events, some of which may be newer. */
export interface Remembered {
  readonly snapshot: RoomSnapshot;
  readonly events: readonly NumberedEvent[];
}

export abstract class RoomState {
  readonly id: string;
  readonly game: Game;
  protected readonly now: () => number;
  protected position: State;
  protected current: RoomSnapshot;
  /** Rewards to seat 0 so far in this game. */
  protected returns = 0;
  private readonly eventsKept: number;
  private readonly rng: Rng;
  private readonly legalActions: Int32Array;
  private events: NumberedEvent[] = [];
  private turnSince: number;
  /** Server time of the last thing that happened here. */
  touched: number;
  /** Raised whenever the position changes: what was thought about an older one is void. */
  generation = 0;

  /** Throws Refusal('bad-setup'), also when what was stored is no game that can be. */
  constructor(settings: RoomStateSettings, from: Beginning | Remembered) {
    const { id, game, epoch } = settings;
    this.id = id;
    this.game = game;
    this.now = settings.now;
    this.eventsKept = settings.eventsKept;
    this.rng = createRng(id);
    this.legalActions = new Int32Array(game.actionCount);
    this.touched = this.turnSince = this.now();
    if ('snapshot' in from) {
      this.events = from.events.slice(-this.eventsKept);
      this.current = from.events.reduce((state, event) => applyEvent(state, event) ?? state, from.snapshot);
      this.position = this.startingPosition(undefined);
      this.rewind(this.current.moves.length);
    } else {
      this.position = this.startingPosition(from.setup);
      this.current = {
        roomId: id, seq: 0, epoch, game: { id: game.id, version: game.version },
        gameNumber: 1, setup: from.setup ?? null, seats: from.seats, swapped: false, moves: [], thinking: null, analyses: [],
        offers: [], hints: [], hintsAllowed: from.hintsAllowed, clock: freshClock(from.seats.map((seat) => seat.clock), this.now()), ...this.outcome(0),
      };
    }
  }

  /** Keeps the event, and the state after it, for good; throws when it cannot: then nothing has happened. */
  protected abstract store(event: NumberedEvent, after: RoomSnapshot): void;
  /** It has happened. */
  protected abstract told(event: NumberedEvent): void;

  get snapshot(): RoomSnapshot {
    return this.current;
  }

  /** Those that are kept, oldest first. */
  get keptEvents(): readonly NumberedEvent[] {
    return this.events;
  }

  /** The seat whose turn it is; undefined when the game is over. */
  get toMove(): Seat | undefined {
    const { turn } = this.current;
    return turn === 0 || turn === 1 ? turn : undefined;
  }

  /** Events after number `since`, or undefined when they are not kept any more. */
  eventsSince(since: number): NumberedEvent[] | undefined {
    if (since > this.current.seq || this.current.seq - since > this.events.length) return undefined;
    return this.events.slice(this.events.length - (this.current.seq - since));
  }

  emit(event: RoomEvent): number {
    const numbered = { seq: this.current.seq + 1, event };
    const next = applyEvent(this.current, numbered);
    if (next === undefined) throw new Error('a room skipped an event number');
    this.store(numbered, next);
    this.current = next;
    this.events.push(numbered);
    if (this.events.length > this.eventsKept) this.events.splice(0, this.events.length - this.eventsKept);
    this.touched = this.now();
    this.told(numbered);
    return numbered.seq;
  }

  /** Plays for the seat to move. Throws Refusal('illegal-move'). Returns the event's number. */
  play(action: Action, clientMoveId?: string): number {
    const legal = this.current.legal.find((entry) => entry.action === action);
    const seat = this.toMove;
    if (legal === undefined || seat === undefined) throw new Refusal('illegal-move', `action ${action} is not legal here`);
    const { moves, clock, seats } = this.current;
    const now = this.now();
    return this.changing(() => {
      const returns = this.returns + this.position.apply(action, this.rng.fork('apply', moves.length));
      const after = this.outcome(returns);
      const next = after.turn === 0 || after.turn === 1 ? after.turn : undefined;
      // Each player's first move is free.
      const onClock = next !== undefined && (next === seat || moves.some((move) => move.seat === next)) ? next : undefined;
      return {
        type: 'moved', ply: moves.length, action, name: legal.name, seat, millis: Math.max(0, Math.round(now - this.turnSince)), clientMoveId,
        ...after, clock: clockAfterMove(clock, seat, seats[seat].clock?.increment ?? 0, onClock, now),
      };
    });
  }

  /** Takes the moves from number `ply` on back. The clocks keep what they show. */
  protected takeBackTo(ply: number): void {
    this.changing(() => {
      this.rewind(ply);
      const after = this.outcome(this.returns);
      const next = after.turn === 0 || after.turn === 1 ? after.turn : undefined;
      const onClock = next !== undefined && this.current.moves.slice(0, ply).some((move) => move.seat === next) ? next : undefined;
      return { type: 'taken-back', ply, ...after, clock: runningClock(this.current.clock, onClock, this.now()) };
    });
  }

  /** Throws Refusal('bad-setup'). */
  protected beginAnew(seats: SeatView[], swapped: boolean, setup: string | undefined): void {
    const position = this.startingPosition(setup);
    this.changing(() => {
      this.position = position;
      const clock = freshClock(seats.map((seat) => seat.clock), this.now());
      return { type: 'new-game', gameNumber: this.current.gameNumber + 1, setup: setup ?? null, seats, swapped, ...this.outcome(0), clock };
    });
  }

  /** Emits an event that changes the position; when it cannot be stored, the position is what it was. */
  protected changing(make: () => RoomEvent): number {
    const { generation, turnSince } = this;
    try {
      const event = make();
      this.generation++;
      this.turnSince = this.now();
      return this.emit(event);
    } catch (error) {
      this.generation = generation;
      this.turnSince = turnSince;
      this.rewind(this.current.moves.length);
      throw error;
    }
  }

  /** Notation of a line of actions from the position after `ply` moves; cut at the first that is not legal. */
  nameLine(ply: number, actions: readonly Action[]): { action: Action; name: string }[] {
    return this.lineFrom(this.positionAfter(ply), actions);
  }

  /** The same from a position, which is moved along the line. */
  lineFrom(state: State, actions: readonly Action[]): { action: Action; name: string }[] {
    const named: { action: Action; name: string }[] = [];
    for (const action of actions) {
      if (!this.legalActions.subarray(0, state.legal(this.legalActions)).includes(action)) break;
      named.push({ action, name: this.game.actionName(state, action) });
      state.apply(action, this.rng.fork('line', named.length));
    }
    return named;
  }

  /** A copy of the position with the action played. */
  branch(state: State, action: Action): State {
    const copy = cloneState(this.game, state, this.rng);
    copy.apply(action, this.rng.fork('line'));
    return copy;
  }

  /** A new position, `ply` moves after the setup. */
  positionAfter(ply: number): State {
    const state = this.startingPosition(this.current.setup ?? undefined);
    for (let i = 0; i < ply; i++) state.apply(this.current.moves[i].action, this.rng.fork('apply', i));
    return state;
  }

  /** Legal actions with names. */
  legalIn(state: State): { action: Action; name: string }[] {
    return Array.from(this.legalActions.subarray(0, state.legal(this.legalActions)), (action) => ({ action, name: this.game.actionName(state, action) }));
  }

  protected startingPosition(setup: string | undefined): State {
    if (setup === undefined) return this.game.start(this.rng.fork('start'));
    const state = this.game.parseSetup?.(setup);
    if (state === undefined) throw new Refusal('bad-setup', `'${setup.slice(0, 80)}' is not a position of ${this.game.name}`);
    if (state.turn === OVER) throw new Refusal('bad-setup', 'the game is over in that position');
    return state;
  }

  /** Back to the position after `ply` of the present moves, with what was won until then. */
  private rewind(ply: number): void {
    this.position = this.startingPosition(this.current.setup ?? undefined);
    this.returns = 0;
    for (const [i, move] of this.current.moves.slice(0, ply).entries()) this.returns += this.position.apply(move.action, this.rng.fork('apply', i));
  }

  private outcome(returns: number): Pick<RoomSnapshot, 'turn' | 'legal' | 'result'> {
    this.returns = returns;
    const over = this.position.turn === OVER;
    const winner = this.game.seats === 1 || returns === 0 ? null : returns > 0 ? 0 : 1;
    return { turn: this.position.turn, legal: this.legalIn(this.position), result: over ? { returns, winner, reason: 'normal' } : null };
  }
}
