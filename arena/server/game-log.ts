/** Finished games, one JSON object a line, appended in the order in which they ended. */
import { appendFile, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import type { RoomSnapshot } from '#arena/protocol';

export interface GameRecord {
  readonly id: string;
  /** JSON, without the line's end. */
  readonly line: string;
}

export function gameRecord(room: RoomSnapshot): GameRecord {
  const id = `${room.roomId}-${room.gameNumber}`;
  const line = JSON.stringify({
    ended: new Date().toISOString(), id, game: room.game.id, version: room.game.version,
    ...(room.setup === null ? {} : { setup: room.setup }),
    seats: room.seats.map((seat) => ({ ...(seat.kind === 'agent' ? { agent: seat.agent, ...seat.strength } : { human: seat.name }), ...(seat.clock === null ? {} : { clock: seat.clock }) })),
    moves: room.moves.map((move) => move.name), actions: room.moves.map((move) => move.action), millis: room.moves.map((move) => move.millis),
    ...(room.hints.length === 0 ? {} : { hints: room.hints }), result: room.result,
  });
  return { id, line };
}

/** Bytes at the end of the file where a game is looked for that may have been written before a kill. */
const TAIL = 1 << 20;

export class GameLog {
  private readonly path: string;
  private readonly log: Logger;
  private last: Promise<void> = Promise.resolve();

  constructor(path: string, log: Logger) {
    this.path = path;
    this.log = log;
  }

  append(record: GameRecord, written: (id: string) => void): void {
    this.last = this.last
      .then(() => mkdir(dirname(this.path), { recursive: true }))
      .then(() => appendFile(this.path, `${record.line}\n`))
      .then(() => written(record.id))
      .catch((error: unknown) => this.log.error({ err: error }, 'a finished game could not be written to games.jsonl; it is tried again at the next start'));
  }

  /** Appends those that were waiting when the server was killed, unless they are there. */
  async recover(waiting: readonly GameRecord[], written: (id: string) => void): Promise<void> {
    if (waiting.length === 0) return;
    const tail = await this.tail();
    for (const record of waiting) {
      if (tail.includes(`"id":"${record.id}"`)) written(record.id);
      else this.append(record, written);
    }
    await this.last;
  }

  /** When all so far are written. */
  flushed(): Promise<void> {
    return this.last;
  }

  /** The end of the file; a line that a kill cut off is closed first, so that the next one stands alone. */
  private async tail(): Promise<string> {
    const file = await open(this.path, 'a+').catch(() => undefined);
    if (file === undefined) return '';
    try {
      const { size } = await file.stat();
      const length = Math.min(size, TAIL);
      const { buffer } = await file.read({ buffer: Buffer.alloc(length), position: size - length });
      const text = buffer.toString('utf8');
      if (text !== '' && !text.endsWith('\n')) await file.appendFile('\n');
      return text.slice(0, text.lastIndexOf('\n') + 1);
    } finally {
      await file.close();
    }
  }
}
