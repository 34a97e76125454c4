/**
 * One room: the authority over one game after another. It knows who holds which seat and what each may do, no socket and
 * no store: it tells a listener. Agents are asked to move by `referee`.
 */
import type { Action } from '#engine';
import type { GameResult, NumberedEvent, Offer, OfferKind, RoomSnapshot, Seat, SeatView } from '#arena/protocol';
import { flagFalls, runningClock, stoppedClock } from './game-clock.js';
import { MoveMemory } from './move-memory.js';
import { Refusal } from './refusal.js';
import { RoomState, type Beginning, type Remembered, type RoomStateSettings } from './room-state.js';
import { hashToken, newToken, sameHash } from './tokens.js';

/** Who plays, whichever seat that is just now; what everybody sees of a player is the seat's view. */
export interface Player {
  /** Of a person's token; undefined while the seat waits, and for agents. */
  tokenHash?: Buffer;
  /** Which person: the creator is 0. */
  person?: number;
  /** Its holder's socket is here. */
  present: boolean;
  /** Agent string, of agents that can play. */
  spec?: string;
}

export interface RoomSettings extends RoomStateSettings {
  /** In the order of the seats of the first game. */
  readonly players: Player[];
  /** Milliseconds that a person may be away while another one waits. */
  readonly graceMillis: number;
  /** For whom its agents think, in the queue of searches. */
  readonly owner: string;
  /** See RoomState.store. */
  readonly onStore: (room: Room, event: NumberedEvent, after: RoomSnapshot) => void;
  readonly onEvent: (room: Room, event: NumberedEvent) => void;
}

export class Room extends RoomState {
  readonly players: Player[];
  readonly owner: string;
  private readonly settings: RoomSettings;
  private readonly accepted: MoveMemory;
  /** [kind and player] -> number of its moves when it last asked: once a move is enough. */
  private readonly asked = new Map<string, string>();

  /** Throws Refusal('bad-setup'). */
  constructor(settings: RoomSettings, from: Beginning | Remembered) {
    super(settings, from);
    this.settings = settings;
    this.players = settings.players;
    this.owner = settings.owner;
    this.accepted = new MoveMemory(this.keptEvents, this.current.swapped);
  }

  protected store(event: NumberedEvent, after: RoomSnapshot): void {
    this.settings.onStore(this, event, after);
  }

  protected told(event: NumberedEvent): void {
    this.settings.onEvent(this, event);
  }

  playerAt(seat: Seat): Player {
    return this.players[this.playerIndex(seat)];
  }

  /** The player at a seat, and as well the seat of a player. */
  playerIndex(seat: number): Seat {
    return (this.current.swapped ? 1 - seat : seat) as Seat;
  }

  /** True when different persons sit, or may sit, at the seats: then nobody may look at an agent's opinion, or take back alone. */
  get contested(): boolean {
    const persons = this.players.filter((player) => player.person !== undefined);
    return new Set(persons.map((player) => player.person)).size > 1;
  }

  /** The player whose token this is. Throws Refusal('not-your-seat'). */
  authorise(token: string): { player: Seat; seat: Seat } {
    const hash = hashToken(token);
    let found = -1;
    for (const [i, player] of this.players.entries()) if (player.tokenHash !== undefined && sameHash(player.tokenHash, hash)) found = i;
    if (found < 0) throw new Refusal('not-your-seat', 'this token holds no seat here');
    return { player: found as Seat, seat: this.playerIndex(found) };
  }

  /** A token for an open seat. Throws Refusal('seat-taken'). */
  takeSeat(seat: Seat, name: string | undefined): { player: Seat; token: string } {
    if (seat >= this.players.length) throw new Refusal('seat-taken', 'this game has no such seat');
    const index = this.playerIndex(seat);
    const player = this.players[index];
    const view = this.current.seats[seat];
    if (view.kind !== 'human' || player.tokenHash !== undefined) throw new Refusal('seat-taken', 'somebody sits there already');
    const token = newToken();
    player.tokenHash = hashToken(token);
    try {
      this.emit({ type: 'seat', seat, view: { ...view, name: name ?? view.name, taken: true } });
    } catch (error) {
      player.tokenHash = undefined;
      throw error;
    }
    return { player: index, token };
  }

  /** This player's holder has come, or gone. */
  presence(index: Seat, present: boolean): void {
    if (this.players[index].present === present) return;
    this.players[index].present = present;
    this.updateSeats();
    // After a restart the clock stands until whoever is to move is back.
    const { clock, turn } = this.current;
    const seat = this.playerIndex(index);
    if (present && clock?.running === null && turn === seat && this.lastMoveOf(seat) >= 0 && clock.remaining[seat] !== null) this.emit({ type: 'clock', clock: runningClock(clock, seat, this.now()) });
  }

  /** After a restart: nobody is here, nothing is thought, and no time passes until whoever is to move is back. */
  wake(): void {
    const { clock, thinking } = this.current;
    if (thinking !== null) this.emit({ type: 'thinking', seat: null });
    this.updateSeats();
    const seat = this.toMove;
    if (clock === null || clock.running === null || seat === undefined) return;
    const waits = this.current.seats[seat].kind === 'human';
    // Not a millisecond is taken off: `since` is moved to now.
    const standing = { ...clock, running: null, since: this.now() };
    this.emit({ type: 'clock', clock: waits ? standing : runningClock(standing, seat, this.now()) });
  }

  /**
   * A person's move. Returns the event's number; the same `clientMoveId` again returns the same and plays nothing.
   * Throws Refusal: stale, not-your-turn, game-over, illegal-move.
   */
  move(token: string, clientMoveId: string, ply: number, action: Action): { ply: number; seq: number } {
    const { player, seat } = this.authorise(token);
    const before = this.accepted.recall(player, clientMoveId);
    if (before !== undefined) {
      if (before.ply !== ply || before.action !== action) throw new Refusal('stale', `move id ${clientMoveId} was used for another move`);
      return before;
    }
    this.expire();
    if (this.current.result !== null) throw new Refusal('game-over', 'the game is over');
    if (ply !== this.current.moves.length) throw new Refusal('stale', `this would be move number ${ply}; the game is at ${this.current.moves.length}`);
    if (this.current.turn !== seat) throw new Refusal('not-your-turn', 'it is the other side to move');
    const seq = this.play(action, clientMoveId);
    this.accepted.keep(player, clientMoveId, { ply, action, seq });
    if (this.current.result !== null) this.updateSeats();
    return { ply, seq };
  }

  /** Back to this seat's own last move; between persons it is asked for. Throws Refusal. */
  takeback(token: string): void {
    const { player, seat } = this.authorise(token);
    if (!this.contested) {
      // In a game that one person plays for both sides, just the last move; against an agent, the person's own last move.
      const ply = this.current.moves.findLastIndex((move) => this.current.seats[move.seat].kind === 'human');
      if (ply < 0) throw new Refusal('not-allowed', 'there is no move of yours to take back');
      return this.takeBackTo(ply);
    }
    this.running();
    if (this.lastMoveOf(seat) < 0) throw new Refusal('not-allowed', 'there is no move of yours to take back');
    this.ask(player, { kind: 'takeback', seat, swap: false, setup: null });
  }

  /** `agentAgrees`: what an agent at the other seat says to it. Throws Refusal. */
  offerDraw(token: string, agentAgrees: (seat: Seat) => boolean): void {
    const { player, seat } = this.authorise(token);
    this.running();
    if (this.players.length < 2) throw new Refusal('not-allowed', 'a game for one knows no draw');
    const other = (1 - seat) as Seat;
    if (this.offerOf('draw')?.seat === other) return this.drawn();
    if (this.current.seats[other].kind === 'human' && !this.contested) return this.drawn();
    this.ask(player, { kind: 'draw', seat, swap: false, setup: null });
    if (this.current.seats[other].kind !== 'agent') return;
    if (agentAgrees(other)) this.drawn();
    else this.emit({ type: 'offer-closed', kind: 'draw', seat, outcome: 'declined' });
  }

  /** Throws Refusal: stale when there is no such offer. */
  answer(token: string, kind: OfferKind, accept: boolean): void {
    const { seat } = this.authorise(token);
    const offer = this.offerOf(kind);
    if (offer === undefined) throw new Refusal('stale', 'that is not asked for any more');
    if (!accept) {
      this.emit({ type: 'offer-closed', kind, seat: offer.seat, outcome: offer.seat === seat ? 'withdrawn' : 'declined' });
      return;
    }
    if (offer.seat === seat) throw new Refusal('not-allowed', 'the other side answers this');
    switch (kind) {
      case 'draw':
        return this.drawn();
      case 'takeback':
        return this.takeBackTo(this.lastMoveOf(offer.seat));
      case 'rematch':
        return this.again(offer.swap, offer.setup ?? undefined);
      default:
        kind satisfies never;
    }
  }

  resign(token: string): void {
    const { seat } = this.authorise(token);
    this.running();
    this.lost(seat, 'resigned');
  }

  /** Ends the game other than by a move. */
  finish(result: GameResult): void {
    this.changing(() => ({ type: 'finished', result, clock: stoppedClock(this.current.clock, this.now()) }));
    this.updateSeats();
  }

  /** Between persons only when the game is over, and then it is asked for. Throws Refusal: not-allowed, bad-setup. */
  newGame(token: string, swap: boolean, setup: string | undefined): void {
    const { player, seat } = this.authorise(token);
    if (!this.contested) return this.again(swap, setup);
    if (this.current.result === null) throw new Refusal('not-allowed', 'the game against another person is not over: resign first');
    this.startingPosition(setup);
    const theirs = this.offerOf('rematch');
    if (theirs !== undefined && theirs.seat !== seat) return this.again(theirs.swap, theirs.setup ?? undefined);
    this.ask(player, { kind: 'rematch', seat, swap, setup: setup ?? null });
  }

  /** Another agent, or another strength, from the next move on. Throws Refusal('not-allowed'). */
  setAgent(token: string, seat: Seat, view: SeatView, spec: string): void {
    this.authorise(token);
    if (this.contested) throw new Refusal('not-allowed', 'another person sits here');
    const before = this.current.seats[seat];
    if (seat >= this.players.length || before.kind !== 'agent') throw new Refusal('not-allowed', 'no agent sits at that seat');
    this.playerAt(seat).spec = spec;
    this.emit({ type: 'seat', seat, view: { ...view, clock: before.clock } });
    if (this.current.thinking !== seat) return;
    this.generation++;
    this.emit({ type: 'thinking', seat: null });
  }

  /** Whether this player may be given a hint now. Throws Refusal. */
  mayHint(token: string): Seat {
    const { seat } = this.authorise(token);
    this.running();
    if (!this.current.hintsAllowed) throw new Refusal('not-allowed', 'no hints are given in this game');
    if (this.current.turn !== seat) throw new Refusal('not-your-turn', 'hints are given to the side to move');
    return seat;
  }

  /** When time ends the game unless something happens; undefined when it does not. */
  get deadline(): number | undefined {
    const flags = this.current.seats.map((view) => (view.kind === 'human' ? view.forfeitAt : null)).filter((at) => at !== null);
    const falls = flagFalls(this.current.clock);
    return this.current.result !== null || (falls === undefined && flags.length === 0) ? undefined : Math.min(falls ?? Infinity, ...flags);
  }

  /** Ends the game if its time is up. */
  expire(): void {
    const { clock, result, seats } = this.current;
    if (result !== null) return;
    const falls = flagFalls(clock);
    if (falls !== undefined && falls <= this.now()) return this.lost(clock?.running ?? 0, 'timeout');
    const gone = seats.findIndex((view) => view.kind === 'human' && view.forfeitAt !== null && view.forfeitAt <= this.now());
    if (gone >= 0) this.lost(gone as Seat, 'disconnect');
  }

  private lost(seat: Seat, reason: 'resigned' | 'timeout' | 'disconnect'): void {
    const winner = this.players.length === 2 ? ((1 - seat) as Seat) : null;
    this.finish({ returns: winner === null ? this.returns : winner === 0 ? 1 : -1, winner, reason });
  }

  private drawn(): void {
    this.finish({ returns: 0, winner: null, reason: 'agreed' });
  }

  private again(swap: boolean, setup: string | undefined): void {
    const exchange = this.players.length === 2 && swap;
    const { seats, swapped } = this.current;
    this.beginAnew(exchange ? [seats[1], seats[0]] : [...seats], exchange ? !swapped : swapped, setup);
    this.asked.clear();
    this.updateSeats();
  }

  private ask(player: Seat, offer: Offer): void {
    const standing = this.offerOf(offer.kind);
    if (standing?.seat === offer.seat) throw new Refusal('not-allowed', 'you have asked for that already');
    const key = `${offer.kind} ${player}`;
    const now = `${this.current.gameNumber} ${this.current.moves.filter((move) => move.seat === offer.seat).length}`;
    if (this.asked.get(key) === now) throw new Refusal('not-allowed', 'ask for that again after your next move');
    this.asked.set(key, now);
    this.emit({ type: 'offered', offer });
  }

  private offerOf(kind: OfferKind): Offer | undefined {
    return this.current.offers.find((offer) => offer.kind === kind);
  }

  private lastMoveOf(seat: Seat): number {
    return this.current.moves.findLastIndex((move) => move.seat === seat);
  }

  private running(): void {
    this.expire();
    if (this.current.result !== null) throw new Refusal('game-over', 'the game is over');
  }

  /** Tells who has come and gone, and whose absence will cost the game: one whom another person waits for. */
  private updateSeats(): void {
    const { result, seats } = this.current;
    const waiting = this.contested && result === null && seats.every((view) => view.kind !== 'human' || view.taken);
    for (const [i, view] of seats.entries()) {
      if (view.kind !== 'human') continue;
      const seat = i as Seat;
      const { present, person } = this.playerAt(seat);
      const awaited = waiting && !present && this.players.some((other) => other.present && other.person !== person);
      const forfeitAt = awaited ? (view.forfeitAt ?? this.now() + this.settings.graceMillis) : null;
      if (view.connected !== present || view.forfeitAt !== forfeitAt) this.emit({ type: 'seat', seat, view: { ...view, connected: present, forfeitAt } });
    }
  }
}
