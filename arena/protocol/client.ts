/** What a client may say. Commands about a seat carry that seat's token: authority is checked on every message. */
import * as z from 'zod';
import { action, adminToken, agentId, clientMoveId, clockRule, count, gameId, line, name, offerKind, ply, requestId, roomId, runId, seat, seatToken, setup, strength, topic } from './common.js';
import { gameNumber, tournamentId } from './tournaments.js';

/** What the creator of a room wants at a seat. */
export const seatRequest = z.discriminatedUnion('kind', [
  /** A person. Without `open` the creator sits here; with it the seat waits for whoever follows the link (`take-seat`). */
  z.strictObject({ kind: z.literal('human'), open: z.boolean().optional(), name: name.optional(), clock: clockRule.optional() }),
  /** An agent of the catalogue. Without `strength`, its default. With a clock it thinks no longer than that allows. */
  z.strictObject({ kind: z.literal('agent'), agent: agentId, strength: strength.optional(), clock: clockRule.optional() }),
]);

const request = { requestId: requestId.optional() };
/** A command of the seat that owns the token. */
const seated = { ...request, roomId, seatToken };

export const clientMessage = z.discriminatedUnion('type', [
  /** First message on every socket. Answer: `welcome`, or `error` code 'unsupported-protocol' and close 4400. */
  z.strictObject({ type: z.literal('hello'), protocol: count, client: name.optional() }),

  /** Answer: the topic's state at once, then its changes. 'training': `training-history`, `checkpoints`, `training-status`, `self-play`, `rating-list`. 'rooms': `rooms`. 'tournaments': `tournaments`. */
  z.strictObject({ type: z.literal('subscribe'), ...request, topic }),
  z.strictObject({ type: z.literal('unsubscribe'), ...request, topic }),

  /** Answer: `room-created` (with the tokens of the creator's seats), then `room-snapshot`; the room is joined. */
  z.strictObject({
    type: z.literal('create-room'), ...request,
    game: gameId,
    /** One entry a seat of the game. */
    seats: z.array(seatRequest).min(1).max(2),
    /** In the game's own notation: a FEN, or moves from the usual start. */
    setup: setup.optional(),
    /** Whether hints may be asked for; left out, in every game but those between persons. */
    hints: z.boolean().optional(),
  }),
  /**
   * Watch a room, or come back to it. With the tokens of one's seats the others see one present, and these seats are
   * played from here: a socket that held them before is told `seat-elsewhere`. With `since` (the last
   * `seq` seen) and the same `epoch` the answer is `room-events` with what was missed; else `room-snapshot`.
   */
  z.strictObject({
    type: z.literal('join-room'), ...request, roomId,
    seatTokens: z.array(seatToken).max(2).optional(),
    since: count.optional(),
    epoch: name.optional(),
  }),
  z.strictObject({ type: z.literal('leave-room'), ...request, roomId }),
  /** Sit down at an open seat. Answer: `seat-taken` with the token. */
  z.strictObject({ type: z.literal('take-seat'), ...request, roomId, seat, name: name.optional() }),

  /**
   * Play `action` as move number `ply` (0 is the first move after the setup). Answer: `move-accepted` or `move-rejected`.
   * Idempotent: the same `clientMoveId` again gets the same answer and plays nothing.
   */
  z.strictObject({ type: z.literal('move'), ...seated, clientMoveId, ply, action }),
  /** Takes back moves until it is this seat's turn again, at its last own move. Between persons this asks for it: see `offers` in the room. */
  z.strictObject({ type: z.literal('takeback'), ...seated }),
  z.strictObject({ type: z.literal('resign'), ...seated }),
  /** Between persons: the other one accepts or declines by `answer-offer`; once a move of one's own. An agent answers by what it thinks of its position. */
  z.strictObject({ type: z.literal('offer-draw'), ...seated }),
  /** Accept or decline what the other side asks for; with `accept: false` also withdraw what one asks for oneself. */
  z.strictObject({ type: z.literal('answer-offer'), ...seated, kind: offerKind, accept: z.boolean() }),
  /**
   * A new game in the same room; `swap` exchanges the seats (a token stays with its player: see `swapped` in the room).
   * Between persons only when the game is over, and it asks for a rematch: the game begins when both have asked, or one accepts.
   */
  z.strictObject({ type: z.literal('new-game'), ...seated, swap: z.boolean().optional(), setup: setup.optional() }),
  /** Change the strength or the agent at a seat, from the next move on. */
  z.strictObject({ type: z.literal('set-agent'), ...seated, seat, agent: agentId, strength: strength.optional() }),

  /**
   * What should I play? Answer: `hint`, to this socket alone; a `hinted` event marks the game. Without `agent`: the exact
   * solver where there is one, else the opponent, else tree search. 'not-allowed' where the room gives none, or out of turn.
   */
  z.strictObject({ type: z.literal('hint'), ...seated, agent: agentId.optional(), strength: strength.optional() }),

  /**
   * What does this agent think of the position after `ply` moves (now, when left out)? Answer: `analysis` to the asker and
   * an `analysis` event to the room. Any watcher may ask in a room with agents; in a game between two persons only
   * after its end. One at a time a connection: a later request replaces an earlier one that has not begun.
   */
  z.strictObject({ type: z.literal('analyse'), ...request, roomId, ply: ply.optional(), agent: agentId, strength: strength.optional() }),

  /**
   * What was every move of the finished game worth? Answers: `review` after `review`, all with this `requestId`, until
   * complete. One at a time a connection: a later one, `cancel`, or leaving the room ends an earlier one. 'not-allowed' before the end.
   */
  z.strictObject({ type: z.literal('review'), ...request, roomId, agent: agentId, strength: strength.optional() }),
  /**
   * The search tree of this agent's analysis of the position after `ply` moves (now, when left out), from the node that
   * `path` leads to, `levels` deep. Answer: `tree`. The same question searches the same tree, as long as its strength is in
   * simulations. Allowed where `analyse` is, and replaces it or is replaced by it.
   */
  z.strictObject({
    type: z.literal('tree'), ...request, roomId, ply: ply.optional(), agent: agentId, strength: strength.optional(),
    path: z.array(action).max(128), levels: z.int().min(1).max(4),
  }),
  /**
   * What does the model that this agent has learned imagine of the moves played after the first `ply`? Answer: `dream`. Of
   * agents with `dreams` alone. Allowed where `analyse` is, and replaces it or is replaced by it.
   */
  z.strictObject({ type: z.literal('dream'), ...request, roomId, ply, agent: agentId }),
  /** Nothing that this connection asked for (hint, analysis, tree, review) is wanted any more. */
  z.strictObject({ type: z.literal('cancel'), ...request }),

  /** Answer: `runs`, those on this machine, the one that trains here first. */
  z.strictObject({ type: z.literal('runs'), ...request }),
  /** Answer: `run-history`. */
  z.strictObject({ type: z.literal('run-history'), ...request, run: runId }),

  /**
   * What is wrong with the run that is trained here? Answer: `diagnosis`, after some `diagnosing`; both go to all who watch it.
   * One at a time for all: who asks meanwhile, or soon after, gets the same. 'no-training' where nothing can be said.
   */
  z.strictObject({ type: z.literal('diagnose'), ...request }),

  /** Answer: `tournament`, at once and whenever its ledger has grown, at most once a second. One at a time a connection; null for none. */
  z.strictObject({ type: z.literal('watch-tournament'), ...request, tournamentId: tournamentId.nullable() }),
  /** Its games, newest first: all, those of one player, or those of two against each other. Answer: `tournament-games`. */
  z.strictObject({ type: z.literal('tournament-games'), ...request, tournamentId, players: z.array(line).max(2), /** Games to pass over. */ offset: count }),
  /** Answer: `tournament-game`, to be replayed. */
  z.strictObject({ type: z.literal('tournament-game'), ...request, tournamentId, game: gameNumber }),

  /** Pause or resume the training run: the machine that trains may, or whoever knows the admin token (`welcome.adminToken`). Answer: `training-status` to all who watch. */
  z.strictObject({ type: z.literal('training-control'), ...request, command: z.enum(['pause', 'resume']), adminToken: adminToken.optional() }),
]);

/** Every kind of message there is, from the schema itself. */
export const clientMessageTypes: readonly ClientMessage['type'][] = clientMessage.options.map((option) => option.shape.type.value);

export type SeatRequest = z.infer<typeof seatRequest>;
export type ClientMessage = z.infer<typeof clientMessage>;
export type ClientMessageOf<T extends ClientMessage['type']> = Extract<ClientMessage, { type: T }>;
