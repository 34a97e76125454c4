/** Asks agents to move when it is their turn, and for their opinion when somebody wants it. */
import type { Logger } from 'pino';
import { OVER, UserError, type Action } from '#engine';
import type { Analysis, Seat } from '#arena/protocol';
import { makeAnalysis } from './analysis.js';
import type { CatalogueEntry } from './catalogue.js';
import type { Limits } from './limits.js';
import { Refusal } from './refusal.js';
import type { Room } from './room.js';
import type { ThinkQueue } from './think-queue.js';
import type { ThinkingAgents, Thought } from './thinking.js';

export interface RefereeSettings {
  readonly agents: ThinkingAgents;
  readonly queue: ThinkQueue;
  readonly limits: Limits;
  readonly log: Logger;
  /** What the worker calls this game: its id, or the path of its module. */
  readonly gameSource: (id: string) => string;
  /** Training waits while this is going on. */
  readonly yieldTo: (thinking: Promise<unknown>) => void;
  readonly watched: (room: Room) => boolean;
  readonly now: () => number;
}

interface Thinking {
  readonly generation: number;
  readonly abort: AbortController;
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
    if (spec === undefined) return room.finish({ returns: 0, winner: null, reason: 'agent-failed', detail: `${view.name} is not here any more: choose another agent in a new game` });
    const exhibition = room.snapshot.seats.every((other) => other.kind === 'agent');
    // A game that no person plays and nobody watches would only burn the processor.
    if (exhibition && !this.settings.watched(room)) return;
    const wait = exhibition && room.snapshot.moves.length > 0 ? this.settings.limits.exhibitionMillis : 0;
    const thinking: Thinking = { generation: room.generation, abort: new AbortController() };
    this.thinking.set(room, thinking);
    if (wait === 0) void this.move(room, seat, spec, thinking);
    else this.pauses.set(room, setTimeout(() => void this.move(room, seat, spec, thinking), wait));
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

  private async move(room: Room, seat: Seat, spec: string, thinking: Thinking): Promise<void> {
    this.pauses.delete(room);
    const { queue, log, now } = this.settings;
    const current = () => this.thinking.get(room) === thinking && room.generation === thinking.generation;
    if (!current()) return;
    room.emit({ type: 'thinking', seat });
    const ply = room.snapshot.moves.length;
    const view = room.snapshot.seats[seat];
    let thought: Thought;
    let millis = 0;
    try {
      const searching = queue.run(room, 'move', thinking.abort.signal, async () => {
        const began = now();
        const answer = await this.ask(room, ply, spec, thinking.abort.signal);
        millis = now() - began;
        return answer;
      });
      this.settings.yieldTo(searching.catch(() => undefined));
      thought = await searching;
    } catch (error) {
      if (!current()) return;
      log.warn({ room: room.id, err: error }, 'an agent could not move');
      const detail = error instanceof UserError ? error.message.slice(0, 500) : `${view.name} could not answer`;
      room.finish({ returns: 0, winner: null, reason: 'agent-failed', detail });
      return;
    }
    if (!current()) return;
    // This search stays on record until the move is played: the analysis must not look like a reason to think anew.
    if (thought.report !== undefined && view.kind === 'agent') {
      const analysis = this.describe(room, ply, thought, { agent: view.agent, agentName: view.name, source: 'move', millis });
      room.emit({ type: 'analysis', analysis });
    }
    try {
      room.play(thought.action);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      room.finish({ returns: 0, winner: null, reason: 'agent-failed', detail: `${view.name} chose an illegal move (${thought.action})` });
    }
  }

  /** Whether the agent at `seat` takes a draw: when it last thought that it stands no better than that. One without an opinion plays on. */
  agreesToDraw(room: Room, seat: Seat): boolean {
    const last = room.snapshot.analyses.findLast((analysis) => analysis.source === 'move' && analysis.turn === seat);
    return last !== undefined && (last.exact ?? last.value ?? 1) <= 0;
  }

  /** An opinion on the position after `ply` moves. Throws Refusal. */
  async analyse(room: Room, ply: number, entry: CatalogueEntry, spec: string, owner: object, signal: AbortSignal): Promise<Analysis> {
    const { queue, agents, now } = this.settings;
    if (ply > room.snapshot.moves.length) throw new Refusal('stale', `the game has only ${room.snapshot.moves.length} moves`);
    if (room.positionAfter(ply).turn === OVER) throw new Refusal('game-over', 'there is nothing to choose once the game is over');
    const { gameNumber } = room.snapshot;
    const actions = room.snapshot.moves.slice(0, ply).map((move) => move.action);
    const began = now();
    const searching = queue.run(owner, 'analysis', signal, () =>
      Promise.all([
        this.ask(room, ply, spec, signal),
        agents.scores(this.settings.gameSource(room.game.id), room.snapshot.setup ?? undefined, actions),
      ]));
    this.settings.yieldTo(searching.catch(() => undefined));
    let found: Awaited<typeof searching>;
    try {
      found = await searching;
    } catch (error) {
      if (error instanceof Refusal) throw error;
      throw new Refusal('agent-failed', error instanceof UserError ? error.message.slice(0, 500) : `${entry.view.name} could not answer`);
    }
    const same = room.snapshot.gameNumber === gameNumber && actions.every((action, i) => room.snapshot.moves[i]?.action === action);
    if (!same) throw new Refusal('stale', 'the game has gone another way meanwhile');
    return this.describe(room, ply, found[0], { agent: entry.view.id, agentName: entry.view.name, source: 'asked', millis: now() - began }, found[1]);
  }

  private ask(room: Room, ply: number, agent: string, signal: AbortSignal): Promise<Thought> {
    const { setup, moves } = room.snapshot;
    return this.settings.agents.think({
      game: this.settings.gameSource(room.game.id), setup: setup ?? undefined, agent, seed: ++this.seed,
      actions: moves.slice(0, ply).map((move) => move.action),
    }, signal);
  }

  private describe(
    room: Room, ply: number, thought: Thought, by: Pick<Analysis, 'agent' | 'agentName' | 'source' | 'millis'>, exact?: readonly (number | undefined)[],
  ): Analysis {
    const state = room.positionAfter(ply);
    const line: readonly Action[] = thought.report?.principalVariation ?? [];
    return makeAnalysis({ ply, turn: state.turn === 1 ? 1 : 0, ...by, legal: room.legalIn(state), thought, line: room.nameLine(ply, line.slice(0, 64)), exact });
  }
}
