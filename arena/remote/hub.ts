/** The place where remote agents join: one WebSocket server for the agents of one tournament. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Game, UserError } from '#engine';
import { RemotePlayer, type RemoteLine } from './player.js';
import { CLOSE_REMOTE, type Encoding, MAX_REMOTE_BYTES, REMOTE_PATH, REMOTE_PROTOCOL, type ToAgent, decodeFromAgent, encodeToAgent, sameToken } from './protocol.js';

export interface HubOptions {
  readonly game: Game;
  /** Names that may join. */
  readonly names: readonly string[];
  /** What an agent must know; a new one unless given. */
  readonly token?: string;
  /** 0 takes any free port; default 8421. */
  readonly port?: number;
  /** Address to bind; 127.0.0.1 unless told. */
  readonly host?: string;
  /** Milliseconds within which an agent that left may come back; default 10,000. */
  readonly graceMillis?: number;
  /** Milliseconds between pings; one that is not answered by the next ends the line. Default 10,000. */
  readonly heartbeatMillis?: number;
  /** Milliseconds for a new socket to say hello; default 5000. */
  readonly helloMillis?: number;
  readonly onJoin?: (name: string) => void;
  readonly onLeave?: (name: string) => void;
}

const DEFAULT_PORT = 8421;
const MOST_SOCKETS = 64;
/** Bytes that may wait for a reader that does not read. */
const MOST_BUFFERED = 4 * 1024 * 1024;

export class RemoteHub {
  readonly token: string;
  private readonly options: HubOptions;
  private readonly players: ReadonlyMap<string, RemotePlayer>;
  private readonly http = createServer((_, response) => response.writeHead(426, { 'content-type': 'text/plain' }).end('agents join by WebSocket\n'));
  private readonly sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_REMOTE_BYTES, perMessageDeflate: false });
  private readonly alive = new WeakSet<WebSocket>();
  private readonly lines = new Map<string, WebSocket>();
  private heartbeat: NodeJS.Timeout | undefined;

  private constructor(options: HubOptions) {
    this.options = options;
    this.token = options.token ?? randomBytes(24).toString('base64url');
    this.players = new Map(options.names.map((name) => [name, new RemotePlayer(name, options.game, options.graceMillis ?? 10_000)]));
    this.http.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy());
      const refuse = (status: string): void => void socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      if (request.url?.split('?')[0] !== REMOTE_PATH) return refuse('404 Not Found');
      // Programs join here; a browser, which always names its page, does not.
      if (request.headers.origin !== undefined) return refuse('403 Forbidden');
      if (this.sockets.clients.size >= MOST_SOCKETS) return refuse('503 Service Unavailable');
      this.sockets.handleUpgrade(request, socket, head, (webSocket) => this.greet(webSocket));
    });
  }

  /** Throws UserError('environment') when the port is taken. */
  static async listen(options: HubOptions): Promise<RemoteHub> {
    const hub = new RemoteHub(options);
    const { port = DEFAULT_PORT, host = '127.0.0.1' } = options;
    await new Promise<void>((resolve, reject) => {
      hub.http.once('error', (error: NodeJS.ErrnoException) => {
        const why = error.code === 'EADDRINUSE' ? `port ${port} on ${host} is in use: choose another with --listen ${port + 1}` : `remote agents cannot join at ${host}:${port}: ${error.message}`;
        reject(new UserError('environment', why));
      });
      hub.http.listen(port, host, () => resolve());
    });
    // What came in while this process was held up is heard before anybody is cut off for silence.
    hub.heartbeat = setInterval(() => setImmediate(() => hub.beat()), options.heartbeatMillis ?? 10_000);
    return hub;
  }

  /** ws://127.0.0.1:8421/agent */
  get url(): string {
    const { port } = this.http.address() as AddressInfo;
    const { host = '127.0.0.1' } = this.options;
    return `ws://${host.includes(':') ? `[${host}]` : host}:${port}${REMOTE_PATH}`;
  }

  /** The player of that name, once its agent has joined (it may have left again since). Rejects with the signal's reason when aborted. */
  async player(name: string, signal?: AbortSignal): Promise<RemotePlayer> {
    const player = this.players.get(name);
    if (player === undefined) throw new UserError('usage', `no remote agent '${name}' is expected here`);
    signal?.throwIfAborted();
    let aborted: (() => void) | undefined;
    try {
      await Promise.race([
        player.whenJoined(),
        new Promise<never>((_, reject) => {
          aborted = () => reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
          signal?.addEventListener('abort', aborted, { once: true });
        }),
      ]);
    } finally {
      if (aborted !== undefined) signal?.removeEventListener('abort', aborted);
    }
    return player;
  }

  async close(): Promise<void> {
    clearInterval(this.heartbeat);
    for (const player of this.players.values()) player.end();
    for (const socket of this.sockets.clients) socket.close(CLOSE_REMOTE.finished, 'the tournament is over');
    await new Promise<void>((resolve) => {
      this.http.close(() => resolve());
      this.http.closeIdleConnections();
      setTimeout(() => {
        for (const socket of this.sockets.clients) socket.terminate();
        this.http.closeAllConnections();
      }, 500).unref();
    });
  }

  private beat(): void {
    for (const socket of this.sockets.clients) {
      if (!this.alive.delete(socket)) socket.terminate();
      else if (socket.readyState === socket.OPEN) socket.ping();
    }
  }

  /** A new socket: it may only say who it is. */
  private greet(socket: WebSocket): void {
    this.alive.add(socket);
    socket.on('pong', () => this.alive.add(socket));
    // Errors of a socket end in `close`, where all is tidied up.
    socket.on('error', () => undefined);
    let encoding: Encoding = 'json';
    const send = (message: ToAgent): void => {
      if (socket.readyState !== socket.OPEN) return;
      if (socket.bufferedAmount > MOST_BUFFERED) socket.terminate();
      else socket.send(encodeToAgent(message, encoding));
    };
    const refuse = (code: number, reason: string): void => {
      send({ type: 'bye', reason });
      socket.close(code, reason.slice(0, 100));
    };
    let seat: { player: RemotePlayer; line: RemoteLine; name: string } | undefined;
    const silence = setTimeout(() => setImmediate(() => seat === undefined && refuse(CLOSE_REMOTE.refused, 'said nothing')), this.options.helloMillis ?? 5000);
    socket.on('close', () => {
      clearTimeout(silence);
      if (seat === undefined) return;
      seat.player.leave(seat.line);
      if (this.lines.get(seat.name) === socket) {
        this.lines.delete(seat.name);
        this.options.onLeave?.(seat.name);
      }
    });
    socket.on('message', (data, binary) => {
      if (socket.readyState !== socket.OPEN) return;
      const message = decodeFromAgent(data as Buffer, binary);
      if (seat === undefined) encoding = binary ? 'msgpack' : 'json';
      if (typeof message === 'string') return refuse(CLOSE_REMOTE.badMessage, message);
      if (seat !== undefined) {
        if (message.type === 'hello') return refuse(CLOSE_REMOTE.badMessage, 'has said hello before');
        return seat.player.hear(seat.line, message);
      }
      if (message.type !== 'hello') return refuse(CLOSE_REMOTE.badMessage, 'the first message is a hello');
      if (message.protocol !== REMOTE_PROTOCOL) return refuse(CLOSE_REMOTE.refused, `this host speaks protocol ${REMOTE_PROTOCOL}, not ${message.protocol}`);
      // Token and name get one answer: a stranger learns nothing about who is expected.
      const player = this.players.get(message.name);
      if (!sameToken(message.token, this.token) || player === undefined) return refuse(CLOSE_REMOTE.refused, 'the token is wrong, or nobody of that name is expected');
      clearTimeout(silence);
      seat = { player, name: message.name, line: { parallel: message.parallel, send, drop: (reason) => refuse(CLOSE_REMOTE.stalled, reason) } };
      // The newest line of a name wins: an agent that lost its line unnoticed can come back at once.
      const before = this.lines.get(message.name);
      this.lines.set(message.name, socket);
      before?.close(CLOSE_REMOTE.replaced, 'joined again from elsewhere');
      const { id, name, version, actionCount } = this.options.game;
      send({ type: 'welcome', protocol: REMOTE_PROTOCOL, game: { id, name, version, actions: actionCount } });
      this.options.onJoin?.(message.name);
      player.join(seat.line);
    });
  }
}
