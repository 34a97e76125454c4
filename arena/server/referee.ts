/** Asks agents to move when it is their turn. */
import type { Logger } from 'pino';
import { UserError } from '#engine';
import { millisLeft, type Seat } from '#arena/protocol';
import { allot } from '../agents/allot.js';
import type { Limits } from './limits.js';
import { Refusal } from './refusal.js';
import type { Room } from './room.js';
import type { Thinker } from './thinker.js';

export interface RefereeSettings {
  readonly thinker: Thinker;
  readonly limits: Limits;
  readonly log: Logger;
  readonly watched: (room: Room) => boolean;
  readonly now: () => number;
}

interface Thinking {
  readonly generation: number;
  readonly abort: AbortController;
  readonly exhibition: boolean;
}

export class Referee {
  private readonly settings: RefereeSettings;
  private readonly thinking = new Map<Room, Thinking>();
  private readonly pauses = new Map<Room, NodeJS.Timeout>();
  private seed = 0;
  private closed = false;

  constructor(settings: RefereeSettings) {
    this.settings = settings;
  }

  /** Call whenever something happened in the room: begins, lets go on, or calls off the agent's search. */
  attend(room: Room): void {
    const current = this.thinking.get(room);
    if (current !== undefined) {
      if (current.generation === room.generation) return;
      this.stop(room);
    }
    const seat = room.toMove;
    if (this.closed || seat === undefined || room.snapshot.result !== null) return;
    const view = room.snapshot.seats[seat];
    if (view.kind !== 'agent') return;
    const { spec } = room.playerAt(seat);
    if (spec === undefined) return this.fail(room, `${view.name} is not here any more: choose another agent in a new game`);
    const exhibition = room.snapshot.seats.every((other) => other.kind === 'agent');
    // A game that no person plays and nobody watches would only burn the processor.
    if (exhibition && !this.settings.watched(room)) return;
    const wait = exhibition && room.snapshot.moves.length > 0 ? this.settings.limits.exhibitionMillis : 0;
    const thinking: Thinking = { generation: room.generation, abort: new AbortController(), exhibition };
    this.thinking.set(room, thinking);
    if (wait === 0) void this.move(room, seat, spec, thinking);
    else this.pauses.set(room, setTimeout(() => void this.move(room, seat, spec, thinking), wait));
  }

  /** The agents of a room will be asked soon. */
  warm(room: Room): void {
    for (const { spec } of room.players) if (spec !== undefined) this.settings.thinker.warm(room, spec);
  }

  /** Calls off whatever is being thought for this room. */
  stop(room: Room): void {
    clearTimeout(this.pauses.get(room));
    this.pauses.delete(room);
    this.thinking.get(room)?.abort.abort(new Refusal('stale', 'the position has changed'));
    this.thinking.delete(room);
  }

  close(): void {
    this.closed = true;
    for (const room of this.thinking.keys()) this.stop(room);
  }

  /** Whether the agent at `seat` takes a draw: when it last thought that it stands no better than that. One without an opinion plays on. */
  agreesToDraw(room: Room, seat: Seat): boolean {
    const last = room.snapshot.analyses.findLast((analysis) => analysis.source === 'move' && analysis.turn === seat);
    return last !== undefined && (last.exact ?? last.value ?? 1) <= 0;
  }

  private async move(room: Room, seat: Seat, spec: string, thinking: Thinking): Promise<void> {
    this.pauses.delete(room);
    const { thinker, log } = this.settings;
    const current = () => !this.closed && this.thinking.get(room) === thinking && room.generation === thinking.generation;
    if (!current()) return;
    try {
      room.emit({ type: 'thinking', seat });
      const ply = room.snapshot.moves.length;
      const view = room.snapshot.seats[seat];
      const kind = thinking.exhibition ? 'exhibition' : 'move';
      let answer: Awaited<ReturnType<Thinker['think']>>;
      try {
        answer = await thinker.think({ room, ply, spec, seed: ++this.seed, millis: this.hurry(room, seat), kind, owner: room.owner, signal: thinking.abort.signal });
      } catch (error) {
        if (!current()) return;
        log.warn({ room: room.id, err: error }, 'an agent could not move');
        return this.fail(room, error instanceof UserError ? error.message.slice(0, 500) : `${view.name} could not answer`);
      }
      if (!current()) return;
      const { thought, millis } = answer;
      // This search stays on record until the move is played: the analysis must not look like a reason to think anew.
      if (thought.report !== undefined && view.kind === 'agent') {
        room.emit({ type: 'analysis', analysis: thinker.describe(room, ply, thought, { agent: view.agent, agentName: view.name, source: 'move', millis }) });
      }
      if (!room.snapshot.legal.some(({ action }) => action === thought.action)) return this.fail(room, `${view.name} chose an illegal move (${thought.action})`);
      room.play(thought.action);
    } catch (error) {
      // The store failed: the game stands as it is on disk.
      log.error({ room: room.id, err: error }, 'the move of an agent could not be played');
    }
  }

  private fail(room: Room, detail: string): void {
    room.finish({ returns: 0, winner: null, reason: 'agent-failed', detail });
  }

  /** Milliseconds that an agent with a clock may take, where its own count or time would take too long of what is left. */
  private hurry(room: Room, seat: Seat): number | undefined {
    const { clock, seats, analyses } = room.snapshot;
    const view = seats[seat];
    const own = millisLeft(clock, seat, this.settings.now());
    if (own === null || view.kind !== 'agent' || view.clock === null) return undefined;
    const allotted = allot({ own, opponent: millisLeft(clock, (1 - seat) as Seat, this.settings.now()) ?? 0, increment: view.clock.increment });
    const wanted = view.strength !== null && 'millis' in view.strength ? view.strength.millis : (analyses.findLast((analysis) => analysis.source === 'move' && analysis.turn === seat)?.millis ?? 0);
    return wanted * 1.5 > allotted ? Math.round(allotted) : undefined;
  }
}
