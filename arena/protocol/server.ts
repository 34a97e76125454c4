/** What the server says. */
import * as z from 'zod';
import { action, agentId, clientMoveId, count, gameId, line, name, ply, requestId, roomId, seat, seatToken, serverTime } from './common.js';
import { dreamStep, reviewedMove, treeNode } from './inside.js';
import { analysis, numberedEvent, roomSnapshot } from './room.js';
import { ratingList, tournamentGame, tournamentGameRow, tournamentId, tournamentListing, tournamentView } from './tournaments.js';
import { checkpointView, diagnosisView, runListing, runSettings, selfPlayBoard, series, trainingStatus } from './training.js';

export const errorCodes = [
  'bad-message', // not a message of this protocol
  'unsupported-protocol', // reload the page
  'unknown-game', 'unknown-agent', 'unknown-room', // no such thing (rooms expire)
  'bad-setup', // the text is no position of this game
  'not-your-seat', // the token does not hold this seat
  'elsewhere', // this seat is played from another window: join again with its token to play from here
  'seat-taken', // somebody sits there
  'not-your-turn', 'stale', 'illegal-move', 'game-over', // a move that cannot be played now
  'not-allowed', // e.g. analysing a running game between persons
  'closing', // the server is about to close; it comes back with everything as it was
  'limit', // too many rooms, connections or requests: the message says which
  'no-training', // nothing is being trained here
  'unknown-run', // no such run in the list
  'unknown-tournament', // no such tournament, or no such game in it
  'agent-failed', // the agent could not answer
  'internal', // a defect of ours
] as const;
export const errorCode = z.enum(errorCodes);
export type ErrorCode = (typeof errorCodes)[number];

/** Codes with which a socket is closed, beside those of RFC 6455. */
export const CLOSE = {
  /** The server goes away: come back in a moment. */
  goingAway: 1001,
  /** A message that is not of this protocol. Do not reconnect by itself. */
  badMessage: 4400,
  /** Too many connections or messages. Reconnect slowly. */
  tooMany: 4429,
  /** The client reads too slowly: reconnect and join again. */
  tooSlow: 4408,
} as const;

export const gameView = z.strictObject({ id: gameId, name, version: count, seats: z.union([z.literal(1), z.literal(2)]), /** Perfect play is known: analyses may carry exact scores. */ solved: z.boolean() });

export const agentKinds = ['random', 'uct', 'alphabeta', 'solver', 'network', 'policy'] as const;
/** An agent that one can sit down against. */
export const agentView = z.strictObject({
  id: agentId,
  /** For people: "Search, 1,000 playouts", "Checkpoint at 12 minutes". */
  name,
  /** One or two sentences on what it is and how strong to expect it. */
  description: line,
  kind: z.enum(agentKinds),
  /** 'anchor': fixed for ever; 'graded': a level of the game, of measured strength; 'shipped': comes with the program; 'run': made by the run that is training here. */
  group: z.enum(['anchor', 'graded', 'shipped', 'run']),
  game: gameId,
  /** The simulations one may choose between; null when its strength is fixed. */
  simulations: z.strictObject({ min: count, max: count, default: count }).nullable(),
  /** Folder name of the checkpoint of the run. */
  checkpoint: name.nullable(),
  /** Its network can be fetched and played in the browser: see `modelPath`. */
  model: z.boolean(),
  /** Measured: Elo where random play is 0, its 95 % half-width, and in how many games. */
  rating: z.strictObject({ elo: z.number(), error: z.number().min(0), games: count }).optional(),
  /** It searches in a model that it has learned, and can be asked for a `dream`. */
  dreams: z.boolean().optional(),
});

/** Where a catalogue's network is, below the server's address: `model.onnx`, `checkpoint.json` that describes it, and, of agents with `dreams`, `dynamics.onnx`. */
export function modelPath(agent: string, file: 'model.onnx' | 'dynamics.onnx' | 'checkpoint.json'): string {
  return `/models/${encodeURIComponent(agent)}/${file}`;
}

export const roomListing = z.strictObject({ roomId, game: gameId, seats: z.array(name).max(2), plies: count, over: z.boolean(), /** A seat waits for somebody. */ open: z.boolean(), watchers: count });

const answered = { requestId: requestId.optional() };

export const serverMessage = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('welcome'), protocol: count, version: name,
    /** Identifies the server's memory of its rooms; see `join-room`. */
    epoch: name,
    /** What the server's clock shows now: clocks and forfeits count by it. */
    time: serverTime,
    /** `training-control` needs the admin token. */
    adminToken: z.boolean(),
    games: z.array(gameView), agents: z.array(agentView),
    training: trainingStatus.nullable(),
    limits: z.strictObject({ simulations: count, millis: count }),
  }),
  /** The catalogue has changed: a checkpoint appeared. */
  z.strictObject({ type: z.literal('agents'), agents: z.array(agentView) }),

  /** `seatTokens[player]` is the creator's token of that player, else null. Player p sits at seat p until a `new-game` with `swap`: then see `swapped` in the room. */
  z.strictObject({ type: z.literal('room-created'), ...answered, roomId, seatTokens: z.array(seatToken.nullable()).min(1).max(2) }),
  /** `player`: as in `room-created`. */
  z.strictObject({ type: z.literal('seat-taken'), ...answered, roomId, player: seat, seatToken }),
  z.strictObject({ type: z.literal('room-snapshot'), ...answered, room: roomSnapshot }),
  /** Consecutive; apply each with `applyEvent`. */
  z.strictObject({ type: z.literal('room-events'), ...answered, roomId, events: z.array(numberedEvent) }),
  /** The room has expired or was closed. */
  z.strictObject({ type: z.literal('room-closed'), roomId, reason: line }),
  /** How many watch who hold no seat: told on joining, and when it has changed, at most once a second. */
  z.strictObject({ type: z.literal('room-watchers'), roomId, watchers: count }),
  /** This player is now played from another socket; this one goes on watching. Play from here: `join-room` with the token. */
  z.strictObject({ type: z.literal('seat-elsewhere'), roomId, player: seat }),
  z.strictObject({ type: z.literal('rooms'), rooms: z.array(roomListing) }),

  /** The move is stored, as event `seq` of the room: it survives whatever happens to the server. */
  z.strictObject({ type: z.literal('move-accepted'), ...answered, roomId, clientMoveId, ply, seq: count }),
  /** Nothing was played; `room` is what really stands on the board. */
  z.strictObject({ type: z.literal('move-rejected'), ...answered, roomId, clientMoveId, code: errorCode, message: line, room: roomSnapshot }),
  z.strictObject({ type: z.literal('analysis'), ...answered, roomId, analysis }),
  z.strictObject({
    type: z.literal('hint'), ...answered, roomId, ply, action, name, agentName: name,
    /** What it is worth by that agent in [-1, 1], view of the asker; by the solver in the game's own scale. */
    value: z.number().nullable(), exact: z.number().nullable(),
  }),
  /** Consecutive entries from number `from` on; complete when `from` + their number is `total`. */
  z.strictObject({ type: z.literal('review'), ...answered, roomId, gameNumber: count, agent: agentId, agentName: name, total: count, from: count, moves: z.array(reviewedMove).max(4096) }),
  z.strictObject({
    type: z.literal('tree'), ...answered, roomId, ply, agent: agentId, simulations: count,
    /** Actions from the position after `ply` moves to the node whose children these are. */
    path: z.array(action).max(128),
    /** Seat to move at that node; null where the game is over or nobody has looked. */
    turn: seat.nullable(),
    nodes: z.array(treeNode).max(1024),
  }),

  z.strictObject({
    type: z.literal('dream'), ...answered, roomId, ply, agent: agentId, agentName: name,
    /** Seat to move at its start: all values and rewards are from its view. */
    turn: seat,
    /** Of the position at its start, as the network sees it. */
    value: z.number(),
    steps: z.array(dreamStep).min(1).max(64),
  }),

  z.strictObject({ type: z.literal('training-status'), status: trainingStatus }),
  /** All curves, thinned out to at most some hundred points each. Replaces what the client had. */
  z.strictObject({ type: z.literal('training-history'), series: z.array(series) }),
  /** New points, to be appended to the curves of the same names. */
  z.strictObject({ type: z.literal('training-append'), series: z.array(series) }),
  /** All checkpoints of the run, oldest first. */
  z.strictObject({ type: z.literal('checkpoints'), checkpoints: z.array(checkpointView) }),
  z.strictObject({ type: z.literal('runs'), ...answered, runs: z.array(runListing).max(500) }),
  z.strictObject({ type: z.literal('run-history'), ...answered, run: runListing, series: z.array(series), settings: runSettings }),
  /** Once, to each who begins to watch. */
  z.strictObject({ type: z.literal('training-settings'), settings: runSettings }),
  /** How far the diagnosis is that somebody asked for: `what` is being looked at, `share` in [0, 1] is done. null: it has ended without a result. */
  z.strictObject({ type: z.literal('diagnosing'), progress: z.strictObject({ what: line, share: z.number().min(0).max(1) }).nullable() }),
  /** To all who watch the run, and to whoever asked. */
  z.strictObject({ type: z.literal('diagnosis'), ...answered, diagnosis: diagnosisView }),
  z.strictObject({ type: z.literal('self-play'), board: selfPlayBoard }),
  /** The run's standing list, once there is one; and again when it was written anew. */
  z.strictObject({ type: z.literal('rating-list'), list: ratingList }),

  /** All that the server found, those that changed last first. */
  z.strictObject({ type: z.literal('tournaments'), tournaments: z.array(tournamentListing).max(1000) }),
  z.strictObject({ type: z.literal('tournament'), ...answered, tournament: tournamentView }),
  /** `total`: how many games there are of those asked for. */
  z.strictObject({ type: z.literal('tournament-games'), ...answered, tournamentId, offset: count, total: count, games: z.array(tournamentGameRow).max(100) }),
  z.strictObject({ type: z.literal('tournament-game'), ...answered, tournamentId, game: tournamentGame }),

  z.strictObject({ type: z.literal('error'), ...answered, code: errorCode, message: line }),
]);

export type GameView = z.infer<typeof gameView>;
export type AgentView = z.infer<typeof agentView>;
export type RoomListing = z.infer<typeof roomListing>;
export type ServerMessage = z.infer<typeof serverMessage>;
export type ServerMessageOf<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>;
