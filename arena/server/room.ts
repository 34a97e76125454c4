/**
 * One room: the authority over one game after another. It holds the public state (the same that browsers hold), the
 * position itself, who may move, and the numbered events for those who lost their connection. It knows no socket: it
 * tells a listener. Agents are asked to move by `play.ts`.
 */
import { OVER, createRng, type Action, type Game, type Rng, type State } from '#engine';
import { applyEvent, type GameResult, type NumberedEvent, type RoomEvent, type RoomSnapshot, type Seat, type SeatView } from '#arena/protocol';
import { Refusal } from './refusal.js';
import { hashToken, newToken, sameHash } from './tokens.js';

/** Who plays, whichever seat that is just now. */
export interface Player {
  view: SeatView;
  /** Of a person's token; undefined while the seat waits, and for agents. */
  tokenHash?: Buffer;
  /** Which person: the creator is 0. */
  person?: number;
  /** Sockets here that presented the token. */
  present: number;
  /** Agent string, of agents. */
  spec?: string;
}

export interface RoomSettings {
  readonly id: string;
  readonly epoch: string;
  readonly game: Game;
  readonly setup?: string;
  /** In the order of the seats of the first game. */
  readonly players: Player[];
  readonly eventsKept: number;
  readonly now: () => number;
  readonly onEvents: (room: Room, events: NumberedEvent[]) => void;
}

interface Accepted {
  readonly ply: number;
  readonly action: Action;
  readonly seq: number;
}

/** Accepted moves remembered for those who send one again. */
const REMEMBERED_MOVES = 1024;

export class Room {
  readonly id: string;
  readonly game: Game;
  readonly players: Player[];
  private readonly settings: RoomSettings;
  private readonly rng: Rng;
  private readonly legalActions: Int32Array;
  private position: State;
  private events: NumberedEvent[] = [];
  private readonly accepted = new Map<string, Accepted>();
  private current: RoomSnapshot;
  private turnSince: number;
  /** Rewards to seat 0 so far in this game. */
  private returns = 0;
  /** Milliseconds of the last thing that happened here. */
  touched: number;
  /** Raised whenever the position changes: what was thought about an older one is void. */
  generation = 0;

  /** Throws Refusal('bad-setup'). */
  constructor(settings: RoomSettings) {
    this.settings = settings;
    this.id = settings.id;
    this.game = settings.game;
    this.players = settings.players;
    this.rng = createRng(settings.id);
    this.legalActions = new Int32Array(settings.game.actionCount);
    this.position = this.startingPosition(settings.setup);
    this.touched = this.turnSince = settings.now();
    this.current = {
      roomId: settings.id, seq: 0, epoch: settings.epoch, game: { id: settings.game.id, version: settings.game.version },
      gameNumber: 1, setup: settings.setup ?? null, seats: this.seatViews(false), swapped: false,
      moves: [], thinking: null, analyses: [], offers: [], hints: [], hintsAllowed: true, ...this.describe(0),
    };
  }

  get snapshot(): RoomSnapshot {
    return this.current;
  }

  /** The seat whose turn it is; undefined when the game is over. */
  get toMove(): Seat | undefined {
    const { turn } = this.current;
    return turn === 0 || turn === 1 ? turn : undefined;
  }

  playerAt(seat: Seat): Player {
    return this.players[this.playerIndex(seat)];
  }

  playerIndex(seat: number): Seat {
    return (this.current.swapped ? 1 - seat : seat) as Seat;
  }

  /** True when different persons sit, or may sit, at the seats: then nobody may look at an agent's opinion, or take back. */
  get contested(): boolean {
    const persons = this.players.filter((player) => player.view.kind === 'human');
    return persons.length > 1 && new Set(persons.map((player) => player.person)).size > 1;
  }

  /** The player whose token this is. Throws Refusal('not-your-seat'). */
  authorise(token: string): { player: Seat; seat: Seat } {
    const hash = hashToken(token);
    let found = -1;
    for (const [i, player] of this.players.entries()) if (player.tokenHash !== undefined && sameHash(player.tokenHash, hash)) found = i;
    if (found < 0) throw new Refusal('not-your-seat', 'this token holds no seat here');
    return { player: found as Seat, seat: this.playerIndex(found) };
  }

  /** Events after number `since`, or undefined when they are not kept any more. */
  eventsSince(since: number): NumberedEvent[] | undefined {
    if (since > this.current.seq || this.current.seq - since > this.events.length) return undefined;
    return this.events.slice(this.events.length - (this.current.seq - since));
  }

  /** A token for an open seat. Throws Refusal('seat-taken'). */
  takeSeat(seat: Seat, name: string | undefined): { player: Seat; token: string } {
    if (seat >= this.players.length) throw new Refusal('seat-taken', 'this game has no such seat');
    const index = this.playerIndex(seat);
    const player = this.players[index];
    if (player.view.kind !== 'human' || player.tokenHash !== undefined) throw new Refusal('seat-taken', 'somebody sits there already');
    const token = newToken();
    player.tokenHash = hashToken(token);
    player.person = index + 1;
    this.updateSeat(index, { ...player.view, name: name ?? player.view.name, taken: true, connected: player.present > 0 });
    return { player: index, token };
  }

  /** One more (1) or one fewer (-1) socket of this player is here. */
  presence(index: Seat, change: 1 | -1): void {
    const player = this.players[index];
    player.present += change;
    if (player.view.kind === 'human' && player.view.connected !== player.present > 0) this.updateSeat(index, { ...player.view, connected: player.present > 0 });
  }

  /**
   * A person's move. Returns the event's number; the same `clientMoveId` again returns the same and plays nothing.
   * Throws Refusal: stale, not-your-turn, game-over, illegal-move.
   */
  move(token: string, clientMoveId: string, ply: number, action: Action): { ply: number; seq: number } {
    const { player, seat } = this.authorise(token);
    const key = `${player} ${clientMoveId}`;
    const before = this.accepted.get(key);
    if (before !== undefined) {
      if (before.ply !== ply || before.action !== action) throw new Refusal('stale', `move id ${clientMoveId} was used for another move`);
      return before;
    }
    if (this.current.result !== null) throw new Refusal('game-over', 'the game is over');
    if (ply !== this.current.moves.length) throw new Refusal('stale', `this would be move number ${ply}; the game is at ${this.current.moves.length}`);
    if (this.current.turn !== seat) throw new Refusal('not-your-turn', 'it is the other side to move');
    const seq = this.play(action, clientMoveId);
    this.accepted.set(key, { ply, action, seq });
    if (this.accepted.size > REMEMBERED_MOVES) this.accepted.delete(this.accepted.keys().next().value as string);
    return { ply, seq };
  }

  /** Plays for the seat to move. Throws Refusal('illegal-move'). Returns the event's number. */
  play(action: Action, clientMoveId?: string): number {
    const legal = this.current.legal.find((entry) => entry.action === action);
    const seat = this.toMove;
    if (legal === undefined || seat === undefined) throw new Refusal('illegal-move', `action ${action} is not legal here`);
    const ply = this.current.moves.length;
    const returns = this.returns + this.position.apply(action, this.rng.fork('apply', ply));
    const millis = Math.max(0, Math.round(this.settings.now() - this.turnSince));
    this.changed();
    return this.emit({ type: 'moved', ply, action, name: legal.name, seat, millis, clientMoveId, ...this.describe(returns) });
  }

  /** Back to this seat's own last move. Throws Refusal('not-allowed'). */
  takeback(token: string): void {
    this.authorise(token);
    if (this.contested) throw new Refusal('not-allowed', 'against another person a move stands');
    let ply = this.current.moves.length - 1;
    // In a game that one person plays for both sides, just the last move; against an agent, the person's own last move.
    while (ply >= 0 && this.playerAt(this.current.moves[ply].seat).view.kind !== 'human') ply--;
    if (ply < 0) throw new Refusal('not-allowed', 'there is no move of yours to take back');
    const kept = this.current.moves.slice(0, ply);
    this.position = this.startingPosition(this.current.setup ?? undefined);
    let returns = 0;
    for (const [i, move] of kept.entries()) returns += this.position.apply(move.action, this.rng.fork('apply', i));
    this.changed();
    this.emit({ type: 'taken-back', ply, ...this.describe(returns) });
  }

  resign(token: string): void {
    const { seat } = this.authorise(token);
    if (this.current.result !== null) throw new Refusal('game-over', 'the game is over');
    const winner = this.players.length === 2 ? ((1 - seat) as Seat) : null;
    this.finish({ returns: winner === null ? this.returns : winner === 0 ? 1 : -1, winner, reason: 'resigned' });
  }

  /** Ends the game other than by a move. */
  finish(result: GameResult): void {
    this.changed();
    this.emit({ type: 'finished', result, clock: this.current.clock });
  }

  /** Throws Refusal: not-allowed, bad-setup. */
  newGame(token: string, swap: boolean, setup: string | undefined): void {
    this.authorise(token);
    if (this.contested && this.current.result === null) throw new Refusal('not-allowed', 'the game against another person is not over: resign first');
    this.position = this.startingPosition(setup);
    this.changed();
    const swapped = this.players.length === 2 && swap ? !this.current.swapped : this.current.swapped;
    const gameNumber = this.current.gameNumber + 1;
    this.returns = 0;
    this.emit({ type: 'new-game', gameNumber, setup: setup ?? null, seats: this.seatViews(swapped), swapped, ...this.describe(0) });
  }

  /** Another agent, or another strength, from the next move on. Throws Refusal('not-allowed'). */
  setAgent(token: string, seat: Seat, view: SeatView, spec: string): void {
    this.authorise(token);
    if (this.contested) throw new Refusal('not-allowed', 'another person sits here');
    if (seat >= this.players.length || this.playerAt(seat).view.kind !== 'agent') throw new Refusal('not-allowed', 'no agent sits at that seat');
    const index = this.playerIndex(seat);
    this.players[index].spec = spec;
    this.updateSeat(index, view);
    if (this.current.thinking !== seat) return;
    this.generation++;
    this.emit({ type: 'thinking', seat: null });
  }

  emit(event: RoomEvent): number {
    const numbered = { seq: this.current.seq + 1, event };
    const next = applyEvent(this.current, numbered);
    if (next === undefined) throw new Error('a room skipped an event number');
    this.current = next;
    this.events.push(numbered);
    if (this.events.length > this.settings.eventsKept) this.events.splice(0, this.events.length - this.settings.eventsKept);
    this.touched = this.settings.now();
    this.settings.onEvents(this, [numbered]);
    return numbered.seq;
  }

  /** Notation of a line of actions from the position after `ply` moves; cut at the first that is not legal. */
  nameLine(ply: number, actions: readonly Action[]): { action: Action; name: string }[] {
    const state = this.positionAfter(ply);
    const named: { action: Action; name: string }[] = [];
    for (const action of actions) {
      if (!this.legalActions.subarray(0, state.legal(this.legalActions)).includes(action)) break;
      named.push({ action, name: this.game.actionName(state, action) });
      state.apply(action, this.rng.fork('line', named.length));
    }
    return named;
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

  private startingPosition(setup: string | undefined): State {
    if (setup === undefined) return this.game.start(this.rng.fork('start'));
    const state = this.game.parseSetup?.(setup);
    if (state === undefined) throw new Refusal('bad-setup', `'${setup.slice(0, 80)}' is not a position of ${this.game.name}`);
    if (state.turn === OVER) throw new Refusal('bad-setup', 'the game is over in that position');
    return state;
  }

  private describe(returns: number): Pick<RoomSnapshot, 'turn' | 'legal' | 'result' | 'clock'> {
    this.returns = returns;
    const over = this.position.turn === OVER;
    const winner = this.players.length === 1 || returns === 0 ? null : returns > 0 ? 0 : 1;
    return { turn: this.position.turn, legal: this.legalIn(this.position), result: over ? { returns, winner, reason: 'normal' } : null, clock: null };
  }

  private changed(): void {
    this.generation++;
    this.turnSince = this.settings.now();
  }

  private seatViews(swapped: boolean): SeatView[] {
    return this.players.map((_, seat) => this.players[swapped ? 1 - seat : seat].view);
  }

  private updateSeat(index: Seat, view: SeatView): void {
    this.players[index].view = view;
    this.emit({ type: 'seat', seat: this.playerIndex(index), view });
  }
}
