/** Words that both directions use. */
import * as z from 'zod';

/** Raised when an old browser page and a new server would misunderstand each other. */
export const PROTOCOL = 3;

/** Where the socket is, below the server's address. */
export const SOCKET_PATH = '/socket';

const text = (max: number) => z.string().max(max);
export const count = z.int().min(0);
export const ply = z.int().min(0).max(100_000);
/** Row of the game's action table. */
export const action = z.int().min(0).max(0xffff);
export const seat = z.union([z.literal(0), z.literal(1)]);
/** Seat to move, CHANCE (-1) or OVER (-2), as in the engine. */
export const turn = z.union([z.literal(0), z.literal(1), z.literal(-1), z.literal(-2)]);
/** Public: it is in the page's address. Knowing it lets one watch, never move. */
export const roomId = z.string().regex(/^[A-Za-z0-9_-]{8,32}$/, 'expected a room id');
/** Secret: 192 random bits, base64url. Keep it in the browser's storage; never put it into an address or a log. */
export const seatToken = z.string().regex(/^[A-Za-z0-9_-]{32}$/, 'expected a seat token');
/** Chosen by the client, unique among its moves in a room: sending a move twice plays it once. */
export const clientMoveId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'expected a move id');
/** Chosen by the client for a request; the direct answer (or `error`) carries it. */
export const requestId = z.int().min(0).max(0xffffffff);
export const gameId = z.string().regex(/^[a-z0-9-]{1,64}$/, 'expected a game id');
/** An entry of the server's catalogue of agents; never an agent string, never a path. */
export const agentId = z.string().regex(/^[A-Za-z0-9._:@=-]{1,128}$/, 'expected an agent id of the catalogue');
/** A starting position in the game's own notation (Game.parseSetup). */
export const setup = text(4096);
export const line = text(1024);
export const name = text(128);
/** Ids of agents and rooms are also used as keys by clients: these must not collide with an object's own. */
export const seriesName = z.string().regex(/^[a-z][A-Za-z0-9.]{0,63}$/);

/** How hard an agent thinks for one move. The server clips both to its limits (`welcome.limits`). */
export const strength = z.union([
  z.strictObject({ simulations: z.int().min(1).max(10_000_000) }),
  z.strictObject({ millis: z.int().min(1).max(600_000) }),
]);

/** Milliseconds since 1970 by the server's clock, which never goes back; `welcome.time` says what it shows. */
export const serverTime = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
/** Fischer's clock of one player: milliseconds to begin with, and milliseconds that each of its moves adds. */
export const clockRule = z.strictObject({ initial: z.int().min(1000).max(86_400_000), increment: z.int().min(0).max(3_600_000) });
/** What needs the other player's consent in a game between persons. */
export const offerKinds = ['draw', 'takeback', 'rematch'] as const;
export const offerKind = z.enum(offerKinds);
/** A run of the server's own list: never a path. */
export const runId = z.string().regex(/^[A-Za-z0-9_-]{1,96}$/, 'expected a run id of the list');
/** Secret of whoever runs the server: 16 to 256 characters without spaces. */
export const adminToken = z.string().regex(/^[\x21-\x7e]{16,256}$/, 'expected an admin token');

export type ClockRule = z.infer<typeof clockRule>;
export type OfferKind = (typeof offerKinds)[number];
export type Seat = z.infer<typeof seat>;
export type Strength = z.infer<typeof strength>;

export const topics = ['training', 'rooms', 'tournaments'] as const;
export const topic = z.enum(topics);
export type Topic = (typeof topics)[number];
