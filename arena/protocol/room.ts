/**
 * The public state of a room, and the numbered events that change it. Server and browser apply the same `applyEvent`, so
 * a client that has seen events 1..seq holds exactly what a snapshot at `seq` says. No socket, no clock, no game code:
 * a browser that wants the board replays `setup` and `moves` with the game from #games.
 */
import * as z from 'zod';
import { action, agentId, clientMoveId, clockRule, count, gameId, line, name, offerKind, ply, roomId, seat, serverTime, setup, strength, turn, type Seat } from './common.js';

/** An action with its notation. */
const named = z.strictObject({ action, name });
const real = z.number();

/** What a search and, where one exists, a solver say of one action. Values are from the view of the seat to move. */
export const actionAnalysis = z.strictObject({
  action, name,
  /** The network's prior probability, in [0, 1] (1 / legal moves for searches without a network); null where the agent has none. */
  prior: real.nullable(),
  visits: count,
  /** Mean value Q in [-1, 1]; null when never visited. */
  value: real.nullable(),
  /** What the search recommends, a probability; null when it has no opinion. */
  policy: real.nullable(),
  /** Result proved by the search: 1 won, 0 drawn, -1 lost; null when not proved. */
  proven: real.nullable(),
  /** The exact solver's score of this action in the game's own scale (greater is better, the sign is the result); null when not computed. */
  exact: real.nullable(),
});

/** An agent's view of the position after `ply` moves, for the seat `turn`. */
export const analysis = z.strictObject({
  ply,
  /** Seat to move there: all values below are from its view. */
  turn: seat,
  agent: agentId,
  agentName: name,
  /** 'move': thought by the agent while it played; 'asked': by an `analyse` request. */
  source: z.enum(['move', 'asked']),
  simulations: count,
  millis: count,
  /** Root value in [-1, 1]; null where the agent has none. */
  value: real.nullable(),
  /** Legal actions, ascending. */
  actions: z.array(actionAnalysis).max(4096),
  /** Most visited line, first move first. */
  principalVariation: z.array(named).max(512),
  /** The solver's score of the position; null when not computed. */
  exact: real.nullable(),
});

/** A seat as everybody sees it. */
export const seatView = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('human'), name,
    /** Somebody holds its token. */
    taken: z.boolean(),
    /** Its holder is here. */
    connected: z.boolean(),
    /** When the game is lost unless its holder comes back; null while nothing threatens. The clocks run meanwhile. */
    forfeitAt: serverTime.nullable(),
    /** null: plays without a clock. Goes with the player when seats are swapped. */
    clock: clockRule.nullable(),
  }),
  z.strictObject({ kind: z.literal('agent'), agent: agentId, name, strength: strength.nullable(), clock: clockRule.nullable() }),
]);

export const playedMove = z.strictObject({ action, name, seat, /** Time taken, as the server saw it. */ millis: count });

/** 'agreed': a draw by agreement; 'timeout': the clock ran out; 'disconnect': the player left and did not come back. */
export const results = ['normal', 'resigned', 'agreed', 'timeout', 'disconnect', 'agent-failed'] as const;
export const result = z.strictObject({
  /** Sum of rewards to seat 0: 1, 0 or -1 in the board games. */
  returns: real,
  winner: seat.nullable(),
  reason: z.enum(results),
  /** For 'agent-failed': what happened, one line. */
  detail: line.optional(),
});

/**
 * The clocks of a room. At server time t the seat whose clock is `running` has `remaining - (t - since)` left (see
 * `millisLeft`). Each player's first move is free: its clock runs from its second on.
 */
export const clockState = z.strictObject({
  /** By seat: milliseconds left at `since`; null without a clock. */
  remaining: z.array(count.nullable()).min(1).max(2),
  running: seat.nullable(),
  since: serverTime,
});

/** What a player asks the other one for. */
export const offer = z.strictObject({
  kind: offerKind,
  /** Who asks; who answers is the other seat. */
  seat,
  /** Of a rematch: exchange the seats, and the starting position; false and null otherwise. */
  swap: z.boolean(),
  setup: setup.nullable(),
});

export const roomSnapshot = z.strictObject({
  roomId,
  /** Number of the last event in this state. */
  seq: count,
  /** Another value than before: the server has lost its memory, and `seq` counts anew. A mere restart keeps it. */
  epoch: name,
  game: z.strictObject({ id: gameId, version: count }),
  /** Counts the games played in this room, from 1. */
  gameNumber: count,
  setup: setup.nullable(),
  seats: z.array(seatView).min(1).max(2),
  /** The players have changed seats: player p (see `room-created`) sits at seat 1 - p. */
  swapped: z.boolean(),
  /** Since the setup; their number is the present ply. */
  moves: z.array(playedMove).max(100_000),
  turn,
  /** Legal actions of the present position, ascending; empty when the game is over. */
  legal: z.array(named).max(4096),
  result: result.nullable(),
  /** null in a game without clocks. */
  clock: clockState.nullable(),
  /** Not answered yet; at most one of each kind. */
  offers: z.array(offer).max(3),
  /** Hints that were given in this game, to which seat, before move number `ply`. */
  hints: z.array(z.strictObject({ seat, ply })).max(1024),
  /** Hints may be asked for. */
  hintsAllowed: z.boolean(),
  /** The agent's seat that is searching just now. */
  thinking: seat.nullable(),
  /** At most one a ply and source-and-agent; the last of each. Ascending by ply. */
  analyses: z.array(analysis).max(4096),
});

/** What the position looks like after an event that changed it. */
const position = { turn, legal: z.array(named).max(4096), result: result.nullable(), clock: clockState.nullable() };

export const roomEvent = z.discriminatedUnion('type', [
  /** Move number `ply` (the ply before it) was played; nobody is thinking any more. `clientMoveId` is its sender's, for its own book-keeping. */
  z.strictObject({ type: z.literal('moved'), ply, ...playedMove.shape, clientMoveId: clientMoveId.optional(), ...position }),
  /** Moves from number `ply` on are gone. */
  z.strictObject({ type: z.literal('taken-back'), ply, ...position }),
  /** Ended otherwise than by a move. */
  z.strictObject({ type: z.literal('finished'), result, clock: clockState.nullable() }),
  /** The clocks were set anew: after a restart of the server, whose time away is nobody's. */
  z.strictObject({ type: z.literal('clock'), clock: clockState.nullable() }),
  /** A draw, a takeback or a rematch is asked for. What is accepted shows as 'finished', 'taken-back' or 'new-game'. */
  z.strictObject({ type: z.literal('offered'), offer }),
  z.strictObject({ type: z.literal('offer-closed'), kind: offerKind, /** Who had asked. */ seat, outcome: z.enum(['declined', 'withdrawn']) }),
  /** This seat was given a hint; what it said is its own business. */
  z.strictObject({ type: z.literal('hinted'), seat, ply }),
  z.strictObject({ type: z.literal('thinking'), seat: seat.nullable() }),
  z.strictObject({ type: z.literal('analysis'), analysis }),
  /** Somebody sat down, came, went, or the agent at a seat was changed. */
  z.strictObject({ type: z.literal('seat'), seat, view: seatView }),
  z.strictObject({ type: z.literal('new-game'), gameNumber: count, setup: setup.nullable(), seats: z.array(seatView).min(1).max(2), swapped: z.boolean(), ...position }),
]);

export const numberedEvent = z.strictObject({ seq: count, event: roomEvent });

export type ActionAnalysis = z.infer<typeof actionAnalysis>;
export type Analysis = z.infer<typeof analysis>;
export type SeatView = z.infer<typeof seatView>;
export type PlayedMove = z.infer<typeof playedMove>;
export type GameResult = z.infer<typeof result>;
export type RoomSnapshot = z.infer<typeof roomSnapshot>;
export type RoomEvent = z.infer<typeof roomEvent>;
export type NumberedEvent = z.infer<typeof numberedEvent>;
export type ClockState = z.infer<typeof clockState>;
export type Offer = z.infer<typeof offer>;

/** Most analyses a room remembers: older plies are forgotten first. */
const MAX_ANALYSES = 512;
/** Most hints a room remembers, the latest. */
const MAX_HINTS = 512;

function withAnalysis(list: readonly Analysis[], added: Analysis): Analysis[] {
  const kept = list.filter((a) => !(a.ply === added.ply && a.source === added.source && a.agent === added.agent));
  kept.push(added);
  kept.sort((a, b) => a.ply - b.ply);
  return kept.length > MAX_ANALYSES ? kept.slice(kept.length - MAX_ANALYSES) : kept;
}

/** Milliseconds left to a seat at server time `time`, 0 when its time is up; null when it has no clock. */
export function millisLeft(clock: ClockState | null, seat: Seat, time: number): number | null {
  const remaining = clock?.remaining[seat] ?? null;
  if (clock === null || remaining === null) return null;
  return Math.max(0, clock.running === seat ? remaining - Math.max(0, time - clock.since) : remaining);
}

/**
 * The state after the event; neither argument is changed. undefined when an event is missing between them (its number is
 * not `seq + 1`): ask for the room again with `join-room`. An event already contained leaves the state as it is.
 */
export function applyEvent(state: RoomSnapshot, { seq, event }: NumberedEvent): RoomSnapshot | undefined {
  if (seq <= state.seq) return state;
  if (seq !== state.seq + 1) return undefined;
  switch (event.type) {
    case 'moved': {
      const { action, name, seat, millis, turn, legal, result, clock } = event;
      // A draw that the other side was offered is declined by moving on; a takeback is pointless after it.
      const offers = result !== null ? [] : state.offers.filter((o) => o.kind === 'draw' && o.seat === seat);
      return { ...state, seq, moves: [...state.moves.slice(0, event.ply), { action, name, seat, millis }], turn, legal, result, clock, offers, thinking: null };
    }
    case 'taken-back': {
      const { ply, turn, legal, result, clock } = event;
      return { ...state, seq, moves: state.moves.slice(0, ply), turn, legal, result, clock, offers: [], thinking: null, analyses: state.analyses.filter((a) => a.ply <= ply) };
    }
    case 'finished':
      return { ...state, seq, result: event.result, clock: event.clock, turn: -2, legal: [], offers: [], thinking: null };
    case 'clock':
      return { ...state, seq, clock: event.clock };
    case 'offered':
      return { ...state, seq, offers: [...state.offers.filter((o) => o.kind !== event.offer.kind), event.offer] };
    case 'offer-closed':
      return { ...state, seq, offers: state.offers.filter((o) => o.kind !== event.kind) };
    case 'hinted': {
      const kept = state.hints.filter((hint) => hint.seat !== event.seat || hint.ply !== event.ply);
      return { ...state, seq, hints: [...kept, { seat: event.seat, ply: event.ply }].slice(-MAX_HINTS) };
    }
    case 'thinking':
      return { ...state, seq, thinking: event.seat };
    case 'analysis':
      return { ...state, seq, analyses: withAnalysis(state.analyses, event.analysis) };
    case 'seat':
      return { ...state, seq, seats: state.seats.map((view, i) => (i === event.seat ? event.view : view)) };
    case 'new-game': {
      const { gameNumber, setup, seats, swapped, turn, legal, result, clock } = event;
      return { ...state, seq, gameNumber, setup, seats, swapped, turn, legal, result, clock, offers: [], hints: [], moves: [], analyses: [], thinking: null };
    }
    default:
      return event satisfies never;
  }
}
