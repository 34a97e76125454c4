import { availableParallelism } from 'node:os';

/** What one server gives away at most: search is the expensive resource, memory the next. */
export interface Limits {
  /** Sockets at once, and of one address. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** Messages a second that one socket may send on average, and in one burst. */
  readonly messagesPerSecond: number;
  readonly messageBurst: number;
  readonly rooms: number;
  /** Opened from one address; then its own idle ones give way. */
  readonly roomsPerAddress: number;
  /** Rooms that one socket may be in at once. */
  readonly roomsPerConnection: number;
  /** Events a room keeps for those who reconnect; beyond that they get a snapshot. */
  readonly eventsKept: number;
  /** Milliseconds after which a room that nobody watches is forgotten: finished, unfinished. */
  readonly finishedRoomMillis: number;
  readonly idleRoomMillis: number;
  /** Milliseconds that a person may be away while another one waits, before the game is lost. */
  readonly graceMillis: number;
  /** Strength of one move or analysis. */
  readonly simulations: number;
  readonly millis: number;
  /** Searches at once, of which one is kept for moves; hints and analyses that may wait, and of one address (moves always may: there is at most one a room). */
  readonly searches: number;
  readonly waitingAnalyses: number;
  readonly waitingPerOwner: number;
  /** Positions that the exact solver may visit for one analysis. */
  readonly solverNodes: number;
  /** Milliseconds between the moves of a game without persons, so that one can follow it. */
  readonly exhibitionMillis: number;
  /** Bytes that may wait in a socket before news are dropped (and made good later), and before it is closed. */
  readonly bufferedSoft: number;
  readonly bufferedHard: number;
  readonly heartbeatMillis: number;
  /** Milliseconds that a socket has to answer a goodbye. */
  readonly goodbyeMillis: number;
}

export const defaultLimits: Limits = {
  connections: 512,
  connectionsPerAddress: 256,
  messagesPerSecond: 30,
  messageBurst: 120,
  rooms: 256,
  roomsPerAddress: 64,
  roomsPerConnection: 16,
  eventsKept: 256,
  finishedRoomMillis: 10 * 60_000,
  idleRoomMillis: 2 * 3600_000,
  graceMillis: 60_000,
  simulations: 20_000,
  millis: 10_000,
  searches: Math.max(2, availableParallelism() - 1),
  waitingAnalyses: 32,
  waitingPerOwner: 16,
  solverNodes: 3_000_000,
  exhibitionMillis: 800,
  bufferedSoft: 512 * 1024,
  bufferedHard: 4 * 1024 * 1024,
  heartbeatMillis: 30_000,
  goodbyeMillis: 1000,
};
