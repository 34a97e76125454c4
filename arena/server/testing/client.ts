/** What the server's tests share: agents that answer at once, a client that behaves as the page does, and servers in folders of their own. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { createRng } from '#engine';
import { PROTOCOL, applyEvent, decodeServerMessage, encode, type ClientMessage, type RoomSnapshot, type SeatRequest, type ServerMessage, type ServerMessageOf } from '#arena/protocol';
import { getGame } from '#games';
import { createServer, type Server, type ServerOptions, type ThinkRequest, type ThinkingAgents } from '../index.js';

export const human: SeatRequest = { kind: 'human' };
export const open: SeatRequest = { kind: 'human', open: true };
export const random: SeatRequest = { kind: 'agent', agent: 'random' };

/** Plays the first legal action after `release`, at once unless held. Remembers what it was asked. */
export class FirstMove implements ThinkingAgents {
  readonly asked: ThinkRequest[] = [];
  /** What it says of every position. */
  value = 0.5;
  private gate: Promise<void> = Promise.resolve();
  hold(): () => void {
    let release = () => {};
    this.gate = new Promise((resolve) => (release = resolve));
    return release;
  }
  async think(request: ThinkRequest, signal: AbortSignal) {
    this.asked.push(request);
    await this.gate;
    signal.throwIfAborted();
    const game = getGame(request.game);
    const rng = createRng(0);
    const state = game.start(rng);
    for (const action of request.actions) state.apply(action, rng);
    const legal = new Int32Array(game.actionCount);
    state.legal(legal);
    const report = { simulations: 1, value: this.value, principalVariation: [legal[0]], actions: [{ action: legal[0], prior: Number.NaN, visits: 1, value: 0.5, policy: 1 }] };
    return { action: legal[0], report };
  }
  async scores(_game: string, _setup: string | undefined, actions: readonly number[]) {
    return Array.from({ length: 9 }, (_, i) => (actions.includes(i) ? undefined : 0));
  }
  async close() {}
}

export interface ClientOptions {
  readonly headers?: Record<string, string>;
  /** Keep all that was heard; without it only the last messages, so that a long run takes no memory. */
  readonly remember?: boolean;
}

type MoveAnswer = ServerMessageOf<'move-accepted' | 'move-rejected'>;

/** A client that keeps a room as the page does, and waits for messages in the order in which they came. */
export class Client {
  readonly socket: WebSocket;
  readonly heard: ServerMessage[] = [];
  readonly closed: Promise<number>;
  room: RoomSnapshot | undefined;
  /** Events of the room; those that were not the next in order. */
  events = 0;
  gaps = 0;
  private read = 0;
  private waiting: (() => void)[] = [];
  private readonly answers = new Map<string, (answer: MoveAnswer) => void>();

  constructor(server: { readonly url: string }, { headers, remember = true }: ClientOptions = {}) {
    this.socket = new WebSocket(`${server.url.replace('http', 'ws')}/socket`, { headers, perMessageDeflate: false });
    this.closed = new Promise((resolve) => this.socket.on('close', resolve));
    this.socket.on('error', () => {});
    this.socket.on('message', (data) => {
      this.hear(decodeServerMessage(new Uint8Array(data as Buffer)));
      if (!remember) this.read = Math.max(0, this.read - this.heard.splice(0, Math.max(0, this.heard.length - 64)).length);
      for (const wake of this.waiting.splice(0)) wake();
    });
    all.push(this);
  }

  private hear(message: ServerMessage): void {
    this.heard.push(message);
    if (message.type === 'room-snapshot') this.room = message.room;
    if (message.type === 'room-events') {
      for (const event of message.events) {
        this.events++;
        if (event.seq !== (this.room?.seq ?? 0) + 1) this.gaps++;
        this.room = this.room && (applyEvent(this.room, event) ?? this.room);
      }
    }
    if (message.type !== 'move-accepted' && message.type !== 'move-rejected') return;
    this.answers.get(message.clientMoveId)?.(message);
    this.answers.delete(message.clientMoveId);
  }

  send(message: ClientMessage): void {
    this.socket.send(encode(message));
  }

  private more(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** The next unread message of this type; those before it count as read. */
  async next<T extends ServerMessage['type']>(type: T): Promise<ServerMessageOf<T>> {
    for (;;) {
      while (this.read < this.heard.length) {
        const message = this.heard[this.read++];
        if (message.type === type) return message as ServerMessageOf<T>;
      }
      await this.more();
    }
  }

  async until(done: (room: RoomSnapshot) => boolean): Promise<RoomSnapshot> {
    while (this.room === undefined || !done(this.room)) await this.more();
    return this.room;
  }

  answerTo(clientMoveId: string): Promise<MoveAnswer> {
    return new Promise((resolve) => this.answers.set(clientMoveId, resolve));
  }

  static async greet(server: { readonly url: string }, options?: ClientOptions): Promise<Client> {
    const client = new Client(server, options);
    client.socket.once('open', () => client.send({ type: 'hello', protocol: PROTOCOL }));
    const welcome = await Promise.race([client.next('welcome'), client.closed]);
    if (typeof welcome === 'number') throw new Error(`the server closed the connection (${welcome})`);
    return client;
  }

  async create(seats: SeatRequest[], game = 'tic-tac-toe', setup?: string): Promise<{ roomId: string; tokens: (string | null)[] }> {
    this.send({ type: 'create-room', game, seats, setup, requestId: 7 });
    const failed = this.heard.length;
    while (!this.heard.slice(failed).some((message) => message.type === 'room-created')) {
      const error = this.heard.slice(failed).find((message) => message.type === 'error');
      if (error?.type === 'error') throw new Error(`no room: ${error.message}`);
      await this.more();
    }
    const created = await this.next('room-created');
    await this.next('room-snapshot');
    return { roomId: created.roomId, tokens: created.seatTokens };
  }
}


const all: Client[] = [];
const servers: { server: Server; folder: string | undefined }[] = [];

/** A server with agents that answer at once, in a folder of its own unless `dataDir` says otherwise. */
export async function serve(options: Partial<ServerOptions> = {}): Promise<{ server: Server; agents: FirstMove; folder: string }> {
  const agents = new FirstMove();
  const fresh = options.dataDir === undefined ? await mkdtemp(join(tmpdir(), 'ludus-server-')) : undefined;
  const folder = options.dataDir ?? fresh ?? '';
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>page</title>');
  const server = await createServer({ port: 0, dataDir: folder, workDir: folder, modelsDir: join(folder, 'models'), webRoot: folder, agents, ...options });
  servers.push({ server, folder: fresh });
  return { server, agents, folder };
}

/** Ends all that these helpers started. */
export async function tidy(): Promise<void> {
  for (const client of all.splice(0)) client.socket.terminate();
  for (const { server, folder } of servers.splice(0)) {
    await server.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}
