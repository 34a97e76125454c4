/** The moves that were accepted, by their senders' ids: one that is sent again gets the same answer and plays nothing. */
import type { Action } from '#engine';
import type { NumberedEvent, Seat } from '#arena/protocol';

export interface AcceptedMove {
  readonly ply: number;
  readonly action: Action;
  readonly seq: number;
}

const REMEMBERED = 1024;

export class MoveMemory {
  private readonly moves = new Map<string, AcceptedMove>();

  /** `swapped`: how the seats are exchanged after the last of the events. */
  constructor(events: readonly NumberedEvent[], swapped: boolean) {
    // Whose a seat was before the first exchange among these is not known: then the id counts as used by both.
    let known = events.some(({ event }) => event.type === 'new-game') ? undefined : swapped;
    for (const { seq, event } of events) {
      if (event.type === 'new-game') known = event.swapped;
      if (event.type !== 'moved' || event.clientMoveId === undefined) continue;
      for (const player of [0, 1] as const) {
        if (known === undefined || (known ? 1 - event.seat : event.seat) === player) this.keep(player, event.clientMoveId, { ply: event.ply, action: event.action, seq });
      }
    }
  }

  recall(player: Seat, clientMoveId: string): AcceptedMove | undefined {
    return this.moves.get(`${player} ${clientMoveId}`);
  }

  keep(player: Seat, clientMoveId: string, move: AcceptedMove): void {
    this.moves.set(`${player} ${clientMoveId}`, move);
    if (this.moves.size > REMEMBERED) this.moves.delete(this.moves.keys().next().value as string);
  }
}
