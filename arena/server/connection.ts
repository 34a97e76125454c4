/** One socket: bytes to messages and back, its limits, and what happens when its reader is slow. */
import type { WebSocket } from 'ws';
import { CLOSE, ProtocolError, decodeClientMessage, encode, type ClientMessage, type Seat, type ServerMessage, type Topic } from '#arena/protocol';
import type { Limits } from './limits.js';
import { Refusal } from './refusal.js';
import type { Room } from './room.js';

export class Connection {
  readonly socket: WebSocket;
  /** For whom limits count: the address it comes from, as far as is known. */
  readonly address: string;
  /** The address at the other end of the connection itself: a proxy's, where there is one. */
  readonly peer: string;
  readonly topics = new Set<Topic>();
  /** The rooms it is in, with the players whose tokens it has shown there. */
  readonly rooms = new Map<Room, Set<Seat>>();
  /** The socket has said hello. */
  greeted = false;
  /** The tournament that it watches; with a request that has not been answered yet. */
  tournament: { readonly id: string; readonly requestId?: number } | undefined;
  /** What is being thought for this socket: one of each kind. */
  private readonly tasks = new Map<string, AbortController>();
  private readonly limits: Limits;
  private alive = true;
  private beats = 0;
  private allowance: number;
  private allowanceAt: number;
  /** Rooms whose events were dropped because the reader was slow: they get a snapshot once it has caught up. */
  private readonly behind = new Set<Room>();

  constructor(socket: WebSocket, address: string, peer: string, limits: Limits, handle: (message: ClientMessage) => void) {
    this.socket = socket;
    this.address = address;
    this.peer = peer;
    this.limits = limits;
    this.allowance = limits.messageBurst;
    this.allowanceAt = performance.now();
    socket.on('pong', () => (this.alive = true));
    // Errors of a socket (a reset; an oversize frame, which ws answers with 1009) end in `close`, where all is tidied up.
    socket.on('error', () => undefined);
    socket.on('message', (data, isBinary) => {
      const message = this.receive(data, isBinary);
      if (message !== undefined) handle(message);
    });
  }

  send(message: ServerMessage): void {
    this.sendBytes(encode(message));
  }

  /** News that the next news replace: dropped for a slow reader. */
  sendNews(bytes: Uint8Array): void {
    if (this.socket.bufferedAmount <= this.limits.bufferedSoft) this.sendBytes(bytes);
  }

  /** Events must not be dropped silently: a slow watcher gets a snapshot later, a slow player is closed and comes back. */
  sendEvents(room: Room, bytes: Uint8Array): void {
    if (this.behind.has(room)) return;
    if (this.socket.bufferedAmount <= this.limits.bufferedSoft) return this.sendBytes(bytes);
    if ((this.rooms.get(room)?.size ?? 0) > 0) this.end(CLOSE.tooSlow, 'reads too slowly');
    else this.behind.add(room);
  }

  sendBytes(bytes: Uint8Array): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    if (this.socket.bufferedAmount > this.limits.bufferedHard) {
      this.socket.terminate();
      return;
    }
    this.socket.send(bytes, { binary: true });
  }

  /** Begins a task; one of the same kind that is not done yet is called off. */
  begin(kind: string): { readonly signal: AbortSignal; readonly done: () => void } {
    this.tasks.get(kind)?.abort(new Refusal('stale', 'a later request took its place'));
    const abort = new AbortController();
    this.tasks.set(kind, abort);
    return { signal: abort.signal, done: () => void (this.tasks.get(kind) === abort && this.tasks.delete(kind)) };
  }

  /** Nothing that was begun is wanted any more. */
  callOff(): void {
    for (const abort of this.tasks.values()) abort.abort(new Refusal('stale', 'it was called off'));
    this.tasks.clear();
  }

  /** Closes with a code, and soon cuts off who does not answer. */
  end(code: number, reason: string): void {
    this.socket.close(code, reason);
    const late = setTimeout(() => this.socket.terminate(), this.limits.goodbyeMillis).unref();
    this.socket.once('close', () => clearTimeout(late));
  }

  /** Once a second: those that have caught up are told how things stand now. */
  catchUp(): void {
    if (this.behind.size === 0 || this.socket.bufferedAmount > this.limits.bufferedSoft / 2) return;
    for (const room of this.behind) if (this.rooms.has(room)) this.send({ type: 'room-snapshot', room: room.snapshot });
    this.behind.clear();
  }

  /** Once a heartbeat: a socket that has not answered the last ping is gone; one that never says hello only takes up a place. */
  heartbeat(): void {
    if (!this.alive || (!this.greeted && this.beats > 0)) return this.socket.terminate();
    this.beats++;
    this.alive = false;
    if (this.socket.readyState === this.socket.OPEN) this.socket.ping();
  }

  private receive(data: unknown, isBinary: boolean): ClientMessage | undefined {
    if (this.socket.readyState !== this.socket.OPEN) return undefined;
    if (!this.allowed()) {
      this.end(CLOSE.tooMany, 'too many messages');
      return undefined;
    }
    try {
      if (!isBinary || !(data instanceof Uint8Array)) throw new ProtocolError('messages are binary');
      return decodeClientMessage(data);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.send({ type: 'error', code: 'bad-message', message: error.message.slice(0, 500) });
      this.end(CLOSE.badMessage, 'not a message of this protocol');
      return undefined;
    }
  }

  /** A bucket that fills at `messagesPerSecond` up to `messageBurst`. */
  private allowed(): boolean {
    const now = performance.now();
    this.allowance = Math.min(this.limits.messageBurst, this.allowance + ((now - this.allowanceAt) / 1000) * this.limits.messagesPerSecond);
    this.allowanceAt = now;
    this.allowance -= 1;
    return this.allowance >= 0;
  }
}
