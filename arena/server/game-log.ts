/** Finished games, one JSON object a line, appended in the order in which they ended. */
import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import type { RoomSnapshot } from '#arena/protocol';

export class GameLog {
  private readonly path: string;
  private readonly log: Logger;
  private last: Promise<void> = Promise.resolve();

  constructor(path: string, log: Logger) {
    this.path = path;
    this.log = log;
  }

  append(room: RoomSnapshot): void {
    const record = {
      ended: new Date().toISOString(), id: `${room.roomId}-${room.gameNumber}`, game: room.game.id, version: room.game.version,
      ...(room.setup === null ? {} : { setup: room.setup }),
      seats: room.seats.map((seat) => (seat.kind === 'agent' ? { agent: seat.agent, ...seat.strength } : { human: seat.name })),
      moves: room.moves.map((move) => move.name), actions: room.moves.map((move) => move.action), result: room.result,
    };
    this.last = this.last
      .then(() => mkdir(dirname(this.path), { recursive: true }))
      .then(() => appendFile(this.path, `${JSON.stringify(record)}\n`))
      .catch((error: unknown) => this.log.error({ err: error }, 'a finished game could not be written to games.jsonl'));
  }

  /** When all so far are written. */
  flushed(): Promise<void> {
    return this.last;
  }
}
