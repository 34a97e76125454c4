/**
 * All that the application knows, and how each message changes it. Pure: no socket, no DOM, no clock.
 * The room is folded with the protocol's own `applyEvent`, so page and server hold the same state by construction.
 */
import { applyEvent } from '#arena/protocol';
import type { AgentView, Analysis, CheckpointView, DiagnosisView, GameView, RoomListing, RoomSnapshot, RatingList, ReviewedMove, RunSettings, Seat, SelfPlayBoard, Series, ServerMessage, ServerMessageOf, TournamentListing, TournamentView, TrainingStatus } from '#arena/protocol';

/** 'refused': the server will not have us (another protocol, a broken message); only a reload helps. */
export type Connection = 'connecting' | 'open' | 'lost' | 'refused';

/** A move that is on the board here but not yet acknowledged: sent again, under the same id, after a reconnect. */
export interface PendingMove { readonly clientMoveId: string; readonly ply: number; readonly action: number }

export interface RoomState {
  readonly snapshot: RoomSnapshot;
  /** [player]: the secret of each player that this browser plays for, else null. */
  readonly tokens: readonly (string | null)[];
  readonly pending?: PendingMove;
  /** An event is missing: the client asks for the room again. */
  readonly gap: boolean;
  /** How many look on who hold no seat; undefined until told. */
  readonly watchers?: number;
  /** Our seats are played from another window. */
  readonly elsewhere?: boolean;
  readonly review?: Review;
}

/** What each move of the finished game was worth, as far as it has come. */
export interface Review {
  readonly gameNumber: number;
  readonly agentName: string;
  /** How many moves there are to look at. */
  readonly total: number;
  readonly moves: readonly ReviewedMove[];
}

export interface TrainingState {
  readonly status?: TrainingStatus;
  readonly series: ReadonlyMap<string, Series>;
  readonly checkpoints: readonly CheckpointView[];
  readonly board?: SelfPlayBoard;
  readonly settings: RunSettings;
  /** The standing list of the run's tournaments. */
  readonly ratings?: RatingList;
  /** What `ludus diagnose` says of the run, and how far it is while it looks. */
  readonly diagnosis?: DiagnosisView;
  readonly diagnosing?: { readonly what: string; readonly share: number };
  /** The history has arrived since we subscribed: an empty plot is empty, not late. */
  readonly loaded: boolean;
}

export interface TournamentsState {
  /** undefined until it has arrived. */
  readonly list?: readonly TournamentListing[];
  /** The one that is watched, once it has arrived. */
  readonly view?: TournamentView;
  /** One that cannot be shown, and why. */
  readonly gone?: { readonly id: string; readonly reason: string };
}

export interface AppState {
  readonly connection: Connection;
  /** Seconds until the next attempt, while 'lost'. */
  readonly retryIn?: number;
  readonly epoch?: string;
  readonly version?: string;
  readonly games: readonly GameView[];
  readonly agents: readonly AgentView[];
  readonly limits: { readonly simulations: number; readonly millis: number };
  readonly training: TrainingState;
  readonly rooms: readonly RoomListing[];
  readonly tournaments: TournamentsState;
  /** The room that we are in or on the way to, and our secrets there. */
  readonly joined?: { readonly roomId: string; readonly tokens: readonly (string | null)[] };
  readonly room?: RoomState;
  /** The room that the address names does not exist any more. */
  readonly roomGone?: { readonly roomId: string; readonly reason: string };
  /** What went wrong last, in words for a person. */
  readonly notice?: string;
  /** The server's clock less ours, in milliseconds: clocks and forfeits count by the server's. */
  readonly skew: number;
  /** `training-control` needs the admin token. */
  readonly adminToken: boolean;
  /** What an agent in this browser is fetching just now. */
  readonly loading?: { readonly what: 'runtime' | 'model'; readonly loaded: number; readonly total: number };
}

export const initialState: AppState = {
  connection: 'connecting',
  games: [],
  agents: [],
  limits: { simulations: 10_000, millis: 10_000 },
  training: { series: new Map(), checkpoints: [], settings: [], loaded: false },
  rooms: [],
  tournaments: {},
  skew: 0,
  adminToken: false,
};

/** Points that a curve keeps in the browser: beyond it every second of the older half is dropped. */
const MAX_POINTS = 2000;

type Columns = Pick<Series, 'elapsed' | 'games' | 'steps' | 'values' | 'errors'>;

function joined(a: Series | undefined, b: Series): Series {
  if (a === undefined || a.elapsed.length === 0) return b;
  const errors = a.errors !== undefined && b.errors !== undefined ? [...a.errors, ...b.errors] : undefined;
  const all: Columns = { elapsed: [...a.elapsed, ...b.elapsed], games: [...a.games, ...b.games], steps: [...a.steps, ...b.steps], values: [...a.values, ...b.values], errors };
  return { name: b.name, ...(all.elapsed.length > MAX_POINTS ? thinned(all) : all) };
}

function thinned(columns: Columns): Columns {
  const half = columns.elapsed.length >> 1;
  const keep = <T>(list: readonly T[]) => list.filter((_, i) => i >= half || i % 2 === 0);
  return { elapsed: keep(columns.elapsed), games: keep(columns.games), steps: keep(columns.steps), values: keep(columns.values), errors: columns.errors && keep(columns.errors) };
}

function appended(curves: ReadonlyMap<string, Series>, added: readonly Series[]): Map<string, Series> {
  const next = new Map(curves);
  for (const curve of added) next.set(curve.name, joined(next.get(curve.name), curve));
  return next;
}

/** The seat that player `player` sits at now. */
export function seatOfPlayer(snapshot: RoomSnapshot, player: number): Seat {
  return (snapshot.swapped ? 1 - player : player) as Seat;
}

/** The token for a seat; undefined when this browser does not play there. */
export function tokenOfSeat(room: RoomState, seat: number): string | undefined {
  return room.tokens[room.snapshot.swapped ? 1 - seat : seat] ?? undefined;
}

/** The seats that this browser plays for, ascending. */
export function ownSeats(room: RoomState): Seat[] {
  return ([0, 1] as const).filter((seat) => seat < room.snapshot.seats.length && tokenOfSeat(room, seat) !== undefined);
}

/** A pending move is over once the room has its ply, or has moved on without it. */
function settled(room: RoomState, snapshot: RoomSnapshot): RoomState {
  const pending = room.pending !== undefined && snapshot.moves.length <= room.pending.ply && snapshot.gameNumber === room.snapshot.gameNumber ? room.pending : undefined;
  const review = room.review?.gameNumber === snapshot.gameNumber && snapshot.result !== null ? room.review : undefined;
  return { ...room, snapshot, pending, review, gap: false };
}

/** The newest of one ply, source and agent stands for the others, as in `applyEvent`. */
export function analysisAt(snapshot: RoomSnapshot, ply: number): Analysis | undefined {
  const here = snapshot.analyses.filter((a) => a.ply === ply);
  return here.find((a) => a.source === 'asked') ?? here.at(-1);
}

/** `now`: what our own clock shows, in milliseconds since 1970. */
export function receive(state: AppState, message: ServerMessage, now = Date.now()): AppState {
  switch (message.type) {
    case 'welcome':
      return {
        ...state, connection: 'open', retryIn: undefined, epoch: message.epoch, version: message.version, games: message.games, agents: message.agents,
        limits: message.limits, skew: message.time - now, adminToken: message.adminToken, training: { ...state.training, status: message.training ?? undefined, diagnosing: undefined },
      };
    case 'agents':
      return { ...state, agents: message.agents };
    case 'rooms':
      return { ...state, rooms: message.rooms };
    case 'room-snapshot': {
      if (state.joined?.roomId !== message.room.roomId) return state;
      if (state.room?.snapshot.roomId === message.room.roomId) return { ...state, room: settled(state.room, message.room) };
      return { ...state, room: { snapshot: message.room, tokens: state.joined.tokens, gap: false }, roomGone: undefined };
    }
    case 'room-events': {
      if (state.room?.snapshot.roomId !== message.roomId) return state;
      let snapshot: RoomSnapshot | undefined = state.room.snapshot;
      for (const event of message.events) {
        snapshot = applyEvent(snapshot, event);
        if (snapshot === undefined) return { ...state, room: { ...state.room, gap: true } };
      }
      return { ...state, room: settled(state.room, snapshot) };
    }
    case 'room-closed':
      return state.joined?.roomId === message.roomId ? { ...state, room: undefined, joined: undefined, roomGone: { roomId: message.roomId, reason: message.reason } } : state;
    case 'room-watchers':
      return inRoom(state, message.roomId, (room) => ({ ...room, watchers: message.watchers }));
    case 'seat-elsewhere':
      return inRoom(state, message.roomId, (room) => ({ ...room, elsewhere: true, pending: undefined }));
    case 'review':
      return inRoom(state, message.roomId, (room) => (room.snapshot.gameNumber === message.gameNumber ? { ...room, review: reviewed(room.review, message) } : room));
    case 'move-accepted':
      return withoutPending(state, message.roomId, message.clientMoveId);
    case 'move-rejected': {
      const next = withoutPending(state, message.roomId, message.clientMoveId);
      if (next.room?.snapshot.roomId !== message.roomId) return next;
      return { ...next, room: settled(next.room, message.room), notice: message.message };
    }
    case 'training-status':
      return { ...state, training: { ...state.training, status: message.status } };
    case 'training-history':
      return { ...state, training: { ...state.training, series: new Map(message.series.map((s) => [s.name, s])), loaded: true } };
    case 'training-append':
      return { ...state, training: { ...state.training, series: appended(state.training.series, message.series) } };
    case 'checkpoints':
      return { ...state, training: { ...state.training, checkpoints: message.checkpoints } };
    case 'training-settings':
      return { ...state, training: { ...state.training, settings: message.settings } };
    case 'diagnosing':
      return { ...state, training: { ...state.training, diagnosing: message.progress ?? undefined } };
    case 'diagnosis':
      return { ...state, training: { ...state.training, diagnosis: message.diagnosis, diagnosing: undefined } };
    case 'self-play':
      return { ...state, training: { ...state.training, board: message.board } };
    case 'rating-list':
      return { ...state, training: { ...state.training, ratings: message.list } };
    case 'tournaments':
      return { ...state, tournaments: { ...state.tournaments, list: message.tournaments } };
    case 'tournament':
      return { ...state, tournaments: { ...state.tournaments, view: message.tournament, gone: undefined } };
    case 'error':
      // The answer to a request is told to whoever asked; the rest concerns the person.
      return message.requestId === undefined ? { ...state, notice: message.message } : state;
    case 'analysis': // also arrives as an event of the room, numbered
    case 'room-created':
    case 'seat-taken':
    case 'tournament-games': // told to whoever asked
    case 'tournament-game':
    case 'hint':
    case 'tree':
    case 'dream':
    case 'runs':
    case 'run-history':
      return state;
    default:
      return message satisfies never;
  }
}

function inRoom(state: AppState, roomId: string, change: (room: RoomState) => RoomState): AppState {
  return state.room?.snapshot.roomId === roomId ? { ...state, room: change(state.room) } : state;
}

/** Entries from `from` on; a review that begins anew replaces the one before. */
function reviewed(before: Review | undefined, { gameNumber, agentName, total, from, moves }: ServerMessageOf<'review'>): Review {
  const kept = before !== undefined && from > 0 ? before.moves.slice(0, from) : [];
  return { gameNumber, agentName, total, moves: [...kept, ...moves] };
}

/** We are about to be in this room (or, with undefined, in none). */
export function joining(state: AppState, joined: AppState['joined']): AppState {
  const stays = joined !== undefined && state.room?.snapshot.roomId === joined.roomId;
  return { ...state, joined, roomGone: undefined, room: stays ? { ...state.room as RoomState, tokens: joined.tokens } : undefined };
}

function withoutPending(state: AppState, roomId: string, clientMoveId: string): AppState {
  const room = state.room;
  if (room?.snapshot.roomId !== roomId || room.pending?.clientMoveId !== clientMoveId) return state;
  // The move's own event may still be on its way: keep it on the board until the room shows it.
  return room.snapshot.moves.length > room.pending.ply ? { ...state, room: { ...room, pending: undefined } } : state;
}
