/** A game in this page: the rules of a room as the server keeps them, for one person or two at one screen. */
import { OVER, cloneState, createRng, type Game, type State } from '#engine';
import { Refusal, type Looked } from '#arena/browser';
import { applyEvent, type Analysis, type GameResult, type RoomEvent, type RoomSnapshot, type SeatView } from '#arena/protocol';

export interface StoredRoom {
  readonly snapshot: RoomSnapshot;
  /** [player]: the token of each person, null for agents. */
  readonly tokens: readonly (string | null)[];
}

export class OfflineRoom implements Looked {
  readonly game: Game;
  readonly tokens: readonly (string | null)[];
  snapshot: RoomSnapshot;
  /** Raised whenever the position changes: what was thought of an older one is void. */
  generation = 0;
  private readonly told: (room: OfflineRoom, event: { seq: number; event: RoomEvent }) => void;

  constructor(game: Game, stored: StoredRoom, told: OfflineRoom['told']) {
    this.game = game;
    this.tokens = stored.tokens;
    this.told = told;
    this.snapshot = { ...stored.snapshot, thinking: null, ...this.describe(stored.snapshot.setup, stored.snapshot.moves.map((m) => m.action), stored.snapshot.result) };
  }

  static create(game: Game, id: string, epoch: string, seats: SeatView[], tokens: readonly (string | null)[], setup: string | undefined, told: OfflineRoom['told']): OfflineRoom {
    const snapshot: RoomSnapshot = {
      roomId: id, seq: 0, epoch, game: { id: game.id, version: game.version }, gameNumber: 1, setup: setup ?? null, seats, swapped: false, moves: [],
      turn: 0, legal: [], result: null, clock: null, offers: [], hints: [], hintsAllowed: true, thinking: null, analyses: [],
    };
    return new OfflineRoom(game, { snapshot, tokens }, told);
  }

  get id(): string {
    return this.snapshot.roomId;
  }

  emit(event: RoomEvent): number {
    const numbered = { seq: this.snapshot.seq + 1, event };
    const next = applyEvent(this.snapshot, numbered);
    if (next === undefined) throw new Error('a room skipped an event number');
    this.snapshot = next;
    this.told(this, numbered);
    return numbered.seq;
  }

  /** The seat of whoever holds the token. */
  seatOf(token: string): 0 | 1 {
    const { turn, swapped } = this.snapshot;
    const seats = this.tokens.flatMap((t, player) => (t === token ? [swapped ? 1 - player : player] : []));
    if (seats.length === 0) throw new Refusal('not-your-seat', 'this token holds no seat here');
    return (seats.includes(turn) ? turn : seats[0]) as 0 | 1;
  }

  /** Plays for the seat to move; returns the event's number. */
  play(action: number, millis: number, clientMoveId?: string): number {
    const { snapshot } = this;
    const legal = snapshot.legal.find((entry) => entry.action === action);
    if (snapshot.result !== null || (snapshot.turn !== 0 && snapshot.turn !== 1)) throw new Refusal('game-over', 'the game is over');
    if (legal === undefined) throw new Refusal('illegal-move', `action ${action} is not legal here`);
    const ply = snapshot.moves.length;
    this.generation++;
    return this.emit({
      type: 'moved', ply, action, name: legal.name, seat: snapshot.turn, millis, clientMoveId, clock: null,
      ...this.describe(snapshot.setup, [...snapshot.moves.map((m) => m.action), action], null),
    });
  }

  /** To the last move of a person. */
  takeBack(): void {
    const { snapshot } = this;
    const ply = snapshot.moves.findLastIndex((move) => snapshot.seats[move.seat].kind === 'human');
    if (ply < 0) throw new Refusal('not-allowed', 'there is no move of yours to take back');
    this.generation++;
    this.emit({ type: 'taken-back', ply, clock: null, ...this.describe(snapshot.setup, snapshot.moves.slice(0, ply).map((m) => m.action), null) });
  }

  finish(result: GameResult): void {
    if (this.snapshot.result !== null) throw new Refusal('game-over', 'the game is over');
    this.generation++;
    this.emit({ type: 'finished', result, clock: null });
  }

  newGame(swap: boolean, setup: string | undefined): void {
    const { snapshot } = this;
    this.generation++;
    this.emit({
      type: 'new-game', gameNumber: snapshot.gameNumber + 1, setup: setup ?? null, seats: swap ? [...snapshot.seats].reverse() : [...snapshot.seats], swapped: swap !== snapshot.swapped, clock: null,
      ...this.describe(setup ?? null, [], null),
    });
  }

  setAgent(seat: number, view: SeatView): void {
    if (this.snapshot.seats[seat]?.kind !== 'agent') throw new Refusal('not-allowed', 'no agent sits at that seat');
    this.generation++;
    this.emit({ type: 'seat', seat: seat as 0 | 1, view });
    if (this.snapshot.thinking === seat) this.emit({ type: 'thinking', seat: null });
  }

  addAnalysis(analysis: Analysis): void {
    this.emit({ type: 'analysis', analysis });
  }

  /** A new position, so many moves after the setup. */
  positionAfter(ply: number): State {
    return this.replayed(this.snapshot.setup, this.snapshot.moves.slice(0, ply).map((m) => m.action)).state;
  }

  legalIn(state: State): { action: number; name: string }[] {
    const legal = new Int32Array(this.game.actionCount);
    return Array.from(legal.subarray(0, state.legal(legal)), (action) => ({ action, name: this.game.actionName(state, action) }));
  }

  /** Notation of a line from the position after `ply` moves. */
  nameLine(ply: number, actions: readonly number[]): { action: number; name: string }[] {
    return this.lineFrom(this.positionAfter(ply), actions);
  }

  /** The same from a position, which is moved along the line; cut at the first action that is not legal. */
  lineFrom(state: State, actions: readonly number[]): { action: number; name: string }[] {
    const line: { action: number; name: string }[] = [];
    for (const action of actions) {
      const known = this.legalIn(state).find((entry) => entry.action === action);
      if (known === undefined) break;
      line.push(known);
      state.apply(action, createRng(0));
    }
    return line;
  }

  /** A copy of the position with the action played. */
  branch(state: State, action: number): State {
    const rng = createRng(0);
    const copy = cloneState(this.game, state, rng);
    copy.apply(action, rng);
    return copy;
  }

  private replayed(setup: string | null, actions: readonly number[]): { state: State; returns: number } {
    const rng = createRng(0);
    const state = setup === null ? this.game.start(rng) : this.game.parseSetup?.(setup);
    if (state === undefined) throw new Refusal('bad-setup', `'${setup}' is not a position of ${this.game.name}`);
    return { state, returns: actions.reduce((sum, action) => sum + state.apply(action, rng), 0) };
  }

  /** `ended`: a result that the moves do not show, as of a resignation. */
  private describe(setup: string | null, actions: readonly number[], ended: GameResult | null): Pick<RoomSnapshot, 'turn' | 'legal' | 'result'> {
    const { state, returns } = this.replayed(setup, actions);
    if (ended !== null) return { turn: OVER, legal: [], result: ended };
    const result: GameResult | null = state.turn === OVER ? { returns, winner: returns === 0 ? null : returns > 0 ? 0 : 1, reason: 'normal' } : null;
    return { turn: state.turn, legal: this.legalIn(state), result };
  }
}
