/** Puts the server together: HTTP, sockets, rooms, agents, and the run that one can watch. */
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { performance } from 'node:perf_hooks';
import { pino, type Logger } from 'pino';
import { WebSocketServer } from 'ws';
import { UserError, type Game } from '#engine';
import { CLOSE, MAX_CLIENT_BYTES, PROTOCOL, SOCKET_PATH, encode, type ClusterView, type ServerMessage, type Topic } from '#arena/protocol';
import { games as builtIn, solverFor } from '#games';
import { chess } from '#games/chess';
import { AgentPool } from '../agents/pool.js';
import { Admin } from './admin.js';
import { Catalogue } from './catalogue.js';
import { Connection } from './connection.js';
import { Desk } from './desk.js';
import { Diagnoses } from './diagnoses.js';
import { GameLog } from './game-log.js';
import { createApp, createGate, isLoopback } from './http.js';
import { defaultLimits, type Limits } from './limits.js';
import { Insight } from './insight.js';
import { Metrics } from './metrics.js';
import { Referee } from './referee.js';
import { RoomStore } from './room-store.js';
import { Rooms } from './rooms.js';
import { sparing } from './sparing.js';
import { ThinkQueue } from './think-queue.js';
import { Thinker } from './thinker.js';
import type { ThinkingAgents } from './thinking.js';
import { TournamentFeed } from './tournaments/feed.js';
import { TrainingFeed } from './training-feed.js';
import type { TrainingView } from './training-view.js';

export interface ServerOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** Address to bind; 127.0.0.1 unless told. */
  readonly host?: string;
  /** The run to watch and to take checkpoints from. */
  readonly training?: TrainingView;
  /** Where games.jsonl is written. */
  readonly dataDir: string;
  /** Folder whose tournaments/ and runs/ are shown, beside the tournaments of `dataDir`; the working directory unless told. */
  readonly workDir?: string;
  /** Folder of models that ship with the program. */
  readonly modelsDir: string;
  /** The built page: a folder with index.html. */
  readonly webRoot: string;
  /** Who thinks; worker threads on the CPU unless told. */
  readonly agents?: ThinkingAgents;
  /** Games of one's own beside the built-in ones, with the path of each module. */
  readonly ownGames?: readonly { readonly game: Game; readonly path: string }[];
  readonly version?: string;
  /** How the cluster fares that plays for the run; asked at most once a second. */
  readonly cluster?: () => Promise<ClusterView>;
  readonly limits?: Partial<Limits>;
  readonly log?: Logger;
  /** Needed where others can reach the server; then it allows what is otherwise for this machine alone. 16 characters at least. */
  readonly adminToken?: string;
  /** Names that the server is called by from outside, e.g. behind a proxy: ludus.example.org. */
  readonly names?: readonly string[];
  /** A proxy on this machine tells in X-Forwarded-For for whom it asks. */
  readonly trustProxy?: boolean;
}

export interface Server {
  /** http://127.0.0.1:8420 */
  readonly url: string;
  /** Says goodbye to everybody (1001), waits for what is being written, and closes the agents. */
  close(): Promise<void>;
}

/** Milliseconds between checks for rooms to forget and slow readers that have caught up. */
const HOUSEKEEPING = 1000;

/** Throws UserError('environment') when the port is taken or the address is not this machine's. */
export async function createServer(options: ServerOptions): Promise<Server> {
  const { host = '127.0.0.1', training } = options;
  const admin = new Admin(!isLoopback(host) || options.names !== undefined || options.trustProxy === true, options.adminToken);
  const limits: Limits = { ...defaultLimits, ...options.limits };
  const agents = options.agents ?? new AgentPool({ solverNodes: limits.solverNodes, hosts: 2 * limits.searches + 2 });
  const log = options.log ?? pino({ level: 'silent' });
  const now = serverClock();

  const own = options.ownGames ?? [];
  const games = new Map([...builtIn, chess, ...own.map(({ game }) => game)].map((game) => [game.id, game]));
  const paths = new Map(own.map(({ game, path }) => [game.id, path]));
  const listed = [...games.values()].map((game) => ({ game, solved: solverFor(game) !== undefined }));

  const catalogue = new Catalogue(listed, limits);
  await catalogue.addShipped(options.modelsDir, (game) => games.has(game));
  const store = new RoomStore(join(options.dataDir, 'rooms'));
  const gameLog = new GameLog(join(options.dataDir, 'games.jsonl'), log);
  await gameLog.recover(store.waiting().map(([id, line]) => ({ id, line })), (id) => store.written(id));
  const connections = new Set<Connection>();
  const broadcast = (message: ServerMessage, topic?: Topic): void => {
    const bytes = encode(message);
    for (const connection of connections) if (connection.greeted && (topic === undefined || connection.topics.has(topic))) connection.sendNews(bytes);
  };

  let listingChanged = false;
  const rooms = new Rooms({ limits, catalogue, store, gameLog, log, now, onListing: () => (listingChanged = true), onMove: () => metrics.moved() });
  const queue: ThinkQueue = new ThinkQueue(limits, (kind, waited, ran) => metrics.searched(kind, waited, ran));
  const metrics = new Metrics({ connections: () => connections.size, rooms: () => rooms.count(), waiting: () => queue.length, searching: () => queue.active });
  const thinker = new Thinker({ agents, queue, gameSource: (id) => paths.get(id) ?? id, yieldTo: (thinking) => training?.yieldTo(thinking) });
  const insight = new Insight(thinker, catalogue);
  const referee = new Referee({ thinker, limits, log, now, watched: (room) => rooms.isWatched(room) });
  rooms.referee = referee;

  const feed = training && await TrainingFeed.start(training, (message) => broadcast(message, 'training'), (checkpoints) => {
    catalogue.setRun(training.game, checkpoints, (id) => training.checkpointPath(id));
    broadcast({ type: 'agents', agents: catalogue.views() });
  }, log);

  rooms.resume(games);

  const tournaments = new TournamentFeed({ runDir: training?.runDir ?? options.dataDir, workDir: options.workDir ?? '.' }, connections, log);

  const welcome = (): ServerMessage => ({
    type: 'welcome', protocol: PROTOCOL, version: options.version ?? 'dev', epoch: store.epoch, time: now(), adminToken: admin.needsToken,
    games: listed.map(({ game, solved }) => ({ id: game.id, name: game.name, version: game.version, seats: game.seats, solved })),
    agents: catalogue.views(),
    training: training?.status() ?? null,
    limits: { simulations: limits.simulations, millis: limits.millis },
  });
  const diagnoses = training && new Diagnoses({
    runDir: training.runDir, now,
    tell: (news) => broadcast(news !== null && 'findings' in news ? { type: 'diagnosis', diagnosis: news } : { type: 'diagnosing', progress: news }, 'training'),
  });
  const desk = new Desk({ epoch: store.epoch, games, admin, metrics, rooms, referee, insight, feed: () => feed, diagnoses, tournaments, welcome, log });

  const gate = createGate(host, options.names);
  const http = createHttpServer({ requestTimeout: 30_000 }, createApp({
    webRoot: options.webRoot, gate, folderOf: (agent) => catalogue.folderOf(agent),
    health: () => ({ connections: connections.size, rooms: rooms.size, waiting: queue.length }),
    metrics: { registry: metrics.registry, allows: (request) => admin.allows(bearerOf(request), request.socket.remoteAddress ?? '') },
    cluster: sparing(options.cluster ?? (() => null), 1000),
    onFault: (error) => log.error({ err: error }, 'a request failed'),
  }));
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_CLIENT_BYTES, perMessageDeflate: false, clientTracking: false });

  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const peer = request.socket.remoteAddress ?? '';
    const address = (options.trustProxy === true && isLoopback(peer.replace(/^::ffff:/, '')) ? forwardedFor(request) : undefined) ?? peer;
    const refuse = (status: string): void => {
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    };
    if (request.url?.split('?')[0] !== SOCKET_PATH) return refuse('404 Not Found');
    if (closing !== undefined) return refuse('503 Service Unavailable');
    if (!gate.hostAllowed(request)) return refuse('421 Misdirected Request');
    if (!gate.originAllowed(request)) return refuse('403 Forbidden');
    let same = 0;
    for (const connection of connections) if (connection.address === address) same++;
    if (connections.size >= limits.connections || same >= limits.connectionsPerAddress) return refuse('503 Service Unavailable');
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const connection: Connection = new Connection(webSocket, address, peer, limits, (message) => desk.handle(connection, message));
      connections.add(connection);
      webSocket.on('close', (code) => {
        metrics.socketClosed(code);
        connections.delete(connection);
        desk.farewell(connection);
      });
    });
  });

  let closing: Promise<void> | undefined;
  // What came in while this process was held up is heard before anybody is cut off for silence.
  const heartbeat = setInterval(() => setImmediate(() => connections.forEach((connection) => connection.heartbeat())), limits.heartbeatMillis);
  const housekeeping = setInterval(() => {
    rooms.sweep();
    connections.forEach((connection) => connection.catchUp());
    if (listingChanged) broadcast({ type: 'rooms', rooms: rooms.listing() }, 'rooms');
    listingChanged = false;
  }, HOUSEKEEPING);

  const stop = async (): Promise<void> => {
    clearInterval(heartbeat);
    clearInterval(housekeeping);
    feed?.close();
    diagnoses?.close();
    rooms.close();
    referee.close();
    for (const connection of connections) connection.socket.close(CLOSE.goingAway, 'the server is closing');
    await new Promise<void>((resolve) => {
      http.close(() => resolve());
      http.closeIdleConnections();
      // A socket that does not answer the goodbye is cut off.
      setTimeout(() => {
        connections.forEach((connection) => connection.socket.terminate());
        http.closeAllConnections();
      }, 500).unref();
    });
    await tournaments.close();
    await gameLog.flushed();
    await store.close();
    metrics.close();
    await agents.close();
  };

  try {
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject);
      http.listen(options.port, host, () => resolve());
    });
  } catch (error) {
    await stop();
    throw listenError(error, host, options.port);
  }
  const { port } = http.address() as AddressInfo;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  log.info({ url }, 'serving');
  return { url, close: () => (closing ??= stop()) };
}

/** The token of `Authorization: Bearer TOKEN`. */
function bearerOf(request: IncomingMessage): string | undefined {
  return /^Bearer ([\x21-\x7e]+)$/.exec(request.headers.authorization ?? '')?.[1];
}

/** The last address that the nearest proxy has added: what came before, anybody can write. */
function forwardedFor(request: IncomingMessage): string | undefined {
  const header = request.headers['x-forwarded-for'];
  const last = (Array.isArray(header) ? header.join(',') : header)?.split(',').at(-1)?.trim();
  return last === undefined || last === '' || last.length > 64 ? undefined : last;
}

/** Milliseconds since 1970 as they were at the start, counted on by a clock that nobody sets. */
function serverClock(): () => number {
  const began = Date.now() - performance.now();
  return () => Math.round(began + performance.now());
}

function listenError(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return new UserError('environment', `port ${port} on ${host} is in use, perhaps by another ludus: open http://${host}:${port}, stop that program, or choose another with --port ${port + 1}`);
  }
  if (code === 'EACCES') return new UserError('environment', `port ${port} may not be used by this account: choose one from 1024 on with --port`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return new UserError('environment', `'${host}' is not an address of this machine: use --host 127.0.0.1`);
  return error;
}
